#include "app/views/emoji_text.h"
#include "app/views/avatar.h"

#include <QApplication>
#include <QTest>

namespace landline::app {

class EmojiTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsFewEmoji_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("few");
        QTest::newRow("none") << QString() << false;
        QTest::newRow("one") << QStringLiteral("😀") << true;
        QTest::newRow("three") << QStringLiteral("😀🎉👍") << true;
        QTest::newRow("four") << QStringLiteral("😀🎉👍🔥") << false;
        QTest::newRow("heart with selector") << QStringLiteral("❤️") << true;
        QTest::newRow("family of four, one picture") << QStringLiteral("👨‍👩‍👧‍👦") << true;
        QTest::newRow("skin tone") << QStringLiteral("👍🏽") << true;
        QTest::newRow("flag") << QStringLiteral("🇨🇳") << true;
        QTest::newRow("with a word") << QStringLiteral("ok 👍") << false;
        QTest::newRow("with a space") << QStringLiteral("👍 👍") << false;
        QTest::newRow("a digit") << QStringLiteral("7") << false;
        QTest::newRow("a check mark that is text") << QStringLiteral("✓") << false;
        QTest::newRow("Chinese") << QStringLiteral("好") << false;
    }
    void findsFewEmoji() {
        QFETCH(QString, text);
        QFETCH(bool, few);
        QCOMPARE(isFewEmoji(text), few);
    }

    void runsCoverWholeCharacters() {
        const QString text = QStringLiteral("a👍🏽👨‍👩‍👧 b☕");
        const auto runs = emojiRuns(text);
        QCOMPARE(runs.size(), 2);
        QCOMPARE(text.mid(runs[0].start, runs[0].length), QStringLiteral("👍🏽👨‍👩‍👧"));
        QCOMPARE(text.mid(runs[1].start, runs[1].length), QStringLiteral("☕"));
    }

    void emojiHaveAWidth() {
        const QFont font = QApplication::font();
        QVERIFY(textWidth(QStringLiteral("document 🚀"), font) >
                textWidth(QStringLiteral("document "), font) + 4);
        QVERIFY(textWidth(QStringLiteral("👍"), font) > 4);
    }

    void elidedTextsFit_data() {
        QTest::addColumn<QString>("text");
        QTest::newRow("letters") << QStringLiteral("a text without any pictures in it");
        QTest::newRow("an emoji at the end") << QStringLiteral("好的，我马上看一下 the document 🚀");
        QTest::newRow("emoji only") << QStringLiteral("😀🎉👍🔥😀🎉👍🔥");
        QTest::newRow("joined emoji")
            << QStringLiteral("👨‍👩‍👧‍👦 and more 👨‍👩‍👧‍👦 words");
    }
    void elidedTextsFit() {
        QFETCH(QString, text);
        const QFont font = QApplication::font();
        QCOMPARE(elideText(text, font, textWidth(text, font) + 1), text);
        for (int width = 40; width < textWidth(text, font); width += 7) {
            const QString elided = elideText(text, font, width);
            QVERIFY2(textWidth(elided, font) <= width + 1, qPrintable(elided));
            QVERIFY(elided.endsWith(u'…'));
            QVERIFY(text.startsWith(elided.chopped(1)));
        }
    }

    void namesCutInTheMiddleFitAndKeepTheirEnds_data() { elidedTextsFit_data(); }
    void namesCutInTheMiddleFitAndKeepTheirEnds() {
        QFETCH(QString, text);
        const QFont font = QApplication::font();
        QCOMPARE(elideMiddle(text, font, textWidth(text, font) + 1), text);
        qsizetype before = 0;
        for (int width = 60; width < textWidth(text, font); width += 7) {
            const QString elided = elideMiddle(text, font, width);
            QVERIFY2(textWidth(elided, font) <= width + 1, qPrintable(elided));
            QCOMPARE(elideText(elided, font, width), elided);
            const auto parts = elided.split(u'…');
            QCOMPARE(parts.size(), 2);
            QVERIFY(text.startsWith(parts[0]) && text.endsWith(parts[1]) && !parts[1].isEmpty());
            QVERIFY(elided.size() >= before);
            before = elided.size();
        }
    }

    void initials_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("initials");
        QTest::newRow("two words") << QStringLiteral("ada lovelace") << QStringLiteral("AL");
        QTest::newRow("one word") << QStringLiteral("Linus") << QStringLiteral("L");
        QTest::newRow("many words") << QStringLiteral("Juan Ramón y Cajal") << QStringLiteral("JC");
        QTest::newRow("Chinese") << QStringLiteral("张伟") << QStringLiteral("张");
        QTest::newRow("Latin and Chinese") << QStringLiteral("Chen 晨") << QStringLiteral("C");
        QTest::newRow("Chinese with a note") << QStringLiteral("李娜 (设计)") << QStringLiteral("李");
        QTest::newRow("a bracket at the end") << QStringLiteral("Ken (ops)") << QStringLiteral("K");
        QTest::newRow("Cyrillic") << QStringLiteral("Сергей Лебедев") << QStringLiteral("СЛ");
        QTest::newRow("accents in two characters")
            << QStringLiteral("E\u0301mile") << QStringLiteral("E\u0301");
        QTest::newRow("emoji") << QStringLiteral("🦊 fox") << QStringLiteral("🦊");
        QTest::newRow("nothing") << QString() << QStringLiteral("?");
        QTest::newRow("blanks") << QStringLiteral("   ") << QStringLiteral("?");
    }
    void initials() {
        QFETCH(QString, name);
        QFETCH(QString, initials);
        QCOMPARE(initialsOf(name), initials);
    }

    void theColourOfAKeyIsItsOwn() {
        const Bytes a{1, 2, 3};
        const Bytes b{2, 2, 3};
        QCOMPARE(avatarColor(a), avatarColor(a));
        QVERIFY(avatarColor(a) != avatarColor(b));
    }

    void everyAvatarCarriesWhiteLetters() {
        for (int i = 0; i < 256; ++i) {
            const QColor colour = avatarColor(Bytes{static_cast<std::uint8_t>(i), 0});
            QVERIFY2(colour.lightnessF() < 0.55F, qPrintable(colour.name()));
        }
    }
};

}  // namespace landline::app

QTEST_MAIN(landline::app::EmojiTextTest)
#include "emoji_text_test.moc"
