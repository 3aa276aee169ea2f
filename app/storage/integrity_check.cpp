#include "app/storage/integrity_check.h"

#include "app/storage/migrations.h"
#include "app/storage/sql.h"

#include <QDir>
#include <QRegularExpression>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QStringList>

#include <algorithm>

namespace landline::app {

namespace {

constexpr int kCorruptCode = 11;       // SQLITE_CORRUPT
constexpr int kNotADatabaseCode = 26;  // SQLITE_NOTADB

bool meansDamage(const QSqlQuery& query) {
    const int code = query.lastError().nativeErrorCode().toInt() & 0xFF;
    return code == kCorruptCode || code == kNotADatabaseCode;
}

QStringList tablesOf(QSqlQuery& query) {
    // With the schema's own table SQLite checks the list of free pages as well.
    QStringList names{QStringLiteral("sqlite_schema")};
    // Virtual tables have no pages of their own; those behind them are in the list.
    if (!query.exec(QStringLiteral("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")))
        return names;
    while (query.next()) names.append(query.value(0).toString());
    return names;
}

/// A page that the disk did not give is told among the results as well; it may be readable another time.
bool tellsDamage(const QString& result) {
    if (result == QLatin1String("ok") || result.contains(QLatin1String("failed to get page"))) return false;
    static const QRegularExpression errorCode(QStringLiteral("error code=(\\d+)"));
    const auto found = errorCode.match(result);
    return !found.hasMatch() || (found.captured(1).toInt() & 0xFF) == kCorruptCode;
}

bool isTableSound(QSqlQuery& query, QString table) {
    table.replace(u'"', QStringLiteral("\"\""));
    if (!query.exec(QStringLiteral("PRAGMA integrity_check(\"%1\")").arg(table))) return !meansDamage(query);
    while (query.next())
        if (tellsDamage(query.value(0).toString())) return false;
    return true;
}

// The tables behind the search index are written by SQLite, whose next version may word them differently.
constexpr const char* kSchema =
    "SELECT name || coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'search@_%' ESCAPE '@' "
    "ORDER BY name";

QStringList schemaByMigrations() {
    QStringList schema;
    Sql fresh;
    if (!fresh.open(QStringLiteral(":memory:"), {}) || !migrate(fresh)) return schema;
    auto row = fresh.read(kSchema);
    while (row.next()) schema.append(row.text(0));
    return schema;
}

/// A name of a column that is another now leaves SQLite content, and our statements without their column.
bool isSchemaSound(QSqlQuery& query) {
    QStringList found;
    if (!query.exec(QString::fromLatin1(kSchema))) return !meansDamage(query);
    while (query.next()) found.append(query.value(0).toString());
    const QStringList expected = schemaByMigrations();
    // What a person or a later version added is no damage.
    return std::all_of(expected.begin(), expected.end(),
                       [&found](const QString& one) { return found.contains(one); });
}

bool areTablesSound(const QSqlDatabase& database, const std::atomic<bool>& cancelled) {
    QSqlQuery query(database);
    query.setForwardOnly(true);
    if (!isSchemaSound(query)) return false;
    const QStringList tables = tablesOf(query);
    if (meansDamage(query)) return false;
    for (const QString& table : tables) {
        if (cancelled) return true;
        if (!isTableSound(query, table)) return false;
    }
    return true;
}

}  // namespace

bool isDatabaseSound(const QString& folder, const std::atomic<bool>& cancelled) {
    const QString connection = QStringLiteral("integrity check of ") + folder;
    bool sound = true;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
        database.setDatabaseName(QDir(folder).absoluteFilePath(QStringLiteral("landline.db")));
        database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
        if (database.open()) sound = areTablesSound(database, cancelled);
    }
    QSqlDatabase::removeDatabase(connection);
    return sound;
}

}  // namespace landline::app
