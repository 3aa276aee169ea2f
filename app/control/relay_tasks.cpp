#include "app/control/relay_tasks.h"

#include "app/control/json_values.h"
#include "app/control/lookups.h"

#include <algorithm>
#include <chrono>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// For a relay to let this device in and answer.
constexpr std::chrono::milliseconds kPatience = 10s;

}  // namespace

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

// One relay, and its directory ----------------------------------------------------------------------------------------

void RelayTask::start() {
    const Expected<std::optional<std::chrono::milliseconds>> timeout = arguments().duration("timeout"_L1);
    if (!timeout) return fail(timeout.error());
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(timeout->value_or(kPatience));
    connect(&m_deadline, &QTimer::timeout, this, &RelayTask::onTimeout);
    connect(context().port.messenger(), &Messenger::relayChanged, this, [this](const RelayView& relay) {
        if (m_relay && m_relay->key == relay.key) look(relay);
    });
    connect(context().port.messenger(), &Messenger::relayRemoved, this, [this](const RelayKey& relay) {
        if (m_relay && m_relay->key == relay) fail(ErrorCode::NotFound, tr("The relay was removed meanwhile."));
    });
    ask(
        [values = arguments(), begin = beginning()](Messenger& messenger) {
            const Expected<RelayView> relay = relayOf(messenger, values);
            return relay ? begin(messenger, *relay, values) : relay;
        },
        [this](const Expected<RelayView>& relay) {
            if (!relay) return fail(relay.error());
            m_deadline.start();
            look(*relay);
        });
}

RelayTask::Begin RelayTask::beginning() const {
    return [](Messenger&, const RelayView& relay, const Arguments&) -> Expected<RelayView> { return relay; };
}

void RelayTask::look(const RelayView& relay) {
    m_relay = relay;
    if (relay.state == RelayState::ShutOut || relay.state == RelayState::WrongKey) return fail(relay.code, relay.text);
    onRelay();
}

RelayTask::Begin RelayListedTask::beginning() const {
    return [](Messenger& messenger, const RelayView& relay, const Arguments& arguments) -> Expected<RelayView> {
        const Expected<QString> state = arguments.text("state"_L1);
        if (!state) return Unexpected(state.error());
        if (*state != "on"_L1 && *state != "off"_L1)
            return Unexpected(ErrorCode::InvalidArgument, "Whether you are to be found at the relay is “on” or “off”.");
        return messenger.setListed(relay.key, *state == "on"_L1);
    };
}

void RelayListedTask::onRelay() {
    const bool isConnected = relay().state == RelayState::Connected;
    const bool isWanted = *arguments().text("state"_L1) == "on"_L1;
    if (isConnected && isWanted && !relay().hasDirectory) {
        // It was not known when it was asked.
        return ask([key = relay().key](Messenger& messenger) { return messenger.setListed(key, false); },
                   [this](const Expected<RelayView>&) {
                       fail(ErrorCode::NotPermitted, QString::fromLatin1(kNoDirectory));
                   });
    }
    const bool isDone = relay().listing == (isWanted ? Listing::Listed : Listing::None);
    if (isDone || (isConnected && !relay().hasDirectory)) return finish(relayJson(relay()));
    const auto reason = relay().reason;
    if (isConnected && isWanted && reason && !wire::relay::isPassing(*reason)) fail(relay().code, relay().text);
}

void RelayListedTask::onTimeout() {
    finish(relayJson(relay()));
}

void RelayPeopleTask::onRelay() {
    if (relay().state != RelayState::Connected || m_hasAsked) return;
    m_hasAsked = true;
    connect(context().port.messenger(), &Messenger::relayBrowsed, this,
            [this](const RelayKey& relayOf, const ListedPeople& found) {
                if (relayOf == relay().key) answer(found);
            });
    ask([key = relay().key](Messenger& messenger) { return messenger.browseRelay(key); },
        [this](const Expected<void>& asked) {
            if (!asked) fail(asked.error());
        });
}

void RelayPeopleTask::onTimeout() {
    if (m_hasAsked) return fail(ErrorCode::Timeout, tr("The relay did not answer in time. Try again later."));
    const QString text = tr("The relay %1 is not connected. Try again once it is.").arg(relay().address);
    fail(ErrorCode::Unreachable, relay().text.isEmpty() ? text : QString(text + u' ' + relay().text));
}

void RelayPeopleTask::answer(const ListedPeople& found) {
    if (found.error) return fail(*found.error);
    for (const ListedPerson& one : found.people)
        result({{u"name"_s, one.name},
                {u"person"_s, hexOf(one.person.view())},
                {u"device"_s, hexOf(one.device.view())},
                {u"link"_s, one.link},
                {u"contact"_s, one.isContact}});
    QJsonObject end{{u"count"_s, static_cast<qint64>(found.people.size())}};
    if (found.areMore) end[u"more"_s] = true;
    finish(end);
}

}  // namespace landline::app::control
