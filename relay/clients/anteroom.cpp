#include "relay/clients/anteroom.h"

#include <algorithm>

namespace landline::relay {

void Anteroom::enter(ClientId client, const discovery::Address& network) {
    if (m_of[network].insert(client).second) ++m_size;
}

void Anteroom::leave(ClientId client, const discovery::Address& network) {
    const auto found = m_of.find(network);
    if (found == m_of.end() || found->second.erase(client) == 0) return;
    --m_size;
    if (found->second.empty()) m_of.erase(found);
}

ClientId Anteroom::oneTooMany(const discovery::Address& network, std::size_t mostOfNetwork, std::size_t most) const {
    const auto own = m_of.find(network);
    if (own != m_of.end() && own->second.size() >= mostOfNetwork) return *own->second.begin();
    if (m_size < most || m_of.empty()) return 0;
    // Of two with as many, the one whose oldest has waited for longer.
    const auto busiest = std::max_element(m_of.begin(), m_of.end(), [](const auto& a, const auto& b) {
        if (a.second.size() != b.second.size()) return a.second.size() < b.second.size();
        return *a.second.begin() > *b.second.begin();
    });
    return *busiest->second.begin();
}

}  // namespace landline::relay
