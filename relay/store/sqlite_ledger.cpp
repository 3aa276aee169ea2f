#include "relay/store/checkpointer.h"
#include "relay/store/database_files.h"
#include "relay/store/life_note.h"
#include "relay/store/reserve.h"
#include "relay/store/sqlite_ledger_impl.h"
#include "relay/store/sqlite_schema.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace landline::relay {

namespace {

/// Frames of the log from which on it is moved into the file: 8 MiB.
constexpr int kLongLog = 2048;
/// 16 MiB.
constexpr int kPagesGivenBack = 4096;
constexpr int kBusyTimeoutMillis = 2000;

/// SQLite gives its other files the mode and the owner of the first.
void makeFile(const std::string& path) {
    if (!makePrivate(path)) return;
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const std::string folder = parent.empty() ? "." : parent;
    giveToOwnerOf(folder, path);
    (void)syncPath(folder, O_RDONLY | O_DIRECTORY);
}

}  // namespace

const char* SqliteLedger::textOf(Statement which) {
    switch (which) {
        case kBegin:
            return "BEGIN IMMEDIATE";
        case kBeginReading:
            return "BEGIN";
        case kCommit:
            return "COMMIT";
        case kRollback:
            return "ROLLBACK";
        case kPutMeta:
            return "REPLACE INTO meta VALUES(1, ?, ?)";
        case kPutAccount:
            return "REPLACE INTO account VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
        case kRemoveAccount:
            return "DELETE FROM account WHERE id = ?";
        case kPutMailbox:
            return "REPLACE INTO mailbox VALUES(?, ?, ?, ?)";
        case kRemoveMailbox:
            return "DELETE FROM mailbox WHERE account = ?";
        case kPutSender:
            return "REPLACE INTO sender VALUES(?, ?, ?, ?, ?)";
        case kRemoveSender:
            return "DELETE FROM sender WHERE id = ?";
        case kPutToken:
            return "REPLACE INTO token VALUES(?, ?, ?, ?)";
        case kRemoveToken:
            return "DELETE FROM token WHERE id = ?";
        case kPutInvite:
            return "REPLACE INTO invite VALUES(?, ?, ?, ?)";
        case kRemoveInvite:
            return "DELETE FROM invite WHERE hash = ?";
        case kAddDeposit:
            return "INSERT INTO deposit VALUES(?, ?, ?, ?, ?, ?, ?)";
        case kDeposit:
            return "SELECT * FROM deposit WHERE id = ?";
        case kDepositsAfter:
            return "SELECT * FROM deposit WHERE id > ? ORDER BY id LIMIT ?";
        case kRemoveDeposit:
            return "DELETE FROM deposit WHERE id = ?";
        case kAddBody:
            return "INSERT INTO body VALUES(?, ?, ?, ?)";
        case kBody:
            return "SELECT expires, substr(sealed, ?, ?), body FROM body WHERE id = ?";
        case kBodyExpires:
            return "SELECT expires FROM body WHERE id = ?";
        case kRemoveBodies:
            return "DELETE FROM body WHERE id BETWEEN ? AND ?";
        case kPutHeads:
            return "REPLACE INTO heads VALUES(?, ?, ?, ?, ?, ?, ?)";
        case kHeads:
            return "SELECT * FROM heads WHERE account = ? AND sender = ?";
        case kRemoveHeads:
            return "DELETE FROM heads WHERE account = ? AND sender = ?";
        case kPutPrekey:
            return "REPLACE INTO prekey VALUES(?, ?)";
        case kPrekey:
            return "SELECT bytes FROM prekey WHERE account = ?";
        case kRemovePrekey:
            return "DELETE FROM prekey WHERE account = ?";
        case kPutLink:
            return "INSERT INTO directory VALUES(?, ?, ?)";
        case kLinksAfter:
            return "SELECT * FROM directory WHERE number > ? ORDER BY number LIMIT ?";
        case kRemoveLink:
            return "DELETE FROM directory WHERE number = ?";
        case kAllMeta:
            return "SELECT epoch, kept_time FROM meta";
        case kAllAccounts:
            return "SELECT * FROM account ORDER BY id";
        case kAllMailboxes:
            return "SELECT * FROM mailbox";
        case kAllSenders:
            return "SELECT * FROM sender";
        case kAllTokens:
            return "SELECT * FROM token";
        case kAllInvites:
            return "SELECT * FROM invite";
        case kAllPrekeys:
            return "SELECT * FROM prekey";
        case kAllLinks:
            return "SELECT number, account FROM directory ORDER BY number";
        case kAllHeads:
            return "SELECT account, sender, number, expires, length(body), share FROM heads ORDER BY account, number";
        case kAllDeposits:
            return "SELECT * FROM deposit ORDER BY id";
        case kCount:
            break;
    }
    return nullptr;
}

bool meansDamage(int sqliteCode) {
    const int primary = sqliteCode & 0xFF;
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

SqliteLedger::SqliteLedger(std::string path) : m_path(std::move(path)) {}

SqliteLedger::~SqliteLedger() {
    rollback();
    m_checkpointer.reset();
    m_statements = {};
}

Expected<std::unique_ptr<SqliteLedger>> SqliteLedger::open(const std::string& path, const Options& options,
                                                           bool* isDamaged) {
    std::unique_ptr<SqliteLedger> ledger(new SqliteLedger(path));
    makeFile(path);
    ledger->m_reserve = std::make_unique<Reserve>(path + ".reserve", options.reserveBytes);
    int code = ledger->openFile(options.vfs);
    // The log and its index are made anew, and need some space.
    if (ledger->meansFull(code) && options.reserveBytes > 0) {
        ledger->giveReserve();
        code = ledger->openFile(options.vfs);
    }
    if (code == SQLITE_MISMATCH)
        return Unexpected(
            ErrorCode::VersionMismatch,
            "The relay's database " + path +
                " was written by a newer version of Landline. Install that version again, or use another "
                "folder.");
    if (code != SQLITE_OK) {
        if (isDamaged) *isDamaged = meansDamage(code);
        return Unexpected(ledger->errorOf(code));
    }
    ledger->m_note = options.note;
    if (options.checkpointsAside) ledger->m_checkpointer = std::make_unique<Checkpointer>(path, options.vfs);
    return ledger;
}

/// Also when it was tried before.
int SqliteLedger::openFile(const std::string& vfs) {
    m_statements = {};
    m_connection = SqliteConnection();
    int code = m_connection.open(m_path, vfs, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (code == SQLITE_OK) code = prepareFile();
    if (code == SQLITE_OK) code = prepareStatements();
    return code;
}

int SqliteLedger::prepareFile() {
    sqlite3_busy_timeout(m_connection.handle(), kBusyTimeoutMillis);
    for (const char* const pragma :
         // Before the first table: pages that are free can be given back to the disk, by giveBackSpace alone.
         {"PRAGMA auto_vacuum=INCREMENTAL", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
          "PRAGMA wal_autocheckpoint=0", "PRAGMA cache_size=-32768", "PRAGMA journal_size_limit=67108864",
          "PRAGMA temp_store=MEMORY"})
        if (const int code = m_connection.run(pragma); code != SQLITE_OK) return code;
    sqlite3_wal_hook(
        m_connection.handle(),
        [](void* frames, sqlite3*, const char*, int count) {
            *static_cast<int*>(frames) = count;
            return SQLITE_OK;
        },
        &m_logFrames);
    return prepareSchema(m_connection);
}

int SqliteLedger::prepareStatements() {
    static_assert(kCount <= kStatements);
    for (std::size_t i = 0; i < kCount; ++i)
        if (const int code = m_statements[i].prepare(m_connection, textOf(static_cast<Statement>(i)));
            code != SQLITE_OK)
            return code;
    return SQLITE_OK;
}

Expected<void> SqliteLedger::checkIntegrity() {
    SqliteStatement check;
    int code = check.prepare(m_connection, "PRAGMA integrity_check(1)");
    if (code == SQLITE_OK) code = check.step();
    if (code == SQLITE_ROW) code = check.text(0) == "ok" ? SQLITE_OK : SQLITE_CORRUPT;
    if (code != SQLITE_OK) return Unexpected(errorOf(code));
    return {};
}

// Running statements --------------------------------------------------------------------------------------------

/// Reading, too, is part of a transaction: without one each statement would lock the log and look at its end anew, which
/// costs as much as to read. The first write makes it a writing one; nobody else writes to the database meanwhile.
bool SqliteLedger::begin(Statement how) {
    if (m_error) return false;
    if (m_inTransaction) return true;
    const int code = m_statements[how].step();
    m_statements[how].reset();
    if (code != SQLITE_DONE) {
        fail(code);
        return false;
    }
    m_inTransaction = true;
    return true;
}

void SqliteLedger::fail(int code) {
    if (m_error) return;
    m_error = errorOf(code);
    m_isDamaged = m_isDamaged || meansDamage(code);
}

void SqliteLedger::failDamaged() {
    fail(SQLITE_CORRUPT);
}

/// A log or its index for which there is no room is an error of the disk to SQLite.
bool SqliteLedger::meansFull(int code) const {
    const int primary = code & 0xFF;
    return primary == SQLITE_FULL || ((primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) &&
                                      sqlite3_system_errno(m_connection.handle()) == ENOSPC);
}

Error SqliteLedger::errorOf(int code) const {
    if (meansFull(code))
        return {ErrorCode::Full, "The disk that holds the relay's database " + m_path +
                                     " is full. Free some space; the relay goes on by itself."};
    switch (code & 0xFF) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {ErrorCode::Disk, "The relay's database " + m_path + " is damaged."};
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
            return {ErrorCode::Disk,
                    "The relay's database " + m_path +
                        " cannot be written. Check the permissions of its folder and that its disk is "
                        "not mounted read-only."};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ErrorCode::Locked,
                    "Another program is using the relay's database " + m_path + ". Close it and try again."};
        case SQLITE_IOERR:
            return {ErrorCode::Disk,
                    "Reading or writing the relay's database " + m_path + " failed. Check the disk."};
        default:
            return {ErrorCode::Internal, "The relay's database " + m_path + " could not be used: " +
                                             sqlite3_errmsg(m_connection.handle()) + "."};
    }
}

Expected<void> SqliteLedger::commit() {
    if (!m_error && m_inTransaction) {
        const int code = m_statements[kCommit].step();
        m_statements[kCommit].reset();
        if (code != SQLITE_DONE) fail(code);
    }
    if (m_error) {
        Error error = std::move(*m_error);
        rollback();
        return Unexpected(std::move(error));
    }
    m_inTransaction = false;
    if (m_toNote && !m_note.empty()) LifeNote{*m_toNote}.write(m_note);
    m_toNote.reset();
    return {};
}

void SqliteLedger::rollback() {
    // SQLite may have undone the transaction already: then ROLLBACK fails, and both end in the same state.
    if (m_inTransaction) {
        (void)m_statements[kRollback].step();
        m_statements[kRollback].reset();
    }
    m_inTransaction = false;
    m_toNote.reset();
    m_error.reset();
}

// Disk ----------------------------------------------------------------------------------------------------------

bool SqliteLedger::takeReserve() {
    return m_reserve->take();
}

void SqliteLedger::giveReserve() {
    m_reserve->give();
}

void SqliteLedger::tidy() {
    if (m_inTransaction || m_logFrames < kLongLog) return;
    if (m_checkpointer && !m_checkpointer->hasMovedMost()) return;
    // What is left came in while the other thread was at it. Whatever fails here shows with the next commit, or not at all.
    int left = 0;
    int moved = 0;
    if (sqlite3_wal_checkpoint_v2(m_connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &left, &moved) ==
            SQLITE_OK &&
        left == moved)
        m_logFrames = 0;
}

void SqliteLedger::giveBackSpace() {
    // Of two connections that move the log at once, one of which then begins it anew, SQLite 3.40 may lose some of it.
    if (m_inTransaction || (m_checkpointer && !m_checkpointer->isIdle())) return;
    // Whatever of this fails leaves the space where it is, for the next time.
    m_connection.run(("PRAGMA incremental_vacuum(" + std::to_string(kPagesGivenBack) + ")").c_str());
    sqlite3_busy_timeout(m_connection.handle(), 0);
    sqlite3_wal_checkpoint_v2(m_connection.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(m_connection.handle(), kBusyTimeoutMillis);
    m_logFrames = 0;
}

std::uint64_t SqliteLedger::diskBytes() const {
    std::uint64_t sum = 0;
    for (const char* const suffix : {"", "-wal"}) {
        struct stat info {};
        if (::stat((m_path + suffix).c_str(), &info) == 0) sum += static_cast<std::uint64_t>(info.st_size);
    }
    return sum;
}

}  // namespace landline::relay
