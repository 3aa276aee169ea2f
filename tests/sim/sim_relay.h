#pragma once

#include "relay/clients/hub.h"
#include "relay/store/commit_queue.h"
#include "tests/sim/sim_node.h"
#include "tests/support/memory_ledger.h"

#include <deque>

namespace landline::sim {

class SimMail;

/// A relay in virtual time: the real Hub over the real CommitQueue and LedgerStore, on a disk in memory that keeps what was
/// committed, and the connections of devices to it. Keeps beside them what it was seen to do, for what devices believe to
/// be held against.
class SimRelay {
public:
    SimRelay(SimContext& context, std::size_t index, const relay::StoreRules& rules);

    // What a device does with its connection, of which it has one at most ---------------------------------------------------
    void dial(SimMail& mail);
    void hangUp(SimMail& mail);
    void send(SimMail& mail, const wire::relay::Frame& frame);
    /// Lets as many come in as like.
    [[nodiscard]] const RelayInvite& invite() const { return m_invite; }
    [[nodiscard]] const std::string& url() const { return m_url; }

    // What happens to it ----------------------------------------------------------------------------------------------------
    /// The connection breaks without a word.
    void breakLine(SimMail& mail);
    void crash(SimTime downtime);
    void goAway();
    void backUp();
    /// Comes back from the last backup, in a new epoch.
    void restore();
    /// The next read or write finds its database damaged: a new one is begun, in a new epoch.
    void damage() { m_disk->isDamaged = true; }
    void failCommits(int count) { m_disk->failCommits = count; }
    void setFull(bool full) { m_disk->isFull = full; }
    void setRules(const relay::StoreRules& rules);
    /// Alters some of what it passes on.
    void setHostile(bool hostile) { m_isHostile = hostile; }
    /// From now on nothing goes wrong by itself, and what did is mended.
    void calmDown();

    // For checks ------------------------------------------------------------------------------------------------------------
    /// Says why a device may not be said to have something here; empty if it has, or had until it took it.
    [[nodiscard]] std::string whyNotHeld(RelayEpoch epoch, const DeviceId& sender, DepositCounter counter,
                                         const DeviceId& recipient) const;
    /// Messages with these numbers that the device is told are gone, though their time is not over.
    [[nodiscard]] bool keepsBack(const DeviceId& device, MailboxNumber first, MailboxNumber last,
                                 const std::vector<wire::relay::Item>& items) const;
    /// True once it came back from a copy that is so old that prekeys in it may be destroyed by now.
    [[nodiscard]] bool wasTooOld() const { return m_wasTooOld; }
    [[nodiscard]] bool hasAltered(ByteView seal) const { return m_altered.count(toBytes(seal)) != 0; }
    /// What waits for the device.
    [[nodiscard]] std::size_t waiting(const DeviceId& device) const;
    [[nodiscard]] std::uint64_t deposits() const { return m_deposits; }

private:
    using LineId = std::uint64_t;
    struct Line {
        SimMail* mail = nullptr;
        relay::Party who;
        relay::ClientId client = 0;
        bool isAtDevice = false;
        bool isAtRelay = false;
        bool isRead = true;
        std::deque<wire::relay::Frame> unread;
        SimTime lastToRelay{0};
        SimTime lastToDevice{0};
    };
    struct Placed {
        wire::relay::Box box = wire::relay::Box::Messages;
        MailboxNumber number = 0;
        WallTime expires{};
    };

    void open();
    void addInvite();
    void stop();
    void settle();
    void planRun();
    void planAdvance(SimTime after);
    void run();
    void note(const relay::TaggedAnswer& answer);
    void noteRequest(const relay::TaggedRequest& request);
    void noteSent(const wire::relay::Frame& frame);
    void toDevice(LineId id, wire::relay::Frame frame);
    void toRelay(LineId id, const wire::relay::Frame& frame);
    void closed(LineId id);
    void checkAll();
    [[nodiscard]] std::string whyNotThere(const Placed& placed, const DeviceId& recipient) const;
    void noteNumbers();
    [[nodiscard]] Line* lineOf(relay::ClientId client);
    [[nodiscard]] LineId current(const SimMail& mail) const;
    [[nodiscard]] MonoTime mono() const;
    [[nodiscard]] WallTime wall() const;
    [[nodiscard]] SimTime latency() { return SimTime(1000) + m_context.delay(50'000); }

    SimContext& m_context;
    std::size_t m_index;
    std::string m_url;
    RelayInvite m_invite;
    relay::StoreRules m_rules;
    std::shared_ptr<test::MemoryDisk> m_disk = std::make_shared<test::MemoryDisk>();
    std::optional<test::MemoryDisk> m_backup;
    WallTime m_backupTime{};
    std::unique_ptr<relay::CommitQueue> m_queue;
    std::unique_ptr<relay::Hub> m_hub;
    bool m_isRunPlanned = false;
    std::uint64_t m_life = 0;  ///< counts starts, so that what was planned before a crash does not happen
    std::map<LineId, Line> m_lines;
    std::map<relay::ClientId, LineId> m_ofClient;
    std::map<const SimMail*, LineId> m_current;
    LineId m_lastLine = 0;
    bool m_isHostile = false;
    bool m_isCalm = false;

    /// By sender, counter and recipient: what was placed in this epoch, and the epoch of it.
    using Key = std::tuple<RelayEpoch, DeviceId, DepositCounter, DeviceId>;
    std::map<relay::StoreTag, std::pair<DeviceId, DepositCounter>> m_asked;
    std::map<Key, Placed> m_placed;
    std::map<std::pair<DeviceId, wire::relay::Box>, MailboxNumber> m_acknowledged;  ///< in this epoch
    std::map<DeviceId, std::map<MailboxNumber, WallTime>> m_numbers;  ///< messages, and until when
    std::set<Bytes> m_altered;
    bool m_wasTooOld = false;
    std::uint64_t m_deposits = 0;
};

}  // namespace landline::sim
