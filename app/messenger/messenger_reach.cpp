#include "app/messenger/messenger.h"

#include "app/messenger/messenger_impl.h"
#include "app/storage/prekey_table.h"
#include "p2p/base/limits.h"
#include "p2p/identity/contact_link.h"
#include "p2p/net/interfaces.h"

#include <algorithm>

// How this device and others come to reach each other, beyond what beacons do by themselves.
namespace landline::app {

bool Messenger::askToDialBack(const PersonId& person) {
    const Diagnosis known = m->log.diagnosis();
    const auto once = std::chrono::duration_cast<std::chrono::milliseconds>(limits::kBeaconAnswerOnce);
    bool connected = false;
    for (const net::SessionNumber number : m->contacts.sessionsOf(person)) {
        const DeviceId device = m->contacts.session(number)->device();
        connected = true;
        const auto before = known.devices.find(device);
        if (before != known.devices.end() &&
            m->context.nowMillis() - before->second.askedToDial < once.count())
            continue;
        m->log.askedToDial(device);
        m->context.node.post([device](net::Node& node) { node.askToDialBack(device); });
    }
    return connected;
}

PostView Messenger::postView(const ConversationId& conversation) {
    const auto other = m->otherMember(conversation);
    return other ? m->outbox.view(*other) : PostView{};
}

void Messenger::tryPost(const ConversationId& conversation) {
    if (const auto other = m->otherMember(conversation)) m->outbox.tryRoutes(*other);
}

QString Messenger::contactLink() {
    identity::ContactLink link{m->context.identity->certificate, m->profile.name, {}};
    // While it does not listen: where it will, as long as nobody else does.
    const quint16 port = m->port != 0 ? m->port : limits::kDiscoveryPort;
    for (const QHostAddress& address : net::routableAddresses()) {
        if (link.addresses.size() == limits::kCandidatesPerPeer) break;
        link.addresses.push_back(addressText({address, port}).toStdString());
    }
    link.relays = m->accounts.grantsFor(std::nullopt);
    std::string text = identity::encodeContactLink(link);
    // Long host names: the last of each is worth least.
    while (text.size() > limits::kContactLinkBytes && (!link.addresses.empty() || !link.relays.empty())) {
        if (link.addresses.size() >= link.relays.size())
            link.addresses.pop_back();
        else
            link.relays.pop_back();
        text = identity::encodeContactLink(link);
    }
    return QString::fromStdString(text);
}

Expected<QString> Messenger::newContactLink() {
    if (!m->renewLink())
        return Unexpected(ErrorCode::NotFound,
                          "You use no relay, so there is nothing in your link to take back: it only says who you are and "
                          "where this device is.");
    if (auto done = m->context.commit(); !done) return Unexpected(done.error());
    m->accounts.contactsChanged();
    m->outbox.headsOwed();
    return contactLink();
}

quint64 Messenger::turnedAway() {
    return m->inbox.turnedAway();
}

Expected<PersonView> Messenger::addContact(const QString& text) {
    const auto link = identity::parseContactLink(text.trimmed().toStdString());
    if (!link) return Unexpected(link.error());
    const PersonId person = link->certificate.person();
    if (person == m->context.selfPerson())
        return Unexpected(ErrorCode::InvalidArgument,
                          "This is your own link: give it to somebody who is to add you.");
    Database& db = *m->context.db;
    const auto known = db.person(person);
    if (known && known->standing == timeline::Standing::Blocked)
        return Unexpected(ErrorCode::NotPermitted,
                          "You have blocked this person. Unblock them first, then add the link again.");
    std::vector<net::Candidate> candidates;
    for (const std::string& address : link->addresses)
        if (const auto candidate = candidateFrom(QString::fromStdString(address)))
            candidates.push_back(*candidate);

    const DeviceId device = link->certificate.device();
    const auto met = known ? m->contacts.contact(device) : std::nullopt;
    db.meet(link->certificate, known ? known->name : QString::fromStdString(link->name));
    // An address at which the device was met is worth more.
    if (!candidates.empty() && (!met || met->remembered.empty()))
        db.setDeviceAddress(device, addressText(candidates.front()), 0);
    const bool isGranted = db.prekeys().putLinked(device, link->relays);
    m->context.forgetPerson(person);
    if (auto done = m->context.commit(); !done) return Unexpected(done.error());
    m->accounts.sessionsChanged();
    if (isGranted) m->outbox.hope(device);
    if (auto accepted = setStanding(person, timeline::Standing::Accepted); !accepted)
        return Unexpected(accepted.error());
    m->context.node.post([contact = net::Contact{device, link->certificate.noiseKey(), candidates}](
                             net::Node& node) { node.want(contact); });
    m->personChanged(person);
    return *m->contacts.view(person);
}

}  // namespace landline::app
