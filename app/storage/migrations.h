#pragma once

#include "app/storage/sql.h"

namespace landline::app {

/// The schema version that this program writes (PRAGMA user_version).
[[nodiscard]] int currentSchemaVersion();

/// Brings the database to the current version, each step in its own transaction; an empty file is version 0. A step
/// that has been released is never changed: what is wrong in it is put right by a later one. Fails with VersionMismatch
/// if a newer program made the database, or with the disk's error.
Expected<void> migrate(Sql& sql);

}  // namespace landline::app
