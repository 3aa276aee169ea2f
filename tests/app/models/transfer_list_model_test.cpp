#include "app/models/transfer_list_model.h"
#include "app/models/sidebar_model.h"
#include "tests/app/models/filled_profile.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

namespace landline::app {

namespace {

constexpr int kPatience = 10000;
constexpr qint64 kThen = 1'760'000'000'000;

TransferRecord offer(const QString& name, TransferState state) {
    TransferRecord record;
    record.name = name;
    record.size = 1000;
    record.incoming = true;
    record.state = state;
    return record;
}

}  // namespace

/// Against a real messenger on a real store.
class TransferListModelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_profile = std::make_unique<test::FilledProfile>();
        m_grace = &m_profile->meet("Grace Hopper");
    }
    void cleanup() {
        m_profile->close();
        m_tester.reset();
        m_model.reset();
        m_board.reset();
        m_people.reset();
        m_profile.reset();
    }

    void readsThousandsInPagesAsTheyAreLookedAt() {
        m_profile->addHistory(*m_grace, 5000);
        openModel();
        QCOMPARE(m_model->rowCount(), TransferListModel::kPage);
        QCOMPARE(nameAt(0), QStringLiteral("Report 4999.pdf"));
        while (m_model->canFetchMore({})) {
            m_model->fetchMore({});
            QTRY_VERIFY_WITH_TIMEOUT(!m_model->isLoading(), kPatience);
        }
        QCOMPARE(m_model->rowCount(), 5000);
        QCOMPARE(nameAt(4999), QStringLiteral("Report 0.pdf"));
        QVERIFY(m_model->row(0)->startsSection && !m_model->row(100)->startsSection);
    }

    void standsInSections() {
        m_profile->transfer(*m_grace, kThen, offer(QStringLiteral("done"), TransferState::Done));
        m_profile->transfer(*m_grace, kThen, offer(QStringLiteral("offered"), TransferState::Offered));
        auto second = offer(QStringLiteral("second"), TransferState::Queued);
        second.position = 2;
        m_profile->transfer(*m_grace, kThen + 1, second);
        auto first = offer(QStringLiteral("first"), TransferState::Queued);
        first.position = 1;
        m_profile->transfer(*m_grace, kThen, first);
        m_profile->transfer(*m_grace, kThen, offer(QStringLiteral("running"), TransferState::Running));
        openModel();
        QCOMPARE(names(),
                 (QStringList{QStringLiteral("running"), QStringLiteral("first"), QStringLiteral("second"),
                              QStringLiteral("offered"), QStringLiteral("done")}));
        QVERIFY(m_model->row(0)->startsSection && m_model->row(1)->startsSection &&
                !m_model->row(2)->startsSection && m_model->row(4)->startsSection);
        QCOMPARE(m_model->row(0)->transfer.peer, QStringLiteral("Grace Hopper"));
        QVERIFY(m_model->data(m_model->index(3), Qt::AccessibleTextRole)
                    .toString()
                    .startsWith(QStringLiteral("offered from Grace Hopper, 1 kB")));
    }

    void whatChangesMovesToItsPlace() {
        const auto kept =
            m_profile->transfer(*m_grace, kThen, offer(QStringLiteral("a"), TransferState::Offered));
        m_profile->transfer(*m_grace, kThen + 1, offer(QStringLiteral("b"), TransferState::Offered));
        openModel();
        QCOMPARE(names(), (QStringList{QStringLiteral("b"), QStringLiteral("a")}));
        ask([id = kept.id](Messenger& messenger) { return messenger.cancelTransfer(id); });
        QTRY_COMPARE_WITH_TIMEOUT(m_model->row(1)->transfer.record.state, TransferState::Cancelled,
                                  kPatience);
        QVERIFY(m_model->row(1)->startsSection);
        // A declined one can be taken after all, and stands on top while it runs.
        const QString in = m_profile->folder() + QStringLiteral("/in");
        ask([id = kept.id, in](Messenger& messenger) { return messenger.acceptFile(id, in); });
        QTRY_COMPARE_WITH_TIMEOUT(names(), (QStringList{QStringLiteral("a"), QStringLiteral("b")}),
                                  kPatience);
        QCOMPARE(m_model->row(0)->transfer.record.state, TransferState::Running);
        QTRY_COMPARE_WITH_TIMEOUT(m_board->count(), 1, kPatience);
    }

    void endedOnesAreRemovedAndCleared() {
        const auto done =
            m_profile->transfer(*m_grace, kThen + 2, offer(QStringLiteral("done"), TransferState::Done));
        m_profile->transfer(*m_grace, kThen + 1, offer(QStringLiteral("failed"), TransferState::Failed));
        m_profile->transfer(*m_grace, kThen, offer(QStringLiteral("offered"), TransferState::Offered));
        m_profile->addHistory(*m_grace, 250);
        openModel();
        m_model->remove(done.id);
        QTRY_COMPARE_WITH_TIMEOUT(nameAt(1), QStringLiteral("failed"), kPatience);
        m_model->clearFinished();
        QTRY_COMPARE_WITH_TIMEOUT(names(), (QStringList{QStringLiteral("offered"), QStringLiteral("failed")}),
                                  kPatience);
        m_model->close();
        QCOMPARE(m_model->rowCount(), 0);
        openAgain();
        QCOMPARE(m_model->rowCount(), 2);
    }

    void progressIsToldFourTimesASecondAtMost() {
        auto running =
            m_profile->transfer(*m_grace, kThen, offer(QStringLiteral("a"), TransferState::Running));
        running.size = 1'000'000;
        openModel();
        QSignalSpy told(m_board.get(), &TransferBoard::changed);
        QSignalSpy laidOut(m_model.get(), &QAbstractItemModel::dataChanged);
        QElapsedTimer time;
        time.start();
        auto* const messenger = m_profile->runtime().port().messenger();
        for (int i = 1; time.elapsed() < 1200; ++i) {
            running.done = static_cast<quint64>(i) * 10;
            running.speed = 1234;
            Q_EMIT const_cast<Messenger*>(messenger)->transferChanged(running);
            QTest::qWait(2);
        }
        QVERIFY2(told.size() >= 1 && told.size() <= time.elapsed() / 250 + 1,
                 qPrintable(QString::number(told.size())));
        QTRY_COMPARE_WITH_TIMEOUT(m_model->row(0)->transfer.record.done, running.done, kPatience);
        QCOMPARE(m_board->running(running.id)->done, running.done);
        // Views would measure every row again.
        QCOMPARE(laidOut.size(), 0);
        QVERIFY(m_board->progress() > 0 && m_board->progress() < 1);
        // What stands still has no speed.
        QTRY_COMPARE_WITH_TIMEOUT(m_board->running(running.id)->speed, quint64(0), kPatience);
        running.state = TransferState::Done;
        Q_EMIT const_cast<Messenger*>(messenger)->transferChanged(running);
        QCOMPARE(m_board->count(), 0);
    }

private:
    void openModel() {
        const auto port = m_profile->open().port();
        m_people = std::make_unique<SidebarModel>(port);
        m_people->reload();
        QTRY_VERIFY_WITH_TIMEOUT(m_people->isLoaded(), kPatience);
        m_board = std::make_unique<TransferBoard>(port);
        m_model = std::make_unique<TransferListModel>(port, m_board.get(), m_people.get());
        m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get());
        openAgain();
    }
    void openAgain() {
        m_model->open();
        QTRY_VERIFY_WITH_TIMEOUT(!m_model->isLoading(), kPatience);
    }
    template <class Work>
    void ask(Work work) {
        bool done = false;
        m_profile->runtime().port().call(m_model.get(), work, [&done](const Expected<void>& result) {
            QVERIFY2(result.ok(), result.ok() ? "" : result.error().text.c_str());
            done = true;
        });
        QTRY_VERIFY_WITH_TIMEOUT(done, kPatience);
    }
    QString nameAt(int row) {
        const auto* const found = m_model->row(row);
        return found ? found->transfer.record.name : QString();
    }
    QStringList names() {
        QStringList all;
        for (int i = 0; i < m_model->rowCount(); ++i) all.append(nameAt(i));
        return all;
    }

    std::unique_ptr<test::FilledProfile> m_profile;
    test::Somebody* m_grace = nullptr;
    std::unique_ptr<SidebarModel> m_people;
    std::unique_ptr<TransferBoard> m_board;
    std::unique_ptr<TransferListModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

}  // namespace landline::app

QTEST_MAIN(landline::app::TransferListModelTest)
#include "transfer_list_model_test.moc"
