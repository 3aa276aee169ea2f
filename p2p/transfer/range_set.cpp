#include "p2p/transfer/range_set.h"

#include <algorithm>

namespace landline::transfer {

RangeSet::RangeSet(const std::vector<Range>& ranges) {
    for (const Range& range : ranges) m_ends.emplace_hint(m_ends.end(), range.at, range.end);
}

void RangeSet::remove(Range range) {
    auto next = m_ends.upper_bound(range.at);
    if (next != m_ends.begin() && std::prev(next)->second > range.at) --next;
    while (next != m_ends.end() && next->first < range.end) {
        const Range found{next->first, next->second};
        next = m_ends.erase(next);
        if (found.at < range.at) m_ends.emplace(found.at, range.at);
        if (range.end < found.end) m_ends.emplace(range.end, found.end);
    }
}

std::vector<Range> RangeSet::within(const std::vector<Range>& ranges) const {
    std::vector<Range> found;
    for (const Range& range : ranges) {
        auto next = m_ends.upper_bound(range.at);
        if (next != m_ends.begin() && std::prev(next)->second > range.at) --next;
        for (; next != m_ends.end() && next->first < range.end; ++next)
            found.push_back({std::max(range.at, next->first), std::min(range.end, next->second)});
    }
    return found;
}

}  // namespace landline::transfer
