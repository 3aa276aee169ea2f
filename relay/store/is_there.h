#pragma once

#include "p2p/base/expected.h"

#include <filesystem>
#include <string>

namespace landline::relay {

/// Whether there is something under this name. Fails with Disk where that cannot be told: a folder that may not be entered, a
/// loop of links, a disk that fails. (The standard library's would throw then.)
[[nodiscard]] inline Expected<bool> isThere(const std::string& path) {
    std::error_code failed;
    const bool found = std::filesystem::exists(path, failed);
    if (!failed) return found;
    return Unexpected(ErrorCode::Disk, path + " cannot be looked at: " + failed.message() + ".");
}

/// Takes what cannot be told for there: whoever opens it then is told why it cannot.
[[nodiscard]] inline bool mayBeThere(const std::string& path) {
    const auto there = isThere(path);
    return !there || *there;
}

}  // namespace landline::relay
