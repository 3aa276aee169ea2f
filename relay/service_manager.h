#pragma once

#include <string>

namespace landline::relay {

/// Tells systemd's service manager (sd_notify(3): one datagram to $NOTIFY_SOCKET), such as "READY=1". Nothing where there is
/// none.
void tellServiceManager(const std::string& state);

}  // namespace landline::relay
