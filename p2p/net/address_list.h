#pragma once

#include "p2p/net/candidate.h"

#include <vector>

namespace landline::net {

/// Where one device may be reached, the newest finding first, at most limits::kCandidatesPerPeer.
class AddressList {
public:
    /// True if the address is new or was not the first.
    bool add(const Candidate& candidate);
    /// Behind all others; for addresses remembered from earlier days.
    void addLast(const Candidate& candidate);
    void remove(const Candidate& candidate);
    [[nodiscard]] const std::vector<Candidate>& all() const { return m_all; }

private:
    std::vector<Candidate> m_all;
};

}  // namespace landline::net
