#pragma once

#include "p2p/base/ids.h"

#include <unordered_map>

namespace landline::load {

/// A message from one device to another, both by their numbers.
struct Letter {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    DepositCounter counter = 0;
    friend bool operator==(const Letter&, const Letter&) = default;
};

/// The fewest bytes of a letter's body.
inline constexpr std::size_t kLeastBody = 16;
/// Which letter it is, and bytes that follow from it.
[[nodiscard]] Bytes bodyOf(const Letter& letter, std::size_t bytes);
/// Nothing if no letter has such a body.
[[nodiscard]] std::optional<Letter> letterIn(ByteView body);

/// What all devices of a program left and what came: each letter that a relay said to have stored has to come, once, as it was
/// left, to whom it was left for, and mailboxes have to give their numbers without gaps. On the loop's thread.
class Post {
public:
    /// As the relay answered.
    void stored(const Letter& letter);
    /// The connection was lost before an answer: it may come.
    void leftInDoubt(const Letter& letter);
    /// Of a mailbox's numbers each one once, however often it is given.
    void came(const Letter& letter);
    /// Something came that is not as it was left, or not for whom it was left.
    void cameSpoiled() { ++m_spoiled; }
    /// A mailbox gave another number than the next one.
    void skipped() { ++m_disorder; }

    /// Letters that were stored and did not come, so far.
    [[nodiscard]] std::size_t lost() const { return count(State::Stored); }
    /// Letters that came and were not stored, so far, or came twice.
    [[nodiscard]] std::size_t strange() const { return m_repeated + count(State::Came); }
    [[nodiscard]] std::size_t spoiled() const { return m_spoiled; }
    [[nodiscard]] std::size_t disorder() const { return m_disorder; }
    [[nodiscard]] bool isSound() const { return lost() + strange() + m_spoiled + m_disorder == 0; }

private:
    enum class State : std::uint8_t { Stored, InDoubt, Came };
    [[nodiscard]] std::size_t count(State state) const;

    std::unordered_map<std::uint64_t, State> m_open;  ///< those of which the other half is missing
    std::size_t m_repeated = 0;
    std::size_t m_spoiled = 0;
    std::size_t m_disorder = 0;
};

}  // namespace landline::load
