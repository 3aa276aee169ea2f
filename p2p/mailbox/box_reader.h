#pragma once

#include "p2p/base/expected.h"
#include "p2p/mailbox/events.h"

#include <algorithm>
#include <deque>

namespace landline::mailbox {

/// Fetches one box of a mailbox: asks for what comes after the last number it was given, holds back while the owner has more
/// than limits::kApplyWindow to commit, and acknowledges what is committed, and only that. Owned by one Mailbox.
class BoxReader {
public:
    explicit BoxReader(wire::relay::Box box) : m_box(box) {}

    void restore(Position position) { m_position = position; }
    /// A session begins in `epoch`, where everything up to `freed` is gone and `highest` is the highest number. What was
    /// given to the owner and not committed comes again.
    void enter(RelayEpoch epoch, MailboxNumber freed, MailboxNumber highest);
    void hint(MailboxNumber highest) { m_highest = std::max(m_highest, highest); }

    /// What to ask for now. One pull at a time; ended by `pulled` with `last`.
    [[nodiscard]] std::optional<wire::relay::Pull> nextPull();
    /// An answer to the pull. Fails with ProtocolViolation for numbers that were not asked for.
    [[nodiscard]] Expected<std::optional<Arrived>> pulled(wire::relay::Pulled answer);

    /// The owner has committed this; of another epoch than this session's it is passed over.
    void committed(Position position);
    /// What to acknowledge now. One at a time; ended by `acknowledged`.
    [[nodiscard]] std::optional<wire::relay::Acknowledge> nextAcknowledge();
    void acknowledged();
    /// What is committed, and in this session known to be freed at the relay: whatever that says, nothing more was read.
    [[nodiscard]] MailboxNumber freed() const { return std::min(m_freed, m_position.through); }

private:
    struct InHand {
        MailboxNumber number = 0;
        std::size_t bytes = 0;
    };

    wire::relay::Box m_box;
    Position m_position;          ///< committed
    MailboxNumber m_given = 0;    ///< to the owner
    MailboxNumber m_highest = 0;  ///< at the relay, as far as is known
    MailboxNumber m_freed = 0;
    std::optional<MailboxNumber> m_acknowledging;
    bool m_isPulling = false;
    std::size_t m_pulledBytes = 0;  ///< that this pull has brought
    std::deque<InHand> m_inHand;    ///< with the owner, not committed
    std::size_t m_inHandBytes = 0;
};

}  // namespace landline::mailbox
