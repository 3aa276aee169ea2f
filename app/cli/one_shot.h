#pragma once

#include "app/cli/invocation.h"
#include "app/cli/printer.h"

namespace landline::app::cli {

/// Carries out one command: by the node that runs on the profile, or else by one of its own for as long as it
/// takes. Gives the exit code.
[[nodiscard]] int runOneShot(const Invocation& invocation, const QString& profile, Printer& printer);

}  // namespace landline::app::cli
