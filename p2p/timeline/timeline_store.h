#pragma once

#include "p2p/identity/certificate.h"
#include "p2p/timeline/checked_entry.h"
#include "p2p/wire/messages.h"

#include <optional>
#include <span>
#include <vector>

namespace landline::timeline {

/// What a store holds of one author's timeline in one conversation.
struct TimelineHead {
    DeviceId author;
    EntryNumber baseNumber = 0;  ///< held from baseNumber + 1 on
    Hash256 baseHash;
    EntryNumber number = 0;  ///< highest contiguous entry held
    Hash256 hash;            ///< of that entry; baseHash if none is held
    HybridTime clock = 0;    ///< of that entry
    EntryNumber read = 0;    ///< highest entry that this device's person has read
    /// Set once the timeline has ended (fork, unlinked device): its last accepted number. Entries beyond are never
    /// applied or passed on.
    std::optional<EntryNumber> end;

    friend bool operator==(const TimelineHead&, const TimelineHead&) = default;
};

/// How far a person's entries may come in.
enum class Standing { Stranger, Accepted, Ignored, Blocked };

/// What a stranger has sent so far, in entries and bytes of payload.
struct StrangerUse {
    std::size_t entries = 0;
    std::size_t bytes = 0;
};

/// The disk beneath the timelines: append-only entries, heads, certificates, peers' heads, and the table of entries
/// that came out of order. Owned by one thread. Calls between two `commit`s form one transaction.
///
/// A call that meets a disk error behaves as if it found nothing or did nothing, and remembers the error: the next
/// `commit` undoes the transaction, returns the error and clears it. So rules need no error path of their own, and
/// nothing is acknowledged that was not committed.
class TimelineStore {
public:
    virtual ~TimelineStore() = default;

    /// Makes everything since the last commit durable (synced), or undoes it and says why.
    virtual Expected<void> commit() = 0;

    // Conversations and people -----------------------------------------------------------------------------------
    /// The persons whose devices may write in the conversation; empty if it is not known here.
    [[nodiscard]] virtual std::vector<PersonId> members(const ConversationId& conversation) = 0;
    [[nodiscard]] virtual Standing standing(const PersonId& person) = 0;
    [[nodiscard]] virtual StrangerUse strangerUse(const PersonId& person) = 0;
    virtual void addStrangerUse(const PersonId& person, StrangerUse more) = 0;
    [[nodiscard]] virtual std::optional<identity::Certificate> certificate(const DeviceId& device) = 0;
    virtual void putCertificate(const identity::Certificate& certificate) = 0;

    // Entries ------------------------------------------------------------------------------------------------------
    [[nodiscard]] virtual std::optional<TimelineHead> head(const ConversationId& conversation,
                                                           const DeviceId& author) = 0;
    /// Of all authors, in byte order of their ids.
    [[nodiscard]] virtual std::vector<TimelineHead> heads(const ConversationId& conversation) = 0;
    /// Appends `entries`, a run of one author that continues its head, and sets that head. The store also brings its
    /// views up to date: messages, edits, reactions, search.
    virtual void append(const ConversationId& conversation, std::span<const CheckedEntry> entries,
                        const TimelineHead& after) = 0;
    /// A contiguous run from `first` on, at most `maxCount` entries and, the first one apart, `maxBytes` bytes.
    [[nodiscard]] virtual std::vector<wire::SignedEntry> read(const ConversationId& conversation,
                                                              const DeviceId& author, EntryNumber first,
                                                              std::size_t maxCount, std::size_t maxBytes) = 0;
    /// Removes the payload of an entry, and of all edits of it by devices of its author's person, and keeps the proof with
    /// each of them for those to whom they are passed on. Edits by others have no effect and stay. What is erased already
    /// stays as it is; edits are erased also while their target is not held. True if anything was removed.
    virtual bool erase(const ConversationId& conversation, const EntryRef& target,
                       const wire::ErasureProof& proof) = 0;
    /// The delete by a device of `target`'s author's person that names `target`, held already though the target may not
    /// be; or else the proof with which the target is held; for a target, or an edit of it, that arrives later. Deletes by
    /// others have no effect.
    [[nodiscard]] virtual std::optional<wire::ErasureProof> erasureOf(const ConversationId& conversation,
                                                                      const EntryRef& target) = 0;
    /// Ends a timeline (see TimelineHead::end) and keeps the two contradicting headers, if a fork was the reason.
    /// Entries beyond `last` stay as disputed: shown so, never passed on, without effect, never found by `read`; the head
    /// falls back to `last`. `last` may lie beyond what is held, and a second call may lower it.
    virtual void endTimeline(
        const ConversationId& conversation, const DeviceId& author, EntryNumber last,
        const std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>>& evidence) = 0;
    [[nodiscard]] virtual std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>> forkEvidence(
        const ConversationId& conversation, const DeviceId& author) = 0;

    // Out-of-order arrivals ------------------------------------------------------------------------------------------
    /// Keeps an entry that came before its predecessor. At most limits::kPendingEntries a conversation; those beyond
    /// are dropped (they come again by sync).
    virtual void hold(const ConversationId& conversation, const DeviceId& author, EntryNumber number,
                      const wire::SignedEntry& entry) = 0;
    /// Takes the contiguous run of held entries that starts at `first`, and forgets all held below it.
    [[nodiscard]] virtual std::vector<wire::SignedEntry> takeHeld(const ConversationId& conversation,
                                                                  const DeviceId& author,
                                                                  EntryNumber first) = 0;

    // Clock and marks --------------------------------------------------------------------------------------------------
    /// The highest hybrid time issued or merged.
    [[nodiscard]] virtual HybridTime clock() = 0;
    virtual void setClock(HybridTime time) = 0;
    /// What `device` says it holds and its person has read: the source of ticks. Never lowers a mark. Of its own
    /// timeline a device need not tell anything: it holds what it sends.
    virtual void putPeerHeads(const ConversationId& conversation, const DeviceId& device,
                              std::span<const wire::AuthorHead> heads) = 0;
    /// This person has read `author`'s entries up to `number`. Never lowers a mark.
    virtual void setRead(const ConversationId& conversation, const DeviceId& author, EntryNumber number) = 0;
};

/// A store's head as it is told to peers.
[[nodiscard]] wire::AuthorHead wireHead(const TimelineHead& head);

/// The digest of all heads of a conversation, by which peers see on connect that nothing differs: SHA-256 over, per
/// author in byte order, author | base number | number | hash 16 | read, cut to 16 bytes. Authors with nothing held and
/// nothing read are left out.
[[nodiscard]] Hash128 headsDigest(std::vector<wire::AuthorHead> heads);

}  // namespace landline::timeline
