#pragma once

#include "p2p/envelope/prekey_ring.h"
#include "p2p/mailbox/mailbox.h"
#include "tests/sim/scheduler.h"

#include <map>
#include <memory>
#include <set>

namespace landline::test {

/// What a device can do in the simulated world, and what the world counts.
class SimWorld {
public:
    virtual ~SimWorld() = default;
    virtual void dial(std::size_t device, std::size_t relay) = 0;
    virtual void hangUp(std::size_t device, std::size_t relay) = 0;
    virtual void send(std::size_t device, std::size_t relay, const wire::relay::Frame& frame) = 0;
    /// Says why the relay may not be said to hold this; empty if it does.
    virtual std::string whyNotHeld(std::size_t relay, RelayEpoch epoch, std::size_t sender,
                                   DepositCounter counter, const DeviceId& recipient) = 0;
    /// What the operator gives to somebody whom the relay does not let in.
    virtual wire::relay::Hello invitation(std::size_t device, std::size_t relay) = 0;
    virtual std::size_t deviceOf(const DeviceId& id) const = 0;
    virtual void fault(const std::string& what) = 0;

    sim::Scheduler scheduler;
    SeededRandom random{1};
    bool isDeviceCommitSlow = false;
    std::uint64_t unopened = 0;     ///< envelopes whose prekey was gone
    std::uint64_t heldReports = 0;  ///< deposits that a device took for held
    std::uint64_t requeued = 0;

    [[nodiscard]] mailbox::Now now() const {
        return {MonoTime(Duration(scheduler.now())) + std::chrono::hours(1),
                fromUnixMillis(1'700'000'000'000) +
                    std::chrono::duration_cast<std::chrono::milliseconds>(scheduler.now())};
    }
};

/// One device with a store that forgets what was not committed, and one timeline that all the others read: the owner of
/// mailboxes as the app is one, with sealing left to a byte. It reads what it gets at several relays, and where it cannot
/// open something it counts that as lost.
class SimDevice {
public:
    struct Identity {
        identity::DeviceKeys keys;
        PersonId person;
        RelayToken token;             ///< for everybody
        std::vector<std::size_t> at;  ///< relays where it has an account
    };

    SimDevice(SimWorld& world, std::size_t index, const std::vector<Identity>& everybody, std::size_t relays);

    // The world's doing -----------------------------------------------------------------------------------------------
    void start();
    void crash();
    [[nodiscard]] bool isUp() const { return m_isUp; }
    void write(std::uint64_t entries);
    /// A session with another device: each gets what the other has committed.
    static void meet(SimDevice& a, SimDevice& b);
    void connected(std::size_t relay);
    void disconnected(std::size_t relay);
    void receive(std::size_t relay, const wire::relay::Frame& frame);

    // For checks ------------------------------------------------------------------------------------------------------
    [[nodiscard]] std::uint64_t written() const { return m_disk.written; }
    [[nodiscard]] std::uint64_t applied(std::size_t author) const { return m_disk.applied[author]; }
    [[nodiscard]] std::uint64_t covered(std::size_t reader) const { return m_disk.covered[reader]; }
    [[nodiscard]] mailbox::Position committed(std::size_t relay, wire::relay::Box box) const {
        return m_disk.atRelay[relay].positions[std::size_t(box)];
    }
    [[nodiscard]] std::size_t prekeys(std::size_t relay) const {
        return m_disk.atRelay[relay].prekeys.size();
    }
    /// Deposits of entries that are not over.
    [[nodiscard]] std::size_t records() const {
        std::size_t count = 0;
        for (const auto& [counter, record] : m_disk.records) count += record.last != 0;
        return count;
    }
    [[nodiscard]] std::uint64_t missed() const { return m_disk.missed; }

private:
    struct KeptPrekey {
        envelope::Prekey prekey;
        std::array<std::uint8_t, 32> secret;
        bool isConfirmed;
        std::optional<envelope::HeldPrekey::Superseded> superseded;
    };
    struct AtRelay {
        mailbox::Position positions[2];
        std::vector<KeptPrekey> prekeys;
        RelayEpoch confirmedIn = 0;
    };
    /// A deposit as it was written down.
    struct Record {
        std::size_t relay = 0;
        wire::relay::Deposit deposit;
        std::uint64_t first = 0, last = 0;                ///< entries; 0 for heads
        std::map<std::size_t, bool> recipients;           ///< those for which it is not over; true: held
        std::map<std::size_t, std::uint64_t> lostBefore;  ///< what each recipient had counted as lost by then
        std::uint64_t applied = 0, lost = 0;              ///< heads: what they say
        WallTime expires{};
    };
    struct Store {
        std::uint64_t written = 0;
        std::vector<std::uint64_t> covered, applied, seenStatement, seenLost;
        std::vector<std::set<std::uint64_t>> beyond;
        std::vector<std::pair<std::uint64_t, std::uint64_t>>
            told;  ///< applied and lost, of heads that are held
        std::uint64_t statement = 0, lost = 0, missed = 0;
        DepositCounter counter = 0;
        std::map<DepositCounter, Record> records;
        std::vector<AtRelay> atRelay;
    };
    struct Known {
        std::optional<PrekeyId> prekey;
        WallTime expires{};
        MonoTime askAgain{};
    };
    struct Link {
        std::unique_ptr<mailbox::Mailbox> mailbox;
        std::unique_ptr<envelope::PrekeyRing> ring;
        std::map<std::size_t, Known> prekeys;  ///< of the others
        std::uint64_t asked = 0;
        std::vector<std::size_t> askedFor;
        std::uint64_t wake = 0;
        std::map<std::size_t, MonoTime> notBefore;  ///< recipients whose mailbox was full
    };

    [[nodiscard]] bool hasAccount(std::size_t relay) const;
    /// The store was changed; `then` runs once that is on the disk.
    void change(std::function<void()> then = {});
    void commit();
    void tick();
    void pump(std::size_t relay);
    void planWake(std::size_t relay);

    void handle(std::size_t relay, const mailbox::Entered& event);
    void handle(std::size_t relay, const mailbox::ShutOut& event);
    void handle(std::size_t relay, const mailbox::DepositChanged& event);
    void handle(std::size_t relay, const mailbox::Arrived& event);
    void handle(std::size_t relay, const mailbox::PrekeyConfirmed& event);
    void handle(std::size_t relay, const mailbox::Drained& event);
    void handle(std::size_t relay, const mailbox::Answer& event);
    void handle(std::size_t, const mailbox::PresenceTold&) {}
    void handle(std::size_t, const mailbox::Trouble&) {}
    void handle(std::size_t relay, const mailbox::Disconnect& event);

    void open(std::size_t relay, const wire::relay::Item& item);
    void openHeads(const wire::relay::Item& item);
    void apply(std::size_t author, std::uint64_t first, std::uint64_t last);
    void cover(std::size_t reader, std::uint64_t number);
    void noteLost(std::uint64_t count) { m_store.lost += count; }
    void dropRecords(std::size_t reader, bool all);
    void replaceHeads(std::size_t reader, DepositCounter by);
    void rotate(std::size_t relay);
    void keepPrekeys(std::size_t relay);
    void publish(std::size_t relay);

    void depositAll();
    [[nodiscard]] std::optional<std::size_t> relayFor(std::size_t reader);
    [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> nextRun(std::size_t reader) const;
    void depositRuns(std::size_t relay, const std::vector<std::size_t>& readers);
    void depositHeads(std::size_t relay, std::size_t reader);
    void deposit(std::size_t relay, Record record, Bytes body);
    void fetchPrekeys(std::size_t relay);

    SimWorld& m_world;
    std::size_t m_self;
    const std::vector<Identity>& m_everybody;
    Store m_store, m_disk;
    std::vector<std::function<void()>> m_then;
    bool m_isCommitPlanned = false;
    bool m_isUp = false;
    bool m_isDepositPlanned = false;
    std::uint64_t m_life = 0;  ///< counts starts, so that what was planned before a crash does not happen
    std::vector<Link> m_links;
};

}  // namespace landline::test
