#pragma once

#include "p2p/net/node.h"

#include <QObject>

#include <functional>
#include <map>
#include <memory>
#include <set>

namespace landline::test {

/// Runs the event loop until the condition holds, without the naps that QTRY_VERIFY takes between its looks, which would
/// slow a transfer down. False after `seconds`.
[[nodiscard]] bool runUntil(const std::function<bool()>& condition, int seconds = 60);

/// A new device of a new person.
[[nodiscard]] std::shared_ptr<const net::LocalIdentity> makeIdentity();

/// A Node on the test's thread, without discovery, on a free port of this machine, that remembers what it was told.
class TestNode final : public QObject {
    Q_OBJECT

public:
    explicit TestNode(const QString& name,
                      std::shared_ptr<const net::LocalIdentity> identity = makeIdentity());
    ~TestNode() override;

    /// Runs the event loop until it listens.
    void start();

    [[nodiscard]] net::Node& node() { return *m_node; }
    [[nodiscard]] quint16 port() const { return m_port; }
    [[nodiscard]] DeviceId device() const { return m_identity->certificate.device(); }
    [[nodiscard]] PersonId person() const { return m_identity->certificate.person(); }
    [[nodiscard]] const std::shared_ptr<const net::LocalIdentity>& identity() const { return m_identity; }
    /// This node as another one remembers it; `port` where something else stands in front of it.
    [[nodiscard]] net::Contact contact(quint16 port = 0) const;
    void want(const TestNode& other) { m_node->want(other.contact()); }
    /// The session with that device that is open now.
    [[nodiscard]] std::optional<net::SessionInfo> sessionWith(const TestNode& other) const;
    [[nodiscard]] int openedWith(const TestNode& other) const;

    std::map<net::SessionNumber, net::SessionInfo> open;
    std::vector<net::SessionInfo> everOpened;
    struct Closing {
        DeviceId device;
        wire::CloseReason reason;
        QString why;
    };
    std::vector<Closing> closings;
    std::vector<QString> dialFailures;
    std::map<DeviceId, wire::Profile> profiles;
    std::vector<wire::Typing> typings;
    std::vector<QString> clones;
    bool stopped = false;

private:
    std::shared_ptr<const net::LocalIdentity> m_identity;
    std::unique_ptr<net::Node> m_node;
    quint16 m_port = 0;
};

}  // namespace landline::test
