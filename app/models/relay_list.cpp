#include "app/models/relay_list.h"

#include "app/models/error_text.h"

#include <algorithm>

namespace landline::app {

RelayList::RelayList(MessengerPort port, QObject* parent) : QObject(parent), m_port(port) {
    connect(m_port.messenger(), &Messenger::relayChanged, this, &RelayList::take);
    connect(m_port.messenger(), &Messenger::relayRemoved, this, &RelayList::drop);
}

void RelayList::reload() {
    m_port.call(
        this, [](Messenger& messenger) { return messenger.relays(); },
        [this](std::vector<RelayView> relays) {
            m_relays = std::move(relays);
            Q_EMIT changed();
        });
}

void RelayList::add(const QString& url) {
    m_port.call(
        this, [url](Messenger& messenger) { return messenger.addRelay(url); },
        [this](const Expected<RelayView>& relay) {
            if (!relay) {
                Q_EMIT refused(errorText(relay.error()));
                return;
            }
            take(*relay);
            Q_EMIT added(*relay);
        });
}

void RelayList::remove(const RelayKey& relay) {
    m_port.call(
        this, [relay](Messenger& messenger) { return messenger.removeRelay(relay); },
        [this](const Expected<void>& removed) {
            if (!removed) Q_EMIT failed(errorText(removed.error()));
        });
}

void RelayList::setListed(const RelayKey& relay, bool isListed) {
    m_port.call(
        this, [relay, isListed](Messenger& messenger) { return messenger.setListed(relay, isListed); },
        [this](const Expected<RelayView>& set) {
            if (set) return take(*set);
            Q_EMIT failed(errorText(set.error()));
            Q_EMIT changed();
        });
}

void RelayList::take(const RelayView& relay) {
    const auto known = std::find_if(m_relays.begin(), m_relays.end(),
                                    [&](const RelayView& one) { return one.key == relay.key; });
    const bool isNews = known != m_relays.end() && known->state != relay.state;
    if (known == m_relays.end())
        m_relays.push_back(relay);
    else
        *known = relay;
    Q_EMIT changed();
    if (isNews && relay.state == RelayState::ShutOut) Q_EMIT shutOut(relay);
}

void RelayList::drop(const RelayKey& relay) {
    m_relays.erase(std::remove_if(m_relays.begin(), m_relays.end(),
                                  [&](const RelayView& one) { return one.key == relay; }),
                   m_relays.end());
    Q_EMIT changed();
}

}  // namespace landline::app
