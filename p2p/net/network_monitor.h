#pragma once

#include "p2p/base/clock.h"
#include "p2p/net/interfaces.h"

#include <QObject>
#include <QTimer>

#include <functional>

namespace landline::net {

/// Notices that the machine's addresses changed or that it slept. On Linux the kernel tells of addresses at
/// once (rtnetlink); elsewhere, and where that socket cannot be had, they are compared every few seconds.
/// Sleep shows as a jump of the time spent suspended (CLOCK_BOOTTIME less CLOCK_MONOTONIC). Lives on the net
/// thread.
class NetworkMonitor : public QObject {
    Q_OBJECT

public:
    /// Where the facts come from; tests bring their own.
    struct Sources {
        std::function<std::vector<InterfaceAddress>()> interfaces = &readInterfaces;
        std::function<Duration()> asleep = &NetworkMonitor::timeAsleep;
        std::chrono::milliseconds poll{5000};
        bool useKernelNotices = true;
    };

    explicit NetworkMonitor(QObject* parent = nullptr);
    explicit NetworkMonitor(Sources sources, QObject* parent = nullptr);
    ~NetworkMonitor() override;

    /// How long the machine has been suspended since it was started; always 0 where the system does not tell.
    [[nodiscard]] static Duration timeAsleep();

Q_SIGNALS:
    /// `resumed`: after sleep, with or without another address; sockets and sessions are to be taken for
    /// dead.
    void changed(bool resumed);

private:
    void listenToKernel();
    void drainKernelNotices();
    void check();

    Sources m_sources;
    std::vector<InterfaceAddress> m_interfaces;
    Duration m_asleep{};
    QTimer m_poll;
    QTimer m_settle;
    int m_netlink = -1;
};

}  // namespace landline::net
