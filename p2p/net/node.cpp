#include "p2p/net/node.h"

#include "p2p/net/node_impl.h"
#include "p2p/net/thread_check.h"

#include <QTimer>

namespace landline::net {

namespace {

// What a goodbye may take: the app waits a second.
constexpr std::chrono::milliseconds kGoodbyeTime{800};

}  // namespace

Node::Node(NodeConfig config, std::shared_ptr<const LocalIdentity> identity, QObject* parent)
    : QObject(parent), m(std::make_unique<Impl>(*this, std::move(config), std::move(identity))) {}

Node::~Node() {
    // The parts refer to each other through the Impl, so they go before it.
    m->endCloneProbe();
    delete m->discovery;
    delete m->hosts;
    delete m->relays;
    delete m->dialler;
    delete m->files;
    delete m->sessions;
    delete m->listener;
    delete m->links;
}

void Node::start() {
    assertThread(*this);
    if (!m->started && !m->stopping) m->listen();
}

void Node::stop() {
    assertThread(*this);
    if (std::exchange(m->stopping, true)) return;
    if (m->discovery) m->discovery->stop();
    m->listener->stop();
    m->dialler->stop();
    m->hosts->stop();
    m->relays->stop();
    m->endCloneProbe();
    connect(m->files, &BulkThread::emptied, this, [this] {
        m->bulkEmpty = true;
        m->stopIfEmpty();
    });
    connect(m->links, &LinkKeeper::emptied, this, [this] { m->stopIfEmpty(); });
    m->files->closeAll();
    m->sessions->closeAll(wire::CloseReason::Goodbye);
    QTimer::singleShot(kGoodbyeTime, this, [this] { m->finishStop(); });
}

// People ---------------------------------------------------------------------------------------------------------

void Node::want(const Contact& contact) {
    assertThread(*this);
    m->dialler->want(contact);
    if (m->discovery) m->discovery->setKnown(contact.device, true);
}

void Node::unwant(const DeviceId& device) {
    assertThread(*this);
    m->dialler->unwant(device);
    if (m->discovery) m->discovery->setKnown(device, false);
    m->sessions->trim();
}

void Node::setRefused(const std::vector<PersonId>& persons) {
    assertThread(*this);
    const std::set<PersonId> refused(persons.begin(), persons.end());
    m->sessions->setRefused(refused);
    m->files->post([refused](FileExchange& files) { files.setRefused(refused); });
    m->dialler->setRefused(refused);
}

void Node::addHost(const QString& host) {
    assertThread(*this);
    const auto added = m->hosts->add(host);
    if (!added) Q_EMIT warning(QString::fromStdString(added.error().text));
}

void Node::setRelaysFor(const PersonId& person, const wire::ToldRelays& told, std::uint64_t edition) {
    assertThread(*this);
    m->sessions->setRelaysFor(person, told, edition);
}

void Node::setProfile(const wire::Profile& profile) {
    assertThread(*this);
    m->party.name = profile.name;
    m->files->setParty(m->party.name, m->party.listenPort);
    m->sessions->setProfile(profile);
    m->visible = !m->config.invisible && profile.presence != wire::Presence::Offline;
    m->dialler->setVisible(m->visible);
    if (!m->discovery) return;
    m->discovery->setName(QString::fromStdString(profile.name));
    m->discovery->setVisible(m->visible);
}

void Node::sendTyping(const std::vector<PersonId>& to, const wire::Typing& typing) {
    assertThread(*this);
    m->sessions->eachOf(to, [&](ConversationSession& session) { session.tell(typing); });
}

// Sync -----------------------------------------------------------------------------------------------------------

void Node::startSync(SessionNumber session, const std::vector<timeline::ConversationHeads>& conversations) {
    assertThread(*this);
    if (auto* const found = m->sessions->find(session)) found->startSync(conversations);
}

void Node::headsChanged(const std::vector<PersonId>& members, const timeline::ConversationHeads& changed,
                        const std::vector<wire::Entries>& fresh) {
    assertThread(*this);
    m->sessions->eachOf(members, [&](ConversationSession& session) { session.headsChanged(changed, fresh); });
}

void Node::entriesRead(SessionNumber session, const timeline::ReadEntries& request,
                       const std::vector<wire::SignedEntry>& entries) {
    assertThread(*this);
    if (auto* const found = m->sessions->find(session)) found->entriesRead(request, entries);
}

void Node::applied(SessionNumber session, quint64 bytes) {
    assertThread(*this);
    if (auto* const found = m->sessions->find(session)) found->applied(bytes);
}

void Node::examined(SessionNumber session) {
    assertThread(*this);
    if (auto* const found = m->sessions->find(session)) found->examined();
}

void Node::sendForkEvidence(SessionNumber session, const wire::ForkEvidence& evidence) {
    assertThread(*this);
    if (auto* const found = m->sessions->find(session)) found->sendForkEvidence(evidence);
}

void Node::endSession(SessionNumber session, wire::CloseReason reason, const QString& text) {
    assertThread(*this);
    if (auto* const found = m->sessions->find(session)) found->close(reason, text);
}

// Files ------------------------------------------------------------------------------------------------------------

void Node::fetchFile(const FileWish& wish) {
    assertThread(*this);
    if (!m->stopping) m->files->post([wish](FileExchange& files) { files.fetch(wish); });
}

void Node::pauseFetch(const wire::TransferId& transfer) {
    assertThread(*this);
    m->files->post([transfer](FileExchange& files) { files.pause(transfer); });
}

void Node::cancelFetch(const wire::TransferId& transfer) {
    assertThread(*this);
    m->files->post([transfer](FileExchange& files) { files.cancel(transfer); });
}

void Node::runWithFiles(const wire::TransferId& transfer, const std::function<void()>& work) {
    assertThread(*this);
    m->files->post([transfer, work](FileExchange& files) { files.run(transfer, work); });
}

void Node::serveFile(SessionNumber bulk, const std::shared_ptr<transfer::ChunkSource>& source) {
    assertThread(*this);
    m->files->post([bulk, source](FileExchange& files) {
        if (auto* const serving = files.serving(bulk)) serving->serve(source);
    });
}

void Node::refuseFile(SessionNumber bulk, wire::FileRefusal reason, const QString& text) {
    assertThread(*this);
    m->files->post([bulk, reason, text](FileExchange& files) {
        if (auto* const serving = files.serving(bulk)) serving->refuse(reason, text);
    });
}

void Node::dialToServe(const DeviceId& device, const wire::TransferId& transfer) {
    assertThread(*this);
    const ConversationSession* const session = m->sessions->current(device);
    if (m->stopping || !session) return;
    FileFetch::Route route = m->routeTo({device, std::nullopt, {}});
    // Nowhere else: whoever asks could name others' addresses.
    route.candidates = {session->listeningAt()};
    m->files->post(
        [device, route, transfer](FileExchange& files) { files.dialBack(device, route, transfer); });
}

void Node::pauseServe(const wire::TransferId& transfer) {
    assertThread(*this);
    m->files->post([transfer](FileExchange& files) { files.hold(transfer); });
}

void Node::cancelServe(const wire::TransferId& transfer) {
    assertThread(*this);
    m->files->post([transfer](FileExchange& files) { files.withdraw(transfer); });
}

void Node::setFileRates(quint64 sending, quint64 receiving) {
    assertThread(*this);
    m->files->post([sending, receiving](FileExchange& files) { files.setRates(sending, receiving); });
}

// Relays -----------------------------------------------------------------------------------------------------------

void Node::addRelay(const RelaySetup& setup) {
    assertThread(*this);
    m->relays->add(setup);
}

void Node::removeRelay(RelayNumber relay) {
    assertThread(*this);
    m->relays->remove(relay);
}


void Node::setRelayPrekey(RelayNumber relay, const RelayPrekey& prekey) {
    if (auto* const found = m->relays->find(relay)) found->setPrekey(prekey);
}

void Node::setRelayTokens(RelayNumber relay, const std::vector<wire::relay::Token>& tokens) {
    if (auto* const found = m->relays->find(relay)) found->setTokens(tokens);
}

void Node::watchAtRelay(RelayNumber relay, const std::vector<wire::relay::Addressee>& devices) {
    if (auto* const found = m->relays->find(relay)) found->watch(devices);
}

void Node::askRelay(RelayNumber relay, quint64 question, const wire::relay::Message& message) {
    if (auto* const found = m->relays->find(relay)) found->ask(question, message);
}

void Node::depositAtRelay(RelayNumber relay, DepositCounter counter, const wire::relay::Deposit& deposit) {
    if (auto* const found = m->relays->find(relay)) found->deposit(counter, deposit);
}

void Node::settleDeposit(RelayNumber relay, DepositCounter counter, const DeviceId& device) {
    if (auto* const found = m->relays->find(relay)) found->settle(counter, device);
}

void Node::relayCommitted(RelayNumber relay, wire::relay::Box box, const mailbox::Position& position) {
    if (auto* const found = m->relays->find(relay)) found->committed(box, position);
}

// Diagnosis --------------------------------------------------------------------------------------------------------

void Node::askToDialBack(const DeviceId& device) {
    assertThread(*this);
    if (auto* const session = m->sessions->current(device))
        session->tell(wire::DialBack{m->random.make<Hash128>()});
}

void Node::networkChanged() {
    assertThread(*this);
    m->onNetworkChanged(false);
}

}  // namespace landline::net
