#include "tests/sim/sim_mail.h"
#include "tests/sim/sim_relay.h"

#include <algorithm>

namespace landline::sim {

using namespace wire::relay;

void SimMail::handle(std::size_t relay, const mailbox::Arrived& event) {
    mailbox::Position& position = m_data.atRelay[relay].positions[std::size_t(event.box)];
    const bool isSameEpoch = position.epoch == event.epoch;
    if (isSameEpoch && event.from > position.through) return;
    std::uint64_t lost = 0;
    for (const Item& item : event.items)
        if ((!isSameEpoch || item.number > position.through) && !openItem(relay, item)) ++lost;
    if (!isSameEpoch || event.through > position.through) {
        if (event.missed != 0 && isSameEpoch && !m_node.wasRestored() &&
            m_relays[relay]->keepsBack(m_node.device(), position.through + 1, event.through, event.items))
            m_context.fault(m_node.name() + " missed what had not expired");
        lost += event.missed;
        position = {event.epoch, event.through};
    }
    noteLost(lost);
    change([this, relay, box = event.box, now = mailbox::Position{event.epoch, event.through}] {
        m_links[relay].mailbox->committed(box, now);
    });
}

/// Contacts are told, so that they leave again what was lost.
void SimMail::noteLost(std::uint64_t count) {
    if (count == 0) return;
    m_context.note(m_node.name() + " lost " + std::to_string(count));
    m_data.lost += count;
    for (const auto& [device, grants] : m_data.grants) ++m_data.owed[device];
}

/// False if it was altered on its way, or is for somebody else.
bool SimMail::openItem(std::size_t relay, const Item& item) {
    const auto prekey = m_links[relay].ring->find(item.prekey);
    if (!prekey) {
        // A device that is another one now, or runs from an old copy, had prekeys that it does not know.
        if (!m_node.wasRestored() && !m_relays[relay]->wasTooOld())
            m_context.fault(m_node.name() + " has destroyed a prekey to which something was still sealed");
        return false;
    }
    const auto opened = m_seals.open(item.seal, item.body, *prekey);
    const auto depositor = opened ? depositorOf(*opened) : std::nullopt;
    if (!depositor) {
        if (!m_relays[relay]->hasAltered(item.seal))
            m_context.fault(m_node.name() + " cannot open what nobody altered");
        return false;
    }
    for (const wire::Entries& run : opened->content.entries) m_node.takeFromEnvelope(run);
    if (!opened->content.entries.empty()) ++m_data.owed[*depositor];
    for (const wire::SignedHeads& heads : opened->content.heads) takeStatement(heads, *depositor);
    return true;
}

/// The device that left it, and what it says of itself.
std::optional<DeviceId> SimMail::depositorOf(const envelope::Opened& opened) {
    const Bytes& bytes = opened.content.certificate;
    std::optional<identity::Certificate> certificate;
    for (const auto& [device, person] : m_node.store().personOf()) {
        certificate = m_node.store().certificate(device);
        if (certificate->encoded() == bytes) break;
        certificate.reset();
    }
    if (!certificate) {
        auto parsed = identity::Certificate::parse(bytes);
        if (!parsed) return std::nullopt;
        certificate = *std::move(parsed);
        m_node.store().putCertificate(*certificate);
    }
    if (certificate->noiseKey() != opened.depositor) return std::nullopt;
    std::vector<SimGrant> grants;
    for (const wire::RelayAccess& access : opened.content.told.relays)
        for (std::size_t relay = 0; relay < m_relays.size(); ++relay)
            if (m_relays[relay]->url() == access.url) grants.push_back({relay, access.token});
    if (certificate->device() != m_node.device()) putGrants(certificate->device(), grants);
    return certificate->device();
}

void SimMail::tellGrants(const DeviceId& device, const std::vector<SimGrant>& grants) {
    if (!m_isUp) return;
    putGrants(device, grants);
    change();
}

void SimMail::putGrants(const DeviceId& device, const std::vector<SimGrant>& grants) {
    if (grants.empty()) return;
    std::vector<SimGrant>& known = m_data.grants[device];
    if (known == grants) return;
    known = grants;
    for (const SimGrant& grant : grants) {
        Link& link = m_links[grant.relay];
        link.prekeys.erase(device);
        // Whoever was shut out as a guest may come with this.
        if (!isHome(grant.relay)) link.mailbox->setHello(hello(grant.relay), now());
    }
}

void SimMail::takeStatement(const wire::SignedHeads& heads, const DeviceId& depositor) {
    const auto statement = envelope::verifiedHeads(heads);
    if (!statement || statement->device != depositor)
        return m_context.fault(m_node.name() + " got a statement that its device has not signed");
    for (const wire::Heads& of : statement->heads) {
        std::uint64_t& newest = m_data.statements[{depositor, of.conversation}];
        if (statement->counter <= newest) continue;
        newest = statement->counter;
        m_data.stated[{depositor, of.conversation}] = of;
        m_node.recordStated(depositor, of);
        settle(depositor, of.conversation);
    }
    std::uint64_t& seen = m_data.seenLost[depositor];
    if (statement->lost <= seen) return;
    seen = statement->lost;
    giveUp(depositor);
}

/// A deposit is over for one device.
void SimMail::end(DepositCounter counter, const DeviceId& device) {
    const auto found = m_data.records.find(counter);
    if (found == m_data.records.end() || found->second.recipients.erase(device) == 0) return;
    m_then.push_back([this, relay = found->second.relay, counter, device] {
        m_links[relay].mailbox->settle(counter, device);
    });
    if (found->second.recipients.empty()) m_data.records.erase(found);
    m_isChanged = true;
}

/// Nothing that was left for the device before is believed to be held any more.
void SimMail::giveUp(const DeviceId& device) {
    std::vector<DepositCounter> over;
    for (const auto& [counter, record] : m_data.records) {
        const auto entry = record.recipients.find(device);
        if (entry != record.recipients.end() && entry->second.isHeld) over.push_back(counter);
    }
    for (const DepositCounter counter : over) end(counter, device);
    ++m_data.owed[device];
}

EntryNumber SimMail::claimOf(const DeviceId& device, const ConversationId& conversation,
                             const DeviceId& author) {
    EntryNumber claim = 0;
    for (const wire::AuthorHead& mark : m_node.store().peerHeads(conversation, device))
        if (mark.author == author) claim = mark.number;
    const auto stated = m_data.stated.find({device, conversation});
    if (stated == m_data.stated.end()) return claim;
    for (const wire::AuthorHead& head : stated->second.authors)
        if (head.author == author) claim = std::max(claim, head.number);
    return claim;
}

void SimMail::settle(const DeviceId& device, const ConversationId& conversation) {
    std::vector<DepositCounter> over;
    for (const auto& [counter, record] : m_data.records) {
        const auto entry = record.recipients.find(device);
        if (entry == record.recipients.end() || !entry->second.isHeld || record.isHeads()) continue;
        const auto& ranges = record.ranges;
        if (std::none_of(ranges.begin(), ranges.end(),
                         [&](const SimRange& range) { return range.conversation == conversation; }))
            continue;
        if (std::all_of(ranges.begin(), ranges.end(), [&](const SimRange& range) {
                return range.last <= claimOf(device, range.conversation, range.author);
            }))
            over.push_back(counter);
    }
    for (const DepositCounter counter : over) end(counter, device);
}

void SimMail::appended(const ConversationId& conversation) {
    for (const auto& [of, heads] : m_data.stated)
        if (of.second == conversation) m_node.recordStated(of.first, heads);
}

void SimMail::oweTo(const PersonId& person) {
    const auto people = m_node.store().personOf();
    for (const auto& [device, grants] : m_data.grants)
        if (const auto of = people.find(device); of != people.end() && of->second == person) {
            ++m_data.owed[device];
            m_isChanged = true;
        }
}

}  // namespace landline::sim
