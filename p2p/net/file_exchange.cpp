#include "p2p/net/file_exchange.h"

#include "p2p/base/limits.h"
#include "p2p/net/thread_check.h"

#include <algorithm>

namespace landline::net {

namespace {

// What is sent or asked for at once under a bound: little enough to be smooth, and enough to be fast where that is high.
constexpr std::size_t kLeastSent = 4 * 1024;
constexpr std::size_t kLeastAsked = 16 * 1024;
constexpr std::size_t kMostAtOnce = limits::kFileChunk;
// As large as a read each: what one serving has under way. None is kept while there is no serving.
constexpr std::size_t kBuffersKept = limits::kFileWindow / limits::kFileChunk;

}  // namespace

FileExchange::FileExchange(LinkKeeper& links, QObject* parent)
    : QObject(parent),
      m_links(links),
      m_buffers(std::make_shared<BytePool>(kBuffersKept)),
      m_files(this),
      m_sending(links.parts().clock, kLeastSent, kMostAtOnce, this),
      m_receiving(links.parts().clock, kLeastAsked, kMostAtOnce, this) {}

FileExchange::~FileExchange() {
    m_fetches.clear();
    m_servings.clear();
    // Those that were let go of are children still, and know the paces.
    for (QObject* const child : findChildren<FileFetch*>(QString(), Qt::FindDirectChildrenOnly)) delete child;
    for (QObject* const child : findChildren<FileServing*>(QString(), Qt::FindDirectChildrenOnly))
        delete child;
}

void FileExchange::fetch(FileWish wish) {
    assertThread(*this);
    if (m_fetches.count(wish.transfer) != 0) return;
    const wire::TransferId transfer = wish.transfer;
    const Contact from = wish.from;
    const DeviceId device = from.device;
    const quint64 number = wish.number;
    auto* const made = new FileFetch(m_links, m_files, m_receiving, std::move(wish), this);
    m_fetches.emplace(transfer, made);
    connect(made, &FileFetch::routeWanted, this,
            [this, from, transfer] { Q_EMIT routeWanted(from, transfer); });
    connect(made, &FileFetch::dialBackWanted, this,
            [this, device, transfer] { Q_EMIT dialBackWanted(device, transfer); });
    connect(made, &FileFetch::reached, this, [this, device](bool dialledBack) {
        if (dialledBack)
            m_dialBack.insert(device);
        else
            m_dialBack.erase(device);
    });
    connect(made, &FileFetch::progressed, this, [this, transfer, number](quint64 bytes, quint64 came) {
        Q_EMIT progressed(transfer, bytes, came, number);
    });
    connect(made, &FileFetch::staged, this,
            [this, transfer](FetchStage stage) { Q_EMIT staged(transfer, stage); });
    connect(made, &FileFetch::finished, this, [this, transfer](const FileResult& result) {
        m_fetches.erase(transfer);
        Q_EMIT fetched(transfer, result);
    });
}

void FileExchange::routeFound(const wire::TransferId& transfer, FileFetch::Route route) {
    const auto found = m_fetches.find(transfer);
    if (found == m_fetches.end()) return;
    route.dialsBack = m_dialBack.count(found->second->wish().from.device) != 0;
    found->second->routeFound(std::move(route));
}

void FileExchange::pause(const wire::TransferId& transfer) {
    assertThread(*this);
    const auto found = m_fetches.find(transfer);
    if (found == m_fetches.end()) return;
    if (!found->second->pause()) return;
    found->second->disconnect(this);
    m_fetches.erase(found);
}

void FileExchange::cancel(const wire::TransferId& transfer) {
    assertThread(*this);
    const auto found = m_fetches.find(transfer);
    if (found != m_fetches.end()) found->second->cancel();
}

void FileExchange::run(const wire::TransferId& transfer, const std::function<void()>& work) {
    const auto job = [work] {
        work();
        return true;
    };
    m_files.run(transfer, this, job, [](bool) {});
}

void FileExchange::hold(const wire::TransferId& transfer) {
    for (FileServing* const serving : servings())
        if (serving->isOf(transfer))
            serving->close(wire::CloseReason::Idle, tr("The sender has paused this transfer."));
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

void FileExchange::accept(LinkHandle link, session::RemoteParty remote) {
    assertThread(*this);
    if (isRefused(remote)) return turnAway(*link);
    const auto fetch = m_fetches.find(remote.hello.transfer.value_or(wire::TransferId{}));
    if (fetch != m_fetches.end() && fetch->second->wish().from.device == remote.certificate.device())
        return fetch->second->adopt(std::move(link));
    take(std::move(link), std::move(remote));
}

void FileExchange::dialBack(const DeviceId& device, const FileFetch::Route& route,
                            const wire::TransferId& transfer) {
    const auto toDevice = std::count_if(m_dials.begin(), m_dials.end(),
                                        [&](const auto& one) { return one.first.first == device; });
    if (m_dials.size() >= limits::kBulkSessions || m_dials.count({device, transfer}) != 0 ||
        static_cast<std::size_t>(toDevice) >= limits::kBulkSessionsPerDevice)
        return;
    DialPlan plan;
    plan.purpose = wire::Purpose::Bulk;
    plan.suite = route.suite;
    plan.expected.device = device;
    plan.transfer = transfer;
    plan.candidates = route.candidates;
    m_dials[{device, transfer}].reset(new DialAttempt(
        m_links, std::move(plan),
        [=, this](LinkHandle link, session::RemoteParty remote, const Candidate&) {
            m_dials.erase({device, transfer});
            // As if it had come for the file itself.
            remote.hello.transfer = transfer;
            take(std::move(link), std::move(remote));
        },
        [=, this](const DialFailure&) {
            m_dials.erase({device, transfer});
        },
        this));
}

void FileExchange::reopened(const DeviceId& device) {
    for (const auto& [transfer, fetch] : m_fetches)
        if (fetch->wish().from.device == device) fetch->reopened();
}

void FileExchange::dropThoseNotAt(const std::set<QString>& localAddresses) {
    dropIf([&](const LinkDriver& link) {
        QHostAddress local = link.localAddress();
        local.setScopeId({});
        return localAddresses.count(local.toString()) == 0;
    });
}

void FileExchange::dropAll() {
    dropIf([](const LinkDriver&) { return true; });
}

void FileExchange::dropIf(const std::function<bool(const LinkDriver&)>& isDead) {
    std::vector<LinkDriver*> links;
    for (const auto& [transfer, fetch] : m_fetches) links.push_back(fetch->link());
    for (const FileServing* const serving : servings()) links.push_back(serving->link());
    for (LinkDriver* const link : links)
        if (link && isDead(*link)) link->fail({});
}

void FileExchange::endOlder(const FileServing& serving, const wire::TransferId& transfer) {
    for (FileServing* const other : servings())
        if (other != &serving && other->isOf(transfer) &&
            other->remote().certificate.device() == serving.remote().certificate.device())
            other->close(wire::CloseReason::Superseded, {});
}

bool FileExchange::isRefused(const session::RemoteParty& remote) const {
    return m_refused.count(remote.certificate.person()) != 0;
}

void FileExchange::turnAway(LinkDriver& link) {
    link.close(wire::CloseReason::NotWelcome, tr("This person does not give files to you."));
}

void FileExchange::take(LinkHandle link, session::RemoteParty remote) {
    if (isRefused(remote)) return turnAway(*link);
    const DeviceId device = remote.certificate.device();
    const auto ofDevice = std::count_if(m_servings.begin(), m_servings.end(), [&](const auto& one) {
        return one.second->remote().certificate.device() == device;
    });
    if (static_cast<std::size_t>(ofDevice) >= limits::kBulkSessionsPerDevice || !makeRoom())
        return link->close(wire::CloseReason::Violation,
                           tr("Too many files are being fetched at the same time."));
    const SessionNumber number = ++m_lastNumber;
    const PersonId person = remote.certificate.person();
    auto* const made = new FileServing(m_files, m_sending, m_buffers, m_links.parts().clock, std::move(link),
                                       std::move(remote), this);
    m_servings.emplace(number, made);
    connect(made, &FileServing::wanted, this,
            [this, number, device, person, made](const wire::TransferId& transfer, bool listing) {
                endOlder(*made, transfer);
                Q_EMIT wanted(number, device, person, transfer, listing);
            });
    connect(made, &FileServing::served, this, &FileExchange::served);
    connect(made, &FileServing::ended, this, [this, number] { m_servings.erase(number); });
    // With it goes what it had read, to where it came from.
    connect(made, &QObject::destroyed, this, [this] {
        if (m_servings.empty()) m_buffers->clear();
    });
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
    assertThread(*this);
    const auto found = m_servings.find(bulk);
    return found == m_servings.end() ? nullptr : found->second.get();
}

void FileExchange::setRefused(const std::set<PersonId>& persons) {
    m_refused = persons;
    // Whoever is dialled is one of them perhaps; the others ask again.
    endDials();
    for (FileServing* const serving : servings())
        if (isRefused(serving->remote())) serving->close(wire::CloseReason::NotWelcome, {});
}

void FileExchange::closeAll(wire::CloseReason reason) {
    assertThread(*this);
    endDials();
    for (const auto& [transfer, fetch] : m_fetches) fetch->disconnect(this);
    m_fetches.clear();
    for (FileServing* const serving : servings()) serving->close(reason, {});
}

void FileExchange::endDials() {
    for (const auto& [who, attempt] : m_dials) attempt->cancel();
    m_dials.clear();
}

void FileExchange::setRates(quint64 sending, quint64 receiving) {
    m_sending.setRate(sending);
    m_receiving.setRate(receiving);
}

std::vector<FileServing*> FileExchange::servings() const {
    std::vector<FileServing*> all;
    for (const auto& [number, serving] : m_servings) all.push_back(serving.get());
    return all;
}

}  // namespace landline::net
