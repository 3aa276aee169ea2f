#pragma once

#include "app/cli/invocation.h"
#include "app/cli/printer.h"

namespace landline::app::cli {

/// `run`: a node in the foreground until SIGINT, SIGTERM or the end of its output; prints events, takes
/// commands on standard input and on the local socket. Gives the exit code.
[[nodiscard]] int runNode(const QJsonObject& options, const QString& profile, Printer& printer);

}  // namespace landline::app::cli
