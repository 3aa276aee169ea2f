#include "app/models/sidebar_model.h"
#include "app/models/conversation_actions.h"
#include "p2p/base/limits.h"
#include "tests/app/models/filled_profile.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>

namespace landline::app {

namespace {

constexpr int kPatience = 10000;
constexpr qint64 kThen = 1'760'000'000'000;

}  // namespace

class SidebarModelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_profile = std::make_unique<test::FilledProfile>();
        m_grace = &m_profile->meet("Grace Hopper");
        m_zhang = &m_profile->meet("张伟");
        m_linus = &m_profile->meet("Linus");
        m_stranger = &m_profile->meet("Mallory", timeline::Standing::Stranger);
        m_blocked = &m_profile->meet("Spammer", timeline::Standing::Blocked);
        m_profile->meet("Passer-by", timeline::Standing::Stranger);
        m_profile->theirs(*m_grace, kThen, "subroutine libraries");
        m_profile->theirs(*m_zhang, kThen + 1000, "设计文档在这里");
        m_profile->theirs(*m_stranger, kThen + 5000, "hello there");
        auto& runtime = m_profile->open();
        m_model = std::make_unique<SidebarModel>(runtime.port());
        m_tester = std::make_unique<QAbstractItemModelTester>(
            m_model.get(), QAbstractItemModelTester::FailureReportingMode::Fatal);
        m_actions = std::make_unique<ConversationActions>(runtime.port(), m_profile->folder());
        m_model->reload();
        QTRY_VERIFY_WITH_TIMEOUT(m_model->isLoaded(), kPatience);
    }
    void cleanup() {
        m_profile->close();
        m_actions.reset();
        m_tester.reset();
        m_model.reset();
        m_profile.reset();
    }

    void listsRequestsThenPeopleByNewestMessageThenThoseNearby() {
        QCOMPARE(shown(), QStringList({QStringLiteral("# Requests"), QStringLiteral("Mallory"),
                                       QStringLiteral("# People"), QStringLiteral("张伟"),
                                       QStringLiteral("Grace Hopper"), QStringLiteral("Linus"),
                                       QStringLiteral("# Nearby"), QStringLiteral("Passer-by")}));
    }

    void numbersInNamesCountAsNumbers() {
        test::FilledProfile office;
        for (const char* const name : {"Desk 10", "desk 9", "Desk 1"}) office.meet(name);
        SidebarModel model(office.open().port());
        model.reload();
        QTRY_VERIFY_WITH_TIMEOUT(model.isLoaded(), kPatience);
        QStringList names;
        for (int row = 0; row < model.rowCount(); ++row)
            if (model.row(row)->kind != SidebarRow::Kind::Heading) names += model.row(row)->person.record.name;
        QCOMPARE(names, QStringList({QStringLiteral("Desk 1"), QStringLiteral("desk 9"), QStringLiteral("Desk 10")}));
        office.close();
    }

    void headingsCannotBeChosen() {
        QCOMPARE(m_model->flags(m_model->index(0)), Qt::ItemFlags(Qt::NoItemFlags));
        QVERIFY(m_model->flags(m_model->index(1)).testFlag(Qt::ItemIsSelectable));
    }

    void countsUnread() { QCOMPARE(m_model->unread(), 3); }

    void showsBlockedPeopleOnDemand() {
        QVERIFY(!shown().contains(QStringLiteral("Spammer")));
        m_model->setShowHidden(true);
        QCOMPARE(shown().back(), QStringLiteral("Spammer"));
        m_model->setShowHidden(false);
        QVERIFY(!shown().contains(QStringLiteral("Spammer")));
    }

    void aMessageMovesItsPersonUpAndKeepsASelection() {
        const QPersistentModelIndex linus(m_model->index(m_model->rowOf(m_linus->id())));
        m_actions->sendText(m_profile->conversationWith(*m_linus), QStringLiteral("ping"), {});
        QTRY_COMPARE_WITH_TIMEOUT(m_model->rowOf(m_linus->id()), 3, kPatience);
        QCOMPARE(linus.row(), 3);
        QCOMPARE(m_model->row(3)->person.last->text, QStringLiteral("ping"));
    }

    void acceptingMovesARequestToThePeople() {
        m_actions->setStanding(m_stranger->id(), timeline::Standing::Accepted);
        QTRY_COMPARE_WITH_TIMEOUT(shown().first(1), QStringList(QStringLiteral("Mallory")), kPatience);
        QVERIFY(!shown().contains(QStringLiteral("# Requests")));
    }

    void strangersWhoMadeRoomGoAtOnce() {
        test::FilledProfile crowded;
        const auto& first = crowded.meet("Mallory", timeline::Standing::Stranger);
        crowded.theirs(first, kThen, "hello there");
        const auto& last = crowded.meet("Trent");
        crowded.meetStrangers(limits::kStrangers - 2);
        const QString link = crowded.linkOfNewcomer("Newcomer");
        SidebarModel model(crowded.open().port());
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.reload();
        QTRY_VERIFY_WITH_TIMEOUT(model.isLoaded(), kPatience);
        QVERIFY(model.rowOf(first.id()) >= 0);
        model.setSearch(QStringLiteral("hello"));
        QTRY_VERIFY_WITH_TIMEOUT(!model.isSearching() && model.rowCount() == 2, kPatience);
        QSignalSpy changed(&model, &SidebarModel::personChanged);
        ConversationActions actions(crowded.runtime().port(), crowded.folder());
        actions.setStanding(last.id(), timeline::Standing::Stranger);
        actions.addContact(link);
        QTRY_VERIFY_WITH_TIMEOUT(!model.person(first.id()), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 0, kPatience);
        QVERIFY(std::any_of(changed.begin(), changed.end(), [&first](const QVariantList& told) {
            return told.front().value<PersonId>() == first.id();
        }));
        // As many as there are in the store.
        model.setSearch({});
        SidebarModel later(crowded.runtime().port());
        later.reload();
        QTRY_VERIFY_WITH_TIMEOUT(later.isLoaded(), kPatience);
        QVERIFY(later.people().size() < limits::kStrangers);
        QTRY_COMPARE_WITH_TIMEOUT(model.people().size(), later.people().size(), kPatience);
        crowded.close();
    }

    void searchFindsPeopleAndMessages_data() {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QStringList>("found");
        QTest::newRow("a name") << QStringLiteral("grac")
                                << QStringList{QStringLiteral("# People"), QStringLiteral("Grace Hopper")};
        QTest::newRow("a word") << QStringLiteral("subroutine")
                                << QStringList{QStringLiteral("# Messages"),
                                               QStringLiteral("Grace Hopper: subroutine libraries")};
        QTest::newRow("two Chinese characters")
            << QStringLiteral("文档")
            << QStringList{QStringLiteral("# Messages"), QStringLiteral("张伟: 设计文档在这里")};
        QTest::newRow("nothing") << QStringLiteral("zzz") << QStringList{};
    }
    void searchFindsPeopleAndMessages() {
        QFETCH(QString, words);
        QFETCH(QStringList, found);
        m_model->setSearch(words);
        QTRY_VERIFY_WITH_TIMEOUT(!m_model->isSearching(), kPatience);
        QCOMPARE(shown(), found);
        m_model->setSearch({});
        QCOMPARE(shown().size(), 8);
    }

    void aSearchCanBeHeldToOneConversation() {
        m_model->setSearchIn(m_profile->conversationWith(*m_grace));
        QCOMPARE(shown().size(), 8);  // nothing is searched for yet
        m_model->setSearch(QStringLiteral("hello"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_model->isSearching(), kPatience);
        QCOMPARE(shown(), QStringList());
        m_model->setSearch(QStringLiteral("subroutine"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_model->isSearching(), kPatience);
        QCOMPARE(shown(), QStringList({QStringLiteral("# Messages"),
                                       QStringLiteral("Grace Hopper: subroutine libraries")}));
        QCOMPARE(m_model->row(1)->words, QStringLiteral("subroutine"));
        m_model->setSearch(QStringLiteral("hello"));
        m_model->setSearchIn(std::nullopt);
        QTRY_VERIFY_WITH_TIMEOUT(!m_model->isSearching(), kPatience);
        QCOMPARE(shown().back(), QStringLiteral("Mallory: hello there"));
    }

private:
    QStringList shown() {
        QStringList lines;
        for (int i = 0; i < m_model->rowCount(); ++i) {
            const auto& row = *m_model->row(i);
            if (row.kind == SidebarRow::Kind::Heading)
                lines.append(QStringLiteral("# ") + SidebarModel::sectionTitle(row.section));
            else if (row.kind == SidebarRow::Kind::Found)
                lines.append(row.person.record.name + QStringLiteral(": ") + row.message.text);
            else
                lines.append(row.person.record.name);
        }
        return lines;
    }

    std::unique_ptr<test::FilledProfile> m_profile;
    test::Somebody* m_grace = nullptr;
    test::Somebody* m_zhang = nullptr;
    test::Somebody* m_linus = nullptr;
    test::Somebody* m_stranger = nullptr;
    test::Somebody* m_blocked = nullptr;
    std::unique_ptr<SidebarModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    std::unique_ptr<ConversationActions> m_actions;
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::SidebarModelTest)
#include "sidebar_model_test.moc"
