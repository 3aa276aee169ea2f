#pragma once

#include "p2p/net/file_fetch.h"
#include "p2p/net/file_serving.h"

#include <map>
#include <set>

namespace landline::net {

/// All fetches and servings of this node, and the threads that read and write for them. Lives on the bulk thread; the
/// node speaks with it by queued calls (BulkThread).
class FileExchange final : public QObject {
    Q_OBJECT

public:
    FileExchange(LinkKeeper& links, QObject* parent);
    ~FileExchange() override;

    void fetch(FileWish wish);
    /// Answers to routeWanted.
    void routeFound(const wire::TransferId& transfer, FileFetch::Route route);
    void pause(const wire::TransferId& transfer);
    void cancel(const wire::TransferId& transfer);
    /// Behind all that was given to the file threads of this transfer.
    void run(const wire::TransferId& transfer, const std::function<void()>& work);
    /// Whoever is being sent this file is to come again later.
    void hold(const wire::TransferId& transfer);
    /// Whoever is being sent this file gets no more of it.
    void withdraw(const wire::TransferId& transfer);
    /// This device has come within reach: waiting fetches go on.
    void hurry(const DeviceId& device);
    /// A conversation with it was opened, perhaps from another address: a fetch does not wait for a dead connection.
    void reopened(const DeviceId& device);
    /// Ends connections whose address of this device is not among these; fetches dial again.
    void dropThoseNotAt(const std::set<QString>& localAddresses);
    void dropAll();
    /// A bulk session that another device has opened: to give what was asked for by DialBack, or to fetch. Of the latter
    /// one beyond limits::kBulkSessionsPerDevice is closed; beyond limits::kBulkSessions the oldest is that has not been
    /// granted a file, or else this one.
    void accept(LinkHandle link, session::RemoteParty remote);
    /// Dials a device that asked for it, to give it this file. As many at a time as it may have bulk sessions.
    void dialBack(const DeviceId& device, const FileFetch::Route& route, const wire::TransferId& transfer);
    /// Null if there is none of this number any more.
    [[nodiscard]] FileServing* serving(SessionNumber bulk) const;
    /// These get no file and give none, also over a session that is on its way here.
    void setRefused(const std::set<PersonId>& persons);
    void closeAll(wire::CloseReason reason);
    /// Bytes per second; 0: no bound.
    void setRates(quint64 sending, quint64 receiving);

Q_SIGNALS:
    /// A fetch needs to know where the device can be dialled.
    void routeWanted(const landline::net::Contact& contact, const landline::wire::TransferId& transfer);
    /// The device is to be asked, if there is a session, to dial this one and give the file.
    void dialBackWanted(const landline::DeviceId& device, const landline::wire::TransferId& transfer);
    void wanted(landline::net::SessionNumber bulk, const landline::DeviceId& device,
                const landline::PersonId& person, const landline::wire::TransferId& transfer, bool listing);
    void progressed(const landline::wire::TransferId& transfer, quint64 bytes, quint64 came, quint64 fetch);
    void staged(const landline::wire::TransferId& transfer, landline::net::FetchStage stage);
    void fetched(const landline::wire::TransferId& transfer, const landline::net::FileResult& result);
    void served(const landline::wire::TransferId& transfer, quint64 bytes, bool finished,
                const QString& error, quint64 skipped);

private:
    [[nodiscard]] bool isRefused(const session::RemoteParty& remote) const;
    static void turnAway(LinkDriver& link);
    void take(LinkHandle link, session::RemoteParty remote);
    void endDials();
    [[nodiscard]] bool makeRoom();
    void dropIf(const std::function<bool(const LinkDriver&)>& isDead);
    /// A device fetches a file over one session at a time: an older one is dead, though nobody has noticed.
    void endOlder(const FileServing& serving, const wire::TransferId& transfer);
    /// A list of its own, since closing one changes the map.
    [[nodiscard]] std::vector<FileServing*> servings() const;

    LinkKeeper& m_links;
    std::set<PersonId> m_refused;
    std::set<DeviceId> m_dialBack;  ///< devices that were reached last because they dialled
    /// To give a file, by whom and what.
    std::map<std::pair<DeviceId, wire::TransferId>, LaterPtr<DialAttempt>> m_dials;
    std::shared_ptr<BytePool> m_buffers;  ///< for what servings read
    FileThread m_files;
    FilePace m_sending;
    FilePace m_receiving;
    SessionNumber m_lastNumber = 0;
    std::map<wire::TransferId, LaterPtr<FileFetch>> m_fetches;
    std::map<SessionNumber, LaterPtr<FileServing>> m_servings;
};

}  // namespace landline::net
