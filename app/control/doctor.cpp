#include "app/control/doctor.h"

#include "app/messenger/relay_text.h"

#include <QCoreApplication>

#include <algorithm>
#include <utility>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

/// Before this the clock cannot be right: 2025-01-01.
constexpr qint64 kEarliestNow = 1'735'689'600'000;
constexpr qint64 kClockTolerance = 2 * 60 * 1000;

QString tr(const char* text) {
    return QCoreApplication::translate("landline::app::control", text);  // where lupdate looks for it
}

Check good(const QString& name, const QString& found) {
    return {name, true, found, {}};
}
Check bad(const QString& name, const QString& found, const QString& advice) {
    return {name, false, found, advice};
}

bool anyBegins(const QString& name, std::initializer_list<QLatin1String> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&name](QLatin1String beginning) { return name.startsWith(beginning); });
}

QString firewallAdvice(const Facts& facts) {
    QString advice = tr("Let UDP port %1 and TCP port %2 in.").arg(facts.discoveryPort).arg(facts.port);
    for (const QString& firewall : facts.firewalls) {
        if (firewall == "ufw"_L1) {
            advice += tr(" With ufw: sudo ufw allow %1/udp; sudo ufw allow %2/tcp.")
                          .arg(facts.discoveryPort)
                          .arg(facts.port);
        } else if (firewall == "firewalld"_L1) {
            advice +=
                tr(" With firewalld: sudo firewall-cmd --permanent --add-port=%1/udp --add-port=%2/tcp; "
                   "sudo firewall-cmd --reload.")
                    .arg(facts.discoveryPort)
                    .arg(facts.port);
        }
    }
    return advice;
}

Check interfaces(const Facts& facts) {
    QStringList real;
    QStringList others;
    for (const Facts::Interface& interface : facts.interfaces) {
        if (interface.loopback) continue;
        const QString shown = interface.name + u" "_s + interface.address;
        (isVirtualInterface(interface.name) || isVpnInterface(interface.name) ? others : real).append(shown);
    }
    if (!real.isEmpty()) return good(u"interfaces"_s, real.join(u", "_s));
    if (others.isEmpty()) {
        return bad(u"interfaces"_s, tr("This machine is on no network."),
                   tr("Plug in the cable or join the wireless network; others are found as soon as there is "
                      "an address."));
    }
    return bad(u"interfaces"_s, tr("Only virtual networks have an address: %1.").arg(others.join(u", "_s)),
               tr("People outside of them cannot see this machine. Join the network on which they are."));
}

Check vpn(const Facts& facts) {
    QStringList names;
    for (const Facts::Interface& interface : facts.interfaces) {
        if (isVpnInterface(interface.name) && !names.contains(interface.name)) names.append(interface.name);
    }
    if (names.isEmpty()) return good(u"vpn"_s, tr("No VPN is up."));
    Check check = good(u"vpn"_s, tr("A VPN is up: %1.").arg(names.join(u", "_s)));
    check.advice =
        tr("Some VPNs keep a machine from its own network. If people are missing, allow local network access "
           "in the VPN's settings, or turn it off for a try.");
    return check;
}

Check listening(const Facts& facts) {
    const QString name = u"listening"_s;
    if (facts.port == 0) {
        return bad(name, tr("Nobody can connect to this node: it does not listen."),
                   tr("Another program may have the port that was asked for. Choose another, or none for any "
                      "free one."));
    }
    switch (facts.ownPort) {
        case Reach::NotTried:
            return good(name, tr("Listening on TCP port %1.").arg(facts.port));
        case Reach::Connected:
            return good(name,
                        tr("TCP port %1 takes connections at %2.").arg(facts.port).arg(facts.ownAddress));
        case Reach::Refused:
        case Reach::TimedOut:
        case Reach::NoRoute:
            break;
    }
    return bad(name,
               tr("TCP port %1 does not answer at this machine's own address %2.")
                   .arg(facts.port)
                   .arg(facts.ownAddress),
               firewallAdvice(facts));
}

Check discoveryPort(const Facts& facts) {
    const QString name = u"discovery-port"_s;
    if (facts.discoveryPortFree) return good(name, tr("UDP port %1 can be heard.").arg(facts.discoveryPort));
    const QString holder = facts.discoveryHolder.isEmpty() ? tr("another program") : facts.discoveryHolder;
    return bad(
        name, tr("UDP port %1 is taken by %2, which does not share it.").arg(facts.discoveryPort).arg(holder),
        tr("End that program; Landline then hears others by itself. Until then it is heard, but hears "
           "nobody, unless "
           "they connect to it."));
}

Check beaconLoop(const Facts& facts) {
    const QString name = u"broadcast"_s;
    QStringList silent;
    QStringList heard;
    for (const Facts::Loop& loop : facts.loops) (loop.cameBack ? heard : silent).append(loop.interface);
    if (!facts.discoveryPortFree) return good(name, tr("Not tried: the port is taken."));
    if (silent.isEmpty() && heard.isEmpty())
        return good(name, tr("Not tried: there is no network to broadcast on."));
    if (silent.isEmpty()) return good(name, tr("Broadcasts come back on %1.").arg(heard.join(u", "_s)));
    return bad(name, tr("Broadcasts sent on %1 do not come back.").arg(silent.join(u", "_s)),
               firewallAdvice(facts));
}

Check heard(const Facts& facts) {
    const QString name = u"beacons"_s;
    if (facts.devicesHeard > 0) {
        return good(name, QCoreApplication::translate("doctor", "%n device(s) heard since the start.",
                                                      nullptr, facts.devicesHeard));
    }
    Check check =
        bad(name, tr("No other device has been heard."),
            tr("Is Landline running on another machine of this network? Many guest and company networks "
               "keep their "
               "machines apart (\"client isolation\"), and beacons do not cross into other subnets: then "
               "give an address "
               "with --connect HOST:PORT."));
    check.ok = std::any_of(facts.relays.begin(), facts.relays.end(),
                           [](const RelayView& one) { return one.state == RelayState::Connected; });
    if (check.ok) check.found += u" "_s + tr("Messages go by the relay.");
    return check;
}

Check firewall(const Facts& facts) {
    const QString name = u"firewall"_s;
    if (facts.firewalls.isEmpty()) return good(name, tr("No active firewall was found on this machine."));
    Check check = good(name, tr("A firewall is active: %1.").arg(facts.firewalls.join(u", "_s)));
    // Only a guess as long as others are heard.
    if (facts.devicesHeard > 0) return check;
    check.ok = false;
    check.advice = firewallAdvice(facts);
    return check;
}

Check relay(const RelayView& relay) {
    const QString name = u"relay"_s;
    switch (relay.state) {
        case RelayState::Connected:
            return good(name, tr("The relay %1 is connected.").arg(relay.address));
        case RelayState::Connecting:
            return good(name, tr("The relay %1 is being dialled.").arg(relay.address));
        case RelayState::ShutOut:
            return bad(name, tr("The relay %1 does not let this device in.").arg(relay.address),
                       relayTrouble(relay));
        case RelayState::Waiting:
        case RelayState::WrongKey:
            break;
    }
    return bad(name, tr("The relay %1 is not connected.").arg(relay.address), relayTrouble(relay));
}

Check turnedAway(const Facts& facts) {
    return bad(u"requests"_s,
               tr("More people whom you do not know wrote to you by relay than there is room for. "
                  "Messages dropped: %1.")
                   .arg(facts.turnedAway),
               tr("Somebody may be making such requests up with your contact link. Make a new link, by "
                  "\"contact link --new\" or where your link is shown, and give it to those who are to "
                  "write to you; people whom you have accepted notice nothing."));
}

Check clock(const Facts& facts) {
    const QString name = u"clock"_s;
    if (facts.nowMillis < kEarliestNow) {
        return bad(name, tr("This machine's clock is years behind."),
                   tr("Set the date: messages are shown in the order of their authors' clocks."));
    }
    if (facts.peer && facts.peer->aheadMillis && *facts.peer->aheadMillis > kClockTolerance) {
        return bad(name,
                   tr("%1's clock is at least %2 minutes ahead of this one.")
                       .arg(facts.peer->name)
                       .arg(*facts.peer->aheadMillis / 60'000),
                   tr("Set the date and time on the machine that is wrong; messages may be shown out of "
                      "order until then."));
    }
    return good(name, tr("The clock is plausible."));
}

QString shown(const Version& version) {
    return QString::number(version.major) + u'.' + QString::number(version.minor);
}

Check version(const Facts& facts) {
    const QString name = u"version"_s;
    const QString own = tr("This program speaks version %1 of the protocol.").arg(shown(facts.version));
    if (!facts.peer) return good(name, own);
    const Facts::Peer& peer = *facts.peer;
    if (peer.otherVersion) {
        return bad(name, own + u" "_s + peer.failure,
                   tr("Update the older of the two programs: they cannot talk until then."));
    }
    if (!peer.speaks) return good(name, own);
    Check check = good(name, own + u" "_s + tr("%1's speaks %2.").arg(peer.name, shown(*peer.speaks)));
    const Version& theirs = *peer.speaks;
    const auto number = [](const Version& v) { return std::pair(v.major, v.minor); };
    if (number(theirs) > number(facts.version)) {
        check.advice = tr("Theirs is newer. Update this program, or some of what they send cannot be shown.");
    } else if (number(theirs) < number(facts.version)) {
        check.advice = tr("Theirs is older. Some of what you send may not be shown to them.");
    }
    return check;
}

Check toThem(const Facts& facts) {
    const Facts::Peer& peer = *facts.peer;
    const QString name = u"to-them"_s;
    switch (peer.reach) {
        case Reach::NotTried:
            return good(name, tr("Not tried: no address of %1 is known.").arg(peer.name));
        case Reach::Connected:
            return good(name, tr("Connections from here reach %1 at %2.").arg(peer.name, peer.address));
        case Reach::Refused:
        case Reach::TimedOut:
        case Reach::NoRoute:
            break;
    }
    return bad(
        name,
        tr("%1 is connected, but connections from here do not reach %2: a firewall on their machine, or in "
           "between, lets none in.")
            .arg(peer.name, peer.address),
        tr("On %1's machine, let that TCP port in. Until then talking works as long as they connect first, "
           "but no file can be fetched from them.")
            .arg(peer.name));
}

Check fromThem(const Facts& facts) {
    const Facts::Peer& peer = *facts.peer;
    const QString name = u"from-them"_s;
    switch (peer.back) {
        case DialledBack::NotAsked:
            return good(name, tr("Not tried: %1 could not be asked.").arg(peer.name));
        case DialledBack::Yes:
            return good(name, tr("Connections from %1 reach this machine.").arg(peer.name));
        case DialledBack::No:
            break;
    }
    return bad(
        name,
        tr("%1 was asked to connect to this machine and did not get through to its TCP port %2: a firewall "
           "on this machine, or in between, lets nothing in.")
            .arg(peer.name)
            .arg(facts.port),
        firewallAdvice(facts) + u" "_s +
            tr("Until then talking works as long as you connect first, but they can fetch no file."));
}

bool takesPost(const Facts::Peer& peer) {
    return peer.post && peer.post->state == PostState::Ready;
}

Check peerBeacon(const Facts& facts) {
    const Facts::Peer& peer = *facts.peer;
    const QString name = u"their-beacon"_s;
    if (peer.beacon) return good(name, tr("%1's beacon was heard.").arg(peer.name));
    if (peer.atRelay || (takesPost(peer) && !peer.session)) {
        return good(name,
                    tr("No beacon of %1 was heard: they are on another network, or beacons are blocked.")
                        .arg(peer.name));
    }
    if (peer.session) {
        return bad(name, tr("%1 is connected, but no beacon of theirs was heard.").arg(peer.name),
                   tr("Broadcasts are blocked between you: another subnet, client isolation of the wireless "
                      "network, or a "
                      "firewall that drops UDP port %1. Talking works as long as the address stays the same.")
                       .arg(facts.discoveryPort));
    }
    return bad(name, tr("No beacon of %1 was heard.").arg(peer.name),
               tr("Is Landline running there, visible, and on the same network? If it is, its firewall or "
                  "the network in "
                  "between drops UDP port %1.")
                   .arg(facts.discoveryPort));
}

Check unreachable(const Facts& facts) {
    const Facts::Peer& peer = *facts.peer;
    const QString name = u"connection"_s;
    switch (peer.reach) {
        case Reach::Connected:
            return bad(name, tr("%1 answers at %2, but no session came about.").arg(peer.name, peer.address),
                       tr("Another version may run there, or another person's Landline has that address now. "
                          "Update both "
                          "sides and start them again."));
        case Reach::Refused:
            return bad(name,
                       tr("The machine at %1 is there, but nothing takes connections.").arg(peer.address),
                       tr("Start Landline there; if it runs, a firewall there rejects its TCP port."));
        case Reach::TimedOut:
            return bad(name, tr("The machine at %1 does not answer.").arg(peer.address),
                       tr("It is off or asleep, or a firewall (there, or in between) drops its TCP port. If "
                          "they can write to "
                          "you first, it is the firewall on their side."));
        case Reach::NoRoute:
            return bad(
                name, tr("There is no way to %1 from here.").arg(peer.address),
                tr("That address belongs to another network. Join it, or turn a VPN that hides it off."));
        case Reach::NotTried:
            break;
    }
    return bad(name, tr("%1 is not connected, and no address of theirs is known.").arg(peer.name),
               tr("Start Landline there on this network, or give their address with --connect HOST:PORT."));
}

/// Without a session; somebody may be online at a relay that takes nothing for them.
Check byRelay(const Facts& facts) {
    const Facts::Peer& peer = *facts.peer;
    if (peer.atRelay && takesPost(peer)) {
        Check check =
            good(u"connection"_s, tr("%1 is online at a relay; messages go through it.").arg(peer.name));
        check.advice = tr("Files need a direct connection. On one network it comes about by itself.");
        return check;
    }
    Check check = peer.atRelay ? bad(u"connection"_s, tr("%1 is online at a relay.").arg(peer.name), {})
                               : unreachable(facts);
    if (!peer.failure.isEmpty())
        check.found += u" "_s + tr("The last attempt ended so: %1").arg(peer.failure);
    if (!peer.post || peer.otherVersion) return check;
    if (!takesPost(peer)) {
        check.found += u" "_s + tr("Nothing can be left for %1 at a relay.").arg(peer.name);
        check.advice = QString(check.advice + u" "_s + postTrouble(*peer.post)).trimmed();
        return check;
    }
    check.ok = true;
    check.found +=
        u" "_s + tr("Messages still go by a relay, which keeps them until %1 comes for them.").arg(peer.name);
    check.advice = tr("For files there must be a direct connection.") + u" "_s + check.advice;
    return check;
}

Check connection(const Facts& facts) {
    const Facts::Peer& peer = *facts.peer;
    if (peer.blocked) {
        return bad(u"connection"_s, tr("You have blocked %1.").arg(peer.name),
                   tr("\"unblock\" lifts the block."));
    }
    if (!peer.session) return byRelay(facts);
    return good(u"connection"_s, tr("Connected with %1 at %2.").arg(peer.name, peer.address));
}

}  // namespace

bool isVirtualInterface(const QString& name) {
    return anyBegins(name, {"docker"_L1, "br-"_L1, "veth"_L1, "virbr"_L1, "vmnet"_L1, "vboxnet"_L1, "lxc"_L1,
                            "lxd"_L1, "podman"_L1, "cni"_L1, "vnet"_L1, "dummy"_L1});
}

bool isVpnInterface(const QString& name) {
    return anyBegins(
        name, {"tun"_L1, "tap"_L1, "wg"_L1, "ppp"_L1, "tailscale"_L1, "zt"_L1, "ipsec"_L1, "nordlynx"_L1});
}

std::vector<Check> diagnose(const Facts& facts) {
    std::vector<Check> checks{interfaces(facts),    vpn(facts),        listening(facts),
                              discoveryPort(facts), beaconLoop(facts), heard(facts),
                              firewall(facts),      clock(facts),      version(facts)};
    for (const RelayView& one : facts.relays) checks.push_back(relay(one));
    if (facts.turnedAway != 0) checks.push_back(turnedAway(facts));
    for (const QString& warning : facts.warnings) checks.push_back(bad(u"node"_s, warning, {}));
    if (facts.peer) {
        checks.push_back(peerBeacon(facts));
        checks.push_back(connection(facts));
        if (facts.peer->session && !facts.peer->blocked) {
            checks.push_back(toThem(facts));
            checks.push_back(fromThem(facts));
        }
    }
    return checks;
}

}  // namespace landline::app::control
