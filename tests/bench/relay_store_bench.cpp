/// What the relay's store does on this machine's disk: deposits of 400 bytes at several sizes of batch, and a mailbox that
/// is drained and freed. Prints one JSON object per figure.
///
///     relay_store_bench FOLDER
#include "relay/store/commit_queue.h"
#include "relay/store/store_folder.h"
#include "tests/support/seeded_random.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace landline;
using namespace landline::relay;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kDevices = 200;
constexpr std::size_t kBody = 400;
constexpr std::size_t kDrained = 100'000;
constexpr std::size_t kPull = 500;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "relay_store_bench: %s\n", what.c_str());
    std::exit(1);
}

void print(const std::string& name, double value) {
    std::printf("{\"name\":\"%s\",\"value\":%g}\n", name.c_str(), value);
}

double secondsSince(Steady::time_point start) {
    return std::chrono::duration<double>(Steady::now() - start).count();
}

class Bench {
public:
    explicit Bench(const std::string& path) {
        auto acquired = StoreFolder::acquire(path);
        if (!acquired) fail(acquired.error().text);
        m_folder = std::move(*acquired);
        auto opened = m_folder->open(m_random, false);
        if (!opened) fail(opened.error().text);
        m_store = std::move(opened->store);
        m_store->setQuotas({}, {1ULL << 40, 1U << 30, 1ULL << 40, 1U << 30});
        for (std::size_t i = 0; i < kDevices; ++i) {
            m_devices.push_back(m_random.make<DeviceId>());
            const auto invite = m_random.make<InviteHash>();
            (void)m_store->addInvite({invite, 1, m_now + std::chrono::hours(1), ""});
            (void)m_store->join({m_devices.back(), invite}, m_now);
        }
        commit();
        m_counters.resize(kDevices);
    }

    /// Each deposit from one device to another; deposits per second, and the slowest commit with what belongs to it.
    void deposits(std::size_t count, std::size_t batch) {
        Duration slowest{};
        const auto start = Steady::now();
        for (std::size_t done = 0; done < count; done += batch) {
            const auto began = Steady::now();
            for (std::size_t i = 0; i < batch; ++i)
                deposit(m_random.below(kDevices), m_random.below(kDevices));
            commit();
            m_store->tidy();
            slowest = std::max(slowest, std::chrono::duration_cast<Duration>(Steady::now() - began));
        }
        const std::string name = "relay-store.deposits-" + std::to_string(batch);
        print(name, static_cast<double>(count) / secondsSince(start));
        print(name + ".slowest", std::chrono::duration<double, std::milli>(slowest).count());
    }
    void fillOne(std::size_t recipient) {
        for (std::size_t i = 0; i < kDrained; ++i) {
            deposit(m_random.below(kDevices), recipient);
            if (i % 200 == 199) commit();
        }
        commit();
    }
    void drain(std::size_t recipient) {
        const DeviceId& device = m_devices[recipient];
        const auto start = Steady::now();
        std::size_t drained = 0;
        MailNumber next = 1;
        while (true) {
            const PullAnswer pulled = m_store->pull({device, m_store->epoch(), next, kPull, 1 << 20}, m_now);
            if (pulled.items.empty()) break;
            drained += pulled.items.size();
            next = pulled.next;
            if (m_store->acknowledge({device, pulled.epoch, next - 1}).result != MailboxResult::Done)
                fail("refused");
            commit();
            m_store->tidy();
        }
        print("relay-store.drain", static_cast<double>(drained) / secondsSince(start));
    }
    void open() {
        m_store.reset();
        const auto start = Steady::now();
        auto opened = m_folder->open(m_random, false);
        if (!opened) fail(opened.error().text);
        print("relay-store.open", secondsSince(start));
        m_store = std::move(opened->store);
    }

private:
    void deposit(std::size_t from, std::size_t to) {
        Deposit made;
        made.sender = m_devices[from];
        made.counter = ++m_counters[from];
        made.recipients = {{m_devices[to], std::nullopt}};
        made.body.assign(kBody, static_cast<std::uint8_t>(made.counter));
        if (m_store->deposit(made, m_now).placements.at(0).placed != Placed::Stored)
            fail("a deposit was refused");
    }
    void commit() {
        if (auto committed = m_store->commit(); !committed) fail(committed.error().text);
    }

    test::SeededRandom m_random{1};
    WallTime m_now = fromUnixMillis(1'700'000'000'000);
    std::unique_ptr<StoreFolder> m_folder;
    std::unique_ptr<MailboxStore> m_store;
    std::vector<DeviceId> m_devices;
    std::vector<std::uint64_t> m_counters;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) fail("usage: relay_store_bench FOLDER");
    Bench bench(argv[1]);
    bench.deposits(20'000, 1);
    bench.deposits(100'000, 50);
    bench.deposits(400'000, 200);
    bench.open();
    bench.fillOne(0);
    bench.drain(0);
    return 0;
}
