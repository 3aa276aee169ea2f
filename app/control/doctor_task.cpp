#include "app/control/doctor_task.h"

#include "app/control/json_values.h"
#include "app/control/machine_scan.h"
#include "app/control/network_probe.h"
#include "app/messenger/contacts.h"
#include "p2p/net/interfaces.h"
#include "p2p/wire/preface.h"

#include <QDateTime>
#include <QTimer>

#include <algorithm>
#include <chrono>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// A node that has just started is given this long to hear and be heard.
constexpr std::chrono::milliseconds kSettling = 3s;
constexpr std::chrono::milliseconds kConnectPatience = 3s;
constexpr std::chrono::milliseconds kBroadcastPatience = 1s;
/// The other side dials its candidates one after another.
constexpr std::chrono::milliseconds kDialBackPatience = 5s;
/// A relay is dialled, and asked for a prekey.
constexpr std::chrono::milliseconds kRelayPatience = 5s;
constexpr std::chrono::milliseconds kLookAgain = 200ms;

void addDevice(Facts::Peer& peer, const Diagnosis& diagnosis, const DeviceId& device) {
    const auto known = diagnosis.devices.find(device);
    if (known == diagnosis.devices.end()) return;
    const DeviceDiagnosis& seen = known->second;
    peer.beacon = peer.beacon || seen.lastBeacon != 0;
    peer.incoming = peer.incoming || seen.incoming;
    if (seen.lastFailure > seen.lastSession) {
        peer.failure = seen.failure;
        peer.otherVersion = seen.otherVersion;
    }
    if (seen.highestMajor != 0) peer.speaks = Version{seen.highestMajor, seen.minor};
    if (seen.askedToDial != 0 && peer.back != DialledBack::Yes)
        peer.back = seen.lastDialled >= seen.askedToDial ? DialledBack::Yes : DialledBack::No;
}

Facts::Peer peerOf(const PersonView& person, const Diagnosis& diagnosis) {
    Facts::Peer peer;
    peer.name = person.record.name;
    peer.blocked = person.record.standing == timeline::Standing::Blocked;
    peer.session = person.path == Path::Direct;
    peer.atRelay = person.path == Path::Relay;
    peer.address = person.address;
    for (const DeviceRecord& device : person.record.devices) addDevice(peer, diagnosis, device.id);
    if (person.last && !person.last->own)
        peer.aheadMillis = person.last->time - QDateTime::currentMSecsSinceEpoch();
    return peer;
}

std::optional<Facts::Peer> sightedPeer(Messenger& messenger, const QString& who, const Diagnosis& diagnosis) {
    for (const SightedDevice& device : messenger.unknownDevices()) {
        const bool byId = who.size() >= 8 && hexOf(device.device.view()).startsWith(who.toLower());
        if (device.name != who && !byId) continue;
        Facts::Peer peer;
        peer.name = device.name;
        peer.address = device.address;
        addDevice(peer, diagnosis, device.device);
        return peer;
    }
    return std::nullopt;
}

}  // namespace

void DoctorTask::start() {
    const Expected<std::optional<QString>> who = arguments().optionalText("who"_L1);
    if (!who) return fail(who.error());
    m_who = who->value_or(QString());
    const std::chrono::milliseconds age(context().started.elapsed());
    if (age >= kSettling) return askMessenger();
    QTimer::singleShot(kSettling - age, this, &DoctorTask::askMessenger);
}

DoctorTask::Seen DoctorTask::look(Messenger& messenger, const QString& who) {
    const Diagnosis diagnosis = messenger.diagnosis();
    const DeviceId self = messenger.self().device;
    Seen seen;
    seen.port = diagnosis.port;
    seen.warnings = diagnosis.warnings;
    seen.relays = messenger.relays();
    seen.turnedAway = messenger.turnedAway();
    for (const auto& [device, state] : diagnosis.devices) {
        if (device != self && state.lastBeacon != 0) ++seen.devicesHeard;
    }
    if (who.isEmpty()) return seen;
    const Expected<PersonView> person = messenger.find(who);
    if (person) {
        seen.peer = peerOf(*person, diagnosis);
        seen.peer->post = messenger.postView(person->conversation);
        seen.conversation = person->conversation;
    } else {
        seen.peer = sightedPeer(messenger, who, diagnosis);
        if (!seen.peer) seen.error = person.error();
    }
    return seen;
}

void DoctorTask::askMessenger() {
    ask([who = m_who](Messenger& messenger) { return look(messenger, who); },
        [this](const Seen& seen) { onSeen(seen); });
}

void DoctorTask::onSeen(const Seen& seen) {
    if (seen.error) return fail(*seen.error);
    m_facts.port = seen.port;
    m_facts.devicesHeard = seen.devicesHeard;
    m_facts.warnings = seen.warnings;
    m_facts.relays = seen.relays;
    m_facts.turnedAway = seen.turnedAway;
    m_facts.peer = seen.peer;
    m_conversation = seen.conversation;
    m_facts.version = {wire::kMajorVersion, wire::kMinorVersion};
    m_facts.discoveryPort = context().discoveryPort;
    m_facts.nowMillis = QDateTime::currentMSecsSinceEpoch();
    m_facts.firewalls = activeFirewalls();
    for (const net::InterfaceAddress& interface : net::readInterfaces()) {
        m_facts.interfaces.push_back({interface.interface, interface.address.toString(), interface.loopback});
    }
    probe();
}

void DoctorTask::probe() {
    m_running = 1;
    probeBroadcast();
    probeOwnPort();
    probePeer();
    probeWayBack();
    probeRelays();
    oneDone();
}

void DoctorTask::probeBroadcast() {
    ++m_running;
    auto* const broadcast = new BroadcastProbe(m_facts.discoveryPort, kBroadcastPatience, this);
    m_facts.discoveryPortFree = broadcast->portIsFree();
    if (!m_facts.discoveryPortFree) m_facts.discoveryHolder = holderOfUdpPort(m_facts.discoveryPort);
    connect(broadcast, &BroadcastProbe::finished, this, [this](const std::vector<Facts::Loop>& loops) {
        m_facts.loops = loops;
        oneDone();
    });
}

void DoctorTask::probeOwnPort() {
    if (m_facts.port == 0) return;
    // At an address that others use, if there is one.
    QHostAddress address(QHostAddress::LocalHost);
    for (const net::InterfaceAddress& interface : net::readInterfaces()) {
        const bool usable =
            !interface.loopback && interface.address.protocol() == QAbstractSocket::IPv4Protocol;
        if (usable) address = interface.address;
        if (usable && !isVirtualInterface(interface.interface)) break;
    }
    m_facts.ownAddress = address.toString();
    ++m_running;
    auto* const tcp = new TcpProbe(address, m_facts.port, kConnectPatience, this);
    connect(tcp, &TcpProbe::finished, this, [this](Reach reach) {
        m_facts.ownPort = reach;
        oneDone();
    });
}

void DoctorTask::probePeer() {
    if (!m_facts.peer || m_facts.peer->blocked) return;
    const std::optional<net::Candidate> candidate = candidateFrom(m_facts.peer->address);
    if (!candidate) return;
    ++m_running;
    auto* const tcp = new TcpProbe(candidate->address, candidate->port, kConnectPatience, this);
    connect(tcp, &TcpProbe::finished, this, [this](Reach reach) {
        m_facts.peer->reach = reach;
        oneDone();
    });
}

void DoctorTask::probeWayBack() {
    if (!m_facts.peer || !m_facts.peer->session || m_facts.peer->blocked) return;
    ++m_running;
    m_wayBackPatience.setRemainingTime(kDialBackPatience);
    ask(
        [who = m_who](Messenger& messenger) {
            const Expected<PersonView> person = messenger.find(who);
            return person && messenger.askToDialBack(person->record.id);
        },
        [this](bool asked) {
            if (asked) return lookForDialBack();
            oneDone();
        });
}

void DoctorTask::lookForDialBack() {
    ask([who = m_who](Messenger& messenger) { return look(messenger, who); },
        [this](const Seen& seen) {
            m_facts.peer->back = seen.peer ? seen.peer->back : DialledBack::NotAsked;
            if (m_facts.peer->back != DialledBack::No || m_wayBackPatience.hasExpired()) return oneDone();
            QTimer::singleShot(kLookAgain, this, &DoctorTask::lookForDialBack);
        });
}

void DoctorTask::probeRelays() {
    if (!m_facts.peer || !m_facts.peer->post || m_facts.peer->session || m_facts.peer->blocked) return;
    ++m_running;
    m_relayPatience.setRemainingTime(kRelayPatience);
    lookAtRelays();
}

void DoctorTask::lookAtRelays() {
    ask(
        [conversation = m_conversation](Messenger& messenger) {
            messenger.tryPost(conversation);
            return messenger.postView(conversation);
        },
        [this](const PostView& post) {
            m_facts.peer->post = post;
            const bool mayChange = post.state == PostState::Unknown || post.state == PostState::Unreachable ||
                                   post.state == PostState::ShutOut;
            if (!mayChange || m_relayPatience.hasExpired()) return oneDone();
            QTimer::singleShot(kLookAgain, this, &DoctorTask::lookAtRelays);
        });
}

void DoctorTask::oneDone() {
    if (--m_running == 0) report();
}

void DoctorTask::report() {
    bool ok = true;
    for (const Check& check : diagnose(m_facts)) {
        ok = ok && check.ok;
        result({{u"check"_s, check.check},
                {u"ok"_s, check.ok},
                {u"found"_s, check.found},
                {u"advice"_s, check.advice}});
    }
    finish({{u"healthy"_s, ok}});
}

}  // namespace landline::app::control
