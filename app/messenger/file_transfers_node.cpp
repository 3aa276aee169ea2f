// FileTransfers: what comes from the node.

#include "app/messenger/file_transfers.h"

#include <QCoreApplication>

#include <algorithm>

namespace landline::app {

namespace {

// Sentences without figures are translated where they are shown (ErrorText).
const QString kLeftOut = QStringLiteral(
    "Some of what was offered had changed or was gone here when it was asked for, and was left out; the rest "
    "has arrived. Send it again, or put it back as it was and let the receiver resume.");

QString missingText(const transfer::ChunkSink::Result& saved) {
    return QCoreApplication::translate(
               "Transfers",
               "Some of what was offered had changed or was gone at the sender (%1); the rest is in %2. "
               "“resume” fetches what is missing once the sender has it as it was.")
        .arg(QString::number(saved.failedItems), QString::fromStdString(saved.path));
}

}  // namespace

void FileTransfers::wanted(net::SessionNumber bulk, const PersonId& person, const wire::TransferId& id,
                           bool listing) {
    auto record = m_context.db->transfer(id);
    // The block may be on its way to the node still.
    const bool isBlocked = m_context.db->standing(person) == timeline::Standing::Blocked;
    if (!record || record->incoming || record->person != person || isBlocked) {
        refuse(bulk, wire::FileRefusal::NotOffered, QStringLiteral("This file was not offered to you."));
        return;
    }
    if (record->state == TransferState::Cancelled) {
        refuse(bulk, wire::FileRefusal::NotOffered, QStringLiteral("The sender has withdrawn this file."));
        return;
    }
    if (record->state == TransferState::Paused) {
        m_context.node.post([id](net::Node& node) { node.pauseServe(id); });
        return;
    }
    const FileOffers::Served served = m_offers.source(*record, listing);
    if (!served.source) {
        refuse(bulk, served.refusal, QStringLiteral("The sender no longer has this file as it was offered."));
        return;
    }
    const Call serve = [bulk, source = served.source](net::Node& node) { node.serveFile(bulk, source); };
    if (listing) return m_context.node.post(serve);
    record->state = TransferState::Running;
    record->error.clear();
    // Sending needs nothing of the store: it begins also where that takes nothing at the moment.
    saveUnasked(*record);
    begin(*record, serve);
}

void FileTransfers::dialWanted(const DeviceId& device, const PersonId& person, const wire::TransferId& id) {
    const auto record = m_context.db->transfer(id);
    const bool isOffered = record && !record->incoming && record->person == person;
    // Whoever asks for what is not offered any more hears of that when a fetch gets through.
    if (isOffered && record->state != TransferState::Paused)
        m_context.node.post([=](net::Node& node) { node.dialToServe(device, id); });
}

void FileTransfers::refuse(net::SessionNumber bulk, wire::FileRefusal reason, const QString& text) const {
    m_context.node.post([=](net::Node& node) { node.refuseFile(bulk, reason, text); });
}

bool FileTransfers::isFetch(const wire::TransferId& id, quint64 number) const {
    const auto live = m_live.find(id);
    return live != m_live.end() && live->second.fetch == number;
}

void FileTransfers::progressed(const wire::TransferId& id, quint64 bytes, quint64 came) {
    const auto found = m_live.find(id);
    if (found == m_live.end()) return;
    Live& live = found->second;
    const MonoTime now = m_context.clock.mono();
    live.record.done = bytes;
    live.moved = now;
    live.speed.add(now, came);
    live.record.speed = live.speed.perSecond(now);
    count(live, came);
    tellProgress(live.record);
    pauseOver(id);
}

void FileTransfers::staged(const wire::TransferId& id, net::FetchStage stage) {
    const auto live = m_live.find(id);
    if (live == m_live.end()) return;
    switch (stage) {
        case net::FetchStage::Waiting:
            live->second.record.stage = FetchStage::Waiting;
            break;
        case net::FetchStage::Comparing:
            live->second.record.stage = FetchStage::Comparing;
            break;
        case net::FetchStage::Fetching:
            live->second.record.stage = FetchStage::Fetching;
            break;
        case net::FetchStage::HeldBack:
            live->second.record.stage = FetchStage::HeldBack;
            break;
    }
    tellProgress(live->second.record);
}

void FileTransfers::tellProgress(const TransferRecord& record) const {
    const auto& tell = m_outcome.progressed ? m_outcome.progressed : m_outcome.changed;
    tell(TransferRecord(record));
}

void FileTransfers::fetched(const wire::TransferId& id, const net::FileResult& result) {
    auto record = m_context.db->transfer(id);
    // The end of one that was cancelled and accepted anew meanwhile.
    const bool cancelled = m_ending.erase(id) != 0 && result.error;
    if (cancelled && record && record->state == TransferState::Running) return;
    if (const auto live = m_live.find(id); live != m_live.end()) {
        count(live->second, result.came);
        if (record) record->done = live->second.record.done;
    }
    if (result.listing && !result.error) {
        if (record && record->state == TransferState::Running) fetchContent(*record);
        return;
    }
    m_live.erase(id);
    // Only now does nobody write beside the record any more.
    if (!record || record->state == TransferState::Cancelled)
        m_offers.forget(id);
    else
        finished(*record, result);
    arrange();
}

void FileTransfers::finished(TransferRecord& record, const net::FileResult& result) {
    if (result.error) {
        const bool wasStopped =
            record.state == TransferState::Paused || record.state == TransferState::Queued;
        if (!wasStopped) fail(record, *result.error);
        return;
    }
    record.done = record.size;
    if (result.saved.failedItems != 0) {
        // The folder stays the one to fetch into, for those that failed.
        record.state = TransferState::Failed;
        record.missing = result.saved.failedItems;
        record.error = missingText(result.saved);
        return saveUnasked(record);
    }
    record.state = TransferState::Done;
    record.error.clear();
    record.path = QString::fromStdString(result.saved.path);
    if (auto kept = save(record))
        m_offers.forget(record.id);
    else
        m_outcome.failed(kept.error());
}

/// The listing of the bundle is there.
void FileTransfers::fetchContent(TransferRecord record) {
    const auto wish = prepareFetch(record, true);
    if (!wish) {
        fail(record, wish.error());
        return arrange();
    }
    begin(record, *wish);
    pauseOver(record.id);
}

void FileTransfers::fail(TransferRecord& record, const Error& error) {
    m_live.erase(record.id);
    // What is no listing never becomes one.
    if (error.code == ErrorCode::Malformed || error.code == ErrorCode::TooLarge) m_offers.forget(record.id);
    record.waitsForRoom = error.code == ErrorCode::Full;
    record.state = record.waitsForRoom ? TransferState::Paused : TransferState::Failed;
    record.error = QString::fromStdString(error.text);
    saveUnasked(record);
}

void FileTransfers::served(const wire::TransferId& id, quint64 bytes, bool finished, const QString& error,
                           quint64 skipped) {
    if (!finished) return progressed(id, bytes, bytes);
    m_live.erase(id);
    auto record = m_context.db->transfer(id);
    if (!record || record->state == TransferState::Cancelled || record->state == TransferState::Done) return;
    record->done = bytes - std::min(bytes, skipped);
    record->error = error;
    // The receiver fetches again after a break, so what broke off is offered still.
    if (error.isEmpty() && skipped == 0)
        record->state = TransferState::Done;
    else if (error.isEmpty()) {
        // Offered still: it comes once it is asked for again and is as it was.
        record->state = TransferState::Failed;
        record->error = kLeftOut;
    } else if (record->state != TransferState::Paused)
        record->state = TransferState::Offered;
    saveUnasked(*record);
}

}  // namespace landline::app
