#include "relay/clients/epoll_dispatcher.h"

#include <QCoreApplication>
#include <QEvent>
#include <QSocketNotifier>
#include <QTimerEvent>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

namespace landline::relay {

namespace {

constexpr std::array<quint32, 3> kMask{EPOLLIN | EPOLLRDHUP, EPOLLOUT, EPOLLPRI};
// An error or the end of a connection concerns everybody: their next call tells them what it was.
constexpr quint32 kEnded = EPOLLHUP | EPOLLERR;
constexpr std::array<quint32, 3> kFires{EPOLLIN | EPOLLRDHUP | kEnded, EPOLLOUT | kEnded, EPOLLPRI | kEnded};

std::size_t indexOf(const QSocketNotifier* notifier) {
    return std::size_t(notifier->type());
}

}  // namespace

EpollDispatcher::EpollDispatcher(QObject* parent)
    : QAbstractEventDispatcher(parent),
      m_epoll(epoll_create1(EPOLL_CLOEXEC)),
      m_wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (m_epoll < 0 || m_wake < 0) qFatal("No event loop can be made: %s.", std::strerror(errno));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = m_wake;
    if (epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wake, &event) != 0)
        qFatal("No event loop can be made: %s.", std::strerror(errno));
}

EpollDispatcher::~EpollDispatcher() {
    close(m_wake);
    close(m_epoll);
}

bool EpollDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags) {
    m_isInterrupted = false;
    Q_EMIT awake();
    QCoreApplication::sendPostedEvents();

    // Whatever is posted from here on wakes the loop by wakeUp.
    const bool mayBlock = flags.testFlag(QEventLoop::WaitForMoreEvents) && !m_isInterrupted;
    if (mayBlock) Q_EMIT aboutToBlock();
    if (m_isInterrupted) return false;

    applyChanges();
    const bool withTimers = !flags.testFlag(QEventLoop::X11ExcludeTimers);
    const bool withSockets = !flags.testFlag(QEventLoop::ExcludeSocketNotifiers);
    const int most = patience(mayBlock, withTimers);
    int done = withSockets ? deliverSockets(most) : awaitWakeUp(most);
    if (withTimers) done += deliverTimers();
    return done > 0;
}

int EpollDispatcher::patience(bool mayBlock, bool withTimers) const {
    if (!mayBlock) return 0;
    const auto next = withTimers ? m_timers.nextDue() : std::nullopt;
    if (!next) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - TimerTable::Clock::now()).count();
    return int(std::clamp<decltype(left)>(left, 0, std::numeric_limits<int>::max()));
}

int EpollDispatcher::deliverSockets(int patience) {
    std::array<epoll_event, kEvents> events;
    const int count = epoll_wait(m_epoll, events.data(), kEvents, patience);
    int done = 0;
    for (int i = 0; i < count; ++i) {
        const epoll_event event = events[std::size_t(i)];
        if (event.data.fd == m_wake) {
            drainWakeUp();
            ++done;
            continue;
        }
        for (std::size_t type = 0; type < kFires.size(); ++type) {
            if ((event.events & kFires[type]) == 0) continue;
            // Looked up anew each time: whoever was told before may have closed this one, and its number may already
            // be another socket's. What is still true is told again by the next turn.
            const Watched& watched = m_watched[std::size_t(event.data.fd)];
            QSocketNotifier* const notifier = watched.notifiers[type];
            if (watched.isChanged || !notifier) continue;
            QEvent activated(QEvent::SockAct);
            QCoreApplication::sendEvent(notifier, &activated);
            ++done;
        }
    }
    return done;
}

int EpollDispatcher::awaitWakeUp(int patience) {
    pollfd wake{m_wake, POLLIN, 0};
    if (poll(&wake, 1, patience) <= 0) return 0;
    drainWakeUp();
    return 1;
}

int EpollDispatcher::deliverTimers() {
    const auto now = TimerTable::Clock::now();
    int done = 0;
    for (const int id : m_timers.due(now)) {
        QObject* const object = m_timers.begin(id, now);
        if (!object) continue;
        QTimerEvent event(id);
        QCoreApplication::sendEvent(object, &event);
        m_timers.end(id);
        ++done;
    }
    return done;
}

quint32 EpollDispatcher::maskOf(const Watched& watched) {
    quint32 mask = 0;
    for (std::size_t type = 0; type < kMask.size(); ++type)
        if (watched.notifiers[type]) mask |= kMask[type];
    return mask;
}

void EpollDispatcher::registerSocketNotifier(QSocketNotifier* notifier) {
    const int descriptor = int(notifier->socket());
    if (descriptor < 0) return;
    if (std::size_t(descriptor) >= m_watched.size()) m_watched.resize(std::size_t(descriptor) + 1);
    QSocketNotifier*& slot = m_watched[std::size_t(descriptor)].notifiers[indexOf(notifier)];
    if (slot && slot != notifier) qWarning("Two notifiers of one kind watch socket %d.", descriptor);
    slot = notifier;
    touch(descriptor);
}

void EpollDispatcher::unregisterSocketNotifier(QSocketNotifier* notifier) {
    const int descriptor = int(notifier->socket());
    if (descriptor < 0 || std::size_t(descriptor) >= m_watched.size()) return;
    QSocketNotifier*& slot = m_watched[std::size_t(descriptor)].notifiers[indexOf(notifier)];
    if (slot != notifier) return;
    slot = nullptr;
    touch(descriptor);
}

void EpollDispatcher::touch(int descriptor) {
    Watched& watched = m_watched[std::size_t(descriptor)];
    if (std::exchange(watched.isChanged, true)) return;
    m_changed.push_back(descriptor);
}

void EpollDispatcher::applyChanges() {
    for (const int descriptor : m_changed) {
        Watched& watched = m_watched[std::size_t(descriptor)];
        watched.isChanged = false;
        apply(descriptor, watched);
    }
    m_changed.clear();
}

void EpollDispatcher::apply(int descriptor, Watched& watched) {
    epoll_event event{};
    event.events = maskOf(watched);
    event.data.fd = descriptor;
    if (event.events == 0) {
        // Gone already where the descriptor was closed. With an empty mask epoll would still tell of errors.
        epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, &event);
        watched.armed = 0;
        return;
    }
    // The descriptor may have been closed and its number given to another socket since, so that what was armed says
    // nothing for certain.
    const int likely = watched.armed == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    watched.armed = event.events;
    if (epoll_ctl(m_epoll, likely, descriptor, &event) == 0) return;
    const int other = errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if ((errno == EEXIST || errno == ENOENT) && epoll_ctl(m_epoll, other, descriptor, &event) == 0) return;
    watched.armed = 0;
    qWarning("Socket %d cannot be watched: %s.", descriptor, std::strerror(errno));
}

void EpollDispatcher::registerTimer(int timerId, qint64 interval, Qt::TimerType timerType, QObject* object) {
    m_timers.start(timerId, interval, timerType, object, TimerTable::Clock::now());
}

bool EpollDispatcher::unregisterTimer(int timerId) {
    return m_timers.stop(timerId);
}

bool EpollDispatcher::unregisterTimers(QObject* object) {
    return m_timers.stopAll(object);
}

QList<QAbstractEventDispatcher::TimerInfo> EpollDispatcher::registeredTimers(QObject* object) const {
    return m_timers.of(object);
}

int EpollDispatcher::remainingTime(int timerId) {
    return m_timers.remaining(timerId, TimerTable::Clock::now());
}

void EpollDispatcher::wakeUp() {
    if (m_isWoken.exchange(true)) return;
    const quint64 one = 1;
    // Can fail only where the loop is certain to wake up anyway: the counter is full.
    [[maybe_unused]] const auto written = write(m_wake, &one, sizeof one);
}

void EpollDispatcher::interrupt() {
    m_isInterrupted = true;
    wakeUp();
}

void EpollDispatcher::drainWakeUp() {
    // Emptied before the flag falls: a wake-up between the two writes nothing, but its event is posted already and is
    // sent by the next turn, which this one leads to.
    quint64 count = 0;
    [[maybe_unused]] const auto taken = read(m_wake, &count, sizeof count);
    m_isWoken = false;
}

}  // namespace landline::relay
