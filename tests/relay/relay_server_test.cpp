#include "relay/relay_server.h"

#include "p2p/envelope/prekey.h"
#include "relay/store/folder_work.h"
#include "relay/store/sqlite.h"
#include "tests/p2p/net/raw_peer.h"
#include "tests/relay/store/temporary_folder.h"
#include "tests/support/faulty_vfs.h"

#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <filesystem>

namespace landline::relay {

namespace wr = wire::relay;
using namespace std::chrono_literals;

namespace {

constexpr int kPatience = 60'000;

/// A device that talks to a relay as the test says.
class Device {
public:
    explicit Device(quint16 port, std::shared_ptr<const net::LocalIdentity> own = test::makeIdentity())
        : identity(std::move(own)), peer(port, 0, wire::Purpose::Relay, {}, this->identity) {}

    void send(std::uint64_t request, wr::Message message) { peer.send(wr::Frame{request, std::move(message)}); }
    /// The first answer to a request, waited for; null if none came.
    template <class T>
    const T* answer(std::uint64_t request) {
        const T* found = nullptr;
        (void)QTest::qWaitFor([&] { return (found = find<T>(request)) != nullptr; }, kPatience);
        return found;
    }
    template <class T>
    const T* find(std::uint64_t request) const {
        for (const wire::Message& message : peer.received)
            if (const auto* const frame = std::get_if<wr::Frame>(&message); frame && frame->request == request)
                if (const T* const found = std::get_if<T>(&frame->message)) return found;
        return nullptr;
    }
    bool waitOpen() {
        return QTest::qWaitFor([&] { return peer.open || peer.ended; }, kPatience) && peer.open;
    }
    bool waitEnd() {
        return QTest::qWaitFor([&] { return peer.ended.has_value(); }, kPatience);
    }
    DeviceId device() const { return identity->keys.id(); }

    std::shared_ptr<const net::LocalIdentity> identity;
    test::RawPeer peer;
};

/// The system's, which time may be added to.
class MovableClock final : public Clock {
public:
    [[nodiscard]] MonoTime mono() const override { return m_clock.mono() + std::chrono::seconds(m_later); }
    [[nodiscard]] WallTime wall() const override { return m_clock.wall(); }
    void move(std::chrono::seconds by) { m_later += static_cast<int>(by.count()); }

private:
    SystemClock m_clock;
    std::atomic<int> m_later = 0;
};

/// A relay on a folder of its own, on 127.0.0.1.
struct Served {
    explicit Served(const std::string& vfs = {}) {
        config.listen = {{"127.0.0.1", 0}};
        keys = std::move(makeRelayKeys(files.file("relay.key"), random, clock.wall()).value());
        folder = std::move(StoreFolder::acquire(files.path(), vfs).value());
        folder->setReserve(0);
        folder->setCheckpointsAside(vfs.empty());
    }
    Expected<void> start() {
        auto read = readRelayKeys(files.file("relay.key"));
        server = std::make_unique<RelayServer>(config, *std::move(read), clock, random,
                                               [this](const std::string& line) { lines.push_back(line); });
        return server->start(*folder);
    }
    RelayInvite invite() {
        const auto made = random.make<RelayInvite>();
        bool isDone = false;
        server->ask(AddInvite{hashOf(made), 1, clock.wall() + 1h, {}}, [&](const StoreAnswer& answer) {
            isDone = !std::get<ChangeAnswer>(answer).refused;
        });
        (void)QTest::qWaitFor([&] { return isDone; }, kPatience);
        return made;
    }
    /// In with an account, a prekey and the token.
    std::unique_ptr<Device> member() {
        auto device = std::make_unique<Device>(server->port());
        if (!device->waitOpen()) return nullptr;
        device->send(1, wr::Hello{invite(), {}, false});
        const auto* const welcome = device->answer<wr::Welcome>(1);
        if (!welcome) return nullptr;
        epoch = welcome->epoch;
        const auto prekey = envelope::Prekey::issue(device->identity->keys, random.make<NoiseKey>(), clock.wall());
        prekeys[device->device()] = prekey.id();
        device->send(2, wr::PublishPrekey{prekey.encoded()});
        device->send(3, wr::SetTokens{{{token, 0}}});
        return device->answer<wr::PrekeyPublished>(2) && device->answer<wr::Done>(3) ? std::move(device) : nullptr;
    }
    wr::Deposit deposit(const DeviceId& to, std::size_t bytes = 400) {
        return {epoch, Box::Messages, {{{to, token}, prekeys[to], Bytes(limits::kSeal)}}, Bytes(bytes, 5)};
    }
    StoreFigures figures() {
        std::optional<StoreFigures> told;
        server->ask(AskFigures{}, [&](const StoreAnswer& answer) { told = std::get<StoreFigures>(answer); });
        (void)QTest::qWaitFor([&] { return told.has_value(); }, kPatience);
        return told.value_or(StoreFigures{});
    }
    /// Asks the store for something that is written.
    void beginToWrite() {
        server->ask(AddInvite{hashOf(random.make<RelayInvite>()), 1, clock.wall() + 1h, {}}, [this](const StoreAnswer&) { ++written; });
    }
    /// By figures that came now; none are awaited any more.
    bool isWell() {
        (void)server->storeFigures();
        (void)figures();
        const bool isWell = !server->trouble();
        (void)figures();
        return isWell;
    }
    bool stop() {
        QSignalSpy stopped(server.get(), &RelayServer::stopped);
        server->stop();
        return !stopped.isEmpty() || stopped.wait(kPatience);
    }

    test::TemporaryFolder files;
    SystemRandom random;
    MovableClock clock;
    RelayConfig config;
    std::optional<RelayKeys> keys;
    std::unique_ptr<StoreFolder> folder;
    std::vector<std::string> lines;
    int written = 0;
    std::unique_ptr<RelayServer> server;
    RelayEpoch epoch = 0;
    RelayToken token = random.make<RelayToken>();
    std::map<DeviceId, PrekeyId> prekeys;
};

}  // namespace

class RelayServerTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void keepsWhatWasLeftOverARestart() {
        Served relay;
        QVERIFY(relay.start());
        auto ada = relay.member();
        auto bob = relay.member();
        QVERIFY(ada && bob);
        const auto bobs = bob->identity;
        bob.reset();
        ada->send(1, relay.deposit(bobs->keys.id()));
        const auto* const told = ada->answer<wr::Deposited>(1);
        QVERIFY(told && !told->refusal && told->failures.empty());
        ada.reset();
        QVERIFY(relay.stop());
        QVERIFY(relay.start());
        Device back(relay.server->port(), bobs);
        QVERIFY(back.waitOpen());
        back.send(1, wr::Hello{});
        const auto* const welcome = back.answer<wr::Welcome>(1);
        QVERIFY(welcome);
        QCOMPARE(welcome->epoch, relay.epoch);
        QCOMPARE(welcome->highest, 1U);
        back.send(2, wr::Pull{Box::Messages, 1, 1'000});
        const auto* const pulled = back.answer<wr::Pulled>(2);
        QVERIFY(pulled);
        QCOMPARE(pulled->items.size(), 1U);
        QCOMPARE(pulled->items[0].body, Bytes(400, 5));
    }

    void shutsARevokedDeviceOutAtOnce() {
        Served relay;
        QVERIFY(relay.start());
        auto ada = relay.member();
        auto bob = relay.member();
        QVERIFY(ada && bob);
        ada->send(4, wr::Watch{{{bob->device(), relay.token}}});
        const auto* const watched = ada->answer<wr::Presence>(4);
        QVERIFY(watched && watched->devices.size() == 1 && watched->devices[0].online);
        QVERIFY(relay.server->isHere(bob->device()));
        bool isDone = false;
        relay.server->revoke({bob->device()}, [&](const StoreAnswer& answer) {
            isDone = !std::get<ChangeAnswer>(answer).refused;
            QVERIFY2(!relay.server->isHere(bob->device()), "before the operator hears that it is done");
        });
        QVERIFY(bob->waitEnd());
        QVERIFY(isDone);
        QCOMPARE(bob->peer.ended->reason, wire::CloseReason::NotWelcome);
        const auto* const gone = ada->answer<wr::Presence>(0);
        QVERIFY(gone && gone->devices.size() == 1 && !gone->devices[0].online);
        Device back(relay.server->port(), bob->identity);
        QVERIFY(back.waitOpen());
        back.send(1, wr::Hello{});
        const auto* const refused = back.answer<wr::Refused>(1);
        QVERIFY(refused);
        QCOMPARE(refused->refusal.reason, Reason::Revoked);
        ada->send(5, relay.deposit(bob->device()));
        const auto* const told = ada->answer<wr::Deposited>(5);
        QVERIFY(told && told->failures.size() == 1);
        QCOMPARE(told->failures[0].reason, Reason::NoMailbox);
    }

    void restoresABackupWhileItServesAndEndsAllSessionsFirst() {
        Served relay;
        QVERIFY(relay.start());
        auto ada = relay.member();
        auto bob = relay.member();
        QVERIFY(ada && bob);
        ada->send(4, relay.deposit(bob->device()));
        QVERIFY(ada->answer<wr::Deposited>(4));
        const auto work = [&](FolderWork::Kind kind) { return FolderWork::begin(relay.files.path(), kind).value(); };
        QVERIFY(work(FolderWork::Kind::BackUp)->backUp(relay.files.file("copy"), false));
        ada->send(5, relay.deposit(bob->device()));
        QVERIFY(ada->answer<wr::Deposited>(5));
        QVERIFY2(!relay.server->takeRestored(), "nothing is ready");
        QVERIFY(ada->waitEnd());
        Device adaAgain(relay.server->port(), ada->identity);
        QVERIFY(adaAgain.waitOpen());
        adaAgain.send(1, wr::Hello{});
        const auto* const same = adaAgain.answer<wr::Welcome>(1);
        QVERIFY(same);
        QCOMPARE(same->epoch, relay.epoch);

        const auto ready = work(FolderWork::Kind::Restore)->layReady(relay.files.file("copy"), true, relay.random);
        QVERIFY(ready);
        QCOMPARE(ready->accounts, 2U);
        QCOMPARE(ready->items, 1U);
        QVERIFY(relay.server->takeRestored());
        QVERIFY(adaAgain.waitEnd());
        Device back(relay.server->port(), bob->identity);
        QVERIFY(back.waitOpen());
        back.send(1, wr::Hello{});
        const auto* const welcome = back.answer<wr::Welcome>(1);
        QVERIFY(welcome);
        QVERIFY(welcome->epoch != relay.epoch);
        QCOMPARE(welcome->highest, 1U);
        QVERIFY(relay.stop());
    }

    void aRestoreThatCannotBeOpenedIsUndone() {
        Served relay;
        QVERIFY(relay.start());
        auto ada = relay.member();
        QVERIFY(ada);
        const auto work = [&](FolderWork::Kind kind) { return FolderWork::begin(relay.files.path(), kind).value(); };
        QVERIFY(work(FolderWork::Kind::BackUp)->backUp(relay.files.file("copy"), false));
        QVERIFY(work(FolderWork::Kind::Restore)->layReady(relay.files.file("copy"), true, relay.random));
        {
            SqliteConnection ready;
            QCOMPARE(ready.open(relay.files.file("relay.db.ready"), {}, SQLITE_OPEN_READWRITE), SQLITE_OK);
            QCOMPARE(ready.run("PRAGMA user_version=1000000"), SQLITE_OK);
        }
        const auto restored = relay.server->takeRestored();
        QVERIFY(!restored);
        QCOMPARE(restored.error().code, ErrorCode::VersionMismatch);
        for (const auto& entry : std::filesystem::directory_iterator(relay.files.path())) {
            const std::string name = entry.path().filename().string();
            QVERIFY2(!name.starts_with("relay.db.replaced-") && name != "relay.db.new" && name != "relay.db.damaged", name.c_str());
        }
        QVERIFY(ada->waitEnd());
        Device again(relay.server->port(), ada->identity);
        QVERIFY(again.waitOpen());
        again.send(1, wr::Hello{});
        const auto* const same = again.answer<wr::Welcome>(1);
        QVERIFY(same);
        QCOMPARE(same->epoch, relay.epoch);
        QVERIFY(relay.stop());
    }

    void hintsWhoeverIsThere() {
        Served relay;
        QVERIFY(relay.start());
        auto ada = relay.member();
        auto bob = relay.member();
        QVERIFY(ada && bob);
        bob->send(4, wr::Pull{});
        QVERIFY(bob->answer<wr::Pulled>(4));
        ada->send(1, relay.deposit(bob->device()));
        const auto* const hint = bob->answer<wr::Hint>(0);
        QVERIFY(hint);
        QCOMPARE(hint->highest, 1U);
    }

    void refusesStrangersAndEnds() {
        Served relay;
        QVERIFY(relay.start());
        Device stranger(relay.server->port());
        QVERIFY(stranger.waitOpen());
        stranger.send(7, wr::Hello{});
        const auto* const refused = stranger.answer<wr::Refused>(7);
        QVERIFY(refused);
        QVERIFY(refused->refusal.reason == Reason::NoAccount);
        QVERIFY(stranger.waitEnd());
        QVERIFY(stranger.peer.ended->reason == wire::CloseReason::NotWelcome);
        for (const std::string& line : relay.lines) QVERIFY2(line.find("127.0.0.1") == std::string::npos, line.c_str());
    }

    void takesRelaySessionsOnly() {
        Served relay;
        QVERIFY(relay.start());
        test::RawPeer peer(relay.server->port(), 0);
        QVERIFY(QTest::qWaitFor([&] { return peer.ended.has_value(); }, kPatience));
        QVERIFY(!peer.open);
    }

    void endsWhoeverBreaksTheRules() {
        Served relay;
        QVERIFY(relay.start());
        Device device(relay.server->port());
        QVERIFY(device.waitOpen());
        device.send(1, wr::Pull{});
        QVERIFY(device.waitEnd());
        QVERIFY(device.peer.ended->reason == wire::CloseReason::Violation);
    }

    void aNewerSessionTakesTheOldersPlace() {
        Served relay;
        QVERIFY(relay.start());
        auto ada = relay.member();
        QVERIFY(ada);
        Device newer(relay.server->port(), ada->identity);
        QVERIFY(ada->waitEnd());
        QVERIFY(ada->peer.ended->reason == wire::CloseReason::Superseded);
        QVERIFY(newer.waitOpen());
        newer.send(1, wr::Hello{});
        QVERIFY(newer.answer<wr::Welcome>(1));
    }

    void whoDoesNotReadSlowsNobody() {
        Served relay;
        QVERIFY(relay.start());
        auto ada = relay.member();
        auto bob = relay.member();
        QVERIFY(ada && bob);
        for (std::uint64_t counter = 1; counter <= 60; ++counter) {
            ada->send(counter, relay.deposit(bob->device(), 60'000));
            QVERIFY(ada->answer<wr::Deposited>(counter));
        }
        bob->peer.setReading(false);
        const std::uint64_t before = relay.figures().pulled;
        // Of 1 MiB each; the relay takes one after the other while it has room for the answers.
        std::uint64_t counter = 100;
        for (std::uint64_t request = 10; request < 90; ++request) {
            bob->send(request, wr::Pull{Box::Messages, 1, limits::kPullBytes});
            for (const std::uint64_t end = counter + 5; counter < end; ++counter) {
                ada->send(counter, relay.deposit(ada->device()));
                QVERIFY(ada->answer<wr::Deposited>(counter));
            }
        }
        QVERIFY(!bob->peer.ended);
        const std::uint64_t bytes = (relay.figures().pulled - before) * 60'000;
        // What the system's buffers take is not the relay's.
        QVERIFY2(bytes < 40ULL * 1024 * 1024, qPrintable(QString::number(bytes)));
        bob->peer.setReading(true);
        QVERIFY(bob->answer<wr::Pulled>(10));
    }

    void stoppedItTellsWhenToComeBackAndAnswersWhatWasBegun() {
        Served relay;
        QVERIFY(relay.start());
        auto ada = relay.member();
        QVERIFY(ada);
        const std::uint64_t before = relay.server->figures().requests;
        ada->send(4, relay.deposit(ada->device()));
        QVERIFY(QTest::qWaitFor([&] { return relay.server->figures().requests > before; }, kPatience));
        QVERIFY(relay.stop());
        QVERIFY(ada->waitEnd());
        const auto* const told = ada->find<wr::Deposited>(4);
        QVERIFY(told && !told->refusal && told->failures.empty());
        QVERIFY(ada->peer.ended->reason == wire::CloseReason::Goodbye);
        const auto* const away = ada->find<wr::GoingAway>(0);
        QVERIFY(away);
        QVERIFY(away->comeBackAfter > 0ms && away->comeBackAfter <= limits::kComeBackMost);
    }

    void aDiskThatDoesNotAnswerIsTold() {
        test::FaultyVfs vfs("stuck");
        Served relay(vfs.name());
        QVERIFY(relay.start());
        QVERIFY(relay.isWell());
        vfs.holdSyncs(true);
        relay.beginToWrite();
        QVERIFY2(!relay.server->trouble(), "it is asked only now");
        QVERIFY2(!QTest::qWaitFor([&] { return relay.written > 0; }, 100), "the store's thread is held");
        relay.clock.move(60s);
        const auto told = relay.server->trouble();
        vfs.holdSyncs(false);
        QVERIFY(told);
        QVERIFY2(told->find("does not answer") != std::string::npos, told->c_str());
        QVERIFY(QTest::qWaitFor([&] { return relay.written == 1; }, kPatience));
        QVERIFY(relay.isWell());
        relay.clock.move(60s);
        QVERIFY2(!relay.server->trouble(), "who asks for nothing waits for nothing");
        QVERIFY(relay.stop());
    }

    void whatTheOperatorAsksGetsThroughAndABusyStoreIsNoBrokenOne() {
        test::FaultyVfs vfs("busy");
        Served relay(vfs.name());
        QVERIFY(relay.start());
        auto ada = relay.member();
        QVERIFY(ada && relay.isWell());
        vfs.holdSyncs(true);
        relay.beginToWrite();
        std::size_t figures = 0;
        std::size_t refused = 0;
        for (std::size_t i = 0; i <= limits::kStoreQueue; ++i)
            relay.server->ask(AskFigures{}, [&](const StoreAnswer& answer) {
                std::holds_alternative<StoreFigures>(answer) ? ++figures : ++refused;
            });
        (void)relay.server->storeFigures();
        ada->send(4, wr::Pull{});
        const auto* const busy = ada->answer<wr::Refused>(4);
        const auto told = relay.server->trouble();
        bool isShutOut = false;
        relay.server->revoke({ada->device()}, [&](const StoreAnswer& answer) {
            const auto* const change = std::get_if<ChangeAnswer>(&answer);
            isShutOut = change && !change->refused;
        });
        vfs.holdSyncs(false);
        QVERIFY(busy);
        QCOMPARE(busy->refusal.reason, Reason::Busy);
        QVERIFY2(!told || told->find("cannot be read") == std::string::npos, "busy is not broken");
        QVERIFY(ada->waitEnd());
        QVERIFY(isShutOut);
        QVERIFY(QTest::qWaitFor([&] { return figures + refused > limits::kStoreQueue; }, kPatience));
        QCOMPARE(refused, std::size_t{0});
        QVERIFY(relay.stop());
    }

    void anAddressThatCannotBeHadIsToldInASentence() {
        Served first;
        QVERIFY(first.start());
        Served second;
        second.config.listen = {{"127.0.0.1", first.server->port()}};
        const auto started = second.start();
        QVERIFY(!started);
        QVERIFY(started.error().code == ErrorCode::Unreachable);
        QVERIFY(started.error().text.find("cannot listen on 127.0.0.1:") != std::string::npos);
    }

    void settingsMayChangeWhileItServes() {
        Served relay;
        QVERIFY(relay.start());
        auto ada = relay.member();
        QVERIFY(ada);
        relay.config.quota = {10, 10, 10, 10};
        relay.config.directory = true;
        relay.server->reload(relay.config);
        ada->send(4, relay.deposit(ada->device()));
        const auto* const told = ada->answer<wr::Deposited>(4);
        QVERIFY(told);
        QVERIFY(told->failures.at(0).reason == Reason::Full);
        ada->send(5, wr::Browse{});
        QVERIFY(ada->answer<wr::Listed>(5));
        relay.config.clients = 1;
        relay.server->reload(relay.config);
        Device another(relay.server->port());
        QVERIFY(another.waitOpen());
        another.send(6, wr::Hello{relay.invite(), {}, false});
        const auto* const refused = another.answer<wr::Refused>(6);
        QVERIFY(refused);
        QVERIFY(refused->refusal.reason == Reason::Busy);
    }
};

}  // namespace landline::relay

QTEST_GUILESS_MAIN(landline::relay::RelayServerTest)
#include "relay_server_test.moc"
