#pragma once

#include "p2p/envelope/prekey.h"
#include "p2p/identity/contact_link.h"
#include "relay/clients/hub.h"
#include "relay/store/commit_queue.h"
#include "tests/support/memory_ledger.h"
#include "tests/support/session_pair.h"

#include <gtest/gtest.h>

namespace landline::relay {

namespace wr = wire::relay;

/// A relay without sockets, in virtual time, over a disk in memory. What the hub asks of the store waits until `commit`.
class TestRelay {
public:
    struct Seen {
        std::vector<wr::Frame> frames;
        std::optional<CloseClient> closed;
        bool isRead = true;
    };

    explicit TestRelay(ClientRules rules = {}, StoreRules store = {})
        : m_rules(std::move(rules)), m_storeRules(std::move(store)) {
        start();
    }

    /// As after a crash: what was not committed is gone.
    void start() {
        CommitQueue::Options options;
        options.rules = m_storeRules;
        queue.reset();
        queue = std::move(CommitQueue::open(test::memoryStoreOpener(disk, random), options, wall, now).value());
        hub = std::make_unique<Hub>(m_rules, random);
        seen.clear();
    }

    ClientId open(const test::TestParty& party, std::uint32_t address = 0x7F000001) {
        return open(party, discovery::Address::fromIpv4(address));
    }
    ClientId open(const test::TestParty& party, const discovery::Address& address) {
        const ClientId id = hub->open({party.device(), party.certificate.person()}, address, now);
        settle();
        return id;
    }
    void send(ClientId client, std::uint64_t request, wr::Message message) {
        hub->receive(client, {request, std::move(message)}, now);
        settle();
    }
    /// One batch of what the store was asked for.
    void commit() {
        now += limits::kStoreBatchDelay;
        for (TaggedAnswer& answer : queue->run(wall, now)) hub->answer(std::move(answer), now);
        settle();
    }
    void elapse(Duration time) {
        const MonoTime end = now + time;
        while (now < end) {
            now = std::min(end, now + std::chrono::milliseconds(100));
            wall += std::chrono::milliseconds(100);
            hub->advance(now);
            settle();
        }
    }
    void setWaiting(ClientId client, std::size_t bytes) {
        hub->setWaiting(client, bytes, now);
        settle();
    }
    void settle() {
        for (Output& output : hub->takeOutputs()) {
            if (auto* const sent = std::get_if<SendFrame>(&output)) seen[sent->client].frames.push_back(std::move(sent->frame));
            if (auto* const closed = std::get_if<CloseClient>(&output)) seen[closed->client].closed = std::move(*closed);
            if (const auto* const read = std::get_if<ReadClient>(&output)) seen[read->client].isRead = read->on;
            if (auto* const ask = std::get_if<AskStore>(&output)) queue->push(std::move(ask->request), now);
        }
    }

    /// All frames for the client since the last call.
    std::vector<wr::Frame> take(ClientId client) { return std::exchange(seen[client].frames, {}); }
    /// The one frame there is, which is a T.
    template <class T>
    T only(ClientId client, std::uint64_t request) {
        const std::vector<wr::Frame> frames = take(client);
        EXPECT_EQ(frames.size(), 1U);
        if (frames.size() != 1) return {};
        EXPECT_EQ(frames[0].request, request);
        const T* const message = std::get_if<T>(&frames[0].message);
        EXPECT_NE(message, nullptr) << "another kind of message: " << frames[0].message.index();
        return message ? *message : T{};
    }
    template <class T>
    T ask(ClientId client, std::uint64_t request, wr::Message message) {
        send(client, request, std::move(message));
        commit();
        return only<T>(client, request);
    }
    Reason refused(ClientId client, std::uint64_t request, wr::Message message) {
        return ask<wr::Refused>(client, request, std::move(message)).refusal.reason;
    }

    RelayInvite invite(std::uint32_t uses = 1, std::chrono::milliseconds life = std::chrono::hours(1)) {
        const auto made = random.make<RelayInvite>();
        queue->push({0, AddInvite{hashOf(made), uses, wall + life, {}}}, now);
        commit();
        return made;
    }
    /// In, with an account of its own, a prekey, and a token for everybody.
    ClientId member(test::TestParty& party, bool invisible = false) {
        const ClientId id = open(party);
        const auto welcome = ask<wr::Welcome>(id, 1, wr::Hello{invite(), {}, invisible});
        EXPECT_TRUE(welcome.hasAccount);
        epoch = welcome.epoch;
        publish(id, party);
        (void)ask<wr::Done>(id, 3, wr::SetTokens{{{token, 0}}});
        return id;
    }
    ClientId back(test::TestParty& party) {
        const ClientId id = open(party);
        epoch = ask<wr::Welcome>(id, 1, wr::Hello{}).epoch;
        return id;
    }
    wr::PrekeyPublished publish(ClientId id, test::TestParty& party) {
        const auto prekey = envelope::Prekey::issue(party.keys, random.make<NoiseKey>(), wall);
        prekeys[party.device()] = prekey.id();
        return ask<wr::PrekeyPublished>(id, 2, wr::PublishPrekey{prekey.encoded()});
    }
    wr::Recipient to(const test::TestParty& party) {
        Bytes seal(limits::kSeal, 7);
        return {{party.device(), token}, prekeys[party.device()], std::move(seal)};
    }
    wr::Deposit deposit(const test::TestParty& recipient, std::size_t bytes = 400) {
        return {epoch, Box::Messages, {to(recipient)}, Bytes(bytes, 9)};
    }
    std::vector<MailNumber> pullAll(ClientId client, Box box = Box::Messages, MailNumber from = 1) {
        send(client, 77, wr::Pull{box, from, limits::kPullBytes});
        std::vector<MailNumber> numbers;
        for (int turn = 0; turn < 100; ++turn) {
            commit();
            for (const wr::Frame& frame : take(client)) {
                const auto* const pulled = std::get_if<wr::Pulled>(&frame.message);
                if (!pulled) continue;
                for (const wr::Item& item : pulled->items) numbers.push_back(item.number);
                if (pulled->last) return numbers;
            }
        }
        ADD_FAILURE() << "the pull did not end";
        return numbers;
    }

    test::SeededRandom random{5};
    MonoTime now{std::chrono::seconds(100)};
    WallTime wall = fromUnixMillis(1'700'000'000'000);
    std::shared_ptr<test::MemoryDisk> disk = std::make_shared<test::MemoryDisk>();
    std::unique_ptr<CommitQueue> queue;
    std::unique_ptr<Hub> hub;
    std::map<ClientId, Seen> seen;
    RelayEpoch epoch = 0;
    RelayToken token = random.make<RelayToken>();
    std::map<DeviceId, PrekeyId> prekeys;

private:
    ClientRules m_rules;
    StoreRules m_storeRules;
};

}  // namespace landline::relay
