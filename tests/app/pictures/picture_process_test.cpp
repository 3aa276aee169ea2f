#include "app/pictures/picture_process.h"

#include "tests/app/pictures/made_pictures.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTest>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace landline::app {

namespace {

constexpr int kPatience = 30000;
constexpr PictureBox kBox{720, 640};

struct Result {
    bool finished = false;
    QImage image;
    QSize source;
};

Result decode(const QString& path, quint64 size, const PictureProcess::Decoder& decoder) {
    PictureProcess process(decoder, kBox);
    Result result;
    QObject::connect(&process, &PictureProcess::finished, &process,
                     [&result](const QImage& image, const QSize& source) {
                         result = {true, image, source};
                     });
    process.start(path, size);
    (void)QTest::qWaitFor([&result] { return result.finished; }, kPatience);
    return result;
}

Result decode(const QString& path) {
    return decode(path, static_cast<quint64>(QFileInfo(path).size()), PictureProcess::installed());
}

PictureProcess::Decoder badDecoder(const QString& mode, std::chrono::milliseconds deadline) {
    return {QCoreApplication::applicationDirPath() + QStringLiteral("/bad_decoder"), {mode}, deadline};
}

bool isNear(QRgb a, const QColor& b) {
    const QColor colour(a);
    return std::abs(colour.red() - b.red()) < 9 && std::abs(colour.green() - b.green()) < 9 &&
           std::abs(colour.blue() - b.blue()) < 9;
}

}  // namespace

/// The real decoder on good and bad files, and bad decoders on a good one.
class PictureProcessTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(QFile::exists(PictureProcess::installed().program)); }

    void decodesPictures_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QSize>("shown");
        QTest::addColumn<QSize>("source");
        for (const char* format : {"png", "jpeg", "bmp"})
            for (const QSize size : {QSize(30, 20), QSize(2000, 1000), QSize(600, 3000)}) {
                const auto fitted = fitInto({size.width(), size.height()}, kBox);
                QTest::addRow("%s %dx%d", format, size.width(), size.height())
                    << test::MadePictures::encoded(test::MadePictures::plain(size, QColor(200, 30, 90)),
                                                   format)
                    << QSize(fitted.width, fitted.height) << size;
            }
        QTest::newRow("one pixel high")
            << test::MadePictures::encoded(test::MadePictures::plain({30000, 1}, QColor(200, 30, 90)), "png")
            << QSize(720, 1) << QSize(30000, 1);
        QTest::newRow("turned by its Exif")
            << test::MadePictures::turned(test::MadePictures::plain({2000, 1000}, QColor(200, 30, 90)), 6)
            << QSize(320, 640) << QSize(1000, 2000);
        QTest::newRow("of 64 million pixels") << test::MadePictures::encoded(whiteBits({8192, 8192}), "png")
                                              << QSize(640, 640) << QSize(8192, 8192);
    }
    void decodesPictures() {
        QFETCH(QByteArray, content);
        QFETCH(QSize, shown);
        QFETCH(QSize, source);
        const auto result = decode(m_made.write(QStringLiteral("picture"), content));
        QVERIFY(result.finished);
        QCOMPARE(result.image.size(), shown);
        QCOMPARE(result.source, source);
        const QRgb middle = result.image.pixel(shown.width() / 2, shown.height() / 2);
        QVERIFY2(isNear(middle, QColor(200, 30, 90)) || middle == qRgb(255, 255, 255),
                 qPrintable(QString::number(middle, 16)));
    }

    void takesTheFirstFrameOfAGif() {
        const auto result =
            decode(m_made.write(QStringLiteral("a.gif"), test::MadePictures::gif(2, 1, 2, 1)));
        QVERIFY(result.finished);
        QCOMPARE(result.image.size(), QSize(2, 1));
        QCOMPARE(result.image.pixel(0, 0), qRgb(255, 0, 0));
    }

    void keepsTransparency() {
        QImage image(40, 40, QImage::Format_ARGB32);
        image.fill(QColor(10, 20, 30, 0));
        const auto result =
            decode(m_made.write(QStringLiteral("a.png"), test::MadePictures::encoded(image, "png")));
        QCOMPARE(qAlpha(result.image.pixel(20, 20)), 0);
    }

    void whatIsNoFairPictureIsNone_data() {
        using test::MadePictures;
        QTest::addColumn<QByteArray>("content");
        const auto good = MadePictures::encoded(MadePictures::plain({300, 300}, Qt::blue), "png");
        QTest::newRow("text") << QByteArray("Dear all, this is no picture.\n");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("signature only") << good.left(8);
        QTest::newRow("truncated header") << good.left(20);
        QTest::newRow("truncated") << good.left(good.size() / 2);
        QTest::newRow("SVG with links") << QByteArray(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'>"
            "<image xlink:href='file:///etc/passwd'/></svg>");
        QTest::newRow("wide as 2^31 - 1") << MadePictures::png(0x7fffffff, 1, MadePictures::allBlack(8, 1));
        QTest::newRow("wide as 2^31") << MadePictures::png(0x80000000, 1, MadePictures::allBlack(8, 1));
        QTest::newRow("wide and high as 2^32 - 1")
            << MadePictures::png(0xffffffff, 0xffffffff, MadePictures::allBlack(8, 1));
        QTest::newRow("no pixels") << MadePictures::png(0, 0, MadePictures::allBlack(8, 1));
        QTest::newRow("bomb of 900 million pixels")
            << MadePictures::png(30000, 30000, MadePictures::allBlack(30000, 3000));
        QTest::newRow("GIF of 4 thousand million pixels") << MadePictures::gif(65535, 65535, 65535, 65535);
        QTest::newRow("BMP that says it is large") << MadePictures::bmp(30000, 30000);
        QTest::newRow("BMP of negative size") << MadePictures::bmp(-0x7fffffff - 1, -0x7fffffff - 1);
        QTest::newRow("WebP cut off") << QByteArray("RIFF\x24\0\0\0WEBPVP8 ", 16);
        QTest::newRow("JPEG of markers") << QByteArray("\xff\xd8\xff") + QByteArray(5000, '\xff');
    }
    void whatIsNoFairPictureIsNone() {
        QFETCH(QByteArray, content);
        const auto result = decode(m_made.write(QStringLiteral("x.png"), content));
        QVERIFY(result.finished);
        QVERIFY(result.image.isNull());
        QVERIFY(result.source.isEmpty());
    }

    /// Whether something can be shown of these is the decoder's affair; that it stays within its bounds is not.
    void whatTriesToHurtTheDecoderHurtsNobody_data() {
        using test::MadePictures;
        QTest::addColumn<QByteArray>("content");
        const QByteArray zeros(64 * 1024 * 1024, '\0');
        const QByteArray bomb = MadePictures::deflated(zeros);
        QTest::newRow("more pixels than said") << MadePictures::png(8, 8, bomb);
        QTest::newRow("text bomb") << MadePictures::png(
            8, 8, MadePictures::allBlack(8, 8),
            MadePictures::pngChunk("zTXt", QByteArray("Comment\0\0", 9) + bomb).repeated(8));
        QTest::newRow("colour profile bomb")
            << MadePictures::png(8, 8, MadePictures::allBlack(8, 8),
                                 MadePictures::pngChunk("iCCP", QByteArray("p\0\0", 3) + bomb));
        QTest::newRow("GIF whose frame is larger than itself") << MadePictures::gif(4, 4, 65535, 65535);
        auto jpeg = MadePictures::encoded(MadePictures::plain({400, 400}, Qt::green), "jpeg");
        QTest::newRow("half a JPEG") << jpeg.left(jpeg.size() / 2);
        // The size in its header, at the largest that its format knows.
        const auto sof = jpeg.indexOf(QByteArray("\xff\xc0", 2));
        QVERIFY(sof > 0);
        QTest::newRow("JPEG of 65535 by 1000") << jpeg.replace(sof + 5, 4, QByteArray("\x03\xe8\xff\xff", 4));
    }
    void whatTriesToHurtTheDecoderHurtsNobody() {
        QFETCH(QByteArray, content);
        rusage before{};
        getrusage(RUSAGE_SELF, &before);
        const auto result = decode(m_made.write(QStringLiteral("x.png"), content));
        rusage after{};
        getrusage(RUSAGE_SELF, &after);
        QVERIFY(result.finished);
        QVERIFY(result.image.width() <= kBox.width && result.image.height() <= kBox.height);
        QVERIFY(after.ru_maxrss - before.ru_maxrss < 16 * 1024);  // KiB, of this process
    }

    void opensOnlyFilesOfTheSizeThatIsKnown() {
        const auto good = test::MadePictures::encoded(test::MadePictures::plain({30, 30}, Qt::red), "png");
        const QString path = m_made.write(QStringLiteral("good.png"), good);
        const auto size = static_cast<quint64>(good.size());
        const auto decoder = PictureProcess::installed();
        QVERIFY(!decode(path, size, decoder).image.isNull());
        for (const quint64 other : {size - 1, size + 1, quint64{0}, quint64{picture_limits::kFileBytes} + 1})
            QVERIFY(decode(path, other, decoder).finished && decode(path, other, decoder).image.isNull());
        QVERIFY(decode(m_made.path(QStringLiteral("missing")), size, decoder).image.isNull());
        QVERIFY(decode(QFileInfo(path).absolutePath(), size, decoder).image.isNull());
        const QString pipe = m_made.path(QStringLiteral("pipe.png"));
        QCOMPARE(mkfifo(QFile::encodeName(pipe).constData(), 0600), 0);
        const auto result = decode(pipe, size, decoder);
        QVERIFY(result.finished && result.image.isNull());
    }

    void aMissingDecoderIsNoPicture() {
        const auto result = decode(goodFile(), m_goodSize, {QStringLiteral("/nowhere/landline-decoder"), {}});
        QVERIFY(result.finished && result.image.isNull());
    }

    void badDecoders_data() {
        QTest::addColumn<QString>("mode");
        QTest::addColumn<bool>("picture");
        for (const char* mode :
             {"nothing", "hang", "half-and-hang", "flood", "flood-after-header", "wrong-magic", "huge",
              "too-few", "too-many", "fails-after", "crashes-after"})
            QTest::newRow(mode) << QString::fromLatin1(mode) << false;
        // These answer with a picture if they were denied what they tried.
        for (const char* mode : {"good", "confined", "eat", "reach", "write"})
            QTest::newRow(mode) << QString::fromLatin1(mode) << true;
    }
    void badDecoders() {
        QFETCH(QString, mode);
        QFETCH(bool, picture);
        const bool hangs = mode.endsWith(QStringLiteral("hang"));
        const std::chrono::milliseconds deadline(hangs ? 300 : kPatience);
        PictureProcess process(badDecoder(mode, deadline), kBox);
        QSignalSpy finished(&process, &PictureProcess::finished);
        process.start(goodFile(), m_goodSize);
        QTRY_VERIFY_WITH_TIMEOUT(process.processId() != 0 || !finished.isEmpty(), kPatience);
        const auto id = static_cast<pid_t>(process.processId());
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, kPatience);
        QCOMPARE(!finished[0][0].value<QImage>().isNull(), picture);
        if (id > 0) QTRY_VERIFY_WITH_TIMEOUT(::kill(id, 0) != 0, kPatience);
    }

    void destroyingItEndsTheProcess() {
        auto process =
            std::make_unique<PictureProcess>(badDecoder(QStringLiteral("hang"), std::chrono::hours(1)), kBox);
        process->start(goodFile(), m_goodSize);
        QTRY_VERIFY_WITH_TIMEOUT(process->processId() > 0, kPatience);
        const auto id = static_cast<pid_t>(process->processId());
        process.reset();
        QTRY_VERIFY_WITH_TIMEOUT(::kill(id, 0) != 0, kPatience);
    }

private:
    static QImage whiteBits(const QSize& size) {
        QImage image(size, QImage::Format_Mono);
        image.fill(1);
        return image;
    }
    QString goodFile() {
        const auto bytes = test::MadePictures::encoded(test::MadePictures::plain({30, 30}, Qt::red), "png");
        m_goodSize = static_cast<quint64>(bytes.size());
        return m_made.write(QStringLiteral("good.png"), bytes);
    }

    test::MadePictures m_made;
    quint64 m_goodSize = 0;
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::PictureProcessTest)
#include "picture_process_test.moc"
