#include "app/views/people_dialog.h"

#include "app/views/relay_settings.h"
#include "app/views/settings_dialog.h"
#include "app/views/text_dialog.h"
#include "tests/app/messenger/relay_friends.h"
#include "tests/support/seeded_random.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPointer>
#include <QPushButton>
#include <QToolButton>

namespace landline::app {

using test::Person;
using test::ServedRelay;

namespace {

const QString kAnn = QStringLiteral("Ann");
const QString kBob = QStringLiteral("Bob");
const QString kZoe = QStringLiteral("Zoe");

/// One whom a relay may list.
ListedPerson somebody(Random& random, const QString& name) {
    const auto key = identity::SigningKey::generate(random);
    const auto keys = identity::DeviceKeys::generate(random);
    const auto certificate = identity::Certificate::issue(key, keys, fromUnixMillis(1700000000000));
    const std::string link = identity::encodeContactLink({certificate, name.toStdString(), {}, {}});
    return {certificate.person(), certificate.device(), name, QString::fromStdString(link)};
}

}  // namespace

/// The directory of a real relay, with real people in it, as somebody at the window sees it.
class PeopleDialogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }
    void init() {
        m_relay = std::make_unique<ServedRelay>();
        m_relay->stop();
        m_relay->config().directory = true;
        m_relay->start();
        m_ann = std::make_unique<Person>(kAnn);
        m_ann->start();
        QVERIFY(test::join(*m_ann, *m_relay));
        m_theme = std::make_unique<Theme>();
        m_theme->apply(*qobject_cast<QApplication*>(QCoreApplication::instance()));
        m_preferences = std::make_unique<Preferences>(m_ann->folder());
        m_models = std::make_unique<AppModels>(MessengerPort(m_ann->messenger()), m_ann->folder());
        m_models->sidebar.reload();
        m_window = std::make_unique<QWidget>();
        m_window->show();
        m_settings = new SettingsDialog(m_theme.get(), m_preferences.get(), m_models.get(), false, m_window.get());
        m_settings->showPage(SettingsDialog::Relays);
        m_settings->open();
        QTRY_VERIFY_WITH_TIMEOUT(m_models->sidebar.isLoaded(), ServedRelay::kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(m_models->relays.relays().size(), 1U, ServedRelay::kPatience);
    }
    void cleanup() {
        m_ann->stop();
        m_window.reset();
        m_models.reset();
        m_preferences.reset();
        m_theme.reset();
        m_ann.reset();
        m_relay.reset();
    }

    void whoIsListedIsFoundAndAdded() {
        Person bob(kBob);
        Person zoe(kZoe);
        enter(bob);
        enter(zoe);
        enter(*m_ann, false);
        openIt();
        QTRY_COMPARE_WITH_TIMEOUT(names(), QStringList({kBob, kZoe}), ServedRelay::kPatience);
        QTest::keyClicks(m_dialog->field(), QStringLiteral(" bO"));
        QCOMPARE(names(), QStringList{kBob});
        QTest::keyClick(m_dialog->field(), Qt::Key_Return);
        QVERIFY(question() && question()->windowTitle().contains(kBob));
        question()->reject();
        QVERIFY(m_dialog->isVisible() && said(0).contains(u' ') && !said(0).contains(QStringLiteral("contacts")));
        QTest::keyClick(m_dialog->field(), Qt::Key_Enter);
        question()->accept();
        QTRY_COMPARE_WITH_TIMEOUT(said(0), QStringLiteral("Bob, In your contacts"), ServedRelay::kPatience);
        QVERIFY(m_dialog->buttonOf(0).isNull());
        // There is nothing to ask about whom one has.
        QTest::keyClick(m_dialog->field(), Qt::Key_Return);
        QVERIFY(!question());
        QCOMPARE(m_models->sidebar.person(bob.self().person)->record.standing, timeline::Standing::Accepted);

        m_models->actions.sendText(m_ann->conversationWith(kBob), QStringLiteral("found you"), {});
        QVERIFY(test::gets(bob, kAnn, {QStringLiteral("found you")}));
        const PersonView asking = bob.ask([](Messenger& m) { return m.find(kAnn).value(); });
        QCOMPARE(asking.record.standing, timeline::Standing::Stranger);

        // The search ends before the dialog does; who was chosen stays so.
        QTest::keyClick(m_dialog->field(), Qt::Key_Escape);
        QCOMPARE(names(), QStringList({kBob, kZoe}));
        QCOMPARE(m_dialog->list()->currentIndex().row(), 0);
        QTest::keyClick(m_dialog->field(), Qt::Key_Down);
        QCOMPARE(m_dialog->list()->currentIndex().row(), 1);
        // It is still so when it is looked through again.
        press(QStringLiteral("Reload"));
        QTRY_VERIFY_WITH_TIMEOUT(button(QStringLiteral("Reload")), ServedRelay::kPatience);
        QCOMPARE(said(0), QStringLiteral("Bob, In your contacts"));
        QCOMPARE(m_dialog->list()->currentIndex().row(), 1);
        click(1);
        QVERIFY(question() && question()->windowTitle().contains(kZoe));
        question()->reject();
        QTest::keyClick(m_dialog->field(), Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!m_dialog, ServedRelay::kPatience);
        QVERIFY(m_settings->isVisible());
    }

    void nobodyIsListed() {
        openIt();
        QTRY_VERIFY_WITH_TIMEOUT(m_dialog->placeholder().startsWith(QStringLiteral("Nobody else is listed")),
                                 ServedRelay::kPatience);
        QTest::keyClick(m_dialog->field(), Qt::Key_Down);
        QTest::keyClick(m_dialog->field(), Qt::Key_Return);
        QVERIFY(!question());
    }

    void aRelayThatGoesSaysSoAndIsAskedAgainOnceItIsBack() {
        Person bob(kBob);
        enter(bob);
        openIt();
        QTRY_COMPARE_WITH_TIMEOUT(names(), QStringList{kBob}, ServedRelay::kPatience);
        m_relay->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!isUp(), ServedRelay::kPatience);
        QVERIFY(!peopleButton()->isVisible());
        // What was told is kept.
        press(QStringLiteral("Reload"));
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("The relay is not connected")), ServedRelay::kPatience);
        QCOMPARE(names(), QStringList{kBob});
        QVERIFY(button(QStringLiteral("Try again")));
        m_relay->start();
        QTRY_VERIFY_WITH_TIMEOUT(isUp(), ServedRelay::kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(button(QStringLiteral("Reload")), ServedRelay::kPatience);
        QVERIFY(!shows(QStringLiteral("The relay is not connected")));
    }

    void withoutAnythingToShowARefusalStandsInItsPlace() {
        // The relay's own answer comes later, and is one to nobody.
        openIt();
        QVERIFY(m_dialog->placeholder().startsWith(QStringLiteral("Looking")));
        ListedPeople refused;
        refused.error = Error{ErrorCode::Unreachable, "The relay has too much to do at the moment. Wait a minute, then try again."};
        tell(refused);
        QVERIFY(m_dialog->placeholder().startsWith(QStringLiteral("The relay has too much to do")));
        press(QStringLiteral("Try again"));
        QTRY_VERIFY_WITH_TIMEOUT(m_dialog->placeholder().startsWith(QStringLiteral("Nobody else is listed")),
                                 ServedRelay::kPatience);
    }

    void oneOfAKnownNameIsNotTakenForTheOther() {
        landline::test::SeededRandom random(9);
        const ListedPerson zoe = somebody(random, kZoe);
        QVERIFY(test::add(*m_ann, zoe.link));
        QTRY_VERIFY_WITH_TIMEOUT(m_models->sidebar.person(zoe.person), ServedRelay::kPatience);
        ListedPeople found;
        found.areMore = true;
        // As one of other letters, and one who says to be somebody else now.
        const ListedPerson other = somebody(random, QStringLiteral("Z\u043e\u0435"));
        found.people = {zoe, other, somebody(random, QStringLiteral("Desk 10")), somebody(random, QStringLiteral("Desk 9"))};
        found.people.front().name = kBob;
        openIt();
        tell(found);
        QCOMPARE(names(), QStringList({QStringLiteral("Desk 9"), QStringLiteral("Desk 10"), kZoe, other.name}));
        QCOMPARE(said(2), QStringLiteral("Zoe, In your contacts"));
        QVERIFY(said(3).endsWith(QStringLiteral("Not the one you know")));
        QVERIFY(shows(QStringLiteral("There are more")));
        QTest::keyClicks(m_dialog->field(), QStringLiteral("nobody"));
        QCOMPARE(m_dialog->placeholder(), QStringLiteral("Nobody by this name is listed."));
        // Whom one has no longer can be added again.
        m_dialog->field()->clear();
        const PersonId person = zoe.person;
        QVERIFY(m_ann->ask([person](Messenger& m) { return m.setStanding(person, timeline::Standing::Ignored); }));
        QTRY_VERIFY_WITH_TIMEOUT(!m_dialog->buttonOf(rowOf(kBob)).isNull(), ServedRelay::kPatience);
    }

    void whatCannotBeAddedSaysWhy() {
        landline::test::SeededRandom random(10);
        ListedPeople found;
        found.people = {somebody(random, kZoe)};
        openIt();
        tell(found);
        QCOMPARE(names(), QStringList{kZoe});
        // Blocked while the question stands.
        const QString link = found.people.front().link;
        const PersonId person = found.people.front().person;
        click(0);
        QVERIFY(question());
        QVERIFY(test::add(*m_ann, link));
        QVERIFY(m_ann->ask([person](Messenger& m) { return m.setStanding(person, timeline::Standing::Blocked); }));
        question()->accept();
        QTRY_VERIFY_WITH_TIMEOUT(shows(QStringLiteral("You have blocked this person")), ServedRelay::kPatience);
    }

    void withoutADirectoryThereIsNothingToLookThrough() {
        QTRY_VERIFY_WITH_TIMEOUT(peopleButton() && peopleButton()->isVisible(), ServedRelay::kPatience);
        m_relay->stop();
        m_relay->config().directory = false;
        m_relay->start();
        QTRY_VERIFY_WITH_TIMEOUT(isUp() && !m_models->relays.relays().front().hasDirectory, ServedRelay::kPatience);
        QVERIFY(!peopleButton()->isVisible());
    }

private:
    /// Has an account there, and is to be found.
    void enter(Person& person, bool isNew = true) {
        if (isNew) person.start();
        if (isNew && !test::join(person, *m_relay)) qFatal("the relay does not let one in");
        const auto listed = person.ask([key = m_relay->key()](Messenger& m) { return m.setListed(key, true); });
        if (!listed) qFatal("%s", listed.error().text.c_str());
        const bool isListed = test::comes([&] {
            return person.ask([](Messenger& m) { return m.relays(); }).front().listing == Listing::Listed;
        });
        if (!isListed) qFatal("the relay does not list one");
    }
    void openIt() {
        QTRY_VERIFY_WITH_TIMEOUT(peopleButton() && peopleButton()->isVisible(), ServedRelay::kPatience);
        QTest::mouseClick(peopleButton(), Qt::LeftButton);
        m_dialog = m_settings->findChild<PeopleDialog*>();
        QVERIFY(m_dialog && m_dialog->isVisible());
        new QAbstractItemModelTester(m_dialog->list()->model(), QAbstractItemModelTester::FailureReportingMode::Fatal,
                                     m_dialog);
    }
    void tell(const ListedPeople& found) { Q_EMIT m_ann->messenger()->relayBrowsed(m_relay->key(), found); }
    [[nodiscard]] bool isUp() const { return m_models->relays.relays().front().state == RelayState::Connected; }
    QPushButton* peopleButton() {
        for (auto* found : m_settings->findChildren<QPushButton*>())
            if (found->text() == QStringLiteral("People…")) return found;
        return nullptr;
    }
    QPushButton* button(const QString& text) {
        for (auto* found : m_dialog->findChildren<QPushButton*>())
            if (found->isVisible() && found->isEnabled() && found->text() == text) return found;
        return nullptr;
    }
    void press(const QString& text) {
        QVERIFY2(button(text), qPrintable(text));
        QTest::mouseClick(button(text), Qt::LeftButton);
    }
    /// The button of a row.
    void click(int row) {
        QVERIFY(!m_dialog->buttonOf(row).isNull());
        QTest::mouseClick(m_dialog->list()->viewport(), Qt::LeftButton, {}, m_dialog->buttonOf(row).center());
    }
    ConfirmDialog* question() {
        for (auto* dialog : m_dialog->findChildren<ConfirmDialog*>())
            if (dialog->isVisible()) return dialog;
        return nullptr;
    }
    bool shows(const QString& text) {
        for (auto* label : m_dialog->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(text)) return true;
        return false;
    }
    QStringList names() {
        QStringList shown;
        if (!m_dialog->placeholder().isEmpty()) return shown;
        const auto* const model = m_dialog->list()->model();
        for (int row = 0; row < model->rowCount(); ++row) shown += model->index(row, 0).data().toString();
        return shown;
    }
    int rowOf(const QString& name) { return static_cast<int>(names().indexOf(name)); }
    /// What a screen reader says of a row.
    QString said(int row) {
        return m_dialog->list()->model()->index(row, 0).data(Qt::AccessibleTextRole).toString();
    }

    std::unique_ptr<ServedRelay> m_relay;
    std::unique_ptr<Person> m_ann;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<Preferences> m_preferences;
    std::unique_ptr<AppModels> m_models;
    std::unique_ptr<QWidget> m_window;
    SettingsDialog* m_settings = nullptr;
    QPointer<PeopleDialog> m_dialog;
};

}  // namespace landline::app

QTEST_MAIN(landline::app::PeopleDialogTest)
#include "people_dialog_test.moc"
