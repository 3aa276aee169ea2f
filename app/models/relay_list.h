#pragma once

#include "app/messenger/messenger_port.h"

#include <QObject>

#include <vector>

namespace landline::app {

/// The relays of this profile and how they stand, in the order in which they are used. On the GUI thread.
class RelayList final : public QObject {
    Q_OBJECT

public:
    explicit RelayList(MessengerPort port, QObject* parent = nullptr);

    void reload();
    [[nodiscard]] const std::vector<RelayView>& relays() const { return m_relays; }
    /// A relay's URL, with an invite where the relay asks for one: `added` or `refused` follows.
    void add(const QString& url);
    void remove(const RelayKey& relay);
    /// Whether people at this relay can find this one: `changed` follows, or `failed`.
    void setListed(const RelayKey& relay, bool isListed);

Q_SIGNALS:
    void changed();
    void added(const landline::app::RelayView& relay);
    /// What was to be added is not in use, for this reason.
    void refused(const QString& sentence);
    void failed(const QString& sentence);
    /// One that was in use lets this device in no longer.
    void shutOut(const landline::app::RelayView& relay);

private:
    void take(const RelayView& relay);
    void drop(const RelayKey& relay);

    MessengerPort m_port;
    std::vector<RelayView> m_relays;
};

}  // namespace landline::app
