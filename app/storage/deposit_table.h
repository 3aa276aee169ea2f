#pragma once

#include "app/storage/peer_heads.h"
#include "app/storage/relay_heads_table.h"
#include "app/storage/relay_records.h"
#include "p2p/mailbox/events.h"

namespace landline::app {

/// The deposits of this device, from before they are sent until heads cover what is in them, and what follows: which of
/// one's own entries are still to be deposited for whom, and until when a message is held.
///
///     put ──► unanswered ──held──► held ──heads cover it, or it failed, expired, was given up──► gone
///                  └─────────failed────────────────────────────────────────────────────────────►
///
/// All per recipient; a deposit goes with its last one. That entries are queued again is no step of its own: they are what a
/// device lacks (PeerHeads) and no deposit covers. The message is kept until the answer only, as nothing repeats it later.
/// Part of the database: its thread, its transaction, its errors.
class DepositTable {
public:
    DepositTable(Sql& sql, const Directory& directory, TimelineTable& timelines, PeerHeads& peers,
                 RelayHeadsTable& heads)
        : m_sql(sql), m_directory(directory), m_timelines(timelines), m_peers(peers), m_heads(heads) {}

    /// For the next deposit, to whatever relay; committed together with it.
    /// Beyond one that a relay refused as old, which has seen later ones by a database that is no more: each such refusal
    /// doubles how far it is ahead of the clock.
    [[nodiscard]] DepositCounter nextCounter(WallTime now);
    /// To be committed before it is sent. Fails (at the commit, Internal) with a counter that was used, a range of a
    /// conversation that is not known or longer than an envelope's, or ranges of heads.
    /// One of messages without ranges, which holds evidence of a fork, is over once it is held.
    void put(const NewDeposit& deposit);

    // What a Mailbox is told at start -----------------------------------------------------------------------------------
    /// Relays with deposits, those of the profile or of contacts.
    [[nodiscard]] std::vector<RelayKey> relays();
    /// In the order of their counters.
    [[nodiscard]] std::vector<UnansweredDeposit> unanswered(const RelayKey& relay);
    /// Nothing if all are answered.
    [[nodiscard]] std::optional<DepositCounter> oldestUnanswered(const RelayKey& relay);
    /// The same without what is in them, once for each recipient.
    [[nodiscard]] std::vector<AwaitedDeposit> awaited(const RelayKey& relay);
    [[nodiscard]] std::vector<mailbox::HeldDeposit> held(const RelayKey& relay);

    // What becomes of them: each gives what Mailbox::settle is to be told after the commit ------------------------------------
    /// What a Mailbox told. For devices whose heads cover it already the deposit ends at once.
    std::vector<SettledDeposit> change(const RelayKey& relay, const mailbox::DepositChanged& changed);
    /// Heads of the device in this conversation were put (TimelineStore::putPeerHeads). `self`: PeerHeads::heldBy.
    std::vector<SettledDeposit> settle(const DeviceId& device, const ConversationId& conversation,
                                       const DeviceId& self);
    /// The device lost some of what was held for it, and nobody knows which: nothing is believed held any more, and heads are
    /// owed. What has no answer yet stays, and is doubted.
    std::vector<SettledDeposit> giveUp(const DeviceId& device);
    /// The device takes nothing any more at relays beside these: nobody reads what others hold for it.
    std::vector<SettledDeposit> leaveBut(const DeviceId& device, const std::vector<RelayKey>& relays);
    /// Those whose time has run out. A Mailbox tells of its own; this is for those at relays out of use.
    std::vector<SettledDeposit> expire(WallTime now);
    [[nodiscard]] std::optional<WallTime> nextExpiry();

    // Views ---------------------------------------------------------------------------------------------------------------
    [[nodiscard]] std::optional<DepositRecord> find(DepositCounter counter);
    /// The token by which it is left for the device, as long as it has no answer.
    [[nodiscard]] std::optional<RelayToken> tokenIn(DepositCounter counter, const DeviceId& device);
    /// What is in it that some of its recipients is not known to hold; none with heads.
    [[nodiscard]] std::vector<EntryRange> entriesOf(DepositCounter counter);
    /// It had no answer when the device said that it lost something: a relay that held it then may hold it no longer.
    [[nodiscard]] bool isDoubted(DepositCounter counter, const DeviceId& device);
    /// The highest counter of those that are not over; 0 if there is none.
    [[nodiscard]] DepositCounter newest();
    /// Those that relays hold for the device, in the order of their counters.
    [[nodiscard]] std::vector<DepositCounter> heldFor(const DeviceId& device);
    /// Those that `expire` would end, the oldest first.
    [[nodiscard]] std::vector<DepositCounter> expired(WallTime now);
    /// Entries by devices of this person that the device is not known to hold and no deposit that lasts beyond `now` covers,
    /// each range short enough for one envelope; at most `most` ranges. Empty for devices of persons who are blocked. Costs
    /// by the device's conversations and the deposits for it, not by the messages there are. `self`: PeerHeads::heldBy.
    [[nodiscard]] std::vector<EntryRange> undelivered(const DeviceId& device, WallTime now, std::size_t most,
                                                      const DeviceId& self);

    /// Another member of a conversation, as heldUntil looks at them.
    struct Member {
        EntryNumber delivered = 0;
        std::vector<DeviceId> devices;
    };
    [[nodiscard]] std::vector<Member> others(const Directory::Conversation& conversation,
                                             const DeviceId& author);
    /// Until when relays hold an entry for everybody who does not have it; nothing if it is not held for one of them.
    [[nodiscard]] std::optional<WallTime> heldUntil(const Directory::Conversation& conversation,
                                                    const EntryRef& entry, const std::vector<Member>& others,
                                                    WallTime now);

    /// The statements behind `unanswered`, `oldestUnanswered`, `awaited`, `held`, `expire`, `undelivered` and `heldUntil`,
    /// whose plans a test looks at.
    [[nodiscard]] static std::vector<const char*> lookups();

private:
    void noteRefused(DepositCounter counter);

    struct Row {
        RelayKey relay;
        wire::relay::Box box = wire::relay::Box::Messages;
        bool isHeld = false;
    };
    [[nodiscard]] std::optional<Row> row(DepositCounter counter);
    [[nodiscard]] std::vector<DeviceId> devicesOf(DepositCounter counter);
    /// A deposit is over for one device, and with the last one altogether.
    void end(DepositCounter counter, const DeviceId& device);
    /// Newer heads are held for the device in the place of those.
    void endOlderHeads(DepositCounter counter, const DeviceId& device, std::vector<SettledDeposit>& settled);
    [[nodiscard]] bool hasRanges(DepositCounter counter, const DeviceId& device);
    void addUndelivered(const DeviceId& device, const Directory::Conversation& conversation, WallTime now,
                        std::size_t most, const DeviceId& self, std::vector<EntryRange>& result);

    Sql& m_sql;
    const Directory& m_directory;
    TimelineTable& m_timelines;
    PeerHeads& m_peers;
    RelayHeadsTable& m_heads;
};

}  // namespace landline::app
