// Two honest sessions on a line that the input controls: it decides who sends what, in which pieces the bytes arrive, which
// are changed or lost, how time passes and who closes. Whatever happens, what is delivered is a prefix of what was sent;
// on an unharmed line it is all of it. Input: commands of one byte and their arguments, see `run`; the first byte also says
// whether the sessions carry a file.
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/session_pair.h"

using namespace landline;
using namespace landline::fuzz;
using session::Role;

namespace {

constexpr std::size_t kMostCommands = 400;
// Of a command: from which side, and in the first one of a bulk session, in `send` as a chunk of shared bytes.
constexpr std::uint8_t kOfDialler = 0x80;
constexpr std::uint8_t kBulk = 0x40;

class Line {
public:
    Line(FuzzInput& input, bool bulk)
        : m_input(input), m_bulk(bulk), m_pair(party(1), party(2), options(bulk)) {
        m_pair.wire = [this](Role, Bytes& bytes) { harm(bytes); };
    }

    void run() {
        for (std::size_t i = 0; i < kMostCommands && !m_input.empty(); ++i) {
            const std::uint8_t command = m_input.u8();
            act(command, (command & kOfDialler) != 0 ? Role::Dialler : Role::Responder);
            check();
        }
        m_pair.setStalled(Role::Dialler, false);
        m_pair.setStalled(Role::Responder, false);
        m_pair.exchange();
        check();
        if (!m_harmed && !m_pair.ended(Role::Dialler) && !m_pair.ended(Role::Responder)) checkComplete();
        m_pair.setStalled(Role::Dialler, true);
        m_pair.setStalled(Role::Responder, true);
        m_pair.elapse(limits::kKeepalive + limits::kKeepaliveAnswer);
        check();
        require(m_pair.dialler().isFinished() && m_pair.responder().isFinished(),
                "on a dead line every session ends");
    }

private:
    static test::TestParty& party(std::uint64_t seed) {
        static test::TestParty ada(1);
        static test::TestParty bo(2);
        test::TestParty& one = seed == 1 ? ada : bo;
        one.random = test::SeededRandom(seed);
        one.local.rekeyBytes = seed * 1500;
        return one;
    }

    static test::PairOptions options(bool bulk) {
        test::PairOptions options;
        if (!bulk) return options;
        options.purpose = wire::Purpose::Bulk;
        options.transfer = wire::TransferId{};
        return options;
    }

    void act(unsigned command, Role side) {
        switch (command % 8) {
            case 0:
                m_pair.exchange();
                break;
            case 1:
                m_pair.carry(side, m_input.u8() + 1U);
                break;
            case 2:
                m_pair.carry(side, m_input.u16() + 1U);
                break;
            case 3:
                if (m_bulk && (command & kBulk) != 0)
                    sendChunk(side, 1U + m_input.u16() % limits::kFileFrame);
                else
                    send(side, m_input.u16() % 3000);
                break;
            case 4:
                m_pair.elapse(std::chrono::milliseconds(m_input.u16()));
                break;
            case 5:
                m_pair.setStalled(side, (m_input.u8() & 1) != 0);
                break;
            case 6:
                m_pair.at(side).close(wire::CloseReason::Goodbye, "", m_pair.now());
                break;
            case 7:
                m_harmAt = m_input.u16();
                m_harmBits = m_input.u8();
                break;
        }
    }

    void send(Role side, std::size_t bytes) {
        if (!m_pair.at(side).canSend()) return;
        std::vector<wire::Message>& sent = m_sent[side == Role::Dialler];
        sent.emplace_back(wire::FileChunk{sent.size(), Bytes(bytes, static_cast<std::uint8_t>(bytes))});
        m_pair.send(side, sent.back());
    }

    /// Two chunks of one buffer, as one read of the disk gives.
    void sendChunk(Role side, std::size_t bytes) {
        if (!m_pair.at(side).canSend()) return;
        std::vector<wire::Message>& sent = m_sent[side == Role::Dialler];
        const auto value = static_cast<std::uint8_t>(bytes);
        const auto owner = std::make_shared<Bytes>(bytes, value);
        const std::size_t cut = bytes / 3;
        for (const auto& [at, end] : {std::pair(std::size_t(0), cut), std::pair(cut, bytes)}) {
            if (at == end) continue;
            sent.emplace_back(wire::FileChunk{sent.size(), Bytes(end - at, value)});
            m_pair.at(side).sendChunk(sent.size() - 1, {owner, at, end - at}, m_pair.now());
        }
    }

    /// Changes a byte of the next piece, or loses the piece where no bits are given.
    void harm(Bytes& bytes) {
        if (!m_harmAt) return;
        m_harmed = true;
        if (m_harmBits == 0)
            bytes.clear();
        else
            bytes[*m_harmAt % bytes.size()] ^= m_harmBits;
        m_harmAt.reset();
    }

    void check() {
        for (const Role side : {Role::Dialler, Role::Responder}) {
            const auto& got = m_pair.received(side);
            const auto& sent = m_sent[side == Role::Responder];
            require(got.size() <= sent.size() && std::equal(got.begin(), got.end(), sent.begin()),
                    "what is delivered is a prefix of what was sent");
            require(m_pair.at(side).outgoing().size() < limits::kSessionOutgoing + 2 * limits::kNoiseMessage,
                    "the output is bounded");
        }
    }

    void checkComplete() {
        for (const Role side : {Role::Dialler, Role::Responder})
            require(m_pair.received(side).size() == m_sent[side == Role::Responder].size(),
                    "an unharmed line delivers everything");
        require(m_pair.bothOpen(), "an unharmed line stays open");
    }

    FuzzInput& m_input;
    bool m_bulk;
    test::SessionPair m_pair;
    std::vector<wire::Message> m_sent[2];  ///< by responder, by dialler
    std::optional<std::size_t> m_harmAt;
    std::uint8_t m_harmBits = 0;
    bool m_harmed = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    initCrypto();
    FuzzInput input(data, size);
    Line(input, size != 0 && (data[0] & kBulk) != 0).run();
    return 0;
}
