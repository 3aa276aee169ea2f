// Contact links that are taken back: whole messengers with a real relay.
#include "tests/app/messenger/relay_friends.h"

namespace landline::app::test {

namespace {

const QString kCarol = QStringLiteral("Carol");

/// What the link lets one leave something with.
RelayToken tokenIn(const QString& link) {
    return identity::parseContactLink(link.toStdString()).value().relays.at(0).token;
}

QStringList tokensOf(const Person& person) {
    return inStore(person, QStringLiteral("SELECT hex(device) || hex(token) FROM relay_grant ORDER BY 1"));
}

/// The relay does not know the token any more.
bool isRefused(ServedRelay& relay, Person& of, const RelayToken& token) {
    const DeviceId device = of.self().device;
    return comes([&] { return relay.prekeyOf(device, token).prekey.empty(); });
}

void setStanding(Person& person, const QString& name, timeline::Standing standing) {
    const PersonId other = person.personCalled(name);
    if (!person.ask([=](Messenger& m) { return m.setStanding(other, standing); })) qFatal("no such standing");
}

/// Comes to Ann by her link, and is a request there.
bool writesByLink(Person& from, Person& ann, ServedRelay& relay) {
    from.start();
    const QString name = from.self().name;
    return join(from, relay) && add(from, linkByRelayOf(ann)) && from.send(kAnn, QStringLiteral("let me in")) &&
           gets(ann, name, {QStringLiteral("let me in")});
}

}  // namespace

class RevokedLinkTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void byALinkThatWasTakenBackNothingIsLeft() {
        ServedRelay relay;
        Person ann(kAnn);
        Person carol(kCarol);
        ann.start();
        QVERIFY(join(ann, relay));
        QVERIFY(writesByLink(carol, ann, relay));
        QVERIFY(isPosted(carol));
        const RelayToken old = tokenIn(linkByRelayOf(ann));

        const auto made = ann.ask([](Messenger& m) { return m.newContactLink(); });
        QVERIFY(made);
        QCOMPARE(*made, ann.ask([](Messenger& m) { return m.contactLink(); }));
        QVERIFY(tokenIn(*made) != old);
        QVERIFY(isRefused(relay, ann, old));
        QVERIFY(!relay.prekeyOf(ann.self().device, tokenIn(*made)).prekey.empty());

        // Carol has Ann's prekey still; it is the deposit that is refused.
        const auto refused = relay.figures().refused;
        const QString again = QStringLiteral("are you there?");
        QVERIFY(carol.send(kAnn, again));
        QVERIFY(comes([&] { return relay.figures().refused > refused; }));
        const QString unanswered = QStringLiteral("SELECT counter FROM deposit WHERE expires IS NULL");
        QVERIFY(comes([&] { return inStore(carol, unanswered).isEmpty(); }));
        QVERIFY(stateOf(carol, kAnn, again) == MessageState::Queued);
        const ConversationId toAnn = carol.conversationWith(kAnn);
        const auto post = [&] { return carol.ask([toAnn](Messenger& m) { return m.postView(toAnn); }); };
        QCOMPARE(post().state, PostState::NoMailbox);
        QCOMPARE(post().relay, QString::fromStdString(relay.url().address()));
        QCOMPARE(ann.textsWith(kCarol), QStringList{QStringLiteral("let me in")});

        // Who is given the new one takes its token in the place of the old.
        QVERIFY(add(carol, linkByRelayOf(ann)));
        QVERIFY(gets(ann, kCarol, {QStringLiteral("let me in"), again}));
        QCOMPARE(post().state, PostState::Ready);
    }

    /// Whether they have a token of their own, or nothing but the link as yet.
    void whoIsAcceptedNoticesNothing() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        QVERIFY(befriend(ann, bob, relay));
        const auto renew = [&ann] { return bool(ann.ask([](Messenger& m) { return m.newContactLink(); })); };
        const RelayToken first = tokenIn(linkByRelayOf(ann));
        QVERIFY(renew());
        QVERIFY(isRefused(relay, ann, first));
        QVERIFY(bob.send(kAnn, QStringLiteral("one")));
        QVERIFY(gets(ann, kBob, {QStringLiteral("one")}));

        const QStringList ofBob = tokensOf(bob);
        QCOMPARE(ofBob.size(), 1);
        const RelayToken second = tokenIn(linkByRelayOf(ann));
        const auto refused = relay.figures().refused;
        QVERIFY(renew());
        QVERIFY(isRefused(relay, ann, second));
        QVERIFY(bob.send(kAnn, QStringLiteral("two")));
        QVERIFY(gets(ann, kBob, {QStringLiteral("one"), QStringLiteral("two")}));
        QVERIFY(becomes(bob, kAnn, QStringLiteral("two"), MessageState::Delivered));
        QCOMPARE(tokensOf(bob), ofBob);
        QVERIFY(relay.figures().refused == refused);
    }

    void whoIsBlockedTakesTheLinkAlong() {
        ServedRelay relay;
        Person ann(kAnn);
        Person bob(kBob);
        Person carol(kCarol);
        QVERIFY(befriend(ann, bob, relay));
        QSignalSpy renewed(ann.messenger(), &Messenger::contactLinkRenewed);
        const RelayToken old = tokenIn(linkByRelayOf(ann));
        // Bob had none of it: Ann took his.
        setStanding(ann, kBob, timeline::Standing::Blocked);
        QVERIFY(tokenIn(linkByRelayOf(ann)) == old);
        QVERIFY(writesByLink(carol, ann, relay));
        // Nor does it help to have been accepted, or to have been met since.
        setStanding(ann, kCarol, timeline::Standing::Accepted);
        QCOMPARE(renewed.size(), 0);
        setStanding(ann, kCarol, timeline::Standing::Blocked);
        QVERIFY(comes([&] { return renewed.size() == 1; }));
        QVERIFY(tokenIn(linkByRelayOf(ann)) != old);
        QVERIFY(isRefused(relay, ann, old));
        for (const QString& token : inStore(carol, QStringLiteral("SELECT hex(token) FROM relay_grant")))
            QVERIFY(isRefused(relay, ann, RelayToken::from(fromHex(token.toStdString()).value()).value()));
    }

    /// It is told as soon as the relay can be told.
    void aRelayThatIsAwayIsToldLater() {
        ServedRelay relay;
        Person ann(kAnn);
        ann.start();
        QVERIFY(join(ann, relay));
        const RelayToken old = tokenIn(linkByRelayOf(ann));
        QVERIFY(comes([&] { return !relay.prekeyOf(ann.self().device, old).prekey.empty(); }));
        relay.stop();
        QVERIFY(ann.ask([](Messenger& m) { return m.newContactLink(); }));
        ann.stop();
        relay.start();
        ann.start();
        QVERIFY(isRefused(relay, ann, old));
    }

    void withoutARelayThereIsNothingToTakeBack() {
        Person ann(kAnn);
        ann.start();
        const auto made = ann.ask([](Messenger& m) { return m.newContactLink(); });
        QVERIFY(!made && made.error().code == ErrorCode::NotFound);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RevokedLinkTest)
#include "revoked_link_test.moc"
