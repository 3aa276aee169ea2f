#include "tests/app/models/filled_profile.h"

#include "app/storage/file_io.h"
#include "app/storage/relay_table.h"
#include "p2p/identity/contact_link.h"
#include "p2p/identity/direct_conversation.h"
#include "p2p/timeline/hybrid_clock.h"

#include <QDir>
#include <QFileInfo>

#include <cstdlib>

namespace landline::app::test {

namespace {

template <class T>
T orAbort(Expected<T> result) {
    if (!result.ok()) {
        qFatal("%s", result.error().text.c_str());
    }
    return std::move(result).value();
}

void orAbort(const Expected<void>& result) {
    if (!result.ok()) qFatal("%s", result.error().text.c_str());
}

}  // namespace

Somebody::Somebody(std::string name, Random& random)
    : m_name(std::move(name)),
      m_person(identity::SigningKey::generate(random)),
      m_keys(identity::DeviceKeys::generate(random)),
      m_certificate(identity::Certificate::issue(m_person, m_keys, fromUnixMillis(1700000000000))) {}

FilledProfile::FilledProfile(const QString& name) {
    m_profile = orAbort(Profile::create(m_folder.path(), name));
    m_identity = m_profile->identity();
    m_self = m_profile->person();
    m_database = orAbort(Database::open(m_folder.path(), m_self)).database;
    m_database->putCertificate(m_identity->certificate);
    m_database->meet(m_identity->certificate, name);
    orAbort(m_database->commit());
}

FilledProfile::~FilledProfile() = default;

Somebody& FilledProfile::meet(const std::string& name, timeline::Standing standing) {
    auto& somebody = *m_people.emplace_back(std::make_unique<Somebody>(name, m_random));
    m_database->meet(somebody.certificate(), QString::fromStdString(name));
    m_database->setStanding(somebody.id(), standing);
    orAbort(m_database->commit());
    return somebody;
}

void FilledProfile::meetStrangers(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const Somebody stranger("Stranger", m_random);
        m_database->meet(stranger.certificate(), QString::fromStdString(stranger.name()));
    }
    orAbort(m_database->commit());
}

QString FilledProfile::linkOfNewcomer(const std::string& name) {
    const Somebody newcomer(name, m_random);
    return QString::fromStdString(identity::encodeContactLink({newcomer.certificate(), name, {}, {}}));
}

ConversationId FilledProfile::conversationWith(const Somebody& somebody) const {
    return identity::directConversation(m_self, somebody.id());
}

EntryRef FilledProfile::write(const ConversationId& conversation, const identity::DeviceKeys& keys,
                              const identity::Certificate& certificate, qint64 millis,
                              const wire::Content& content) {
    auto& head = m_heads[{conversation, keys.id()}];
    const auto entry = timeline::makeEntry(conversation, keys, certificate, {head.number, head.hash},
                                           timeline::hybridFrom(fromUnixMillis(millis)), content, m_random);
    head.author = keys.id();
    head.number = entry.header.number;
    head.hash = entry.hash;
    head.clock = entry.header.clock;
    m_database->append(conversation, std::span(&entry, 1), head);
    return entry.ref();
}

EntryRef FilledProfile::theirs(const Somebody& somebody, qint64 millis, const wire::Content& content) {
    return write(conversationWith(somebody), somebody.keys(), somebody.certificate(), millis, content);
}

EntryRef FilledProfile::own(const Somebody& somebody, qint64 millis, const wire::Content& content) {
    return write(conversationWith(somebody), m_identity->keys, m_identity->certificate, millis, content);
}

EntryRef FilledProfile::file(const Somebody& somebody, qint64 millis, const QString& path, bool incoming) {
    const QFileInfo facts(path);
    wire::FileOffer offer;
    m_random.fill(offer.transfer.span());
    offer.name = facts.fileName().toStdString();
    offer.size = static_cast<std::uint64_t>(facts.size());
    const auto entry = incoming ? theirs(somebody, millis, offer) : own(somebody, millis, offer);
    TransferRecord transfer;
    transfer.id = offer.transfer;
    transfer.offer = {conversationWith(somebody), entry};
    transfer.person = somebody.id();
    transfer.incoming = incoming;
    transfer.name = facts.fileName();
    transfer.size = transfer.done = offer.size;
    transfer.state = incoming ? TransferState::Done : TransferState::Offered;
    transfer.path = facts.absoluteFilePath();
    m_database->putTransfer(transfer);
    return entry;
}

TransferRecord FilledProfile::transfer(const Somebody& somebody, qint64 millis, TransferRecord record) {
    wire::FileOffer offer;
    m_random.fill(offer.transfer.span());
    offer.name = record.name.toStdString();
    offer.size = record.size;
    if (record.items > 0) offer.listing = wire::ListingRef{record.items, 100, {}};
    const auto entry = record.incoming ? theirs(somebody, millis, offer) : own(somebody, millis, offer);
    record.id = offer.transfer;
    record.offer = {conversationWith(somebody), entry};
    record.person = somebody.id();
    record.updated = millis;
    m_database->putTransfer(record);
    return record;
}

void FilledProfile::addHistory(const Somebody& somebody, int count) {
    TransferRecord record;
    record.person = somebody.id();
    record.incoming = true;
    record.state = TransferState::Done;
    record.size = record.done = 2'400'000;
    record.path = QStringLiteral("/nowhere/file");
    for (int i = 0; i < count; ++i) {
        m_random.fill(record.id.span());
        record.name = QStringLiteral("Report %1.pdf").arg(i);
        record.updated = 1'700'000'000'000 + i;
        m_database->putTransfer(record);
    }
    orAbort(m_database->commit());
}

QString FilledProfile::bundleRecord(const wire::TransferId& id) const {
    return QDir(bundlesOf(folder())).filePath(QString::fromStdString(toHex(id.view())));
}

void FilledProfile::acknowledge(const Somebody& somebody, EntryNumber held, EntryNumber read) {
    wire::AuthorHead head;
    head.author = m_identity->keys.id();
    head.number = held;
    head.read = read;
    m_database->putPeerHeads(conversationWith(somebody), somebody.certificate().device(),
                             std::span(&head, 1));
}

void FilledProfile::markRead(const Somebody& somebody) {
    (void)m_database->markRead(conversationWith(somebody));
}

void FilledProfile::useRelay() {
    // Or the runtime would take it for another device's, whom no relay has let in.
    m_database->bindTo(orAbort(m_profile->claimStore(m_database->setting(kStoreSetting))));
    const identity::RelayUrl relay{"127.0.0.1", 1, m_random.make<NoiseKey>(), {}};
    m_database->relays().put(relay, SystemClock().wall());
    m_database->relays().setEntered(relay.key);
    // A messenger without a node makes none.
    (void)m_database->relays().tokenFor(relay.key, std::nullopt, m_random);
}

Runtime& FilledProfile::open() {
    orAbort(m_database->commit());
    m_database.reset();
    m_profile.reset();
    RuntimeOptions options;
    options.profile = m_folder.path();
    options.node.discovery = false;
    m_runtime = orAbort(Runtime::open(options));
    return *m_runtime;
}

}  // namespace landline::app::test
