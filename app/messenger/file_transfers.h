#pragma once

#include "app/messenger/contacts.h"
#include "app/messenger/context.h"
#include "app/storage/file_io.h"

#include <functional>
#include <map>

namespace landline::app {

/// Files offered, fetched and served. The record of a transfer is in the store; progress between commits
/// lives here. Nothing is told, fetched or given up before its commit. On the messenger's thread.
class FileTransfers {
public:
    struct Outcome {
        std::function<void(const TransferRecord&)> changed;
        std::function<void(const Error&)> failed;
    };

    /// `outbox`: where the program keeps what it offers itself (texts too long for a message); may be empty.
    FileTransfers(Context& context, Contacts& contacts, QString outbox, Outcome outcome);

    /// Opens the file for reading once, so that a bad path is told at once. The record is written by the
    /// caller's transaction.
    [[nodiscard]] Expected<wire::FileOffer> prepareOffer(const QString& path);
    void recordOutgoing(const GlobalEntryRef& offer, const PersonId& to, const wire::FileOffer& file,
                        const QString& path);
    void recordIncoming(const GlobalEntryRef& offer, const PersonId& from, const wire::FileOffer& file);

    /// From people who are accepted only.
    Expected<void> accept(const wire::TransferId& id, const QString& folder);
    /// Of one's own file: also whoever is fetching it gets no more.
    Expected<void> cancel(const wire::TransferId& id);
    /// Gives up what is being fetched from a person who is accepted no longer.
    void giveUpFrom(const PersonId& person);
    /// The offer was deleted for everyone, and with it the store's record.
    void offerErased(const GlobalEntryRef& offer);
    /// The offer is gone: removes its file if that lies in the outbox.
    void removeFromOutbox(const TransferRecord& offered) const;
    /// After a start: fetches go on that were under way.
    void resumeAll();
    /// After a start: files of the outbox that no offer needs go.
    void sweepOutbox();
    /// Offers of this person that nobody has answered yet.
    [[nodiscard]] std::vector<wire::TransferId> offeredBy(const PersonId& person);
    [[nodiscard]] std::vector<TransferRecord> all() const;

    // From the node.
    void wanted(net::SessionNumber bulk, const PersonId& person, const wire::TransferId& id);
    void progressed(const wire::TransferId& id, quint64 bytes);
    void fetched(const wire::TransferId& id, const QString& path, const QString& error);
    void served(const wire::TransferId& id, quint64 bytes, bool finished, const QString& error);

private:
    using Call = std::function<void(net::Node&)>;
    /// What begins the fetch, once the place for the file is there.
    [[nodiscard]] Expected<Call> prepareFetch(const TransferRecord& record) const;
    void begin(const TransferRecord& record, const Call& call);
    void stop(const wire::TransferId& id);
    /// Keeps the record and, once it is kept, tells of it.
    Expected<void> save(TransferRecord record);
    /// The same where nobody waits for an answer: a failure is reported.
    void saveUnasked(TransferRecord record);
    void refuse(net::SessionNumber bulk, wire::FileRefusal reason, const QString& text) const;

    Context& m_context;
    Contacts& m_contacts;
    QString m_outbox;
    Outcome m_outcome;
    std::map<wire::TransferId, TransferRecord> m_live;  ///< being fetched or served, with their progress
};

}  // namespace landline::app
