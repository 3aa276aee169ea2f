#pragma once

#include "app/messenger/messenger_port.h"
#include "app/storage/profile.h"
#include "p2p/net/node.h"

#include <QObject>

#include <deque>
#include <memory>

namespace landline::app {

struct RuntimeOptions {
    QString profile;
    QString passphrase;
    net::NodeConfig node;
    bool allowAll = false;    ///< everybody counts as accepted
    QString acceptFilesInto;  ///< fetch offers of accepted persons into this folder; empty: ask
    QString sqliteOptions;    ///< see Database::open; for tests
};

/// A whole running node: the open profile, the store thread with the messenger, the net thread with the node,
/// and the wires between them. The desktop, `run` and every one-shot command hold one; nothing else
/// starts threads but the node, for files. Made and destroyed on the main thread; destruction says goodbye to peers and commits what waits.
class Runtime final : public QObject {
    Q_OBJECT

public:
    /// Opens the profile and the database; no network yet.
    [[nodiscard]] static Expected<std::unique_ptr<Runtime>> open(const RuntimeOptions& options);
    ~Runtime() override;

    [[nodiscard]] MessengerPort port() const;
    /// What the person should be told about the opening (a damaged database set aside, a new device); often
    /// empty.
    [[nodiscard]] QString notice() const;
    [[nodiscard]] QString folder() const;
    /// Begins listening, discovery and dialling; Messenger::ready tells the port.
    void startNetwork();
    /// For platform events: network changes and resume.
    void networkChanged();
    /// HOST[:PORT] or CIDR to try.
    void addHost(const QString& host);

private:
    Runtime();
    /// A reason to go on as a new device of the same person.
    struct Change {
        bool storeDamaged = false;
        DeviceId device;  ///< the one that was found to be in use elsewhere
        QString why;
    };
    /// Carries the change out, after those that are under way.
    void change(const Change& wanted);
    /// The device key is in use by another store: go on as a new device.
    void becomeNewDevice(const QString& why);
    /// Reads the whole database once, beside everything else, and has damage dealt with.
    void checkStore();
    /// The database turned out to be damaged while running: set it aside, go on with a new one as a new device.
    void replaceDamagedStore();
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::app
