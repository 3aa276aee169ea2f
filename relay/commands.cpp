#include "relay/commands.h"

#include "p2p/base/limits.h"
#include "p2p/identity/relay_url.h"
#include "relay/config_values.h"
#include "relay/control_socket.h"
#include "relay/store/store_folder.h"

#include <QHostInfo>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace landline::relay {

namespace fs = std::filesystem;

namespace {

constexpr const char* kConfigName = "landline-relay.conf";
constexpr const char* kSystemConfig = "/etc/landline/landline-relay.conf";
constexpr std::uint32_t kMostUses = 1'000'000;
constexpr std::uint32_t kMostDays = 3650;

Unexpected wrongUsage(std::string text) {
    return Unexpected(ErrorCode::InvalidArgument, std::move(text));
}

Expected<void> readNumber(const std::string& option, const std::string& text, std::uint64_t most, std::uint32_t& into) {
    const auto number = values::number(text, 1, most);
    if (!number) return wrongUsage(option + ": " + number.error().text);
    into = static_cast<std::uint32_t>(*number);
    return {};
}

Expected<void> takeOption(Invocation& to, const std::string& option, const std::string& value) {
    const bool isInit = to.command == "init";
    const bool isInvite = to.command == "invite";
    if (option == "--config" && !isInit) return to.config = value, Expected<void>{};
    if (option == "--dir" && isInit) return to.folder = value, Expected<void>{};
    if (option == "--listen" && isInit) return to.listen = value, Expected<void>{};
    if (option == "--public" && isInit) return to.publicAddress = value, Expected<void>{};
    if (option == "--class" && isInvite) return to.quotaClass = value, Expected<void>{};
    if (option == "--uses" && isInvite) return readNumber(option, value, kMostUses, to.uses);
    if (option == "--expires" && isInvite) return readNumber(option, value, kMostDays, to.days);
    return wrongUsage("\"" + to.command + "\" has no option " + option + ".\n" + usage());
}

std::string configFileOf(const Invocation& invocation) {
    if (!invocation.config.empty()) return invocation.config;
    return fs::exists(kConfigName) || !fs::exists(kSystemConfig) ? kConfigName : kSystemConfig;
}

Expected<std::string> readText(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (in) text << in.rdbuf();
    if (!in || in.bad())
        return Unexpected(ErrorCode::NotFound, "The settings " + path +
                                                   " cannot be read. --config names them, and \"landline-relay init\" makes "
                                                   "new ones.");
    return text.str();
}

Expected<void> writeText(const std::string& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    if (out) return {};
    return Unexpected(ErrorCode::Disk, path + " cannot be written.");
}

/// How clients elsewhere reach the relay, as far as that can be told from here.
HostPort publicAddressOf(const RelayConfig& config) {
    if (!config.publicAddress.host.empty()) return config.publicAddress;
    const HostPort& first = config.listen.front();
    if (first.host != "::" && first.host != "0.0.0.0") return first;
    return {QHostInfo::localHostName().toStdString(), first.port};
}

Expected<RelayConfig> configFor(const Invocation& invocation) {
    RelayConfig config;
    if (!invocation.listen.empty()) {
        auto at = parseHostPort(invocation.listen);
        if (!at) return wrongUsage("--listen: " + at.error().text);
        config.listen = {*std::move(at)};
    }
    if (!invocation.publicAddress.empty()) {
        auto at = parseHostPort(invocation.publicAddress);
        if (!at) return wrongUsage("--public: " + at.error().text);
        config.publicAddress = *std::move(at);
    }
    return config;
}

Expected<std::string> makeRelay(const Invocation& invocation) {
    const auto config = configFor(invocation);
    if (!config) return Unexpected(config.error());
    const Settings settings{invocation.folder + "/" + kConfigName, *config};
    std::error_code failed;
    fs::create_directories(invocation.folder, failed);
    if (failed) return Unexpected(ErrorCode::Disk, invocation.folder + " cannot be made: " + failed.message() + ".");
    if (fs::exists(settings.file))
        return Unexpected(ErrorCode::Disk, "There is a relay in this folder already: " + settings.file + " exists.");
    SystemRandom random;
    const SystemClock clock;
    const auto folder = StoreFolder::acquire(invocation.folder);
    if (!folder) return Unexpected(folder.error());
    const auto keys = makeRelayKeys(invocation.folder + "/relay.key", random, clock.wall());
    if (!keys) return Unexpected(keys.error());
    if (auto opened = (*folder)->open(random, false); !opened) return Unexpected(opened.error());
    if (auto written = writeText(settings.file, configText(*config)); !written) return Unexpected(written.error());
    return urlOf(settings, *keys);
}

/// Into the store itself where nobody serves, else through whoever does.
Expected<void> addInvite(const std::string& path, const AddInvite& invite) {
    const auto folder = StoreFolder::acquire(path);
    if (!folder && folder.error().code == ErrorCode::Locked) return askForInvite(path, invite);
    if (!folder) return Unexpected(folder.error());
    SystemRandom random;
    auto opened = (*folder)->open(random, false);
    if (!opened) return Unexpected(opened.error());
    if (opened->store->addInvite(invite).refused)
        return Unexpected(ErrorCode::Internal, "The relay has such an invite already.");
    return opened->store->commit();
}

}  // namespace

std::string usage() {
    return "Usage: landline-relay init [--dir DIR] [--listen HOST:PORT] [--public HOST:PORT]\n"
           "       landline-relay check [--config FILE]\n"
           "       landline-relay serve [--config FILE]\n"
           "       landline-relay invite [--uses N] [--expires DAYS] [--class NAME] [--config FILE]";
}

int fail(const Error& error) {
    std::cerr << "landline-relay: " << error.text << '\n';
    return error.code == ErrorCode::InvalidArgument ? 2 : 1;
}

Expected<Invocation> parseArguments(const std::vector<std::string>& arguments) {
    Invocation invocation;
    if (arguments.empty()) return wrongUsage("A command is missing.\n" + usage());
    invocation.command = arguments[0];
    for (const char* const known : {"init", "check", "serve", "invite"}) {
        if (invocation.command != known) continue;
        for (std::size_t at = 1; at < arguments.size(); at += 2) {
            if (at + 1 >= arguments.size()) return wrongUsage(arguments[at] + " needs a value.\n" + usage());
            if (auto taken = takeOption(invocation, arguments[at], arguments[at + 1]); !taken)
                return Unexpected(taken.error());
        }
        return invocation;
    }
    return wrongUsage("There is no command \"" + invocation.command + "\".\n" + usage());
}

Expected<Settings> readSettings(const Invocation& invocation) {
    Settings settings{configFileOf(invocation), {}};
    const auto text = readText(settings.file);
    if (!text) return Unexpected(text.error());
    ParsedConfig parsed = parseConfig(*text);
    for (const ConfigError& error : parsed.errors)
        std::cerr << settings.file << ':' << error.line << ": " << error.text << '\n';
    if (!parsed.errors.empty())
        return Unexpected(ErrorCode::Malformed, "The settings " + settings.file + " have " +
                                                    (parsed.errors.size() == 1 ? "an error." : "errors."));
    settings.config = std::move(parsed.config);
    const fs::path folder = fs::absolute(settings.file).parent_path() / settings.config.folder;
    settings.config.folder = folder.lexically_normal().string();
    return settings;
}

std::string keyFileIn(const Settings& settings) {
    return settings.config.folder + "/relay.key";
}

std::string urlOf(const Settings& settings, const RelayKeys& keys, std::optional<RelayInvite> invite) {
    const HostPort at = publicAddressOf(settings.config);
    return identity::formatRelayUrl({at.host, at.port, keys.device.noise.publicKey, invite});
}

int runInit(const Invocation& invocation) {
    const auto url = makeRelay(invocation);
    if (!url) return fail(url.error());
    std::cout << *url << std::endl;
    return 0;
}

int runCheck(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    std::cout << settings->file << " is right." << std::endl;
    return 0;
}

int runInvite(const Invocation& invocation) {
    const auto settings = readSettings(invocation);
    if (!settings) return fail(settings.error());
    if (!invocation.quotaClass.empty() && !settings->config.quotaClasses.contains(invocation.quotaClass))
        return fail({ErrorCode::InvalidArgument, "The settings have no quota." + invocation.quotaClass + "."});
    const auto keys = readRelayKeys(keyFileIn(*settings));
    if (!keys) return fail(keys.error());
    SystemRandom random;
    const auto invite = random.make<RelayInvite>();
    const WallTime expires = SystemClock().wall() + std::chrono::hours(24) * invocation.days;
    const auto added = addInvite(settings->config.folder, {hashOf(invite), invocation.uses, expires, invocation.quotaClass});
    if (!added) return fail(added.error());
    std::cout << urlOf(*settings, *keys, invite) << std::endl;
    return 0;
}

}  // namespace landline::relay
