#pragma once

#include "p2p/envelope/prekey.h"
#include "p2p/session/session.h"
#include "tests/bench/load/depositor.h"
#include "tests/bench/load/post.h"

namespace landline::load {

/// A device with a mailbox: its own person, keys, prekey and token.
struct Device {
    explicit Device(Random& random);

    identity::SigningKey person;
    identity::DeviceKeys keys;
    identity::Certificate certificate;
    session::LocalParty party;
    envelope::Prekey prekey;
    RelayToken token;
    DepositCounter counter = 1000;  ///< of the last deposit
};

/// A relay and all devices of this program. The boxes of a task are the devices' by their numbers.
struct RelayWorld {
    RelayWorld(Target at, const NoiseKey& relayKey, std::size_t count);

    SystemRandom random;
    Target target;
    NoiseKey key;
    std::optional<RelayInvite> invite = {};
    std::uint32_t firstSource = 0;
    std::vector<std::unique_ptr<Device>> devices;
    Post post;  ///< what is left beside tasks
};

/// One device's connection, over and over: hello, tokens and prekey where the relay has none, deposits as its task has them,
/// and the content of its own mailbox where it `takes`. A lost connection comes back as PROTOCOL.md asks for.
class RelayClient final : public Depositor {
public:
    RelayClient(Loop& loop, Task& task, std::size_t number, RelayWorld& world);
    ~RelayClient() override;

    void start();
    /// Says goodbye and stays away.
    void leave();
    /// The keepalive's and other timeouts, now and then.
    void tick();
    /// So many deposits beside the task, to another device.
    void exchange(std::size_t count, std::size_t box);
    /// Pulls its messages and acknowledges them, until there are no more.
    void drain();

    bool takes = false;  ///< pulls after each hint
    bool comesBack = false;
    std::size_t acknowledged = 0;  ///< items
    std::size_t taken = 0;         ///< items, each once
    std::size_t stored = 0;        ///< deposits of `exchange`
    std::size_t refusals = 0;      ///< of a hello or a deposit
    std::size_t losses = 0;
    std::function<void()> onReady = {};
    std::function<void()> onIdle = {};  ///< nothing is asked for any more

    [[nodiscard]] bool isIn() const { return m_isIn; }
    /// It is in, all that it asked for is answered, and it knows of nothing to be taken.
    [[nodiscard]] bool isAtRest() const { return m_isIn && !m_hasMore && !isBusy(); }

protected:
    void connected() override;
    void received(ByteView bytes) override;
    void lost() override;
    [[nodiscard]] ByteView outgoing() const override;
    void sent(std::size_t bytes) override { m_session->consumeOutgoing(bytes); }
    void deposit(std::size_t box) override;

private:
    void send(std::uint64_t request, wire::relay::Message message);
    Letter sendDeposit(std::size_t box, std::size_t bytes);
    void takeEvents();
    void take(std::uint64_t request, const wire::relay::Message& message);
    void welcomed(const wire::relay::Welcome& welcome);
    void prepared();
    void refused(std::uint64_t request, const wire::relay::Refusal& refusal);
    void deposited(const wire::relay::Deposited& told);
    void pull();
    void pulled(const wire::relay::Pulled& pulled);
    void look(const wire::relay::Item& item);
    void freed();
    [[nodiscard]] bool isBusy() const { return !m_exchanged.empty() || m_isPulling || !m_freeing.empty(); }
    void idleIfDone();
    void hangUpIfFinished();
    void comeBack();
    void forget();

    RelayWorld& m_world;
    Device& m_device;
    std::unique_ptr<session::Session> m_session;
    std::uint64_t m_nextRequest = 1;
    RelayEpoch m_epoch = 0;
    struct Exchanged {
        MonoTime at;
        Letter letter;
    };
    std::deque<Exchanged> m_exchanged;  ///< without an answer
    MailboxNumber m_next = 1;           ///< to be pulled
    MailboxNumber m_seen = 0;           ///< over all connections
    std::size_t m_preparing = 0;
    std::size_t m_taken = 0;            ///< items of the pull that runs
    std::deque<std::size_t> m_freeing;  ///< items of acknowledgements without an answer
    std::uint64_t m_pullRequest = 0;
    bool m_isIn = false;
    bool m_isPulling = false;
    bool m_hasMore = false;  ///< as a hint said
    Duration m_spread = std::chrono::seconds(1);
    std::optional<Duration> m_comeBackAfter;
};

}  // namespace landline::load
