#pragma once

#include "app/messenger/contacts.h"
#include "app/messenger/context.h"
#include "app/messenger/file_offers.h"
#include "app/messenger/speed_meter.h"
#include "app/messenger/unasked_files.h"
#include "app/storage/file_io.h"

#include <functional>
#include <map>
#include <set>

namespace landline::app {

/// Files offered, fetched and served. The record of a transfer is in the store; progress between commits
/// lives here. Nothing is told, fetched or given up before its commit. On the messenger's thread.
class FileTransfers {
public:
    struct Outcome {
        std::function<void(const TransferRecord&)> changed;
        std::function<void(const Error&)> failed;
        /// Only how far it is, how fast, or its stage. Without one, as any other change.
        std::function<void(const TransferRecord&)> progressed = {};
    };

    /// `outbox`: where the program keeps what it offers itself (texts too long for a message); may be empty.
    /// `bundles`: for the records of bundles.
    FileTransfers(Context& context, Contacts& contacts, QString outbox, QString bundles, Outcome outcome);

    /// Opens the file for reading once, so that a bad path is told at once. The record is written by the
    /// caller's transaction.
    [[nodiscard]] Expected<wire::FileOffer> prepareOffer(const QString& path);
    /// Gives the bundle its transfer id and keeps its record, which must go again if no offer comes of it. Fails with
    /// VersionMismatch where only programs of that person are connected that know no bundles.
    Expected<void> prepareOffer(PreparedBundle& bundle, const PersonId& to);
    void forgetBundle(const wire::TransferId& id) const { m_offers.forget(id); }
    void recordOutgoing(const GlobalEntryRef& offer, const PersonId& to, const wire::FileOffer& file,
                        const QString& path);
    void recordIncoming(const GlobalEntryRef& offer, const PersonId& from, const wire::FileOffer& file);

    /// From people who are accepted only. Without a folder into the one of the attempt before, or the downloads. Queued
    /// where enough others are being fetched.
    Expected<void> accept(const wire::TransferId& id, const QString& folder);
    /// Takes these offers of one person, as the rule for that person says, or else into `otherwise` if that is not empty.
    /// Those that cannot be taken say why, and wait for consent; with a rule they do so until `again`.
    void takeUnasked(const std::vector<wire::TransferId>& offered, const QString& otherwise,
                     bool again = false);
    /// What was taken by the rule for this person waits for consent.
    void ruleEnded(const PersonId& person);
    [[nodiscard]] UnaskedFiles& unasked() { return m_unasked; }
    /// Among those that are to be fetched.
    Expected<void> move(const wire::TransferId& id, TransferMove where);
    /// So many are fetched at once from now on.
    void setAtOnce(int atOnce);
    /// Whoever waits is started as far as there are places, and put back where there are too few: after every change of
    /// the order, of what runs or of who is here.
    void arrange();
    /// What a full disk stopped goes on where there is room for all of it now. True while anything waits for that.
    bool goOnWithRoom();
    /// Something is queued: whoever keeps it waiting may stop giving.
    [[nodiscard]] bool isWaiting() const;
    /// What is offered or Running. Whoever fetches one's own file keeps what has come, and asks again later.
    Expected<void> pause(const wire::TransferId& id);
    Expected<void> resume(const wire::TransferId& id);
    /// Of one's own file: also whoever is fetching it gets no more.
    Expected<void> cancel(const wire::TransferId& id);
    /// Gives up what is being fetched from a person who is accepted no longer.
    void giveUpFrom(const PersonId& person);
    /// The offer was deleted for everyone, and with it the store's record.
    void offerErased(const GlobalEntryRef& offer);
    /// The offer is gone: removes its bundle's record, and its file if that lies in the outbox.
    void removeFromOutbox(const TransferRecord& offered) const;
    /// After a start: fetches go on that were under way.
    void resumeAll();
    /// After a start: files of the outbox, and records of bundles, that no offer needs go.
    void sweep();
    /// Offers of this person that nobody has answered yet.
    [[nodiscard]] std::vector<wire::TransferId> offeredBy(const PersonId& person);
    [[nodiscard]] std::vector<TransferRecord> all() const;
    [[nodiscard]] std::vector<TransferRecord> page(const TransferQuery& query) const;
    [[nodiscard]] QString bundleRecord(const wire::TransferId& id) const { return m_offers.recordOf(id); }

    // From the node.
    /// A device of this person: what it cannot fetch, since its program is too old, says so.
    void connected(const PersonId& person);
    void wanted(net::SessionNumber bulk, const PersonId& person, const wire::TransferId& id, bool listing);
    /// The device cannot dial this one, and asks to be dialled for a file.
    void dialWanted(const DeviceId& device, const PersonId& person, const wire::TransferId& id);
    /// Whether that is the fetch of this transfer which runs; fetches are numbered from 1 in the order of their begin.
    [[nodiscard]] bool isFetch(const wire::TransferId& id, quint64 number) const;
    /// `came`: bytes that this fetch has brought so far.
    void progressed(const wire::TransferId& id, quint64 bytes, quint64 came);
    void staged(const wire::TransferId& id, net::FetchStage stage);
    void fetched(const wire::TransferId& id, const net::FileResult& result);
    void served(const wire::TransferId& id, quint64 bytes, bool finished, const QString& error,
                quint64 skipped = 0);

private:
    using Call = std::function<void(net::Node&)>;
    /// To begin the fetch with, once the place for the file is there.
    [[nodiscard]] Expected<net::FileWish> prepareFetch(const TransferRecord& record,
                                                       bool afterListing = false) const;
    Expected<void> consent(TransferRecord& running);
    Expected<void> take(TransferRecord record, const QString& folder, bool automatic);
    Expected<void> takeByRule(const TransferRecord& offer, quint64 promised);
    [[nodiscard]] bool hasPlace(const TransferRecord& record) const;
    [[nodiscard]] quint64 promisedBy(const PersonId& person) const;
    /// What runs or is queued, in its order.
    [[nodiscard]] std::vector<TransferRecord> line() const;
    bool giveTurns(std::vector<TransferRecord>& records);
    bool start(TransferRecord& record);
    void putBack(TransferRecord& record);
    void fetchContent(TransferRecord record);
    void finished(TransferRecord& record, const net::FileResult& result);
    void fail(TransferRecord& record, const Error& error);
    void begin(const TransferRecord& record, const Call& call);
    void begin(const TransferRecord& record, net::FileWish wish);
    void stop(const wire::TransferId& id);
    [[nodiscard]] bool isOldProgram(const PersonId& person) const;
    /// What has come of a transfer that nobody wants any more.
    void removeParts(const TransferRecord& cancelled) const;
    /// Keeps the record and, once it is kept, tells of it.
    Expected<void> save(TransferRecord record);
    /// The same where nobody waits for an answer: a failure is reported.
    void saveUnasked(TransferRecord record);
    void tellProgress(const TransferRecord& record) const;
    void addLive(std::vector<TransferRecord>& records) const;
    void refuse(net::SessionNumber bulk, wire::FileRefusal reason, const QString& text) const;

    /// Being fetched or served.
    struct Live {
        TransferRecord record;  ///< with its progress
        SpeedMeter speed;
        quint64 came = 0;
        MonoTime moved;     ///< when something came or went last
        quint64 fetch = 0;  ///< its number; none of what is served
    };
    [[nodiscard]] bool gives(const Live& live) const;
    void count(Live& live, quint64 came);
    void pauseOver(const wire::TransferId& id);

    Context& m_context;
    Contacts& m_contacts;
    QString m_outbox;
    FileOffers m_offers;
    Outcome m_outcome;
    UnaskedFiles m_unasked;
    std::map<wire::TransferId, Live> m_live;
    std::set<wire::TransferId> m_ending;  ///< fetches that were cancelled and have not said so yet
    quint64 m_lastFetch = 0;
    int m_atOnce = TransferLimits{}.atOnce;
    bool m_arranging = false;
    bool m_arrangeAgain = false;
};

}  // namespace landline::app
