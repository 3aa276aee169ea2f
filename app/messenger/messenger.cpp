#include "app/messenger/messenger.h"

#include "app/messenger/messenger_impl.h"
#include "app/messenger/records_of.h"
#include "app/storage/profile.h"
#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"
#include "p2p/identity/direct_conversation.h"
#include "p2p/identity/safety_number.h"

#include <QDeadlineTimer>

#include <algorithm>
#include <limits>

namespace landline::app {

namespace {

constexpr std::chrono::seconds kTidyAfter{3};  ///< of quiet: erasures come in bursts
constexpr std::chrono::seconds kLookAgain{
    5};  ///< whether there is room on a disk, and whether whoever is fetched from still gives
constexpr std::chrono::seconds kTidyAtEnd{3};  ///< at most: a larger index is tidied by the next program

QString beforeBlock(const PersonId& person) {
    return QStringLiteral("unblocked.") + QString::fromStdString(toHex(person.view()));
}

}  // namespace

Messenger::Impl::Impl(Messenger& owner, std::unique_ptr<Database> database,
                      std::shared_ptr<const net::LocalIdentity> identity, Options opts)
    : q(owner),
      options(std::move(opts)),
      contacts(context),
      announcements(context),
      transfers(context, contacts, options.outbox, options.bundles,
                {[this](const TransferRecord& transfer) {
                     Q_EMIT q.transferChanged(transfer);
                     if (const auto message = context.db->message(transfer.offer))
                         Q_EMIT q.messageChanged(*message);
                 },
                 [this](const Error& error) { failed(error); },
                 [this](const TransferRecord& transfer) { Q_EMIT q.transferChanged(transfer); }}),
      ingest(context, announcements,
             {[this](const timeline::ApplyResult& result) { applying(result); },
              [this](const timeline::ApplyResult& result, const ConversationId& conversation) {
                  applied(result, conversation);
              },
              [this](const Error& error) { failed(error); }}),
      marks(context, announcements,
            {[this](const MessageRecord& message, const PersonId& person) {
                 // An empty file came whole with its offer.
                 if (message.file && !message.file->incoming && message.file->size == 0)
                     transfers.served(message.file->id, 0, true, {});
                 Q_EMIT q.delivered(message, person);
                 Q_EMIT q.messageChanged(message);
             },
             [this](const MessageRecord& message, const PersonId& person) {
                 Q_EMIT q.readBy(message, person);
                 Q_EMIT q.messageChanged(message);
             },
             [this](const ConversationId& conversation) {
                 if (const auto other = otherMember(conversation)) personChanged(*other);
             },
             [this](const Error& error) { failed(error); },
             [this](const std::vector<SettledDeposit>& settled) { outbox.ended(settled); }}),
      accounts(context, contacts, context.clock, relayOutcome()),
      outbox(context, contacts, accounts, outboxOutcome(), {}),
      inbox(context, {announcements, ingest, marks, accounts, outbox}, inboxOutcome(), {}),
      directory(context, accounts, [this](const RelayKey& relay, const ListedPeople& people) {
          Q_EMIT q.relayBrowsed(relay, people);
      }) {
    context.db = std::move(database);
    context.identity = std::move(identity);
    context.damaged = [this] { Q_EMIT q.storeDamaged(); };
    announcements.onAppended([this](const ConversationId& conversation) { outbox.lookAt(conversation); });
    watchStore();
    tidyTimer.setSingleShot(true);
    QObject::connect(&tidyTimer, &QTimer::timeout, &q, [this] {
        if (context.db->tidy()) tidySoon();
    });
    tidySoon();
    presenceTimer.setSingleShot(true);
    QObject::connect(&presenceTimer, &QTimer::timeout, &q, [this] { tellPresence(); });
    lookTimer.setSingleShot(true);
    lookTimer.setInterval(kLookAgain);
    QObject::connect(&lookTimer, &QTimer::timeout, &q, [this] {
        if (!context.db) return;
        transfers.arrange();
        if (transfers.goOnWithRoom() || transfers.isWaiting()) lookTimer.start();
    });
    QObject::connect(&q, &Messenger::transferChanged, &q, [this](const TransferRecord& transfer) {
        const bool waits = transfer.waitsForRoom || transfer.state == TransferState::Queued;
        if (waits && !lookTimer.isActive()) lookTimer.start();
    });
    takeKnownKinds();
    transfers.sweep();
    profile.name = context.db->setting(kNameSetting).toStdString();
    profile.statusText = context.db->setting(kStatusSetting).toStdString();
    const uint presence = context.db->setting(kPresenceSetting).toUInt();
    const bool isKnown = presence > 0 && presence <= static_cast<uint>(wire::Presence::Offline);
    profile.presence = isKnown ? static_cast<wire::Presence>(presence) : wire::Presence::Online;
}

Messenger::Messenger(std::unique_ptr<Database> database, std::shared_ptr<const net::LocalIdentity> identity,
                     Options options)
    : m(std::make_unique<Impl>(*this, std::move(database), std::move(identity), std::move(options))) {}

Messenger::~Messenger() {
    if (!m->context.db) return;
    m->flush();
    const QDeadlineTimer patience(kTidyAtEnd);
    while (m->context.db->hasErased() && m->context.db->tidy() && !patience.hasExpired()) continue;
}

void Messenger::Impl::takeKnownKinds() {
    for (const timeline::CheckedEntry& entry : context.db->showKnownKinds()) recordOffer(entry);
    // Where the disk takes nothing now it is done at the next start.
    (void)context.commit();
}

void Messenger::attach(net::Node* node) {
    m->context.node.attach(node);
    m->log.attach(node);
    m->contacts.reset();
    m->accounts.detach();
    m->directory.forgetAll();
    m->outbox.forgetAll();
    m->inbox.forgetAll();
    if (!node) return;
    m->connectNode(*node);
    m->connectRelays(*node);
    // Also after a database was put back from earlier: what it says now is later than what it said then.
    m->nameEdition();
    m->accounts.attach(m->isVisible());
    m->inbox.begin();
    m->outbox.lookAtAll();
    m->tellProfile();
    m->tellRefused();
    m->wantAcceptedPeople();
    m->applyTransferLimits();
    m->transfers.resumeAll();
    m->lookTimer.start();
}

void Messenger::Impl::watchStore() {
    context.db->onDamage([this] {
        QMetaObject::invokeMethod(
            &q, [this] { noticeDamage(); }, Qt::QueuedConnection);
    });
}

void Messenger::Impl::noticeDamage() {
    if (context.db && context.db->isDamaged()) (void)context.commit();
}

void Messenger::closeStore() {
    m->context.db.reset();
}

void Messenger::reportDamage() {
    m->context.db->reportDamage();
    (void)m->context.commit();
}

void Messenger::setStore(std::unique_ptr<Database> database) {
    m->context.db = std::move(database);
    m->watchStore();
    m->context.forgetAll();
    m->keepProfile();
    if (const auto done = m->context.commit(); !done) m->failed(done.error());
}

void Messenger::Impl::keepProfile() {
    const QString name = QString::fromStdString(profile.name);
    context.db->setSetting(kNameSetting, name);
    context.db->setPersonName(context.selfPerson(), name);
    context.db->setSetting(kPresenceSetting, QString::number(static_cast<uint>(profile.presence)));
    context.db->setSetting(kStatusSetting, QString::fromStdString(profile.statusText));
}

void Messenger::setIdentity(std::shared_ptr<const net::LocalIdentity> identity, const QString& store) {
    m->context.identity = std::move(identity);
    m->context.db->bindTo(store);
    m->context.db->meet(m->context.identity->certificate, QString::fromStdString(m->profile.name));
    if (const auto done = m->context.commit(); !done) m->failed(done.error());
    Q_EMIT selfChanged(self());
}

// Collecting work ---------------------------------------------------------------------------------------

void Messenger::Impl::flushSoon() {
    if (flushPosted) return;
    flushPosted = true;
    QMetaObject::invokeMethod(
        &q, [this] { flush(); }, Qt::QueuedConnection);
}

void Messenger::Impl::flush() {
    flushPosted = false;
    ingest.flush();
    marks.flush();
    inbox.flush();
    if (!ingest.isEmpty() || !marks.isEmpty() || !inbox.isEmpty())
        flushSoon();
    else
        tellChangedPersons();
}

void Messenger::Impl::tidySoon() {
    tidyTimer.start(kTidyAfter);
}

void Messenger::Impl::tellChangedPersons() {
    tellForgotten();
    if (changedPersons.empty()) return;
    for (const PersonView& view : contacts.views(std::exchange(changedPersons, {}))) Q_EMIT q.personChanged(view);
}

/// Their devices, where they are in sight, are such as nobody knows.
void Messenger::Impl::tellForgotten() {
    if (!context.db) return;
    bool isAny = false;
    for (const PersonId& person : context.db->takeForgotten()) {
        if (context.db->person(person)) continue;
        context.forgetDevicesOf(person);
        isAny = true;
        Q_EMIT q.personForgotten(person);
    }
    if (isAny) Q_EMIT q.unknownDevicesChanged();
}

void Messenger::Impl::failed(const Error& error) {
    Q_EMIT q.problem(QString::fromUtf8(errorName(error.code).data(), qsizetype(errorName(error.code).size())),
                     QString::fromStdString(error.text));
}

// People ---------------------------------------------------------------------------------------

void Messenger::Impl::want(const PersonRecord& person) {
    for (const DeviceRecord& device : person.devices) {
        if (device.id == context.selfDevice()) continue;
        context.node.post([contact = contacts.contact(device)](net::Node& node) { node.want(contact); });
    }
}

void Messenger::Impl::wantAcceptedPeople() {
    for (const PersonRecord& person : context.db->people())
        if (person.self || person.standing == timeline::Standing::Accepted) want(person);
}

void Messenger::Impl::tellRefused() {
    std::vector<PersonId> blocked;
    for (const PersonRecord& person : context.db->people())
        if (person.standing == timeline::Standing::Blocked) blocked.push_back(person.id);
    context.node.post([blocked](net::Node& node) { node.setRefused(blocked); });
}

void Messenger::Impl::tellProfile() {
    context.node.post([told = profile](net::Node& node) { node.setProfile(told); });
}

SelfView Messenger::self() {
    return {m->context.selfDevice(),
            m->context.selfPerson(),
            QString::fromStdString(m->profile.name),
            m->profile.presence,
            QString::fromStdString(m->profile.statusText),
            m->port};
}

Expected<void> Messenger::setName(const QString& name) {
    const std::string clean = sanitizedName(name.toStdString(), limits::kNameBytes);
    if (clean.empty())
        return Unexpected(ErrorCode::InvalidArgument, "A name needs at least one visible character.");
    m->profile.name = clean;
    m->keepProfile();
    m->nameEdition();
    m->context.forgetPerson(m->context.selfPerson());
    if (auto done = m->context.commit(); !done) return done;
    m->tellProfile();
    m->accounts.sessionsChanged();
    Q_EMIT renamed(QString::fromStdString(clean));
    Q_EMIT selfChanged(self());
    return {};
}

Expected<void> Messenger::setPresence(wire::Presence presence, const QString& statusText) {
    m->profile.presence = presence;
    m->profile.statusText = sanitizedName(statusText.toStdString(), limits::kStatusTextBytes);
    m->keepProfile();
    m->tellProfile();
    auto done = m->context.commit();
    m->accounts.setVisible(m->isVisible());
    if (done) Q_EMIT selfChanged(self());
    return done;
}

Diagnosis Messenger::diagnosis() {
    return m->log.diagnosis();
}

std::vector<PersonView> Messenger::people() {
    return m->contacts.views();
}

std::vector<SightedDevice> Messenger::unknownDevices() {
    return m->contacts.unknownDevices();
}

Expected<PersonView> Messenger::find(const QString& who) {
    return m->contacts.find(who);
}

Expected<void> Messenger::setStanding(const PersonId& person, timeline::Standing standing) {
    const auto record = m->context.db->person(person);
    if (!record || record->self) return Unexpected(ErrorCode::NotFound, "This person is not known here.");
    if (record->standing == standing) return {};
    m->context.db->setStanding(person, standing);
    m->accounts.standingSet(person, standing);
    if (standing == timeline::Standing::Accepted) m->inbox.accepted(*record);
    // Nobody who comes to be accepted again finds an open door.
    const bool ended =
        standing != timeline::Standing::Accepted && m->context.db->alwaysAccept(person).has_value();
    if (ended) m->context.db->removeAlwaysAccept(person);
    if (standing == timeline::Standing::Blocked)
        m->context.db->setSetting(beforeBlock(person), QString::number(static_cast<int>(record->standing)));
    // Whoever has the link can leave garbage with it, however many are blocked.
    const bool isLinkRenewed = standing == timeline::Standing::Blocked &&
                               m->context.db->cameByRelay(person) && m->renewLink();
    if (auto done = m->context.commit(); !done) return done;
    if (ended) Q_EMIT alwaysAcceptChanged(person);
    if (isLinkRenewed) Q_EMIT contactLinkRenewed();
    m->tellRefused();
    m->accounts.contactsChanged();
    m->outbox.lookAt(person);
    m->outbox.headsOwed();
    if (standing != timeline::Standing::Accepted) m->transfers.giveUpFrom(person);
    // A new session starts from what now holds: entries that were refused come again, a blocked person is
    // turned away.
    const bool blocked = standing == timeline::Standing::Blocked;
    const auto reason = blocked ? wire::CloseReason::NotWelcome : wire::CloseReason::Renew;
    for (const net::SessionNumber session : m->contacts.sessionsOf(person))
        m->context.node.post([session, reason](net::Node& node) { node.endSession(session, reason, {}); });
    for (const DeviceRecord& device : record->devices)
        if (blocked) m->context.node.post([id = device.id](net::Node& node) { node.unwant(id); });
    if (standing == timeline::Standing::Accepted) m->want(*record);
    m->personChanged(person);
    return {};
}

Expected<void> Messenger::unblock(const PersonId& person) {
    if (m->context.db->standing(person) != timeline::Standing::Blocked) return {};
    const int before = m->context.db->setting(beforeBlock(person)).toInt();
    const bool known = before >= 0 && before < static_cast<int>(timeline::Standing::Blocked);
    return setStanding(person,
                       known ? static_cast<timeline::Standing>(before) : timeline::Standing::Stranger);
}

QString Messenger::safetyNumber(const PersonId& person) {
    return QString::fromStdString(identity::safetyNumber(m->context.selfPerson(), person));
}

Expected<void> Messenger::setVerified(const PersonId& person, bool verified) {
    if (!m->context.db->person(person))
        return Unexpected(ErrorCode::NotFound, "This person is not known here.");
    m->context.db->setVerified(person, verified);
    if (auto done = m->context.commit(); !done) return done;
    m->personChanged(person);
    return {};
}

}  // namespace landline::app
