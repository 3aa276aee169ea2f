#include "app/pictures/thumbnails.h"

#include "tests/app/pictures/made_pictures.h"

#include <QFileInfo>
#include <QSignalSpy>
#include <QTest>

namespace landline::app {

namespace {

constexpr int kPatience = 30000;

PictureProcess::Decoder badDecoder(const QString& mode) {
    return {QCoreApplication::applicationDirPath() + QStringLiteral("/bad_decoder"),
            {mode},
            std::chrono::hours(1)};
}

}  // namespace

/// Which pictures are made, how many at once, and what is kept of them.
class ThumbnailsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void makesWhatIsInSight() {
        Thumbnails thumbnails;
        QSignalSpy changed(&thumbnails, &Thumbnails::changed);
        const auto one = request(1, QSize(1000, 500));
        const auto other = request(2, QSize(20, 30));
        QVERIFY(thumbnails.sizeOf(one.message).isEmpty());
        thumbnails.want({one, other}, 1);
        QTRY_COMPARE_WITH_TIMEOUT(changed.size(), 2, kPatience);
        QCOMPARE(thumbnails.sizeOf(one.message), QSize(1000, 500));
        QCOMPARE(thumbnails.find(one.message).size(), QSize(360, 180));
        QCOMPARE(thumbnails.find(other.message).size(), QSize(20, 30));
        QCOMPARE(thumbnails.running(), 0);
        QVERIFY(thumbnails.keptBytes() >= 4 * (360 * 180 + 20 * 30));
        // Asked again there is nothing to do.
        thumbnails.want({one, other}, 1);
        QCOMPARE(thumbnails.running(), 0);
    }

    void twoScreensTwoRatios() {
        Thumbnails thumbnails;
        const auto wide = request(1, QSize(3000, 1000));
        thumbnails.want({wide}, 1);
        QTRY_COMPARE_WITH_TIMEOUT(thumbnails.find(wide.message).width(), 360, kPatience);
        thumbnails.want({wide}, 2);
        QVERIFY(thumbnails.find(wide.message).isNull());
        QCOMPARE(thumbnails.sizeOf(wide.message), QSize(3000, 1000));  // nothing jumps meanwhile
        QTRY_COMPARE_WITH_TIMEOUT(thumbnails.find(wide.message).width(), 720, kPatience);
    }

    void whatIsNoPictureIsNotTriedAgain() {
        Thumbnails thumbnails;
        auto text = request(1, QSize(10, 10));
        text.path = m_made.write(QStringLiteral("text.png"), "no picture");
        text.size = 10;
        QSignalSpy changed(&thumbnails, &Thumbnails::changed);
        thumbnails.want({text}, 1);
        QCOMPARE(thumbnails.running(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(thumbnails.running(), 0, kPatience);
        QVERIFY(changed.isEmpty());
        thumbnails.want({text}, 1);
        QCOMPARE(thumbnails.running(), 0);
    }

    void fewProcessesAtOnceAndOnlyForWhatIsStillInSight() {
        Thumbnails thumbnails(badDecoder(QStringLiteral("hang")));
        std::vector<PictureRequest> all;
        for (EntryNumber i = 1; i <= 20; ++i) all.push_back(request(i, QSize(10, 10)));
        thumbnails.want(all, 1);
        QCOMPARE(thumbnails.running(), Thumbnails::kProcesses);
        // The rest has been scrolled away: once those that run are gone only the last one is made.
        thumbnails.want({all.back()}, 1);
        QCOMPARE(thumbnails.running(), Thumbnails::kProcesses);
        thumbnails.forget(all[0].message);
        QCOMPARE(thumbnails.running(), Thumbnails::kProcesses);
        thumbnails.forget(all[1].message);
        QCOMPARE(thumbnails.running(), 1);
        thumbnails.forget(all.back().message);
        QCOMPARE(thumbnails.running(), 0);
    }

    void whatIsForgottenIsGone() {
        Thumbnails thumbnails;
        const auto one = request(1, QSize(100, 100));
        thumbnails.want({one}, 1);
        QTRY_VERIFY_WITH_TIMEOUT(!thumbnails.find(one.message).isNull(), kPatience);
        QSignalSpy changed(&thumbnails, &Thumbnails::changed);
        thumbnails.forget(one.message);
        QVERIFY(thumbnails.find(one.message).isNull() && thumbnails.sizeOf(one.message).isEmpty());
        QCOMPARE(thumbnails.keptBytes(), 0);
        QCOMPARE(changed.size(), 1);
        thumbnails.forget(one.message);
        QCOMPARE(changed.size(), 1);
    }

    void memoryIsBoundedAndSizesAreRemembered() {
        Thumbnails thumbnails;
        constexpr qint64 kOne = 4LL * 320 * 4 * 320 * 4;
        constexpr EntryNumber kCount = Thumbnails::kKeptBytes / kOne + 3;
        for (EntryNumber i = 1; i <= kCount; ++i) {
            const auto large = request(i, QSize(1300, 1300));
            thumbnails.want({large}, 4);
            QTRY_VERIFY_WITH_TIMEOUT(!thumbnails.find(large.message).isNull(), kPatience);
            QVERIFY(thumbnails.keptBytes() <= Thumbnails::kKeptBytes);
        }
        const auto first = request(1, QSize(1300, 1300));
        QVERIFY(thumbnails.find(first.message).isNull());
        QCOMPARE(thumbnails.sizeOf(first.message), QSize(1300, 1300));
        thumbnails.want({first}, 4);
        QTRY_VERIFY_WITH_TIMEOUT(!thumbnails.find(first.message).isNull(), kPatience);
    }

    /// More in sight than there is room for: the rest keeps its place without pixels, and nothing is made in circles.
    void whatIsInSightIsNotTakenForOthersInSight() {
        Thumbnails thumbnails;
        std::vector<PictureRequest> all;
        for (EntryNumber i = 1; i <= 14; ++i) all.push_back(request(i, QSize(1300, 1300)));
        QSignalSpy changed(&thumbnails, &Thumbnails::changed);
        thumbnails.want(all, 4);
        QTRY_VERIFY_WITH_TIMEOUT(changed.size() == 14, kPatience);
        QCOMPARE(thumbnails.running(), 0);
        thumbnails.want(all, 4);
        QCOMPARE(thumbnails.running(), 0);
        QVERIFY(thumbnails.keptBytes() <= Thumbnails::kKeptBytes);
        QVERIFY(!thumbnails.find(all[0].message).isNull());
    }

private:
    PictureRequest request(EntryNumber number, const QSize& size) {
        const auto bytes = test::MadePictures::encoded(test::MadePictures::plain(size, Qt::darkGreen), "png");
        PictureRequest request;
        request.message.entry.number = number;
        request.path = m_made.write(QStringLiteral("%1.png").arg(number), bytes);
        request.size = static_cast<quint64>(bytes.size());
        return request;
    }

    test::MadePictures m_made;
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::ThumbnailsTest)
#include "thumbnails_test.moc"
