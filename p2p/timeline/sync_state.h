#pragma once

#include "p2p/timeline/timeline_store.h"

#include <deque>
#include <optional>

namespace landline::timeline {

/// One author's timeline between our store and one peer: what SyncEngine knows of it in one session. Numbers only; it
/// decides what follows from them.
class PeerTimeline {
public:
    explicit PeerTimeline(const DeviceId& author) { m_ours.author = author; }

    // What happened -------------------------------------------------------------------------------------------------
    void setOurs(const TimelineHead& ours);
    /// The peer announced a head.
    void setTheirs(const wire::AuthorHead& theirs);
    /// The peer sent entries up to `number`, so it holds them.
    void inferTheirs(EntryNumber number, const Hash128& hash);
    /// The digests told that the peer's head is this head of ours.
    void setSame(const TimelineHead& head);
    void setSent(EntryNumber number, const Hash128& hash, std::size_t bytes);
    /// The peer announced all its heads anew: whatever it has not announced is sent again.
    void sendAgain();
    /// The store gave the hash of its entry `number`, which the peer's head is to be compared with.
    void compareAt(EntryNumber number, const Hash128& ourHash);
    void setNothingToRead() { m_nothingToRead = true; }
    void setAnnounced();
    /// The peer is the author and has told all its heads. If it holds less of its own timeline than we, it runs from an
    /// old copy: our headers, which it signed itself, are due to it as evidence.
    void showAuthorItsOwn();

    // What follows ---------------------------------------------------------------------------------------------------
    [[nodiscard]] const TimelineHead& ours() const { return m_ours; }
    [[nodiscard]] EntryNumber nextToSend() const { return std::max(m_theirs.number, m_sent) + 1; }
    /// The peer's head has a number whose hash of ours has to be read from the store first.
    [[nodiscard]] bool needsComparison() const;
    [[nodiscard]] EntryNumber comparisonAt() const { return m_theirs.number; }
    /// Entries may be sent now, from nextToSend on.
    [[nodiscard]] bool maySend(const DeviceId& peer) const;
    [[nodiscard]] std::size_t window() const;
    /// The peer waits for our head, to acknowledge what it holds or because it is its own timeline's.
    [[nodiscard]] bool announceDue(const DeviceId& peer) const;
    /// What the peer provably holds or has read, if that is more than was taken before.
    [[nodiscard]] std::optional<wire::AuthorHead> takeRecord(const DeviceId& peer);
    /// The number up to which our headers are to be sent as evidence; once per head of the peer.
    [[nodiscard]] std::optional<EntryNumber> takeEvidenceDue() {
        return std::exchange(m_evidenceDue, std::nullopt);
    }
    [[nodiscard]] bool isEvidenceDue() const { return m_evidenceDue.has_value(); }
    /// The peer holds entries beyond the end of this timeline; true once per end.
    [[nodiscard]] bool takeEndUnknown();
    [[nodiscard]] bool isQuiet(const DeviceId& peer) const;

    bool isWaitingForRead = false;  ///< owned by the engine: stands in its queue

private:
    struct Sent {
        EntryNumber number = 0;
        Hash128 hash;
        std::size_t bytes = 0;
    };

    void settle();
    void agree(EntryNumber number, const Hash128& hash);
    void contradict();
    [[nodiscard]] std::optional<Hash128> ourHashAt(EntryNumber number) const;

    TimelineHead m_ours;
    wire::AuthorHead m_theirs;
    EntryNumber m_told = 0;    ///< highest number in a head of the peer, rather than inferred
    EntryNumber m_agreed = 0;  ///< highest number at which the peer's entry is known to be ours
    Hash128 m_agreedHash;
    bool m_contradicts = false;  ///< the peer's head is not our entry of its number
    std::optional<EntryNumber> m_evidenceDue;
    std::optional<EntryNumber> m_endShown;
    EntryNumber m_shownToAuthor = 0;
    EntryNumber m_recorded = 0;
    EntryNumber m_recordedRead = 0;
    EntryNumber m_announced = 0;  ///< what the peer knows us to hold
    EntryNumber m_announcedRead = 0;
    bool m_fellBack = false;  ///< our head fell back, which the peer is to know
    EntryNumber m_sent = 0;
    std::deque<Sent> m_unacknowledged;  ///< ends of the frames sent beyond m_agreed
    std::size_t m_unacknowledgedBytes = 0;
    bool m_nothingToRead = false;  ///< the store had none of it; until a head changes
};

}  // namespace landline::timeline
