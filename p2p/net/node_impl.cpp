#include "p2p/net/node_impl.h"

#include "p2p/base/utf8.h"
#include "p2p/net/interfaces.h"
#include "p2p/noise/aead.h"

#include <QNetworkInterface>
#include <QTimer>

namespace landline::net {

namespace {

/// Of some frames each: as many as wait for the disk before a fetch stops reading. None is kept while no file goes.
constexpr std::size_t kBuffersKept = limits::kFileWindow / limits::kBulkRead + 1;

session::LocalParty partyOf(const NodeConfig& config, const LocalIdentity& identity, Random& random,
                            BytePool& buffers) {
    session::LocalParty party;
    party.keys = &identity.keys;
    party.certificate = &identity.certificate;
    party.name = sanitizedName(config.name.toStdString(), limits::kNameBytes);
    while (party.instance == 0) party.instance = random.next64();
    party.hasAes = noise::aesGcmAvailable();
    party.buffers = &buffers;
    return party;
}

std::set<QString> localAddresses() {
    std::set<QString> addresses;
    for (QHostAddress address : QNetworkInterface::allAddresses()) {
        address.setScopeId({});
        addresses.insert(address.toString());
    }
    return addresses;
}

}  // namespace

Node::Impl::Impl(Node& owner, NodeConfig given, std::shared_ptr<const LocalIdentity> who)
    : q(owner),
      config(std::move(given)),
      identity(std::move(who)),
      self(identity->certificate.device()),
      buffers(kBuffersKept),
      party(partyOf(config, *identity, random, buffers)),
      links(new LinkKeeper(SessionParts{party, random, clock}, &q)),
      listener(new Listener(
          *links,
          [this](LinkHandle link, session::RemoteParty remote, wire::Purpose purpose) {
              takeAccepted(std::move(link), std::move(remote), purpose);
          },
          &q)),
      sessions(new PeerSessions(
          links->parts(), [this](const DeviceId& device) { return dialler->isWanted(device); }, &q)),
      dialler(new Dialler(
          *links, self,
          [this](LinkHandle link, session::RemoteParty remote, const Candidate& candidate) {
              takeOpened(std::move(link), std::move(remote), candidate, true);
          },
          &q)),
      hosts(new HostDialler(
          *links,
          [this](LinkHandle link, session::RemoteParty remote, const Candidate& candidate) {
              takeOpened(std::move(link), std::move(remote), candidate, true);
          },
          [this](const DeviceId& device) { return sessions->current(device) != nullptr; }, &q)),
      relays(new Relays(*links, &q)),
      files(new BulkThread(party, &q)),
      visible(!config.invisible) {
    dialler->setVisible(visible);
    wireSessions();
    wireFiles();
    wireRelays();
}

void Node::Impl::wireSessions() {
    connect(sessions, &PeerSessions::opened, &q, [this](const SessionInfo& info) { onOpened(info); });
    connect(sessions, &PeerSessions::closed, &q,
            [this](SessionNumber number, const DeviceId& device, wire::CloseReason reason,
                   const QString& why) { onClosed(number, device, reason, why); });
    connect(sessions, &PeerSessions::profileReceived, &q, &Node::profileReceived);
    connect(sessions, &PeerSessions::typingReceived, &q, &Node::typingReceived);
    connect(sessions, &PeerSessions::applyWanted, &q, &Node::applyWanted);
    connect(sessions, &PeerSessions::readWanted, &q, &Node::readWanted);
    connect(sessions, &PeerSessions::peerHeads, &q, &Node::peerHeads);
    connect(sessions, &PeerSessions::forkToExamine, &q, &Node::forkToExamine);
    connect(sessions, &PeerSessions::dialBackAsked, &q,
            [this](const DeviceId& device, const Candidate& at) { dialler->dialBack(device, at); });
    connect(sessions, &PeerSessions::fileDialBackAsked, &q, &Node::fileDialBackAsked);
    connect(dialler, &Dialler::dialFailed, &q, &Node::dialFailed);
    connect(listener, &Listener::cloneMet, &q, [this] { reportClone(); });
    connect(listener, &Listener::otherVersionMet, &q, [this](const QString& at, const QString& why) {
        reportOtherVersion(tr("%1 dialled this device in vain. %2").arg(at, why));
    });
    connect(hosts, &HostDialler::cloneMet, &q, [this] { reportClone(); });
}

void Node::Impl::wireFiles() {
    const FileExchange* const all = &files->files();
    connect(all, &FileExchange::wanted, &q, &Node::fileWanted);
    connect(all, &FileExchange::progressed, &q, &Node::fileProgress);
    connect(all, &FileExchange::staged, &q, &Node::fileStage);
    connect(all, &FileExchange::fetched, &q, &Node::fileFetched);
    connect(all, &FileExchange::served, &q, &Node::fileServed);
    connect(all, &FileExchange::routeWanted, &q,
            [this](const Contact& contact, const wire::TransferId& transfer) {
                files->post([transfer, route = routeTo(contact)](FileExchange& exchange) {
                    exchange.routeFound(transfer, route);
                });
            });
    connect(all, &FileExchange::dialBackWanted, &q,
            [this](const DeviceId& device, const wire::TransferId& transfer) {
                if (auto* const session = sessions->current(device))
                    session->tell(wire::DialBack{random.make<Hash128>(), transfer});
            });
}

void Node::Impl::wireRelays() {
    connect(relays, &Relays::told, &q, &Node::relayTold);
    connect(relays, &Relays::down, &q, &Node::relayDown);
    connect(relays, &Relays::wrongKey, &q, &Node::relayWrongKey);
}

void Node::Impl::listen() {
    // A host that is given without a port is looked for at the well-known one, so that is taken where it is free.
    const bool preferKnown = config.listenPort == 0 && config.discovery;
    const bool bound =
        (preferKnown && listener->listen(config.discoveryPort)) || listener->listen(config.listenPort);
    if (!bound) {
        const QString why = listener->error();
        Q_EMIT q.failed(
            tr("Port %1 cannot be used: %2. Close the program that uses it, or choose another port.")
                .arg(config.listenPort)
                .arg(why));
        return;
    }
    party.listenPort = listener->port();
    files->setParty(party.name, party.listenPort);
    started = true;
    if (config.discovery) startDiscovery();
    auto* const monitor = new NetworkMonitor(&q);
    connect(monitor, &NetworkMonitor::changed, &q, [this](bool resumed) { onNetworkChanged(resumed); });
    Q_EMIT q.ready(listener->port());
    for (const QString& host : config.hosts) q.addHost(host);
    dialler->start();
    hosts->start();
    relays->start();
}

void Node::Impl::startDiscovery() {
    discovery::Config told;
    told.key = &identity->keys.signing;
    told.person = identity->certificate.person();
    told.name = party.name;
    told.port = party.listenPort;
    told.instance = party.instance;
    told.firstCounter = static_cast<std::uint64_t>(toUnixMillis(clock.wall()));
    told.visible = visible;
    discovery = new DiscoveryDriver(std::move(told), config.discoveryPort, clock, random, &q);
    connect(discovery, &DiscoveryDriver::seen, &q, [this](const discovery::Seen& seen) { onSeen(seen); });
    connect(discovery, &DiscoveryDriver::gone, &q, [this](const DeviceId& device) {
        dialler->gone(device);
        Q_EMIT q.gone(device);
    });
    connect(discovery, &DiscoveryDriver::cloneSuspected, &q,
            [this](const DeviceId& device, const discovery::Endpoint& at) {
                if (device == self) probeForClone(at);
            });
    connect(discovery, &DiscoveryDriver::warning, &q, &Node::warning);
    connect(discovery, &DiscoveryDriver::otherVersionHeard, &q, [this](const QString& at) {
        reportOtherVersion(tr("%1 announces itself in another version of the protocol than this one: update "
                              "the older of the two programs.")
                               .arg(at));
    });
    for (const DeviceId& device : dialler->wanted()) discovery->setKnown(device, true);
    discovery->start();
}

void Node::Impl::takeOpened(LinkHandle link, session::RemoteParty remote, const Candidate& candidate,
                            bool outgoing) {
    if (stopping) return link->close(wire::CloseReason::Goodbye, {});
    sessions->take(std::move(link), std::move(remote), candidate, outgoing);
}

void Node::Impl::takeAccepted(LinkHandle link, session::RemoteParty remote, wire::Purpose purpose) {
    const Candidate candidate{link->peer().address, remote.hello.listenPort};
    if (purpose == wire::Purpose::Conversation) {
        Q_EMIT q.dialledBy(remote.certificate.device());
        return takeOpened(std::move(link), std::move(remote), candidate, false);
    }
    if (sessions->isRefused(remote.certificate.person()))
        return link->close(wire::CloseReason::NotWelcome, tr("This person does not give files to you."));
    files->accept(std::move(link), std::move(remote));
}

void Node::Impl::onOpened(const SessionInfo& info) {
    dialler->connected(info);
    hosts->connected(info.device());
    files->post([device = info.device()](FileExchange& all) { all.reopened(device); });
    if (discovery) discovery->confirmInstance(info.device(), info.remote->hello.instance);
    Q_EMIT q.sessionOpened(info);
    sessions->trim();
}

void Node::Impl::onClosed(SessionNumber number, const DeviceId& device, wire::CloseReason reason,
                          const QString& why) {
    if (!stopping) {
        dialler->disconnected(device, reason);
        hosts->disconnected(device);
    }
    Q_EMIT q.sessionClosed(number, device, reason, why);
}

void Node::Impl::onSeen(const discovery::Seen& seen) {
    const Candidate candidate{normalised(toHostAddress(seen.candidate.address)), seen.candidate.port};
    const QString name = QString::fromStdString(sanitizedName(seen.name, limits::kNameBytes));
    Q_EMIT q.sighted({seen.device, name, candidate, seen.instance});
    dialler->sighted(seen.device, candidate, seen.appeared || seen.saidHello);
    files->post([device = seen.device](FileExchange& all) { all.hurry(device); });
}

void Node::Impl::onNetworkChanged(bool resumed) {
    if (!started || stopping) return;
    const std::set<QString> addresses = localAddresses();
    if (resumed) {
        sessions->failAll(tr("This machine was asleep."));
        files->post([](FileExchange& all) { all.dropAll(); });
    } else {
        sessions->dropThoseNotAt(addresses);
        files->post([addresses](FileExchange& all) { all.dropThoseNotAt(addresses); });
    }
    if (discovery) discovery->networkChanged(resumed);
    dialler->networkChanged();
    hosts->networkChanged();
    relays->networkChanged(resumed, addresses);
}

void Node::Impl::reportClone() {
    if (std::exchange(toldClone, true)) return;
    Q_EMIT q.cloneSuspected(tr(
        "Another running program has the key of this very device: its profile is a copy. It goes on as a new "
        "device of the same person."));
}

void Node::Impl::reportOtherVersion(const QString& text) {
    // Anybody on the network can cause it, so not for each.
    if (!std::exchange(toldOtherVersion, true)) Q_EMIT q.warning(text);
}

void Node::Impl::probeForClone(const discovery::Endpoint& at) {
    if (cloneProbe || stopping) return;
    DialPlan plan;
    plan.expected.device = self;
    plan.candidates = {{normalised(toHostAddress(at.address)), at.port}};
    cloneProbe.reset(new DialAttempt(
        *links, std::move(plan),
        [this](LinkHandle, session::RemoteParty, const Candidate&) { cloneProbe.reset(); },
        [this](const DialFailure& failure) {
            cloneProbe.reset();
            if (failure.clone) reportClone();
        },
        &q));
}

void Node::Impl::endCloneProbe() {
    // It goes at the next turn of the event loop, or with the node: by then its links may be gone.
    if (cloneProbe) cloneProbe->cancel();
    cloneProbe.reset();
}

FileFetch::Route Node::Impl::routeTo(const Contact& contact) const {
    FileFetch::Route route;
    route.candidates = dialler->addresses(contact.device);
    for (const Candidate& candidate : contact.remembered)
        if (std::find(route.candidates.begin(), route.candidates.end(), candidate) == route.candidates.end())
            route.candidates.push_back(candidate);
    const ConversationSession* const session = sessions->current(contact.device);
    if (session && party.hasAes && session->info().remote->hello.hasAes) route.suite = wire::Suite::AesGcm;
    return route;
}

void Node::Impl::stopIfEmpty() {
    if (bulkEmpty && links->isEmpty()) finishStop();
}

void Node::Impl::finishStop() {
    if (!std::exchange(toldStopped, true)) Q_EMIT q.stopped();
}

}  // namespace landline::net
