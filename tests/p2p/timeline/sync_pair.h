#pragma once

#include "p2p/base/limits.h"
#include "p2p/timeline/sync_engine.h"
#include "tests/p2p/timeline/writer.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>

namespace landline::timeline {

/// One device with a store, the rules, and one engine, whose owner does at once what the engine asks for.
class SyncSide {
public:
    SyncSide(Writer device, const DeviceId& peer) : m_writer(std::move(device)) { restartEngine(peer); }

    Writer& writer() { return m_writer; }
    test::MemoryStore& store() { return m_store; }
    SyncEngine& engine() { return *m_engine; }
    void restartEngine(const DeviceId& peer) {
        m_engine = std::make_unique<SyncEngine>(m_writer.device(), peer);
        m_peer = peer;
    }

    void share(const ConversationId& id, std::vector<PersonId> members) {
        m_store.addConversation(id, std::move(members));
        m_shared.push_back(id);
    }
    void start() {
        std::vector<ConversationHeads> heads;
        for (const ConversationId& id : m_shared) heads.push_back({id, m_store.heads(id)});
        m_engine->start(std::move(heads));
    }
    /// Writes an entry and commits it; tells the engine unless `quietly`.
    CheckedEntry write(const wire::Content& content, test::SeededRandom& random, bool quietly = false) {
        const CheckedEntry entry = m_writer.write(content, random);
        Applier applier(m_store, m_writer.device());
        EXPECT_EQ(applier.applyOwn(entry, kNow).refused, 0u);
        EXPECT_TRUE(m_store.commit());
        if (!quietly) tell(entry.header.conversation, m_writer.device(), {batchOf(entry)});
        return entry;
    }
    void read(const ConversationId& id, const DeviceId& author, EntryNumber number) {
        m_store.setRead(id, author, number);
        EXPECT_TRUE(m_store.commit());
        tell(id, author, {});
    }
    void tell(const ConversationId& id, const DeviceId& author, const std::vector<wire::Entries>& fresh) {
        m_engine->localHeadsChanged({id, {*m_store.head(id, author)}}, fresh);
    }
    EntryNumber number(const ConversationId& id, const DeviceId& author) {
        const auto head = m_store.head(id, author);
        return head ? head->number : 0;
    }

    /// Does what the engine asks for until it asks for nothing more; frames for the peer go to `out`.
    void drain(std::deque<wire::Message>& out) {
        while (auto action = m_engine->nextAction()) act(*action, out);
    }

    // What it was asked for.
    std::size_t reads = 0;
    std::size_t applies = 0;
    std::size_t clones = 0;
    std::vector<wire::AuthorHead> recorded;
    bool holdsBackApplied = false;  ///< leaves ApplyEntries unanswered

private:
    void act(SyncAction& action, std::deque<wire::Message>& out) {
        if (auto* const send = std::get_if<SendMessage>(&action)) {
            out.push_back(std::move(send->message));
        } else if (const auto* const request = std::get_if<ReadEntries>(&action)) {
            ++reads;
            m_engine->entriesRead(*request,
                                  m_store.read(request->conversation, request->author, request->first,
                                               request->maxCount, request->maxBytes));
        } else if (const auto* const entries = std::get_if<ApplyEntries>(&action)) {
            apply(entries->entries);
        } else if (const auto* const heads = std::get_if<RecordPeerHeads>(&action)) {
            recorded.insert(recorded.end(), heads->heads.begin(), heads->heads.end());
            m_store.putPeerHeads(heads->conversation, m_peer, heads->heads);
            EXPECT_TRUE(m_store.commit());
        } else if (const auto* const fork = std::get_if<ExamineFork>(&action)) {
            Applier applier(m_store, m_writer.device());
            settle(applier.applyForkEvidence(fork->evidence), fork->evidence.conversation,
                   fork->evidence.author);
            m_engine->examined();
        }
    }
    void apply(const wire::Entries& batch) {
        ++applies;
        if (holdsBackApplied) return;
        Applier applier(m_store, m_writer.device());
        settle(applier.apply(batch, kNow), batch.conversation, batch.author);
        m_engine->applied(0);
    }
    void settle(const ApplyResult& result, const ConversationId& id, const DeviceId& author) {
        EXPECT_TRUE(m_store.commit());
        if (result.cloneSuspected) ++clones;
        if (!result.appended.empty() || !result.ended.empty()) tell(id, author, {});
        if (result.forkSuspectedAt)
            m_engine->sendForkEvidence(evidenceFrom(m_store, id, author, *result.forkSuspectedAt));
    }

    Writer m_writer;
    DeviceId m_peer;
    test::MemoryStore m_store;
    std::vector<ConversationId> m_shared;
    std::unique_ptr<SyncEngine> m_engine;
};

/// Two sides and the frames between them, encoded and decoded on the way.
class SyncPair {
public:
    SyncPair() : SyncPair(test::SeededRandom(11)) {}

    /// Lets frames go to and fro until none is left; false if a side refused one.
    bool run() {
        if (!runRounds(100'000)) return false;
        EXPECT_TRUE(toA.empty() && toB.empty()) << "the pair does not come to rest";
        return true;
    }
    /// At most one frame each way in each of `rounds`.
    bool runRounds(int rounds) {
        for (int round = 0; round < rounds; ++round) {
            a.drain(toB);
            b.drain(toA);
            if (toA.empty() && toB.empty()) return true;
            if (!deliver(toB, b) || !deliver(toA, a)) return false;
        }
        return true;
    }
    void start() {
        a.start();
        b.start();
    }
    /// The session breaks and comes again.
    void reconnect() {
        toA.clear();
        toB.clear();
        a.restartEngine(b.writer().device());
        b.restartEngine(a.writer().device());
        start();
    }

    test::SeededRandom random;
    SyncSide a;
    SyncSide b;
    ConversationId id;
    std::deque<wire::Message> toA;
    std::deque<wire::Message> toB;
    std::size_t entryFrames = 0;
    std::size_t entriesSent = 0;

private:
    explicit SyncPair(test::SeededRandom seeded)
        : SyncPair(seeded, Writer::make(seeded), Writer::make(seeded)) {}
    SyncPair(test::SeededRandom seeded, const Writer& alice, const Writer& bob)
        : random(seeded), a(alice, bob.device()), b(bob, alice.device()) {
        id = identity::directConversation(alice.person(), bob.person());
        for (SyncSide* const side : {&a, &b}) {
            side->writer().conversation = id;
            side->share(id, {alice.person(), bob.person()});
            side->store().putCertificate(alice.certificate);
            side->store().putCertificate(bob.certificate);
            EXPECT_TRUE(side->store().commit());
        }
    }
    bool deliver(std::deque<wire::Message>& frames, SyncSide& to) {
        if (frames.empty()) return true;
        const Bytes bytes = wire::encodeMessage(frames.front());
        EXPECT_LE(bytes.size(), limits::kFramePlaintext);
        if (const auto* const entries = std::get_if<wire::Entries>(&frames.front())) {
            ++entryFrames;
            entriesSent += entries->entries.size();
        }
        frames.pop_front();
        auto message = wire::decodeMessage(bytes);
        EXPECT_TRUE(message);
        return message && to.engine().receive(std::move(*message)).ok();
    }
};

}  // namespace landline::timeline
