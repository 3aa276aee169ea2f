#pragma once

#include "p2p/session/session.h"
#include "tests/support/seeded_random.h"

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace landline::test {

/// A person with one device, made from a seed.
struct TestParty {
    explicit TestParty(std::uint64_t seed, std::string name = "Ada");
    TestParty(const TestParty&) = delete;
    TestParty& operator=(const TestParty&) = delete;

    SeededRandom random;
    BytePool buffers{4};
    identity::SigningKey person;
    identity::DeviceKeys keys;
    identity::Certificate certificate;
    session::LocalParty local;  ///< refers to the members above; a test may change it before a session starts

    [[nodiscard]] DeviceId device() const { return keys.id(); }
    [[nodiscard]] const NoiseKey& noiseKey() const { return keys.noise.publicKey; }
};

struct PairOptions {
    wire::Purpose purpose = wire::Purpose::Conversation;
    wire::Suite suite = wire::Suite::ChaChaPoly;
    session::ExpectedParty expected{};  ///< by the dialler
    std::optional<wire::TransferId> transfer{};
    wire::Purpose listener = wire::Purpose::Conversation;
    std::size_t longestFragment = 0;  ///< bytes arrive in random pieces of 1 to this; 0: as they come
    std::uint64_t seed = 1;
};

/// Two sessions joined by two pipes, in virtual time: nothing happens by itself, minutes pass in
/// microseconds, and a seed replays. The parties must outlive the pair. A few chunks that came are kept where they came
/// for a while: should they change meanwhile it throws.
class SessionPair {
public:
    SessionPair(TestParty& dialler, TestParty& responder, PairOptions options = {});

    [[nodiscard]] session::Session& at(session::Role role) { return *end(role).session; }
    [[nodiscard]] session::Session& dialler() { return at(session::Role::Dialler); }
    [[nodiscard]] session::Session& responder() { return at(session::Role::Responder); }
    [[nodiscard]] MonoTime now() const { return m_now; }

    /// Carries bytes both ways, in random pieces, until none are left to carry. Where a session has finished, the line is
    /// then closed for the other, unless it is stalled.
    void exchange();
    /// Carries what `from` has written, once; true if there was anything.
    bool carry(session::Role from);
    /// The same, at most `count` bytes.
    bool carry(session::Role from, std::size_t count);
    /// Lets time pass from timeout to timeout, with bytes carried at each.
    void elapse(Duration time);
    void send(session::Role from, const wire::Message& message) { at(from).send(message, m_now); }

    /// Sees, and may change or empty, every piece of bytes on its way from a side.
    std::function<void(session::Role from, Bytes& bytes)> wire;
    /// Bytes from this side stay in its session, as on a link that is down.
    void setStalled(session::Role from, bool stalled) { end(from).stalled = stalled; }

    [[nodiscard]] const std::vector<wire::Message>& received(session::Role role) {
        return end(role).received;
    }
    [[nodiscard]] const std::optional<session::RemoteParty>& opened(session::Role role) {
        return end(role).opened;
    }
    [[nodiscard]] const std::optional<session::Ended>& ended(session::Role role) { return end(role).ended; }
    [[nodiscard]] bool bothOpen() { return dialler().isOpen() && responder().isOpen(); }

private:
    struct End {
        std::unique_ptr<session::Session> session;
        std::vector<wire::Message> received;
        /// Chunks that came last, and which of `received` they are.
        std::deque<std::pair<SharedSlice, std::size_t>> kept;
        std::optional<session::RemoteParty> opened;
        std::optional<session::Ended> ended;
        bool stalled = false;
    };

    [[nodiscard]] End& end(session::Role role) { return m_ends[role == session::Role::Dialler ? 0 : 1]; }
    [[nodiscard]] static session::Role other(session::Role role) {
        return role == session::Role::Dialler ? session::Role::Responder : session::Role::Dialler;
    }
    void takeEvents(End& end);
    void takeChunk(End& end, session::ReceivedChunk chunk);

    SeededRandom m_random;
    std::size_t m_longestFragment;
    MonoTime m_now{std::chrono::hours(1)};
    std::array<End, 2> m_ends;
};

}  // namespace landline::test
