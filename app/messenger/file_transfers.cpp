#include "app/messenger/file_transfers.h"

#include "app/storage/file_io.h"
#include "app/storage/part_files.h"
#include "p2p/wire/preface.h"

#include <QDir>
#include <QFileInfo>
#include <QMimeDatabase>
#include <QStandardPaths>

#include <algorithm>

namespace landline::app {

namespace {

TransferRecord newRecord(const GlobalEntryRef& offer, const PersonId& person, const wire::FileOffer& file) {
    TransferRecord record;
    record.id = file.transfer;
    record.offer = offer;
    record.person = person;
    record.name = QString::fromStdString(file.name);
    record.size = file.size;
    if (file.listing) record.items = file.listing->items;
    return record;
}

// Sentences without figures are translated where they are shown (ErrorText).
const QString kOldProgram = QStringLiteral(
    "The program of the other side is too old for folders and several files at once. Send the files one by "
    "one, or ask them to update it.");

Unexpected noSuchTransfer() {
    return Unexpected(ErrorCode::NotFound, "There is no such transfer. “transfers” lists them.");
}

}  // namespace

FileTransfers::FileTransfers(Context& context, Contacts& contacts, QString outbox, QString bundles,
                             Outcome outcome)
    : m_context(context),
      m_contacts(contacts),
      m_outbox(std::move(outbox)),
      m_offers(context, std::move(bundles)),
      m_outcome(std::move(outcome)),
      m_unasked(context) {}

Expected<wire::FileOffer> FileTransfers::prepareOffer(const QString& path) {
    const auto source = FileSource::open(path);
    if (!source) return Unexpected(source.error());
    wire::FileOffer offer;
    offer.transfer = m_context.random.make<wire::TransferId>();
    offer.name = safeFileName(QFileInfo(path).fileName()).toStdString();
    offer.size = (*source)->size();
    offer.mediaType = QMimeDatabase().mimeTypeForFile(path).name().toStdString();
    offer.modified = (*source)->modified();
    return offer;
}

Expected<void> FileTransfers::prepareOffer(PreparedBundle& bundle, const PersonId& to) {
    if (isOldProgram(to)) return Unexpected(ErrorCode::VersionMismatch, kOldProgram.toStdString());
    bundle.offer.transfer = m_context.random.make<wire::TransferId>();
    return m_offers.keep(bundle.offer.transfer, bundle);
}

bool FileTransfers::isOldProgram(const PersonId& person) const {
    const std::vector<net::SessionNumber> sessions = m_contacts.sessionsOf(person);
    return !sessions.empty() && std::all_of(sessions.begin(), sessions.end(), [&](net::SessionNumber number) {
        const net::SessionInfo* const session = m_contacts.session(number);
        return session && session->remote->hello.minor < wire::kMinorWithBundles;
    });
}

void FileTransfers::connected(const PersonId& person) {
    if (!isOldProgram(person)) return;
    for (TransferRecord& record : m_context.db->transfers()) {
        const bool waits =
            !record.incoming && record.person == person && record.state == TransferState::Offered;
        if (!waits || record.error == kOldProgram || !m_offers.isBundle(record)) continue;
        record.error = kOldProgram;
        saveUnasked(record);
    }
}

void FileTransfers::recordOutgoing(const GlobalEntryRef& offer, const PersonId& to,
                                   const wire::FileOffer& file, const QString& path) {
    TransferRecord record = newRecord(offer, to, file);
    record.path = QFileInfo(path).absoluteFilePath();
    record.updated = m_context.nowMillis();
    m_context.db->putTransfer(record);
}

void FileTransfers::recordIncoming(const GlobalEntryRef& offer, const PersonId& from,
                                   const wire::FileOffer& file) {
    if (m_context.db->transfer(file.transfer)) return;  // an id that is known already is not taken over
    TransferRecord record = newRecord(offer, from, file);
    record.incoming = true;
    record.updated = m_context.nowMillis();
    m_context.db->putTransfer(record);
}

Expected<void> FileTransfers::accept(const wire::TransferId& id, const QString& folder) {
    auto record = m_context.db->transfer(id);
    if (!record || !record->incoming) return noSuchTransfer();
    return take(std::move(*record), folder, false);
}

Expected<void> FileTransfers::take(TransferRecord record, const QString& folder, bool automatic) {
    if (m_context.db->standing(record.person) != timeline::Standing::Accepted)
        return Unexpected(ErrorCode::NotPermitted,
                          "Files come only from people whom you have accepted. Accept this person first.");
    if (record.state == TransferState::Done) return {};
    if (record.state == TransferState::Running) return consent(record);
    if (!folder.isEmpty()) record.path = folder;
    if (record.path.isEmpty())
        record.path = QStandardPaths::writableLocation(QStandardPaths::DownloadLocation);
    const bool isInOrder = record.state == TransferState::Queued || record.state == TransferState::Paused;
    if (record.position == 0 || !isInOrder) {
        const auto line = m_context.db->transfersToFetch();
        record.position = line.empty() ? 1 : line.back().position + 1;
    }
    record.state = hasPlace(record) ? TransferState::Running : TransferState::Queued;
    record.stage = FetchStage::Waiting;
    record.error.clear();
    record.missing = 0;
    record.automatic = automatic;
    // Also of what only waits, so that a bad folder or a lack of space is told at once.
    const auto wish = prepareFetch(record);
    if (!wish) return Unexpected(wish.error());
    // Not before it is kept: what a full disk forgets would be fetched twice.
    if (auto kept = save(record); !kept) return kept;
    if (record.state == TransferState::Running) begin(record, *wish);
    arrange();
    return {};
}

/// It was taken unasked: no quota stops it any more.
Expected<void> FileTransfers::consent(TransferRecord& running) {
    if (!running.automatic) return {};
    running.automatic = false;
    if (const auto live = m_live.find(running.id); live != m_live.end())
        live->second.record.automatic = false;
    return save(running);
}

Expected<net::FileWish> FileTransfers::prepareFetch(const TransferRecord& record, bool afterListing) const {
    const auto contact = m_contacts.contact(record.offer.entry.author);
    if (!contact)
        return Unexpected(ErrorCode::NotFound,
                          "The device that offered this file is not known here any more.");
    auto wish = afterListing ? m_offers.contentWish(record) : m_offers.wish(record);
    if (!wish) return Unexpected(wish.error());
    wish->from = *contact;
    return wish;
}

void FileTransfers::begin(const TransferRecord& record, const Call& call) {
    Live& live =
        m_live.insert_or_assign(record.id, Live{record, {}, 0, m_context.clock.mono(), 0}).first->second;
    if (record.incoming) live.record.stage = FetchStage::Waiting;
    m_context.node.post(call);
}

void FileTransfers::begin(const TransferRecord& record, net::FileWish wish) {
    wish.number = ++m_lastFetch;
    begin(record, [wish = std::move(wish)](net::Node& node) { node.fetchFile(wish); });
    m_live.at(record.id).fetch = m_lastFetch;
}

void FileTransfers::stop(const wire::TransferId& id) {
    if (const auto live = m_live.find(id); live != m_live.end() && live->second.record.incoming)
        m_ending.insert(id);
    m_live.erase(id);
    m_context.node.post([id](net::Node& node) {
        node.cancelFetch(id);
        node.cancelServe(id);
    });
}

Expected<void> FileTransfers::cancel(const wire::TransferId& id) {
    auto record = m_context.db->transfer(id);
    if (!record) return noSuchTransfer();
    if (record->state == TransferState::Done) return {};
    record->state = TransferState::Cancelled;
    if (auto kept = save(*record); !kept) return kept;
    stop(id);
    removeParts(*record);
    removeFromOutbox(*record);
    arrange();
    return {};
}

Expected<void> FileTransfers::pause(const wire::TransferId& id) {
    auto record = m_context.db->transfer(id);
    if (!record) return noSuchTransfer();
    const bool offered = !record->incoming && record->state == TransferState::Offered;
    const bool queued = record->state == TransferState::Queued;
    if (record->state != TransferState::Running && !queued && !offered && !record->waitsForRoom) return {};
    if (const auto live = m_live.find(id); live != m_live.end()) record->done = live->second.record.done;
    record->state = TransferState::Paused;
    record->waitsForRoom = false;
    record->error.clear();
    if (auto kept = save(*record); !kept) return kept;
    m_live.erase(id);
    m_context.node.post([id](net::Node& node) {
        node.pauseFetch(id);
        node.pauseServe(id);
    });
    arrange();
    return {};
}

Expected<void> FileTransfers::resume(const wire::TransferId& id) {
    auto record = m_context.db->transfer(id);
    if (!record) return noSuchTransfer();
    if (record->incoming) return accept(id, {});
    if (record->state == TransferState::Cancelled)
        return Unexpected(ErrorCode::InvalidArgument, "This file was withdrawn. Send it again.");
    if (record->state != TransferState::Paused) return {};
    record->state = TransferState::Offered;
    return save(*record);
}

void FileTransfers::giveUpFrom(const PersonId& person) {
    for (TransferRecord& record : m_context.db->transfers()) {
        const bool isToCome = record.state == TransferState::Running || record.state == TransferState::Queued;
        if (!record.incoming || record.person != person || !isToCome) continue;
        record.state = TransferState::Cancelled;
        stop(record.id);
        removeParts(record);
        saveUnasked(record);
    }
    arrange();
}

void FileTransfers::offerErased(const GlobalEntryRef& offer) {
    const auto live = std::find_if(m_live.begin(), m_live.end(),
                                   [&](const auto& one) { return one.second.record.offer == offer; });
    if (live == m_live.end()) return;
    TransferRecord record = live->second.record;
    stop(record.id);
    removeParts(record);
    record.state = TransferState::Cancelled;
    m_outcome.changed(record);
    arrange();
}

void FileTransfers::resumeAll() {
    m_live.clear();
    m_ending.clear();
    for (TransferRecord& record : m_context.db->transfers()) {
        // The program may have ended before they were gone.
        if (record.state == TransferState::Cancelled) removeParts(record);
        if (record.state != TransferState::Running) continue;
        if (!record.incoming) {
            // Nobody fetches it now.
            record.state = TransferState::Offered;
            saveUnasked(record);
            continue;
        }
        if (m_context.db->standing(record.person) != timeline::Standing::Accepted) {
            record.state = TransferState::Cancelled;
            saveUnasked(record);
            continue;
        }
        if (hasPlace(record))
            start(record);
        else
            putBack(record);
    }
}

void FileTransfers::removeParts(const TransferRecord& cancelled) const {
    if (!cancelled.incoming || cancelled.path.isEmpty()) return;
    m_context.node.post([id = cancelled.id, part = FileOffers::partOf(cancelled)](net::Node& node) {
        node.runWithFiles(id, [part] { removePart(part); });
    });
}

void FileTransfers::removeFromOutbox(const TransferRecord& offered) const {
    const QFileInfo file(offered.path);
    m_offers.forget(offered.id);
    if (offered.incoming) return;
    if (m_outbox.isEmpty() || file.absolutePath() != QDir(m_outbox).absolutePath()) return;
    QFile::remove(file.absoluteFilePath());
}

void FileTransfers::sweep() {
    const std::vector<TransferRecord> records = m_context.db->transfers();
    m_offers.sweep(records);
    if (m_outbox.isEmpty()) return;
    QStringList needed;
    for (const TransferRecord& record : records)
        if (!record.incoming && record.state != TransferState::Cancelled) needed.push_back(record.path);
    for (const QFileInfo& file : QDir(m_outbox).entryInfoList(QDir::Files | QDir::Hidden))
        if (!needed.contains(file.absoluteFilePath())) QFile::remove(file.absoluteFilePath());
}

std::vector<wire::TransferId> FileTransfers::offeredBy(const PersonId& person) {
    std::vector<wire::TransferId> offered;
    for (const TransferRecord& record : m_context.db->transfers())
        if (record.incoming && record.state == TransferState::Offered && record.person == person)
            offered.push_back(record.id);
    return offered;
}

std::vector<TransferRecord> FileTransfers::all() const {
    std::vector<TransferRecord> records = m_context.db->transfers();
    addLive(records);
    return records;
}

std::vector<TransferRecord> FileTransfers::page(const TransferQuery& query) const {
    std::vector<TransferRecord> records = m_context.db->transfers(query);
    addLive(records);
    return records;
}

void FileTransfers::addLive(std::vector<TransferRecord>& records) const {
    for (TransferRecord& record : records) {
        const auto live = m_live.find(record.id);
        if (live == m_live.end() || record.state != TransferState::Running) continue;
        record.done = live->second.record.done;
        record.speed = live->second.speed.perSecond(m_context.clock.mono());
        record.stage = live->second.record.stage;
    }
}

Expected<void> FileTransfers::save(TransferRecord record) {
    record.updated = m_context.nowMillis();
    record.waitsForRoom = record.waitsForRoom && record.state == TransferState::Paused;
    m_context.db->putTransfer(record);
    m_unasked.keep();
    auto done = m_context.commit();
    if (!done) return done;
    m_unasked.kept();
    m_outcome.changed(record);
    return done;
}

void FileTransfers::saveUnasked(TransferRecord record) {
    if (const auto done = save(std::move(record)); !done) m_outcome.failed(done.error());
}

}  // namespace landline::app
