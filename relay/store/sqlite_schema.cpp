#include "relay/store/sqlite_schema.h"

#include <array>

namespace landline::relay {

namespace {

constexpr int kSchemaVersion = 2;

// Version 1. Devices have small local ids; times are unix milliseconds. The large tables, deposit and body, grow at their
// end only, and whatever is looked up in another order is in memory (mailbox_book.h): an index would cost half of the
// deposits per second.
constexpr const char* kVersion1 =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE meta(id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, kept_time INTEGER NOT NULL);"
    "CREATE TABLE account(id INTEGER PRIMARY KEY, device BLOB NOT NULL, person BLOB NOT NULL, class TEXT NOT NULL, "
    "joined INTEGER NOT NULL, revoked INTEGER NOT NULL, tokens BLOB NOT NULL);"
    // Apart from `account`, so that many of them share a page: an acknowledgement changes one.
    "CREATE TABLE mailbox(account INTEGER PRIMARY KEY, freed INTEGER NOT NULL, last INTEGER NOT NULL, "
    "last_heads INTEGER NOT NULL);"
    "CREATE TABLE sender(id INTEGER PRIMARY KEY, device BLOB NOT NULL, forgotten INTEGER NOT NULL, "
    "until INTEGER NOT NULL);"
    "CREATE TABLE token(id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, hash BLOB NOT NULL, share INTEGER "
    "NOT NULL);"
    "CREATE TABLE invite(hash BLOB PRIMARY KEY, left INTEGER NOT NULL, expires INTEGER NOT NULL, class TEXT "
    "NOT NULL) "
    "WITHOUT ROWID;"
    // items: of 17 bytes each (sqlite_ledger.cpp), one for each recipient.
    "CREATE TABLE deposit(id INTEGER PRIMARY KEY, sender INTEGER NOT NULL, counter INTEGER NOT NULL, "
    "heads INTEGER NOT NULL, expires INTEGER NOT NULL, size INTEGER NOT NULL, items BLOB NOT NULL);"
    // id: the deposit's. sealed: of 136 bytes, one for each recipient. Gone when the last recipient has it, while the
    // deposit's answer is still remembered.
    "CREATE TABLE body(id INTEGER PRIMARY KEY, expires INTEGER NOT NULL, sealed BLOB NOT NULL, "
    "body BLOB NOT NULL);"
    "CREATE TABLE heads(account INTEGER NOT NULL, sender BLOB NOT NULL, number INTEGER NOT NULL, "
    "expires INTEGER NOT NULL, sealed BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY(account, sender)) "
    "WITHOUT ROWID;"
    "CREATE TABLE prekey(account INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
    "CREATE TABLE directory(number INTEGER PRIMARY KEY, account INTEGER NOT NULL, link TEXT NOT NULL);"
    "PRAGMA user_version=1;"
    "COMMIT";

// Version 2. Shares of what is left of version 1 are not known: what it says counts for nobody.
constexpr const char* kVersion2 =
    "BEGIN IMMEDIATE;"
    "ALTER TABLE account ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sender ADD COLUMN guest_of INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE heads ADD COLUMN share INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version=2;"
    "COMMIT";

constexpr std::array kSteps = {kVersion1, kVersion2};
static_assert(kSteps.size() == kSchemaVersion);

}  // namespace

int prepareSchema(SqliteConnection& connection) {
    SqliteStatement version;
    if (const int code = version.prepare(connection, "PRAGMA user_version"); code != SQLITE_OK) return code;
    if (const int code = version.step(); code != SQLITE_ROW) return code;
    const std::int64_t found = version.integer(0);
    version.reset();
    if (found > kSchemaVersion) return SQLITE_MISMATCH;
    for (std::size_t step = found < 0 ? 0 : static_cast<std::size_t>(found); step < kSteps.size(); ++step) {
        const int code = connection.run(kSteps[step]);
        if (code == SQLITE_OK) continue;
        connection.run("ROLLBACK");
        return code;
    }
    return SQLITE_OK;
}

}  // namespace landline::relay
