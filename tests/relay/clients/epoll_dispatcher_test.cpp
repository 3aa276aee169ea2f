// The same behaviour on Qt's own dispatcher (`--qt`) and on ours: what a program may rely on is what both do.
#include "relay/clients/epoll_dispatcher.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QPointer>
#include <QSemaphore>
#include <QSignalSpy>
#include <QSocketNotifier>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QThread>
#include <QTimer>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace landline::relay::test {

namespace {

constexpr int kPatience = 20000;

/// Two connected sockets without a network.
struct Pair {
    Pair() {
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
            qFatal("no socket pair");
    }
    ~Pair() {
        for (int& end : ends) shut(end);
    }
    static void shut(int& end) {
        if (end >= 0) ::close(end);
        end = -1;
    }
    void say() const { QVERIFY(::write(ends[0], "x", 1) == 1); }
    void hear() const {
        char byte = 0;
        QVERIFY(::read(ends[1], &byte, 1) == 1);
    }
    std::array<int, 2> ends{-1, -1};
};

class Timed : public QObject {
    Q_OBJECT
public:
    std::function<void(int)> onTimer;

protected:
    void timerEvent(QTimerEvent* event) override { onTimer(event->timerId()); }
};

int turnsIn(int millis) {
    QAbstractEventDispatcher* const dispatcher = QAbstractEventDispatcher::instance();
    QSignalSpy turns(dispatcher, &QAbstractEventDispatcher::awake);
    QEventLoop loop;
    QTimer::singleShot(millis, &loop, &QEventLoop::quit);
    loop.exec();
    return int(turns.count());
}

}  // namespace

class EpollDispatcherTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void timersComeInTheirOrderAndAgain();
    void aTimerThatIsStoppedIsNotHeardOf();
    void aTimerMayEndItsObject();
    void aNestedLoopDoesNotRunATimerWithinItself();
    void timersThatWereMissedComeOnce();
    void tellsWhatIsLeftOfATimer();
    void timersMoveWithTheirObject();
    void aBusyTimerStarvesNoSocket();
    void anotherThreadWakesIt();
    void leavesWhenTold();
    void tellsOfWhatCanBeReadAndWritten();
    void aNotifierMayEndAnother();
    void aNumberThatIsUsedAgainIsWatchedAnew();
    void socketsCanBeLeftOut();
    void anEndedConnectionCostsNothing();
    void manyConnectionsEcho();
};

void EpollDispatcherTest::timersComeInTheirOrderAndAgain() {
    std::vector<int> order;
    QTimer late;
    QTimer early;
    for (QTimer* const timer : {&late, &early}) timer->setTimerType(Qt::PreciseTimer);
    QElapsedTimer clock;
    clock.start();
    qint64 lateAt = 0;
    connect(&late, &QTimer::timeout, this, [&] {
        order.push_back(2);
        lateAt = clock.elapsed();
    });
    connect(&early, &QTimer::timeout, this, [&] { order.push_back(1); });
    late.setSingleShot(true);
    late.start(60);
    early.start(20);
    QTRY_VERIFY_WITH_TIMEOUT(order.size() >= 5, kPatience);
    QVERIFY(lateAt >= 60);
    QCOMPARE(order.front(), 1);
    QCOMPARE(std::count(order.begin(), order.end(), 2), 1);
}

void EpollDispatcherTest::aTimerThatIsStoppedIsNotHeardOf() {
    // Both are due in the same turn; whichever comes first stops the other.
    QTimer one;
    QTimer other;
    int heard = 0;
    connect(&one, &QTimer::timeout, this, [&] { ++heard, one.stop(), other.stop(); });
    connect(&other, &QTimer::timeout, this, [&] { ++heard, one.stop(), other.stop(); });
    one.start(5);
    other.start(5);
    QThread::msleep(20);
    QTRY_VERIFY_WITH_TIMEOUT(heard > 0, kPatience);
    (void)turnsIn(50);
    QCOMPARE(heard, 1);
}

void EpollDispatcherTest::aTimerMayEndItsObject() {
    auto* const timed = new Timed;
    const QPointer<Timed> watch(timed);
    timed->onTimer = [timed](int) { delete timed; };
    timed->startTimer(0);
    QTRY_VERIFY_WITH_TIMEOUT(watch.isNull(), kPatience);
}

void EpollDispatcherTest::aNestedLoopDoesNotRunATimerWithinItself() {
    Timed timed;
    int depth = 0;
    int deepest = 0;
    int runs = 0;
    timed.onTimer = [&](int) {
        deepest = std::max(deepest, ++depth);
        ++runs;
        (void)turnsIn(30);
        --depth;
    };
    timed.startTimer(1, Qt::PreciseTimer);
    QTRY_VERIFY_WITH_TIMEOUT(runs >= 3, kPatience);
    QCOMPARE(deepest, 1);
}

void EpollDispatcherTest::timersThatWereMissedComeOnce() {
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    int heard = 0;
    connect(&timer, &QTimer::timeout, this, [&] { ++heard; });
    timer.start(20);
    QThread::msleep(200);
    QCoreApplication::processEvents();
    QCOMPARE(heard, 1);
}

void EpollDispatcherTest::tellsWhatIsLeftOfATimer() {
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    timer.start(5000);
    QVERIFY(timer.remainingTime() > 0 && timer.remainingTime() <= 5000);
    const int before = timer.remainingTime();
    QThread::msleep(20);
    QVERIFY(timer.remainingTime() <= before - 19);
    timer.setInterval(0);
    QVERIFY(timer.remainingTime() <= 1);
    timer.stop();
    QCOMPARE(timer.remainingTime(), -1);
}

void EpollDispatcherTest::timersMoveWithTheirObject() {
    QThread thread;
    thread.start();
    auto* const timed = new Timed;
    QSemaphore heard;
    QThread* at = nullptr;
    timed->onTimer = [&](int id) {
        at = QThread::currentThread();
        timed->killTimer(id);
        heard.release();
    };
    const int id = timed->startTimer(30, Qt::PreciseTimer);
    const auto listed = QAbstractEventDispatcher::instance()->registeredTimers(timed);
    QCOMPARE(listed.size(), 1);
    QCOMPARE(listed.front().timerId, id);
    QCOMPARE(listed.front().interval, 30);
    timed->moveToThread(&thread);
    QVERIFY(QAbstractEventDispatcher::instance()->registeredTimers(timed).isEmpty());
    QVERIFY(heard.tryAcquire(1, kPatience));
    QCOMPARE(at, &thread);
    timed->deleteLater();
    thread.quit();
    QVERIFY(thread.wait(kPatience));
}

void EpollDispatcherTest::aBusyTimerStarvesNoSocket() {
    QTimer busy;
    int turns = 0;
    connect(&busy, &QTimer::timeout, this, [&] { ++turns; });
    busy.start(0);
    Pair pair;
    int heard = 0;
    QSocketNotifier reading(pair.ends[1], QSocketNotifier::Read);
    connect(&reading, &QSocketNotifier::activated, this, [&] {
        pair.hear();
        if (++heard < 100) pair.say();
    });
    pair.say();
    QTRY_COMPARE_WITH_TIMEOUT(heard, 100, kPatience);
    QVERIFY(turns > 0);
}

void EpollDispatcherTest::anotherThreadWakesIt() {
    QThread thread;
    QObject there;
    there.moveToThread(&thread);
    thread.start();
    // Back and forth without a timer or a socket on either side.
    int rounds = 0;
    QEventLoop loop;
    std::function<void()> ask = [&] {
        QMetaObject::invokeMethod(&there, [&] {
            QMetaObject::invokeMethod(
                this,
                [&] {
                    if (++rounds == 20000) return loop.quit();
                    ask();
                },
                Qt::QueuedConnection);
        });
    };
    ask();
    bool inTime = true;
    QTimer::singleShot(3 * kPatience, &loop, [&] {
        inTime = false;
        loop.quit();
    });
    loop.exec();
    QVERIFY(inTime);
    QCOMPARE(rounds, 20000);
    thread.quit();
    QVERIFY(thread.wait(kPatience));
}

void EpollDispatcherTest::leavesWhenTold() {
    for (int round = 0; round < 200; ++round) {
        QEventLoop loop;
        const std::unique_ptr<QThread> other(QThread::create([&loop] { loop.quit(); }));
        // The loop may not have begun yet; Qt forgets a quit before that, so the thread is told by the loop itself.
        QTimer::singleShot(0, &loop, [&] { other->start(); });
        loop.exec();
        QVERIFY(other->wait(kPatience));
    }
}

void EpollDispatcherTest::tellsOfWhatCanBeReadAndWritten() {
    Pair pair;
    int reads = 0;
    int writes = 0;
    QSocketNotifier reading(pair.ends[1], QSocketNotifier::Read);
    QSocketNotifier writing(pair.ends[1], QSocketNotifier::Write);
    connect(&reading, &QSocketNotifier::activated, this, [&] { ++reads, pair.hear(); });
    connect(&writing, &QSocketNotifier::activated, this, [&] { ++writes, writing.setEnabled(false); });
    QTRY_COMPARE_WITH_TIMEOUT(writes, 1, kPatience);
    QCOMPARE(reads, 0);
    pair.say();
    QTRY_COMPARE_WITH_TIMEOUT(reads, 1, kPatience);
    writing.setEnabled(true);
    QTRY_COMPARE_WITH_TIMEOUT(writes, 2, kPatience);
    // Switched off and on again within one turn it still is told.
    reading.setEnabled(false);
    reading.setEnabled(true);
    pair.say();
    QTRY_COMPARE_WITH_TIMEOUT(reads, 2, kPatience);
    reading.setEnabled(false);
    pair.say();
    (void)turnsIn(50);
    QCOMPARE(reads, 2);
}

void EpollDispatcherTest::aNotifierMayEndAnother() {
    Pair one;
    Pair other;
    auto first = std::make_unique<QSocketNotifier>(one.ends[1], QSocketNotifier::Read);
    auto second = std::make_unique<QSocketNotifier>(other.ends[1], QSocketNotifier::Read);
    int heard = 0;
    connect(first.get(), &QSocketNotifier::activated, this, [&] {
        ++heard;
        one.hear();
        second.reset();
        Pair::shut(other.ends[1]);
    });
    connect(second.get(), &QSocketNotifier::activated, this, [&] {
        ++heard;
        other.hear();
        first.reset();
        Pair::shut(one.ends[1]);
    });
    one.say();
    other.say();
    QTRY_VERIFY_WITH_TIMEOUT(heard > 0, kPatience);
    (void)turnsIn(50);
    QCOMPARE(heard, 1);
}

void EpollDispatcherTest::aNumberThatIsUsedAgainIsWatchedAnew() {
    for (int round = 0; round < 20; ++round) {
        Pair before;
        auto old = std::make_unique<QSocketNotifier>(before.ends[1], QSocketNotifier::Read);
        (void)turnsIn(1);
        const int number = before.ends[1];
        old.reset();
        Pair::shut(before.ends[1]);
        // The lowest number that is free is the one that was just given back.
        Pair after;
        if (after.ends[1] != number) std::swap(after.ends[0], after.ends[1]);
        QCOMPARE(after.ends[1], number);
        int heard = 0;
        QSocketNotifier reading(number, QSocketNotifier::Read);
        connect(&reading, &QSocketNotifier::activated, this, [&] { ++heard, after.hear(); });
        after.say();
        QTRY_COMPARE_WITH_TIMEOUT(heard, 1, kPatience);
    }
}

void EpollDispatcherTest::socketsCanBeLeftOut() {
    Pair pair;
    int heard = 0;
    QSocketNotifier reading(pair.ends[1], QSocketNotifier::Read);
    connect(&reading, &QSocketNotifier::activated, this, [&] { ++heard, pair.hear(); });
    pair.say();
    for (int i = 0; i < 20; ++i) QCoreApplication::processEvents(QEventLoop::ExcludeSocketNotifiers);
    QCOMPARE(heard, 0);
    // It waits all the same, for timers and for what is posted.
    bool rang = false;
    QTimer::singleShot(20, this, [&] { rang = true; });
    while (!rang)
        QCoreApplication::processEvents(QEventLoop::ExcludeSocketNotifiers | QEventLoop::WaitForMoreEvents);
    QCOMPARE(heard, 0);
    QTRY_COMPARE_WITH_TIMEOUT(heard, 1, kPatience);
}

void EpollDispatcherTest::anEndedConnectionCostsNothing() {
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QTcpSocket dialled;
    dialled.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QTRY_VERIFY_WITH_TIMEOUT(server.hasPendingConnections(), kPatience);
    QTcpSocket* const accepted = server.nextPendingConnection();
    QTRY_COMPARE_WITH_TIMEOUT(dialled.state(), QAbstractSocket::ConnectedState, kPatience);
    // Unread bytes and a full buffer switch its notifier off; the end comes meanwhile.
    accepted->setReadBufferSize(1);
    dialled.write(QByteArray(10, 'x'));
    dialled.disconnectFromHost();
    QTRY_COMPARE_WITH_TIMEOUT(dialled.state(), QAbstractSocket::UnconnectedState, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(accepted->bytesAvailable(), 1, kPatience);
    const int turns = turnsIn(300);
    QVERIFY2(turns < 50, qPrintable(QString::number(turns)));
    QSignalSpy ended(accepted, &QTcpSocket::disconnected);
    QByteArray all;
    const auto drained = [&] {
        all += accepted->readAll();
        return all.size() == 10 && !ended.isEmpty();
    };
    QTRY_VERIFY_WITH_TIMEOUT(drained(), kPatience);
}

void EpollDispatcherTest::manyConnectionsEcho() {
    constexpr int kConnections = 300;
    constexpr int kRounds = 20;
    QTcpServer server;
    server.setListenBacklogSize(kConnections);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    server.setMaxPendingConnections(kConnections);
    connect(&server, &QTcpServer::newConnection, this, [&] {
        while (QTcpSocket* const socket = server.nextPendingConnection()) {
            connect(socket, &QTcpSocket::readyRead, socket, [socket] { socket->write(socket->readAll()); });
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        }
    });
    std::vector<std::unique_ptr<QTcpSocket>> clients;
    int finished = 0;
    for (int i = 0; i < kConnections; ++i) {
        clients.push_back(std::make_unique<QTcpSocket>());
        QTcpSocket* const client = clients.back().get();
        connect(client, &QTcpSocket::connected, client, [client] { client->write("0"); });
        connect(client, &QTcpSocket::readyRead, client, [client, &finished] {
            client->setProperty("rounds", client->property("rounds").toInt() + int(client->readAll().size()));
            if (client->property("rounds").toInt() < kRounds) {
                client->write("0");
                return;
            }
            ++finished;
            client->disconnectFromHost();
        });
        client->connectToHost(QHostAddress::LocalHost, server.serverPort());
    }
    QTRY_COMPARE_WITH_TIMEOUT(finished, kConnections, 3 * kPatience);
    for (const auto& client : clients)
        QTRY_COMPARE_WITH_TIMEOUT(client->state(), QAbstractSocket::UnconnectedState, kPatience);
}

}  // namespace landline::relay::test

int main(int argc, char** argv) {
    const bool withQts = argc > 1 && std::string_view(argv[1]) == "--qt";
    // The one on poll(2), not GLib's.
    if (withQts) qputenv("QT_NO_GLIB", "1");
    if (!withQts) QCoreApplication::setEventDispatcher(new landline::relay::EpollDispatcher);
    QCoreApplication app(argc, argv);
    if (withQts) --argc, ++argv;
    landline::relay::test::EpollDispatcherTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "epoll_dispatcher_test.moc"
