/// Sessions as version 1 spoke them, byte for byte: each side is played by this program against the recording of the
/// other. What fails here no longer understands, or is no longer understood by, programs that people have.
///
/// LANDLINE_RECORD=FILE writes a new recording instead: for a new kind of session, never to make a failing one pass.

#include "p2p/session/session.h"
#include "p2p/timeline/checked_entry.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace landline::session {
namespace {

using test::SeededRandom;
using Messages = std::vector<wire::Message>;

constexpr auto kCreated = 1'700'000'000'000;
constexpr MonoTime kNow{std::chrono::hours(1)};

template <class Id>
Id filled(std::uint8_t byte) {
    Id id;
    for (std::uint8_t& each : id.span()) each = byte;
    return id;
}

/// Every kind of frame that a conversation session carries, with every field set.
Messages scriptOf(Role role, const identity::DeviceKeys& keys, const identity::Certificate& certificate) {
    SeededRandom random(99);
    const auto conversation = filled<ConversationId>(0xC0);
    const auto clock = timeline::hybridFrom(fromUnixMillis(kCreated));
    auto write = [&, tip = timeline::TimelineTip{}](const wire::Content& content) mutable {
        const auto entry =
            timeline::makeEntry(conversation, keys, certificate, tip, clock + tip.number, content, random);
        tip = {entry.header.number, entry.hash};
        return entry.bytes;
    };
    const wire::SignedEntry text = write(wire::Text{"hello 你好", EntryRef{filled<DeviceId>(7), 3}});
    const wire::SignedEntry edit = write(wire::Edit{{keys.id(), 1}, "changed"});
    const wire::SignedEntry reaction = write(wire::Reaction{{keys.id(), 1}, "👍", true});
    const wire::SignedEntry offer =
        write(wire::FileOffer{filled<wire::TransferId>(5), "a file.txt", 123456789, "text/plain", kCreated});
    const wire::SignedEntry deletion = write(wire::Delete{{keys.id(), 1}});
    wire::SignedEntry erased = text;
    erased.payload.clear();
    erased.erasure =
        wire::ErasureProof{deletion.header, deletion.signature, deletion.payload, certificate.encoded()};
    const wire::AuthorHead head{keys.id(), 2, filled<Hash256>(2), 5, filled<Hash128>(3), 4};
    if (role == Role::Dialler)
        return {wire::HeadsDigest{{{conversation, filled<Hash128>(1)}}},
                wire::Heads{conversation, {head}, true},
                wire::Entries{conversation, keys.id(), 1, {text, edit, reaction, offer, deletion}},
                wire::Typing{conversation, true}, wire::DialBack{filled<Hash128>(9)}};
    return {wire::Entries{conversation, keys.id(), 1, {erased}},
            wire::ForkEvidence{conversation, keys.id(), {erased}},
            wire::Profile{"Boris", wire::Presence::Busy, "in a meeting"},
            wire::FileRequest{filled<wire::TransferId>(5), 1000, 2000},
            wire::FileChunk{1000, Bytes(2000, 0xAB)},
            wire::FileRefused{filled<wire::TransferId>(6), wire::FileRefusal::Changed, "it changed"},
            wire::FileCancel{filled<wire::TransferId>(6)}};
}

/// One of the two, the same in every run.
class Side {
public:
    explicit Side(Role role)
        : m_random(role == Role::Dialler ? 1 : 2),
          m_keys(identity::DeviceKeys::generate(m_random)),
          m_certificate(identity::Certificate::issue(identity::SigningKey::generate(m_random), m_keys,
                                                     fromUnixMillis(kCreated))),
          m_script(scriptOf(role, m_keys, m_certificate)) {
        m_self.keys = &m_keys;
        m_self.certificate = &m_certificate;
        m_self.name = role == Role::Dialler ? "Anna" : "Boris";
        m_self.instance = m_random.next64();
        m_self.listenPort = 4711;
        m_self.minor = 0;          // of the programs that were recorded
        m_self.rekeyBytes = 1500;  // so that key changes are in the recording
        m_session.emplace(role, wire::Purpose::Conversation, wire::Suite::ChaChaPoly, m_self, ExpectedParty{},
                          std::nullopt, m_random, kNow);
    }

    void receive(ByteView bytes) {
        m_session->receive(bytes, kNow);
        takeEvents();
    }
    void takeEvents() {
        while (const auto event = m_session->nextEvent()) {
            if (std::holds_alternative<Opened>(*event))
                for (const wire::Message& message : m_script) m_session->send(message, kNow);
            if (const auto* received = std::get_if<Received>(&*event))
                m_received.push_back(received->message);
            if (const auto* ended = std::get_if<Ended>(&*event)) m_ended = ended->reason;
        }
    }
    [[nodiscard]] Bytes takeOutgoing() {
        Bytes out;
        while (!m_session->outgoing().empty()) {
            const ByteView some = m_session->outgoing();
            append(out, some);
            m_session->consumeOutgoing(some.size());
        }
        return out;
    }
    void close() {
        m_session->close(wire::CloseReason::Goodbye, {}, kNow);
        takeEvents();
    }

    [[nodiscard]] const Messages& script() const { return m_script; }
    [[nodiscard]] const Messages& received() const { return m_received; }
    [[nodiscard]] std::optional<wire::CloseReason> ended() const { return m_ended; }

private:
    SeededRandom m_random;
    identity::DeviceKeys m_keys;
    identity::Certificate m_certificate;
    Messages m_script;
    LocalParty m_self;
    std::optional<Session> m_session;
    Messages m_received;
    std::optional<wire::CloseReason> m_ended;
};

/// What one side said in its turn. The dialler begins; its last turn is its Close.
struct Flight {
    Role from;
    Bytes bytes;
};
constexpr std::size_t kFlights = 7;

void maybeClose(Side& side, Role role, std::size_t flight) {
    if (role == Role::Dialler && flight == kFlights - 1) side.close();
}

std::vector<Flight> record() {
    Side dialler(Role::Dialler);
    Side responder(Role::Responder);
    std::vector<Flight> flights;
    for (std::size_t i = 0; i < kFlights; ++i) {
        const Role role = i % 2 == 0 ? Role::Dialler : Role::Responder;
        Side& from = role == Role::Dialler ? dialler : responder;
        maybeClose(from, role, i);
        flights.push_back({role, from.takeOutgoing()});
        (role == Role::Dialler ? responder : dialler).receive(flights.back().bytes);
    }
    return flights;
}

std::vector<Flight> load(const std::string& path) {
    std::ifstream file(path);
    std::vector<Flight> flights;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        const std::size_t space = line.find(' ');
        const Role role = line.substr(0, space) == "dialler" ? Role::Dialler : Role::Responder;
        const auto bytes =
            fromHex(space == std::string::npos ? "" : std::string_view(line).substr(space + 1));
        EXPECT_TRUE(bytes.has_value());
        flights.push_back({role, bytes.value_or(Bytes{})});
    }
    return flights;
}

void save(const std::string& path, const std::vector<Flight>& flights) {
    std::ofstream file(path);
    file << "# Written by session_recording_test. Who speaks, and the bytes of that turn.\n";
    for (const Flight& flight : flights)
        file << (flight.from == Role::Dialler ? "dialler " : "responder ") << toHex(flight.bytes) << '\n';
}

class SessionRecording : public testing::TestWithParam<Role> {};

TEST_P(SessionRecording, isSpokenAndUnderstoodAsRecorded) {
    const std::string path = LANDLINE_COMPAT_DIR "/sessions/v1-conversation.txt";
    if (const char* const target = std::getenv("LANDLINE_RECORD")) save(target, record());
    const std::vector<Flight> flights = load(path);
    ASSERT_EQ(flights.size(), kFlights) << path;
    const Role role = GetParam();
    const Role otherRole = role == Role::Dialler ? Role::Responder : Role::Dialler;
    Side live(role);
    for (std::size_t i = 0; i < flights.size(); ++i) {
        maybeClose(live, role, i);
        if (flights[i].from == role)
            EXPECT_EQ(toHex(live.takeOutgoing()), toHex(flights[i].bytes)) << "turn " << i;
        else
            live.receive(flights[i].bytes);
    }
    EXPECT_EQ(live.received(), Side(otherRole).script());
    EXPECT_EQ(live.ended(), wire::CloseReason::Goodbye);
}

INSTANTIATE_TEST_SUITE_P(BothSides, SessionRecording, testing::Values(Role::Dialler, Role::Responder),
                         [](const auto& role) {
                             return role.param == Role::Dialler ? "dialler" : "responder";
                         });

}  // namespace
}  // namespace landline::session
