#pragma once

#include "p2p/discovery/endpoint.h"
#include "relay/clients/hub_types.h"

#include <set>
#include <unordered_map>

namespace landline::relay {

/// The clients whose session is open and who were not let in yet, by network. Owned by a Hub.
class Anteroom {
public:
    /// Ids grow: a smaller one is older.
    void enter(ClientId client, const discovery::Address& network);
    /// Nothing if it is not there.
    void leave(ClientId client, const discovery::Address& network);
    /// Who is to go so that one more of `network` may enter: the oldest of that network if it has `mostOfNetwork`, of the one
    /// with the most if there are `most` in all; 0 if there is room.
    [[nodiscard]] ClientId oneTooMany(const discovery::Address& network, std::size_t mostOfNetwork, std::size_t most) const;
    [[nodiscard]] std::size_t size() const { return m_size; }

private:
    std::unordered_map<discovery::Address, std::set<ClientId>> m_of;  ///< by network; none is empty
    std::size_t m_size = 0;
};

}  // namespace landline::relay
