#pragma once

#include <QString>

namespace landline::app {

/// True for a file that may run as a program when it is opened: by its mode, its beginning (a script, a program of Linux,
/// Windows or macOS), or its name. A folder never does, and what is not there does nothing.
[[nodiscard]] bool mayRunWhenOpened(const QString& path);

}  // namespace landline::app
