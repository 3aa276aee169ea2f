#include "p2p/net/bulk_thread.h"

#include "tests/p2p/net/deaf_link.h"
#include "tests/support/session_pair.h"

#include <QTest>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <thread>

namespace landline::net {

/// The thread for files without a node.
class BulkThreadTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isNotEmptyWhileASessionIsOnItsWay();
    void whoUsesALinkOnAnotherThreadEndsTheProgram();
};

void BulkThreadTest::isNotEmptyWhileASessionIsOnItsWay() {
    const SystemClock clock;
    test::TestParty party(1);
    LinkKeeper here(SessionParts{party.local, party.random, clock}, nullptr);
    std::promise<void> started;
    std::promise<void> release;
    BulkThread bulk(party.local, nullptr);
    int told = 0;
    connect(&bulk, &BulkThread::emptied, this, [&told] { ++told; });
    bulk.accept(here.adopt(std::make_unique<LinkDriver>(std::make_unique<test::DeafLink>(), clock, nullptr)),
                session::RemoteParty{party.certificate, {}});
    // The session goes at the next turn, so this reaches a side that has none.
    bulk.closeAll();
    bulk.post([&started, until = std::make_shared<std::future<void>>(release.get_future())](FileExchange&) {
        started.set_value();
        until->wait();
    });
    started.get_future().wait();
    QCoreApplication::processEvents();
    const int toldTooEarly = told;
    release.set_value();
    QCOMPARE(toldTooEarly, 0);
    QTRY_COMPARE_WITH_TIMEOUT(told, 1, 30'000);
    QVERIFY(here.isEmpty());
}

void BulkThreadTest::whoUsesALinkOnAnotherThreadEndsTheProgram() {
#ifdef NDEBUG
    constexpr bool kIsChecked = false;
#else
    constexpr bool kIsChecked = true;
#endif
    const SystemClock clock;
    test::TestParty party(1);
    LinkKeeper here(SessionParts{party.local, party.random, clock}, nullptr);
    const LinkHandle link =
        here.adopt(std::make_unique<LinkDriver>(std::make_unique<test::DeafLink>(), clock, nullptr));
    for (const bool isOther : {false, true}) {
        const pid_t child = fork();
        QVERIFY(child >= 0);
        if (child == 0) {
            // What it says of its end would look like ours.
            qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString&) {});
            const rlimit none{};
            (void)setrlimit(RLIMIT_CORE, &none);
            (void)signal(SIGABRT, SIG_DFL);
            if (isOther)
                std::thread([&link] { link->hold(); }).join();
            else
                link->hold();
            _exit(0);
        }
        int status = 0;
        QCOMPARE(waitpid(child, &status, 0), child);
        QCOMPARE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, isOther && kIsChecked);
        QCOMPARE(WIFEXITED(status), !isOther || !kIsChecked);
    }
}

}  // namespace landline::net

QTEST_GUILESS_MAIN(landline::net::BulkThreadTest)
#include "bulk_thread_test.moc"
