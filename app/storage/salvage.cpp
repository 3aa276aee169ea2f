#include "app/storage/salvage.h"

#include <QSqlDatabase>
#include <QSqlQuery>

#include <atomic>
#include <optional>

namespace landline::app {

namespace {

QString newConnectionName() {
    static std::atomic<int> count = 0;
    return QStringLiteral("landline-salvage-") + QString::number(++count);
}

Bytes bytesOf(const QVariant& value) {
    const QByteArray bytes = value.toByteArray();
    return Bytes(bytes.begin(), bytes.end());
}

std::optional<SalvagedPerson> personFrom(const QSqlQuery& row) {
    const auto certificate = identity::Certificate::parse(bytesOf(row.value(0)));
    const qint64 standing = row.value(3).toLongLong();
    const bool decided = standing > static_cast<qint64>(timeline::Standing::Stranger) &&
                         standing <= static_cast<qint64>(timeline::Standing::Blocked);
    if (!certificate || certificate->person() != PersonId::from(bytesOf(row.value(1))) || !decided)
        return std::nullopt;
    return SalvagedPerson{*certificate,
                          row.value(2).toString(),
                          static_cast<timeline::Standing>(standing),
                          row.value(4).toLongLong() == 1,
                          row.value(5).toString(),
                          row.value(6).toLongLong()};
}

void takeRelay(const QSqlQuery& row, Salvage& result) {
    auto url = identity::parseRelayUrl(row.value(0).toString().toStdString());
    if (url) result.relays.push_back({*std::move(url), row.value(1).toLongLong(), RelayStanding::New, {}});
}

void takeGrant(const QSqlQuery& row, Salvage& result) {
    const auto device = DeviceId::from(bytesOf(row.value(0)));
    auto url = identity::parseRelayUrl(row.value(1).toString().toStdString());
    const auto token = RelayToken::from(bytesOf(row.value(2)));
    if (device && url && token) result.grants[*device].push_back({*std::move(url), *token});
}

/// Rows end at the first damaged page; what came before it counts. False where there is no such table or column.
template <class Take>
bool readRows(const QSqlDatabase& database, const QString& statement, Take take) {
    QSqlQuery query(database);
    query.setForwardOnly(true);
    if (!query.exec(statement)) return false;
    while (query.next()) take(query);
    return true;
}

/// Those that are being left are left with this.
void readRelays(const QSqlDatabase& database, Salvage& result) {
    const auto take = [&result](const QSqlQuery& row) { takeRelay(row, result); };
    const auto select = QStringLiteral("SELECT url, added FROM relay %1 ORDER BY place");
    if (readRows(database, select.arg(u"WHERE leaving_since IS NULL"), take)) return;
    // By a version that left none.
    (void)readRows(database, select.arg(QString()), take);
}

}  // namespace

Salvage salvage(const QString& path) {
    Salvage result;
    const QString connection = newConnectionName();
    {
        auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
        database.setDatabaseName(path);
        database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
        if (database.open()) {
            (void)readRows(
                database, QStringLiteral("SELECT device.certificate, person.key, person.name, person.standing, "
                                    "person.verified, device.address, device.last_seen FROM device "
                                    "JOIN person ON person.id = device.person WHERE person.met IS NOT NULL"),
                     [&](const QSqlQuery& row) {
                         if (auto person = personFrom(row)) result.people.push_back(std::move(*person));
                     });
            (void)readRows(
                database,
                QStringLiteral("SELECT key, value FROM setting WHERE key IN ('name', 'presence', 'status')"),
                [&](const QSqlQuery& row) {
                    result.settings[row.value(0).toString()] = row.value(1).toString();
                });
            readRelays(database, result);
            (void)readRows(
                database,
                QStringLiteral("SELECT device, url, token FROM relay_grant ORDER BY device, place"),
                [&](const QSqlQuery& row) { takeGrant(row, result); });
        }
    }
    QSqlDatabase::removeDatabase(connection);
    return result;
}

}  // namespace landline::app
