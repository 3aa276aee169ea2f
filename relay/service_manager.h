#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace landline::relay {

/// Tells systemd's service manager (sd_notify(3): one datagram to $NOTIFY_SOCKET), such as "READY=1". Nothing where there is
/// none.
void tellServiceManager(const std::string& state);
/// Within which the manager wants to hear "WATCHDOG=1" of this process ($WATCHDOG_USEC, sd_watchdog_enabled(3)); nothing where
/// it does not.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdogPeriod();

}  // namespace landline::relay
