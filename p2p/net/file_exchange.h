#pragma once

#include "p2p/net/file_fetch.h"
#include "p2p/net/file_serving.h"

#include <map>
#include <set>

namespace landline::net {

/// All fetches and servings of this node, and the thread that reads and writes for them.
class FileExchange final : public QObject {
    Q_OBJECT

public:
    FileExchange(LinkKeeper& links, FileFetch::FindRoute route, QObject* parent);
    ~FileExchange() override;

    void fetch(FileFetch::Wish wish);
    void cancel(const wire::TransferId& transfer);
    /// Whoever is being sent this file gets no more of it.
    void withdraw(const wire::TransferId& transfer);
    /// This device has come within reach: waiting fetches go on.
    void hurry(const DeviceId& device);
    /// A bulk session that another device has opened. Beyond limits::kBulkSessionsPerDevice it is closed; beyond
    /// limits::kBulkSessions the oldest is that has not been granted a file, or else this one.
    void take(LinkHandle link, session::RemoteParty remote);
    /// Null if there is none of this number any more.
    [[nodiscard]] FileServing* serving(SessionNumber bulk) const;
    void setRefused(const std::set<PersonId>& persons);
    void closeAll(wire::CloseReason reason);

Q_SIGNALS:
    void wanted(landline::net::SessionNumber bulk, const landline::DeviceId& device,
                const landline::PersonId& person, const landline::wire::TransferId& transfer);
    void progressed(const landline::wire::TransferId& transfer, quint64 bytes);
    void fetched(const landline::wire::TransferId& transfer, const QString& path, const QString& error);
    void served(const landline::wire::TransferId& transfer, quint64 bytes, bool finished,
                const QString& error);

private:
    [[nodiscard]] bool makeRoom();
    /// A list of its own, since closing one changes the map.
    [[nodiscard]] std::vector<FileServing*> servings() const;

    LinkKeeper& m_links;
    FileFetch::FindRoute m_route;
    FileThread m_files;
    SessionNumber m_lastNumber = 0;
    std::map<wire::TransferId, LaterPtr<FileFetch>> m_fetches;
    std::map<SessionNumber, LaterPtr<FileServing>> m_servings;
};

}  // namespace landline::net
