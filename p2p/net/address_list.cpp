#include "p2p/net/address_list.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::net {

bool AddressList::add(const Candidate& candidate) {
    if (candidate.port == 0 || candidate.address.isNull()) return false;
    if (!m_all.empty() && m_all.front() == candidate) return false;
    std::erase(m_all, candidate);
    m_all.insert(m_all.begin(), candidate);
    if (m_all.size() > limits::kCandidatesPerPeer) m_all.pop_back();
    return true;
}

void AddressList::addLast(const Candidate& candidate) {
    if (candidate.port == 0 || candidate.address.isNull() || m_all.size() >= limits::kCandidatesPerPeer)
        return;
    if (std::find(m_all.begin(), m_all.end(), candidate) == m_all.end()) m_all.push_back(candidate);
}

void AddressList::remove(const Candidate& candidate) {
    std::erase(m_all, candidate);
}

}  // namespace landline::net
