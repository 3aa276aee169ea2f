#include "app/models/message_list_model.h"
#include "app/models/conversation_actions.h"
#include "tests/app/models/filled_profile.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

namespace landline::app {

namespace {

constexpr int kPatience = 10000;
/// Noon, so that minutes around it stay within one day in every time zone of whole hours.
qint64 noon(int daysAgo = 1) {
    return QDateTime(QDate(2026, 3, 20).addDays(-daysAgo), QTime(12, 0)).toMSecsSinceEpoch();
}

}  // namespace

/// Against a real messenger on a real store.
class MessageListModelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_profile = std::make_unique<test::FilledProfile>(); }
    void cleanup() {
        m_actions.reset();
        m_profile->close();
        m_tester.reset();
        m_model.reset();
        m_profile.reset();
    }

    void opensAtTheNewestPage() {
        fill(200);
        openModel();
        QCOMPARE(m_model->rowCount(), MessageListModel::kPage);
        QCOMPARE(m_model->row(m_model->rowCount() - 1)->message.text, QStringLiteral("message 200"));
        QVERIFY(m_model->atEnd());
        QVERIFY(!m_model->atBegin());
    }

    void pagesBackAndForthWithinItsWindow() {
        fill(700);
        openModel();
        QSignalSpy paged(m_model.get(), &MessageListModel::paged);
        while (!m_model->atBegin()) {
            m_model->loadOlder();
            QVERIFY(paged.wait(kPatience));
            QVERIFY(m_model->rowCount() <= MessageListModel::kMostRows);
            verifyRunOfNumbers();
        }
        QCOMPARE(m_model->row(0)->message.text, QStringLiteral("message 1"));
        QVERIFY(!m_model->atEnd());
        while (!m_model->atEnd()) {
            m_model->loadNewer();
            QVERIFY(paged.wait(kPatience));
            QVERIFY(m_model->rowCount() <= MessageListModel::kMostRows);
            verifyRunOfNumbers();
        }
        QCOMPARE(m_model->row(m_model->rowCount() - 1)->message.text, QStringLiteral("message 700"));
    }

    void anExactPageIsFollowedByAnEmptyOne() {
        fill(MessageListModel::kPage);
        openModel();
        QVERIFY(!m_model->atBegin());
        m_model->loadOlder();
        QTRY_VERIFY_WITH_TIMEOUT(m_model->atBegin(), kPatience);
        QCOMPARE(m_model->rowCount(), MessageListModel::kPage);
    }

    void whatIsSentAppearsOnceAtTheEnd() {
        fill(3);
        openModel();
        QSignalSpy arrived(m_model.get(), &MessageListModel::arrived);
        m_actions->sendText(m_conversation, QStringLiteral("hello"), {});
        QVERIFY(arrived.wait(kPatience));
        QCOMPARE(m_model->rowCount(), 4);
        const auto& last = m_model->row(3)->message;
        QCOMPARE(last.text, QStringLiteral("hello"));
        QVERIFY(last.own);
        QCOMPARE(last.state, MessageState::Queued);
        QVERIFY(arrived.front().front().toBool());
    }

    void newMessagesBelowTheWindowAreToldButNotInserted() {
        const auto refs = fill(700);
        openModel();
        QSignalSpy opened(m_model.get(), &MessageListModel::opened);
        m_model->openAt({m_conversation, refs[99]});
        QVERIFY(opened.wait(kPatience));
        const int focus = opened.front().front().toInt();
        QCOMPARE(m_model->row(focus)->message.text, QStringLiteral("message 100"));
        QVERIFY(!m_model->atEnd());
        const int before = m_model->rowCount();
        QSignalSpy arrived(m_model.get(), &MessageListModel::arrived);
        m_actions->sendText(m_conversation, QStringLiteral("hello"), {});
        QVERIFY(arrived.wait(kPatience));
        QCOMPARE(m_model->rowCount(), before);
    }

    void editsAndDeletesChangeTheirRow() {
        fill(3);
        openModel();
        QSignalSpy arrived(m_model.get(), &MessageListModel::arrived);
        m_actions->sendText(m_conversation, QStringLiteral("draft"), {});
        QVERIFY(arrived.wait(kPatience));
        const auto ref = m_model->row(3)->message.ref;
        m_actions->editText(ref, QStringLiteral("final"));
        QTRY_COMPARE_WITH_TIMEOUT(m_model->row(3)->message.text, QStringLiteral("final"), kPatience);
        QVERIFY(m_model->row(3)->message.edited);
        m_actions->deleteMessage(ref);
        QTRY_VERIFY_WITH_TIMEOUT(m_model->row(3)->message.deleted, kPatience);
        QCOMPARE(m_model->rowCount(), 4);
    }

    void reactionsChangeTheirRow() {
        const auto refs = fill(2);
        openModel();
        m_actions->react({m_conversation, refs[0]}, QStringLiteral("👍"), false);
        QTRY_COMPARE_WITH_TIMEOUT(m_model->row(0)->message.reactions.size(), std::size_t{1}, kPatience);
        m_actions->react({m_conversation, refs[0]}, QStringLiteral("👍"), true);
        QTRY_VERIFY_WITH_TIMEOUT(m_model->row(0)->message.reactions.empty(), kPatience);
    }

    void messagesOfOtherConversationsStayOut() {
        auto& grace = m_profile->meet("Grace Hopper");
        auto& other = m_profile->meet("Linus");
        m_profile->theirs(grace, noon(), "one");
        m_conversation = m_profile->conversationWith(grace);
        const auto elsewhere = m_profile->conversationWith(other);
        start();
        QSignalSpy sent(m_actions.get(), &ConversationActions::sent);
        m_actions->sendText(elsewhere, QStringLiteral("not here"), {});
        QVERIFY(sent.wait(kPatience));
        m_actions->sendText(m_conversation, QStringLiteral("here"), {});
        QTRY_COMPARE_WITH_TIMEOUT(m_model->rowCount(), 2, kPatience);
        QCOMPARE(m_model->row(1)->message.text, QStringLiteral("here"));
    }

    void groupsByAuthorMinutesAndDay() {
        auto& grace = m_profile->meet("Grace Hopper");
        m_conversation = m_profile->conversationWith(grace);
        m_profile->theirs(grace, noon(3), "a");
        m_profile->theirs(grace, noon(2), "b");
        m_profile->theirs(grace, noon(2) + 20'000, "c");
        m_profile->own(grace, noon(2) + 30'000, "d");
        m_profile->own(grace, noon(2) + 900'000, "e");
        start();
        struct Row {
            const char* text;
            bool day, starts, ends;
        };
        const Row expected[] = {{"a", true, true, true},
                                {"b", true, true, false},
                                {"c", false, false, true},
                                {"d", false, true, true},
                                {"e", false, true, true}};
        QCOMPARE(m_model->rowCount(), 5);
        for (int i = 0; i < 5; ++i) {
            const auto& row = *m_model->row(i);
            QCOMPARE(row.message.text, QString::fromLatin1(expected[i].text));
            QCOMPARE(row.startsDay, expected[i].day);
            QCOMPARE(row.startsGroup, expected[i].starts);
            QCOMPARE(row.endsGroup, expected[i].ends);
        }
    }

    void marksTheFirstUnread() {
        fill(10);
        start(3);
        QCOMPARE(m_model->row(m_model->firstUnreadRow())->message.text, QStringLiteral("message 8"));
        QVERIFY(m_model->row(m_model->firstUnreadRow())->startsUnread);
    }

    void anAnswerEndsWhatWasNew() {
        fill(10);
        start(3);
        QSignalSpy arrived(m_model.get(), &MessageListModel::arrived);
        m_actions->sendText(m_conversation, QStringLiteral("seen"), {});
        QVERIFY(arrived.wait(kPatience));
        QCOMPARE(m_model->firstUnreadRow(), -1);
        for (int i = 0; i < m_model->rowCount(); ++i) QVERIFY(!m_model->row(i)->startsUnread);
    }

    void answersForAConversationThatWasLeftAreDropped() {
        auto& grace = m_profile->meet("Grace Hopper");
        auto& other = m_profile->meet("Linus");
        m_profile->theirs(grace, noon(), "from grace");
        m_profile->theirs(other, noon(), "from linus");
        m_conversation = m_profile->conversationWith(grace);
        const auto second = m_profile->conversationWith(other);
        makeModel();
        QSignalSpy opened(m_model.get(), &MessageListModel::opened);
        m_model->open(m_conversation, 0);
        m_model->open(second, 0);
        QVERIFY(opened.wait(kPatience));
        QCOMPARE(m_model->rowCount(), 1);
        QCOMPARE(m_model->row(0)->message.text, QStringLiteral("from linus"));
        QCOMPARE(opened.size(), 1);
    }

    void theLastOwnTextIsTheOneToEdit() {
        auto& grace = m_profile->meet("Grace Hopper");
        m_conversation = m_profile->conversationWith(grace);
        m_profile->own(grace, noon(), "mine");
        m_profile->theirs(grace, noon() + 1000, "theirs");
        start();
        QCOMPARE(m_model->lastOwnText()->text, QStringLiteral("mine"));
    }

    void aFailureBecomesASentence() {
        fill(1);
        openModel();
        QSignalSpy failed(m_actions.get(), &ConversationActions::failed);
        m_actions->editText({m_conversation, m_model->row(0)->message.ref.entry}, QStringLiteral("not mine"));
        QVERIFY(failed.wait(kPatience));
        QVERIFY(failed.front().front().toString().endsWith(u'.'));
    }

private:
    /// `count` numbered messages by another person; their refs.
    std::vector<EntryRef> fill(int count) {
        auto& grace = m_profile->meet("Grace Hopper");
        m_conversation = m_profile->conversationWith(grace);
        std::vector<EntryRef> refs;
        for (int i = 1; i <= count; ++i)
            refs.push_back(m_profile->theirs(grace, noon() + i * 1000, "message " + std::to_string(i)));
        return refs;
    }
    void makeModel() {
        auto& runtime = m_profile->open();
        m_model = std::make_unique<MessageListModel>(runtime.port());
        m_tester = std::make_unique<QAbstractItemModelTester>(
            m_model.get(), QAbstractItemModelTester::FailureReportingMode::Fatal);
        m_actions = std::make_unique<ConversationActions>(runtime.port(), m_profile->folder());
    }
    void start(int unread = 0) {
        makeModel();
        QSignalSpy opened(m_model.get(), &MessageListModel::opened);
        m_model->open(m_conversation, unread);
        QVERIFY(opened.wait(kPatience));
    }
    void openModel() { start(0); }
    void verifyRunOfNumbers() {
        for (int i = 1; i < m_model->rowCount(); ++i) {
            const int before = m_model->row(i - 1)->message.text.mid(8).toInt();
            QCOMPARE(m_model->row(i)->message.text.mid(8).toInt(), before + 1);
        }
    }

    std::unique_ptr<test::FilledProfile> m_profile;
    std::unique_ptr<MessageListModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    std::unique_ptr<ConversationActions> m_actions;
    ConversationId m_conversation;
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::MessageListModelTest)
#include "message_list_model_test.moc"
