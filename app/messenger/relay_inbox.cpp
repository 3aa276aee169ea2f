#include "app/messenger/relay_inbox.h"

#include "app/storage/prekey_table.h"
#include "app/storage/relay_heads_table.h"
#include "app/storage/relay_table.h"
#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"
#include "p2p/envelope/sealing.h"

#include <algorithm>

namespace landline::app {

namespace {

/// As Ingest's.
constexpr std::size_t kMailBatchBytes = 512 * 1024;
/// How many of the lost envelopes contacts were last told of.
constexpr QLatin1String kLostTold("relay_lost_told");
/// What of strangers there was no place for.
constexpr QLatin1String kTurnedAway("relay_turned_away");
/// Something of strangers was acknowledged and dropped, ever.
constexpr QLatin1String kDropped("relay_dropped");

/// A device lost something since what was held for it was given up.
QString unheededKey(const DeviceId& device) {
    return QStringLiteral("loss_unheeded.") + QString::fromStdString(toHex(device.view()));
}

std::size_t bytesOf(const mailbox::Arrived& arrived) {
    std::size_t bytes = 0;
    for (const wire::relay::Item& item : arrived.items) bytes += item.bytes();
    return bytes;
}

}  // namespace

RelayInbox::RelayInbox(Context& context, Parts parts, Outcome outcome, LostPatience::Limits patience)
    : m_context(context),
      m_parts(parts),
      m_outcome(std::move(outcome)),
      m_limits(patience),
      m_patience(patience),
      m_forks(context) {
    m_lostTimer.setSingleShot(true);
    QObject::connect(&m_lostTimer, &QTimer::timeout, &m_lostTimer, [this] { begin(); });
    m_heedTimer.setSingleShot(true);
    QObject::connect(&m_heedTimer, &QTimer::timeout, &m_heedTimer, [this] { heedLater(); });
}

void RelayInbox::arrived(net::RelayNumber relay, const mailbox::Arrived& arrived) {
    m_waiting.push_back({relay, arrived});
}

void RelayInbox::begin() {
    if (!m_context.db) return;
    readUnheeded();
    oweForLost();
    if (const auto done = m_context.commit(); !done) return m_outcome.failed(done.error());
    m_parts.outbox.headsOwed();
}

void RelayInbox::forgetAll() {
    m_waiting.clear();
    m_lostTimer.stop();
    m_heedTimer.stop();
    m_heeded.clear();
    m_unheeded.clear();
    m_isUnheededRead = false;
    m_patience = LostPatience(m_limits);
}

void RelayInbox::flush() {
    if (m_waiting.empty()) return;
    Batch batch(m_context);
    std::size_t bytes = 0;
    while (!m_waiting.empty() && bytes < kMailBatchBytes) {
        const Waiting waiting = std::move(m_waiting.front());
        m_waiting.pop_front();
        bytes += bytesOf(waiting.arrived);
        if (const auto relay = m_parts.accounts.keyOf(waiting.number)) take(*relay, waiting, batch);
    }
    if (batch.lost != 0) {
        m_context.db->relayHeads().addLost(batch.lost);
        m_patience.lost(m_context.clock.mono());
        if (!m_lostTimer.isActive()) oweForLost();
        batch.isOwed = true;
    }
    if (batch.turnedAway != 0)
        m_context.db->setSetting(kTurnedAway, QString::number(turnedAway() + batch.turnedAway));
    if (batch.turnedAway != 0 || batch.isDropped) m_context.db->setSetting(kDropped, QStringLiteral("1"));
    if (const auto committed = m_context.commit(); !committed) return undone(batch, committed.error());
    done(batch);
}

quint64 RelayInbox::turnedAway() {
    return m_context.db->setting(kTurnedAway).toULongLong();
}

void RelayInbox::forgetTurnedAway() {
    if (turnedAway() != 0) m_context.db->setSetting(kTurnedAway, {});
}

/// Whoever can leave garbage must not have everybody told of it each time.
void RelayInbox::oweForLost() {
    if (isLostTold()) return;
    m_context.db->relayHeads().oweContacts();
    setLostTold();
    m_lostTimer.start(std::chrono::ceil<std::chrono::milliseconds>(m_patience.told()));
}

bool RelayInbox::isLostTold() {
    return m_context.db->setting(kLostTold).toULongLong() == m_context.db->relayHeads().lost();
}

void RelayInbox::setLostTold() {
    m_context.db->setSetting(kLostTold, QString::number(m_context.db->relayHeads().lost()));
}

void RelayInbox::accepted(const PersonRecord& person) {
    Database& db = *m_context.db;
    // Whose it was that was dropped nobody remembers.
    const bool mayLack = person.standing != timeline::Standing::Stranger ||
                         db.strangerUse(person.id).entries != 0 || !db.setting(kDropped).isEmpty() ||
                         db.hasForgottenStrangers();
    bool isOwed = false;
    for (const DeviceRecord& device : person.devices) {
        if (!mayLack || db.prekeys().grants(device.id).empty()) continue;
        db.relayHeads().owe(device.id);
        isOwed = true;
    }
    if (!isOwed) return;
    // As if it had been lost, but for this person alone.
    const bool isTold = isLostTold();
    db.relayHeads().addLost(1);
    if (isTold) setLostTold();
}

// Opening ------------------------------------------------------------------------------------------------------------------

void RelayInbox::take(const RelayKey& relay, const Waiting& waiting, Batch& batch) {
    const mailbox::Arrived& arrived = waiting.arrived;
    envelope::PrekeyRing* const ring = m_parts.accounts.ring(relay);
    if (!ring) return;
    RelayTable& table = m_context.db->relays();
    mailbox::Position position = table.position(relay, arrived.box);
    const bool isSameEpoch = position.epoch == arrived.epoch;
    if (isSameEpoch && arrived.from > position.through) return;
    for (const wire::relay::Item& item : arrived.items)
        if (!isSameEpoch || item.number > position.through) open(*ring, item, batch);
    if (!isSameEpoch || arrived.through > position.through) {
        batch.lost += arrived.missed;
        position = {arrived.epoch, arrived.through};
        table.setPosition(relay, arrived.box, position);
    }
    batch.relays.insert(relay);
    batch.committed.push_back({waiting.number, arrived.box, position});
}

void RelayInbox::open(envelope::PrekeyRing& ring, const wire::relay::Item& item, Batch& batch) {
    const auto prekey = ring.find(item.prekey);
    auto opened = prekey ? std::optional(envelope::open(item.seal, item.body, *prekey)) : std::nullopt;
    if (!opened || !*opened) {
        ++batch.lost;
        return;
    }
    const wire::EnvelopeContent& content = (*opened)->content;
    bool isKnown = true;
    const auto sender = senderOf((*opened)->depositor, content, isKnown, batch);
    // Who is not known takes us for somebody who knows: once told of a loss it introduces itself again.
    if (!isKnown) ++batch.lost;
    if (!sender) return;
    takeIntroduction(*sender, content, batch);
    letIn(sender->person, batch);
    takeEntries(*sender, content.entries, batch);
    takeForks(*sender, content.forks, batch);
    for (const wire::SignedHeads& heads : content.heads) takeHeads(heads, batch);
}

// Whose it is --------------------------------------------------------------------------------------------------------------

std::optional<RelayInbox::Sender> RelayInbox::senderOf(const NoiseKey& depositor,
                                                       const wire::EnvelopeContent& content, bool& isKnown,
                                                       Batch& batch) {
    Sender sender;
    if (!content.certificate.empty()) {
        const auto certificate = identity::Certificate::parse(content.certificate);
        if (!certificate || certificate->noiseKey() != depositor) return std::nullopt;
        if (!meet(*certificate, content.name, batch)) return std::nullopt;
        sender = {certificate->device(), certificate->person()};
    } else {
        const auto device = m_context.db->deviceWith(depositor);
        const auto person = device ? m_context.personOf(*device) : std::nullopt;
        isKnown = person.has_value();
        if (!person) return std::nullopt;
        sender = {*device, *person};
    }
    if (sender.device == m_context.selfDevice()) return std::nullopt;
    if (m_context.db->standing(sender.person) == timeline::Standing::Blocked) return std::nullopt;
    return sender;
}

/// False for who is known as somebody else, or is not let in.
bool RelayInbox::meet(const identity::Certificate& certificate, const std::string& name, Batch& batch) {
    Database& db = *m_context.db;
    const PersonId person = certificate.person();
    if (const auto known = m_context.personOf(certificate.device()); known && *known != person) return false;
    if (db.standing(person) == timeline::Standing::Blocked) return false;
    const QString clean = QString::fromStdString(sanitizedName(name, limits::kNameBytes));
    const auto before = db.person(person);
    if (!db.meetByRelay(certificate, clean, m_context.clock.wall())) {
        ++batch.turnedAway;
        return false;
    }
    const bool isNewDevice =
        before && std::none_of(before->devices.begin(), before->devices.end(),
                               [&](const DeviceRecord& one) { return one.id == certificate.device(); });
    if (before && !isNewDevice) return true;
    m_context.forgetPerson(person);
    batch.persons.insert(person);
    return true;
}

void RelayInbox::letIn(const PersonId& person, Batch& batch) {
    if (m_context.db->standing(person) != timeline::Standing::Stranger) return;
    const auto before = m_context.db->person(person);
    if (!before || before->self || !m_outcome.met(person)) return;
    accepted(*before);
    batch.isOwed = true;
    batch.persons.insert(person);
    batch.letIn.insert(person);
}

/// One that is older than what is known would undo it, whichever way it took so long.
void RelayInbox::takeIntroduction(const Sender& sender, const wire::EnvelopeContent& content, Batch& batch) {
    Database& db = *m_context.db;
    const bool hasName = !content.certificate.empty();
    if (!hasName && content.told == wire::ToldRelays{}) return;
    if (!db.prekeys().takeEdition(sender.device, content.edition)) return;
    if (m_parts.accounts.grantsReceived(sender.device, content.told)) {
        batch.granted.insert(sender.device);
        const auto settled = m_parts.outbox.leaveOthers(sender.device, batch.watch);
        batch.settled.insert(batch.settled.end(), settled.begin(), settled.end());
    }
    const QString name = QString::fromStdString(sanitizedName(content.name, limits::kNameBytes));
    if (!hasName || name.isEmpty() || sender.person == m_context.selfPerson()) return;
    if (name == m_context.nameOf(sender.person)) return;
    db.setPersonName(sender.person, name);
    m_context.forgetPerson(sender.person);
    batch.persons.insert(sender.person);
}

bool RelayInbox::isContact(const PersonId& person) {
    return person == m_context.selfPerson() || m_context.db->standing(person) == timeline::Standing::Accepted;
}

bool RelayInbox::isShared(const ConversationId& conversation, const PersonId& person) {
    const std::vector<PersonId> members = m_context.db->members(conversation);
    return std::find(members.begin(), members.end(), person) != members.end();
}

// What is in it ------------------------------------------------------------------------------------------------------------

void RelayInbox::takeEntries(const Sender& sender, const std::vector<wire::Entries>& runs, Batch& batch) {
    const WallTime now = m_context.clock.wall();
    bool isTaken = false;
    for (const wire::Entries& run : runs) {
        // As sessions have it: of conversations with that person only.
        if (!isShared(run.conversation, sender.person)) continue;
        batch.applied.emplace_back(run.conversation, m_parts.ingest.apply(run, now));
        if (isContact(sender.person))
            m_forks.answer(sender.device, run.conversation, run.author, batch.applied.back().second,
                           batch.owed);
        else if (batch.applied.back().second.refused != 0)
            batch.isDropped = true;
        isTaken = true;
    }
    // Also where all of it was held already: the sender does not know.
    if (!isTaken || !isContact(sender.person)) return;
    m_context.db->relayHeads().owe(sender.device);
    batch.isOwed = true;
}

void RelayInbox::takeForks(const Sender& sender, const std::vector<wire::ForkEvidence>& forks, Batch& batch) {
    for (const wire::ForkEvidence& fork : forks) {
        if (fork.headers.empty() || !isShared(fork.conversation, sender.person)) continue;
        batch.applied.emplace_back(fork.conversation, m_parts.ingest.examine(fork));
        if (isContact(sender.person))
            m_forks.answer(sender.device, fork.conversation, fork.author, batch.applied.back().second,
                           batch.owed);
    }
}

void RelayInbox::takeHeads(const wire::SignedHeads& heads, Batch& batch) {
    const auto statement = envelope::verifiedHeads(heads);
    if (!statement) return;
    const auto person = m_context.personOf(statement->device);
    if (!person || statement->device == m_context.selfDevice()) return;
    Database& db = *m_context.db;
    if (db.standing(*person) == timeline::Standing::Blocked) return;
    for (const wire::Heads& one : statement->heads)
        if (isShared(one.conversation, *person) &&
            db.relayHeads().takeStatement(statement->device, one.conversation, statement->counter)) {
            m_parts.marks.take(statement->device, one.conversation, one.authors, batch.taken);
            if (isContact(*person)) m_forks.compare(*statement, one, batch.owed);
        }
    if (db.relayHeads().raiseLost(statement->device, statement->lost)) heedLoss(statement->device, batch);
}

// What others lost ---------------------------------------------------------------------------------------------------------

/// Whoever can say that it lost something must not have all of it sealed and left again each time.
void RelayInbox::heedLoss(const DeviceId& device, Batch& batch) {
    if (batch.heeded.count(device) != 0) return;
    const auto last = m_heeded.find(device);
    if (last == m_heeded.end() || m_context.clock.mono() - last->second >= m_parts.heedLossOnce)
        return giveUp(device, batch);
    m_context.db->setSetting(unheededKey(device), QStringLiteral("1"));
    batch.unheeded.insert(device);
}

void RelayInbox::giveUp(const DeviceId& device, Batch& batch) {
    const QString key = unheededKey(device);
    if (!m_context.db->setting(key).isEmpty()) m_context.db->setSetting(key, {});
    const auto settled = m_parts.outbox.giveUp(device, batch.watch);
    batch.settled.insert(batch.settled.end(), settled.begin(), settled.end());
    batch.heeded.insert(device);
    batch.unheeded.erase(device);
    batch.isOwed = true;
}

void RelayInbox::readUnheeded() {
    if (std::exchange(m_isUnheededRead, true)) return;
    for (const DeviceGrant& one : m_context.db->prekeys().allGrants())
        if (!m_context.db->setting(unheededKey(one.device)).isEmpty()) m_unheeded.insert(one.device);
    waitForUnheeded();
}

void RelayInbox::waitForUnheeded() {
    if (m_unheeded.empty()) return m_heedTimer.stop();
    const MonoTime now = m_context.clock.mono();
    Duration wait = m_parts.heedLossOnce;
    for (const DeviceId& device : m_unheeded) {
        const auto last = m_heeded.find(device);
        wait =
            std::min(wait, last == m_heeded.end() ? Duration(0) : last->second + m_parts.heedLossOnce - now);
    }
    m_heedTimer.start(std::chrono::ceil<std::chrono::milliseconds>(std::max(wait, Duration(0))));
}

void RelayInbox::heedLater() {
    if (!m_context.db) return;
    Batch batch(m_context);
    for (const DeviceId& device : m_unheeded) heedLoss(device, batch);
    if (const auto committed = m_context.commit(); !committed) {
        m_outcome.failed(committed.error());
        return m_heedTimer.start(std::chrono::ceil<std::chrono::milliseconds>(m_parts.heedLossOnce));
    }
    done(batch);
}

// After it -----------------------------------------------------------------------------------------------------------------

void RelayInbox::undone(const Batch& batch, const Error& error) {
    m_parts.announcements.undone();
    for (const PersonId& person : batch.persons) m_context.forgetPerson(person);
    for (const RelayKey& relay : batch.relays) m_parts.accounts.setUpAnew(relay);
    m_outcome.failed(error);
}

void RelayInbox::done(Batch& batch) {
    m_parts.announcements.committed();
    for (const Committed& one : batch.committed)
        m_context.node.post(
            [one](net::Node& node) { node.relayCommitted(one.number, one.box, one.position); });
    for (const auto& [conversation, result] : batch.applied) m_parts.ingest.tell(result, conversation);
    m_parts.marks.tellTicks(batch.taken);
    m_parts.marks.tellCommitted(batch.taken);
    const MonoTime now = m_context.clock.mono();
    std::erase_if(m_heeded, [&](const auto& one) { return now - one.second >= m_parts.heedLossOnce; });
    for (const DeviceId& device : batch.heeded) {
        m_heeded[device] = now;
        m_unheeded.erase(device);
    }
    m_unheeded.insert(batch.unheeded.begin(), batch.unheeded.end());
    waitForUnheeded();
    m_parts.outbox.ended(batch.settled);
    m_parts.outbox.tell(batch.watch);
    for (const DeviceId& device : batch.granted) m_outcome.granted(device);
    if (!batch.letIn.empty()) m_outcome.standingsChanged();
    for (const PersonId& person : batch.letIn) m_parts.outbox.lookAt(person);
    for (const PersonId& person : batch.persons) m_outcome.personChanged(person);
    for (const DeviceId& device : batch.owed.evidence) m_parts.outbox.look(device);
    if (batch.isOwed || batch.owed.areHeads) m_parts.outbox.headsOwed();
}

}  // namespace landline::app
