#include "p2p/net/file_exchange.h"

#include "p2p/base/limits.h"

#include <algorithm>

namespace landline::net {

FileExchange::FileExchange(LinkKeeper& links, FileFetch::FindRoute route, QObject* parent)
    : QObject(parent), m_links(links), m_route(std::move(route)), m_files(this) {}

FileExchange::~FileExchange() = default;

void FileExchange::fetch(FileFetch::Wish wish) {
    if (m_fetches.count(wish.transfer) != 0) return;
    const wire::TransferId transfer = wish.transfer;
    auto* const made = new FileFetch(m_links, m_files, std::move(wish), m_route, this);
    m_fetches.emplace(transfer, made);
    connect(made, &FileFetch::progressed, this,
            [this, transfer](quint64 bytes) { Q_EMIT progressed(transfer, bytes); });
    connect(made, &FileFetch::finished, this, [this, transfer](const QString& path, const QString& error) {
        m_fetches.erase(transfer);
        Q_EMIT fetched(transfer, path, error);
    });
}

void FileExchange::cancel(const wire::TransferId& transfer) {
    const auto found = m_fetches.find(transfer);
    if (found != m_fetches.end()) found->second->cancel();
}

void FileExchange::withdraw(const wire::TransferId& transfer) {
    for (FileServing* const serving : servings())
        if (serving->isOf(transfer))
            serving->refuse(wire::FileRefusal::NotOffered, tr("The sender has withdrawn this file."));
}

void FileExchange::hurry(const DeviceId& device) {
    for (const auto& [transfer, fetch] : m_fetches)
        if (fetch->wish().from.device == device) fetch->hurry();
}

void FileExchange::take(LinkHandle link, session::RemoteParty remote) {
    const DeviceId device = remote.certificate.device();
    const auto ofDevice = std::count_if(m_servings.begin(), m_servings.end(), [&](const auto& one) {
        return one.second->remote().certificate.device() == device;
    });
    if (static_cast<std::size_t>(ofDevice) >= limits::kBulkSessionsPerDevice || !makeRoom())
        return link->close(wire::CloseReason::Violation,
                           tr("Too many files are being fetched at the same time."));
    const SessionNumber number = ++m_lastNumber;
    const PersonId person = remote.certificate.person();
    auto* const made =
        new FileServing(m_files, m_links.parts().clock, std::move(link), std::move(remote), this);
    m_servings.emplace(number, made);
    connect(made, &FileServing::wanted, this,
            [this, number, device, person](const wire::TransferId& transfer) {
                Q_EMIT wanted(number, device, person, transfer);
            });
    connect(made, &FileServing::served, this, &FileExchange::served);
    connect(made, &FileServing::ended, this, [this, number] { m_servings.erase(number); });
}

bool FileExchange::makeRoom() {
    if (m_servings.size() < limits::kBulkSessions) return true;
    for (FileServing* const serving : servings()) {
        if (serving->isGranted()) continue;
        serving->close(wire::CloseReason::Idle, {});
        return true;
    }
    return false;
}

FileServing* FileExchange::serving(SessionNumber bulk) const {
    const auto found = m_servings.find(bulk);
    return found == m_servings.end() ? nullptr : found->second.get();
}

void FileExchange::setRefused(const std::set<PersonId>& persons) {
    for (FileServing* const serving : servings())
        if (persons.count(serving->remote().certificate.person()) != 0)
            serving->close(wire::CloseReason::NotWelcome, {});
}

void FileExchange::closeAll(wire::CloseReason reason) {
    for (const auto& [transfer, fetch] : m_fetches) fetch->disconnect(this);
    m_fetches.clear();
    for (FileServing* const serving : servings()) serving->close(reason, {});
}

std::vector<FileServing*> FileExchange::servings() const {
    std::vector<FileServing*> all;
    for (const auto& [number, serving] : m_servings) all.push_back(serving.get());
    return all;
}

}  // namespace landline::net
