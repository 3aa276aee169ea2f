#pragma once

#include "tests/bench/load/relay_client.h"

namespace landline::load {

/// What a relay's clients may do to it. Those after `Member` have an account.
enum class Trick : std::uint8_t {
    Silent,         ///< connects and says nothing
    Garbage,        ///< says what is no protocol
    HalfHandshake,  ///< begins a handshake and stays
    Flood,          ///< shakes hands, again and again
    Stranger,       ///< has no account and no invite
    BadInvite,
    BadPass,  ///< comes for a token that nobody gave
    Member,
    WrongToken = Member,  ///< leaves something for others with tokens that were taken back
    NoSuchDevice,
    TooLarge,  ///< sends more than a body may be
    TooMany,   ///< leaves many messages and waits for no answer
    Twice,     ///< says a second time who it is
    Future,    ///< acknowledges what it was never given, of this epoch and another
    Deaf,      ///< fills its own mailbox, asks for it, and reads nothing
    Count
};

/// One that plays a trick, comes back when it is sent away, and plays it again.
class Attacker final : public Connection {
public:
    Attacker(Loop& loop, Trick trick, std::uint32_t source, RelayWorld& world, Device& device,
             const Device& victim)
        : Connection(loop),
          m_trick(trick),
          m_source(source),
          m_world(world),
          m_device(device),
          m_victim(victim) {}
    ~Attacker() override { hangUp(); }

    void start();
    std::size_t dials = 0;
    std::size_t answers = 0;

protected:
    void connected() override;
    void received(ByteView bytes) override;
    void lost() override;
    [[nodiscard]] ByteView outgoing() const override {
        return m_session ? m_session->outgoing() : ByteView(m_raw);
    }
    void sent(std::size_t bytes) override;

private:
    [[nodiscard]] wire::relay::Hello hello() const;
    void take(const wire::relay::Message& message);
    void play();
    void send(std::uint64_t request, wire::relay::Message message);
    void deposit(const wire::relay::Addressee& to, const PrekeyId& prekey, std::size_t bytes);
    void acknowledgeTheFuture();
    void fillAndAsk();
    void askAgain(std::size_t times);

    const Trick m_trick;
    const std::uint32_t m_source;
    RelayWorld& m_world;
    Device& m_device;
    const Device& m_victim;
    std::unique_ptr<session::Session> m_session;
    Bytes m_raw;
    std::uint64_t m_request = 1;
    RelayEpoch m_epoch = 0;
    std::size_t m_waiting = 0;
};

}  // namespace landline::load
