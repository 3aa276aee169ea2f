#include "tests/bench/load/post.h"

#include <algorithm>

namespace landline::load {

namespace {

/// A device makes fewer letters than 2^40.
std::uint64_t keyOf(const Letter& letter) {
    return std::uint64_t{letter.from} << 40 | letter.counter;
}

std::uint8_t fillOf(const Letter& letter) {
    return static_cast<std::uint8_t>(letter.counter);
}

}  // namespace

Bytes bodyOf(const Letter& letter, std::size_t bytes) {
    Bytes body;
    body.reserve(bytes);
    appendBe32(body, letter.from);
    appendBe32(body, letter.to);
    appendBe64(body, letter.counter);
    body.resize(bytes, fillOf(letter));
    return body;
}

std::optional<Letter> letterIn(ByteView body) {
    if (body.size() < kLeastBody) return std::nullopt;
    const Letter letter{loadBe32(body.data()), loadBe32(body.data() + 4), loadBe64(body.data() + 8)};
    const auto isFill = [fill = fillOf(letter)](std::uint8_t byte) { return byte == fill; };
    if (!std::all_of(body.begin() + kLeastBody, body.end(), isFill)) return std::nullopt;
    return letter;
}

void Post::stored(const Letter& letter) {
    const auto [found, isNew] = m_open.try_emplace(keyOf(letter), State::Stored);
    if (!isNew) m_open.erase(found);
}

void Post::leftInDoubt(const Letter& letter) {
    const auto [found, isNew] = m_open.try_emplace(keyOf(letter), State::InDoubt);
    if (!isNew) m_open.erase(found);
}

void Post::came(const Letter& letter) {
    const auto [found, isNew] = m_open.try_emplace(keyOf(letter), State::Came);
    if (isNew) return;
    if (found->second == State::Came)
        ++m_repeated;
    else
        m_open.erase(found);
}

std::size_t Post::count(State state) const {
    return static_cast<std::size_t>(
        std::count_if(m_open.begin(), m_open.end(), [state](const auto& one) { return one.second == state; }));
}

}  // namespace landline::load
