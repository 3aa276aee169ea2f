#include "p2p/net/network_monitor.h"

#include <QSignalSpy>
#include <QTest>

namespace landline::net {

using namespace std::chrono_literals;

class NetworkMonitorTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tellsOfAnotherAddressOnce();
    void tellsOfSleep();
    void takesNoNoticeOfClocksReadApart();
};

namespace {

/// Facts that the test changes.
struct Machine {
    std::vector<InterfaceAddress> interfaces;
    Duration asleep{};
    int looks = 0;

    NetworkMonitor::Sources sources() {
        NetworkMonitor::Sources result;
        result.interfaces = [this] {
            ++looks;
            return interfaces;
        };
        result.asleep = [this] { return asleep; };
        result.poll = 5ms;
        result.useKernelNotices = false;
        return result;
    }
};

InterfaceAddress someInterface() {
    return {QStringLiteral("eth9"),
            9,
            QHostAddress(quint32{0x0A000001}),
            24,
            QHostAddress(quint32{0x0A0000FF}),
            false};
}

}  // namespace

void NetworkMonitorTest::tellsOfAnotherAddressOnce() {
    Machine machine;
    NetworkMonitor monitor(machine.sources());
    QSignalSpy changed(&monitor, &NetworkMonitor::changed);
    machine.interfaces.push_back(someInterface());
    QVERIFY(changed.wait());
    QCOMPARE(changed.takeFirst().at(0).toBool(), false);
    const int looks = machine.looks;
    QTRY_VERIFY(machine.looks > looks + 5);
    QVERIFY(changed.isEmpty());
    machine.interfaces.clear();
    QVERIFY(changed.wait());
}

void NetworkMonitorTest::tellsOfSleep() {
    Machine machine;
    machine.asleep = 3h;  // slept before it started: nothing new
    NetworkMonitor monitor(machine.sources());
    QSignalSpy changed(&monitor, &NetworkMonitor::changed);
    QTRY_VERIFY(machine.looks > 5);
    QVERIFY(changed.isEmpty());
    machine.asleep += 90s;
    QVERIFY(changed.wait());
    QCOMPARE(changed.takeFirst().at(0).toBool(), true);
    const int looks = machine.looks;
    QTRY_VERIFY(machine.looks > looks + 5);
    QVERIFY(changed.isEmpty());
}

void NetworkMonitorTest::takesNoNoticeOfClocksReadApart() {
    Machine machine;
    NetworkMonitor monitor(machine.sources());
    QSignalSpy changed(&monitor, &NetworkMonitor::changed);
    for (int i = 0; i < 20; ++i) {
        machine.asleep += 40ms;
        const int looks = machine.looks;
        QTRY_VERIFY(machine.looks > looks);
    }
    QVERIFY(changed.isEmpty());
    QVERIFY(NetworkMonitor::timeAsleep() >= Duration(-1s));
}

}  // namespace landline::net

QTEST_GUILESS_MAIN(landline::net::NetworkMonitorTest)
#include "network_monitor_test.moc"
