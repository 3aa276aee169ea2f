#include "relay/admin/admin_door.h"

#include "p2p/base/hash.h"

#include <algorithm>

namespace landline::relay {

namespace {

Hash256 digestOf(std::string_view secret) {
    return Hash256::from(sha256(viewOf(secret)).view()).value();
}

}  // namespace

std::string AdminDoor::makeSecret() {
    Bytes bytes(32);
    m_random.fill(bytes);
    return toHex(bytes);
}

void AdminDoor::keep(std::vector<Kept>& list, Kept one, MonoTime now) {
    std::erase_if(list, [now](const Kept& held) { return held.until <= now; });
    if (list.size() >= kMost) list.erase(list.begin());
    list.push_back(std::move(one));
}

std::string AdminDoor::makeTicket(MonoTime now) {
    std::string ticket = makeSecret();
    keep(m_tickets, {{}, digestOf(ticket), now + kTicketLife}, now);
    return ticket;
}

std::optional<AdminDoor::Visit> AdminDoor::enter(std::string_view ticket, MonoTime now) {
    const Hash256 wanted = digestOf(ticket);
    const auto found = std::find_if(m_tickets.begin(), m_tickets.end(),
                                    [&](const Kept& one) { return one.secret == wanted; });
    if (found == m_tickets.end()) return std::nullopt;
    const bool isGood = found->until > now;
    m_tickets.erase(found);
    if (!isGood) return std::nullopt;
    const std::string name = makeSecret().substr(0, 32);
    Visit visit{"/admin/" + name + "/", makeSecret()};
    keep(m_visits, {name, digestOf(visit.cookie), now + kVisitLife}, now);
    return visit;
}

bool AdminDoor::mayLook(std::string_view name, std::string_view cookie, MonoTime now) const {
    const Hash256 wanted = digestOf(cookie);
    return std::any_of(m_visits.begin(), m_visits.end(), [&](const Kept& one) {
        return one.name == name && one.secret == wanted && one.until > now;
    });
}

}  // namespace landline::relay
