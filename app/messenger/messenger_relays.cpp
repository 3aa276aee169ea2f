#include "app/messenger/messenger.h"
#include "app/messenger/messenger_impl.h"
#include "app/storage/relay_heads_table.h"
#include "p2p/net/times.h"

#include <algorithm>

// The relays of the profile, and what the node tells of all of them.
namespace landline::app {

Expected<RelayView> Messenger::addRelay(const QString& url) {
    return m->accounts.add(url);
}

std::vector<RelayView> Messenger::relays() {
    return m->accounts.views();
}

Expected<RelayView> Messenger::findRelay(const QString& which) {
    return m->accounts.find(which);
}

Expected<RelayView> Messenger::setListed(const RelayKey& relay, bool isListed) {
    return m->accounts.setListed(relay, isListed);
}

Expected<void> Messenger::browseRelay(const RelayKey& relay) {
    return m->directory.browse(relay);
}

Expected<void> Messenger::removeRelay(const RelayKey& relay) {
    return m->accounts.remove(relay);
}

void Messenger::Impl::connectRelays(net::Node& node) {
    QObject::connect(
        &node, &net::Node::relayTold, &q,
        [this](net::RelayNumber number, const mailbox::Event& event) { relayTold(number, event); });
    QObject::connect(&node, &net::Node::relayDown, &q,
                     [this](net::RelayNumber number, const net::RelayDown& down) {
                         if (const auto relay = accounts.keyOf(number)) accounts.down(*relay, down);
                     });
    QObject::connect(&node, &net::Node::relayWrongKey, &q, [this](net::RelayNumber number, const QString& at) {
        if (const auto relay = accounts.keyOf(number)) accounts.wrongKey(*relay, at);
    });
}

RelayAccounts::Outcome Messenger::Impl::relayOutcome() {
    return {[this](const RelayKey& relay) { outbox.opened(relay); },
            [this](const RelayKey& relay) {
                outbox.closed(relay);
                directory.closed(relay);
            },
            [this](const RelayView& view) { Q_EMIT q.relayChanged(view); },
            [this](const RelayKey& relay) {
                outbox.tellOfRelays();
                Q_EMIT q.relayRemoved(relay);
            },
            [this] {
                outbox.tellOfRelays();
                outbox.headsOwed();
            },
            [this](const DeviceId& device, bool isOnline) { presenceAtRelay(device, isOnline); },
            [this](const Error& error) { failed(error); }};
}

void Messenger::Impl::relayTold(net::RelayNumber number, const mailbox::Event& event) {
    const auto relay = accounts.keyOf(number);
    if (!relay) return;
    accounts.told(*relay, event);
    if (const auto* changed = std::get_if<mailbox::DepositChanged>(&event)) {
        outbox.changed(*relay, *changed);
    } else if (const auto* answer = std::get_if<mailbox::Answer>(&event)) {
        accounts.answered(*relay, *answer);
        directory.answered(*relay, *answer);
        outbox.answered(*relay, *answer);
    } else if (const auto* arrived = std::get_if<mailbox::Arrived>(&event)) {
        inbox.arrived(number, *arrived);
        flushSoon();
    }
}

RelayOutbox::Outcome Messenger::Impl::outboxOutcome() {
    return {[this](const MessageRecord& message) { Q_EMIT q.messageChanged(message); },
            [this](const MessageRecord& message, const PersonId& person) { Q_EMIT q.held(message, person); },
            [this](const Error& error) { failed(error); }};
}

RelayInbox::Outcome Messenger::Impl::inboxOutcome() {
    return {[this](const PersonId& person) {
                if (!options.allowAll) return false;
                context.db->setStanding(person, timeline::Standing::Accepted);
                accounts.standingSet(person, timeline::Standing::Accepted);
                return true;
            },
            [this] { accounts.contactsChanged(); },
            [this](const PersonId& person) { personChanged(person); },
            [this](const DeviceId& device) {
                accounts.sessionsChanged();
                outbox.hope(device);
            },
            [this](const Error& error) { failed(error); }};
}

bool Messenger::Impl::renewLink() {
    if (!accounts.renewLink()) return false;
    inbox.forgetTurnedAway();
    context.db->relayHeads().oweContacts();
    return true;
}

void Messenger::Impl::presenceAtRelay(const DeviceId& device, bool isOnline) {
    contacts.setAtRelay(device, isOnline);
    if (isOnline) outbox.came(device);
    const auto person = context.personOf(device);
    if (!person) return;
    presencePace.changed(*person);
    if (!presenceTimer.isActive())
        presenceTimer.start(net::ceilMillis(std::max(*presencePace.due() - context.clock.mono(), Duration::zero())));
}

void Messenger::Impl::tellPresence() {
    if (!context.db) return presencePace.forgetAll();
    for (const PersonId& person : presencePace.take(context.clock.mono())) personChanged(person);
}

}  // namespace landline::app
