#pragma once

#include "relay/store/ledger.h"

#include <string>

namespace landline::relay {

/// What a damaged database still tells of those who may use the relay; mailboxes come back from their senders.
struct Salvage {
    std::vector<AccountRow> accounts;
    std::vector<TokenRow> tokens;
    std::vector<InviteRow> invites;
    std::vector<std::pair<LocalId, Bytes>> prekeys;
};

/// Changes nothing in the file. Rows end at the first damaged page of their table; what came before counts, if it is whole.
[[nodiscard]] Salvage salvage(const std::string& path, const std::string& vfs);
/// Puts all of it into an empty ledger; not committed.
void putInto(Ledger& ledger, const Salvage& salvage);

}  // namespace landline::relay
