#include "p2p/net/host_probe.h"

#include <QHostAddress>
#include <QRegularExpression>

#include <algorithm>

namespace landline::net {

namespace {

using namespace std::chrono_literals;

constexpr Duration kHostAgain = 15s;
constexpr Duration kHostAgainMost = 5min;
constexpr Duration kRangeAgain = 10min;
constexpr Duration kBetween = Duration(1s) / limits::kProbesPerSecond;

Unexpected invalid(const QString& text, const char* why) {
    return Unexpected(ErrorCode::InvalidArgument, "\"" + text.toStdString() + "\" cannot be tried: " + why);
}

/// Cuts ":PORT" off the end, if there is one; nothing if it is no port.
std::optional<quint16> cutPort(QString& text, quint16 defaultPort) {
    const qsizetype colon = text.lastIndexOf(QLatin1Char(':'));
    if (colon < 0) return defaultPort;
    static const QRegularExpression kDigits(QStringLiteral("\\A[0-9]{1,5}\\z"));
    const QString digits = text.mid(colon + 1);
    const uint port = digits.toUInt();
    if (!kDigits.match(digits).hasMatch() || port == 0 || port > 0xFFFF) return std::nullopt;
    text.truncate(colon);
    return static_cast<quint16>(port);
}

Expected<HostEntry> parseRange(const QString& whole, QString text, quint16 defaultPort) {
    const std::optional<quint16> port = cutPort(text, defaultPort);
    if (!port) return invalid(whole, "the port is a number from 1 to 65535.");
    const qsizetype slash = text.indexOf(QLatin1Char('/'));
    bool isNumber = false;
    const uint prefix = text.mid(slash + 1).toUInt(&isNumber);
    QHostAddress address;
    const bool isAddress =
        address.setAddress(text.left(slash)) && address.protocol() == QAbstractSocket::IPv4Protocol;
    if (!isAddress || !isNumber || prefix > 32)
        return invalid(whole, "a range is an IPv4 address and a length, such as 192.168.7.0/24.");
    const quint64 size = quint64{1} << (32 - prefix);
    if (size > limits::kProbeRange)
        return invalid(
            whole,
            "the range is too large. A range may hold 4096 addresses at most (a length of 20 or more).");
    HostEntry entry;
    entry.port = *port;
    entry.firstAddress = static_cast<quint32>(address.toIPv4Address() & ~(size - 1));
    entry.addresses = static_cast<quint32>(size);
    if (size > 2) {  // without the network's own address and its broadcast address
        entry.firstAddress += 1;
        entry.addresses -= 2;
    }
    return entry;
}

Expected<HostEntry> parseIpv6(const QString& whole, QString text, quint16 defaultPort) {
    HostEntry entry;
    entry.port = defaultPort;
    if (text.startsWith(QLatin1Char('['))) {
        const qsizetype end = text.indexOf(QLatin1Char(']'));
        if (end < 0) return invalid(whole, "the closing bracket is missing.");
        QString rest = text.mid(end + 1);
        const std::optional<quint16> port = cutPort(rest, defaultPort);
        if (!port || !rest.isEmpty())
            return invalid(whole, "after the bracket only a port may follow, as in [::1]:47474.");
        entry.port = *port;
        text = text.mid(1, end - 1);
    }
    QHostAddress address;
    if (!address.setAddress(text) || address.protocol() != QAbstractSocket::IPv6Protocol)
        return invalid(whole, "it is no IPv6 address.");
    entry.host = text;
    return entry;
}

bool isHostName(const QString& text) {
    static const QRegularExpression kName(QStringLiteral(
        "\\A(?=.{1,253}\\z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\\.?\\z"));
    static const QRegularExpression kOnlyNumbers(QStringLiteral("\\A[0-9.]+\\z"));
    if (!kName.match(text).hasMatch()) return false;
    QHostAddress address;
    return !kOnlyNumbers.match(text).hasMatch() ||
           (text.count(QLatin1Char('.')) == 3 && address.setAddress(text));
}

}  // namespace

Expected<HostEntry> parseHostEntry(const QString& text, quint16 defaultPort) {
    QString host = text.trimmed();
    if (host.isEmpty()) return invalid(text, "it is empty.");
    if (host.contains(QLatin1Char('/'))) return parseRange(text, host, defaultPort);
    if (host.startsWith(QLatin1Char('[')) || host.count(QLatin1Char(':')) > 1)
        return parseIpv6(text, host, defaultPort);
    const std::optional<quint16> port = cutPort(host, defaultPort);
    if (!port) return invalid(text, "the port is a number from 1 to 65535.");
    if (!isHostName(host)) return invalid(text, "it is neither an address nor a host's name.");
    HostEntry entry;
    entry.host = host;
    entry.port = *port;
    return entry;
}

Expected<void> HostProbe::add(const HostEntry& entry, MonoTime now) {
    const bool has = std::any_of(m_items.begin(), m_items.end(),
                                 [&entry](const Item& item) { return item.entry == entry; });
    if (has) return {};
    if (m_items.size() >= limits::kProbeEntries)
        return Unexpected(ErrorCode::Full, "The list of hosts to try is full.");
    m_items.push_back({entry, now, kHostAgain, 0});
    return {};
}

void HostProbe::restart(MonoTime now) {
    for (Item& item : m_items) {
        item.due = now;
        item.pause = kHostAgain;
        item.at = 0;
    }
}

std::optional<ProbeTarget> HostProbe::next(MonoTime now) {
    if (now < m_notBefore || isBusy()) return std::nullopt;
    for (;;) {
        const auto item = std::min_element(m_items.begin(), m_items.end(),
                                           [](const Item& a, const Item& b) { return a.due < b.due; });
        if (item == m_items.end() || item->due > now) return std::nullopt;
        const ProbeTarget target = take(*item, now);
        const QString key = keyOf(target);
        if (m_underWay.contains(key) || m_connected.contains(key)) continue;
        m_underWay.insert(key);
        m_notBefore = now + kBetween;
        return target;
    }
}

std::optional<MonoTime> HostProbe::nextTimeout() const {
    if (m_items.empty() || isBusy()) return std::nullopt;
    const auto item = std::min_element(m_items.begin(), m_items.end(),
                                       [](const Item& a, const Item& b) { return a.due < b.due; });
    return std::max(item->due, m_notBefore);
}

void HostProbe::finished(const ProbeTarget& target) {
    m_underWay.remove(keyOf(target));
    m_connected.remove(keyOf(target));
}

void HostProbe::connected(const ProbeTarget& target) {
    m_underWay.remove(keyOf(target));
    m_connected.insert(keyOf(target));
}

bool HostProbe::isBusy() const {
    return static_cast<std::size_t>(m_underWay.size()) >= limits::kProbesAtOnce;
}

ProbeTarget HostProbe::take(Item& item, MonoTime now) {
    const HostEntry& entry = item.entry;
    if (!entry.isRange()) {
        item.due = now + item.pause;
        item.pause = std::min(item.pause * 2, kHostAgainMost);
        return {entry.host, entry.port};
    }
    const ProbeTarget target{QHostAddress(entry.firstAddress + item.at).toString(), entry.port};
    item.at = (item.at + 1) % entry.addresses;
    item.due = item.at == 0 ? now + kRangeAgain : now;
    return target;
}

QString HostProbe::keyOf(const ProbeTarget& target) {
    return target.host + QLatin1Char('|') + QString::number(target.port);
}

}  // namespace landline::net
