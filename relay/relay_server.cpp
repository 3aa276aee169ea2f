#include "relay/relay_server.h"

#include "p2p/base/limits.h"
#include "p2p/net/interfaces.h"
#include "p2p/net/listener.h"
#include "p2p/net/times.h"

#include <QHostInfo>

#include <algorithm>

namespace landline::relay {

namespace {

/// What handshakes and requests may come at once after a silence, in seconds of their rate.
constexpr double kHandshakeBurst = 10;
constexpr double kRequestBurst = 2;
/// Devices without an account, of one address all together, ask less often than a device with one.
constexpr double kGuests = 0.1;
/// With requests waiting; a batch takes milliseconds.
constexpr Duration kStoreSilence = std::chrono::seconds(10);
/// Of the connections that have not proven a device, those that one address may have.
constexpr std::size_t kShareOfAddress = 4;

Expected<QHostAddress> addressOf(const std::string& host) {
    // As the settings explain: every address, of IPv4 as well.
    if (host == "::") return QHostAddress(QHostAddress::Any);
    const QString text = QString::fromStdString(host);
    if (QHostAddress literal; literal.setAddress(text)) return literal;
    const QList<QHostAddress> found = QHostInfo::fromName(text).addresses();
    if (!found.isEmpty()) return found.first();
    return Unexpected(ErrorCode::Unreachable, "The name " + host + " in \"listen\" has no address.");
}

}  // namespace

ClientRules clientRulesOf(const RelayConfig& config) {
    ClientRules rules;
    const double handshakes = config.handshakesPerAddress;
    const double requests = config.requestsPerDevice;
    rules.clients = config.clients;
    if (config.sessions != 0) rules.sessions = config.sessions;
    rules.handshakesPerAddress = {handshakes, handshakes * kHandshakeBurst};
    rules.requestsPerDevice = {requests, std::max(requests * kRequestBurst, 100.0)};
    rules.requestsOfGuests = {std::max(requests * kGuests, 1.0), std::max(requests * kGuests * kRequestBurst, 50.0)};
    rules.guestsPerAddress = config.guestsPerAddress;
    rules.isOpen = config.open;
    rules.hasDirectory = config.directory;
    return rules;
}

StoreRules storeRulesOf(const RelayConfig& config) {
    return {config.quotaClasses, config.quota, config.timeToLive, config.storeBytes, config.open};
}

RelayServer::RelayServer(const RelayConfig& config, RelayKeys keys, const Clock& clock, Random& random, Log log)
    : m_config(config),
      m_keys(std::move(keys)),
      m_clock(clock),
      m_log(std::move(log)),
      m_links(net::SessionParts{m_party, random, clock, wire::Purpose::Relay}, nullptr,
              std::max<std::size_t>(config.clients, limits::kLingeringLinks)),
      m_hub(clientRulesOf(config), random),
      m_timer(this) {
    m_party.keys = &m_keys.device;
    m_party.certificate = &m_keys.certificate;
    m_party.instance = random.next64();
    m_party.buffers = &m_buffers;
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        m_hub.advance(m_clock.mono());
        settle();
    });
    connect(&m_links, &net::LinkKeeper::emptied, this, &RelayServer::endIfDone);
}

RelayServer::~RelayServer() {
    // The thread's waker refers to this.
    m_store.reset();
    for (auto& [id, client] : m_clients) client.link->setUser(nullptr);
}

Expected<void> RelayServer::openStore() {
    CommitQueue::Options options;
    options.rules = storeRulesOf(m_config);
    auto store = StoreThread::start(m_folder->opener(m_links.parts().random), options, m_clock,
                                    [this] { QMetaObject::invokeMethod(this, &RelayServer::onAnswers, Qt::QueuedConnection); });
    if (!store) return Unexpected(store.error());
    m_store = std::move(*store);
    onAnswers();
    return {};
}

Expected<void> RelayServer::start(StoreFolder& folder) {
    m_folder = &folder;
    if (auto opened = openStore(); !opened) return opened;
    if (auto listening = listenAll(); !listening) return listening;
    (void)storeFigures();
    settle();
    return {};
}

Expected<void> RelayServer::listenAll() {
    for (const HostPort& at : m_config.listen)
        if (auto done = listen(at); !done) return done;
    return {};
}

Expected<void> RelayServer::listen(const HostPort& at) {
    const auto address = addressOf(at.host);
    if (!address) return Unexpected(address.error());
    net::Listener::Bounds bounds;
    bounds.unauthenticated = m_config.unauthenticated;
    bounds.perAddress = std::max<std::size_t>(m_config.unauthenticated / kShareOfAddress, 1);
    bounds.byNetwork = true;
    bounds.backlog = static_cast<int>(m_config.backlog);
    bounds.allows = [this](const discovery::Address& from) { return m_hub.mayConnect(from, m_clock.mono()); };
    auto listener = std::make_unique<net::Listener>(
        m_links, [this](net::LinkHandle link, const session::RemoteParty& remote, wire::Purpose) { accept(std::move(link), remote); },
        std::move(bounds), nullptr);
    if (!listener->listen(at.port, *address))
        return Unexpected(ErrorCode::Unreachable, "The relay cannot listen on " + toText(at) + ": " +
                                                      listener->error().toStdString() +
                                                      ". Another program may have the port; \"listen\" names another one.");
    m_listeners.push_back(std::move(listener));
    return {};
}

std::uint16_t RelayServer::port() const {
    return m_listeners.empty() ? std::uint16_t{0} : m_listeners.front()->port();
}

void RelayServer::reload(const RelayConfig& config) {
    m_config = config;
    m_hub.setRules(clientRulesOf(config));
    if (m_store) m_store->setRules(storeRulesOf(config));
    for (const auto& listener : m_listeners)
        listener->setBounds(config.unauthenticated, std::max<std::size_t>(config.unauthenticated / kShareOfAddress, 1));
}

// Clients ------------------------------------------------------------------------------------------------------------

void RelayServer::accept(net::LinkHandle link, const session::RemoteParty& remote) {
    const net::Candidate at = link->peer();
    const Party who{remote.certificate.device(), remote.certificate.person()};
    const ClientId id = m_hub.open(who, net::toAddress(at.address), m_clock.mono());
    net::LinkDriver* const driver = link.get();
    driver->setUser(this);
    m_ids[driver] = id;
    m_clients[id].link = std::move(link);
    sayWhere(at, "connected");
    settle();
}

void RelayServer::sessionReceived(net::LinkDriver& link, wire::Message message) {
    const auto found = m_ids.find(&link);
    auto* const frame = std::get_if<wire::relay::Frame>(&message);
    if (found == m_ids.end() || !frame) return;
    m_hub.receive(found->second, std::move(*frame), m_clock.mono());
    settle();
}

void RelayServer::linkProgressed(net::LinkDriver& link) {
    const auto found = m_ids.find(&link);
    if (found == m_ids.end()) return;
    Connected& client = m_clients.at(found->second);
    const std::size_t waiting = link.bytesWaiting();
    if (std::exchange(client.waiting, waiting) == waiting) return;
    m_hub.setWaiting(found->second, waiting, m_clock.mono());
    settle();
}

void RelayServer::linkEnded(net::LinkDriver& link, const session::Ended&) {
    const auto found = m_ids.find(&link);
    if (found == m_ids.end()) return;
    const ClientId id = found->second;
    sayWhere(link.peer(), "left");
    m_ids.erase(found);
    m_clients.erase(id);  // retires the link
    m_hub.end(id);
    settle();
}

// What the hub wants done --------------------------------------------------------------------------------------------

void RelayServer::settle() {
    if (m_isSettling) return;
    m_isSettling = true;
    for (std::vector<Output> outputs = m_hub.takeOutputs(); !outputs.empty(); outputs = m_hub.takeOutputs()) {
        for (Output& output : outputs) perform(output);
        flush();
    }
    m_isSettling = false;
    rearm();
    endIfDone();
}

void RelayServer::perform(Output& output) {
    if (auto* const asked = std::get_if<AskStore>(&output)) return askStore(std::move(asked->request), StoreThread::From::Client);
    const ClientId id = std::visit([](const auto& one) -> ClientId {
        if constexpr (requires { one.client; })
            return one.client;
        else
            return 0;
    }, output);
    const auto found = m_clients.find(id);
    if (found == m_clients.end()) return;
    net::LinkDriver& link = *found->second.link;
    if (auto* const sent = std::get_if<SendFrame>(&output)) return queue(found->second, id, sent->frame);
    if (const auto* const read = std::get_if<ReadClient>(&output)) return link.setReading(read->on);
    const auto& closed = std::get<CloseClient>(output);
    link.close(closed.reason, QString::fromStdString(closed.text));
}

void RelayServer::queue(Connected& client, ClientId id, wire::relay::Frame& frame) {
    client.link->queue(std::move(frame));
    if (!std::exchange(client.isQueued, true)) m_queued.push_back(id);
}

/// What a batch of answers has for one client goes out with one call of the system.
void RelayServer::flush() {
    for (const ClientId id : std::exchange(m_queued, {})) {
        const auto found = m_clients.find(id);
        if (found == m_clients.end()) continue;
        found->second.isQueued = false;
        found->second.link->flush();
    }
}

void RelayServer::askStore(TaggedRequest request, StoreThread::From from) {
    const StoreTag tag = request.tag;
    if (!m_store)
        return giveAnswer({tag, StoreRefusal{StoreRefusal::Reason::Closing, {}, "The relay has no store to use."}});
    if (auto refusal = m_store->ask(std::move(request), from)) giveAnswer({tag, *std::move(refusal)});
}

void RelayServer::giveAnswer(TaggedAnswer answer) {
    const auto asked = m_asked.find(answer.tag);
    if (asked == m_asked.end()) return m_hub.answer(std::move(answer), m_clock.mono());
    const Answered answered = std::move(asked->second);
    m_asked.erase(asked);
    answered(std::move(answer.answer));
}

void RelayServer::ask(StoreRequest request, Answered answered) {
    // Tags of clients have the client's number in the upper half, which is never 0.
    const StoreTag tag = m_nextAsked++;
    m_asked[tag] = std::move(answered);
    askStore({tag, std::move(request)}, StoreThread::From::Operator);
    settle();
}

void RelayServer::revoke(const Revoke& request, Answered answered) {
    ask(request, [this, request, answered = std::move(answered)](StoreAnswer answer) {
        const auto* const change = std::get_if<ChangeAnswer>(&answer);
        // Whoever was let in before the change was on the disk is known here by now, and nobody is let in after it.
        if (change && !change->refused && !request.reinstate) m_hub.shutOut(request.device);
        answered(std::move(answer));
    });
}

Expected<std::string> RelayServer::takeRestored() {
    if (m_isStopping) return Unexpected(ErrorCode::Closed, "The relay is being shut down. Restore again when it has ended.");
    // After one that failed, and took what there was with it.
    if (!m_store) return Unexpected(ErrorCode::Closed, "The relay has no store to use. Restore again when it has ended.");
    m_log("A backup is restored; all sessions end.");
    m_hub.startOver();
    settle();
    m_store->stop();
    onAnswers();  // to what was asked before
    m_store.reset();
    auto replaced = m_folder->takeReady();
    auto opened = openStore();
    if (opened && replaced) return replaced;
    Error why = opened ? replaced.error() : opened.error();
    m_log("The backup was not restored. " + why.text);
    if (!opened && replaced) {
        const auto back = m_folder->putBack(*replaced);
        opened = back ? openStore() : Expected<void>(Unexpected(back.error()));
    }
    if (!opened) {
        m_log(opened.error().text);
        Q_EMIT failed();
    }
    return Unexpected(std::move(why));
}

StoreFigures RelayServer::storeFigures() {
    if (std::exchange(m_isAskingFigures, true)) return m_storeFigures;
    m_heardOfStore = m_clock.mono();
    ask(AskFigures{}, [this](const StoreAnswer& answer) {
        m_isAskingFigures = false;
        if (const auto* const figures = std::get_if<StoreFigures>(&answer)) m_storeFigures = *figures;
        // That it is busy, or ends, says nothing of the disk.
        const auto* const refusal = std::get_if<StoreRefusal>(&answer);
        if (refusal && refusal->reason != StoreRefusal::Reason::Busy && refusal->reason != StoreRefusal::Reason::Closing)
            m_storeFigures.isFailing = true;
    });
    return m_storeFigures;
}

std::optional<std::string> RelayServer::trouble() {
    if (m_isStopping) return "The relay ends.";
    const StoreFigures figures = storeFigures();
    if (m_isAskingFigures && m_clock.mono() - m_heardOfStore >= kStoreSilence)
        return "The relay's disk does not answer. Check it: all that is asked of the relay waits for it.";
    if (figures.isFull) return "The relay's disk is full. It takes nothing new until there is space.";
    if (figures.isFailing) return "The relay's database cannot be read or written. Its log tells more.";
    return std::nullopt;
}

void RelayServer::onAnswers() {
    if (!m_store) return;
    for (const StoreNotice& notice : m_store->takeNotices()) m_log(notice.text);
    std::vector<TaggedAnswer> answers = m_store->takeAnswers();
    if (!answers.empty()) m_heardOfStore = m_clock.mono();
    for (TaggedAnswer& answer : answers) giveAnswer(std::move(answer));
    settle();
}

void RelayServer::rearm() {
    const MonoTime next = m_hub.nextTimeout();
    if (m_timer.isActive() && std::exchange(m_armedFor, next) == next) return;
    m_armedFor = next;
    const Duration left = next - m_clock.mono();
    m_timer.start(net::ceilMillis(std::max(left, Duration::zero())));
}

// The end ------------------------------------------------------------------------------------------------------------

void RelayServer::stop() {
    if (std::exchange(m_isStopping, true)) return;
    m_log("The relay ends; clients are told when to come back.");
    for (const auto& listener : m_listeners) listener->stop();
    m_hub.goAway(m_clock.mono());
    settle();
}

void RelayServer::endIfDone() {
    if (!m_isStopping || m_isStopped || !m_hub.isEmpty() || !m_links.isEmpty()) return;
    m_isStopped = true;
    m_timer.stop();
    if (!m_store) return Q_EMIT stopped();
    m_store->stop();
    for (const StoreNotice& notice : m_store->takeNotices()) m_log(notice.text);
    Q_EMIT stopped();
}

void RelayServer::sayWhere(const net::Candidate& at, const char* what) {
    if (m_config.logAddresses) m_log("A client at " + net::describe(at).toStdString() + " " + what + ".");
}

}  // namespace landline::relay
