#include "tests/p2p/net/breakable_proxy.h"
#include "tests/p2p/net/test_node.h"

#include <QTest>

using namespace landline;
using test::BreakableProxy;
using test::TestNode;
using wire::CloseReason;

class NodeSessionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void opensASessionAndTellsProfiles();
    void tellsRelaysToTheirPersonAlone();
    void hearsTheLastProfileOfWhoLeavesAtOnce();
    void reachesAHostWhoseKeyItDoesNotKnow();
    void crossingDialsLeaveOneSession();
    void dialsAgainWhenAConnectionBreaks();
    void dialsUntilTheOtherSideListens();
    void takesTheAddressThatAnswers();
    void refusesAnImpostor();
    void turnsARefusedPersonAway();
    void endsTheSessionOfAPersonWhoIsRefusedLater();
    void saysGoodbyeWhenItStops();
    void noticesACloneOfItself();
    void doesNotTalkToItself();
    void stopsBeforeItStarted();
};

namespace {

wire::Typing typing(std::uint8_t mark) {
    return {*ConversationId::from(Bytes(32, mark)), true};
}

/// A port on which nobody listens.
quint16 closedPort() {
    QTcpServer server;
    if (!server.listen(QHostAddress::LocalHost)) qFatal("No port is free.");
    return server.serverPort();
}

}  // namespace

void NodeSessionsTest::opensASessionAndTellsProfiles() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    ann.want(ben);
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    QVERIFY(ann.sessionWith(ben)->outgoing);
    QVERIFY(!ben.sessionWith(ann)->outgoing);
    QCOMPARE(ben.sessionWith(ann)->remote->hello.name, std::string("Ann"));
    QCOMPARE(ben.sessionWith(ann)->candidate.port, ann.port());
    QCOMPARE(ben.sessionWith(ann)->candidate.address, QHostAddress(QHostAddress::LocalHost));
    QTRY_VERIFY(ann.profiles.count(ben.device()) && ben.profiles.count(ann.device()));
    QCOMPARE(ann.profiles[ben.device()].name, std::string("Ben"));

    wire::Profile busy{"Annie", wire::Presence::Busy, "in a meeting"};
    ann.node().setProfile(busy);
    QTRY_COMPARE(ben.profiles[ann.device()], busy);
    ann.node().sendTyping({ben.person()}, typing(1));
    QTRY_COMPARE(ben.typings.size(), 1U);
    QCOMPARE(ben.typings.front(), typing(1));
}

void NodeSessionsTest::tellsRelaysToTheirPersonAlone() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    TestNode eve(QStringLiteral("Eve"));
    const wire::RelayAccess forBen{"landline://relay.example:7000/key", {}};
    ann.node().setRelaysFor(ben.person(), {{forBen}}, 1);
    ann.start();
    ben.start();
    eve.start();
    ben.want(ann);
    eve.want(ann);
    // With the first profile of a session, and with each later one.
    QTRY_VERIFY(ben.profiles.count(ann.device()) && eve.profiles.count(ann.device()));
    QCOMPARE(ben.profiles[ann.device()].told.relays, std::vector{forBen});
    ann.node().setProfile({"Annie", wire::Presence::Busy, "in a meeting"});
    QTRY_COMPARE(ben.profiles[ann.device()].name, std::string("Annie"));
    QTRY_COMPARE(eve.profiles[ann.device()].name, std::string("Annie"));
    QCOMPARE(ben.profiles[ann.device()].told.relays, std::vector{forBen});
    QVERIFY(eve.profiles[ann.device()].told.relays.empty());
    QCOMPARE(ben.profiles[ann.device()].edition, std::uint64_t(1));
    // What was said last, of name or relays, is what both are as of.
    wire::Profile renamed{"Anna", wire::Presence::Busy, ""};
    renamed.edition = 3;
    ann.node().setProfile(renamed);
    QTRY_COMPARE(ben.profiles[ann.device()].edition, std::uint64_t(3));
    ann.node().setRelaysFor(ben.person(), {{}, true}, 2);
    QTRY_VERIFY(ben.profiles[ann.device()].told.areNone);
    QCOMPARE(ben.profiles[ann.device()].edition, std::uint64_t(3));
    ann.node().setRelaysFor(ben.person(), {}, 4);
    QTRY_VERIFY(ben.profiles[ann.device()].told == wire::ToldRelays{});
}

void NodeSessionsTest::hearsTheLastProfileOfWhoLeavesAtOnce() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    const wire::RelayAccess forBen{"landline://relay.example:7000/key",
                                   {}};
    ann.start();
    ben.start();
    ben.want(ann);
    QTRY_VERIFY(ben.profiles.count(ann.device()));
    ann.node().setRelaysFor(ben.person(), {{forBen}}, 1);
    ann.node().stop();
    QTRY_COMPARE(ben.profiles[ann.device()].told.relays, std::vector{forBen});
}

void NodeSessionsTest::reachesAHostWhoseKeyItDoesNotKnow() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    ann.node().addHost(QStringLiteral("127.0.0.1:%1").arg(ben.port()));
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
}

void NodeSessionsTest::crossingDialsLeaveOneSession() {
    for (std::uint8_t round = 1; round <= 20; ++round) {
        TestNode ann(QStringLiteral("Ann"));
        TestNode ben(QStringLiteral("Ben"));
        ann.start();
        ben.start();
        ann.want(ben);
        ben.want(ann);
        // Both ends mean the same session: one dialled it and the other did not.
        QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann) &&
                    ann.sessionWith(ben)->outgoing != ben.sessionWith(ann)->outgoing);
        QVERIFY(ann.open.size() == 1 && ben.open.size() == 1);
        ann.node().sendTyping({ben.person()}, typing(round));
        ben.node().sendTyping({ann.person()}, typing(round));
        QTRY_VERIFY(ann.typings.size() == 1 && ben.typings.size() == 1);
        QVERIFY(ann.open.size() == 1 && ben.open.size() == 1);
        for (const TestNode* node : {&ann, &ben})
            for (const auto& closing : node->closings) QCOMPARE(closing.reason, CloseReason::Superseded);
    }
}

void NodeSessionsTest::dialsAgainWhenAConnectionBreaks() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    BreakableProxy proxy(ben.port());
    ann.node().want(ben.contact(proxy.port()));
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    for (int round = 2; round <= 4; ++round) {
        proxy.breakAll();
        QTRY_COMPARE(ann.openedWith(ben), round);
        QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    }
    QVERIFY(!ann.closings.empty());
    QVERIFY(!ann.closings.front().why.isEmpty());
}

void NodeSessionsTest::dialsUntilTheOtherSideListens() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    const quint16 port = closedPort();
    ann.start();
    ann.node().want(ben.contact(port));
    QTRY_VERIFY(ann.dialFailures.size() >= 2);
    ben.start();
    ann.node().want(ben.contact());
    QTRY_VERIFY(ann.sessionWith(ben));
}

void NodeSessionsTest::takesTheAddressThatAnswers() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    QTcpServer silent;  // accepts and says nothing
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    net::Contact contact = ben.contact();
    const QHostAddress here(QHostAddress::LocalHost);
    contact.remembered.insert(contact.remembered.begin(),
                              {{here, closedPort()}, {here, silent.serverPort()}});
    ann.node().want(contact);
    QTRY_VERIFY_WITH_TIMEOUT(ann.sessionWith(ben), 10000);
}

void NodeSessionsTest::refusesAnImpostor() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    TestNode mallory(QStringLiteral("Mallory"));
    ann.start();
    mallory.start();
    ann.node().want(ben.contact(mallory.port()));
    QTRY_VERIFY(!ann.dialFailures.empty());
    QVERIFY2(ann.dialFailures.front().contains(QStringLiteral("Another device")),
             qPrintable(ann.dialFailures.front()));
    QVERIFY(ann.everOpened.empty());
    QVERIFY(mallory.everOpened.empty());
}

void NodeSessionsTest::turnsARefusedPersonAway() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    ann.node().setRefused({ben.person()});
    ben.want(ann);
    QTRY_VERIFY(!ben.closings.empty());
    QCOMPARE(ben.closings.front().reason, CloseReason::NotWelcome);
    QVERIFY(!ben.closings.front().why.isEmpty());
    QVERIFY(ann.everOpened.empty());
}

void NodeSessionsTest::endsTheSessionOfAPersonWhoIsRefusedLater() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    ann.want(ben);
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    ann.node().setRefused({ben.person()});
    QTRY_VERIFY(!ann.sessionWith(ben) && !ben.sessionWith(ann));
    QCOMPARE(ben.closings.front().reason, CloseReason::NotWelcome);
}

void NodeSessionsTest::saysGoodbyeWhenItStops() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    ann.want(ben);
    QTRY_VERIFY(ann.sessionWith(ben) && ben.sessionWith(ann));
    ben.node().stop();
    QTRY_VERIFY_WITH_TIMEOUT(ben.stopped, 1000);
    QTRY_VERIFY(!ann.closings.empty());
    QCOMPARE(ann.closings.front().reason, CloseReason::Goodbye);
    QVERIFY(ann.closings.front().why.isEmpty());
}

void NodeSessionsTest::noticesACloneOfItself() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode copy(QStringLiteral("Ann"), ann.identity());
    ann.start();
    copy.start();
    ann.node().addHost(QStringLiteral("127.0.0.1:%1").arg(copy.port()));
    QTRY_VERIFY(!ann.clones.empty() && !copy.clones.empty());
    QVERIFY(ann.everOpened.empty() && copy.everOpened.empty());
}

void NodeSessionsTest::doesNotTalkToItself() {
    TestNode ann(QStringLiteral("Ann"));
    TestNode ben(QStringLiteral("Ben"));
    ann.start();
    ben.start();
    ann.node().addHost(QStringLiteral("127.0.0.1:%1").arg(ann.port()));
    ann.node().addHost(QStringLiteral("127.0.0.1:%1").arg(ben.port()));
    QTRY_VERIFY(ann.sessionWith(ben));
    QCOMPARE(ann.everOpened.size(), 1U);
    QVERIFY(ann.clones.empty());
}

void NodeSessionsTest::stopsBeforeItStarted() {
    TestNode ann(QStringLiteral("Ann"));
    ann.node().stop();
    QTRY_VERIFY(ann.stopped);
}

QTEST_GUILESS_MAIN(NodeSessionsTest)
#include "node_sessions_test.moc"
