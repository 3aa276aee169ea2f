#pragma once

#include "tests/bench/load/relay_client.h"

namespace landline::load {

/// What a relay's clients may do to it. Those from `Member` on have an account.
enum class Trick : std::uint8_t {
    Silent,         ///< connects and says nothing
    Garbage,        ///< says what is no protocol
    HalfHandshake,  ///< begins a handshake and stays
    Flood,          ///< shakes hands, again and again
    Stranger,       ///< has no account and no invite
    BadInvite,
    ExpiredInvite,
    UsedInvite,  ///< all come with one that is good for one of them
    BadPass,     ///< comes for a token that nobody gave
    Member,
    WrongToken = Member,  ///< leaves something for others with tokens that nobody gave
    RevokedToken,         ///< with one that was taken back
    NoSuchDevice,
    TooLarge,  ///< sends more than a body may be
    TooMany,   ///< leaves many messages and waits for no answer
    Twice,     ///< says a second time who it is
    Future,    ///< acknowledges what it was never given
    OtherEpoch,
    Deaf,  ///< fills its own mailbox, asks for it, and reads nothing
    Count
};

[[nodiscard]] std::string_view nameOf(Trick trick);

/// What all attackers have in common.
struct Attack {
    RelayWorld& world;
    const Device& victim;  ///< has a mailbox
    RelayToken revoked;    ///< that the victim has taken back
    std::optional<RelayInvite> expired = {};
    std::optional<RelayInvite> used = {};
};

/// One that plays a trick, comes back when it is sent away, and plays it again.
class Attacker final : public Connection {
public:
    Attacker(Loop& loop, Trick trick, std::uint32_t source, const Attack& attack, Device& device)
        : Connection(loop),
          m_trick(trick),
          m_source(source),
          m_attack(attack),
          m_world(attack.world),
          m_device(device),
          m_victim(attack.victim) {}
    ~Attacker() override { hangUp(); }

    void start();
    [[nodiscard]] Trick trick() const { return m_trick; }
    std::size_t dials = 0;
    std::size_t answers = 0;
    /// How often the relay did what this trick calls for: refused it for that very reason, or hung up. Of Deaf the relay's own
    /// figure tells.
    std::size_t met = 0;

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
    void note(const session::Ended& ended);
    [[nodiscard]] bool isWhatItCallsFor(const wire::relay::Message& message) const;
    void play();
    void send(std::uint64_t request, wire::relay::Message message);
    void deposit(const wire::relay::Addressee& to, const PrekeyId& prekey, std::size_t bytes);
    void depositMany(std::size_t count, std::optional<RelayToken> token, std::optional<DeviceId> device);
    void fillAndAsk();
    void askAgain(std::size_t times);
    /// Unless the connection is another one by then.
    void later(Duration time, std::function<void()> what);

    const Trick m_trick;
    const std::uint32_t m_source;
    const Attack& m_attack;
    RelayWorld& m_world;
    Device& m_device;
    const Device& m_victim;
    std::unique_ptr<session::Session> m_session;
    Bytes m_raw;
    std::uint64_t m_request = 1;
    RelayEpoch m_epoch = 0;
    std::size_t m_waiting = 0;
    bool m_wasUp = false;
    bool m_wasOpen = false;
};

}  // namespace landline::load
