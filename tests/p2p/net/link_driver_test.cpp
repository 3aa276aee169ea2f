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
    void readsLittleInOneTurn_data();
    void readsLittleInOneTurn();
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

/// Reads what another session has to say.
class PipeLink final : public test::DeafLink {
public:
    PipeLink(session::Session& other, const Clock& clock) : m_other(other), m_clock(clock) {}
    [[nodiscard]] std::size_t read(std::span<std::uint8_t> out) override {
        const ByteView from = m_other.outgoing();
        const std::size_t count = std::min(out.size(), from.size());
        std::copy_n(from.begin(), count, out.begin());
        m_other.consumeOutgoing(count);
        return count;
    }
    [[nodiscard]] std::size_t write(std::span<const ByteView> parts) override {
        std::size_t bytes = 0;
        for (const ByteView part : parts) {
            m_other.receive(part, m_clock.mono());
            bytes += part.size();
        }
        return bytes;
    }

private:
    session::Session& m_other;
    const Clock& m_clock;
};

class CountingUser final : public LinkUser {
public:
    void sessionReceived(LinkDriver&, wire::Message) override { ++received; }
    void linkEnded(LinkDriver&, const session::Ended&) override {}
    std::size_t received = 0;
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

void LinkDriverTest::readsLittleInOneTurn_data() {
    QTest::addColumn<int>("purpose");
    QTest::addColumn<int>("most");
    QTest::newRow("conversation") << int(wire::Purpose::Conversation) << 90;
    QTest::newRow("relay") << int(wire::Purpose::Relay) << 90;
    QTest::newRow("bulk") << int(wire::Purpose::Bulk) << 1'100;
}

/// While one is read all others wait: a turn ends with the read that passes its bound.
void LinkDriverTest::readsLittleInOneTurn() {
    QFETCH(int, purpose);
    QFETCH(int, most);
    const auto kind = static_cast<wire::Purpose>(purpose);
    SetClock clock;
    test::TestParty ada(1);
    test::TestParty bo(2);
    std::optional<wire::TransferId> transfer;
    if (kind == wire::Purpose::Bulk) transfer.emplace();
    session::Session other(session::Role::Dialler, kind, wire::Suite::ChaChaPoly, ada.local, {}, transfer, ada.random, clock.now);
    auto given = std::make_unique<PipeLink>(other, clock);
    PipeLink* const link = given.get();
    CountingUser user;
    LinkDriver driver(std::move(given), clock, nullptr);
    driver.setUser(&user);
    driver.begin(std::make_unique<session::Session>(
        session::Role::Responder,
        kind == wire::Purpose::Relay ? wire::Purpose::Relay : wire::Purpose::Conversation, wire::Suite::ChaChaPoly, bo.local,
        session::ExpectedParty{}, std::nullopt, bo.random, clock.now));
    for (int turn = 0; turn < 10 && !other.isOpen(); ++turn) Q_EMIT link->readable();
    QVERIFY(other.isOpen());
    // About 1,000 bytes each.
    for (int count = 0; count < 3'000; ++count) {
        if (kind == wire::Purpose::Relay)
            other.send(wire::relay::Frame{1, wire::relay::PublishPrekey{Bytes(950)}}, clock.now);
        else
            other.send(wire::FileChunk{0, Bytes(950)}, clock.now);
    }
    Q_EMIT link->readable();
    QVERIFY(user.received > 0);
    QVERIFY2(user.received <= std::size_t(most), qPrintable(QString::number(user.received)));
    const std::size_t first = user.received;
    Q_EMIT link->readable();
    QVERIFY(user.received > first);
}

}  // namespace landline::net

QTEST_GUILESS_MAIN(landline::net::LinkDriverTest)
#include "link_driver_test.moc"
