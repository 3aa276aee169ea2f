#include "app/storage/always_accept_table.h"

namespace landline::app {

namespace {

AlwaysAccept readRow(const Rows& row) {
    return {row.id<PersonId>(0), row.text(1), row.number(2), row.number(3), row.integer(4)};
}

}  // namespace

std::optional<AlwaysAccept> AlwaysAcceptTable::find(const PersonId& person) {
    auto row =
        m_sql.read("SELECT person, folder, quota, used, day FROM always_accept WHERE person = ?", person);
    if (!row.next()) return std::nullopt;
    return readRow(row);
}

std::vector<AlwaysAccept> AlwaysAcceptTable::all() {
    std::vector<AlwaysAccept> result;
    auto row = m_sql.read("SELECT person, folder, quota, used, day FROM always_accept ORDER BY person");
    while (row.next()) result.push_back(readRow(row));
    return result;
}

void AlwaysAcceptTable::put(const AlwaysAccept& rule) {
    m_sql.write(
        "INSERT OR REPLACE INTO always_accept(person, folder, quota, used, day) VALUES(?, ?, ?, ?, ?)",
        rule.person, rule.folder, rule.quota, rule.used, rule.day);
}

void AlwaysAcceptTable::remove(const PersonId& person) {
    m_sql.write("DELETE FROM always_accept WHERE person = ?", person);
}

}  // namespace landline::app
