#include "p2p/net/link_driver.h"

#include "p2p/base/limits.h"
#include "tests/p2p/net/deaf_link.h"
#include "tests/support/session_pair.h"

#include <QTest>
#include <QThread>

namespace landline::net {

/// A driver over a link that takes everything and gives nothing.
class LinkDriverTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isNotLateAfterASleep();
    void goesToAnotherThreadWithItsLinkInOneStep();
};

namespace {

class SetClock final : public Clock {
public:
    [[nodiscard]] MonoTime mono() const override { return now; }
    [[nodiscard]] WallTime wall() const override { return {}; }
    MonoTime now{std::chrono::hours(1)};
};

class EndWatch final : public LinkUser {
public:
    void linkEnded(LinkDriver&, const session::Ended& ended) override { error = ended.error; }
    std::optional<Error> error;
};

/// Where the link is when its driver is about to change its thread.
class LeaveWatch final : public QObject {
public:
    explicit LeaveWatch(const Link& link) : m_link(link) {}
    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() == QEvent::ThreadChange) linkWasOn = m_link.thread();
        return false;
    }
    QThread* linkWasOn = nullptr;

private:
    const Link& m_link;
};

}  // namespace

void LinkDriverTest::isNotLateAfterASleep() {
    SetClock clock;
    test::TestParty party(1);
    EndWatch watch;
    LinkDriver driver(std::make_unique<test::DeafLink>(), clock, nullptr);
    driver.setUser(&watch);
    const auto* const timer = driver.findChild<QTimer*>();
    QVERIFY(timer && timer->isActive());
    auto session = std::make_unique<session::Session>(
        session::Role::Dialler, wire::Purpose::Conversation, wire::Suite::ChaChaPoly, party.local,
        session::ExpectedParty{}, std::nullopt, party.random, clock.now);
    // Asleep meanwhile: the clock has gone on, the timer has not.
    clock.now += limits::kHandshakeTimeout;
    driver.begin(std::move(session));
    QVERIFY(timer->remainingTime() <= 1);
    QTRY_VERIFY_WITH_TIMEOUT(watch.error, 30'000);
    QCOMPARE(watch.error->code, ErrorCode::Timeout);
}

void LinkDriverTest::goesToAnotherThreadWithItsLinkInOneStep() {
    const SystemClock clock;
    auto given = std::make_unique<test::DeafLink>();
    const test::DeafLink* const link = given.get();
    auto* const driver = new LinkDriver(std::move(given), clock, nullptr);
    QThread other;
    other.start();
    LeaveWatch watch(*link);
    driver->installEventFilter(&watch);
    driver->hold();
    driver->moveTo(&other);
    QCOMPARE(driver->thread(), &other);
    QCOMPARE(link->thread(), &other);
    driver->deleteLater();
    other.quit();
    QVERIFY(other.wait());
    QCOMPARE(watch.linkWasOn, QThread::currentThread());
}

}  // namespace landline::net

QTEST_GUILESS_MAIN(landline::net::LinkDriverTest)
#include "link_driver_test.moc"
