// What keeps a message from being left at a relay, as a person and the doctor are told: whole messengers with a real relay.
#include "app/control/doctor.h"
#include "tests/app/messenger/relay_friends.h"

#include <algorithm>

namespace landline::app::test {

namespace {

PostView postOf(Person& person, const QString& to) {
    const ConversationId conversation = person.conversationWith(to);
    return person.ask([conversation](Messenger& m) { return m.postView(conversation); });
}
bool becomes(Person& person, const QString& to, PostState state) {
    return comes([&] { return postOf(person, to).state == state; });
}

/// What the doctor says of somebody who is not to be seen, with whom it stands so.
control::Check checkOf(const PostView& post) {
    control::Facts facts;
    facts.peer.emplace();
    facts.peer->name = kAnn;
    facts.peer->post = post;
    for (const control::Check& check : control::diagnose(facts))
        if (check.check == QStringLiteral("connection")) return check;
    return {};
}
bool isNamedIn(const ServedRelay& relay, const control::Check& check) {
    return check.advice.contains(QString::fromStdString(relay.url().address()));
}

}  // namespace

class PostViewTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void aMailboxThatIsFullIsToldUntilItIsEmptied() {
        ServedRelay relay;
        relay.stop();
        relay.config().quota.items = relay.config().quota.senderItems = 1;
        relay.start();
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        QVERIFY(bob.send(kAnn, QStringLiteral("one")));
        QVERIFY(gets(ann, kBob, {QStringLiteral("one")}));
        QVERIFY(becomes(bob, kAnn, PostState::Ready));
        QVERIFY(checkOf(postOf(bob, kAnn)).ok);

        QVERIFY(becomes(bob, kAnn, QStringLiteral("one"), MessageState::Delivered));
        QVERIFY(comes([&] { return relay.figures().heldItems == 0; }));
        ann.stop();
        QVERIFY(bob.send(kAnn, QStringLiteral("two")));
        QVERIFY(becomes(bob, kAnn, QStringLiteral("two"), MessageState::Held));
        QVERIFY(bob.send(kAnn, QStringLiteral("three")));
        QVERIFY(becomes(bob, kAnn, PostState::Full));
        QVERIFY(stateOf(bob, kAnn, QStringLiteral("three")) == MessageState::Queued);
        const control::Check check = checkOf(postOf(bob, kAnn));
        QVERIFY(!check.ok);
        QVERIFY2(isNamedIn(relay, check) && check.advice.contains(QStringLiteral("no more room")),
                 qPrintable(check.advice));

        ann.start();
        QVERIFY(gets(ann, kBob, {QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("three")}));
        QVERIFY(becomes(bob, kAnn, PostState::Ready));
    }

    void aRelayThatIsGoneIsToldUntilItIsBack() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        QVERIFY(bob.send(kAnn, QStringLiteral("one")));
        QVERIFY(gets(ann, kBob, {QStringLiteral("one")}));
        relay.stop();
        QVERIFY(bob.send(kAnn, QStringLiteral("two")));
        QVERIFY(becomes(bob, kAnn, PostState::Unreachable));
        const control::Check check = checkOf(postOf(bob, kAnn));
        QVERIFY(!check.ok);
        QVERIFY2(isNamedIn(relay, check), qPrintable(check.advice));
        relay.start();
        QVERIFY(gets(ann, kBob, {QStringLiteral("one"), QStringLiteral("two")}));
        QVERIFY(becomes(bob, kAnn, PostState::Ready));
        QVERIFY(checkOf(postOf(bob, kAnn)).ok);
    }

    /// A relay that nobody has visited yet, where nothing is to be left: the doctor has it tried.
    void aContactsRelayIsTriedForWhoWantsToKnow() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(ann, relay));
        QVERIFY(add(bob, linkByRelayOf(ann)));
        const ConversationId conversation = bob.conversationWith(kAnn);
        const auto isTried = [&](PostState state) {
            return comes([&] {
                return bob.ask([conversation](Messenger& m) {
                              m.tryPost(conversation);
                              return m.postView(conversation);
                          })
                           .state == state;
            });
        };
        QVERIFY(isTried(PostState::Ready));
        relay.stop();
        QVERIFY(isTried(PostState::Unreachable));
    }

    void whoIsHereNeedsNoRelay() {
        Person ann(kAnn, allowingAll());
        Person bob(kBob, allowingAll());
        QVERIFY(bringTogether(ann, bob));
        QCOMPARE(postOf(bob, kAnn).state, PostState::Ready);
        ann.stop();
        QVERIFY(becomes(bob, kAnn, PostState::NoRelay));
        QVERIFY(!checkOf(postOf(bob, kAnn)).ok);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::PostViewTest)
#include "post_view_test.moc"
