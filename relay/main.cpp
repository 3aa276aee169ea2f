#include "relay/commands.h"

#include <QCoreApplication>

#include <iostream>
#ifdef Q_OS_LINUX
#include "relay/clients/epoll_dispatcher.h"
#endif

namespace {

using namespace landline;
using namespace landline::relay;

int run(const Invocation& invocation) {
    if (invocation.command == "init") return runInit(invocation);
    if (invocation.command == "check") return runCheck(invocation);
    if (invocation.command == "settings") return runSettings();
    if (invocation.command == "invite") return runInvite(invocation);
    if (invocation.command == "stats") return runStats(invocation);
    if (invocation.command == "accounts") return runAccounts(invocation);
    if (invocation.command == "revoke") return runRevoke(invocation);
    if (invocation.command == "invites") return runInvites(invocation);
    if (invocation.command == "uninvite") return runUninvite(invocation);
    if (invocation.command == "backup") return runBackup(invocation);
    if (invocation.command == "restore") return runRestore(invocation);
    if (invocation.command == "admin") return runAdmin(invocation);
    return runServe(invocation);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && (arguments[0] == "--help" || arguments[0] == "help")) {
        std::cout << usage() << std::endl;
        return 0;
    }
    if (!arguments.empty() && arguments[0] == "--version") {
        std::cout << "landline-relay " LANDLINE_VERSION << std::endl;
        return 0;
    }
    const auto invocation = parseArguments(arguments);
    if (!invocation) return fail(invocation.error());
    initCrypto();
#ifdef Q_OS_LINUX
    QCoreApplication::setEventDispatcher(new EpollDispatcher);
#else
    if (invocation->command == "serve")
        std::cerr << "This system has no epoll: with thousands of clients the relay is slower than on Linux." << std::endl;
#endif
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("landline-relay"));
    return run(*invocation);
}
