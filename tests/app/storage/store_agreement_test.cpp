#include "p2p/timeline/applier.h"
#include "p2p/timeline/history.h"
#include "tests/app/storage/store_fixture.h"
#include "tests/support/memory_store.h"

#include <QTest>

#include <algorithm>

namespace landline::app::test {

using landline::test::MemoryStore;
using timeline::Applier;

namespace {

constexpr qint64 kNoon = 1700000000000;

/// The same batches go through the applier into the database and into the store in memory; the views of the database
/// must be what timeline::history makes of the entries in the other.
struct Both {
    StoreFixture f;
    SeededRandom random;
    MemoryStore memory;
    std::vector<Author> authors;
    std::vector<std::vector<timeline::CheckedEntry>> written;  ///< by author
    std::vector<EntryRef> refs;
    WallTime now = fromUnixMillis(kNoon + 3'600'000);
    qint64 time = kNoon;

    explicit Both(std::uint64_t seed) : random(seed) {
        for (int i = 0; i < 2; ++i) authors.emplace_back(f.myPerson, random);
        for (int i = 0; i < 2; ++i) authors.emplace_back(f.otherPerson, random);
        written.resize(authors.size());
        f.store->setStanding(f.otherId, timeline::Standing::Accepted);
        memory.addConversation(f.direct, {f.self, f.otherId});
        memory.putCertificate(f.me.certificate());
        memory.putCertificate(f.other.certificate());
    }

    [[nodiscard]] EntryRef anyRef() {
        // Now and then one that does not exist.
        if (refs.empty() || random.below(20) == 0)
            return {authors[random.below(4)].id(), 1 + random.below(60)};
        return refs[random.below(refs.size())];
    }
    [[nodiscard]] wire::Content anyContent() {
        static const char* const kEmojis[] = {"a", "b"};
        switch (random.below(8)) {
            case 0:
                return wire::Edit{anyRef(), "edited " + std::to_string(random.below(1000))};
            case 1:
                return wire::Delete{anyRef()};
            case 2:
            case 3:
                return wire::Reaction{anyRef(), kEmojis[random.below(2)], random.below(3) == 0};
            case 4:
                return wire::FileOffer{random.make<wire::TransferId>(), "file.txt", 5, "", 0};
            default:
                return wire::Text{"text " + std::to_string(random.below(1000)), {}};
        }
    }
    void writeAll(int entries) {
        for (int i = 0; i < entries; ++i) {
            const std::size_t author = random.below(authors.size());
            // Clocks mostly agree, sometimes go back or far ahead, and often are equal.
            time += static_cast<qint64>(random.below(3));
            qint64 clock = time;
            if (random.below(15) == 0) clock += static_cast<qint64>(random.below(2000)) - 1000;
            written[author].push_back(authors[author].write(f.direct, clock, anyContent()));
            refs.push_back(written[author].back().ref());
        }
    }
    void apply(std::span<const timeline::CheckedEntry> run) {
        wire::Entries batch{f.direct, run.front().header.author, run.front().header.number, {}};
        for (const auto& entry : run) batch.entries.push_back(entry.bytes);
        Applier database(*f.store, f.me.id());
        Applier reference(memory, f.me.id());
        const auto a = database.apply(batch, now);
        const auto b = reference.apply(batch, now);
        QCOMPARE(a.appended.size(), b.appended.size());
        QCOMPARE(a.refused, b.refused);
        QVERIFY(a.erased == b.erased);
        QVERIFY(f.store->commit());
        QVERIFY(memory.commit());
    }
    /// Runs of random length of random authors, some out of order and some twice.
    void deliverAll() {
        std::vector<std::size_t> next(authors.size(), 0);
        for (;;) {
            std::vector<std::size_t> left;
            for (std::size_t i = 0; i < authors.size(); ++i)
                if (next[i] < written[i].size()) left.push_back(i);
            if (left.empty()) return;
            const std::size_t author = left[random.below(left.size())];
            const std::span all(written[author]);
            const std::size_t first = random.below(4) == 0 ? random.below(all.size()) : next[author];
            const std::size_t count = std::min<std::size_t>(1 + random.below(6), all.size() - first);
            apply(all.subspan(first, count));
            if (first == next[author]) next[author] += count;
        }
    }
};

}  // namespace

class StoreAgreementTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void historiesAgreeWhateverTheOrderOfArrival_data() {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 25; ++seed) QTest::addRow("seed %d", int(seed)) << seed;
    }
    void historiesAgreeWhateverTheOrderOfArrival() {
        QFETCH(quint64, seed);
        Both both(seed);
        both.writeAll(120);
        both.deliverAll();
        const auto expected = timeline::history(both.memory.entries(both.f.direct), both.memory.personOf());
        const auto shown = both.f.history();
        QCOMPARE(shown.size(), expected.size());
        for (std::size_t i = 0; i < shown.size(); ++i) {
            QVERIFY(shown[i].ref.entry == expected[i].entry);
            QCOMPARE(shown[i].cursor.order, expected[i].order);
            QCOMPARE(shown[i].edited, expected[i].edited);
            QCOMPARE(shown[i].deleted, expected[i].deleted);
            if (const auto* text = std::get_if<wire::Text>(&expected[i].content))
                QCOMPARE(shown[i].text, QString::fromStdString(text->text));
            std::map<std::pair<PersonId, std::string>, bool> reactions;
            for (const auto& reaction : shown[i].reactions)
                for (const PersonId& person : reaction.persons)
                    reactions[{person, reaction.emoji.toStdString()}] = true;
            QVERIFY(reactions == expected[i].reactions);
        }
    }

    void storesHoldTheSame_data() { historiesAgreeWhateverTheOrderOfArrival_data(); }
    void storesHoldTheSame() {
        QFETCH(quint64, seed);
        Both both(seed + 1000);
        both.writeAll(80);
        both.deliverAll();
        const auto heads = both.f.store->heads(both.f.direct);
        QVERIFY(heads == both.memory.heads(both.f.direct));
        QCOMPARE(both.f.store->clock(), both.memory.clock());
        for (const timeline::TimelineHead& head : heads) {
            const auto mine = both.f.store->read(both.f.direct, head.author, 1, 1000, 1000000);
            QVERIFY(mine == both.memory.read(both.f.direct, head.author, 1, 1000, 1000000));
            QCOMPARE(mine.size(), std::size_t{head.number});
        }
        // What is searched for is what is shown.
        for (const MessageRecord& message : both.f.history()) {
            SearchQuery query;
            query.words = message.text;
            query.limit = 1000;
            if (!message.text.isEmpty()) QVERIFY(both.f.found(query).contains(message.text));
        }
        SearchQuery all;
        all.words = QStringLiteral("text");
        all.limit = 1000;
        for (const MessageRecord& message : both.f.store->search(all))
            QVERIFY(message.text.contains(all.words));
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::StoreAgreementTest)
#include "store_agreement_test.moc"
