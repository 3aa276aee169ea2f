#pragma once

#include "relay/store/sqlite.h"

namespace landline::relay {

/// Makes the tables in an empty file. SQLITE_MISMATCH for a file that a newer version has written.
[[nodiscard]] int prepareSchema(SqliteConnection& connection);

}  // namespace landline::relay
