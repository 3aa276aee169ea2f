#pragma once

#include "app/storage/records.h"
#include "p2p/base/expected.h"
#include "p2p/timeline/timeline_store.h"

#include <QString>

#include <functional>
#include <memory>

namespace landline::app {

class DepositTable;
class PrekeyTable;
class RelayHeadsTable;
class RelayTable;

/// Settings about oneself, as others are told them.
inline constexpr QLatin1String kNameSetting("name");
inline constexpr QLatin1String kPresenceSetting("presence");
inline constexpr QLatin1String kStatusSetting("status");

/// The profile's SQLite database: the timelines (TimelineStore) and the views that follow from them. Owned by the store
/// thread; every call is made there. WAL, synchronous=FULL, secure_delete; schema version in user_version, migrated
/// on opening. See timeline_store.h for transactions and errors; reads outside of a transaction see the last commit.
///
/// A byte that the disk changed by itself must not become somebody's words or a peer's problem: what is read is compared
/// with what authors signed (message_row.h, TimelineTable, PeerHeads, Directory::isSound), and integrity_check.h finds
/// what hides rows. Not compared, since nothing repeats them: names, addresses, read marks, standings, the words of the
/// search index, which find messages and are never shown.
class Database final : public timeline::TimelineStore {
public:
    struct OpenResult {
        std::unique_ptr<Database> database;
        /// Set if a damaged database was put aside and a new one begun: where the old one is now. What the new one took
        /// over: see Salvage.
        QString damagedCopy;
    };
    /// Opens or makes `folder`/landline.db. A damaged one is set aside and a new one begun (the caller then makes a new
    /// device). Fails with Disk (read-only, unreadable), Full, VersionMismatch (made by a newer version) or Malformed
    /// (another person's). `sqliteOptions`: parameters of SQLite's file URI, such as "vfs=NAME"; for tests.
    [[nodiscard]] static Expected<OpenResult> open(const QString& folder, const PersonId& self,
                                                   const QString& sqliteOptions = {});
    ~Database() override;

    // TimelineStore ----------------------------------------------------------------------------------------------
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
    timeline::HybridTime clock() override;
    void setClock(timeline::HybridTime time) override;
    void putPeerHeads(const ConversationId& conversation, const DeviceId& device,
                      std::span<const wire::AuthorHead> heads) override;
    void setRead(const ConversationId& conversation, const DeviceId& author, EntryNumber number) override;

    // People -------------------------------------------------------------------------------------------------------
    [[nodiscard]] std::vector<PersonRecord> people();
    [[nodiscard]] std::optional<PersonRecord> person(const PersonId& id);
    /// Makes the person (as a stranger), its direct conversation and its device known; a known one keeps its standing.
    void meet(const identity::Certificate& certificate, const QString& name);
    /// The same for somebody of whom a mailbox tells. False, and nothing is kept, where that would be one stranger too many
    /// (limits::kRelayStrangers, limits::kRelayStrangersPerHour): those have places among themselves alone.
    [[nodiscard]] bool meetByRelay(const identity::Certificate& certificate, const QString& name, WallTime now);
    /// The strangers who made room for others since this was asked last; where a commit failed since then, some may be there.
    [[nodiscard]] std::vector<PersonId> takeForgotten();
    /// Whether a mailbox told of this person first: it came by the contact link, since nobody else's token was there to use.
    [[nodiscard]] bool cameByRelay(const PersonId& id);
    /// Whether strangers ever made room for others, with what they wrote.
    [[nodiscard]] bool hasForgottenStrangers();
    void setPersonName(const PersonId& id, const QString& name);
    void setStanding(const PersonId& id, timeline::Standing standing);
    void setVerified(const PersonId& id, bool verified);
    /// The device whose certificate has this key.
    [[nodiscard]] std::optional<DeviceId> deviceWith(const NoiseKey& noiseKey);
    void setDeviceAddress(const DeviceId& id, const QString& address, qint64 lastSeen);

    // Views ----------------------------------------------------------------------------------------------------------
    [[nodiscard]] std::vector<ConversationRecord> conversations();
    [[nodiscard]] std::optional<ConversationRecord> conversation(const ConversationId& id);
    /// Oldest first.
    [[nodiscard]] std::vector<MessageRecord> history(const HistoryQuery& query);
    [[nodiscard]] std::optional<MessageRecord> message(const GlobalEntryRef& ref);
    /// Resolves messageId's text; a prefix that fits several gives Ambiguous.
    [[nodiscard]] Expected<GlobalEntryRef> findMessage(const QString& id);
    /// Newest first.
    [[nodiscard]] std::vector<MessageRecord> search(const SearchQuery& query);
    /// Messages of `author` (a device of this person) whose number lies in (from, to]: those whose tick a peer's head
    /// may have changed. Oldest first.
    [[nodiscard]] std::vector<MessageRecord> ownMessages(const ConversationId& conversation,
                                                         const DeviceId& author, EntryNumber from,
                                                         EntryNumber to);
    /// How far any device of `person` holds, and the person has read, `author`'s timeline.
    [[nodiscard]] PersonMark personMark(const ConversationId& conversation, const PersonId& person,
                                        const DeviceId& author);
    /// Every conversation in which `person` is a member.
    [[nodiscard]] std::vector<ConversationId> conversationsWith(const PersonId& person);
    /// Marks everything in the conversation as read by this person; true if that changed anything.
    bool markRead(const ConversationId& conversation);

    /// Messages of kinds that the version which kept them did not know are shown now, once after each new kind. Returns
    /// their entries; the caller commits.
    [[nodiscard]] std::vector<timeline::CheckedEntry> showKnownKinds();

    // Transfers --------------------------------------------------------------------------------------------------------
    void putTransfer(const TransferRecord& transfer);
    [[nodiscard]] std::optional<TransferRecord> transfer(const wire::TransferId& id);
    [[nodiscard]] std::vector<TransferRecord> transfers();
    /// Incoming ones that are queued, under way or paused, in their order.
    [[nodiscard]] std::vector<TransferRecord> transfersToFetch();
    [[nodiscard]] std::optional<AlwaysAccept> alwaysAccept(const PersonId& person);
    [[nodiscard]] std::vector<AlwaysAccept> alwaysAccepting();
    void putAlwaysAccept(const AlwaysAccept& rule);
    void removeAlwaysAccept(const PersonId& person);
    /// In the order of TransferCursor, without the hidden ones.
    [[nodiscard]] std::vector<TransferRecord> transfers(const TransferQuery& query);
    /// If it has ended; until it changes again.
    void hideTransfer(const wire::TransferId& id);
    /// Those that are done or cancelled.
    void hideFinishedTransfers();

    // Relays: tables of this database, on its thread and in its transaction, valid as long as it ---------------------------
    [[nodiscard]] RelayTable& relays();
    [[nodiscard]] PrekeyTable& prekeys();
    [[nodiscard]] DepositTable& deposits();
    [[nodiscard]] RelayHeadsTable& relayHeads();

    // Settings -----------------------------------------------------------------------------------------------------------
    [[nodiscard]] QString setting(const QString& key);
    void setSetting(const QString& key, const QString& value);
    /// Makes this the database of the device that `store` stands for (kStoreSetting, Profile::claimStore). What another
    /// device had at relays is dropped.
    void bindTo(const QString& store);

    /// Housekeeping for idle times; commits. Merges what is left of erased and edited words out of the search index, a
    /// slice of some 100 ms at a time, then empties the write-ahead log. True if there is more to do: call again.
    bool tidy();
    /// True if words that were erased or edited are still to be merged out.
    [[nodiscard]] bool hasErased();
    /// True once the file's contents turned out to be damaged. Every commit fails from then on; destroy the database and
    /// open it again, which sets the file aside.
    [[nodiscard]] bool isDamaged() const;
    /// isDatabaseSound found damage: commits what is under way, and the next commit fails as if it had met the damage.
    void reportDamage();
    /// `told` is called once, on the first sign of damage, from within whatever call met it: it may not use the database,
    /// but see to it that a commit follows soon. Reads alone would not come to one.
    void onDamage(std::function<void()> told);

private:
    Database();
    /// For entries whose payload is missing: true if their proof permits it.
    [[nodiscard]] bool isErasureSound(const wire::SignedEntry& entry);
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::app
