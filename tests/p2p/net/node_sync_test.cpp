#include "p2p/identity/direct_conversation.h"
#include "p2p/timeline/applier.h"
#include "tests/p2p/net/breakable_proxy.h"
#include "tests/p2p/net/test_node.h"
#include "tests/support/memory_store.h"

#include <QTest>

#include <algorithm>

using namespace landline;
using test::BreakableProxy;
using test::MemoryStore;
using test::runUntil;
using test::TestNode;

/// Nodes with stores: what one writes the other holds.
class NodeSyncTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bringsWhatWasWrittenBeforeAndAfterMeeting();
    void announcesOnlyWhatIsCommitted();
    void losesAndRepeatsNothingWhenConnectionsBreak();
    void endsASessionThatSpeaksOfAForeignConversation();
    void slowsASenderDownWhileTheStoreIsBusy();
};

namespace {

/// A node and the part of an app that stands between it and a store.
class Writer final : public QObject {
public:
    explicit Writer(const QString& name) : node(name) {
        net::Node& net = node.node();
        connect(&net, &net::Node::sessionOpened, this,
                [this](const net::SessionInfo& session) { begin(session); });
        connect(
            &net, &net::Node::applyWanted, this,
            [this](net::SessionNumber session, const wire::Entries& entries) { apply(session, entries); });
        connect(&net, &net::Node::readWanted, this,
                [this](net::SessionNumber session, const timeline::ReadEntries& want) {
                    node.node().entriesRead(
                        session, want,
                        store.read(want.conversation, want.author, want.first, want.maxCount, want.maxBytes));
                });
        connect(
            &net, &net::Node::peerHeads, this,
            [this](net::SessionNumber, const ConversationId& id, const std::vector<wire::AuthorHead>& heads) {
                for (const wire::AuthorHead& head : heads)
                    if (head.author == node.device()) acknowledged = std::max(acknowledged, head.number);
                Q_UNUSED(id);
            });
    }

    void share(const Writer& other) {
        conversation = identity::directConversation(node.person(), other.node.person());
        members = {node.person(), other.node.person()};
        store.addConversation(conversation, members);
        store.putCertificate(node.identity()->certificate);
        QVERIFY(store.commit().ok());
    }

    void write(const std::string& text) {
        const auto head = store.head(conversation, node.device()).value_or(timeline::TimelineHead{});
        const timeline::HybridTime clock = timeline::nextHybrid(store.clock(), SystemClock().wall());
        const timeline::CheckedEntry entry =
            timeline::makeEntry(conversation, node.identity()->keys, node.identity()->certificate,
                                {head.number, head.hash}, clock, wire::Text{text, {}}, m_random);
        (void)timeline::Applier(store, node.device()).applyOwn(entry, SystemClock().wall());
        QVERIFY(store.commit().ok());
        node.node().headsChanged(members, {conversation, store.heads(conversation)},
                                 {{conversation, node.device(), entry.header.number, {entry.bytes}}});
    }

    /// Texts of `author` as they stand here, in order.
    [[nodiscard]] std::vector<std::string> texts(const Writer& author) const {
        std::vector<std::string> result;
        for (const timeline::CheckedEntry& entry : store.entries(conversation))
            if (entry.header.author == author.node.device())
                if (const auto* text = std::get_if<wire::Text>(&*entry.content)) result.push_back(text->text);
        return result;
    }

    void release() {
        holdBack = false;
        for (const auto& [session, entries] : std::exchange(m_waiting, {})) apply(session, entries);
    }

    TestNode node;
    MemoryStore store;
    ConversationId conversation;
    std::vector<PersonId> members;
    EntryNumber acknowledged = 0;  ///< of this device's own entries, by the other side
    bool holdBack = false;         ///< the store is busy: batches wait
    std::size_t bytesWaiting = 0;

private:
    void begin(const net::SessionInfo& session) {
        const bool shared = std::find(members.begin(), members.end(), session.person()) != members.end();
        std::vector<timeline::ConversationHeads> heads;
        if (shared) heads.push_back({conversation, store.heads(conversation)});
        node.node().startSync(session.number, heads);
    }

    void apply(net::SessionNumber session, const wire::Entries& entries) {
        std::size_t bytes = 0;
        for (const wire::SignedEntry& entry : entries.entries) bytes += entry.bytes();
        if (holdBack) {
            bytesWaiting += bytes;
            m_waiting.emplace_back(session, entries);
            return;
        }
        const auto result = timeline::Applier(store, node.device()).apply(entries, SystemClock().wall());
        QVERIFY(result.refused == 0);
        QVERIFY(store.commit().ok());
        node.node().headsChanged(members, {conversation, store.heads(conversation)}, {});
        node.node().applied(session, bytes);
    }

    SystemRandom m_random;
    std::vector<std::pair<net::SessionNumber, wire::Entries>> m_waiting;
};

std::vector<std::string> numbered(const char* prefix, int from, int to) {
    std::vector<std::string> texts;
    for (int i = from; i <= to; ++i) texts.push_back(prefix + std::to_string(i));
    return texts;
}

void writeAll(Writer& writer, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) writer.write(text);
}

struct Pair {
    Pair() {
        ann.node.start();
        ben.node.start();
        ann.share(ben);
        ben.share(ann);
    }
    Writer ann{QStringLiteral("Ann")};
    Writer ben{QStringLiteral("Ben")};
};

}  // namespace

void NodeSyncTest::bringsWhatWasWrittenBeforeAndAfterMeeting() {
    Pair pair;
    writeAll(pair.ann, numbered("a", 1, 300));
    writeAll(pair.ben, numbered("b", 1, 7));
    pair.ann.node.want(pair.ben.node);
    QVERIFY(runUntil([&] { return pair.ann.acknowledged == 300 && pair.ben.acknowledged == 7; }));
    writeAll(pair.ann, numbered("a", 301, 350));
    writeAll(pair.ben, numbered("b", 8, 20));
    QVERIFY(runUntil([&] { return pair.ann.acknowledged == 350 && pair.ben.acknowledged == 20; }));
    QCOMPARE(pair.ben.texts(pair.ann), numbered("a", 1, 350));
    QCOMPARE(pair.ann.texts(pair.ben), numbered("b", 1, 20));
    QCOMPARE(pair.ann.node.everOpened.size(), 1U);
}

void NodeSyncTest::announcesOnlyWhatIsCommitted() {
    Pair pair;
    pair.ben.holdBack = true;
    pair.ann.node.want(pair.ben.node);
    writeAll(pair.ann, numbered("a", 1, 5));
    QVERIFY(runUntil([&] { return pair.ben.bytesWaiting > 0; }));
    // A round trip later still nothing is acknowledged.
    pair.ann.node.node().sendTyping({pair.ben.node.person()}, {pair.ann.conversation, true});
    pair.ben.node.node().sendTyping({pair.ann.node.person()}, {pair.ann.conversation, true});
    QVERIFY(runUntil([&] { return !pair.ann.node.typings.empty() && !pair.ben.node.typings.empty(); }));
    QCOMPARE(pair.ann.acknowledged, EntryNumber(0));
    pair.ben.release();
    QVERIFY(runUntil([&] { return pair.ann.acknowledged == 5; }));
}

void NodeSyncTest::losesAndRepeatsNothingWhenConnectionsBreak() {
    Pair pair;
    BreakableProxy proxy(pair.ben.node.port());
    pair.ann.node.node().want(pair.ben.node.contact(proxy.port()));
    int written = 0;
    for (int round = 1; round <= 6; ++round) {
        for (int i = 0; i < 40; ++i) {
            ++written;
            pair.ann.write("a" + std::to_string(written));
            pair.ben.write("b" + std::to_string(written));
        }
        const EntryNumber some = EntryNumber(written) - 20;
        QVERIFY(runUntil([&] { return pair.ann.acknowledged >= some; }));
        proxy.breakAll();
    }
    QVERIFY(runUntil([&] {
        return pair.ann.acknowledged == EntryNumber(written) && pair.ben.acknowledged == EntryNumber(written);
    }));
    QCOMPARE(pair.ben.texts(pair.ann), numbered("a", 1, written));
    QCOMPARE(pair.ann.texts(pair.ben), numbered("b", 1, written));
    QVERIFY(pair.ann.node.everOpened.size() >= 6);
}

void NodeSyncTest::endsASessionThatSpeaksOfAForeignConversation() {
    Pair pair;
    Writer eve(QStringLiteral("Eve"));
    eve.node.start();
    eve.share(pair.ann);
    // What Eve takes for their conversation is that of Ann and Ben.
    eve.conversation = pair.ann.conversation;
    eve.store.addConversation(eve.conversation, {eve.node.person(), pair.ann.node.person()});
    writeAll(pair.ann, numbered("a", 1, 3));
    pair.ann.node.want(pair.ben.node);
    QVERIFY(runUntil([&] { return pair.ann.acknowledged == 3; }));
    eve.write("mine");
    eve.node.want(pair.ann.node);
    QVERIFY(runUntil([&] { return !eve.node.everOpened.empty(); }));
    eve.node.node().sendForkEvidence(eve.node.everOpened.front().number,
                                     {eve.conversation, eve.node.device(), {wire::SignedEntry{}}});
    QVERIFY(runUntil([&] { return !eve.node.closings.empty(); }));
    QVERIFY(eve.texts(pair.ann).empty());
    QVERIFY(pair.ann.texts(eve).empty());
    QVERIFY(pair.ann.node.sessionWith(pair.ben.node));
}

void NodeSyncTest::slowsASenderDownWhileTheStoreIsBusy() {
    Pair pair;
    const std::string block(50 * 1024, 'x');
    constexpr int kBlocks = 400;  // 20 MB, several times every buffer between the two
    for (int i = 0; i < kBlocks; ++i) pair.ann.write(block);
    pair.ben.holdBack = true;
    pair.ann.node.want(pair.ben.node);
    QVERIFY(runUntil([&] { return pair.ben.bytesWaiting > limits::kApplyWindow / 2; }));
    // Whatever is on its way arrives, and no more than the window.
    pair.ben.node.node().sendTyping({pair.ann.node.person()}, {pair.ann.conversation, true});
    QVERIFY(runUntil([&] { return !pair.ann.node.typings.empty(); }));
    QVERIFY(pair.ben.bytesWaiting <= limits::kApplyWindow + limits::kSyncWindow);
    pair.ben.release();
    QVERIFY(runUntil([&] { return pair.ann.acknowledged == kBlocks; }));
    QCOMPARE(pair.ben.texts(pair.ann).size(), std::size_t(kBlocks));
}

QTEST_GUILESS_MAIN(NodeSyncTest)
#include "node_sync_test.moc"
