#pragma once

#include <QString>

#include <string>

namespace landline::app {

/// Opens what lies at `below` beneath `root`, for reading. `below` is relative, its parts separated by '/', and none of
/// them "." or ".."; empty for the root itself. No symbolic link is followed, neither at the root nor beneath it: what was
/// looked at may have become a link to something else since. Returns a descriptor that the caller closes; -1, and errno
/// tells why.
[[nodiscard]] int openBeneath(const QString& root, const std::string& below);

/// The same where the system has no openat2(2): part by part from an open folder.
[[nodiscard]] int openPartByPart(int root, const std::string& below);

}  // namespace landline::app
