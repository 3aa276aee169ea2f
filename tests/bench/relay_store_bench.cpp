/// What the relay's store does on this machine's disk: deposits of 400 bytes at several sizes of batch, and a mailbox that
/// is drained and freed. Prints one JSON object per figure.
///
///     relay_store_bench FOLDER
#include "relay/store/commit_queue.h"
#include "p2p/envelope/prekey.h"
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
        m_rules.quota = {1ULL << 40, 1U << 30, 1ULL << 40, 1U << 30};
        m_store->setRules(m_rules);
        for (std::size_t i = 0; i < kDevices; ++i) {
            const Party& made = m_devices.emplace_back(Party{m_random.make<DeviceId>(), m_random.make<PersonId>()});
            (void)m_store->admit({made, {}, {}, true}, true, m_now);
            (void)m_store->setTokens({made.device, {{m_token, 0}}});
            Bytes prekey(envelope::Prekey::kBytes);
            prekey[0] = 1;
            (void)m_store->publishPrekey({made.device, std::move(prekey)});
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
        const DeviceId& device = m_devices[recipient].device;
        const auto start = Steady::now();
        std::size_t drained = 0;
        MailNumber next = 1;
        while (true) {
            const PullAnswer pulled = m_store->pull({device, Box::Messages, next, limits::kPullBytes}, m_now);
            if (pulled.items.empty()) break;
            drained += pulled.items.size();
            next = pulled.items.back().number + 1;
            if (m_store->acknowledge({device, {m_store->epoch(), Box::Messages, next - 1}}).refused)
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
        m_store->setRules(m_rules);
    }

private:
    void deposit(std::size_t from, std::size_t to) {
        Deposit made{m_devices[from], ++m_counters[from], {m_store->epoch(), Box::Messages, {}, {}}};
        made.content.recipients = {{{m_devices[to].device, m_token}, PrekeyId{}, Bytes(limits::kSeal)}};
        made.content.body.assign(kBody, static_cast<std::uint8_t>(made.counter));
        if (m_store->deposit(made, m_now).placed.size() != 1)
            fail("a deposit was refused");
    }
    void commit() {
        if (auto committed = m_store->commit(); !committed) fail(committed.error().text);
    }

    test::SeededRandom m_random{1};
    WallTime m_now = fromUnixMillis(1'700'000'000'000);
    std::unique_ptr<StoreFolder> m_folder;
    std::unique_ptr<MailboxStore> m_store;
    StoreRules m_rules;
    std::vector<Party> m_devices;
    RelayToken m_token;
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
