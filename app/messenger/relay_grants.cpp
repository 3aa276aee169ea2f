#include "app/messenger/relay_grants.h"

#include "app/storage/prekey_table.h"
#include "app/storage/relay_heads_table.h"
#include "app/storage/relay_table.h"
#include "p2p/base/limits.h"

#include <algorithm>
#include <set>

namespace landline::app {

std::vector<wire::RelayAccess> accessOf(const std::vector<identity::RelayGrant>& grants) {
    std::vector<wire::RelayAccess> result;
    for (const identity::RelayGrant& grant : grants)
        result.push_back({identity::formatRelayUrl(grant.relay), grant.token});
    return result;
}

std::vector<identity::RelayGrant> grantsIn(const std::vector<wire::RelayAccess>& access) {
    std::vector<identity::RelayGrant> result;
    for (const wire::RelayAccess& one : access) {
        auto url = identity::parseRelayUrl(one.url);
        if (!url) continue;
        url->invite.reset();
        result.push_back({*std::move(url), one.token});
    }
    return result;
}

bool RelayGrants::isContact(const PersonId& person) {
    return person == m_context.selfPerson() || m_context.db->standing(person) == timeline::Standing::Accepted;
}

std::vector<PersonId> RelayGrants::contacts() {
    std::vector<PersonId> result;
    for (const PersonRecord& person : m_context.db->people())
        if (person.self || person.standing == timeline::Standing::Accepted) result.push_back(person.id);
    return result;
}

// What this device gives ----------------------------------------------------------------------------------------------

void RelayGrants::makeTokens(const RelayKey& relay) {
    RelayTable& table = m_context.db->relays();
    // The link's first: it is to be had also where there are more contacts than tokens.
    (void)table.tokenFor(relay, std::nullopt, m_context.random);
    for (const PersonId& person : contacts()) (void)table.tokenFor(relay, person, m_context.random);
}

void RelayGrants::standingSet(const PersonId& person, timeline::Standing standing) {
    RelayTable& table = m_context.db->relays();
    if (standing != timeline::Standing::Accepted) {
        std::vector<RelayKey> full;
        for (const RelayRecord& relay : table.all())
            if (table.isFull(relay.url.key)) full.push_back(relay.url.key);
        // Somebody else may have waited for the place.
        if (table.revoke(person))
            for (const RelayKey& relay : full) makeTokens(relay);
        return;
    }
    for (const RelayRecord& relay : table.all())
        (void)table.tokenFor(relay.url.key, person, m_context.random);
}

bool RelayGrants::renewLink() {
    RelayTable& table = m_context.db->relays();
    (void)table.revoke(std::nullopt);
    const std::vector<RelayRecord> relays = table.all();
    for (const RelayRecord& relay : relays)
        (void)table.tokenFor(relay.url.key, std::nullopt, m_context.random);
    return !relays.empty();
}

/// There was no place for a token of this contact's own.
bool RelayGrants::sharesTheLinks(const PersonId& person, const RelayKey& relay) {
    return isContact(person) && !m_context.db->relays().hasToken(relay, person);
}

std::optional<RelayToken> RelayGrants::tokenGivenTo(const PersonId& contact, const RelayKey& relay) {
    const bool isShared = sharesTheLinks(contact, relay);
    return m_context.db->relays().confirmedTokenOf(relay, isShared ? std::nullopt : std::optional(contact));
}

std::vector<identity::RelayGrant> RelayGrants::givenTo(const std::optional<PersonId>& contact) {
    std::vector<identity::RelayGrant> result;
    if (contact && !isContact(*contact)) return result;
    RelayTable& table = m_context.db->relays();
    for (const RelayRecord& relay : table.all()) {
        if (relay.standing != RelayStanding::Entered || result.size() == limits::kRelaysPerContact) continue;
        // A link that names no relay until one has answered would be given on like that.
        const auto token = contact ? tokenGivenTo(*contact, relay.url.key) : table.linkTokenOf(relay.url.key);
        if (!token) continue;
        result.push_back({relay.url, *token});
        result.back().relay.invite.reset();
    }
    return result;
}

bool RelayGrants::confirmed(const RelayKey& relay, const std::vector<wire::relay::Token>& tokens) {
    const auto holders = m_context.db->relays().confirm(relay, tokens);
    const std::set<std::optional<PersonId>> persons(holders.begin(), holders.end());
    std::set<DeviceId> devices;
    const bool isLinks = persons.count(std::nullopt) != 0;
    if (!persons.empty())
        for (const DeviceGrant& grant : m_context.db->prekeys().allGrants())
            if (const auto person = m_context.personOf(grant.device);
                person && (persons.count(person) != 0 || (isLinks && sharesTheLinks(*person, relay))))
                devices.insert(grant.device);
    devices.erase(m_context.selfDevice());
    for (const DeviceId& device : devices) m_context.db->relayHeads().owe(device);
    return !holders.empty();
}

wire::ToldRelays RelayGrants::toldTo(const PersonId& contact) {
    wire::ToldRelays told{accessOf(givenTo(contact)), false};
    if (!told.relays.empty() || !isContact(contact)) return told;
    const std::vector<RelayRecord> relays = m_context.db->relays().all();
    // One that is new is about to let this device in; until then whatever was said before may be right.
    told.areNone = std::none_of(relays.begin(), relays.end(), [](const RelayRecord& relay) {
        return relay.standing == RelayStanding::New || relay.standing == RelayStanding::Entered;
    });
    return told;
}

std::uint64_t RelayGrants::nextEdition() {
    return m_context.db->relayHeads().nextEdition(m_context.clock.wall());
}

Expected<void> RelayGrants::tell() {
    std::map<PersonId, wire::ToldRelays> now;
    for (const PersonId& person : contacts())
        if (auto told = toldTo(person); told != wire::ToldRelays{}) now[person] = std::move(told);
    if (now == m_told) return {};
    const std::uint64_t edition = nextEdition();
    // A number that was told and is forgotten could come again, with something else.
    if (auto done = m_context.commit(); !done) return done;
    const auto post = [this, edition](const PersonId& person, const wire::ToldRelays& told) {
        m_context.node.post([=](net::Node& node) { node.setRelaysFor(person, told, edition); });
    };
    for (const auto& [person, told] : m_told)
        if (now.count(person) == 0) post(person, {});
    for (const auto& [person, told] : now) {
        const auto before = m_told.find(person);
        if (before == m_told.end() || before->second != told) post(person, told);
    }
    m_told = std::move(now);
    return {};
}

// What others gave ----------------------------------------------------------------------------------------------------

bool RelayGrants::received(const DeviceId& device, const wire::ToldRelays& told) {
    const auto grants = grantsIn(told.relays);
    const auto person = m_context.personOf(device);
    if ((grants.empty() && !told.areNone) || !person || device == m_context.selfDevice()) return false;
    if (m_context.db->standing(*person) == timeline::Standing::Blocked) return false;
    return m_context.db->prekeys().putGrants(device, grants);
}

std::map<RelayKey, std::vector<DeviceGrant>> RelayGrants::ofContacts() {
    std::map<RelayKey, std::vector<DeviceGrant>> result;
    for (DeviceGrant& grant : m_context.db->prekeys().allGrants()) {
        const auto person = m_context.personOf(grant.device);
        if (!person || grant.device == m_context.selfDevice() || !isContact(*person)) continue;
        result[grant.grant.relay.key].push_back(std::move(grant));
    }
    return result;
}

}  // namespace landline::app
