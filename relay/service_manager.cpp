#include "relay/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace landline::relay {

void tellServiceManager(const std::string& state) {
    const char* const path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t length = path ? std::strlen(path) : 0;
    if (length < 2 || length >= sizeof(address.sun_path)) return;
    std::memcpy(address.sun_path, path, length);
    // An abstract one, which no file names.
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    // Nobody but the manager would miss it, and it says so itself.
    (void)!::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
    ::close(socket);
}

std::optional<std::chrono::microseconds> watchdogPeriod() {
    const char* const period = std::getenv("WATCHDOG_USEC");
    const char* const process = std::getenv("WATCHDOG_PID");
    if (!period || (process && std::strtoll(process, nullptr, 10) != ::getpid())) return std::nullopt;
    const long long micros = std::strtoll(period, nullptr, 10);
    if (micros <= 0) return std::nullopt;
    return std::chrono::microseconds(micros);
}

}  // namespace landline::relay
