// What devices say of themselves in envelopes: this one of its relays, and others of theirs, older envelopes after newer ones.
#include "tests/app/messenger/post_fixture.h"

namespace landline::app::test {

using wire::relay::Reason;

class RelayIntroductionTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void whatIsSaidOfThisDeviceIsCountedUp() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        PostFixture::turn();
        const auto first = f.unanswered(f.first).at(0);
        const std::uint64_t before = f.friends->open(first.message)->content.edition;
        QVERIFY(before != 0);
        f.held(f.first, first.counter);
        f.say("two");
        PostFixture::turn();
        const auto second = f.unanswered(f.first).at(0);
        QCOMPARE(f.friends->open(second.message)->content.edition, std::uint64_t(0));
        f.held(f.first, second.counter);
        // The last relay is given up, and another name is taken.
        f.context.db->relays().remove(f.first.key);
        f.context.db->relays().put(f.second, SystemClock().wall());
        f.context.db->relays().setShutOut(f.second.key, Reason::Revoked);
        f.context.db->setPersonName(f.self->person(), QStringLiteral("Renamed"));
        f.context.forgetPerson(f.self->person());
        f.commit();
        f.say("three");
        PostFixture::turn();
        const auto third = f.friends->open(f.unanswered(f.first).at(0).message);
        QCOMPARE(third->content.name, std::string("Renamed"));
        QVERIFY(third->content.told.areNone && third->content.told.relays.empty());
        QVERIFY(third->content.edition > before);
    }

    void contactsAreToldOfAnotherRelayOnce() {
        PostFixture f;
        f.context.db->relays().put(f.second, SystemClock().wall());
        f.context.db->relays().setEntered(f.second.key);
        RelayTable& relays = f.context.db->relays();
        (void)relays.tokenFor(f.second.key, f.friends->person(), f.random);
        (void)relays.tokenFor(f.second.key, {}, f.random);
        (void)relays.confirm(f.second.key, relays.tokens(f.second.key));
        f.commit();
        f.enterWithPrekey(f.first);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        const auto opened = f.friends->open(f.unanswered(f.first)[0].message);
        QVERIFY(opened);
        QCOMPARE(opened->content.told.relays.size(), 2U);
        QCOMPARE(opened->content.certificate, f.self->certificate.encoded());
        f.held(f.first, f.unanswered(f.first)[0].counter);
        f.crash();
        f.enter(f.first);
        QVERIFY(f.unanswered(f.first).empty());
        QVERIFY(!f.owesHeadsTo(*f.friends));
    }

    void contactsAreToldWhereARelayIsThatMoved() {
        PostFixture f;
        identity::RelayUrl moved = f.first;
        moved.port = 3;
        f.context.db->relays().put(moved, SystemClock().wall());
        f.commit();
        f.enterWithPrekey(f.first);
        QCOMPARE(f.unanswered(f.first).size(), 1U);
        const auto opened = f.friends->open(f.unanswered(f.first)[0].message);
        QVERIFY(opened);
        QCOMPARE(opened->content.told.relays.size(), 1U);
        QCOMPARE(opened->content.told.relays[0].url, identity::formatRelayUrl(moved));
        f.held(f.first, f.unanswered(f.first)[0].counter);
        // An invite that is offered there is not theirs to know, and changes nothing for them.
        moved.invite = f.random.make<RelayInvite>();
        f.context.db->relays().put(moved, SystemClock().wall());
        f.commit();
        f.crash();
        f.enter(f.first);
        QVERIFY(f.unanswered(f.first).empty());
        QVERIFY(!f.owesHeadsTo(*f.friends));
    }

    /// By a relay that is slow, or one that serves an old envelope again.
    void anOlderEnvelopeDoesNotUndoALaterOne() {
        PostFixture f;
        f.enter(f.first);
        const auto tokens = [&f] { return f.context.db->prekeys().grants(f.friends->device()); };
        const auto name = [&f] { return f.context.db->person(f.friends->person())->name; };
        const auto says = [&f](const char* called, const std::vector<identity::RelayGrant>& grants,
                               std::uint64_t edition) {
            wire::EnvelopeContent content = f.friends->introduction();
            content.name = called;
            content.told.relays = accessOf(grants);
            content.edition = edition;
            return content;
        };
        const std::vector<identity::RelayGrant> old = {{f.first, f.random.make<RelayToken>()}};
        const std::vector<identity::RelayGrant> now = {{f.second, f.random.make<RelayToken>()}};
        // Of a version that states no number, as long as none is known.
        f.deliver(*f.friends, says("Fred", old, 0));
        QVERIFY(tokens() == old);
        f.deliver(*f.friends, says("Frederic", now, 8));
        QVERIFY(tokens() == now);
        for (const std::uint64_t edition : {std::uint64_t(7), std::uint64_t(0)}) {
            f.deliver(*f.friends, says("Fred", old, edition));
            QVERIFY(tokens() == now);
            QCOMPARE(name(), QStringLiteral("Frederic"));
        }
        // What is in it besides counts as ever.
        f.friends->say(f.self->person(), "late", f.random);
        wire::EnvelopeContent late = says("Fred", old, 3);
        late.entries.push_back(f.friends->takeWritten());
        f.deliver(*f.friends, late);
        QCOMPARE(f.textsFrom(*f.friends), QStringList{QStringLiteral("late")});
        QVERIFY(tokens() == now);
        // Over a restart too, and until something later comes.
        f.crash();
        f.enter(f.first);
        f.deliver(*f.friends, says("Fred", old, 7));
        QVERIFY(tokens() == now);
        f.deliver(*f.friends, says("Fritz", old, 9));
        QVERIFY(tokens() == old);
        QCOMPARE(name(), QStringLiteral("Fritz"));
    }

    void thatThereAreNoRelaysAnyMoreIsSomethingElseThanAsBefore() {
        PostFixture f;
        f.enter(f.first);
        const auto before = f.context.db->prekeys().grants(f.friends->device());
        QCOMPARE(before.size(), 2U);
        wire::EnvelopeContent content = f.friends->introduction();
        content.edition = 5;
        f.deliver(*f.friends, content);
        QVERIFY(f.context.db->prekeys().grants(f.friends->device()) == before);
        content.told.areNone = true;
        content.edition = 6;
        f.deliver(*f.friends, content);
        QVERIFY(f.context.db->prekeys().grants(f.friends->device()).empty());
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayIntroductionTest)
#include "relay_introduction_test.moc"
