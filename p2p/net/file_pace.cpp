#include "p2p/net/file_pace.h"

#include "p2p/net/times.h"

#include <algorithm>

namespace landline::net {

FilePace::FilePace(const Clock& clock, std::size_t leastShare, std::size_t mostShare, QObject* parent)
    : QObject(parent), m_clock(clock), m_rate(leastShare, mostShare), m_timer(this) {
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &FilePace::give);
}

void FilePace::setRate(std::uint64_t bytesPerSecond) {
    // It was set by what was owed at the rate before.
    m_timer.stop();
    m_rate.setRate(bytesPerSecond, m_clock.mono());
    for (const auto& [number, user] : m_users) m_rate.leave(number);
    const std::map<Number, PacedUser*> users = m_users;
    for (const auto& [number, user] : users)
        if (m_users.count(number) != 0) user->rateChanged();
}

void FilePace::join(PacedUser& user) {
    m_users.emplace(++m_last, &user);
}

void FilePace::leave(const PacedUser& user) {
    const auto found = find(user);
    if (found == m_users.end()) return;
    m_rate.leave(found->first);
    m_users.erase(found);
}

std::map<FilePace::Number, PacedUser*>::iterator FilePace::find(const PacedUser& user) {
    return std::find_if(m_users.begin(), m_users.end(), [&](const auto& one) { return one.second == &user; });
}

void FilePace::want(const PacedUser& user) {
    const auto found = find(user);
    if (found == m_users.end()) return;
    m_rate.want(found->first);
    if (!m_timer.isActive()) rearm();
}

std::size_t FilePace::takeNow() {
    const std::size_t share = m_rate.share();
    m_rate.charge(share, m_clock.mono());
    return share;
}

void FilePace::give() {
    while (const auto number = m_rate.next(m_clock.mono())) {
        const auto user = m_users.find(*number);
        if (user != m_users.end()) user->second->mayPass(m_rate.share());
    }
    rearm();
}

void FilePace::rearm() {
    const auto next = m_rate.nextTimeout();
    if (!next) return m_timer.stop();
    m_timer.start(ceilMillis(std::max(*next - m_clock.mono(), Duration::zero())));
}

}  // namespace landline::net
