#pragma once

#include "p2p/base/random.h"
#include "relay/config.h"
#include "relay/relay_keys.h"

#include <string>
#include <vector>

/// The commands of landline-relay. Each prints its result on standard output and errors on standard error, and gives the exit
/// code: 0 done, 1 failed, 2 wrong usage. All but `init` and `check` work while the relay serves and while it does not;
/// `serve` and `admin` as their names say.
namespace landline::relay {

struct Invocation {
    std::string command;
    std::string config;
    std::string folder;  ///< --dir; empty: none is named
    std::string listen;
    std::string publicAddress;
    std::string quotaClass;
    std::uint32_t uses = 1;
    std::uint32_t days = 7;
    std::string argument;  ///< the device, the invite or the file that the command is about
    bool json = false;
    bool verify = false;
    bool replace = false;
    bool undo = false;
};

/// Fails with InvalidArgument and what would be right.
[[nodiscard]] Expected<Invocation> parseArguments(const std::vector<std::string>& arguments);
[[nodiscard]] std::string usage();

/// The settings, and the files that they name.
struct Settings {
    std::string file;
    RelayConfig config;  ///< `folder` made absolute
};
/// Fails with a sentence; errors of the file are all printed, each with its line.
[[nodiscard]] Expected<Settings> readSettings(const Invocation& invocation);
[[nodiscard]] std::string keyFileIn(const Settings& settings);
/// Without an invite, unless one is given.
[[nodiscard]] std::string urlOf(const Settings& settings, const RelayKeys& keys, std::optional<RelayInvite> invite = {});

[[nodiscard]] int runInit(const Invocation& invocation);
[[nodiscard]] int runCheck(const Invocation& invocation);
/// Prints every setting with its meaning and its default.
[[nodiscard]] int runSettings();
// These need a QCoreApplication.
[[nodiscard]] int runInvite(const Invocation& invocation);
[[nodiscard]] int runServe(const Invocation& invocation);
[[nodiscard]] int runStats(const Invocation& invocation);
[[nodiscard]] int runAccounts(const Invocation& invocation);
[[nodiscard]] int runRevoke(const Invocation& invocation);
[[nodiscard]] int runInvites(const Invocation& invocation);
[[nodiscard]] int runUninvite(const Invocation& invocation);
[[nodiscard]] int runAdmin(const Invocation& invocation);
[[nodiscard]] int runBackup(const Invocation& invocation);
[[nodiscard]] int runRestore(const Invocation& invocation);

int fail(const Error& error);

}  // namespace landline::relay
