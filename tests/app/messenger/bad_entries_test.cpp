#include "p2p/identity/direct_conversation.h"
#include "p2p/timeline/checked_entry.h"
#include "tests/app/messenger/person.h"
#include "tests/p2p/net/raw_peer.h"

#include <algorithm>

namespace landline::app::test {

using landline::test::RawPeer;
using timeline::CheckedEntry;

namespace {

const QString kRaw = QStringLiteral("Raw");

timeline::HybridTime clockAt(WallTime time) {
    return timeline::nextHybrid(timeline::HybridTime{}, time);
}

}  // namespace

/// What a device that keeps to no rule may send in its own conversation, over a real connection to a whole node.
class BadEntriesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void refusesThemWithASentenceAndGoesOn_data();
    void refusesThemWithASentenceAndGoesOn();
    void showsTextsWithoutControlCharacters();
    void aClockYearsAheadMovesNoOthersClock();

private:
    void meet();
    [[nodiscard]] CheckedEntry next(const wire::Content& content, WallTime at = SystemClock().wall());
    void send(EntryNumber first, const std::vector<CheckedEntry>& run);

    std::unique_ptr<Person> m_ann;
    std::shared_ptr<const net::LocalIdentity> m_identity;
    std::unique_ptr<RawPeer> m_peer;
    ConversationId m_conversation;
    timeline::TimelineTip m_tip;
    SystemRandom m_random;
};

void BadEntriesTest::init() {
    m_ann = std::make_unique<Person>(kAnn, allowingAll());
    m_ann->start();
    m_identity = landline::test::makeIdentity();
    m_tip = {};
    m_conversation = identity::directConversation(m_identity->certificate.person(), m_ann->self().person);
    meet();
}

void BadEntriesTest::cleanup() {
    m_peer.reset();
    m_ann.reset();
}

void BadEntriesTest::meet() {
    m_peer = std::make_unique<RawPeer>(m_ann->self().port, quint16(0), wire::Purpose::Conversation,
                                       std::optional<wire::TransferId>(), m_identity);
    const auto isListed = [this] {
        return std::any_of(
            m_peer->received.begin(), m_peer->received.end(),
            [](const wire::Message& message) { return std::holds_alternative<wire::HeadsDigest>(message); });
    };
    QTRY_VERIFY_WITH_TIMEOUT(isListed(), kPatience);
    m_peer->send(wire::HeadsDigest{{{m_conversation, Hash128()}}});
}

CheckedEntry BadEntriesTest::next(const wire::Content& content, WallTime at) {
    const CheckedEntry entry = timeline::makeEntry(m_conversation, m_identity->keys, m_identity->certificate,
                                                   m_tip, clockAt(at), content, m_random);
    m_tip = {entry.header.number, entry.hash};
    return entry;
}

void BadEntriesTest::send(EntryNumber first, const std::vector<CheckedEntry>& run) {
    wire::Entries entries{m_conversation, m_identity->certificate.device(), first, {}};
    for (const CheckedEntry& entry : run) entries.entries.push_back(entry.bytes);
    m_peer->send(entries);
}

void BadEntriesTest::refusesThemWithASentenceAndGoesOn_data() {
    QTest::addColumn<int>("fault");
    int number = 0;
    for (const char* const fault :
         {"a wrong signature", "a gap", "a wrong previous hash", "a re-encoded header", "another payload",
          "a text that is no UTF-8", "garbage"})
        QTest::newRow(fault) << number++;
}

void BadEntriesTest::refusesThemWithASentenceAndGoesOn() {
    QFETCH(int, fault);
    const std::vector<CheckedEntry> good{next(wire::Text{"one", {}}), next(wire::Text{"two", {}}),
                                         next(wire::Text{"three", {}})};
    std::vector<CheckedEntry> bad = good;
    if (fault == 0) bad.back().bytes.signature.span()[5] ^= 1;
    if (fault == 1) bad.erase(bad.begin() + 1);
    if (fault == 2) {
        m_tip = {1, bad[1].hash};
        bad[1] = next(wire::Text{"two", {}});
    }
    if (fault == 3) {
        Bytes& header = bad.back().bytes.header;
        std::rotate(header.begin(), header.begin() + 2 + ConversationId::kSize, header.end());
    }
    if (fault == 4) bad.back().bytes.payload.back() ^= 1;
    if (fault == 5) {
        m_tip = {2, good[1].hash};
        bad[2] = next(wire::Text{"\xff\xfe", {}});
    }
    if (fault == 6) bad.back().bytes.header = Bytes(200, 0x5A);
    QSignalSpy problem(m_ann->messenger(), &Messenger::problem);
    send(1, bad);
    QTRY_VERIFY_WITH_TIMEOUT(!problem.isEmpty(), kPatience);
    QVERIFY(problem.first().at(1).toString().endsWith(u'.'));
    QVERIFY(m_ann->textsWith(kRaw).size() < 3);
    // The session goes on, and what is right is taken.
    send(1, good);
    const QStringList texts{QStringLiteral("one"), QStringLiteral("two"), QStringLiteral("three")};
    QTRY_COMPARE_WITH_TIMEOUT(m_ann->textsWith(kRaw), texts, kPatience);
    QVERIFY(!m_peer->ended);
}

void BadEntriesTest::showsTextsWithoutControlCharacters() {
    send(1, {next(wire::Text{"pay \u202E001\u202C\u0007 now\u001B[2J", {}})});
    QTRY_COMPARE_WITH_TIMEOUT(m_ann->textsWith(kRaw), QStringList{QStringLiteral("pay 001 now[2J")},
                              kPatience);
}

void BadEntriesTest::aClockYearsAheadMovesNoOthersClock() {
    const WallTime now = SystemClock().wall();
    send(1, {next(wire::Text{"from the future", {}}, now + std::chrono::hours(24 * 365 * 10))});
    QTRY_COMPARE_WITH_TIMEOUT(m_ann->textsWith(kRaw).size(), 1, kPatience);
    const auto answer = m_ann->send(kRaw, QStringLiteral("today"));
    QVERIFY(answer);
    QVERIFY(answer->time < toUnixMillis(now + std::chrono::hours(1)));
    // The author's next entry, with the right time, heals the order.
    send(2, {next(wire::Text{"and back", {}}, now - std::chrono::hours(1))});
    const QStringList healed{QStringLiteral("from the future"), QStringLiteral("and back"),
                             QStringLiteral("today")};
    QTRY_COMPARE_WITH_TIMEOUT(m_ann->textsWith(kRaw), healed, kPatience);
}

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::BadEntriesTest)
#include "bad_entries_test.moc"
