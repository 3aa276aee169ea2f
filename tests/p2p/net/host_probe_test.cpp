#include "p2p/net/host_probe.h"

#include <QTest>

#include <set>

namespace landline::net {

using namespace std::chrono_literals;

class HostProbeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsHosts_data();
    void readsHosts();
    void readsRanges_data();
    void readsRanges();
    void refusesWithASentence_data();
    void refusesWithASentence();
    void dialsARangeOnceSlowlyAndFewAtATime();
    void comesBackToAHostLessAndLessOften();
    void leavesConnectedTargetsAlone();
    void triesAllAgainAfterANetworkChange();
    void listIsBoundedAndHoldsNothingTwice();
};

namespace {

constexpr MonoTime kStart{1h};

HostEntry entryOf(const char* text) {
    return parseHostEntry(QString::fromLatin1(text), 47474).value();
}

}  // namespace

void HostProbeTest::readsHosts_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("host");
    QTest::addColumn<int>("port");
    const auto row = [](const char* text, const char* host, int port) {
        QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(host) << port;
    };
    row("192.168.7.5", "192.168.7.5", 47474);
    row("192.168.7.5:5000", "192.168.7.5", 5000);
    row(" printer ", "printer", 47474);
    row("ada.example.org:1", "ada.example.org", 1);
    row("ada_2.example.org.", "ada_2.example.org.", 47474);
    row("10-0-0-1.example:65535", "10-0-0-1.example", 65535);
    row("::1", "::1", 47474);
    row("fe80::1%eth0", "fe80::1%eth0", 47474);
    row("[fe80::1%eth0]:5000", "fe80::1%eth0", 5000);
    row("[2001:db8::7]", "2001:db8::7", 47474);
}

void HostProbeTest::readsHosts() {
    QFETCH(QString, text);
    QFETCH(QString, host);
    QFETCH(int, port);
    const auto entry = parseHostEntry(text, 47474);
    QVERIFY2(entry.ok(), entry.ok() ? "" : entry.error().text.c_str());
    QVERIFY(!entry->isRange());
    QCOMPARE(entry->host, host);
    QCOMPARE(int{entry->port}, port);
}

void HostProbeTest::readsRanges_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<quint32>("first");
    QTest::addColumn<quint32>("count");
    QTest::addColumn<int>("port");
    const auto row = [](const char* text, quint32 first, quint32 count, int port) {
        QTest::newRow(text) << QString::fromLatin1(text) << first << count << port;
    };
    row("192.168.7.0/24", 0xC0A80701, 254, 47474);
    row("192.168.7.77/24:5000", 0xC0A80701, 254, 5000);
    row("10.1.16.0/20", 0x0A011001, 4094, 47474);
    row("10.0.0.4/30", 0x0A000005, 2, 47474);
    row("10.0.0.4/31", 0x0A000004, 2, 47474);
    row("10.0.0.4/32", 0x0A000004, 1, 47474);
}

void HostProbeTest::readsRanges() {
    QFETCH(QString, text);
    QFETCH(quint32, first);
    QFETCH(quint32, count);
    QFETCH(int, port);
    const auto entry = parseHostEntry(text, 47474);
    QVERIFY2(entry.ok(), entry.ok() ? "" : entry.error().text.c_str());
    QVERIFY(entry->isRange());
    QCOMPARE(entry->firstAddress, first);
    QCOMPARE(entry->addresses, count);
    QCOMPARE(int{entry->port}, port);
}

void HostProbeTest::refusesWithASentence_data() {
    QTest::addColumn<QString>("text");
    for (const char* text : {"",
                             "   ",
                             "host:",
                             "host:0",
                             "host:65536",
                             "host:-1",
                             "host:12x",
                             "host:1:2",
                             "a b",
                             "-a.example",
                             "a..b",
                             "999.1.1.1",
                             "1.2.3",
                             "12345",
                             "[::1",
                             "[::1]x",
                             "[::1]:",
                             "[printer]:80",
                             "10.0.0.0/19",
                             "10.0.0.0/0",
                             "10.0.0.0/33",
                             "10.0.0.0/-1",
                             "10.0.0.0/",
                             "printer/24",
                             "fe80::/120",
                             "10.0.0.0/24:0",
                             "/24",
                             "ho\tst",
                             "h\xc3\xb6st",
                             "a/b/c"})
        QTest::newRow(text) << QString::fromUtf8(text);
}

void HostProbeTest::refusesWithASentence() {
    QFETCH(QString, text);
    const auto entry = parseHostEntry(text, 47474);
    QVERIFY(!entry.ok());
    QCOMPARE(entry.error().code, ErrorCode::InvalidArgument);
    QVERIFY(entry.error().text.back() == '.');
    QVERIFY(entry.error().text.find(text.toStdString()) != std::string::npos);
}

void HostProbeTest::dialsARangeOnceSlowlyAndFewAtATime() {
    HostProbe probe;
    QVERIFY(probe.add(entryOf("10.0.0.0/24"), kStart).ok());
    std::set<QString> dialled;
    std::vector<ProbeTarget> underWay;
    MonoTime now = kStart;
    for (int step = 0; step < 10'000 && dialled.size() < 254; ++step) {
        while (const auto target = probe.next(now)) {
            QVERIFY2(dialled.insert(target->host).second, "each address once");
            underWay.push_back(*target);
            QVERIFY(underWay.size() <= limits::kProbesAtOnce);
            const auto elapsed = std::chrono::duration<double>(now - kStart).count();
            QVERIFY(static_cast<double>(dialled.size()) <= 1 + elapsed * limits::kProbesPerSecond);
        }
        if (underWay.size() == limits::kProbesAtOnce || step % 40 == 39) {
            for (const ProbeTarget& target : underWay) probe.finished(target);
            underWay.clear();
        }
        now += 10ms;
    }
    QCOMPARE(dialled.size(), std::size_t{254});
    QVERIFY(dialled.contains(QStringLiteral("10.0.0.1")) && dialled.contains(QStringLiteral("10.0.0.254")));
    for (const ProbeTarget& target : underWay) probe.finished(target);
    QVERIFY2(!probe.next(now + 9min), "a range rests after its end");
    QVERIFY(probe.next(now + 10min));
}

void HostProbeTest::comesBackToAHostLessAndLessOften() {
    HostProbe probe;
    QVERIFY(probe.add(entryOf("printer"), kStart).ok());
    std::vector<Duration> pauses;
    MonoTime last = kStart;
    for (int i = 0; i < 8; ++i) {
        const MonoTime due = probe.nextTimeout().value();
        QVERIFY(!probe.next(due - 1us));
        const auto target = probe.next(due);
        QVERIFY(target);
        pauses.push_back(due - last);
        last = due;
        probe.finished(*target);
    }
    const std::vector<Duration> expected{0s, 15s, 30s, 60s, 120s, 240s, 300s, 300s};
    QVERIFY(pauses == expected);
}

void HostProbeTest::leavesConnectedTargetsAlone() {
    HostProbe probe;
    QVERIFY(probe.add(entryOf("printer"), kStart).ok());
    const auto target = probe.next(kStart);
    QVERIFY(target);
    probe.connected(*target);
    for (MonoTime now = kStart; now < kStart + 1h; now += 10s) QVERIFY(!probe.next(now));
    probe.finished(*target);
    QVERIFY(probe.next(kStart + 2h) == target);
}

void HostProbeTest::triesAllAgainAfterANetworkChange() {
    HostProbe probe;
    QVERIFY(probe.add(entryOf("printer"), kStart).ok());
    probe.finished(probe.next(kStart).value());
    QVERIFY(!probe.next(kStart + 1s));
    probe.restart(kStart + 1s);
    QVERIFY(probe.next(kStart + 1s));
}

void HostProbeTest::listIsBoundedAndHoldsNothingTwice() {
    HostProbe probe;
    for (std::size_t i = 0; i < limits::kProbeEntries; ++i) {
        const HostEntry entry = parseHostEntry(QStringLiteral("host%1").arg(i)).value();
        QVERIFY(probe.add(entry, kStart).ok());
        QVERIFY(probe.add(entry, kStart).ok());
    }
    const auto full = probe.add(entryOf("another"), kStart);
    QVERIFY(!full.ok());
    QCOMPARE(full.error().code, ErrorCode::Full);
}

}  // namespace landline::net

QTEST_GUILESS_MAIN(landline::net::HostProbeTest)
#include "host_probe_test.moc"
