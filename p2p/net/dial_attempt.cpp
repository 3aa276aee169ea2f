#include "p2p/net/dial_attempt.h"

#include "p2p/net/times.h"

#include <algorithm>

namespace landline::net {

using path::Race;

DialAttempt::DialAttempt(LinkKeeper& links, DialPlan plan, Opened opened, Failed failed, QObject* parent)
    : QObject(parent),
      m_links(links),
      m_plan(std::move(plan)),
      m_opened(std::move(opened)),
      m_failed(std::move(failed)),
      m_race(m_plan.candidates.size(), links.parts().clock.mono()),
      m_lanes(m_plan.candidates.size()),
      m_failure{{ErrorCode::Unreachable, "No address is known for this device."}, {}, false},
      m_timer(this) {
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        m_race.advance(now());
        act();
    });
    m_timer.start(0);
}

DialAttempt::~DialAttempt() {
    cancel();
}

void DialAttempt::cancel() {
    m_opened = nullptr;
    m_failed = nullptr;
    m_timer.stop();
    m_lanes.clear();
}

void DialAttempt::linkConnected(LinkDriver& driver) {
    m_race.connected(laneOf(driver), now());
    act();
}

void DialAttempt::sessionOpened(LinkDriver& driver, session::RemoteParty remote) {
    m_remote = std::move(remote);
    m_race.opened(laneOf(driver), now());
    act();
}

void DialAttempt::linkEnded(LinkDriver& driver, const session::Ended& ended) {
    const std::size_t lane = laneOf(driver);
    const Error goodbye{ErrorCode::Closed, "The other side closed the connection."};
    note(lane, ended.error.value_or(goodbye), m_shaking == lane);
    if (ended.reason == wire::CloseReason::Clone) m_failure.clone = true;
    hangUp(lane);
    m_race.failed(lane, now());
    act();
}

void DialAttempt::hangUp(std::size_t lane) {
    if (m_shaking == lane) m_shaking.reset();
    m_lanes[lane].reset();
}

void DialAttempt::note(std::size_t lane, const Error& error, bool shaking) {
    if (error.code == ErrorCode::WrongKey) m_failure.wrongKey.push_back(m_plan.candidates[lane]);
    if (m_reached && !shaking) return;
    m_failure.error = error;
    m_reached = m_reached || shaking;
}

void DialAttempt::act() {
    if (m_acting) return;
    m_acting = true;
    while (m_failed) {
        const auto action = m_race.nextAction();
        if (!action) break;
        act(*action);
    }
    m_acting = false;
    const auto next = m_race.nextTimeout();
    if (!next || !m_failed) return m_timer.stop();
    m_timer.start(ceilMillis(std::max(*next - now(), Duration::zero())));
}

void DialAttempt::act(const Race::Action& action) {
    if (const auto* dial = std::get_if<Race::Dial>(&action)) {
        m_lanes[dial->lane] = m_links.dial(m_plan.candidates[dial->lane]);
        m_lanes[dial->lane]->setUser(this);
    } else if (const auto* shake = std::get_if<Race::Handshake>(&action)) {
        m_shaking = shake->lane;
        m_lanes[shake->lane]->begin(
            m_links.parts().dialler(m_plan.purpose, m_plan.suite, m_plan.expected, m_plan.transfer));
    } else if (const auto* drop = std::get_if<Race::Drop>(&action)) {
        const QString at = describe(m_plan.candidates[drop->lane]);
        note(drop->lane, {ErrorCode::Timeout, tr("%1 does not answer.").arg(at).toStdString()}, false);
        hangUp(drop->lane);
    } else if (const auto* won = std::get_if<Race::Won>(&action)) {
        LinkHandle link = std::move(m_lanes[won->lane]);
        link->setUser(nullptr);
        const Opened opened = std::exchange(m_opened, nullptr);
        const Candidate candidate = m_plan.candidates[won->lane];
        m_failed = nullptr;
        opened(std::move(link), std::move(*m_remote), candidate);
    } else {
        const Failed failed = std::exchange(m_failed, nullptr);
        m_opened = nullptr;
        failed(m_failure);
    }
}

std::size_t DialAttempt::laneOf(const LinkDriver& driver) const {
    const auto lane = std::find_if(m_lanes.begin(), m_lanes.end(),
                                   [&](const LinkHandle& link) { return link.get() == &driver; });
    return static_cast<std::size_t>(lane - m_lanes.begin());
}

}  // namespace landline::net
