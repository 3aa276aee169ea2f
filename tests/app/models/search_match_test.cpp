#include "app/models/search_match.h"

#include <QTest>

namespace landline::app {

class SearchMatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// In the text of each row the expected matches stand in brackets.
    void marksWhatTheSearchFound_data() {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QString>("marked");
        QTest::newRow("a word") << QStringLiteral("cards") << QStringLiteral("the [cards].");
        QTest::newRow("any case") << QStringLiteral("CARDS") << QStringLiteral("the [Cards]");
        QTest::newRow("the beginning of a word") << QStringLiteral("car") << QStringLiteral("the [car]ds");
        QTest::newRow("not inside of a word") << QStringLiteral("he") << QStringLiteral("the [he]n");
        QTest::newRow("several words")
            << QStringLiteral("the cards") << QStringLiteral("[the] blue [cards], [the]y");
        QTest::newRow("without marks") << QStringLiteral("emile") << QStringLiteral("[Émile] du Châtelet");
        QTest::newRow("with marks") << QStringLiteral("Châtelet") << QStringLiteral("[Chatelet]");
        QTest::newRow("marks of their own")
            << QStringLiteral("emile") << QStringLiteral("[E\u0301mile] wrote");
        QTest::newRow("Chinese anywhere") << QStringLiteral("文档") << QStringLiteral("设计[文档]在这里");
        QTest::newRow("one character") << QStringLiteral("文") << QStringLiteral("设计[文]档");
        QTest::newRow("two scripts") << QStringLiteral("v2文档") << QStringLiteral("看[v2文档]");
        QTest::newRow("punctuation separates") << QStringLiteral("a.b") << QStringLiteral("[a]-[b]");
        QTest::newRow("nothing") << QStringLiteral("zzz") << QStringLiteral("the cards");
        QTest::newRow("only punctuation") << QStringLiteral("\"*") << QStringLiteral("a \"*\" b");
        QTest::newRow("no query") << QString() << QStringLiteral("the cards");
        QTest::newRow("after an emoji") << QStringLiteral("ok") << QStringLiteral("👍 [ok]");
    }
    void marksWhatTheSearchFound() {
        QFETCH(QString, query);
        QFETCH(QString, marked);
        const QString text = QString(marked).remove(u'[').remove(u']');
        QString result = text;
        const auto matches = searchMatches(text, query);
        for (auto it = matches.rbegin(); it != matches.rend(); ++it)
            result.insert(it->start + it->length, u']').insert(it->start, u'[');
        QCOMPARE(result, marked);
    }

    void aSnippetShowsTheFirstMatch() {
        const QString text = QString(QStringLiteral("word ").repeated(40) + u"needle in the hay");
        const QString snippet = searchSnippet(text, QStringLiteral("needle"));
        QVERIFY(snippet.startsWith(u"…word "));
        QVERIFY(snippet.indexOf(QStringLiteral("needle")) < 20);
        QVERIFY(snippet.endsWith(QStringLiteral("needle in the hay")));
        QCOMPARE(searchSnippet(QStringLiteral("needle"), QStringLiteral("needle")), QStringLiteral("needle"));
        QCOMPARE(searchSnippet(text, QStringLiteral("absent")), text);
    }

    void anEndlessTextIsMarkedInReasonableNumber() {
        QVERIFY(searchMatches(QStringLiteral("文").repeated(60'000), QStringLiteral("文")).size() <= 400);
    }
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::SearchMatchTest)
#include "search_match_test.moc"
