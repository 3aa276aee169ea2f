#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/expected.h"
#include "p2p/base/limits.h"

#include <QSet>
#include <QString>

#include <optional>
#include <vector>

namespace landline::net {

/// What somebody wrote to be tried besides discovery: one host, or a range of IPv4 addresses.
struct HostEntry {
    QString host;              ///< a name or an address; empty for a range
    quint32 firstAddress = 0;  ///< of a range, in host order
    quint32 addresses = 0;     ///< how many the range holds; 0 for a single host
    quint16 port = 0;

    [[nodiscard]] bool isRange() const { return addresses != 0; }
    friend bool operator==(const HostEntry&, const HostEntry&) = default;
};

/// Reads HOST, HOST:PORT, IPV6, [IPV6]:PORT, ADDRESS/PREFIX or ADDRESS/PREFIX:PORT. A range is IPv4 and holds
/// at most limits::kProbeRange addresses; its network and broadcast addresses are left out. Fails with
/// InvalidArgument and a sentence for whoever wrote it.
[[nodiscard]] Expected<HostEntry> parseHostEntry(const QString& text,
                                                 quint16 defaultPort = limits::kDiscoveryPort);

/// One connection to try.
struct ProbeTarget {
    QString host;
    quint16 port = 0;

    friend bool operator==(const ProbeTarget&, const ProbeTarget&) = default;
};

/// Decides when which of the listed hosts is dialled, slowly enough to disturb nobody: at most
/// limits::kProbesPerSecond and limits::kProbesAtOnce; a single host again after 15 s, doubling up to 5 min;
/// a range again 10 min after its end. Owns no socket: the owner dials what `next` gives and reports
/// `finished`. An owner that has a session with a target leaves it in use, and it is not tried meanwhile.
class HostProbe {
public:
    /// Known entries are not added again; fails with Full beyond limits::kProbeEntries.
    Expected<void> add(const HostEntry& entry, MonoTime now);
    /// Try the whole list again soon: the network changed.
    void restart(MonoTime now);

    /// The next target to dial, which is then under way until `finished`.
    [[nodiscard]] std::optional<ProbeTarget> next(MonoTime now);
    [[nodiscard]] std::optional<MonoTime> nextTimeout() const;
    /// The dial failed, or the session it led to ended.
    void finished(const ProbeTarget& target);
    /// The dial led to a session: its place among those under way is free again, and it is left alone until
    /// `finished`.
    void connected(const ProbeTarget& target);

private:
    struct Item {
        HostEntry entry;
        MonoTime due{};
        Duration pause{};
        quint32 at = 0;  ///< position within a range
    };

    [[nodiscard]] bool isBusy() const;
    [[nodiscard]] ProbeTarget take(Item& item, MonoTime now);
    [[nodiscard]] static QString keyOf(const ProbeTarget& target);

    std::vector<Item> m_items;
    QSet<QString> m_underWay;
    QSet<QString> m_connected;
    MonoTime m_notBefore{};
};

}  // namespace landline::net
