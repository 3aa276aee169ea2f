#include "relay/commands.h"

#include "p2p/base/limits.h"
#include "p2p/identity/relay_url.h"
#include "relay/config_values.h"
#include "relay/desk.h"
#include "relay/store/database_files.h"
#include "relay/store/is_there.h"
#include "relay/store/store_folder.h"

#include <QHostInfo>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

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

struct Option {
    std::string_view name;
    std::string_view commands;  ///< that take it, each between blanks
    Expected<void> (*take)(Invocation& to, const std::string& value);
};
constexpr std::string_view kAll = "*";
constexpr std::array<Option, 7> kOptions{{
    {"--config", kAll, [](Invocation& to, const std::string& value) { return to.config = value, Expected<void>{}; }},
    {"--dir", " init ", [](Invocation& to, const std::string& value) { return to.folder = value, Expected<void>{}; }},
    {"--listen", " init ", [](Invocation& to, const std::string& value) { return to.listen = value, Expected<void>{}; }},
    {"--public", " init ", [](Invocation& to, const std::string& value) { return to.publicAddress = value, Expected<void>{}; }},
    {"--class", " invite ", [](Invocation& to, const std::string& value) { return to.quotaClass = value, Expected<void>{}; }},
    {"--uses", " invite ",
     [](Invocation& to, const std::string& value) { return readNumber("--uses", value, kMostUses, to.uses); }},
    {"--expires", " invite ",
     [](Invocation& to, const std::string& value) { return readNumber("--expires", value, kMostDays, to.days); }},
}};
struct Flag {
    std::string_view name;
    std::string_view commands;
    bool Invocation::*set;
};
constexpr std::array<Flag, 4> kFlags{{{"--json", " stats accounts invites ", &Invocation::json},
                                      {"--verify", " restore ", &Invocation::verify},
                                      {"--replace", " backup ", &Invocation::replace},
                                      {"--undo", " revoke ", &Invocation::undo}}};

bool isFor(std::string_view commands, const std::string& command) {
    return commands == kAll || commands.find(" " + command + " ") != std::string_view::npos;
}

/// Takes one word, and the next where it is an option's value.
Expected<void> takeWord(Invocation& to, const std::vector<std::string>& arguments, std::size_t& at, bool takesArgument) {
    const std::string& word = arguments[at];
    for (const Flag& one : kFlags)
        if (one.name == word && isFor(one.commands, to.command)) return to.*one.set = true, Expected<void>{};
    for (const Option& one : kOptions) {
        if (one.name != word || !isFor(one.commands, to.command)) continue;
        if (at + 1 >= arguments.size()) return wrongUsage(word + " needs a value.\n" + usage());
        return one.take(to, arguments[++at]);
    }
    if (word.starts_with("--")) return wrongUsage("\"" + to.command + "\" has no option " + word + ".\n" + usage());
    if (!takesArgument || !to.argument.empty() || word.empty())
        return wrongUsage("\"" + word + "\" is too much for \"" + to.command + "\".\n" + usage());
    to.argument = word;
    return {};
}

std::string configFileOf(const Invocation& invocation) {
    if (!invocation.config.empty()) return invocation.config;
    return mayBeThere(kConfigName) || !mayBeThere(kSystemConfig) ? kConfigName : kSystemConfig;
}

Expected<std::string> readText(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const bool isOpen = in.is_open();
    std::string text;
    // A folder can be opened, and a disk can fail on the way: only `bad` tells either from the end.
    for (std::array<char, 4096> piece; in.read(piece.data(), piece.size()) || in.gcount() > 0;)
        text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (!isOpen || in.bad())
        return Unexpected(ErrorCode::NotFound, "The settings " + path +
                                                   " cannot be read. --config names them, and \"landline-relay init\" makes "
                                                   "new ones.");
    return text;
}

/// After a power cut an empty file would be taken for settings that are all as by default.
Expected<void> writeText(const std::string& path, const std::string& text) {
    if (writeWhole(path, text, 0666)) return {};
    return diskError(path + " cannot be written", std::strerror(errno));
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

/// Those that are there, or new ones, in a folder whose lock is held: an interrupted `init` is gone on with.
Expected<RelayKeys> keysIn(const std::string& folder) {
    const std::string file = folder + "/relay.key";
    if (mayBeThere(file)) {
        giveToOwnerOf(folder, file);
        return readRelayKeys(file);
    }
    // The key is made before the database: it is lost, and not still to come.
    if (mayBeThere(databaseIn(folder)))
        return Unexpected(ErrorCode::NotFound, "The folder " + folder +
                                                   " has a database but no key. Put relay.key back from your copy: with another "
                                                   "key no client knows this relay.");
    SystemRandom random;
    auto keys = makeRelayKeys(file, random, SystemClock().wall());
    if (keys) giveToOwnerOf(folder, file);
    return keys;
}

Expected<std::string> makeRelay(const Invocation& invocation) {
    const auto config = configFor(invocation);
    if (!config) return Unexpected(config.error());
    const Settings settings{invocation.folder + "/" + kConfigName, *config};
    std::error_code failed;
    fs::create_directories(invocation.folder, failed);
    if (failed) return Unexpected(ErrorCode::Disk, invocation.folder + " cannot be made: " + failed.message() + ".");
    if (mayBeThere(settings.file))
        return Unexpected(ErrorCode::Disk, "There is a relay in this folder already: " + settings.file + " exists.");
    const auto folder = StoreFolder::acquire(invocation.folder);
    if (!folder) return Unexpected(folder.error());
    const auto keys = keysIn(invocation.folder);
    if (!keys) return Unexpected(keys.error());
    SystemRandom random;
    if (auto opened = (*folder)->open(random, false); !opened) return Unexpected(opened.error());
    if (auto written = writeText(settings.file, configText(*config)); !written) return Unexpected(written.error());
    return urlOf(settings, *keys);
}

/// The key that the settings ask for, made where there is none yet: for a service whose settings came with a package.
Expected<std::string> makeMissing(const Invocation& invocation) {
    if (!invocation.listen.empty() || !invocation.publicAddress.empty() || !invocation.folder.empty())
        return wrongUsage("The settings say what --listen, --public and --dir would: " + invocation.config +
                          ". For another relay name its folder with --dir, without --config.");
    const auto settings = readSettings(invocation);
    if (!settings) return Unexpected(settings.error());
    const std::string& folder = settings->config.folder;
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) return Unexpected(ErrorCode::Disk, folder + " cannot be made: " + failed.message() + ".");
    // A relay that serves has the lock, and a key.
    if (!mayBeThere(keyFileIn(*settings))) {
        const auto lock = StoreFolder::acquire(folder);
        if (!lock) return Unexpected(lock.error());
        if (const auto made = keysIn(folder); !made) return Unexpected(made.error());
    }
    giveToOwnerOf(folder, keyFileIn(*settings));
    const auto keys = readRelayKeys(keyFileIn(*settings));
    if (!keys) return Unexpected(keys.error());
    return urlOf(*settings, *keys);
}

}  // namespace

std::string usage() {
    return "Usage: landline-relay init [--dir DIR] [--listen HOST:PORT] [--public HOST:PORT] | init --config FILE\n"
           "       landline-relay check\n"
           "       landline-relay settings\n"
           "       landline-relay serve\n"
           "       landline-relay invite [--uses N] [--expires DAYS] [--class NAME]\n"
           "       landline-relay invites [--json]\n"
           "       landline-relay uninvite INVITE           (its URL, or the first 8 digits or more)\n"
           "       landline-relay stats [--json]\n"
           "       landline-relay accounts [--json]\n"
           "       landline-relay revoke DEVICE [--undo]    (the first 8 digits or more are enough)\n"
           "       landline-relay backup FILE [--replace]\n"
           "       landline-relay restore FILE [--verify]   (--verify reads every message, too)\n"
           "       landline-relay admin\n"
           "Each takes --config FILE; otherwise landline-relay.conf here or in /etc/landline is read.";
}

int fail(const Error& error) {
    std::cerr << "landline-relay: " << error.text << '\n';
    return error.code == ErrorCode::InvalidArgument ? 2 : 1;
}

Expected<Invocation> parseArguments(const std::vector<std::string>& arguments) {
    Invocation invocation;
    if (arguments.empty()) return wrongUsage("A command is missing.\n" + usage());
    invocation.command = arguments[0];
    constexpr std::string_view kCommands = " init check settings serve invite invites uninvite stats accounts revoke backup restore admin ";
    constexpr std::string_view kWithArgument = " revoke uninvite backup restore ";
    if (invocation.command.find(' ') != std::string::npos || !isFor(kCommands, invocation.command))
        return wrongUsage("There is no command \"" + invocation.command + "\".\n" + usage());
    const bool takesArgument = isFor(kWithArgument, invocation.command);
    for (std::size_t at = 1; at < arguments.size(); ++at)
        if (auto taken = takeWord(invocation, arguments, at, takesArgument); !taken) return Unexpected(taken.error());
    if (takesArgument && invocation.argument.empty())
        return wrongUsage("\"" + invocation.command + "\" needs " +
                          (invocation.command == "revoke" ? "a device" : invocation.command == "uninvite" ? "an invite" : "a file") +
                          ".\n" + usage());
    return invocation;
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
    std::error_code failed;
    const fs::path file = fs::absolute(settings.file, failed);
    if (failed)
        return Unexpected(ErrorCode::Disk, "The folder in which this was started is gone (" + failed.message() +
                                               "). Give --config with its whole path.");
    const fs::path folder = file.parent_path() / settings.config.folder;
    settings.config.folder = folder.lexically_normal().string();
    if (settings.config.folder.size() > 1 && settings.config.folder.ends_with('/')) settings.config.folder.pop_back();
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
    Invocation meant = invocation;
    // Where there is a service it is meant, as by every other command: not a second relay in whatever folder this is.
    if (meant.config.empty() && meant.folder.empty()) {
        if (configFileOf(meant) == kSystemConfig)
            meant.config = kSystemConfig;
        else
            meant.folder = ".";
    }
    const auto url = meant.config.empty() ? makeRelay(meant) : makeMissing(meant);
    if (!url) return fail(url.error());
    std::cout << *url << std::endl;
    return 0;
}

int runSettings() {
    std::cout << configText({}) << std::flush;
    return std::cout ? 0 : 1;
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
    const auto desk = Desk::open(settings->config);
    if (!desk) return fail(desk.error());
    const auto added = (*desk)->addInvite({hashOf(invite), invocation.uses, expires, invocation.quotaClass});
    if (!added) return fail(added.error());
    std::cout << urlOf(*settings, *keys, invite) << std::endl;
    return 0;
}

}  // namespace landline::relay
