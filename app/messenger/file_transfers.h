#pragma once

#include "app/messenger/contacts.h"
#include "app/messenger/context.h"

#include <functional>
#include <map>

namespace landline::app {

/// Files offered, fetched and served. The record of a transfer is in the store; progress between commits
/// lives here. On the messenger's thread.
class FileTransfers {
public:
    using Changed = std::function<void(const TransferRecord&)>;

    FileTransfers(Context& context, Contacts& contacts, Changed changed);

    /// Opens the file for reading once, so that a bad path is told at once. The record is written by the
    /// caller's transaction.
    [[nodiscard]] Expected<wire::FileOffer> prepareOffer(const QString& path);
    void recordOutgoing(const GlobalEntryRef& offer, const PersonId& to, const wire::FileOffer& file,
                        const QString& path);
    void recordIncoming(const GlobalEntryRef& offer, const PersonId& from, const wire::FileOffer& file);

    Expected<void> accept(const wire::TransferId& id, const QString& folder);
    Expected<void> cancel(const wire::TransferId& id);
    /// After a start: fetches go on that were under way.
    void resumeAll();
    [[nodiscard]] std::vector<TransferRecord> all() const;

    // From the node.
    void wanted(net::SessionNumber bulk, const PersonId& person, const wire::TransferId& id);
    void progressed(const wire::TransferId& id, quint64 bytes);
    void fetched(const wire::TransferId& id, const QString& path, const QString& error);
    void served(const wire::TransferId& id, quint64 bytes, bool finished, const QString& error);

private:
    [[nodiscard]] Expected<void> fetch(const TransferRecord& record);
    void save(TransferRecord record);
    void refuse(net::SessionNumber bulk, wire::FileRefusal reason, const QString& text) const;

    Context& m_context;
    Contacts& m_contacts;
    Changed m_changed;
    std::map<wire::TransferId, quint64> m_progress;
};

}  // namespace landline::app
