#include "app/platform/system_events.h"

#include <QDBusConnection>
#include <QSocketNotifier>

#include <chrono>

#ifdef Q_OS_LINUX
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace landline::app {

using namespace std::chrono_literals;

SystemEvents::SystemEvents(QObject* parent) : QObject(parent) {
    m_settle.setSingleShot(true);
    m_settle.setInterval(700ms);
    connect(&m_settle, &QTimer::timeout, this, &SystemEvents::networkChanged);
}

SystemEvents::~SystemEvents() {
#ifdef Q_OS_LINUX
    if (m_socket >= 0) ::close(m_socket);
#endif
}

void SystemEvents::start() {
    QDBusConnection::systemBus().connect(
        QStringLiteral("org.freedesktop.login1"), QStringLiteral("/org/freedesktop/login1"),
        QStringLiteral("org.freedesktop.login1.Manager"), QStringLiteral("PrepareForSleep"), this,
        SLOT(prepareForSleep(bool)));
    watchAddresses();
}

void SystemEvents::prepareForSleep(bool begins) {
    if (!begins) m_settle.start();
}

void SystemEvents::watchAddresses() {
#ifdef Q_OS_LINUX
    m_socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (m_socket < 0) return;
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (::bind(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return;
    m_notifier = new QSocketNotifier(m_socket, QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &SystemEvents::drain);
#endif
}

void SystemEvents::drain() {
#ifdef Q_OS_LINUX
    char buffer[8192];
    while (::recv(m_socket, buffer, sizeof(buffer), 0) > 0) {
    }
    m_settle.start();
#endif
}

}  // namespace landline::app
