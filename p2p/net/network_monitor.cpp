#include "p2p/net/network_monitor.h"

#include <QSocketNotifier>

#ifdef Q_OS_LINUX
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#endif

namespace landline::net {

namespace {

using namespace std::chrono_literals;

/// A cable plugged in makes a burst of notices; the first look comes when it is over.
constexpr auto kSettle = 200ms;
/// Less is no sleep but the two clocks read one after the other.
constexpr Duration kSleepLeast = 1s;

}  // namespace

NetworkMonitor::NetworkMonitor(QObject* parent) : NetworkMonitor(Sources{}, parent) {}

NetworkMonitor::NetworkMonitor(Sources sources, QObject* parent)
    : QObject(parent),
      m_sources(std::move(sources)),
      m_interfaces(m_sources.interfaces()),
      m_asleep(m_sources.asleep()) {
    m_settle.setSingleShot(true);
    m_settle.setInterval(kSettle);
    connect(&m_settle, &QTimer::timeout, this, &NetworkMonitor::check);
    connect(&m_poll, &QTimer::timeout, this, &NetworkMonitor::check);
    if (m_sources.useKernelNotices) listenToKernel();
    m_poll.start(m_sources.poll);
}

void NetworkMonitor::check() {
    const Duration asleep = m_sources.asleep();
    const bool resumed = asleep - m_asleep >= kSleepLeast;
    m_asleep = asleep;
    std::vector<InterfaceAddress> interfaces = m_sources.interfaces();
    const bool moved = interfaces != m_interfaces;
    m_interfaces = std::move(interfaces);
    if (resumed || moved) Q_EMIT changed(resumed);
}

#ifdef Q_OS_LINUX

NetworkMonitor::~NetworkMonitor() {
    if (m_netlink >= 0) ::close(m_netlink);
}

Duration NetworkMonitor::timeAsleep() {
    const auto read = [](clockid_t clock) {
        timespec time{};
        clock_gettime(clock, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    const auto running = read(CLOCK_MONOTONIC);
    return std::chrono::duration_cast<Duration>(read(CLOCK_BOOTTIME) - running);
}

void NetworkMonitor::listenToKernel() {
    m_netlink = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (m_netlink < 0) return;
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (::bind(m_netlink, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        ::close(m_netlink);
        m_netlink = -1;
        return;
    }
    auto* notifier = new QSocketNotifier(m_netlink, QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, &NetworkMonitor::drainKernelNotices);
}

void NetworkMonitor::drainKernelNotices() {
    // What changed is read from the interfaces themselves; the notice only says when to look.
    char notices[8192];
    while (::recv(m_netlink, notices, sizeof(notices), 0) > 0) {
    }
    m_settle.start();
}

#else

NetworkMonitor::~NetworkMonitor() = default;
Duration NetworkMonitor::timeAsleep() {
    return {};
}
void NetworkMonitor::listenToKernel() {}
void NetworkMonitor::drainKernelNotices() {}

#endif

}  // namespace landline::net
