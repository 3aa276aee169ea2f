#pragma once

#include "app/messenger/relay_inbox.h"
#include "app/messenger/relay_outbox.h"
#include "app/storage/deposit_table.h"
#include "app/storage/prekey_table.h"
#include "app/storage/relay_heads_table.h"
#include "app/storage/relay_table.h"
#include "p2p/base/hash.h"
#include "p2p/envelope/sealing.h"
#include "p2p/identity/direct_conversation.h"
#include "p2p/timeline/checked_entry.h"
#include "tests/app/messenger/shifted_clock.h"
#include "tests/support/seeded_random.h"

#include <QCoreApplication>
#include <QTemporaryDir>
#include <QTest>

namespace landline::app::test {

using landline::test::SeededRandom;

/// A person's device as the test knows it, with what it would give others at one relay.
struct Stranger {
    explicit Stranger(Random& random)
        : personKey(identity::SigningKey::generate(random)),
          keys(identity::DeviceKeys::generate(random)),
          certificate(identity::Certificate::issue(personKey, keys, SystemClock().wall())),
          prekeySecret(noise::KeyPair::generate(random)),
          prekey(envelope::Prekey::issue(keys, prekeySecret.publicKey, SystemClock().wall())),
          token(random.make<RelayToken>()) {}

    [[nodiscard]] DeviceId device() const { return keys.id(); }
    [[nodiscard]] PersonId person() const { return certificate.person(); }
    /// What a deposit holds for this device; empty where there is none, or it does not open.
    [[nodiscard]] std::optional<envelope::Opened> open(const wire::relay::Deposit& deposit) const {
        for (const wire::relay::Recipient& one : deposit.recipients) {
            if (one.to.device != device() || one.prekey != prekey.id()) continue;
            auto opened = envelope::open(one.seal, deposit.body, prekeySecret);
            if (opened) return *std::move(opened);
        }
        return std::nullopt;
    }
    /// Another prekey in the place of this one.
    void renewPrekey(Random& random) {
        prekeySecret = noise::KeyPair::generate(random);
        prekey = envelope::Prekey::issue(keys, prekeySecret.publicKey, SystemClock().wall());
    }

    /// Writes to `other`; nothing of it is known there before it comes.
    void say(const PersonId& other, const std::string& text, Random& random) {
        write(other, wire::Text{text, {}}, random);
    }
    void write(const PersonId& other, const wire::Content& content, Random& random) {
        const ConversationId conversation = identity::directConversation(person(), other);
        const auto now = SystemClock().wall();
        const auto entry =
            timeline::makeEntry(conversation, keys, certificate, tip, timeline::nextHybrid(clock, now),
                                content, random);
        clock = entry.header.clock;
        tip = {entry.header.number, entry.hash};
        if (written.entries.empty()) written = {conversation, device(), entry.header.number, {}};
        written.entries.push_back(entry.bytes);
    }
    /// What was written since the last time.
    [[nodiscard]] wire::Entries takeWritten() { return std::exchange(written, {}); }
    [[nodiscard]] wire::EnvelopeContent introduction() const {
        wire::EnvelopeContent content;
        content.certificate = certificate.encoded();
        content.name = "Somebody";
        return content;
    }

    identity::SigningKey personKey;
    identity::DeviceKeys keys;
    identity::Certificate certificate;
    noise::KeyPair prekeySecret;
    envelope::Prekey prekey;
    RelayToken token;
    timeline::TimelineTip tip;
    timeline::HybridTime clock = 0;
    wire::Entries written;
};

/// What the messenger does with relays, with a real store and without any network: the test says what relays tell. One's own
/// device and a contact, who can be left something at two relays.
class PostFixture {
public:
    /// Less patient than people are.
    [[nodiscard]] static RelayOutbox::Timing soon() {
        return {std::chrono::milliseconds(500), std::chrono::milliseconds(50)};
    }

    explicit PostFixture(QString sqliteOptions = {}, RelayOutbox::Timing timing = soon())
        : m_sqliteOptions(std::move(sqliteOptions)), m_timing(timing) {
        self = std::make_unique<Stranger>(random);
        friends = std::make_unique<Stranger>(random);
        context.identity = std::make_shared<net::LocalIdentity>(
            net::LocalIdentity{{identity::SigningKey::fromSeed(self->keys.signing.seed()),
                                identity::NoiseKeyPair::fromSecret(self->keys.noise.secret)},
                               self->certificate});
        direct = identity::directConversation(self->person(), friends->person());
        open();
        Database& db = *context.db;
        db.meet(friends->certificate, QStringLiteral("Friend"));
        db.setStanding(friends->person(), timeline::Standing::Accepted);
        db.relays().put(first, SystemClock().wall());
        (void)db.prekeys().putGrants(friends->device(), {{first, friends->token}, {second, friends->token}});
        db.relays().setEntered(first.key);
        commit();
        begin();
        confirmTokens();
        // The contact knows already where this device is.
        outbox->tellOfRelays();
        for (const OwedHeads& owed : db.relayHeads().owed()) db.relayHeads().paid(owed);
        commit();
    }
    ~PostFixture() { end(); }

    /// As after a crash: what was not committed is gone, and so is all that was known beside the store.
    void crash() {
        end();
        open();
        begin();
    }
    void commit() {
        if (const auto done = context.db->commit(); !done) qFatal("%s", done.error().text.c_str());
    }
    /// Lets what was planned happen.
    static void turn() {
        for (int i = 0; i < 5; ++i) QCoreApplication::processEvents();
    }

    // The person, and what sessions tell
    EntryNumber say(const std::string& text) { return sayTo(friends->person(), text); }
    EntryNumber sayTo(const PersonId& person, const std::string& text) {
        const ConversationId conversation = identity::directConversation(self->person(), person);
        timeline::TimelineTip tip;
        if (const auto head = context.db->head(conversation, self->device())) tip = {head->number, head->hash};
        const WallTime now = SystemClock().wall();
        const auto entry =
            timeline::makeEntry(conversation, self->keys, self->certificate, tip,
                                timeline::nextHybrid(context.db->clock(), now), wire::Text{text, {}}, random);
        timeline::Applier applier(*context.db, self->device());
        announcements->appended(conversation, applier.applyOwn(entry, now).appended);
        commit();
        announcements->committed();
        return entry.header.number;
    }
    /// The contact's device says that it holds this much.
    void hold(EntryNumber number) {
        wire::AuthorHead head;
        head.author = self->device();
        head.number = number;
        const auto held = context.db->read(direct, self->device(), number, 1, 1);
        if (!held.empty()) head.hash = truncated(timeline::entryHash(held.front()));
        marks->add(friends->device(), direct, {head});
        marks->flush();
    }

    // What relays tell
    void enter(const identity::RelayUrl& relay, RelayEpoch epoch = 5) {
        wire::relay::Welcome welcome;
        welcome.highest = welcome.highestHeads = lastNumber;
        welcome.hasAccount = relay == first;
        welcome.epoch = epoch;
        welcome.life = std::chrono::hours(24 * 14);
        accounts->told(relay.key, mailbox::Entered{welcome});
        if (welcome.hasAccount) confirmTokens();
        turn();
    }
    /// The own relay has the tokens that were made.
    void confirmTokens() {
        const auto tokens = context.db->relays().tokens(first.key);
        accounts->told(first.key, mailbox::TokensConfirmed{wire::relay::tokensDigest(tokens)});
    }
    void leave(const identity::RelayUrl& relay,
               std::chrono::milliseconds again = std::chrono::milliseconds(1000)) {
        accounts->down(relay.key, {{ErrorCode::Closed, "The relay is gone."}, again});
        turn();
    }
    /// Time goes by for the accounts at relays and what is left there, and they look what is due.
    void pass(Duration time) {
        clock.ahead += time;
        accounts->sessionsChanged();
        outbox->look(self->device());
        turn();
    }
    /// A contact's relay is being dialled, or visited.
    [[nodiscard]] bool isVisited(const identity::RelayUrl& relay) {
        // As many settings up as a test has.
        for (net::RelayNumber number = 1; number < 1000; ++number)
            if (accounts->keyOf(number) == relay.key) return true;
        return false;
    }
    /// It does not let in whoever comes by this token.
    void shutOut(const identity::RelayUrl& relay) {
        accounts->told(relay.key, mailbox::ShutOut{{wire::relay::Reason::NoAccount, {}, {}}});
        leave(relay, std::chrono::milliseconds(0));
    }
    /// A contact's relay is being visited, and lets this device in.
    [[nodiscard]] bool visits(const identity::RelayUrl& relay) {
        enter(relay);
        return accounts->open(relay.key).has_value();
    }
    /// The answer to the question that was asked last; nothing: there is no prekey.
    void answer(const identity::RelayUrl& relay, const std::optional<envelope::Prekey>& prekey) {
        ++asked;
        wire::relay::Prekeys prekeys{{{prekey ? prekey->encoded() : Bytes{}, wire::relay::Reason::NoPrekey}}};
        outbox->answered(relay.key, {asked, std::move(prekeys)});
        turn();
    }
    void held(const identity::RelayUrl& relay, DepositCounter counter,
              std::chrono::milliseconds life = std::chrono::hours(24 * 14)) {
        outbox->changed(relay.key, {counter, {friends->device()}, SystemClock().wall() + life, {}});
        turn();
    }
    /// That it is held for all for whom it is.
    [[nodiscard]] static mailbox::DepositChanged holds(const UnansweredDeposit& deposit) {
        mailbox::DepositChanged changed{deposit.counter, {}, SystemClock().wall() + std::chrono::hours(24 * 14), {}};
        for (const wire::relay::Recipient& one : deposit.message.recipients) changed.held.push_back(one.to.device);
        return changed;
    }
    void failed(const identity::RelayUrl& relay, DepositCounter counter,
                std::optional<wire::relay::Reason> reason) {
        outbox->changed(relay.key, {counter, {}, {}, {{friends->device(), reason}}});
        turn();
    }
    /// In, with the contact's prekey known: what is said from now on is left there.
    void enterWithPrekey(const identity::RelayUrl& relay) {
        (void)context.db->prekeys().put(relay.key, friends->prekey, SystemClock().wall());
        commit();
        enter(relay);
    }

    /// An envelope by that device, as the relay would give it.
    [[nodiscard]] wire::relay::Item sealed(const Stranger& from, const wire::EnvelopeContent& content) {
        const envelope::Prekey& prekey = accounts->ring(first.key)->newest()->prekey;
        const NoiseKey key = prekey.key();
        auto made = envelope::seal(content, std::span(&key, 1), from.keys.noise, random).value();
        return {++lastNumber, prekey.id(), std::move(made.seals.at(0)), std::move(made.body)};
    }
    void arrive(std::vector<wire::relay::Item> items, RelayEpoch epoch = 5, std::uint64_t missed = 0) {
        lastNumber += missed;
        inbox->arrived(accounts->open(first.key)->number,
                       {epoch, wire::relay::Box::Messages, std::move(items), lastNumber, missed});
        while (!inbox->isEmpty()) inbox->flush();
        turn();
    }
    void deliver(const Stranger& from, const wire::EnvelopeContent& content) {
        arrive({sealed(from, content)});
    }
    [[nodiscard]] QStringList textsFrom(const Stranger& from) {
        HistoryQuery query;
        query.conversation = identity::directConversation(self->person(), from.person());
        query.limit = 1000;
        QStringList texts;
        for (const MessageRecord& message : context.db->history(query))
            if (!message.own) texts.push_back(message.text);
        return texts;
    }
    [[nodiscard]] bool owesHeadsTo(const Stranger& other) {
        for (const OwedHeads& owed : context.db->relayHeads().owed())
            if (owed.device == other.device()) return true;
        return false;
    }
    [[nodiscard]] MailboxNumber position() {
        return context.db->relays().position(first.key, wire::relay::Box::Messages).through;
    }

    [[nodiscard]] std::vector<UnansweredDeposit> unanswered(const identity::RelayUrl& relay) {
        return context.db->deposits().unanswered(relay.key);
    }
    /// The texts in it, in their order, as the contact's device reads them.
    [[nodiscard]] QStringList textsIn(const UnansweredDeposit& deposit) const {
        QStringList texts;
        const auto opened = friends->open(deposit.message);
        if (!opened) return {QStringLiteral("not opened")};
        for (const wire::Entries& run : opened->content.entries)
            for (const wire::SignedEntry& entry : run.entries) {
                const auto checked = timeline::checkEntry(entry);
                const auto* const text =
                    checked && checked->content ? std::get_if<wire::Text>(&*checked->content) : nullptr;
                texts.push_back(text ? QString::fromStdString(text->text) : QStringLiteral("no text"));
            }
        return texts;
    }
    [[nodiscard]] MessageState stateOf(EntryNumber number) {
        const auto message = context.db->message({direct, {self->device(), number}});
        return message ? message->state : MessageState::Failed;
    }

    SeededRandom random{31};
    ShiftedClock clock;  ///< of the accounts at relays, and of what rests
    identity::RelayUrl first{"127.0.0.1", 1, random.make<NoiseKey>(), {}};
    identity::RelayUrl second{"127.0.0.1", 2, random.make<NoiseKey>(), {}};
    std::unique_ptr<Stranger> self;
    std::unique_ptr<Stranger> friends;
    ConversationId direct;
    Context context;
    std::unique_ptr<Contacts> contacts;
    std::unique_ptr<Announcements> announcements;
    std::unique_ptr<Ingest> ingest;
    std::unique_ptr<Marks> marks;
    std::unique_ptr<RelayAccounts> accounts;
    std::unique_ptr<RelayOutbox> outbox;
    std::unique_ptr<RelayInbox> inbox;
    QStringList told;  ///< "held 3", "delivered 3", …
    std::vector<Error> errors;
    quint64 asked = 0;
    Duration heedLossOnce = limits::kLostToldOnce;  ///< from the next start on
    LostPatience::Limits patience;  ///< in effect from the next start
    bool isOpenToAll = false;  ///< strangers are accepted
    bool isCloneSuspected = false;
    int standingsChanged = 0;
    int personsChanged = 0;
    MailboxNumber lastNumber = 0;

private:
    void open() {
        auto opened = Database::open(m_folder.path(), self->person(), m_sqliteOptions);
        if (!opened) qFatal("%s", opened.error().text.c_str());
        context.db = std::move(opened->database);
        context.db->meet(self->certificate, QStringLiteral("Myself"));
        commit();
    }
    void tell(const char* what, const MessageRecord& message) {
        told.push_back(QString::fromLatin1(what) + u' ' + QString::number(message.ref.entry.number));
    }
    void begin() {
        asked = 0;
        // Never started, so nothing is dialled.
        net::NodeConfig config;
        config.discovery = false;
        m_node = std::make_unique<net::Node>(config, context.identity);
        context.node.attach(m_node.get());
        const auto failure = [this](const Error& error) { errors.push_back(error); };
        contacts = std::make_unique<Contacts>(context);
        announcements = std::make_unique<Announcements>(context);
        accounts = std::make_unique<RelayAccounts>(
            context, *contacts, clock,
            RelayAccounts::Outcome{[this](const RelayKey& relay) { outbox->opened(relay); },
                                   [this](const RelayKey& relay) { outbox->closed(relay); },
                                   [](const RelayView&) {}, [](const RelayKey&) {},
                                   [this] { outbox->headsOwed(); },
                                   [](const DeviceId&, bool) {}, failure});
        outbox = std::make_unique<RelayOutbox>(
            context, *contacts, *accounts,
            RelayOutbox::Outcome{
                [this](const MessageRecord& message) { tell("changed", message); },
                [this](const MessageRecord& message, const PersonId&) { tell("held", message); }, failure},
            m_timing);
        ingest = std::make_unique<Ingest>(
            context, *announcements,
            Ingest::Outcome{[](const timeline::ApplyResult&) {},
                            [this](const timeline::ApplyResult& result, const ConversationId&) {
                                isCloneSuspected = isCloneSuspected || result.cloneSuspected;
                            },
                            failure});
        marks = std::make_unique<Marks>(
            context, *announcements,
            Marks::Outcome{
                [this](const MessageRecord& message, const PersonId&) { tell("delivered", message); },
                [this](const MessageRecord& message, const PersonId&) { tell("read", message); },
                [](const ConversationId&) {}, failure,
                [this](const std::vector<SettledDeposit>& settled) { outbox->ended(settled); }});
        inbox = std::make_unique<RelayInbox>(
            context, RelayInbox::Parts{*announcements, *ingest, *marks, *accounts, *outbox, heedLossOnce},
            RelayInbox::Outcome{[this](const PersonId& person) {
                                    if (!isOpenToAll) return false;
                                    context.db->setStanding(person, timeline::Standing::Accepted);
                                    return true;
                                },
                                [this] { ++standingsChanged; }, [this](const PersonId&) { ++personsChanged; },
                                [this](const DeviceId& device) { outbox->hope(device); }, failure},
            patience);
        announcements->onAppended([this](const ConversationId& id) { outbox->lookAt(id); });
        accounts->attach(true);
        outbox->lookAtAll();
        turn();
    }
    void end() {
        inbox.reset();
        outbox.reset();
        accounts.reset();
        marks.reset();
        ingest.reset();
        announcements.reset();
        contacts.reset();
        context.node.attach(nullptr);
        m_node.reset();
        context.db.reset();
        context.forgetAll();
    }

    QString m_sqliteOptions;
    RelayOutbox::Timing m_timing;
    QTemporaryDir m_folder;
    std::unique_ptr<net::Node> m_node;
};

}  // namespace landline::app::test
