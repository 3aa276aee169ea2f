#pragma once

#include "p2p/mailbox/events.h"
#include "tests/support/seeded_random.h"

#include <functional>
#include <map>
#include <memory>
#include <set>

namespace landline::test {

/// A relay in memory that keeps to PROTOCOL.md, section 13, in the plainest way. What is not committed is lost by `crash`,
/// and nothing is answered before it is committed. Faults of its devices it tells `fault`.
class ReferenceRelay {
public:
    using Frame = wire::relay::Frame;
    using Session = std::uint64_t;

    explicit ReferenceRelay(std::uint64_t seed) : m_random(seed) {
        m_db.epoch = m_random.next64() | 1;
        m_disk = m_db;
    }

    std::function<void(Session, const Frame&)> send;
    std::function<void(Session)> close;
    /// What a device does that no honest one does.
    std::function<void(const std::string&)> fault;

    // Operating -------------------------------------------------------------------------------------------------------
    RelayInvite makeInvite(int uses);
    /// Everything so far is on the disk; answers go out.
    void commit(WallTime now);
    void crash();
    void goAway(std::chrono::milliseconds comeBackAfter);
    void setQuota(std::uint64_t bytes) { m_quota = bytes; }
    /// What the welcome says.
    std::chrono::milliseconds spread = std::chrono::seconds(5);

    // Sessions --------------------------------------------------------------------------------------------------------
    void opened(Session session, const DeviceId& device, const PersonId& person);
    void closed(Session session);
    void receive(Session session, const Frame& frame, WallTime now);

    // For checks ------------------------------------------------------------------------------------------------------
    [[nodiscard]] RelayEpoch epoch() const { return m_disk.epoch; }
    [[nodiscard]] std::size_t waiting(const DeviceId& device) const;

    static constexpr std::chrono::seconds kLife = std::chrono::hours(14 * 24);

private:
    struct Stored {
        wire::relay::Item item;
        DeviceId sender;
        WallTime expires;
    };
    struct Box {
        std::map<MailboxNumber, std::shared_ptr<const Stored>> items;
        MailboxNumber highest = 0;
        MailboxNumber freed = 0;
    };
    struct Mailbox {
        PersonId person;
        Box messages, heads;
        std::optional<PrekeyId> prekeyId;
        Bytes prekey;
        std::vector<wire::relay::Token> tokens;
        [[nodiscard]] std::uint64_t used() const;
    };
    struct Remembered {
        std::map<DepositCounter, wire::relay::Deposited> answers;
        DepositCounter forgotten = 0;
    };
    struct Db {
        RelayEpoch epoch = 0;
        std::set<PersonId> accounts;
        std::map<RelayInvite, int> invites;
        std::map<DeviceId, Mailbox> mailboxes;
        std::map<DeviceId, Remembered> remembered;
    };
    struct Told {
        bool mayHint = false;
        MailboxNumber highest = 0;
    };
    struct Client {
        DeviceId device;
        PersonId person;
        bool isIn = false;
        Told told[2];  ///< of each box
        std::vector<wire::relay::Addressee> watched;
    };

    void answer(Session session, std::uint64_t request, wire::relay::Message message);
    void refuse(Session session, std::uint64_t request, wire::relay::Reason reason);
    [[nodiscard]] std::optional<wire::relay::Reason> enter(const Client& client,
                                                           const wire::relay::Hello& hello);
    void handleHello(Session session, std::uint64_t request, const wire::relay::Hello& hello);
    [[nodiscard]] wire::relay::Deposited deposit(const Client& client, DepositCounter counter,
                                                 const wire::relay::Deposit& deposit, WallTime now);
    [[nodiscard]] std::optional<wire::relay::Reason> depositOne(const Client& client,
                                                                const wire::relay::Deposit& deposit,
                                                                const wire::relay::Recipient& recipient,
                                                                WallTime now);
    void handlePull(Session session, std::uint64_t request, const wire::relay::Pull& pull);
    void handleAcknowledge(Session session, std::uint64_t request,
                           const wire::relay::Acknowledge& acknowledge);
    void handleOther(Session session, const Frame& frame);
    [[nodiscard]] Mailbox* permitted(const Client& client, const wire::relay::Addressee& to);
    [[nodiscard]] bool isOnline(const DeviceId& device) const;
    void tellPresence(const DeviceId& device);
    void hint();
    void expire(WallTime now);
    static Box& boxOf(Mailbox& mailbox, wire::relay::Box box) {
        return box == wire::relay::Box::Messages ? mailbox.messages : mailbox.heads;
    }

    SeededRandom m_random;
    Db m_db;
    Db m_disk;
    std::map<Session, Client> m_clients;
    std::vector<std::pair<Session, Frame>> m_answers;
    std::uint64_t m_quota = 1024 * 1024;
};

}  // namespace landline::test
