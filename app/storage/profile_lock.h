#pragma once

#include "p2p/base/expected.h"

#include <QString>

#include <memory>

namespace landline::app {

/// Keeps a second program from a profile folder. Held by the operating system for as long as this process lives, so that
/// a crash leaves no stale lock.
class ProfileLock {
public:
    virtual ~ProfileLock() = default;
    /// Fails with Locked, naming the process that has it, or Disk.
    [[nodiscard]] static Expected<std::unique_ptr<ProfileLock>> acquire(const QString& folder);
};

}  // namespace landline::app
