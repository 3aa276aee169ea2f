#include "tests/app/storage/store_fixture.h"

#include <QTest>

#include <algorithm>

namespace landline::app::test {

namespace {
constexpr qint64 kNoon = 1700000000000;
}

/// The list of transfers as it is read by views.
class TransferPagesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void comeInTheirOrderAndCanBeHiddenOnceTheyHaveEnded() {
        StoreFixture f;
        const TransferState states[] = {
            TransferState::Done,   TransferState::Running,   TransferState::Offered, TransferState::Paused,
            TransferState::Failed, TransferState::Cancelled, TransferState::Running, TransferState::Done,
            TransferState::Queued, TransferState::Queued};
        std::vector<TransferRecord> all;
        for (const TransferState state : states) {
            TransferRecord transfer;
            transfer.id = f.random.make<wire::TransferId>();
            transfer.state = state;
            transfer.updated = kNoon + static_cast<qint64>(all.size() / 2);
            // Of use where they are queued only.
            transfer.position = 9 - static_cast<qint64>(all.size());
            transfer.items = 7;
            transfer.missing = 3;
            f.store->putTransfer(transfer);
            all.push_back(transfer);
        }
        std::sort(all.begin(), all.end(),
                  [](const auto& a, const auto& b) { return cursorOf(a) < cursorOf(b); });
        const auto ids = [&f](int limit) {
            std::vector<wire::TransferId> found;
            TransferQuery query{{}, limit};
            for (auto page = f.store->transfers(query); !page.empty(); page = f.store->transfers(query)) {
                for (const auto& one : page) found.push_back(one.id);
                query.after = cursorOf(page.back());
            }
            return found;
        };
        std::vector<wire::TransferId> expected;
        for (const auto& one : all) expected.push_back(one.id);
        for (const int limit : {1, 3, 100}) QVERIFY(ids(limit) == expected);
        QVERIFY(f.store->transfer(expected[0])->items == 7 && f.store->transfer(expected[0])->missing == 3);
        // What has not ended stays.
        for (const auto& id : {expected[0], expected[2]}) f.store->hideTransfer(id);
        QVERIFY(ids(100) == expected);
        f.store->hideTransfer(expected.back());
        QCOMPARE(ids(100).size(), expected.size() - 1);
        f.store->putTransfer(all.back());
        QCOMPARE(ids(100).size(), expected.size());
        f.store->hideFinishedTransfers();
        QCOMPARE(ids(100).size(), expected.size() - 3);
        QCOMPARE(f.store->transfers().size(), expected.size());
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::TransferPagesTest)
#include "transfer_pages_test.moc"
