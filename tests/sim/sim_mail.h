#pragma once

#include "p2p/envelope/prekey_ring.h"
#include "p2p/mailbox/mailbox.h"
#include "relay/store/mailbox_types.h"
#include "tests/sim/sim_node.h"
#include "tests/sim/sim_seals.h"

#include <array>

namespace landline::sim {

class SimRelay;

/// Where a device can be left something.
struct SimGrant {
    std::size_t relay = 0;
    RelayToken token;
    friend bool operator==(const SimGrant&, const SimGrant&) = default;
};

/// Entries of one author in one conversation, with the numbers from `first` to `last`.
struct SimRange {
    ConversationId conversation;
    DeviceId author;
    EntryNumber first = 0;
    EntryNumber last = 0;
    friend auto operator<=>(const SimRange&, const SimRange&) = default;
};

/// What a device keeps on its disk for relays, in the same transactions as its timelines.
struct MailData {
    struct KeptPrekey {
        envelope::Prekey prekey;
        std::array<std::uint8_t, 32> secret;
        bool isConfirmed;
        std::optional<envelope::HeldPrekey::Superseded> superseded;
    };
    struct AtRelay {
        std::array<mailbox::Position, 2> positions;  ///< by box
        std::vector<KeptPrekey> prekeys;
        RelayEpoch confirmedIn = 0;
        RelayToken token;  ///< for everybody

        /// What it has less of than was read is read anew.
        void setBack(const wire::relay::Welcome& welcome) {
            const mailbox::Position anew[] = {{welcome.epoch, welcome.freed}, {welcome.epoch, 0}};
            const MailboxNumber highest[] = {welcome.highest, welcome.highestHeads};
            for (std::size_t box = 0; box < positions.size(); ++box)
                if (positions[box].epoch == welcome.epoch && positions[box].through > highest[box])
                    positions[box] = anew[box];
        }
    };
    /// A deposit as it was written down, until it is over for everybody.
    struct Record {
        struct Recipient {
            bool isHeld = false;
            std::uint64_t lostBefore = 0;  ///< what it had counted as lost by then
        };
        std::size_t relay = 0;
        RelayEpoch epoch = 0;
        std::shared_ptr<const wire::relay::Deposit> deposit;  ///< until it has an answer
        std::vector<SimRange> ranges;                         ///< none: heads
        std::map<DeviceId, Recipient> recipients;
        WallTime expires{};
        [[nodiscard]] bool isHeads() const { return ranges.empty(); }
    };
    using Stated = std::pair<DeviceId, ConversationId>;

    std::vector<AtRelay> atRelay;
    std::map<DeviceId, std::vector<SimGrant>> grants;  ///< of others
    std::map<DepositCounter, Record> records;
    std::map<DeviceId, std::uint64_t> owed;  ///< heads: reasons to deposit them
    std::map<Stated, std::uint64_t> statements;
    std::map<Stated, wire::Heads> stated;  ///< by relays: what a device said that it holds
    std::map<DeviceId, std::uint64_t> seenLost;
    DepositCounter counter = 0;
    std::uint64_t statement = 0;
    std::uint64_t lost = 0;
};

/// The owner of a node's mailboxes, as the app's messenger is: what its devices' heads lack and no deposit covers is deposited
/// wherever no session is, what arrives is applied, and everything is on the disk before it is acknowledged or sent. Owned
/// by its node, whose store and transaction it shares.
class SimMail {
public:
    struct Options {
        std::vector<std::size_t> homes;  ///< relays where it has an account
        bool hasRealSeals = false;
        bool givesOthers = false;  ///< also entries of other persons, where heads ask for them
    };
    SimMail(SimContext& context, SimNode& node, std::vector<std::unique_ptr<SimRelay>>& relays,
            Options options);

    // What the node does ----------------------------------------------------------------------------------------------------
    void start();
    void crash();
    /// The transaction is on the disk, or was undone.
    void committed();
    void undone();
    void put(MailData data);
    [[nodiscard]] const MailData& durable() const { return m_disk; }
    /// The node is another device from now on.
    void dropDevice();
    void tellGrants(const DeviceId& device, const std::vector<SimGrant>& grants);
    [[nodiscard]] std::vector<SimGrant> grants() const;
    /// Heads of the device in this conversation were put.
    void settle(const DeviceId& device, const ConversationId& conversation);
    /// Entries came to be held, after which what others stated of them can be judged.
    void appended(const ConversationId& conversation);
    /// This person has read something of theirs.
    void oweTo(const PersonId& person);
    void planSoon();

    // What its relays do ----------------------------------------------------------------------------------------------------
    void connected(std::size_t relay);
    void disconnected(std::size_t relay);
    void receive(std::size_t relay, const wire::relay::Frame& frame);

    // For checks and for those at the relay ---------------------------------------------------------------------------------
    [[nodiscard]] relay::Party party() const { return {m_node.device(), m_node.person()}; }
    [[nodiscard]] bool hasCommitted(std::size_t relay, const DeviceId& device,
                                    const wire::relay::Acknowledge& what) const;
    [[nodiscard]] SimNode& node() const { return m_node; }
    [[nodiscard]] std::size_t prekeys(std::size_t relay) const {
        return m_disk.atRelay[relay].prekeys.size();
    }
    /// A deposit of entries for one of these devices that is not over, in words; empty if there is none.
    [[nodiscard]] std::string openDeposit(const std::set<DeviceId>& devices) const;
    [[nodiscard]] bool isHome(std::size_t relay) const;

private:
    struct Known {
        std::optional<envelope::Prekey> prekey;
        MonoTime askAgain{};
    };
    struct Link {
        std::unique_ptr<mailbox::Mailbox> mailbox;
        std::unique_ptr<envelope::PrekeyRing> ring;
        std::map<DeviceId, Known> prekeys;  ///< of others
        std::uint64_t asked = 0;
        std::vector<DeviceId> askedFor;
        std::uint64_t wake = 0;
        std::map<DeviceId, MonoTime> notBefore;  ///< for whom nothing was taken
    };

    [[nodiscard]] mailbox::Now now() const;
    /// The data was changed; `then` happens once that is on the disk.
    void change(std::function<void()> then = {});
    void open(std::size_t relay);
    void tick();
    void pump(std::size_t relay);
    void planWake(std::size_t relay);
    void planAt(Duration after);
    [[nodiscard]] wire::relay::Hello hello(std::size_t relay);

    void handle(std::size_t relay, const mailbox::Entered& event);
    void handle(std::size_t relay, const mailbox::ShutOut& event);
    void handle(std::size_t relay, const mailbox::DepositChanged& event);
    void handle(std::size_t relay, const mailbox::Arrived& event);
    void handle(std::size_t relay, const mailbox::PrekeyConfirmed& event);
    void handle(std::size_t, const mailbox::TokensConfirmed&) {}
    void handle(std::size_t relay, const mailbox::Drained& event);
    void handle(std::size_t relay, const mailbox::Answer& event);
    void handle(std::size_t, const mailbox::PresenceTold&) {}
    void handle(std::size_t, const mailbox::Trouble&) {}
    void handle(std::size_t relay, const mailbox::Disconnect& event);

    // Prekeys
    void rotate(std::size_t relay);
    void keepPrekeys(std::size_t relay);
    void publish(std::size_t relay);

    // What arrives (sim_mail_inbox.cpp)
    [[nodiscard]] bool openItem(std::size_t relay, const wire::relay::Item& item);
    [[nodiscard]] std::optional<DeviceId> depositorOf(const envelope::Opened& opened);
    void takeStatement(const wire::SignedHeads& heads, const DeviceId& depositor);
    void putGrants(const DeviceId& device, const std::vector<SimGrant>& grants);
    void noteLost(std::uint64_t count);
    void giveUp(const DeviceId& device);
    /// How far the device says that it holds the author's entries, on a session or by relays.
    [[nodiscard]] EntryNumber claimOf(const DeviceId& device, const ConversationId& conversation,
                                      const DeviceId& author);
    void end(DepositCounter counter, const DeviceId& device);

    // What is left for others (sim_mail_outbox.cpp)
    void plan();
    [[nodiscard]] bool planOnce();
    [[nodiscard]] std::optional<std::size_t> relayFor(const DeviceId& device);
    [[nodiscard]] bool mayDeposit(std::size_t relay) const;
    [[nodiscard]] bool owesHeads(const DeviceId& device) const;
    [[nodiscard]] std::vector<SimRange> undelivered(const DeviceId& device, const PersonId& person);
    void depositEntries(std::size_t relay, const std::vector<SimRange>& ranges,
                        const std::vector<DeviceId>& devices);
    void depositHeads(std::size_t relay, const DeviceId& device, const PersonId& person);
    void deposit(std::size_t relay, wire::relay::Box box, MailData::Record record,
                 wire::EnvelopeContent content, const std::vector<DeviceId>& devices);
    void fetchPrekeys(std::size_t relay);
    void endOlderHeads(DepositCounter counter, const DeviceId& device);
    [[nodiscard]] wire::EnvelopeContent beginContent() const;

    SimContext& m_context;
    SimNode& m_node;
    std::vector<std::unique_ptr<SimRelay>>& m_relays;
    Options m_options;
    SimSeals m_seals;
    MailData m_data, m_disk;
    bool m_isChanged = false;
    std::vector<std::function<void()>> m_then;
    bool m_isUp = false;
    std::uint64_t m_life = 0;  ///< counts starts, so that what was planned before a crash does not happen
    std::vector<Link> m_links;
    std::optional<MonoTime> m_planned;
    /// Everything that was ever on the disk: an acknowledgement may still be on its way when the disk is an older copy.
    std::map<std::tuple<DeviceId, std::size_t, wire::relay::Box, RelayEpoch>, MailboxNumber> m_everCommitted;
};

}  // namespace landline::sim
