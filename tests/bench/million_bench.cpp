/// A profile with a million messages, and how long its store takes to answer. Prints one JSON object per figure.
///
///     million_bench fill FOLDER [MESSAGES]    makes the profile
///     million_bench search FOLDER             searches in it

#include "app/storage/database.h"
#include "app/storage/profile.h"
#include "p2p/identity/direct_conversation.h"
#include "p2p/timeline/checked_entry.h"
#include "tests/support/seeded_random.h"

#include <QCoreApplication>
#include <QElapsedTimer>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace landline::app {
namespace {

constexpr int kWords = 20'000;
constexpr int kBatch = 4000;  // messages of one transaction
constexpr std::uint64_t kLongestRun = 500;
constexpr int kRuns = 15;
constexpr qint64 kFirstMillis = 1'640'995'200'000;  // 2022-01-01
constexpr qint64 kStepMillis = 120'000;
constexpr std::array<double, 4> kShares{0.7, 0.2, 0.09, 0.01};  // of the messages, per person
constexpr std::array<const char*, 4> kNames{"Boris", "Clara", "Dai", "Emil"};

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "million_bench: %s\n", what.c_str());
    std::exit(1);
}

template <class T>
T orFail(Expected<T> result) {
    if (!result) fail(result.error().text);
    return *std::move(result);
}

void print(const char* name, double value) {
    std::printf("{\"name\":\"%s\",\"value\":%g}\n", name, value);
    std::fflush(stdout);
}

/// Texts like those of people: a few words everywhere, most of them rarely, one message in ten in Chinese.
class Texts {
public:
    explicit Texts(Random& random) : m_random(random) {
        static constexpr const char* kSyllables[] = {"ta",  "ri",  "mo",   "ne", "lo", "ka", "si",
                                                     "pu",  "ven", "dor",  "al", "is", "er", "on",
                                                     "qua", "ble", "ster", "a",  "o",  "win"};
        for (int i = 0; i < kWords; ++i) {
            std::string word;
            for (std::uint64_t n = 1 + m_random.below(4); n > 0; --n) word += kSyllables[m_random.below(20)];
            m_words.push_back(word);
        }
    }
    std::string next() { return m_random.below(10) == 0 ? chinese() : english(); }

private:
    std::string english() {
        std::string text = "the";
        for (std::uint64_t n = 4 + m_random.below(10); n > 0; --n) {
            // The rank of a word falls off as people's words do (Zipf).
            const double share = double(m_random.below(1'000'000)) / 1e6;
            text += ' ' + m_words[static_cast<std::size_t>(std::pow(double(kWords), share)) - 1];
        }
        return text;
    }
    std::string chinese() {
        std::string text = m_random.below(10) == 0 ? "会议" : "";
        for (std::uint64_t n = 4 + m_random.below(12); n > 0; --n) {
            const auto sign = static_cast<char16_t>(0x4E00 + m_random.below(800));
            text += QString(QChar(sign)).toStdString();
        }
        return text;
    }

    Random& m_random;
    std::vector<std::string> m_words;
};

/// One device's timeline in one conversation.
struct Author {
    const identity::DeviceKeys* keys;
    const identity::Certificate* certificate;
    timeline::TimelineTip tip;

    timeline::CheckedEntry write(const ConversationId& conversation, qint64 millis, std::string text,
                                 Random& random) {
        auto entry = timeline::makeEntry(conversation, *keys, *certificate, tip,
                                         timeline::hybridFrom(fromUnixMillis(millis)),
                                         wire::Text{std::move(text), {}}, random);
        tip = {entry.header.number, entry.hash};
        return entry;
    }
};

using Run = std::vector<timeline::CheckedEntry>;

/// A person, and the entries that both of us wrote.
class Chat {
public:
    Chat(const net::LocalIdentity& self, int messages, int total, Random& random, Texts& texts)
        : m_person(identity::SigningKey::generate(random)),
          m_keys(identity::DeviceKeys::generate(random)),
          m_certificate(identity::Certificate::issue(m_person, m_keys, fromUnixMillis(kFirstMillis))),
          m_conversation(identity::directConversation(self.certificate.person(), person())),
          m_authors{Author{&self.keys, &self.certificate, {}}, Author{&m_keys, &m_certificate, {}}},
          m_messages(messages),
          m_step(kStepMillis * total / messages),
          m_random(random),
          m_texts(texts) {}

    [[nodiscard]] PersonId person() const { return identity::personIdOf(m_person); }
    [[nodiscard]] const identity::Certificate& certificate() const { return m_certificate; }
    [[nodiscard]] const ConversationId& conversation() const { return m_conversation; }
    [[nodiscard]] bool isDone() const { return m_sent == m_messages; }

    /// Some more entries, a run of one author after the other.
    std::vector<Run> next() {
        std::vector<Run> runs;
        for (const int end = std::min(m_messages, m_sent + kBatch); m_sent < end;)
            for (Author& author : m_authors) runs.push_back(writeRun(author, end));
        return runs;
    }

private:
    Run writeRun(Author& author, int end) {
        Run run;
        for (std::uint64_t n = 1 + m_random.below(kLongestRun); n > 0 && m_sent < end; --n, ++m_sent)
            run.push_back(
                author.write(m_conversation, kFirstMillis + m_sent * m_step, m_texts.next(), m_random));
        return run;
    }

    identity::SigningKey m_person;
    identity::DeviceKeys m_keys;
    identity::Certificate m_certificate;
    ConversationId m_conversation;
    std::array<Author, 2> m_authors;
    int m_messages;
    qint64 m_step;
    int m_sent = 0;
    Random& m_random;
    Texts& m_texts;
};

void append(Database& store, const Run& entries) {
    if (entries.empty()) return;
    const wire::EntryHeader& last = entries.back().header;
    timeline::TimelineHead head =
        store.head(last.conversation, last.author).value_or(timeline::TimelineHead{});
    head.author = last.author;
    head.number = last.number;
    head.hash = entries.back().hash;
    head.clock = last.clock;
    store.append(last.conversation, entries, head);
}

void commit(Database& store) {
    if (const auto committed = store.commit(); !committed) fail(committed.error().text);
}

/// Signing takes as long as storing: one thread does the one, another the other.
void fillConversation(Database& store, Chat& chat, const char* name) {
    store.meet(chat.certificate(), QString::fromLatin1(name));
    store.setStanding(chat.person(), timeline::Standing::Accepted);
    const auto write = [&chat] { return std::async(std::launch::async, [&chat] { return chat.next(); }); };
    for (auto coming = write(); coming.valid();) {
        const std::vector<Run> runs = coming.get();
        coming = chat.isDone() ? std::future<std::vector<Run>>() : write();
        for (const Run& run : runs) append(store, run);
        commit(store);
    }
    store.markRead(chat.conversation());
    commit(store);
}

int fill(const QString& folder, int messages) {
    const auto profile = orFail(Profile::create(folder, QStringLiteral("Anna")));
    auto opened = orFail(Database::open(folder, profile->person()));
    Database& store = *opened.database;
    store.putCertificate(profile->identity()->certificate);
    test::SeededRandom random(1);
    Texts texts(random);
    QElapsedTimer timer;
    timer.start();
    for (std::size_t i = 0; i < kShares.size(); ++i) {
        Chat chat(*profile->identity(), int(messages * kShares[i]), messages, random, texts);
        fillConversation(store, chat, kNames[i]);
    }
    while (store.tidy()) {
    }
    const double seconds = double(timer.elapsed()) / 1e3;
    print("million.fill", seconds);
    print("million.rate", messages / seconds);
    return 0;
}

double medianMillis(Database& store, const SearchQuery& query) {
    std::vector<double> times;
    for (int run = 0; run < kRuns; ++run) {
        QElapsedTimer timer;
        timer.start();
        if (store.search(query).empty()) fail("a search found nothing: " + query.words.toStdString());
        times.push_back(double(timer.nsecsElapsed()) / 1e6);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

int search(const QString& folder) {
    const auto profile = orFail(Profile::open(folder));
    const auto opened = orFail(Database::open(folder, profile->person()));
    Database& store = *opened.database;
    SearchQuery narrow;
    for (const PersonRecord& person : store.people())
        if (person.name == QLatin1String("Clara")) narrow.from = person.id;
    const auto newest = store.conversations();
    narrow.since = kFirstMillis + 90LL * 24 * 3600 * 1000;
    if (!narrow.from || newest.empty()) fail("the profile is not the one that fill makes");
    const std::pair<const char*, QString> kinds[] = {{"search.common", QStringLiteral("the")},
                                                     {"search.prefix", QStringLiteral("t")},
                                                     {"search.chinese", QStringLiteral("会议")}};
    for (const auto& kind : kinds) {
        SearchQuery query;
        query.words = kind.second;
        print(kind.first, medianMillis(store, query));
        narrow.words = kind.second;
        print((std::string(kind.first) + "-from-since").c_str(), medianMillis(store, narrow));
    }
    return 0;
}

}  // namespace
}  // namespace landline::app

int main(int argc, char** argv) {
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    const QString folder = arguments.value(2) + QStringLiteral("/million");
    if (arguments.value(1) == QLatin1String("fill"))
        return landline::app::fill(folder, arguments.value(3, QStringLiteral("1000000")).toInt());
    if (arguments.value(1) == QLatin1String("search")) return landline::app::search(folder);
    std::fputs("usage: million_bench fill FOLDER [MESSAGES] | search FOLDER\n", stderr);
    return 2;
}
