// Stores that are old copies, and forks, as they show in what comes from mailboxes: with a real store, where the test says
// what relays tell.
#include "tests/app/messenger/post_fixture.h"

namespace landline::app::test {

namespace {

/// The friend's complete heads: how far it holds its own timeline, and another's.
wire::EnvelopeContent statementOf(PostFixture& f, std::uint64_t counter,
                                  const std::vector<wire::AuthorHead>& heads) {
    const wire::HeadsStatement statement{f.friends->device(), counter, {{f.direct, heads, true}}, 0};
    wire::EnvelopeContent content;
    content.heads.push_back(envelope::signHeads(statement, f.friends->keys.signing));
    return content;
}

wire::AuthorHead headOf(const DeviceId& author, EntryNumber number, const Hash128& hash) {
    wire::AuthorHead head;
    head.author = author;
    head.number = number;
    head.hash = hash;
    return head;
}

Hash128 hashAt(PostFixture& f, const DeviceId& author, EntryNumber number) {
    const auto held = f.context.db->read(f.direct, author, number, 1, 1);
    if (held.empty()) qFatal("no such entry");
    return truncated(timeline::entryHash(held.front()));
}

std::uint64_t later() {
    return static_cast<std::uint64_t>(toUnixMillis(SystemClock().wall() + std::chrono::seconds(5)));
}

/// The evidence in the deposits that have no answer yet, where they are sealed to the friend's prekey of now.
std::vector<wire::ForkEvidence> evidenceIn(PostFixture& f) {
    std::vector<wire::ForkEvidence> result;
    for (const UnansweredDeposit& one : f.unanswered(f.first)) {
        const auto opened = f.friends->open(one.message);
        if (!opened) continue;
        for (const wire::ForkEvidence& fork : opened->content.forks) result.push_back(fork);
    }
    return result;
}

void hear(PostFixture& f, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) f.friends->say(f.self->person(), text, f.random);
    wire::EnvelopeContent content;
    content.entries.push_back(f.friends->takeWritten());
    f.deliver(*f.friends, content);
}

/// Entries after `tip` that this device's key signs, though its store does not know of them.
wire::ForkEvidence writtenElsewhere(PostFixture& f, timeline::TimelineTip tip, int count) {
    wire::ForkEvidence evidence{f.direct, f.self->device(), {}};
    timeline::HybridTime clock = timeline::hybridFrom(SystemClock().wall());
    for (int i = 0; i < count; ++i) {
        const auto entry = timeline::makeEntry(f.direct, f.self->keys, f.self->certificate, tip, ++clock,
                                               wire::Text{"elsewhere", {}}, f.random);
        tip = {entry.header.number, entry.hash};
        evidence.headers.push_back({entry.bytes.header, entry.bytes.signature, {}, {}});
    }
    return evidence;
}

timeline::TimelineTip tipOf(PostFixture& f) {
    const auto head = f.context.db->head(f.direct, f.self->device());
    return {head->number, head->hash};
}

}  // namespace

class RelayForksTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void whoRunsFromAnOldCopyIsSentItsOwnHeadersOnce() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        hear(f, {"one", "two", "three"});
        const DeviceId device = f.friends->device();
        const Hash128 second = hashAt(f, device, 2);
        // From before the third was written, though it comes after it.
        f.deliver(*f.friends, statementOf(f, 5, {headOf(device, 2, second)}));
        QVERIFY(evidenceIn(f).empty());
        f.deliver(*f.friends, statementOf(f, later(), {headOf(device, 2, second)}));
        const auto evidence = evidenceIn(f);
        QCOMPARE(evidence.size(), 1U);
        QCOMPARE(evidence[0].author, device);
        QCOMPARE(evidence[0].headers.size(), 3U);
        QVERIFY(evidence[0].headers[0].payload.empty());
        // Nor again with the next statement, over a restart, or where nothing at all is left of the timeline.
        f.deliver(*f.friends, statementOf(f, later() + 1, {headOf(device, 2, second)}));
        f.crash();
        f.enter(f.first);
        f.deliver(*f.friends, statementOf(f, later() + 2, {}));
        QCOMPARE(evidenceIn(f).size(), 1U);
    }

    void evidenceThatARelayDidNotTakeIsLeftAgain() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        hear(f, {"one", "two"});
        f.deliver(*f.friends, statementOf(f, later(), {}));
        QCOMPARE(evidenceIn(f).size(), 1U);
        DepositCounter counter = 0;
        for (const UnansweredDeposit& one : f.unanswered(f.first))
            if (!f.friends->open(one.message)->content.forks.empty()) counter = one.counter;
        f.failed(f.first, counter, wire::relay::Reason::OldPrekey);
        QVERIFY(evidenceIn(f).empty());
        f.friends->renewPrekey(f.random);
        f.answer(f.first, f.friends->prekey);
        QCOMPARE(evidenceIn(f).size(), 1U);
        // Once it is held nothing of it is left here.
        for (const UnansweredDeposit& one : f.unanswered(f.first)) f.held(f.first, one.counter);
        QVERIFY(evidenceIn(f).empty());
        QVERIFY(f.context.db->relayHeads().owedEvidence().empty());
    }

    void aBareHeadBeyondOnesOwnIsAnsweredWithHeadsAndHoldsNothingBack() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        const DeviceId self = f.self->device();
        f.deliver(*f.friends, statementOf(f, 5, {headOf(self, 9, f.random.make<Hash128>())}));
        QVERIFY(!f.isCloneSuspected);
        QVERIFY(QTest::qWaitFor(
            [&] {
                for (const UnansweredDeposit& one : f.unanswered(f.first))
                    if (one.message.box == wire::relay::Box::Heads) return true;
                return false;
            },
            60'000));
        // Whatever it claims, it is given what is written here.
        f.say("two");
        PostFixture::turn();
        QStringList texts;
        for (const UnansweredDeposit& one : f.unanswered(f.first)) texts += f.textsIn(one);
        QCOMPARE(texts, QStringList({QStringLiteral("one"), QStringLiteral("two")}));
    }

    /// It believes its own signature, and nothing less.
    void ownHeadersBeyondOnesOwnHeadAreAClone() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        wire::EnvelopeContent content;
        content.forks = {writtenElsewhere(f, tipOf(f), 2)};
        auto forged = content;
        forged.forks[0].headers.back().signature = forged.forks[0].headers.front().signature;
        f.deliver(*f.friends, forged);
        QVERIFY(!f.isCloneSuspected);
        f.deliver(*f.friends, content);
        QVERIFY(f.isCloneSuspected);
        QVERIFY(!f.context.db->head(f.direct, f.self->device())->end);
    }

    void strangersToAConversationBringNoEvidenceOfIt() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        const Stranger stranger(f.random);
        wire::EnvelopeContent content = stranger.introduction();
        content.forks = {writtenElsewhere(f, tipOf(f), 2)};
        f.deliver(stranger, content);
        QVERIFY(!f.isCloneSuspected);
    }

    void anotherHashIsAnsweredWithHeadersAndTheirsEndTheTimeline() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        f.say("one");
        const timeline::TimelineTip before = tipOf(f);
        f.say("two");
        const DeviceId self = f.self->device();
        f.deliver(*f.friends, statementOf(f, 5, {headOf(self, 2, f.random.make<Hash128>())}));
        const auto evidence = evidenceIn(f);
        QCOMPARE(evidence.size(), 1U);
        QCOMPARE(evidence[0].headers.size(), 2U);
        wire::EnvelopeContent content;
        content.forks = {writtenElsewhere(f, before, 1)};
        f.deliver(*f.friends, content);
        QVERIFY(f.isCloneSuspected);
        QCOMPARE(f.context.db->head(f.direct, self)->end, std::optional<EntryNumber>(1));
    }

    void entriesThatForkAreAnsweredWithTheProof() {
        PostFixture f;
        f.enterWithPrekey(f.first);
        hear(f, {"one"});
        const auto tip = f.friends->tip;
        hear(f, {"two"});
        f.friends->tip = tip;
        hear(f, {"another two"});
        const auto evidence = evidenceIn(f);
        QCOMPARE(evidence.size(), 1U);
        QCOMPARE(evidence[0].headers.size(), 2U);
        QVERIFY(evidence[0].headers[0].header != evidence[0].headers[1].header);
        QCOMPARE(f.context.db->head(f.direct, f.friends->device())->end, std::optional<EntryNumber>(1));
        // Who has not heard of it yet, and states what lies beyond the end, gets it once more when an hour is over; not sooner.
        f.deliver(*f.friends,
                  statementOf(f, later(), {headOf(f.friends->device(), 2, f.random.make<Hash128>())}));
        QCOMPARE(evidenceIn(f).size(), 1U);
    }
};

}  // namespace landline::app::test

QTEST_GUILESS_MAIN(landline::app::test::RelayForksTest)
#include "relay_forks_test.moc"
