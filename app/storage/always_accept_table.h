#pragma once

#include "app/storage/records.h"
#include "app/storage/sql.h"

namespace landline::app {

/// Whose files are taken unasked, as rows.
class AlwaysAcceptTable {
public:
    explicit AlwaysAcceptTable(Sql& sql) : m_sql(sql) {}

    [[nodiscard]] std::optional<AlwaysAccept> find(const PersonId& person);
    [[nodiscard]] std::vector<AlwaysAccept> all();
    void put(const AlwaysAccept& rule);
    void remove(const PersonId& person);

private:
    Sql& m_sql;
};

}  // namespace landline::app
