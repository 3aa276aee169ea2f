#include "app/control/relay_tasks.h"

#include "app/control/json_values.h"

#include <algorithm>
#include <chrono>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

void RelayAddTask::start() {
    const Expected<QString> url = arguments().text("url"_L1);
    if (!url) return fail(url.error());
    const Expected<std::optional<std::chrono::milliseconds>> timeout = arguments().duration("timeout"_L1);
    if (!timeout) return fail(timeout.error());
    const std::chrono::milliseconds patience = timeout->value_or(0ms);
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, &RelayAddTask::answer);
    connect(context().port.messenger(), &Messenger::relayChanged, this, [this](const RelayView& relay) {
        if (m_relay && m_relay->key == relay.key) onRelay(relay);
    });
    connect(context().port.messenger(), &Messenger::relayRemoved, this, [this](const RelayKey& relay) {
        if (m_relay && m_relay->key == relay)
            fail(ErrorCode::NotFound, tr("The relay was removed before it was connected."));
    });
    ask([url = *url](Messenger& messenger) { return messenger.addRelay(url); },
        [this, patience](const Expected<RelayView>& relay) {
            if (!relay) return fail(relay.error());
            if (patience > 0ms) {
                m_deadline.start(patience);
                return onRelay(*relay);
            }
            m_relay = *relay;
            answer();
        });
}

void RelayAddTask::onRelay(const RelayView& relay) {
    m_relay = relay;
    switch (relay.state) {
        case RelayState::Connecting:
        case RelayState::Waiting:
            return;
        case RelayState::Connected:
            return answer();
        case RelayState::ShutOut:
        case RelayState::WrongKey:
            break;
    }
    QJsonObject fields = relayJson(relay);
    fields.remove("text"_L1);  // the error says it
    fail(relay.code, relay.text, fields);
}

void RelayAddTask::answer() {
    finish(relayJson(*m_relay));
}

void RelayListTask::start() {
    const Expected<std::optional<std::chrono::milliseconds>> wait = arguments().duration("wait"_L1);
    if (!wait) return fail(wait.error());
    m_deadline.setSingleShot(true);
    if (wait->value_or(0ms) > 0ms) {
        m_deadline.start(**wait);
        connect(&m_deadline, &QTimer::timeout, this, &RelayListTask::look);
        connect(context().port.messenger(), &Messenger::relayChanged, this, &RelayListTask::look);
    }
    look();
}

void RelayListTask::look() {
    ask([](Messenger& messenger) { return messenger.relays(); },
        [this](const std::vector<RelayView>& relays) {
            const bool dialling = std::any_of(relays.begin(), relays.end(), [](const RelayView& relay) {
                return relay.state == RelayState::Connecting;
            });
            if (!dialling || !m_deadline.isActive()) answer(relays);
        });
}

void RelayListTask::answer(const std::vector<RelayView>& relays) {
    for (const RelayView& relay : relays) result(relayJson(relay));
    finish({{u"count"_s, static_cast<qint64>(relays.size())}});
}

}  // namespace landline::app::control
