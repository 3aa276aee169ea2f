#include "relay/store/salvage.h"

#include "p2p/envelope/prekey.h"
#include "relay/store/sqlite.h"

#include <functional>
#include <unordered_set>

namespace landline::relay {

namespace {

void eachRow(const SqliteConnection& connection, const char* statement,
             const std::function<void(const SqliteStatement&)>& take) {
    SqliteStatement rows;
    if (rows.prepare(connection, statement) != SQLITE_OK) return;
    while (rows.step() == SQLITE_ROW) take(rows);
}

}  // namespace

Salvage salvage(const std::string& path, const std::string& vfs) {
    Salvage result;
    SqliteConnection connection;
    // Read-only would not read the log where its shared memory is gone.
    if (connection.open(path, vfs, SQLITE_OPEN_READWRITE) != SQLITE_OK) return result;
    std::unordered_set<LocalId> found;
    // Tokens may be among what was lost: without their digest each device finds that its list is another, and sets it.
    eachRow(connection, "SELECT id, device, person, class, joined, revoked FROM account",
            [&](const SqliteStatement& row) {
                const auto device = DeviceId::from(row.bytes(1));
                const auto person = PersonId::from(row.bytes(2));
                if (device && person && row.integer(0) > 0 && found.insert(row.as<LocalId>(0)).second)
                    result.accounts.push_back({row.as<LocalId>(0), {*device, *person}, row.text(3), row.time(4),
                                               row.integer(5) != 0, Hash128{}});
            });
    eachRow(connection, "SELECT id, owner, hash, share FROM token", [&](const SqliteStatement& row) {
        const auto hash = TokenHash::from(row.bytes(2));
        if (hash && found.contains(row.as<LocalId>(1)))
            result.tokens.push_back({row.as<LocalId>(0), row.as<LocalId>(1), *hash,
                                     row.as<std::uint64_t>(3)});
    });
    eachRow(connection, "SELECT hash, left, expires, class FROM invite", [&](const SqliteStatement& row) {
        if (const auto hash = InviteHash::from(row.bytes(0)))
            result.invites.push_back({*hash, row.as<std::uint32_t>(1), row.time(2), row.text(3)});
    });
    eachRow(connection, "SELECT account, bytes FROM prekey", [&](const SqliteStatement& row) {
        if (found.contains(row.as<LocalId>(0)) && envelope::Prekey::idIn(row.bytes(1)))
            result.prekeys.push_back({row.as<LocalId>(0), toBytes(row.bytes(1))});
    });
    return result;
}

void putInto(Ledger& ledger, const Salvage& salvage) {
    for (const AccountRow& row : salvage.accounts) ledger.putAccount(row);
    for (const TokenRow& row : salvage.tokens) ledger.putToken(row);
    for (const InviteRow& row : salvage.invites) ledger.putInvite(row);
    for (const auto& [account, bytes] : salvage.prekeys) ledger.putPrekey(account, bytes);
}

}  // namespace landline::relay
