#pragma once

#include "p2p/base/expected.h"
#include "relay/store/mailbox_types.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The operator's settings. One table in config.cpp names, explains, reads and writes each, so that the file that
/// `landline-relay init` writes explains all there are. Values only; free of Qt.
namespace landline::relay {

/// HOST:PORT, as an operator writes it: a name, an IPv4 address, or an IPv6 address in brackets.
struct HostPort {
    std::string host;  ///< without brackets
    std::uint16_t port = 0;

    friend bool operator==(const HostPort&, const HostPort&) = default;
};
[[nodiscard]] std::string toText(const HostPort& at);
/// Fails with Malformed.
[[nodiscard]] Expected<HostPort> parseHostPort(std::string_view text);

inline constexpr std::uint16_t kRelayPort = 47475;

struct RelayConfig {
    std::vector<HostPort> listen{{"::", kRelayPort}};
    /// What URLs name; empty: the machine's own name and the port of the first `listen`.
    HostPort publicAddress;
    /// Of the database and the key; a relative path starts at the configuration file.
    std::string folder = ".";

    std::chrono::seconds timeToLive = std::chrono::hours(24 * 14);
    Quota quota;
    /// By the names that `invite --class` takes.
    std::map<std::string, Quota> quotaClasses;
    std::uint64_t storeBytes = 64ULL << 30;  ///< of all mailboxes together

    std::uint32_t clients = 20'000;
    std::uint32_t unauthenticated = 1'024;
    std::uint32_t guestsPerAddress = 64;
    std::uint32_t backlog = 4'096;
    /// Handshakes a second that one address may begin, or one /64 of IPv6, and requests a second of one device.
    std::uint32_t handshakesPerAddress = 20;
    std::uint32_t requestsPerDevice = 2'000;

    /// Who comes without an invite gets a mailbox.
    bool open = false;
    bool directory = false;
    bool logAddresses = false;
    /// Where /metrics, /healthz and /readyz are served; port 0: nowhere.
    HostPort metrics;

    /// Not of the file: how many sessions there may be in all, where the system gives fewer descriptors than `clients` and those
    /// beside them would take; 0: as many as come.
    std::uint64_t sessions = 0;

    friend bool operator==(const RelayConfig&, const RelayConfig&) = default;
};

struct ConfigError {
    std::size_t line = 0;  ///< from 1
    std::string text;      ///< a sentence
};
struct ParsedConfig {
    RelayConfig config;
    /// Every one that there is, by line; if there are any the config is not to be used.
    std::vector<ConfigError> errors;
};

/// `name = value` on each line; what follows a # at the beginning or after a blank is a comment. Strict: unknown and repeated names are errors.
[[nodiscard]] ParsedConfig parseConfig(std::string_view text);
/// The file with every setting explained. Those that are as the default says are commented out.
[[nodiscard]] std::string configText(const RelayConfig& config);
/// The names of the settings in which the two differ and which take effect with the next start only.
[[nodiscard]] std::vector<std::string> needRestart(const RelayConfig& running, const RelayConfig& read);

}  // namespace landline::relay
