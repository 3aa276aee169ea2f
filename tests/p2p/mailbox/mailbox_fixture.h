#pragma once

#include "p2p/mailbox/mailbox.h"

#include "p2p/base/limits.h"
#include "tests/support/seeded_random.h"

#include <gtest/gtest.h>

namespace landline::mailbox {
using namespace wire::relay;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

template <class Id>
[[nodiscard]] Id filled(std::uint8_t byte) {
    Id id;
    for (std::uint8_t& each : id.span()) each = byte;
    return id;
}

inline const PrekeyId kPrekey = filled<PrekeyId>(4);
inline constexpr RelayEpoch kEpoch = 7;

/// A mailbox whose relay the test plays.
class MailboxTest : public ::testing::Test {
protected:
    void open(Welcome welcome) {
        connect();
        answer(take<Hello>().request, std::move(welcome));
    }
    void connect() {
        EXPECT_TRUE(m_mailbox.dialAt());
        m_mailbox.dialled();
        m_mailbox.connected(m_now);
    }
    static Welcome welcome(MailboxNumber highest = 0, MailboxNumber freed = 0) {
        Welcome one;
        one.hasAccount = true;
        one.epoch = kEpoch;
        one.highest = highest;
        one.freed = freed;
        return one;
    }
    void answer(std::uint64_t request, Message message) {
        m_mailbox.receive({request, std::move(message)}, m_now);
    }

    template <class Kind>
    struct Taken {
        std::uint64_t request = 0;
        Kind message;
    };
    /// The next message, which must be of this kind.
    template <class Kind>
    Taken<Kind> take() {
        auto frame = m_mailbox.nextMessage(m_now);
        if (!frame || !std::holds_alternative<Kind>(frame->message)) {
            ADD_FAILURE() << (frame ? "another message" : "no message") << " of " << Message(Kind{}).index()
                          << (frame ? " but " + std::to_string(frame->message.index()) : std::string());
            return {};
        }
        return {frame->request, std::get<Kind>(std::move(frame->message))};
    }
    void expectSilence() {
        const auto frame = m_mailbox.nextMessage(m_now);
        EXPECT_FALSE(frame) << frame->message.index();
    }
    /// The next event of this kind; those before it are dropped.
    template <class Kind>
    std::optional<Kind> event() {
        while (auto next = m_mailbox.nextEvent())
            if (auto* found = std::get_if<Kind>(&*next)) return std::move(*found);
        return std::nullopt;
    }
    static Deposit deposit(std::initializer_list<std::uint8_t> devices, RelayEpoch epoch = kEpoch) {
        Deposit one{epoch, Box::Messages, {}, Bytes(528, 1)};
        for (const std::uint8_t device : devices)
            one.recipients.push_back({{filled<DeviceId>(device), {}}, kPrekey, Bytes(limits::kSeal, 2)});
        return one;
    }
    static Item item(MailboxNumber number, std::size_t bytes = 528) {
        return {number, kPrekey, Bytes(limits::kSeal, 3), Bytes(bytes, 4)};
    }
    void lose() { m_mailbox.disconnected(m_now); }
    void wait(Duration time) {
        m_now.mono += time;
        m_now.wall += std::chrono::duration_cast<milliseconds>(time);
        m_mailbox.advance(m_now);
    }

    Now m_now{MonoTime(1h), fromUnixMillis(1'700'000'000'000)};
    test::SeededRandom m_random{1};
    Mailbox m_mailbox{m_random};
};

}  // namespace landline::mailbox
