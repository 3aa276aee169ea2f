// A disk that changes a byte by itself: whatever the store then shows or serves is what authors wrote, or the damage is
// noticed. One byte of a small database at a time, at places that a seed chooses; LANDLINE_FLIPS says how many.

#include "app/storage/integrity_check.h"

#include "tests/app/storage/store_fixture.h"

#include <QFile>
#include <QTest>

#include <map>

namespace landline::app::test {

namespace {

constexpr int kFlips = 500;

QString told(const MessageRecord& message) {
    const QStringList parts{messageId(message.ref),
                            QString::fromStdString(toHex(message.person.view())),
                            QString::number(message.time),
                            QString::number(int(message.kind)),
                            message.text,
                            QString::number(message.edited),
                            QString::number(message.deleted),
                            QString::number(message.own)};
    return parts.join(u'|');
}

/// All that a store shows and serves, each under a name of its own.
using Contents = std::map<QString, QString>;

}  // namespace

class FlippedByteTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        fill();
        contents = read(*fixture.store, &order);
        QVERIFY(contents.size() > 150);
        fixture.store.reset();
        QFile file(fixture.folder.filePath(QStringLiteral("landline.db")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        bytes = file.readAll();
    }

    /// SQLite takes such a beginning for a byte order mark and swaps what follows.
    void isNotWhatATextWithAByteOrderMarkIs() {
        StoreFixture other;
        const std::string swapped = "\xEF\xBF\xBEhello";  // U+FFFE
        const auto said = other.say(other.other, 1000, swapped);
        other.put(other.other, 1001, wire::Reaction{said.ref(), swapped, false});
        QVERIFY(other.store->commit());
        QVERIFY(other.open());
        const auto history = other.history();
        QCOMPARE(history.size(), std::size_t{1});
        QCOMPARE(history[0].text, QStringLiteral("hello"));
        QCOMPARE(history[0].reactions.size(), std::size_t{1});
        QVERIFY(!other.store->isDamaged());
    }

    void isNoticedOrHarmless() {
        bool isNumber = false;
        const int wanted = qEnvironmentVariableIntValue("LANDLINE_FLIPS", &isNumber);
        SeededRandom chance(7);
        const auto below = [&chance](quint64 bound) {
            return loadBe64(chance.make<Hash128>().data()) % bound;
        };
        int noticed = 0;
        int refused = 0;
        const int flips = isNumber ? wanted : kFlips;
        for (int i = 0; i < flips; ++i) {
            const auto at = qsizetype(below(quint64(bytes.size())));
            const auto change = char(1 + below(255));
            const QString outcome = flip(at, change, noticed, refused);
            if (!outcome.isEmpty())
                QFAIL(qPrintable(
                    QStringLiteral("byte %1 changed by %2: %3").arg(at).arg(int(change)).arg(outcome)));
        }
        qInfo("%d flips: %d noticed (%d of them as a store that does not open)", flips, noticed + refused,
              refused);
        QVERIFY(noticed > flips / 10);
        QVERIFY(noticed < flips);
    }

private:
    void fill() {
        Author& me = fixture.me;
        Author& other = fixture.other;
        for (int i = 0; i < 40; ++i) {
            fixture.say(me, 1000 + 10 * i, "mine, number " + std::to_string(i));
            fixture.say(other, 1005 + 10 * i, "yours 你好 " + std::to_string(i));
        }
        const auto asked = fixture.say(other, 5000, "a question");
        fixture.put(me, 5010, wire::Text{"an answer", asked.ref()});
        const auto edited = fixture.say(me, 5020, "befroe");
        fixture.put(me, 5030, wire::Edit{edited.ref(), "after"});
        fixture.put(other, 5040, wire::Reaction{edited.ref(), "👍", false});
        const auto gone = fixture.say(other, 5050, "not for long");
        const auto deletion = fixture.put(other, 5060, wire::Delete{gone.ref()});
        fixture.store->erase(fixture.direct, gone.ref(), fixture.proofOf(deletion, other));
        wire::FileOffer offer;
        offer.name = "plan.pdf";
        offer.size = 12345;
        fixture.put(other, 5070, offer);
        const auto confirmed = fixture.say(me, 5080, std::string(9000, 'x'));
        const wire::AuthorHead head{me.id(), 0, {}, confirmed.header.number, truncated(confirmed.hash), 3};
        fixture.store->putPeerHeads(fixture.direct, other.id(), std::span(&head, 1));
        for (int i = 0; i < 5; ++i) fixture.say(me, 6000 + i, "on its way");
        QVERIFY(fixture.store->commit());
    }

    Contents read(Database& store, QStringList* shown) {
        Contents found;
        HistoryQuery query;
        query.conversation = fixture.direct;
        query.limit = 1000;
        for (const MessageRecord& message : store.history(query)) {
            found[QStringLiteral("message ") + messageId(message.ref)] = told(message);
            found[QStringLiteral("state ") + messageId(message.ref)] = QString::number(int(message.state));
            // Apart: these may be missing, as messages may, where the check of the indexes notices it.
            if (message.replyTo && !message.replyText.isEmpty())
                found[QStringLiteral("answered by ") + messageId(message.ref)] = message.replyText;
            for (const ReactionRecord& reaction : message.reactions)
                found[QStringLiteral("reaction to ") + messageId(message.ref)] =
                    reaction.emoji + QString::number(reaction.persons.size());
            shown->append(messageId(message.ref));
        }
        SearchQuery words;
        words.words = QStringLiteral("number");
        words.limit = 1000;
        for (const MessageRecord& message : store.search(words))
            found[QStringLiteral("message ") + messageId(message.ref)] = told(message);
        for (const timeline::TimelineHead& head : store.heads(fixture.direct)) {
            const QString author = QString::fromStdString(toHex(head.author.view()));
            found[QStringLiteral("head ") + author] =
                QString::number(head.number) + QString::fromStdString(toHex(head.hash.view()));
            for (const wire::SignedEntry& entry : store.read(fixture.direct, head.author, 1, 1000, 1 << 20))
                found[QStringLiteral("entry ") +
                      QString::fromStdString(toHex(timeline::entryHash(entry).view()))] =
                    QString::fromStdString(toHex(entry.payload));
        }
        for (const PersonRecord& person : store.people())
            found[QStringLiteral("person ") + QString::fromStdString(toHex(person.id.view()))] =
                QString::number(person.devices.size());
        return found;
    }

    /// What is wrong, or nothing.
    QString flip(qsizetype at, char change, int& noticed, int& refused) {
        QByteArray damaged = bytes;
        damaged[at] = char(damaged[at] ^ change);
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("landline.db")));
        if (!file.open(QIODevice::WriteOnly) || file.write(damaged) != damaged.size())
            return QStringLiteral("no disk");
        file.close();
        const auto opened = Database::open(folder.path(), fixture.self);
        refused += opened ? 0 : 1;
        noticed += opened && !opened->damagedCopy.isEmpty() ? 1 : 0;
        if (!opened || !opened->damagedCopy.isEmpty()) return {};
        QStringList shown;
        const Contents found = read(*opened->database, &shown);
        if (opened->database->isDamaged()) {
            ++noticed;
            return {};
        }
        for (const auto& [name, value] : found) {
            const auto known = contents.find(name);
            if (known == contents.end()) return QStringLiteral("invented %1: %2").arg(name, value);
            // A mark may be missing: it comes again with the next heads.
            const bool isLess =
                name.startsWith(QLatin1String("state")) && value.toInt() < known->second.toInt();
            if (value != known->second && !isLess)
                return QStringLiteral("%1 shows %2 and not %3").arg(name, value, known->second);
        }
        if (found.size() == contents.size() && shown == order) return {};
        ++noticed;
        return isDatabaseSound(folder.path(), never)
                   ? QStringLiteral("%1 of %2 are there, or not in their order")
                         .arg(found.size())
                         .arg(contents.size())
                   : QString();
    }

    StoreFixture fixture;
    Contents contents;
    QStringList order;
    QByteArray bytes;
    const std::atomic<bool> never = false;
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::FlippedByteTest)
#include "flipped_byte_test.moc"
