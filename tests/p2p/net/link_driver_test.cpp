#include "p2p/net/link_driver.h"

#include "p2p/base/limits.h"
#include "tests/p2p/net/deaf_link.h"
#include "tests/support/session_pair.h"

#include <QTest>

namespace landline::net {

/// A driver over a link that takes everything and gives nothing.
class LinkDriverTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isNotLateAfterASleep();
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

}  // namespace landline::net

QTEST_GUILESS_MAIN(landline::net::LinkDriverTest)
#include "link_driver_test.moc"
