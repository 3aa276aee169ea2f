#include "p2p/transfer/shared_rate.h"

#include <algorithm>
#include <cmath>

namespace landline::transfer {

namespace {

constexpr std::uint64_t kSharesPerSecond = 16;
/// What a silence, or a timer that comes late, may leave to be used at once.
constexpr double kSaved = 1.0 / 8;

}  // namespace

void SharedRate::setRate(std::uint64_t bytesPerSecond, MonoTime now) {
    refill(now);
    // Debts of a higher rate would take long to pay.
    m_balance = std::max(m_balance, -static_cast<double>(bytesPerSecond) * kSaved);
    m_rate = bytesPerSecond;
    m_at = now;
}

std::size_t SharedRate::share() const {
    return std::clamp(static_cast<std::size_t>(m_rate / kSharesPerSecond), m_least, m_most);
}

void SharedRate::want(Taker taker) {
    if (std::find(m_line.begin(), m_line.end(), taker) == m_line.end()) m_line.push_back(taker);
}

void SharedRate::leave(Taker taker) {
    std::erase(m_line, taker);
}

void SharedRate::refill(MonoTime now) {
    const double seconds = std::chrono::duration<double>(std::max(now - m_at, Duration::zero())).count();
    const double rate = static_cast<double>(m_rate);
    const double most = std::max(rate * kSaved, static_cast<double>(share()));
    m_balance = std::min(most, m_balance + rate * seconds);
    m_at = now;
}

std::optional<SharedRate::Taker> SharedRate::next(MonoTime now) {
    refill(now);
    if (m_line.empty() || (isBounded() && m_balance < 0)) return std::nullopt;
    const Taker taker = m_line.front();
    m_line.pop_front();
    if (isBounded()) m_balance -= static_cast<double>(share());
    return taker;
}

std::optional<MonoTime> SharedRate::nextTimeout() const {
    if (m_line.empty()) return std::nullopt;
    if (!isBounded() || m_balance >= 0) return m_at;
    const double seconds = -m_balance / static_cast<double>(m_rate);
    return m_at + Duration(static_cast<Duration::rep>(std::ceil(seconds * 1e6)));
}

void SharedRate::charge(std::size_t bytes, MonoTime now) {
    refill(now);
    if (isBounded()) m_balance -= static_cast<double>(bytes);
}

}  // namespace landline::transfer
