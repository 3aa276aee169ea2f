// The relay's store over a disk that loses power, tears writes and fills up, beneath real SQLite.
#include "relay/store/commit_queue.h"
#include "relay/store/sqlite.h"
#include "relay/store/store_folder.h"
#include "tests/relay/store/store_fixture.h"
#include "tests/relay/store/temporary_folder.h"
#include "tests/support/faulty_vfs.h"

#include <algorithm>
#include <bit>
#include <fstream>

namespace landline::relay {
namespace {

using namespace std::chrono_literals;
using test::FaultyVfs;

constexpr int kSteps = 40;

/// A relay and its honest clients, who remember what they were told. It dies with the power and is started again.
class Relay {
public:
    explicit Relay(std::uint64_t seed) : ask(seed) {
        auto acquired = StoreFolder::acquire(files.path(), vfs.name());
        EXPECT_TRUE(acquired);
        folder = std::move(*acquired);
        folder->setReserve(0);
        folder->setCheckpointsAside(false);
        EXPECT_TRUE(start());
        for (int i = 0; i < 3; ++i) devices.push_back(ask.member(*queue->store()));
        EXPECT_TRUE(queue->store()->commit());
        epoch = queue->epoch();
    }
    bool start() {
        queue.reset();
        CommitQueue::Options options;
        options.batch = 16;
        options.batchDelay = 0s;
        auto opened = CommitQueue::open(folder->opener(ask.random), options, ask.now, mono);
        if (opened) queue = std::move(*opened);
        return opened.ok();
    }
    /// The power is back; what the disk then holds is chance.
    void powerUp(std::uint64_t seed) {
        queue.reset();
        vfs.restart(seed);
        ASSERT_TRUE(start());
        ASSERT_TRUE(queue->takeNotices().empty()) << "taken for damaged";
        ASSERT_EQ(queue->epoch(), epoch);
    }

    struct Told {
        Deposit deposit;
        DepositAnswer answer;
    };
    std::vector<StoreAnswer> perform(std::vector<StoreRequest> requests) {
        for (StoreRequest& request : requests) queue->push({0, std::move(request)}, mono);
        mono += 1ms;
        std::vector<StoreAnswer> answers;
        for (TaggedAnswer& answer : queue->finish(ask.now, mono)) answers.push_back(std::move(answer.answer));
        return answers;
    }
    /// Random work until the power fails or the steps are done.
    void work(int steps) {
        for (int i = 0; i < steps && vfs.hasPower(); ++i) {
            if (ask.random.below(4) == 0)
                drain(devices[ask.random.below(devices.size())]);
            else
                depositSome();
            if (ask.random.below(8) == 0 && vfs.hasPower()) {
                (void)queue->store()->sweep(ask.now, 50);
                (void)queue->store()->commit();
            }
            if (ask.random.below(10) == 0 && vfs.hasPower()) checkpoint();
        }
    }
    void checkpoint() {
        SqliteConnection connection;
        if (connection.open(folder->databasePath(), vfs.name(), SQLITE_OPEN_READWRITE) == SQLITE_OK)
            sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                      nullptr);
    }
    void depositSome() {
        std::vector<StoreRequest> requests;
        std::vector<Deposit> made;
        for (std::uint64_t n = 1 + ask.random.below(20); n > 0; --n) {
            const std::uint64_t first = ask.random.below(3);
            std::vector<DeviceId> to = {devices[first]};
            if (ask.random.below(3) == 0) to.push_back(devices[(first + 1) % 3]);
            made.push_back(ask.make(devices[ask.random.below(3)], to, ask.body(ask.random.below(2000))));
            requests.emplace_back(made.back());
        }
        remember(made, perform(std::move(requests)));
    }
    void remember(const std::vector<Deposit>& made, const std::vector<StoreAnswer>& answers) {
        ASSERT_EQ(made.size(), answers.size());
        for (std::size_t i = 0; i < made.size(); ++i) {
            if (const auto* const answer = std::get_if<DepositAnswer>(&answers[i])) {
                ASSERT_TRUE(isStored(*answer));
                told.push_back({made[i], *answer});
                for (const Placement& placed : answer->placed) note(placed.device, placed.number, made[i].content.body);
            } else {
                open.push_back(made[i]);
            }
        }
    }
    void note(const DeviceId& device, MailNumber number, const Bytes& body) {
        const auto [found, isNew] = promised[device].try_emplace(number, body);
        ASSERT_TRUE(isNew || found->second == body) << "one number for two bodies";
    }
    /// As a recipient does: pulls, keeps, acknowledges.
    void drain(const DeviceId& device) {
        const auto answers = perform({PullRequest{device, Box::Messages, 1 + freed[device], 40'000}});
        const auto* const pulled = std::get_if<PullAnswer>(&answers.at(0));
        if (!pulled) return;
        ASSERT_FALSE(pulled->refused);
        MailNumber next = freed[device] + 1;
        for (const wr::Item& item : pulled->items) {
            ASSERT_EQ(item.number, next++) << "a gap";
            keep(device, item);
        }
        if (pulled->items.empty()) return;
        freed[device] = next - 1;
        (void)perform({AckRequest{device, {epoch, Box::Messages, next - 1}}});
    }
    void keep(const DeviceId& device, const wr::Item& item) {
        const auto [found, isNew] = received[device].try_emplace(item.number, item.body);
        ASSERT_TRUE(isNew || found->second == item.body) << "another body under a number that was given";
    }
    /// Each sender repeats what was not answered, in its order, and the last that was.
    void repeatAll() {
        for (const Deposit& deposit : std::exchange(open, {})) {
            const auto answers = perform({deposit});
            const auto& answer = std::get<DepositAnswer>(answers.at(0));
            // It gets a new counter.
            if (answer.told.refusal && answer.told.refusal->reason == Reason::OldCounter) continue;
            remember({deposit}, answers);
        }
        for (std::size_t i = told.size() - std::min<std::size_t>(told.size(), 20); i < told.size(); ++i) {
            const auto answers = perform({told[i].deposit});
            const auto& answer = std::get<DepositAnswer>(answers.at(0));
            ASSERT_TRUE(answer.repeated);
            ASSERT_EQ(answer.told, told[i].answer.told);
        }
    }
    void drainAll() {
        for (const DeviceId& device : devices) {
            MailNumber before = 0;
            do {
                before = freed[device];
                drain(device);
            } while (freed[device] != before && !::testing::Test::HasFatalFailure());
            // The last one may have been lost with the power.
            (void)perform({AckRequest{device, {epoch, Box::Messages, freed[device]}}});
            for (const auto& [number, body] : promised[device]) {
                const auto found = received[device].find(number);
                ASSERT_NE(found, received[device].end()) << "what was acknowledged is lost";
                ASSERT_EQ(found->second, body);
            }
            ASSERT_EQ(received[device].size(), freed[device]) << "numbers without gaps";
        }
        ASSERT_EQ(queue->store()->figures().heldItems, 0u);
        ASSERT_EQ(queue->store()->figures().heldBytes, 0u);
    }

    FaultyVfs vfs{"relay-faulty"};
    test::TemporaryFolder files;
    Asker ask;
    MonoTime mono{10s};
    std::unique_ptr<StoreFolder> folder;
    std::unique_ptr<CommitQueue> queue;
    Epoch epoch = 0;
    std::vector<DeviceId> devices;
    std::vector<Told> told;
    std::vector<Deposit> open;  ///< not answered
    std::map<DeviceId, std::map<MailNumber, Bytes>> promised;
    std::map<DeviceId, std::map<MailNumber, Bytes>> received;
    std::map<DeviceId, MailNumber> freed;
};

std::string integrityOf(const std::string& path) {
    SqliteConnection connection;
    SqliteStatement check;
    if (connection.open(path, {}, SQLITE_OPEN_READWRITE) != SQLITE_OK) return "not opened";
    if (check.prepare(connection, "PRAGMA integrity_check") != SQLITE_OK || check.step() != SQLITE_ROW)
        return "no answer";
    return check.text(0);
}

TEST(StoreFaults, whenThePowerFailsAtAnySyncNothingTellsOtherwiseThanBefore) {
    bool finished = false;
    for (int point = 0; !finished && !testing::Test::HasFatalFailure(); ++point) {
        SCOPED_TRACE(point);
        ASSERT_LT(point, 1000) << "the work never comes to its end";
        Relay relay(static_cast<std::uint64_t>(point % 7 + 1));
        relay.vfs.failPowerAfter(point);
        relay.work(kSteps);
        finished = relay.vfs.hasPower();
        relay.powerUp(static_cast<std::uint64_t>(point));
        relay.repeatAll();
        relay.work(3);
        relay.drainAll();
        relay.queue.reset();
        ASSERT_EQ(integrityOf(relay.folder->databasePath()), "ok");
    }
}

TEST(StoreFaults, powerThatFailsAgainAndAgainLosesNothing) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE(seed);
        Relay relay(seed);
        for (std::uint64_t round = 0; round < 15; ++round) {
            relay.vfs.failPowerAfter(static_cast<int>(relay.ask.random.below(25)));
            relay.work(20);
            relay.powerUp(seed * 100 + round);
            relay.repeatAll();
            if (testing::Test::HasFatalFailure()) return;
        }
        relay.drainAll();
    }
}

TEST(StoreFaults, powerThatFailsWhileTheDatabaseIsMadeLeavesOneThatOpens) {
    bool finished = false;
    for (int point = 0; !finished; ++point) {
        ASSERT_LT(point, 100);
        FaultyVfs vfs("relay-faulty");
        test::TemporaryFolder files;
        test::SeededRandom random(1);
        auto folder = StoreFolder::acquire(files.path(), vfs.name());
        ASSERT_TRUE(folder);
        (*folder)->setReserve(0);
        (*folder)->setCheckpointsAside(false);
        vfs.failPowerAfter(point);
        {
            const auto opened = (*folder)->open(random, false);
            ASSERT_EQ(opened.ok(), vfs.hasPower());
        }
        // Closing, too, writes and syncs.
        finished = vfs.hasPower();
        vfs.restart(static_cast<std::uint64_t>(point));
        const auto again = (*folder)->open(random, false);
        ASSERT_TRUE(again) << again.error().text;
        EXPECT_EQ(again->damagedCopy, "");
    }
}

TEST(StoreFaults, aFullDiskRefusesDepositsAndLosesNothing) {
    for (const std::int64_t bytes : {0, 100, 5000, 50'000}) {
        SCOPED_TRACE(bytes);
        Relay relay(5);
        relay.work(20);
        relay.vfs.setFreeBytes(bytes);
        for (int i = 0; i < 30; ++i) relay.depositSome();
        EXPECT_FALSE(relay.open.empty());
        EXPECT_TRUE(relay.queue->isFull());
        // The reserve's worth is free now.
        relay.vfs.setFreeBytes(std::int64_t{32} * 1024 * 1024);
        for (const DeviceId& device : relay.devices) relay.drain(device);
        EXPECT_TRUE(relay.queue->isFull());
        relay.vfs.setFreeBytes(std::numeric_limits<std::int64_t>::max());
        relay.mono += limits::kFullDiskProbe;
        relay.depositSome();
        EXPECT_FALSE(relay.queue->isFull());
        ASSERT_TRUE(relay.start());
        relay.repeatAll();
        relay.drainAll();
    }
}

TEST(StoreFaults, aDiskThatCannotBeWrittenIsToldInASentence) {
    FaultyVfs vfs("relay-faulty");
    test::TemporaryFolder files;
    test::SeededRandom random(1);
    auto folder = StoreFolder::acquire(files.path(), vfs.name());
    ASSERT_TRUE(folder);
    vfs.setReadOnly(true);
    const auto readOnly = (*folder)->open(random, false);
    ASSERT_FALSE(readOnly);
    EXPECT_EQ(readOnly.error().code, ErrorCode::Disk);
    EXPECT_NE(readOnly.error().text.find("cannot be written"), std::string::npos);
    vfs.setReadOnly(false);
    vfs.setFreeBytes(0);
    const auto full = (*folder)->open(random, false);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ErrorCode::Full);
    vfs.setFreeBytes(std::numeric_limits<std::int64_t>::max());
    EXPECT_TRUE((*folder)->open(random, false));
}

/// The bits in which two bodies differ.
int distance(const Bytes& one, const Bytes& other) {
    if (one.size() != other.size()) return 9999;
    int bits = 0;
    for (std::size_t i = 0; i < one.size(); ++i)
        bits += std::popcount(static_cast<unsigned>(one[i] ^ other[i]));
    return bits;
}

/// Whatever bit of the file is flipped: a mailbox gives what was put into it, but for that bit, or the file is set aside.
TEST(StoreFaults, aFlippedByteNeverMixesUpMailboxes) {
    constexpr std::size_t kDeposits = 60;
    test::TemporaryFolder files;
    test::SeededRandom random(1);
    Asker ask(2);
    auto folder = StoreFolder::acquire(files.path());
    ASSERT_TRUE(folder);
    (*folder)->setReserve(0);
    (*folder)->setCheckpointsAside(false);
    std::vector<DeviceId> devices;
    std::map<DeviceId, std::vector<Bytes>> bodies;
    Epoch epoch = 0;
    {
        auto opened = (*folder)->open(random, false);
        ASSERT_TRUE(opened);
        epoch = opened->store->epoch();
        for (int i = 0; i < 3; ++i) devices.push_back(ask.member(*opened->store));
        for (std::size_t i = 0; i < kDeposits; ++i) {
            const Deposit made = ask.make(devices[0], {devices[i % 3]}, ask.body(200));
            bodies[devices[i % 3]].push_back(made.content.body);
            ASSERT_TRUE(isStored(opened->store->deposit(made, ask.now)));
        }
        ASSERT_TRUE(opened->store->commit());
    }
    std::ifstream in((*folder)->databasePath(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    int whole = 0;     // rounds in which all was given
    int setAside = 0;  // in which the file was put away
    int refused = 0;   // in which it could not be opened
    for (int round = 0; round < 300; ++round) {
        SCOPED_TRACE(round);
        std::string flipped = bytes;
        const std::size_t at = random.below(bytes.size());
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << random.below(8)));
        for (const auto& entry : std::filesystem::directory_iterator(files.path()))
            if (entry.path().filename() != "relay.lock") std::filesystem::remove(entry.path());
        std::ofstream((*folder)->databasePath(), std::ios::binary)
            .write(flipped.data(), static_cast<std::streamsize>(flipped.size()));
        auto opened = (*folder)->open(random, false);
        if (!opened) {
            ++refused;
            continue;
        }
        if (!opened->damagedCopy.empty()) {
            ++setAside;
            EXPECT_NE(opened->store->epoch(), epoch);
        }
        std::size_t given = 0;
        for (const DeviceId& device : devices) {
            const PullAnswer pulled = opened->store->pull({device, Box::Messages, 1, 1 << 20}, ask.now);
            given += pulled.items.size();
            for (const wr::Item& item : pulled.items)
                EXPECT_TRUE(std::any_of(bodies[device].begin(), bodies[device].end(), [&](const Bytes& body) {
                    return distance(body, item.body) <= 1;
                })) << at;
            (void)opened->store->acknowledge({device, {opened->store->epoch(), Box::Messages, pulled.highest}});
        }
        (void)opened->store->sweep(ask.now, 100);
        (void)opened->store->commit();
        if (given == kDeposits) ++whole;
    }
    EXPECT_GE(whole, 200);
    EXPECT_GE(setAside, 1);
    EXPECT_LE(refused, 5) << "where the flipped bit makes it a database of a newer version";
}

}  // namespace
}  // namespace landline::relay
