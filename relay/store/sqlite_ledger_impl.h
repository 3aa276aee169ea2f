#pragma once

#include "relay/store/sqlite_ledger.h"

namespace landline::relay {

enum SqliteLedger::Statement : std::size_t {
    kBegin,
    kBeginReading,
    kCommit,
    kRollback,
    kPutMeta,
    kPutAccount,
    kRemoveAccount,
    kPutMailbox,
    kRemoveMailbox,
    kPutSender,
    kRemoveSender,
    kPutToken,
    kRemoveToken,
    kPutInvite,
    kRemoveInvite,
    kAddDeposit,
    kDeposit,
    kDepositsAfter,
    kRemoveDeposit,
    kAddBody,
    kBody,
    kBodyExpires,
    kRemoveBodies,
    kPutHeads,
    kHeads,
    kRemoveHeads,
    kPutPrekey,
    kPrekey,
    kRemovePrekey,
    kPutLink,
    kLinksAfter,
    kRemoveLink,
    kAllMeta,
    kAllAccounts,
    kAllMailboxes,
    kAllSenders,
    kAllTokens,
    kAllInvites,
    kAllPrekeys,
    kAllLinks,
    kAllHeads,
    kAllDeposits,
    kCount
};

template <class... Values>
void SqliteLedger::write(Statement which, const Values&... values) {
    if (!begin(kBegin)) return;
    SqliteStatement& statement = m_statements[which];
    statement.bind(values...);
    const int code = statement.step();
    statement.reset();
    if (code != SQLITE_DONE) fail(code);
}

/// `take` is given each row until it returns false.
template <class Take, class... Values>
void SqliteLedger::read(Statement which, Take take, const Values&... values) {
    if (!begin(kBeginReading)) return;
    SqliteStatement& statement = m_statements[which];
    statement.bind(values...);
    int code = SQLITE_ROW;
    while ((code = statement.step()) == SQLITE_ROW)
        if (!take(statement)) break;
    statement.reset();
    if (code != SQLITE_DONE && code != SQLITE_ROW) fail(code);
}

}  // namespace landline::relay
