#pragma once

#include "app/storage/records.h"
#include "app/storage/sql.h"

namespace landline::app {

/// File transfers as rows.
class TransferTable {
public:
    explicit TransferTable(Sql& sql) : m_sql(sql) {}

    /// One that was hidden is seen again.
    void put(const TransferRecord& transfer);
    [[nodiscard]] std::optional<TransferRecord> find(const wire::TransferId& id);
    /// Newest first.
    [[nodiscard]] std::vector<TransferRecord> all();
    /// Incoming ones that are queued, under way or paused, in their order.
    [[nodiscard]] std::vector<TransferRecord> toFetch();
    /// In the order of TransferCursor, without the hidden ones.
    [[nodiscard]] std::vector<TransferRecord> page(const TransferQuery& query);
    /// If it has ended.
    void hide(const wire::TransferId& id);
    /// Those that are done or cancelled.
    void hideFinished();

private:
    Sql& m_sql;
};

}  // namespace landline::app
