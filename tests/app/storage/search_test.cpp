#include "app/storage/search_text.h"
#include "tests/app/storage/store_fixture.h"

#include <QTest>

namespace landline::app::test {

namespace {

constexpr qint64 kNoon = 1700000000000;

QString u(const char* text) {
    return QString::fromUtf8(text);
}

}  // namespace

class SearchTest : public QObject {
    Q_OBJECT

    StoreFixture f;
    static constexpr const char* kTexts[] = {
        "The quick brown fox",
        "Café au lait, crème brûlée",
        "我们明天开会议吧",
        "会 is one character",
        "Привет, мир",
        "version 2.0 of C++ and foo_bar",
        "東京タワーへ行きましょう",
        "한국어 메시지",
        "mixed中文text and more",
        "the Straße is called \"Unter den Linden\"",
        "𠀀𠀁𠀂 are rare",
        "会议室在三楼",
    };

private Q_SLOTS:
    void initTestCase() {
        qint64 time = kNoon;
        for (const char* const text : kTexts) f.say(f.other, time += 1000, text);
        QVERIFY(f.store->commit());
    }

    void findsWords_data() {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QStringList>("expected");
        const auto row = [](const char* name, const char* words, std::initializer_list<int> texts) {
            QStringList expected;
            for (const int text : texts) expected.append(u(kTexts[text]));
            QTest::newRow(name) << u(words) << expected;
        };
        row("word, newest first", "the", {9, 0});
        row("upper case", "QUICK", {0});
        row("prefix", "bro", {0});
        row("one letter", "q", {0});
        row("only the last word is a prefix", "qui fox", {});
        row("all words", "fox quick", {0});
        row("diacritics left out", "creme brulee", {1});
        row("diacritics written", "CAFÉ", {1});
        row("two Chinese characters", "会议", {11, 2});
        row("three Chinese characters", "会议室", {11});
        row("characters that are not neighbours", "我明", {});
        row("one Chinese character", "会", {11, 3, 2});
        row("the last Chinese character of a run", "吧", {2});
        row("Chinese inside of Latin", "中文", {8});
        row("Latin beside Chinese", "text", {8});
        row("mixed as written", "mixed中文", {8});
        row("Chinese and Latin words", "中 more", {8});
        row("Cyrillic", "привет", {4});
        row("Kana", "タワー", {6});
        row("Kanji and kana", "東京 行き", {6});
        row("Hangul", "메시", {7});
        row("Hangul prefix of one", "한", {7});
        row("outside of the first plane", "𠀁𠀂", {10});
        row("numbers", "2.0", {5});
        row("underscores separate", "foo", {5});
        row("a quote", "\"Unter den", {9});
        row("an operator", "fox OR cafe", {});
        row("an operator as a word", "AND", {8, 5});
        row("parentheses and stars", "(fox)* ^quick", {0});
        row("column syntax", "words:fox", {});
        row("a minus", "-fox", {0});
        row("NEAR", "NEAR(quick fox)", {});
        row("nothing like it", "zebra", {});
        row("a tag is no word", "\uE000p1", {});
        row("punctuation only", "!?", {11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
    }
    void findsWords() {
        QFETCH(QString, words);
        QFETCH(QStringList, expected);
        QCOMPARE(f.found(words), expected);
    }

    void filtersByPersonConversationAndTime() {
        StoreFixture s;
        const auto third = identity::SigningKey::generate(s.random);
        Author stranger(third, s.random);
        const PersonId thirdId = identity::personIdOf(third);
        s.store->meet(stranger.certificate(), QStringLiteral("Third"));
        const ConversationId otherConversation = identity::directConversation(s.self, thirdId);
        Author mySecond(s.myPerson, s.random);
        s.store->putCertificate(mySecond.certificate());
        s.say(s.me, kNoon, "apple one");
        s.say(s.other, kNoon + 1000, "apple two");
        s.append(stranger.write(otherConversation, kNoon + 2000, wire::Text{"apple three", {}}));
        s.append(mySecond.write(otherConversation, kNoon + 3000, wire::Text{"apple four", {}}));
        SearchQuery query;
        query.words = QStringLiteral("apple");
        QCOMPARE(s.found(query).size(), 4);
        query.from = s.self;
        QCOMPARE(s.found(query), (QStringList{QStringLiteral("apple four"), QStringLiteral("apple one")}));
        query.in = s.direct;
        QCOMPARE(s.found(query), QStringList{QStringLiteral("apple one")});
        query.from.reset();
        query.in = otherConversation;
        QCOMPARE(s.found(query), (QStringList{QStringLiteral("apple four"), QStringLiteral("apple three")}));
        query.in.reset();
        query.since = kNoon + 1000;
        query.until = kNoon + 3000;
        QCOMPARE(s.found(query), (QStringList{QStringLiteral("apple three"), QStringLiteral("apple two")}));
        query.limit = 1;
        QCOMPARE(s.found(query), QStringList{QStringLiteral("apple three")});
        query.words.clear();
        query.from = thirdId;
        QCOMPARE(s.found(query), QStringList{QStringLiteral("apple three")});
        query.from = PersonId{};
        QVERIFY(s.found(query).isEmpty());
    }

    void followsEditsAndDeletes() {
        StoreFixture s;
        const auto message = s.say(s.me, kNoon, "banana bread");
        QVERIFY(s.store->commit());
        s.put(s.me, kNoon + 1, wire::Edit{message.ref(), "banana split"});
        QVERIFY(s.found(QStringLiteral("bread")).isEmpty());
        QCOMPARE(s.found(QStringLiteral("split")).size(), 1);
        QVERIFY(s.store->commit());
        QCOMPARE(s.found(QStringLiteral("split")).size(), 1);
        s.put(s.me, kNoon + 2, wire::Delete{message.ref()});
        QVERIFY(s.store->commit());
        QVERIFY(s.found(QStringLiteral("split")).isEmpty());
        QVERIFY(s.found(QStringLiteral("banana")).isEmpty());
    }

    /// Messages that come one by one are taken into the index later, together.
    void findsWhatWasCommittedOneByOne() {
        StoreFixture s;
        constexpr int kMessages = 600;
        SearchQuery query;
        query.limit = kMessages;
        query.words = QStringLiteral("peach");
        for (int i = 0; i < kMessages; ++i) {
            s.say(i % 2 ? s.me : s.other, kNoon + i, "peach " + std::to_string(i));
            QVERIFY(s.store->commit());
            if (i % 97 == 0) QCOMPARE(s.found(query).size(), i + 1);
        }
        QVERIFY(s.open());
        QCOMPARE(s.found(query).size(), kMessages);
        QCOMPARE(s.found(query).front(), QStringLiteral("peach 599"));
        QVERIFY(s.open());
        QCOMPARE(s.found(query).size(), kMessages);
        query.from = s.self;
        QCOMPARE(s.found(query).size(), kMessages / 2);
    }

    void followsEditsAndDeletesOfWhatWasNeverSearchedFor() {
        StoreFixture s;
        const auto edited = s.say(s.me, kNoon, "cherry pie");
        QVERIFY(s.store->commit());
        const auto deleted = s.say(s.me, kNoon + 1, "cherry jam");
        QVERIFY(s.store->commit());
        const auto kept = s.say(s.me, kNoon + 2, "cherry cake");
        QVERIFY(s.store->commit());
        s.put(s.me, kNoon + 3, wire::Edit{edited.ref(), "plum pie"});
        QVERIFY(s.store->commit());
        const auto del = s.put(s.me, kNoon + 4, wire::Delete{deleted.ref()});
        s.store->erase(s.direct, deleted.ref(), s.proofOf(del, s.me));
        QVERIFY(s.store->commit());
        QVERIFY(s.open());
        QCOMPARE(s.found(QStringLiteral("cherry")), QStringList{QStringLiteral("cherry cake")});
        QCOMPARE(s.found(QStringLiteral("pie")), QStringList{QStringLiteral("plum pie")});
        QVERIFY(s.found(QStringLiteral("jam")).isEmpty());
        s.put(s.me, kNoon + 5, wire::Edit{kept.ref(), "fig cake"});
        QVERIFY(s.store->commit());
        QVERIFY(s.found(QStringLiteral("cherry")).isEmpty());
    }

    void longWordsThatManyMessagesShareAreFoundByPrefixes() {
        StoreFixture s;
        std::vector<timeline::CheckedEntry> run;
        for (int i = 0; i < 3000; ++i)
            run.push_back(s.me.write(s.direct, kNoon + i, wire::Text{"prefix" + std::to_string(i), {}}));
        s.append(run);
        SearchQuery query;
        query.limit = 5000;
        for (const char* const words : {"p", "pr", "pre", "pref", "prefix"}) {
            query.words = u(words);
            QCOMPARE(s.found(query).size(), 3000);
        }
        query.words = QStringLiteral("prefix29");
        QCOMPARE(s.found(query).size(), 1 + 10 + 100);
        QCOMPARE(s.found(query).front(), QStringLiteral("prefix2999"));
    }

    void cjkRunsBecomePairs() {
        QCOMPARE(searchableText(u("你好世界")), u("你好 好世 世界 界"));
        QCOMPARE(searchableText(u("a你b")), u("a 你 b"));
        QCOMPARE(searchableText(u("plain, text")), u("plain, text"));
        QCOMPARE(searchableText(u("你好，世界")), u("你好 好 世界 界"));
        const QList<SearchTerm> terms{{{u("你好"), u("好世")}, false}, {{u("x")}, true}};
        QCOMPARE(searchTerms(u("你好世 x")), terms);
        QVERIFY(searchTerms(u("\"*()")).isEmpty());
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::SearchTest)
#include "search_test.moc"
