#include "relay/config.h"

#include "p2p/base/limits.h"
#include "relay/config_values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace landline::relay {

namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view kClassPrefix = "quota.";
constexpr std::size_t kClassName = 32;
constexpr std::size_t kListens = 16;

Unexpected malformed(std::string text) {
    return Unexpected(ErrorCode::Malformed, std::move(text));
}

// --- Values of several parts ---------------------------------------------------------------------------------------

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t comma = text.find(',');
        parts.push_back(values::trimmed(text.substr(0, comma)));
        if (comma == std::string_view::npos) return parts;
        text.remove_prefix(comma + 1);
    }
}

/// "64 MiB, 200000 messages". Half of it is the most that one sender gets.
Expected<Quota> parseQuota(std::string_view text) {
    constexpr std::string_view kUnit = "messages";
    const auto parts = split(text);
    if (parts.size() != 2 || !parts[1].ends_with(kUnit))
        return malformed("a quota is a size and a number of messages, such as 64 MiB, 200000 messages.");
    const auto bytes = values::size(parts[0]);
    if (!bytes) return Unexpected(bytes.error());
    const auto items =
        values::number(values::trimmed(parts[1].substr(0, parts[1].size() - kUnit.size())), 1, 10'000'000);
    if (!items) return Unexpected(items.error());
    Quota quota;
    quota.bytes = *bytes;
    quota.items = static_cast<std::uint32_t>(*items);
    quota.senderBytes = std::max<std::uint64_t>(quota.bytes / 2, 1);
    quota.senderItems = std::max<std::uint32_t>(quota.items / 2, 1);
    return quota;
}

std::string quotaText(const Quota& quota) {
    return values::sizeText(quota.bytes) + ", " + std::to_string(quota.items) + " messages";
}

Expected<std::vector<HostPort>> parseHostPorts(std::string_view text) {
    std::vector<HostPort> list;
    for (const std::string_view part : split(text)) {
        auto at = parseHostPort(part);
        if (!at) return Unexpected(at.error());
        if (std::find(list.begin(), list.end(), *at) != list.end())
            return malformed(toText(*at) + " is named twice.");
        list.push_back(std::move(*at));
    }
    if (list.size() > kListens) return malformed("these are more than " + std::to_string(kListens) + " addresses.");
    return list;
}

std::string hostPortsText(const std::vector<HostPort>& list) {
    std::string text;
    for (const HostPort& at : list) text.append(text.empty() ? "" : ", ").append(toText(at));
    return text;
}

bool isLoopback(const std::string& host) {
    in_addr address{};
    // A name that begins like one may lead anywhere.
    const bool isV4 = host.starts_with("127.") && ::inet_pton(AF_INET, host.c_str(), &address) == 1;
    return isV4 || host == "localhost" || host == "::1";
}

// --- The settings --------------------------------------------------------------------------------------------------

struct Setting {
    std::string_view name;
    std::string_view help;
    bool reloads;  ///< SIGHUP is enough
    Expected<void> (*read)(RelayConfig&, std::string_view);
    std::string (*write)(const RelayConfig&);
};

template <class T, class Field>
Expected<void> keep(Expected<T> read, Field& field) {
    if (!read) return Unexpected(read.error());
    field = static_cast<Field>(std::move(*read));
    return {};
}

Expected<void> readMetrics(RelayConfig& config, std::string_view text) {
    if (text == "off") {
        config.metrics = {};
        return {};
    }
    auto at = parseHostPort(text);
    if (!at) return Unexpected(at.error());
    if (!isLoopback(at->host))
        return malformed("the figures are for this machine only: use 127.0.0.1 or [::1], and a proxy of your own for more.");
    return keep(std::move(at), config.metrics);
}

using Text = std::string_view;
using Config = RelayConfig;

const std::array<Setting, 16> kSettings{{
    {"listen", "Where clients reach the relay. Several are separated by commas; [::] is every address, of IPv4 as well.",
     false, [](Config& c, Text t) { return keep(parseHostPorts(t), c.listen); },
     [](const Config& c) { return hostPortsText(c.listen); }},
    {"public", "What the relay's URLs name: how clients elsewhere reach it. If it is missing, URLs name this machine.",
     true, [](Config& c, Text t) { return keep(parseHostPort(t), c.publicAddress); },
     [](const Config& c) { return c.publicAddress.host.empty() ? std::string("relay.example.org:47475") : toText(c.publicAddress); }},
    {"folder", "Where the key and the database lie. A relative path starts at this file.", false,
     [](Config& c, Text t) -> Expected<void> {
         if (t.empty()) return malformed("a folder is missing.");
         c.folder = std::string(t);
         return {};
     },
     [](const Config& c) { return c.folder; }},
    {"time-to-live", "How long a message waits for somebody who is away: at most 30 days, since no device counts on more.", true,
     [](Config& c, Text t) { return keep(values::time(t, hours(1), limits::kRelayLifeMost), c.timeToLive); },
     [](const Config& c) { return values::timeText(c.timeToLive); }},
    {"quota", "What one mailbox may hold, half of it from one sender. Classes for \"invite --class NAME\" are given as quota.NAME = ….", true,
     [](Config& c, Text t) { return keep(parseQuota(t), c.quota); },
     [](const Config& c) { return quotaText(c.quota); }},
    {"store-size", "What all mailboxes together may hold.", true,
     [](Config& c, Text t) { return keep(values::size(t), c.storeBytes); },
     [](const Config& c) { return values::sizeText(c.storeBytes); }},
    {"clients", "Clients at the same time. Each needs a file descriptor.", true,
     [](Config& c, Text t) { return keep(values::number(t, 1, 1'000'000), c.clients); },
     [](const Config& c) { return std::to_string(c.clients); }},
    {"unauthenticated", "Connections at the same time that have not said yet who they are.", true,
     [](Config& c, Text t) { return keep(values::number(t, 1, 100'000), c.unauthenticated); },
     [](const Config& c) { return std::to_string(c.unauthenticated); }},
    {"backlog", "Connections that the system keeps until the relay takes them.", false,
     [](Config& c, Text t) { return keep(values::number(t, 1, 65'535), c.backlog); },
     [](const Config& c) { return std::to_string(c.backlog); }},
    {"handshakes-per-address", "Connections each second from one address, or one /64 network of IPv6.", true,
     [](Config& c, Text t) { return keep(values::number(t, 1, 100'000), c.handshakesPerAddress); },
     [](const Config& c) { return std::to_string(c.handshakesPerAddress); }},
    {"guests-per-address", "Clients without a mailbox here at the same time, from one address, or one /64 network of IPv6. All "
     "together they are a quarter of \"clients\" at most.", true,
     [](Config& c, Text t) { return keep(values::number(t, 1, 1'000'000), c.guestsPerAddress); },
     [](const Config& c) { return std::to_string(c.guestsPerAddress); }},
    {"requests-per-device", "Requests each second of one device; more wait.", true,
     [](Config& c, Text t) { return keep(values::number(t, 1, 1'000'000), c.requestsPerDevice); },
     [](const Config& c) { return std::to_string(c.requestsPerDevice); }},
    {"open", "Whether everybody gets a mailbox, without an invite. Who did keeps it when this is off again.", true,
     [](Config& c, Text t) { return keep(values::onOff(t), c.open); },
     [](const Config& c) { return values::onOffText(c.open); }},
    {"directory", "Whether account holders may list themselves for each other.", true,
     [](Config& c, Text t) { return keep(values::onOff(t), c.directory); },
     [](const Config& c) { return values::onOffText(c.directory); }},
    {"log-addresses", "Whether the log names network addresses. Without, it names nobody.", true,
     [](Config& c, Text t) { return keep(values::onOff(t), c.logAddresses); },
     [](const Config& c) { return values::onOffText(c.logAddresses); }},
    {"metrics", "Where /metrics, /healthz and /readyz are served, on loopback only; \"off\" for nowhere.", false, readMetrics,
     [](const Config& c) { return c.metrics.port == 0 ? std::string("off") : toText(c.metrics); }},
}};

const Setting* find(std::string_view name) {
    const auto found =
        std::find_if(kSettings.begin(), kSettings.end(), [&](const Setting& one) { return one.name == name; });
    return found == kSettings.end() ? nullptr : &*found;
}

/// Levenshtein distance, for a hint at what was meant.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
        }
    }
    return row[b.size()];
}

std::string unknown(std::string_view name) {
    const Setting* nearest = nullptr;
    std::size_t least = 4;
    for (const Setting& one : kSettings) {
        const std::size_t apart = name.size() > 64 ? least : distance(name, one.name);
        if (apart < least) least = apart, nearest = &one;
    }
    std::string text = "there is no setting \"" + std::string(name.substr(0, 64)) + "\"";
    return nearest ? text.append("; did you mean \"").append(nearest->name).append("\"?") : text.append(".");
}

/// A comment begins with the line or after a blank: a '#' within a value, such as a folder's name, is part of it.
std::string_view withoutComment(std::string_view line) {
    for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1))
        if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
    return line;
}

Expected<void> readClass(RelayConfig& config, std::string_view name, std::string_view value) {
    const bool isPlain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
    if (name.empty() || name.size() > kClassName || !isPlain)
        return malformed("the name of a quota class is made of up to 32 small letters, digits and dashes.");
    return keep(parseQuota(value), config.quotaClasses[std::string(name)]);
}

Expected<void> readSetting(RelayConfig& config, std::string_view name, std::string_view value) {
    if (name.starts_with(kClassPrefix)) return readClass(config, name.substr(kClassPrefix.size()), value);
    const Setting* const setting = find(name);
    if (!setting) return malformed(unknown(name));
    return setting->read(config, value);
}

}  // namespace

std::string toText(const HostPort& at) {
    const bool isV6 = at.host.find(':') != std::string::npos;
    return (isV6 ? "[" + at.host + "]" : at.host) + ":" + std::to_string(at.port);
}

Expected<HostPort> parseHostPort(std::string_view text) {
    const auto wrong = [&] {
        return malformed("\"" + std::string(text.substr(0, 300)) +
                         "\" is not HOST:PORT, such as relay.example.org:47475 or [2001:db8::1]:47475.");
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong();
    std::string_view host = text.substr(0, colon);
    const bool isBracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (isBracketed) host = host.substr(1, host.size() - 2);
    constexpr std::string_view kName =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    constexpr std::string_view kV6 = "0123456789abcdefABCDEF:.";
    const std::string_view allowed = isBracketed ? kV6 : kName;
    if (host.empty() || host.size() > 253 || host.find_first_not_of(allowed) != std::string_view::npos) return wrong();
    if (isBracketed && host.find(':') == std::string_view::npos) return wrong();
    const auto port = values::number(text.substr(colon + 1), 1, 65'535);
    if (!port) return wrong();
    return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

ParsedConfig parseConfig(std::string_view text) {
    ParsedConfig parsed;
    std::set<std::string, std::less<>> seen;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view whole = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string_view content = values::trimmed(withoutComment(whole));
        if (content.empty()) continue;
        const std::size_t equals = content.find('=');
        if (equals == std::string_view::npos) {
            parsed.errors.push_back({line, "this is not \"name = value\"."});
            continue;
        }
        const std::string_view name = values::trimmed(content.substr(0, equals));
        if (!seen.emplace(name).second) {
            parsed.errors.push_back({line, "\"" + std::string(name.substr(0, 64)) + "\" is set a second time."});
            continue;
        }
        const auto done = readSetting(parsed.config, name, values::trimmed(content.substr(equals + 1)));
        if (!done) parsed.errors.push_back({line, done.error().text});
    }
    return parsed;
}

std::string configText(const RelayConfig& config) {
    const RelayConfig standard;
    std::string text =
        "# landline-relay: \"name = value\" on each line. What is commented out is the default.\n"
        "# \"landline-relay check\" reads this file and names every error.\n";
    for (const Setting& one : kSettings) {
        // What stands there for no public address is an example, which may be somebody's.
        const bool isExample = one.name == "public" && config.publicAddress != standard.publicAddress;
        const bool isStandard = one.write(config) == one.write(standard) && !isExample;
        text.append("\n# ").append(one.help).append("\n");
        if (!one.reloads) text.append("# Takes effect with the next start.\n");
        text.append(isStandard ? "#" : "").append(one.name).append(" = ").append(one.write(config)).append("\n");
        if (one.name != "quota") continue;
        for (const auto& [name, quota] : config.quotaClasses)
            text.append(kClassPrefix).append(name).append(" = ").append(quotaText(quota)).append("\n");
    }
    return text;
}

std::vector<std::string> needRestart(const RelayConfig& running, const RelayConfig& read) {
    std::vector<std::string> names;
    for (const Setting& one : kSettings)
        if (!one.reloads && one.write(running) != one.write(read)) names.emplace_back(one.name);
    return names;
}

}  // namespace landline::relay
