#pragma once

#include "p2p/base/expected.h"

#include <QString>

namespace landline::app::control {

/// Where the node of a profile takes commands: $XDG_RUNTIME_DIR/landline-<hash of the folder's canonical
/// path>. Without XDG_RUNTIME_DIR it lies in a folder of mode 0700 in the system's folder for temporary
/// files, which is made here and must be the user's own (else NotPermitted: another user could have put a
/// socket there).
[[nodiscard]] Expected<QString> controlSocketPath(const QString& profileFolder);

}  // namespace landline::app::control
