#pragma once

#include "app/messenger/post_view.h"
#include "app/messenger/relay_view.h"
#include "p2p/base/limits.h"

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

/// "Why can't I see somebody?": what was found out about this machine's network, and what follows from it in plain words.
/// Without sockets: the task gathers, this module judges. The CLI and the desktop show the same checks.
namespace landline::app::control {

struct Check {
    QString check;  ///< a stable name for scripts
    bool ok = true;
    QString found;   ///< a sentence
    QString advice;  ///< what to do; empty if nothing is to be done
};

/// How a connection to an address went.
enum class Reach { NotTried, Connected, Refused, TimedOut, NoRoute };
/// Whether somebody who was asked over a session to dial this machine got through.
enum class DialledBack { NotAsked, Yes, No };
/// A version of the protocol, as "1.0".
struct Version {
    quint32 major = 0;
    quint32 minor = 0;
};

struct Facts {
    struct Interface {
        QString name;
        QString address;
        bool loopback = false;
    };
    struct Loop {
        QString interface;
        bool cameBack = false;  ///< a datagram sent to the interface's broadcast address was heard here
    };
    struct Peer {
        QString name;
        bool blocked = false;
        bool session = false;
        bool atRelay = false;   ///< online at a relay
        bool incoming = false;  ///< that session was dialled by the other side
        bool beacon = false;    ///< heard since the start
        QString address;        ///< where it was last; empty if never met
        Reach reach = Reach::NotTried;
        DialledBack back = DialledBack::NotAsked;
        std::optional<PostView> post;  ///< whether messages can be left at a relay; of somebody who was met
        std::optional<Version> speaks;      ///< the highest, as it said when a session opened
        bool otherVersion = false;          ///< the failure was that it speaks another version
        QString failure;                    ///< of the last dial or session
        std::optional<qint64> aheadMillis;  ///< its clock against this one's, where a message showed it
    };

    std::vector<Interface> interfaces;
    quint16 port = 0;  ///< 0: the node does not listen
    Reach ownPort = Reach::NotTried;
    QString ownAddress;  ///< where ownPort was tried
    quint16 discoveryPort = limits::kDiscoveryPort;
    bool discoveryPortFree = true;  ///< it can be shared
    QString discoveryHolder;        ///< who has it otherwise, where that is known
    std::vector<Loop> loops;
    std::vector<RelayView> relays;  ///< of this profile
    quint64 turnedAway = 0;         ///< messages of strangers by relay for whom there was no room
    int devicesHeard = 0;
    QStringList firewalls;  ///< that are active
    QStringList warnings;   ///< the node's own
    Version version;        ///< what this program speaks
    qint64 nowMillis = 0;
    std::optional<Peer> peer;
};

[[nodiscard]] std::vector<Check> diagnose(const Facts& facts);

[[nodiscard]] bool isVirtualInterface(const QString& name);
[[nodiscard]] bool isVpnInterface(const QString& name);

}  // namespace landline::app::control
