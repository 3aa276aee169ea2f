#include "app/messenger/relay_grants.h"

#include "app/storage/prekey_table.h"
#include "app/storage/relay_heads_table.h"
#include "app/storage/relay_table.h"
#include "p2p/base/limits.h"

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

std::vector<identity::RelayGrant> RelayGrants::givenTo(const std::optional<PersonId>& contact) {
    std::vector<identity::RelayGrant> result;
    if (contact && !isContact(*contact)) return result;
    RelayTable& table = m_context.db->relays();
    for (const RelayRecord& relay : table.all()) {
        if (relay.standing != RelayStanding::Entered || result.size() == limits::kRelaysPerContact) continue;
        const auto token = table.confirmedTokenOf(relay.url.key, contact);
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
    if (!persons.empty())
        for (const DeviceGrant& grant : m_context.db->prekeys().allGrants())
            if (const auto person = m_context.personOf(grant.device); person && persons.count(person) != 0)
                devices.insert(grant.device);
    devices.erase(m_context.selfDevice());
    for (const DeviceId& device : devices) m_context.db->relayHeads().owe(device);
    return !holders.empty();
}

void RelayGrants::tell() {
    std::map<PersonId, std::vector<wire::RelayAccess>> now;
    for (const PersonId& person : contacts())
        if (auto access = accessOf(givenTo(person)); !access.empty()) now[person] = std::move(access);
    const auto post = [this](const PersonId& person, const std::vector<wire::RelayAccess>& relays) {
        m_context.node.post([person, relays](net::Node& node) { node.setRelaysFor(person, relays); });
    };
    for (const auto& [person, relays] : m_told)
        if (now.count(person) == 0) post(person, {});
    for (const auto& [person, relays] : now) {
        const auto before = m_told.find(person);
        if (before == m_told.end() || before->second != relays) post(person, relays);
    }
    m_told = std::move(now);
}

// What others gave ----------------------------------------------------------------------------------------------------

bool RelayGrants::received(const DeviceId& device, const std::vector<wire::RelayAccess>& relays) {
    const auto grants = grantsIn(relays);
    const auto person = m_context.personOf(device);
    if (grants.empty() || !person || device == m_context.selfDevice()) return false;
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
