#pragma once

#include "app/storage/always_accept_table.h"
#include "app/storage/database.h"
#include "app/storage/database_files.h"
#include "app/storage/deposit_table.h"
#include "app/storage/directory.h"
#include "app/storage/message_reader.h"
#include "app/storage/message_table.h"
#include "app/storage/peer_heads.h"
#include "app/storage/prekey_table.h"
#include "app/storage/relay_heads_table.h"
#include "app/storage/relay_table.h"
#include "app/storage/salvage.h"
#include "app/storage/search_index.h"
#include "app/storage/timeline_table.h"
#include "app/storage/transfer_table.h"

namespace landline::app {

/// The parts of the database, which share one connection.
struct Database::Impl {
    Impl(const QString& path, const PersonId& self);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Expected<void> open(const QString& sqliteOptions);
    Expected<void> checkOwner();
    Expected<void> takeOver(const Salvage& saved);
    Expected<void> commit();
    /// Brings the search index up to date, in a transaction of its own if none is open. If that fails, what came last is
    /// not found yet.
    void indexWaiting();
    [[nodiscard]] QString setting(const QString& key);
    void setSetting(const QString& key, const QString& value);

    [[nodiscard]] MessageReader reader() {
        return {sql, directory, timelines, amendments, heads, deposits, transfers};
    }
    /// Nothing if the conversation is not known or the timeline has no row.
    [[nodiscard]] std::optional<TimelineTable::Row> timeline(const ConversationId& conversation,
                                                             const DeviceId& author);
    /// These people, with all that they wrote.
    void forget(const std::vector<qint64>& strangers);
    std::vector<PersonId> forgotten;  ///< Database::takeForgotten
    [[nodiscard]] ConversationRecord record(const Directory::Conversation& conversation);

    DatabaseFiles files;
    Sql sql;
    Directory directory;
    TimelineTable timelines;
    AmendmentTable amendments;
    SearchIndex search;
    MessageTable messages;
    PeerHeads heads;
    TransferTable transfers;
    AlwaysAcceptTable alwaysAccept;
    RelayTable relays;
    PrekeyTable prekeys;
    RelayHeadsTable relayHeads;
    DepositTable deposits;
    std::optional<timeline::HybridTime> clock;  ///< once read; TimelineStore::clock
};

}  // namespace landline::app
