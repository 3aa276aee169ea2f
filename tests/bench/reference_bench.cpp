/// What the machine needs at least for the same work, with nothing of Landline in it: rows into SQLite with the same
/// durability, and bytes over a loopback connection. Prints one JSON object per figure.
///
///     reference_bench catch-up FOLDER     100,000 messages with a full-text index into one database
///     reference_bench delivered FOLDER    a synced write; commit, send, commit, send back
///
/// Each database is WAL with synchronous=FULL, as the store's.

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kMessages = 100'000;
constexpr int kBatch = 512;
constexpr int kRoundTrips = 1'000;
constexpr int kSyncs = 500;
constexpr std::size_t kMessageBytes = 600;  // a signed entry with a short text

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "reference_bench: %s failed\n", what);
    std::exit(1);
}

double millisSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double processorSeconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void print(const char* name, double value) {
    std::printf("{\"name\":\"%s\",\"value\":%g}\n", name, value);
}

/// A table of entries and a full-text index of their texts.
class Table {
public:
    /// Begins anew where there is one.
    explicit Table(const std::string& path) {
        for (const char* const suffix : {"", "-wal", "-shm"}) std::remove((path + suffix).c_str());
        if (sqlite3_open(path.c_str(), &m_handle) != SQLITE_OK) fail("opening a database");
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("CREATE TABLE entry(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
        run("CREATE VIRTUAL TABLE words USING fts5(text, content='')");
        prepare("INSERT INTO entry VALUES(?, ?)", &m_entry);
        prepare("INSERT INTO words(rowid, text) VALUES(?, ?)", &m_words);
    }
    ~Table() {
        sqlite3_finalize(m_entry);
        sqlite3_finalize(m_words);
        sqlite3_close(m_handle);
    }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    void begin() { run("BEGIN IMMEDIATE"); }
    void commit() { run("COMMIT"); }
    void add(int id) {
        const std::vector<char> bytes(kMessageBytes, static_cast<char>(id));
        const std::string text = "message number " + std::to_string(id) + " about the quarterly figures";
        sqlite3_bind_int(m_entry, 1, id);
        sqlite3_bind_blob(m_entry, 2, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
        step(m_entry);
        sqlite3_bind_int(m_words, 1, id);
        sqlite3_bind_text(m_words, 2, text.c_str(), -1, SQLITE_TRANSIENT);
        step(m_words);
    }

private:
    void run(const char* sql) {
        if (sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
    }
    void prepare(const char* sql, sqlite3_stmt** statement) {
        if (sqlite3_prepare_v2(m_handle, sql, -1, statement, nullptr) != SQLITE_OK) fail(sql);
    }
    static void step(sqlite3_stmt* statement) {
        if (sqlite3_step(statement) != SQLITE_DONE) fail("an insert");
        sqlite3_reset(statement);
    }

    sqlite3* m_handle = nullptr;
    sqlite3_stmt* m_entry = nullptr;
    sqlite3_stmt* m_words = nullptr;
};

void catchUp(const std::string& folder) {
    Table table(folder + "/reference-catch-up.db");
    const double before = processorSeconds();
    const auto start = Clock::now();
    for (int first = 1; first <= kMessages; first += kBatch) {
        table.begin();
        for (int id = first; id < std::min(first + kBatch, kMessages + 1); ++id) table.add(id);
        table.commit();
    }
    print("reference.catch-up", millisSince(start) / 1000);
    print("reference.catch-up.cpu", processorSeconds() - before);
}

/// Two ends of one loopback connection.
std::array<int, 2> connectedPair() {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, raw, length) != 0 || ::listen(listener, 1) != 0) fail("listening");
    ::getsockname(listener, raw, &length);
    const int one = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(one, raw, length) != 0) fail("connecting");
    const int two = ::accept(listener, nullptr, nullptr);
    ::close(listener);
    const int on = 1;
    for (const int end : {one, two}) ::setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return {one, two};
}

/// The median of what the disk takes for the least that can be made durable.
void syncedWrite(const std::string& folder) {
    const std::string path = folder + "/reference-sync";
    const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (file < 0) fail("making a file");
    const std::array<char, 4096> page{};
    std::vector<double> times;
    for (int i = 0; i < kSyncs; ++i) {
        const auto start = Clock::now();
        if (::write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size()) ||
            ::fdatasync(file) != 0)
            fail("a synced write");
        times.push_back(millisSince(start));
    }
    ::close(file);
    std::sort(times.begin(), times.end());
    print("machine.fsync", times[times.size() / 2]);
}

void addOne(Table& table, int id) {
    table.begin();
    table.add(id);
    table.commit();
}

void delivered(const std::string& folder) {
    Table sender(folder + "/reference-sender.db");
    Table receiver(folder + "/reference-receiver.db");
    const std::array<int, 2> ends = connectedPair();
    const int one = ends[0];
    const int two = ends[1];
    std::vector<double> times;
    std::thread other([&receiver, end = two] {
        std::array<char, kMessageBytes> bytes{};
        for (int id = 1; id <= kRoundTrips; ++id) {
            if (::recv(end, bytes.data(), bytes.size(), MSG_WAITALL) != static_cast<ssize_t>(bytes.size()))
                fail("receiving");
            addOne(receiver, id);
            if (::send(end, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
                fail("sending");
        }
    });
    std::array<char, kMessageBytes> bytes{};
    for (int id = 1; id <= kRoundTrips; ++id) {
        const auto start = Clock::now();
        addOne(sender, 2 * id);
        if (::send(one, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) fail("sending");
        if (::recv(one, bytes.data(), bytes.size(), MSG_WAITALL) != static_cast<ssize_t>(bytes.size()))
            fail("receiving");
        times.push_back(millisSince(start));
        addOne(sender, 2 * id + 1);  // that it was delivered: after the tick, but before the next message
    }
    other.join();
    std::sort(times.begin(), times.end());
    print("reference.delivered.p50", times[times.size() / 2]);
    print("reference.delivered.p99", times[times.size() * 99 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc == 3 ? argv[1] : "";
    if (what == "catch-up") {
        catchUp(argv[2]);
    } else if (what == "delivered") {
        syncedWrite(argv[2]);
        delivered(argv[2]);
    } else {
        std::fputs("usage: reference_bench catch-up|delivered FOLDER\n", stderr);
        return 2;
    }
    return 0;
}
