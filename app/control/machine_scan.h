#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

/// What Linux shows of firewalls and of who holds a port, without asking for more rights than one has. Reads /proc and
/// /etc; elsewhere nothing is found.
namespace landline::app::control {

/// Active firewalls by name: ufw, firewalld, nftables, iptables. The last two only where their rules may be read.
[[nodiscard]] QStringList activeFirewalls();
/// "NAME (process N)" of the program of this user that holds a UDP port; empty if it is another user's or unknown.
[[nodiscard]] QString holderOfUdpPort(quint16 port);

// Their parts that read text.
/// True if ufw.conf says that ufw is on.
[[nodiscard]] bool ufwIsEnabled(const QByteArray& conf);
/// True if a chain of `nft list ruleset` on input drops or rejects what no rule takes.
[[nodiscard]] bool nftDropsInput(const QByteArray& ruleset);
/// The inodes of sockets bound to `port` in /proc/net/udp or udp6.
[[nodiscard]] QStringList inodesOfUdpPort(const QByteArray& table, quint16 port);

}  // namespace landline::app::control
