#pragma once

#include "app/storage/records.h"
#include "app/storage/sql.h"

namespace landline::app {

/// File transfers as rows.
class TransferTable {
public:
    explicit TransferTable(Sql& sql) : m_sql(sql) {}

    void put(const TransferRecord& transfer);
    [[nodiscard]] std::optional<TransferRecord> find(const wire::TransferId& id);
    /// Newest first.
    [[nodiscard]] std::vector<TransferRecord> all();

private:
    Sql& m_sql;
};

}  // namespace landline::app
