#include "app/messenger/file_transfers.h"

#include "app/storage/file_io.h"

#include <QFileInfo>
#include <QMimeDatabase>
#include <QStandardPaths>

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

FileTransfers::FileTransfers(Context& context, Contacts& contacts, Changed changed)
    : m_context(context), m_contacts(contacts), m_changed(std::move(changed)) {}

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
    if (record->state == TransferState::Done || record->state == TransferState::Running) return {};
    record->path =
        folder.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::DownloadLocation) : folder;
    record->state = TransferState::Running;
    record->error.clear();
    if (auto begun = fetch(*record); !begun) return begun;
    save(*record);
    return m_context.commit();
}

Expected<void> FileTransfers::fetch(const TransferRecord& record) {
    const auto contact = m_contacts.contact(record.offer.entry.author);
    if (!contact)
        return Unexpected(ErrorCode::NotFound,
                          "The device that offered this file is not known here any more.");
    auto sink = FileSink::open(record.path, record.name, hex(record.id).left(8), record.size);
    if (!sink) return Unexpected(sink.error());
    m_context.node.post([contact = *contact, id = record.id, size = record.size,
                         sink = *sink](net::Node& node) { node.fetchFile(contact, id, size, sink); });
    return {};
}

Expected<void> FileTransfers::cancel(const wire::TransferId& id) {
    auto record = m_context.db->transfer(id);
    if (!record) return noSuchTransfer();
    if (record->state == TransferState::Done) return {};
    record->state = TransferState::Cancelled;
    m_context.node.post([id](net::Node& node) { node.cancelFetch(id); });
    save(*record);
    return m_context.commit();
}

void FileTransfers::resumeAll() {
    for (TransferRecord& record : m_context.db->transfers()) {
        if (!record.incoming || record.state != TransferState::Running) continue;
        if (const auto begun = fetch(record); !begun) {
            record.state = TransferState::Failed;
            record.error = QString::fromStdString(begun.error().text);
            save(record);
        }
    }
    (void)m_context.commit();
}

std::vector<TransferRecord> FileTransfers::all() const {
    std::vector<TransferRecord> records = m_context.db->transfers();
    for (TransferRecord& record : records) {
        const auto live = m_progress.find(record.id);
        if (live != m_progress.end() && record.state == TransferState::Running) record.done = live->second;
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
        refuse(bulk, wire::FileRefusal::NotPermitted, QStringLiteral("The sender has withdrawn this file."));
        return;
    }
    const auto source = FileSource::open(record->path);
    if (!source || (*source)->size() != record->size) {
        refuse(bulk, source ? wire::FileRefusal::Changed : wire::FileRefusal::Unreadable,
               QStringLiteral("The sender no longer has this file as it was offered."));
        return;
    }
    record->state = TransferState::Running;
    m_context.node.post([bulk, source = *source](net::Node& node) { node.serveFile(bulk, source); });
    save(*record);
    (void)m_context.commit();
}

void FileTransfers::refuse(net::SessionNumber bulk, wire::FileRefusal reason, const QString& text) const {
    m_context.node.post([=](net::Node& node) { node.refuseFile(bulk, reason, text); });
}

void FileTransfers::progressed(const wire::TransferId& id, quint64 bytes) {
    m_progress[id] = bytes;
    auto record = m_context.db->transfer(id);
    if (!record || record->state != TransferState::Running) return;
    record->done = bytes;
    m_changed(*record);
}

void FileTransfers::fetched(const wire::TransferId& id, const QString& path, const QString& error) {
    m_progress.erase(id);
    auto record = m_context.db->transfer(id);
    if (!record || record->state == TransferState::Cancelled) return;
    record->state = error.isEmpty() ? TransferState::Done : TransferState::Failed;
    record->error = error;
    if (error.isEmpty()) {
        record->done = record->size;
        record->path = path;
    }
    save(*record);
    (void)m_context.commit();
}

void FileTransfers::served(const wire::TransferId& id, quint64 bytes, bool finished, const QString& error) {
    auto record = m_context.db->transfer(id);
    if (!record || record->state == TransferState::Cancelled || record->state == TransferState::Done) return;
    record->done = bytes;
    m_progress[id] = bytes;
    if (!finished) {
        m_changed(*record);
        return;
    }
    m_progress.erase(id);
    // The receiver fetches again after a break, so what broke off is offered still.
    record->state = error.isEmpty() ? TransferState::Done : TransferState::Offered;
    record->error = error;
    save(*record);
    (void)m_context.commit();
}

void FileTransfers::save(TransferRecord record) {
    record.updated = m_context.nowMillis();
    m_context.db->putTransfer(record);
    m_changed(record);
}

}  // namespace landline::app
