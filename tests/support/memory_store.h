#pragma once

#include "p2p/timeline/timeline_store.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace landline::test {

/// A TimelineStore in memory that knows what is synced: `commit` makes changes durable, `crash` drops the others, and
/// commits can be made to fail as a full disk does. What it holds can be looked at as no real store allows.
class MemoryStore final : public timeline::TimelineStore {
public:
    MemoryStore() = default;
    MemoryStore(const MemoryStore&) = delete;
    MemoryStore& operator=(const MemoryStore&) = delete;

    // Setting up; durable at once -----------------------------------------------------------------------------------
    void addConversation(const ConversationId& id, std::vector<PersonId> members);
    void setStanding(const PersonId& person, timeline::Standing standing) { m_standings[person] = standing; }
    /// What a person has that was given none. Accepted unless set.
    void setDefaultStanding(timeline::Standing standing) { m_defaultStanding = standing; }
    /// The next `count` commits undo their transaction and fail.
    void failCommits(int count) { m_failingCommits = count; }
    /// The power goes: everything since the last commit is gone.
    void crash();
    /// A copy, as a backup or a cloned disk has it; only while nothing is uncommitted.
    [[nodiscard]] std::unique_ptr<MemoryStore> durableCopy() const;

    // Looking -------------------------------------------------------------------------------------------------------
    [[nodiscard]] bool hasUncommitted() const { return !m_undo.empty(); }
    /// All accepted entries of a conversation.
    [[nodiscard]] std::vector<timeline::CheckedEntry> entries(const ConversationId& conversation) const;
    /// Accepted or disputed, durable or not.
    [[nodiscard]] std::vector<timeline::CheckedEntry> everything(const ConversationId& conversation) const;
    [[nodiscard]] std::vector<ConversationId> conversations() const;
    /// True if exactly this entry is durable here, accepted or disputed.
    [[nodiscard]] bool holdsDurably(const ConversationId& conversation, const EntryRef& entry,
                                    const Hash128& hash) const;
    [[nodiscard]] std::map<DeviceId, PersonId> personOf() const;
    [[nodiscard]] std::vector<wire::AuthorHead> peerHeads(const ConversationId& conversation,
                                                          const DeviceId& device) const;
    [[nodiscard]] std::size_t heldEntries(const ConversationId& conversation) const;

    // TimelineStore -------------------------------------------------------------------------------------------------
    Expected<void> commit() override;
    std::vector<PersonId> members(const ConversationId& conversation) override;
    timeline::Standing standing(const PersonId& person) override;
    timeline::StrangerUse strangerUse(const PersonId& person) override;
    void addStrangerUse(const PersonId& person, timeline::StrangerUse more) override;
    std::optional<identity::Certificate> certificate(const DeviceId& device) override;
    void putCertificate(const identity::Certificate& certificate) override;
    std::optional<timeline::TimelineHead> head(const ConversationId& conversation,
                                               const DeviceId& author) override;
    std::vector<timeline::TimelineHead> heads(const ConversationId& conversation) override;
    void append(const ConversationId& conversation, std::span<const timeline::CheckedEntry> entries,
                const timeline::TimelineHead& after) override;
    std::vector<wire::SignedEntry> read(const ConversationId& conversation, const DeviceId& author,
                                        EntryNumber first, std::size_t maxCount,
                                        std::size_t maxBytes) override;
    bool erase(const ConversationId& conversation, const EntryRef& target,
               const wire::ErasureProof& proof) override;
    std::optional<wire::ErasureProof> erasureOf(const ConversationId& conversation,
                                                const EntryRef& target) override;
    void endTimeline(const ConversationId& conversation, const DeviceId& author, EntryNumber last,
                     const std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>>& evidence) override;
    std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>> forkEvidence(
        const ConversationId& conversation, const DeviceId& author) override;
    void hold(const ConversationId& conversation, const DeviceId& author, EntryNumber number,
              const wire::SignedEntry& entry) override;
    std::vector<wire::SignedEntry> takeHeld(const ConversationId& conversation, const DeviceId& author,
                                            EntryNumber first) override;
    timeline::HybridTime clock() override { return m_clock; }
    void setClock(timeline::HybridTime time) override;
    void putPeerHeads(const ConversationId& conversation, const DeviceId& device,
                      std::span<const wire::AuthorHead> heads) override;
    void setRead(const ConversationId& conversation, const DeviceId& author, EntryNumber number) override;

private:
    struct Line {
        timeline::TimelineHead head;
        std::vector<timeline::CheckedEntry> entries;  ///< from number baseNumber + 1 on
        std::size_t durable = 0;                      ///< how many of them are synced
        std::vector<timeline::CheckedEntry> disputed;
        std::optional<std::pair<wire::SignedEntry, wire::SignedEntry>> evidence;
    };
    struct Conversation {
        std::vector<PersonId> members;
        std::map<DeviceId, Line> lines;
        std::multimap<EntryRef, EntryRef> deletes;  ///< from the target to the delete
        std::multimap<EntryRef, EntryRef> edits;
        std::map<DeviceId, std::map<EntryNumber, wire::SignedEntry>> held;
        std::map<DeviceId, std::map<DeviceId, wire::AuthorHead>> peers;
    };

    /// Remembers how to undo the change that follows, by the address of what changes: for values that stand in maps, from
    /// which nothing is erased while a transaction is open, except by undoing it.
    template <class Value>
    void remember(Value& value);
    Line& line(Conversation& conversation, const DeviceId& author);
    timeline::CheckedEntry* find(Conversation& conversation, const EntryRef& ref);
    std::optional<PersonId> person(const DeviceId& device) const;
    bool strip(Conversation& conversation, const EntryRef& ref, const wire::ErasureProof& proof);
    void undo();

    std::map<ConversationId, Conversation> m_conversations;
    std::map<DeviceId, identity::Certificate> m_certificates;
    std::map<PersonId, timeline::Standing> m_standings;
    timeline::Standing m_defaultStanding = timeline::Standing::Accepted;
    std::map<PersonId, timeline::StrangerUse> m_strangers;
    timeline::HybridTime m_clock = 0;
    std::vector<std::function<void()>> m_undo;
    std::set<Line*> m_touched;
    int m_failingCommits = 0;
};

}  // namespace landline::test
