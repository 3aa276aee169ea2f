#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace landline::transfer {

/// Bytes from `at` on up to `end`, which is not one of them.
struct Range {
    std::uint64_t at = 0;
    std::uint64_t end = 0;
    [[nodiscard]] std::uint64_t size() const { return end - at; }
    friend bool operator==(const Range&, const Range&) = default;
};

/// Bytes of a file, from which some are taken bit by bit.
class RangeSet {
public:
    RangeSet() = default;
    /// Of ranges that ascend, do not overlap and are not empty.
    explicit RangeSet(const std::vector<Range>& ranges);

    [[nodiscard]] bool empty() const { return m_ends.empty(); }
    void remove(Range range);
    /// What of these ranges is in the set, as ranges that ascend and do not overlap; so must `ranges`.
    [[nodiscard]] std::vector<Range> within(const std::vector<Range>& ranges) const;

private:
    std::map<std::uint64_t, std::uint64_t> m_ends;  ///< by where they begin
};

}  // namespace landline::transfer
