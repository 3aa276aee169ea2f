#include "app/messenger/relay_directory.h"
#include "p2p/base/random.h"
#include "tests/app/messenger/relay_device.h"
#include "tests/app/messenger/relay_friends.h"

#include <QtTest>

#include <algorithm>

namespace landline::app {

using test::join;
using test::Person;
using test::RelayDevice;
using test::ServedRelay;

namespace {

const QString kAnn = QStringLiteral("Ann");
const QString kBob = QStringLiteral("Bob");

/// One whose operator has switched a directory on, or off.
void setDirectory(ServedRelay& relay, bool isOn) {
    relay.stop();
    relay.config().directory = isOn;
    relay.start();
}

/// What a relay with an entry of each of these devices lists.
struct Entry {
    explicit Entry(Random& random) : personKey(identity::SigningKey::generate(random)) {
        identity::DeviceKeys keys = identity::DeviceKeys::generate(random);
        certificate = identity::Certificate::issue(personKey, keys, SystemClock().wall());
    }
    [[nodiscard]] std::string link(const std::string& name) const {
        return identity::encodeContactLink({*certificate, name, {}, {}});
    }
    identity::SigningKey personKey;
    std::optional<identity::Certificate> certificate;
};

/// As the relay's store takes it from anybody who is in, without the looks of the relay at what a link is.
void list(ServedRelay& relay, const DeviceId& device, const PersonId& person, const std::string& link) {
    int answers = 0;
    const auto count = [&answers](const relay::StoreAnswer&) { ++answers; };
    relay::Admit admit;
    admit.who = {device, person};
    admit.isOpen = true;
    relay.server().ask(admit, count);
    relay.server().ask(relay::ListLink{device, link}, count);
    if (!QTest::qWaitFor([&] { return answers == 2; }, ServedRelay::kPatience)) qFatal("the relay's store does not answer");
}

RelayView viewAt(Person& person, const RelayKey& key) {
    for (const RelayView& view : person.ask([](Messenger& m) { return m.relays(); }))
        if (view.key == key) return view;
    return {};
}

Expected<RelayView> setListed(Person& person, const ServedRelay& relay, bool isListed) {
    return person.ask([key = relay.key(), isListed](Messenger& m) { return m.setListed(key, isListed); });
}

bool comesTo(Person& person, const ServedRelay& relay, Listing listing) {
    return test::comes([&] { return viewAt(person, relay.key()).listing == listing; });
}

ListedPeople browse(Person& person, const ServedRelay& relay) {
    QSignalSpy browsed(person.messenger(), &Messenger::relayBrowsed);
    const auto asked = person.ask([key = relay.key()](Messenger& m) { return m.browseRelay(key); });
    if (!asked) return {{}, false, asked.error()};
    if (!test::comes([&] { return !browsed.empty(); })) qFatal("nothing is told");
    return browsed.front().at(1).value<ListedPeople>();
}

/// The one link that is listed there; empty where there is not exactly one.
QString onlyLink(Person& person, const ServedRelay& relay) {
    const ListedPeople found = browse(person, relay);
    return found.people.size() == 1 ? found.people.front().link : QString();
}

identity::ContactLink parsed(const QString& link) {
    return identity::parseContactLink(link.toStdString()).value();
}

}  // namespace

/// Directories of relays: who is found there, and what is made of what a relay tells.
class RelayDirectoryTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void whoWantsToBeFoundIsAddedByTheLink() {
        ServedRelay relay;
        setDirectory(relay, true);
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(ann, relay) && join(bob, relay));
        // Nobody as long as nobody says so.
        QVERIFY(viewAt(ann, relay.key()).hasDirectory);
        QCOMPARE(viewAt(ann, relay.key()).listing, Listing::None);
        QVERIFY(browse(bob, relay).people.empty());

        QVERIFY(setListed(ann, relay, true));
        QVERIFY(comesTo(ann, relay, Listing::Listed));
        const ListedPeople found = browse(bob, relay);
        QVERIFY(!found.error && !found.areMore);
        QCOMPARE(found.people.size(), std::size_t(1));
        QCOMPARE(found.people.front().name, kAnn);
        QVERIFY(found.people.front().person == ann.self().person && !found.people.front().isContact);
        // What it takes to write to her there, and no more.
        const auto link = parsed(found.people.front().link);
        QVERIFY(link.addresses.empty());
        QCOMPARE(link.relays.size(), std::size_t(1));
        QVERIFY(link.relays.front().relay == relay.url());
        QVERIFY(browse(ann, relay).people.empty());

        QVERIFY(test::add(bob, found.people.front().link));
        QVERIFY(bob.send(kAnn, QStringLiteral("found you")));
        QVERIFY(test::comes([&] { return ann.knows(kBob) && ann.textsWith(kBob).contains(QStringLiteral("found you")); }));
        QVERIFY(browse(bob, relay).people.front().isContact);

        QVERIFY(setListed(ann, relay, false));
        QVERIFY(comesTo(ann, relay, Listing::None));
        QVERIFY(browse(bob, relay).people.empty());
    }

    void anEntryIsThatOfTheLinkOfNow() {
        ServedRelay relay;
        setDirectory(relay, true);
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(ann, relay) && join(bob, relay));
        QVERIFY(setListed(ann, relay, true));
        QVERIFY(comesTo(ann, relay, Listing::Listed));
        const QString before = onlyLink(bob, relay);
        QVERIFY(!before.isEmpty());

        QVERIFY(ann.ask([](Messenger& m) { return m.newContactLink(); }));
        QVERIFY(test::comes([&] {
            const QString now = onlyLink(bob, relay);
            return !now.isEmpty() && parsed(now).relays.front().token != parsed(before).relays.front().token;
        }));
        QVERIFY(ann.ask([](Messenger& m) { return m.setName(QStringLiteral("Anna")); }));
        QVERIFY(test::comes([&] {
            const ListedPeople found = browse(bob, relay);
            return found.people.size() == 1 && found.people.front().name == QStringLiteral("Anna");
        }));
    }

    /// It is said again at each welcome, and taken back when the relay can be reached.
    void theWishOutlivesTheConnection() {
        ServedRelay relay;
        setDirectory(relay, true);
        Person ann(kAnn);
        Person bob(kBob);
        ann.start();
        bob.start();
        QVERIFY(join(ann, relay) && join(bob, relay));
        ann.stop();
        relay.stop();
        ann.start();
        QVERIFY(setListed(ann, relay, true));
        QCOMPARE(viewAt(ann, relay.key()).listing, Listing::Asked);
        ann.stop();
        relay.start();
        ann.start();
        QVERIFY(comesTo(ann, relay, Listing::Listed));
        QVERIFY(test::comes([&] { return viewAt(bob, relay.key()).state == RelayState::Connected; }));
        QVERIFY(!onlyLink(bob, relay).isEmpty());
        // The relay has lost it.
        list(relay, ann.self().device, ann.self().person, {});
        QVERIFY(browse(bob, relay).people.empty());
        ann.stop();
        ann.start();
        QVERIFY(comesTo(ann, relay, Listing::Listed));
        QVERIFY(!onlyLink(bob, relay).isEmpty());
        // Whoever leaves it leaves the directory.
        QVERIFY(ann.ask([key = relay.key()](Messenger& m) { return m.removeRelay(key); }));
        QVERIFY(test::comes([&] { return browse(bob, relay).people.empty(); }));
    }

    void aRelayWithoutADirectorySaysSo() {
        ServedRelay relay;
        Person ann(kAnn);
        ann.start();
        QVERIFY(join(ann, relay));
        const auto refused = setListed(ann, relay, true);
        QVERIFY(!refused && refused.error().code == ErrorCode::NotPermitted);
        QCOMPARE(viewAt(ann, relay.key()).listing, Listing::None);
        const ListedPeople found = browse(ann, relay);
        QVERIFY(found.error && found.error->code == ErrorCode::NotPermitted && found.people.empty());
        relay.stop();
        QVERIFY(test::comes([&] { return viewAt(ann, relay.key()).state == RelayState::Waiting; }));
        QVERIFY(browse(ann, relay).error->code == ErrorCode::Unreachable);
    }

    void pagesAreReadAndWhatIsNoLinkIsPassedOver() {
        ServedRelay relay;
        setDirectory(relay, true);
        Person ann(kAnn);
        ann.start();
        QVERIFY(join(ann, relay));
        SystemRandom random;
        std::set<PersonId> people;
        for (int i = 0; i < 20; ++i) {
            const Entry one(random);
            list(relay, one.certificate->device(), one.certificate->person(), one.link("Zoe " + std::to_string(i)));
            people.insert(one.certificate->person());
            const Entry broken(random);
            std::string link = broken.link("Mallory");
            link[link.find('?') - 3] ^= 1;
            list(relay, broken.certificate->device(), broken.certificate->person(), link);
        }
        // A second one of the same person's, and one of whom she has blocked.
        const Entry blocked(random);
        list(relay, blocked.certificate->device(), blocked.certificate->person(), blocked.link("Eve"));
        QVERIFY(test::add(ann, QString::fromStdString(blocked.link("Eve"))));
        const PersonId eve = blocked.certificate->person();
        QVERIFY(ann.ask([eve](Messenger& m) { return m.setStanding(eve, timeline::Standing::Blocked); }));
        const Entry loud(random);
        list(relay, loud.certificate->device(), loud.certificate->person(), loud.link("A\x1b[31m\xe2\x80\xae" "b"));
        people.insert(loud.certificate->person());

        const ListedPeople found = browse(ann, relay);
        QVERIFY(!found.error && !found.areMore);
        std::set<PersonId> told;
        for (const ListedPerson& one : found.people) {
            told.insert(one.person);
            QVERIFY(!one.name.isEmpty() && !one.name.contains(QChar(0x1b)) && !one.name.contains(QChar(0x202e)));
            QVERIFY(parsed(one.link).certificate.person() == one.person);
        }
        QCOMPARE(told.size(), found.people.size());
        QVERIFY(told == people);
    }

    void anEntryThatIsRefusedInPassingIsAskedForAgain() {
        ServedRelay relay;
        setDirectory(relay, true);
        RelayDevice ada(QStringLiteral("Ada"));
        ada.start();
        QVERIFY(ada.join(relay));
        const auto view = [&] { return ada.accounts->views().at(0); };
        const auto answer = [&]() -> mailbox::Answer {
            mailbox::Answer asked;
            (void)test::comes([&] {
                for (const mailbox::Event& event : ada.events)
                    if (const auto* one = std::get_if<mailbox::Answer>(&event)) asked = *one;
                return asked.request != 0;
            });
            ada.events.clear();
            return asked;
        };
        const auto refused = [](mailbox::Answer to, wire::relay::Reason reason) {
            to.message = wire::relay::Refused{{reason, {}, std::chrono::seconds(1)}};
            return to;
        };
        QVERIFY(ada.accounts->setListed(relay.key(), true));
        ada.accounts->answered(relay.key(), refused(answer(), wire::relay::Reason::Busy));
        QCOMPARE(view().listing, Listing::Asked);
        ada.pass(limits::kRelayAnswer);
        const mailbox::Answer second = answer();
        QVERIFY(std::holds_alternative<wire::relay::Done>(second.message));
        ada.accounts->answered(relay.key(), second);
        QCOMPARE(view().listing, Listing::Listed);
        // An answer to what was not asked here is none.
        QVERIFY(ada.accounts->setListed(relay.key(), false));
        const mailbox::Answer third = answer();
        ada.accounts->answered(relay.key(), second);
        QCOMPARE(view().listing, Listing::Ending);
        ada.accounts->answered(relay.key(), refused(third, wire::relay::Reason::Unsupported));
        QVERIFY(view().listing == Listing::Ending && !view().hasDirectory);
    }

    /// And promises no other try, which nobody makes.
    void aRefusalSaysWhatToDo() {
        ServedRelay relay;
        setDirectory(relay, true);
        RelayDevice ada(QStringLiteral("Ada"));
        ada.start();
        QVERIFY(ada.join(relay));
        std::optional<ListedPeople> told;
        RelayDirectory directory(ada.context, *ada.accounts,
                                 [&told](const RelayKey&, const ListedPeople& people) { told = people; });
        using wire::relay::Reason;
        for (const Reason reason : {Reason::TooFast, Reason::Busy, Reason::Storage, Reason::Unknown}) {
            told.reset();
            ada.events.clear();
            QVERIFY(directory.browse(relay.key()));
            QVERIFY(test::comes([&] {
                for (const mailbox::Event& event : ada.events)
                    if (const auto* answer = std::get_if<mailbox::Answer>(&event))
                        directory.answered(relay.key(), {answer->request, wire::relay::Refused{{reason, {}, {}}}});
                return told.has_value();
            }));
            QVERIFY(told->error && told->error->code == ErrorCode::Unreachable && told->people.empty());
            const QString text = QString::fromStdString(told->error->text);
            QVERIFY2(text.endsWith(u'.') && !text.contains(QStringLiteral("by itself")), qPrintable(text));
            QVERIFY2(text.contains(QStringLiteral("ry again")) || text.contains(QStringLiteral("tell its operator")),
                     qPrintable(text));
        }
    }

    /// Played with the answers of a relay that goes on for ever, or round and round.
    void aDirectoryWithoutAnEndEnds() {
        ServedRelay relay;
        setDirectory(relay, true);
        RelayDevice ada(QStringLiteral("Ada"));
        ada.start();
        QVERIFY(ada.join(relay));
        std::vector<ListedPeople> told;
        RelayDirectory directory(ada.context, *ada.accounts,
                                 [&told](const RelayKey&, const ListedPeople& people) { told.push_back(people); });
        SystemRandom random;
        const Entry one(random);
        const auto play = [&](std::uint64_t step) {
            told.clear();
            ada.events.clear();
            int pages = 0;
            if (!directory.browse(relay.key())) return -1;
            while (told.empty()) {
                // The relay's own answer tells which question it was.
                mailbox::Answer asked;
                if (!test::comes([&] {
                        for (const mailbox::Event& event : ada.events)
                            if (const auto* answer = std::get_if<mailbox::Answer>(&event)) asked = *answer;
                        return asked.request != 0;
                    }))
                    return -1;
                ada.events.clear();
                ++pages;
                asked.message = wire::relay::Listed{{one.link("Zoe")}, 7 + static_cast<std::uint64_t>(pages) * step};
                directory.answered(relay.key(), asked);
            }
            return pages;
        };
        QCOMPARE(play(1), static_cast<int>(limits::kListedPagesMost));
        QVERIFY(told.front().areMore && !told.front().error);
        QCOMPARE(told.front().people.size(), std::size_t(1));
        QCOMPARE(play(0), 2);
        QVERIFY(told.front().areMore);
        // One that takes its time is not waited for beyond ours.
        QVERIFY(directory.browse(relay.key()));
        told.clear();
        ada.clock.ahead += limits::kRelayAnswer;
        QVERIFY(test::comes([&] {
            for (const mailbox::Event& event : ada.events)
                if (const auto* answer = std::get_if<mailbox::Answer>(&event)) {
                    mailbox::Answer late = *answer;
                    late.message = wire::relay::Listed{{one.link("Zoe")}, 1};
                    directory.answered(relay.key(), late);
                }
            return !told.empty();
        }));
        QVERIFY(told.front().areMore);
        // Nor does anything come of what is no answer, or of a relay that is gone.
        QVERIFY(directory.browse(relay.key()));
        told.clear();
        directory.closed(relay.key());
        QCOMPARE(told.size(), std::size_t(1));
        QVERIFY(told.front().error && told.front().error->code == ErrorCode::Unreachable);
    }
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::RelayDirectoryTest)
#include "relay_directory_test.moc"
