#pragma once

#include "tests/sim/sim_link.h"

namespace landline::sim {

/// What had come to be everywhere when faults stopped: nothing of it may be missing at rest.
class Survivors {
public:
    /// Notes everything durable in the nodes' stores, and which timelines forked.
    void note(const std::vector<std::unique_ptr<SimNode>>& nodes, const Ledger& ledger);

    struct Line {
        EntryNumber highest = 0;  ///< of an entry held anywhere
        std::optional<EntryNumber>
            forkedAt;  ///< the lowest number of which two entries, or proof of two, are held
    };
    using Key = std::pair<ConversationId, DeviceId>;
    [[nodiscard]] const std::map<Key, Line>& lines() const { return m_lines; }

private:
    std::map<Key, Line> m_lines;
};

/// How everything came to rest: with a session of any two, or with relays only, by which a device hears of others what is
/// of its own person's entries.
enum class Ending { Sessions, Relays };

/// Holds the nodes at rest against each other, the ledger and what survived.
void checkAtRest(SimContext& context, const std::vector<std::unique_ptr<SimNode>>& nodes,
                 const std::vector<std::unique_ptr<SimLink>>& links, const Survivors& survivors,
                 Ending ending = Ending::Sessions);

}  // namespace landline::sim
