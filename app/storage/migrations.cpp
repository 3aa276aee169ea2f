#include "app/storage/migrations.h"

#include <QCoreApplication>

#include <array>
#include <iterator>
#include <span>

namespace landline::app {

namespace {

// Version 1. Persons, devices, conversations and timelines have small local ids; everything large refers to those.
//
// Times: hybrid clocks and the first 8 bytes of author keys are unsigned and stored by orderedInt (sql.h); numbers of
// entries and unix milliseconds as they are.
constexpr const char* kVersion1[] = {
    "CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",

    // met: when the person was first met (unix ms); NULL for persons known from certificates only. Standing as in
    // timeline::Standing; used_*: StrangerUse.
    "CREATE TABLE person(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, name TEXT, met INTEGER, standing "
    "INTEGER NOT "
    "NULL, verified INTEGER NOT NULL, used_entries INTEGER NOT NULL, used_bytes INTEGER NOT NULL)",
    "CREATE TABLE device(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, person INTEGER NOT NULL, noise "
    "BLOB NOT NULL, "
    "certificate BLOB NOT NULL, address TEXT, last_seen INTEGER NOT NULL)",
    // kind: 0 direct (person: the other one, oneself for notes to self).
    "CREATE TABLE conversation(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL, "
    "person INTEGER)",
    "CREATE TABLE member(conversation INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY(conversation, "
    "person)) "
    "WITHOUT ROWID",

    // One author's timeline in one conversation: timeline::TimelineHead. unread: messages of others beyond `read`.
    "CREATE TABLE timeline(id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, author BLOB NOT NULL, "
    "base_number INTEGER "
    "NOT NULL, base_hash BLOB NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL, clock INTEGER NOT NULL, "
    "read INTEGER "
    "NOT NULL, ended INTEGER, unread INTEGER NOT NULL, UNIQUE(conversation, author))",
    // id: timeline << 40 | number. message: the row of `message` that shows it, if any. payload NULL: erased.
    "CREATE TABLE entry(id INTEGER PRIMARY KEY, header BLOB NOT NULL, signature BLOB NOT NULL, payload BLOB, "
    "message "
    "INTEGER)",
    "CREATE TABLE erasure(entry INTEGER PRIMARY KEY, proof BLOB NOT NULL)",
    "CREATE TABLE fork(timeline INTEGER NOT NULL, side INTEGER NOT NULL, header BLOB NOT NULL, signature "
    "BLOB NOT NULL, "
    "PRIMARY KEY(timeline, side)) WITHOUT ROWID",
    // Entries that came before their predecessor.
    "CREATE TABLE held(conversation INTEGER NOT NULL, author BLOB NOT NULL, number INTEGER NOT NULL, header "
    "BLOB NOT NULL, "
    "signature BLOB NOT NULL, payload BLOB, proof BLOB, PRIMARY KEY(conversation, author, number)) WITHOUT "
    "ROWID",
    // What other devices say they hold. claimed, hash: their latest head; number: the highest claim that our own entry's
    // hash confirmed, which is what ticks follow.
    "CREATE TABLE peer_head(conversation INTEGER NOT NULL, author BLOB NOT NULL, device BLOB NOT NULL, "
    "claimed INTEGER NOT "
    "NULL, hash BLOB NOT NULL, number INTEGER NOT NULL, read INTEGER NOT NULL, PRIMARY KEY(conversation, "
    "author, device)) "
    "WITHOUT ROWID",

    // id: unix ms of the author's clock (at most ten minutes ahead of ours on arrival) << 21 | disambiguator; the same is
    // the row of the full-text index, so that newest first is by id. order_clock: see history.h. text: as shown now.
    "CREATE TABLE message(id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, order_clock INTEGER NOT "
    "NULL, author_rank "
    "INTEGER NOT NULL, number INTEGER NOT NULL, timeline INTEGER NOT NULL, clock INTEGER NOT NULL, kind "
    "INTEGER NOT NULL, "
    "flags INTEGER NOT NULL, text TEXT, reply_author BLOB, reply_number INTEGER, transfer BLOB, size "
    "INTEGER)",
    "CREATE INDEX message_order ON message(conversation, order_clock, author_rank, number)",
    // Edits, deletes and reactions by target, whether or not the target is held. id: the entry's. text: new text or emoji.
    "CREATE TABLE amendment(id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, target_author BLOB NOT "
    "NULL, "
    "target_number INTEGER NOT NULL, order_clock INTEGER NOT NULL, kind INTEGER NOT NULL, text TEXT, removed "
    "INTEGER NOT "
    "NULL)",
    "CREATE INDEX amendment_target ON amendment(conversation, target_number, target_author)",
    // Words and two-character runs of the messages (search_text.h), without a copy of the text.
    "CREATE VIRTUAL TABLE search USING fts5(words, content='', columnsize=0, prefix='1 2 3', "
    "tokenize=\"unicode61 remove_diacritics 2\")",

    "CREATE TABLE transfer(id BLOB PRIMARY KEY, conversation BLOB NOT NULL, author BLOB NOT NULL, number "
    "INTEGER NOT NULL, "
    "person BLOB NOT NULL, incoming INTEGER NOT NULL, name TEXT, size INTEGER NOT NULL, done INTEGER NOT "
    "NULL, state INTEGER "
    "NOT NULL, path TEXT, error TEXT, updated INTEGER NOT NULL) WITHOUT ROWID",
};

// Version 2. Messages that are in no full-text index yet (SearchIndex::settle).
constexpr const char* kVersion2[] = {
    "CREATE TABLE unindexed(message INTEGER PRIMARY KEY)",
};

// The order of what is to be fetched, and whose files are taken unasked.
constexpr const char* kTransferRules[] = {
    "ALTER TABLE transfer ADD COLUMN position INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE transfer ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE transfer ADD COLUMN waits_for_room INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE always_accept(person BLOB PRIMARY KEY, folder TEXT NOT NULL, quota INTEGER NOT NULL, used "
    "INTEGER NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID",
};

// The list of transfers. items, missing: of a bundle, TransferRecord. hidden: removed from the list.
constexpr const char* kTransferList[] = {
    "ALTER TABLE transfer ADD COLUMN items INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE transfer ADD COLUMN missing INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE transfer ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0",
};

// Relays, by their keys. Epochs, numbers of mailboxes and counters are the protocol's; dates are unix milliseconds. What is
// of this device alone, and goes when the profile becomes another one (RelayTable::dropDevice): relay_token, own_prekey,
// relay_position, deposit*, heads_owed, and the number `lost`.
constexpr const char* kRelays[] = {
    // place: in the person's order. url: with the invite, until the relay has let this device in. standing: RelayStanding.
    "CREATE TABLE relay(key BLOB PRIMARY KEY, url TEXT NOT NULL, added INTEGER NOT NULL, place INTEGER NOT "
    "NULL, "
    "standing INTEGER NOT NULL, reason INTEGER) WITHOUT ROWID",
    // What this device gave: person is zero for the one in the contact link.
    "CREATE TABLE relay_token(relay BLOB NOT NULL, person BLOB NOT NULL, token BLOB NOT NULL, PRIMARY "
    "KEY(relay, "
    "person)) WITHOUT ROWID",
    // What devices of others gave: where they can be left something.
    "CREATE TABLE relay_grant(device BLOB NOT NULL, place INTEGER NOT NULL, relay BLOB NOT NULL, url TEXT "
    "NOT NULL, "
    "token BLOB NOT NULL, PRIMARY KEY(device, place)) WITHOUT ROWID",
    // confirmed_in: the epoch in which the relay stored it, 0 for none; superseded_*: envelope::HeldPrekey.
    "CREATE TABLE own_prekey(relay BLOB NOT NULL, id BLOB NOT NULL, prekey BLOB NOT NULL, secret BLOB NOT "
    "NULL, "
    "confirmed INTEGER NOT NULL, confirmed_in INTEGER NOT NULL, superseded_epoch INTEGER, "
    "superseded_messages INTEGER, "
    "superseded_heads INTEGER, superseded_until INTEGER, PRIMARY KEY(relay, id)) WITHOUT ROWID",
    "CREATE TABLE prekey(device BLOB NOT NULL, relay BLOB NOT NULL, prekey BLOB NOT NULL, PRIMARY "
    "KEY(device, relay)) "
    "WITHOUT ROWID",
    // box: wire::relay::Box.
    "CREATE TABLE relay_position(relay BLOB NOT NULL, box INTEGER NOT NULL, epoch INTEGER NOT NULL, through "
    "INTEGER NOT "
    "NULL, PRIMARY KEY(relay, box)) WITHOUT ROWID",
    // Numbers that only grow: see RelayHeadsTable and DepositTable.
    "CREATE TABLE relay_number(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",

    // message: the exact bytes, until the relay has answered. expires: NULL until then.
    "CREATE TABLE deposit(counter INTEGER PRIMARY KEY, relay BLOB NOT NULL, epoch INTEGER NOT NULL, box "
    "INTEGER NOT NULL, "
    "expires INTEGER, message BLOB)",
    "CREATE INDEX deposit_relay ON deposit(relay, expires, counter)",
    "CREATE INDEX deposit_expiry ON deposit(expires) WHERE expires IS NOT NULL",
    "CREATE TABLE deposit_recipient(counter INTEGER NOT NULL, device BLOB NOT NULL, prekey BLOB NOT NULL, "
    "PRIMARY "
    "KEY(counter, device)) WITHOUT ROWID",
    "CREATE INDEX deposit_recipient_device ON deposit_recipient(device, counter)",
    // The entries in a deposit that the device is not known to hold, at most limits::kEntriesPerEnvelope in a row.
    "CREATE TABLE deposit_range(device BLOB NOT NULL, conversation INTEGER NOT NULL, author BLOB NOT NULL, "
    "first INTEGER "
    "NOT NULL, counter INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY(device, conversation, author, "
    "first, "
    "counter)) WITHOUT ROWID",
    "CREATE INDEX deposit_range_counter ON deposit_range(counter, device)",

    // count: how often there was a reason since heads were last deposited for the device.
    "CREATE TABLE heads_owed(device BLOB PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
    // Of statements of others: the highest counter of each conversation, and what a device says it has lost.
    "CREATE TABLE statement(device BLOB NOT NULL, conversation INTEGER NOT NULL, counter INTEGER NOT NULL, "
    "PRIMARY "
    "KEY(device, conversation)) WITHOUT ROWID",
    "CREATE TABLE peer_lost(device BLOB PRIMARY KEY, lost INTEGER NOT NULL) WITHOUT ROWID",
};

/// Relays that are left, lie or know strangers.
constexpr const char* kRelayTrust[] = {
    // Unix milliseconds since when the mailbox there is being given up; NULL: the relay is in use.
    "ALTER TABLE relay ADD COLUMN leaving_since INTEGER",
    // Whether the relay has the token: no contact is told of another. What there was has been told already.
    "ALTER TABLE relay_token ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0",
    "UPDATE relay_token SET confirmed = 1",
    // From a contact link rather than from the device itself.
    "ALTER TABLE relay_grant ADD COLUMN linked INTEGER NOT NULL DEFAULT 0",
    // When the newest was made that was seen of the device there, in unix milliseconds; prekey is empty where that one is
    // not to be used.
    "ALTER TABLE prekey ADD COLUMN created INTEGER NOT NULL DEFAULT 0",
    // The deposit had no answer yet when the device said that it lost something.
    "ALTER TABLE deposit_recipient ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0",
    // First met by what lay in a mailbox; and the person has dealt with it since, or it was met directly.
    "ALTER TABLE person ADD COLUMN by_relay INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE person ADD COLUMN kept INTEGER NOT NULL DEFAULT 0",
    // What devices said of themselves: the highest wire::Profile::edition of each.
    "CREATE TABLE told_edition(device BLOB PRIMARY KEY, edition INTEGER NOT NULL) WITHOUT ROWID",
    // Evidence of forks for devices that take it from relays. counter: of the deposit in which it is, NULL while it is in none;
    // told: when it was written down, unix milliseconds.
    "CREATE TABLE evidence_owed(device BLOB NOT NULL, conversation INTEGER NOT NULL, author BLOB NOT NULL, first INTEGER NOT "
    "NULL, counter INTEGER, told INTEGER NOT NULL, PRIMARY KEY(device, conversation, author)) WITHOUT ROWID",
};

/// Relays where people can be looked through.
constexpr const char* kDirectories[] = {
    // ListingWish.
    "ALTER TABLE relay ADD COLUMN listed INTEGER NOT NULL DEFAULT 0",
};

using Step = std::span<const char* const>;
constexpr std::array<Step, 7> kSteps = {Step(kVersion1),     Step(kVersion2), Step(kTransferRules),
                                        Step(kTransferList), Step(kRelays),   Step(kRelayTrust),
                                        Step(kDirectories)};

Expected<void> apply(Sql& sql, Step step, int version) {
    if (auto begun = sql.execute(QStringLiteral("BEGIN IMMEDIATE")); !begun) return begun;
    Expected<void> done;
    for (const char* const statement : step) {
        done = sql.execute(QString::fromUtf8(statement));
        if (!done) break;
    }
    if (done) done = sql.execute(QStringLiteral("PRAGMA user_version = ") + QString::number(version));
    if (done) done = sql.execute(QStringLiteral("COMMIT"));
    if (!done) (void)sql.execute(QStringLiteral("ROLLBACK"));
    return done;
}

}  // namespace

int currentSchemaVersion() {
    return static_cast<int>(kSteps.size());
}

Expected<void> migrate(Sql& sql) {
    const int found = sql.pragma(QStringLiteral("PRAGMA user_version")).toInt();
    if (const auto read = sql.commit(); !read) return read;
    if (found > currentSchemaVersion() || found < 0)
        return Unexpected(
            ErrorCode::VersionMismatch,
            QCoreApplication::translate("Storage",
                                        "This profile was written by a newer version of Landline "
                                        "(database version %1, this program knows %2). Install the "
                                        "newer version.")
                .arg(found)
                .arg(currentSchemaVersion())
                .toStdString());
    for (int version = found; version < currentSchemaVersion(); ++version)
        if (auto done = apply(sql, kSteps[static_cast<std::size_t>(version)], version + 1); !done)
            return done;
    return {};
}

}  // namespace landline::app
