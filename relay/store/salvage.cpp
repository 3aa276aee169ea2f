#include "relay/store/salvage.h"

#include "relay/store/sqlite.h"

#include <algorithm>
#include <functional>

namespace landline::relay {

namespace {

void eachRow(const SqliteConnection& connection, const char* statement,
             const std::function<void(const SqliteStatement&)>& take) {
    SqliteStatement rows;
    if (rows.prepare(connection, statement) != SQLITE_OK) return;
    while (rows.step() == SQLITE_ROW) take(rows);
}

bool isAccountOf(const Salvage& salvage, LocalId id) {
    return std::any_of(salvage.accounts.begin(), salvage.accounts.end(),
                       [id](const AccountRow& account) { return account.id == id; });
}

}  // namespace

Salvage salvage(const std::string& path, const std::string& vfs) {
    Salvage result;
    SqliteConnection connection;
    // Read-only would not read the log where its shared memory is gone.
    if (connection.open(path, vfs, SQLITE_OPEN_READWRITE) != SQLITE_OK) return result;
    eachRow(connection, "SELECT id, device, class, joined, revoked FROM account",
            [&](const SqliteStatement& row) {
                const auto device = DeviceId::from(row.bytes(1));
                if (device && row.integer(0) > 0)
                    result.accounts.push_back(
                        {row.as<LocalId>(0), *device, row.text(2), row.time(3), row.integer(4) != 0});
            });
    eachRow(connection, "SELECT id, owner, hash, bytes, items FROM token", [&](const SqliteStatement& row) {
        const auto hash = TokenHash::from(row.bytes(2));
        if (hash && isAccountOf(result, row.as<LocalId>(1)))
            result.tokens.push_back({row.as<LocalId>(0), row.as<LocalId>(1), *hash,
                                     TokenShare{row.as<std::uint64_t>(3), row.as<std::uint32_t>(4)}});
    });
    eachRow(connection, "SELECT hash, left, expires, class FROM invite", [&](const SqliteStatement& row) {
        if (const auto hash = InviteHash::from(row.bytes(0)))
            result.invites.push_back({*hash, row.as<std::uint32_t>(1), row.time(2), row.text(3)});
    });
    eachRow(connection, "SELECT account, number, bytes FROM prekeys", [&](const SqliteStatement& row) {
        if (isAccountOf(result, row.as<LocalId>(0)))
            result.prekeys.push_back({row.as<LocalId>(0), {row.as<std::uint64_t>(1), toBytes(row.bytes(2))}});
    });
    return result;
}

void putInto(Ledger& ledger, const Salvage& salvage) {
    for (const AccountRow& row : salvage.accounts) ledger.putAccount(row);
    for (const TokenRow& row : salvage.tokens) ledger.putToken(row);
    for (const InviteRow& row : salvage.invites) ledger.putInvite(row);
    for (const auto& [account, row] : salvage.prekeys) ledger.putPrekeys(account, row);
}

}  // namespace landline::relay
