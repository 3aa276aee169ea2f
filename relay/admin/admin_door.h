#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/ids.h"
#include "p2p/base/random.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landline::relay {

/// Who may see the admin page: whoever brings a ticket, which is good once and for a short time, gets a visit. A visit is a
/// path and a cookie for that path alone: cookies are sent to every port of a host, and another program on this machine does
/// not know the path. Of all secrets only their digests are kept. Few at a time; the oldest go. No sockets, one thread.
class AdminDoor {
public:
    struct Visit {
        std::string path;    ///< "/admin/NAME/"
        std::string cookie;  ///< its value
    };
    static constexpr Duration kTicketLife = std::chrono::minutes(5);
    static constexpr Duration kVisitLife = std::chrono::hours(1);
    static constexpr std::size_t kMost = 8;

    explicit AdminDoor(Random& random) : m_random(random) {}

    [[nodiscard]] std::string makeTicket(MonoTime now);
    [[nodiscard]] std::optional<Visit> enter(std::string_view ticket, MonoTime now);
    /// `name`: of the path.
    [[nodiscard]] bool mayLook(std::string_view name, std::string_view cookie, MonoTime now) const;

private:
    struct Kept {
        std::string name;  ///< of a visit
        Hash256 secret;
        MonoTime until{};
    };
    [[nodiscard]] std::string makeSecret();
    static void keep(std::vector<Kept>& list, Kept one, MonoTime now);

    Random& m_random;
    std::vector<Kept> m_tickets;
    std::vector<Kept> m_visits;
};

}  // namespace landline::relay
