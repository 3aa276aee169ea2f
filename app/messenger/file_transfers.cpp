#include "app/messenger/file_transfers.h"

#include "app/storage/file_io.h"

#include <QDir>
#include <QFileInfo>
#include <QMimeDatabase>
#include <QStandardPaths>

#include <algorithm>

namespace landline::app {

namespace {

QString hex(const wire::TransferId& id) {
    return QString::fromStdString(toHex(id.view()));
}

TransferRecord newRecord(const GlobalEntryRef& offer, const PersonId& person, const wire::FileOffer& file) {
    TransferRecord record;
    record.id = file.transfer;
    record.offer = offer;
    record.person = person;
    record.name = QString::fromStdString(file.name);
    record.size = file.size;
    return record;
}

Unexpected noSuchTransfer() {
    return Unexpected(ErrorCode::NotFound, "There is no such transfer. “transfers” lists them.");
}

}  // namespace

FileTransfers::FileTransfers(Context& context, Contacts& contacts, QString outbox, Outcome outcome)
    : m_context(context), m_contacts(contacts), m_outbox(std::move(outbox)), m_outcome(std::move(outcome)) {}

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
    if (m_context.db->standing(record->person) != timeline::Standing::Accepted)
        return Unexpected(ErrorCode::NotPermitted,
                          "Files come only from people whom you have accepted. Accept this person first.");
    if (record->state == TransferState::Done || record->state == TransferState::Running) return {};
    record->path =
        folder.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::DownloadLocation) : folder;
    record->state = TransferState::Running;
    record->error.clear();
    const auto call = prepareFetch(*record);
    if (!call) return Unexpected(call.error());
    // Not before it is kept: what a full disk forgets would be fetched twice.
    if (auto kept = save(*record); !kept) return kept;
    begin(*record, *call);
    return {};
}

Expected<FileTransfers::Call> FileTransfers::prepareFetch(const TransferRecord& record) const {
    const auto contact = m_contacts.contact(record.offer.entry.author);
    if (!contact)
        return Unexpected(ErrorCode::NotFound,
                          "The device that offered this file is not known here any more.");
    const auto sink = FileSink::open(record.path, record.name, hex(record.id).left(8), record.size);
    if (!sink) return Unexpected(sink.error());
    return Call([contact = *contact, id = record.id, size = record.size, sink = *sink](net::Node& node) {
        node.fetchFile(contact, id, size, sink);
    });
}

void FileTransfers::begin(const TransferRecord& record, const Call& call) {
    m_live.insert_or_assign(record.id, record);
    m_context.node.post(call);
}

void FileTransfers::stop(const wire::TransferId& id) {
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
    removeFromOutbox(*record);
    return {};
}

void FileTransfers::giveUpFrom(const PersonId& person) {
    for (TransferRecord& record : m_context.db->transfers()) {
        if (!record.incoming || record.person != person || record.state != TransferState::Running) continue;
        record.state = TransferState::Cancelled;
        stop(record.id);
        saveUnasked(record);
    }
}

void FileTransfers::offerErased(const GlobalEntryRef& offer) {
    const auto live = std::find_if(m_live.begin(), m_live.end(),
                                   [&](const auto& one) { return one.second.offer == offer; });
    if (live == m_live.end()) return;
    TransferRecord record = live->second;
    stop(record.id);
    record.state = TransferState::Cancelled;
    m_outcome.changed(record);
}

void FileTransfers::resumeAll() {
    m_live.clear();
    for (TransferRecord& record : m_context.db->transfers()) {
        if (!record.incoming || record.state != TransferState::Running) continue;
        if (m_context.db->standing(record.person) != timeline::Standing::Accepted) {
            record.state = TransferState::Cancelled;
            saveUnasked(record);
            continue;
        }
        if (const auto call = prepareFetch(record)) {
            begin(record, *call);
        } else {
            record.state = TransferState::Failed;
            record.error = QString::fromStdString(call.error().text);
            saveUnasked(record);
        }
    }
}

void FileTransfers::removeFromOutbox(const TransferRecord& offered) const {
    const QFileInfo file(offered.path);
    if (offered.incoming || m_outbox.isEmpty() || file.absolutePath() != QDir(m_outbox).absolutePath())
        return;
    QFile::remove(file.absoluteFilePath());
}

void FileTransfers::sweepOutbox() {
    if (m_outbox.isEmpty()) return;
    QStringList needed;
    for (const TransferRecord& record : m_context.db->transfers())
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
    for (TransferRecord& record : records) {
        const auto live = m_live.find(record.id);
        if (live != m_live.end() && record.state == TransferState::Running) record.done = live->second.done;
    }
    return records;
}

void FileTransfers::wanted(net::SessionNumber bulk, const PersonId& person, const wire::TransferId& id) {
    auto record = m_context.db->transfer(id);
    if (!record || record->incoming || record->person != person) {
        refuse(bulk, wire::FileRefusal::NotOffered, QStringLiteral("This file was not offered to you."));
        return;
    }
    if (record->state == TransferState::Cancelled) {
        refuse(bulk, wire::FileRefusal::NotOffered, QStringLiteral("The sender has withdrawn this file."));
        return;
    }
    const auto source = FileSource::open(record->path);
    if (!source || (*source)->size() != record->size) {
        refuse(bulk, source ? wire::FileRefusal::Changed : wire::FileRefusal::Unreadable,
               QStringLiteral("The sender no longer has this file as it was offered."));
        return;
    }
    record->state = TransferState::Running;
    // Sending needs nothing of the store: it begins also where that takes nothing at the moment.
    saveUnasked(*record);
    begin(*record, [bulk, source = *source](net::Node& node) { node.serveFile(bulk, source); });
}

void FileTransfers::refuse(net::SessionNumber bulk, wire::FileRefusal reason, const QString& text) const {
    m_context.node.post([=](net::Node& node) { node.refuseFile(bulk, reason, text); });
}

void FileTransfers::progressed(const wire::TransferId& id, quint64 bytes) {
    const auto live = m_live.find(id);
    if (live == m_live.end()) return;
    live->second.done = bytes;
    m_outcome.changed(TransferRecord(live->second));
}

void FileTransfers::fetched(const wire::TransferId& id, const QString& path, const QString& error) {
    m_live.erase(id);
    auto record = m_context.db->transfer(id);
    if (!record || record->state == TransferState::Cancelled) return;
    record->state = error.isEmpty() ? TransferState::Done : TransferState::Failed;
    record->error = error;
    if (error.isEmpty()) {
        record->done = record->size;
        record->path = path;
    }
    saveUnasked(*record);
}

void FileTransfers::served(const wire::TransferId& id, quint64 bytes, bool finished, const QString& error) {
    if (!finished) return progressed(id, bytes);
    m_live.erase(id);
    auto record = m_context.db->transfer(id);
    if (!record || record->state == TransferState::Cancelled || record->state == TransferState::Done) return;
    record->done = bytes;
    // The receiver fetches again after a break, so what broke off is offered still.
    record->state = error.isEmpty() ? TransferState::Done : TransferState::Offered;
    record->error = error;
    saveUnasked(*record);
}

Expected<void> FileTransfers::save(TransferRecord record) {
    record.updated = m_context.nowMillis();
    m_context.db->putTransfer(record);
    auto done = m_context.commit();
    if (done) m_outcome.changed(record);
    return done;
}

void FileTransfers::saveUnasked(TransferRecord record) {
    if (const auto done = save(std::move(record)); !done) m_outcome.failed(done.error());
}

}  // namespace landline::app
