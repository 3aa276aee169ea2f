#include "app/storage/sql.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QSqlError>
#include <QUrl>

#include <atomic>
#include <utility>

namespace landline::app {

namespace {

// Primary result codes of SQLite (https://www.sqlite.org/rescode.html); the header is not a dependency of the programs.
enum SqliteCode {
    kError = 1,
    kPerm = 3,
    kBusy = 5,
    kLocked = 6,
    kReadOnly = 8,
    kIoError = 10,
    kCorrupt = 11,
    kFull = 13,
    kCantOpen = 14,
    kNotADatabase = 26,
};
constexpr int kBusyTimeoutMillis = 2000;

int primaryCode(const QSqlError& error) {
    return error.nativeErrorCode().toInt() & 0xFF;
}

bool meansDamage(int code) {
    return code == kCorrupt || code == kNotADatabase;
}

QString sentence(int code, const QString& path) {
    const QString folder = QDir::toNativeSeparators(QFileInfo(path).absolutePath());
    const QString file = QDir::toNativeSeparators(path);
    // Not named tr: lupdate would take the calls for QObject's.
    const auto said = [](const char* text) { return QCoreApplication::translate("Storage", text); };
    switch (code) {
        case kPerm:
        case kReadOnly:
        case kCantOpen:
            return said(QT_TRANSLATE_NOOP(
                            "Storage",
                            "The profile folder %1 cannot be written. Check its permissions and that "
                            "its disk is not mounted read-only."))
                .arg(folder);
        case kFull:
            return said(QT_TRANSLATE_NOOP(
                            "Storage",
                            "The disk that holds the profile folder %1 is full. Free some space and "
                            "try again."))
                .arg(folder);
        case kBusy:
        case kLocked:
            return said(QT_TRANSLATE_NOOP(
                            "Storage", "Another program is using the database %1. Close it and try again."))
                .arg(file);
        case kCorrupt:
        case kNotADatabase:
            return said(QT_TRANSLATE_NOOP(
                            "Storage",
                            "The database %1 is damaged. It is set aside and a new one begun; what "
                            "peers still hold comes back from them."))
                .arg(file);
        case kIoError:
            return said(QT_TRANSLATE_NOOP("Storage",
                                          "Reading or writing the database %1 failed. Check the disk."))
                .arg(file);
        default:
            return said(QT_TRANSLATE_NOOP("Storage", "The database %1 could not be used.")).arg(file);
    }
}

ErrorCode errorCodeOf(int code) {
    if (code == kFull) return ErrorCode::Full;
    if (code == kBusy || code == kLocked) return ErrorCode::Locked;
    if (code == kPerm || code == kReadOnly || code == kCantOpen || code == kIoError || meansDamage(code))
        return ErrorCode::Disk;
    return ErrorCode::Internal;
}

}  // namespace

QVariant sql_value::of(ByteView bytes) {
    if (bytes.empty()) return QByteArray("", 0);
    return QByteArray::fromRawData(reinterpret_cast<const char*>(bytes.data()),
                                   static_cast<qsizetype>(bytes.size()));
}

Rows::~Rows() {
    if (!m_query) return;
    m_query->finish();
    *m_running = false;
}

bool Rows::next() {
    if (!m_query) return false;
    if (m_query->next()) return true;
    if (m_query->lastError().isValid()) m_sql->noteError(*m_query);
    return false;
}

Bytes Rows::bytes(int column) const {
    const QByteArray value = m_query->value(column).toByteArray();
    return Bytes(value.begin(), value.end());
}

Sql::Sql() {
    static std::atomic<unsigned> number = 0;
    m_connection = QStringLiteral("landline-") + QString::number(++number);
}

Sql::~Sql() {
    close();
}

Expected<void> Sql::open(const QString& path, const QString& uriParameters) {
    m_path = path;
    m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
    if (!m_database.isValid())
        return Unexpected(ErrorCode::Internal,
                          "Qt's SQLite driver is not installed (package libqt6sql6-sqlite).");
    QString options = QStringLiteral("QSQLITE_BUSY_TIMEOUT=") + QString::number(kBusyTimeoutMillis);
    if (uriParameters.isEmpty()) {
        m_database.setDatabaseName(path);
    } else {
        options += QStringLiteral(";QSQLITE_OPEN_URI");
        const QByteArray escaped = QUrl::toPercentEncoding(path, "/");
        m_database.setDatabaseName(QStringLiteral("file:") + QString::fromLatin1(escaped) + u'?' +
                                   uriParameters);
    }
    m_database.setConnectOptions(options);
    if (!m_database.open()) return Unexpected(errorOf(m_database.lastError()));
    return {};
}

void Sql::close() {
    if (m_inTransaction) rollback();
    m_cache.clear();
    if (!m_database.isValid()) return;
    m_database.close();
    m_database = QSqlDatabase();
    QSqlDatabase::removeDatabase(m_connection);
}

Rows Sql::start(const char* statement, std::initializer_list<QVariant> values) {
    Cached* const started = run(statement, values);
    return Rows(*this, started ? &started->query : nullptr, started ? &started->running : nullptr);
}

int Sql::change(const char* statement, std::initializer_list<QVariant> values) {
    if (m_error || !begin()) return 0;
    Cached* const done = run(statement, values);
    if (!done) return 0;
    const int changed = done->query.numRowsAffected();
    m_lastInsertId = done->query.lastInsertId().toLongLong();
    finish(*done);
    return changed;
}

void Sql::finish(Cached& done) {
    done.query.finish();
    done.running = false;
}

Sql::Cached* Sql::run(const char* statement, std::initializer_list<QVariant> values) {
    if (m_error && m_inTransaction) return nullptr;
    std::unique_ptr<Cached>& cached = m_cache[statement];
    if (!cached) {
        cached = std::make_unique<Cached>(Cached{QSqlQuery(m_database)});
        cached->query.setForwardOnly(true);
        if (!cached->query.prepare(QString::fromUtf8(statement))) {
            noteError(cached->query);
            cached.reset();
            return nullptr;
        }
    }
    assert(!cached->running);
    int position = 0;
    for (const QVariant& value : values) cached->query.bindValue(position++, value);
    if (!cached->query.exec()) {
        noteError(cached->query);
        // QSQLITE gives up a statement that failed; it is prepared anew next time.
        cached.reset();
        return nullptr;
    }
    cached->running = true;
    return cached.get();
}

bool Sql::begin() {
    if (m_inTransaction) return true;
    Cached* const begun = run("BEGIN IMMEDIATE", {});
    if (!begun) return false;
    finish(*begun);
    m_inTransaction = true;
    return true;
}

Expected<void> Sql::execute(const QString& statement) {
    QSqlQuery query(m_database);
    if (!query.exec(statement)) return Unexpected(errorOf(query.lastError()));
    return {};
}

QVariant Sql::pragma(const QString& statement) {
    QSqlQuery query(m_database);
    if (query.exec(statement) && query.next()) return query.value(0);
    if (query.lastError().isValid()) noteError(query);
    return {};
}

bool Sql::emptyLog() {
    (void)pragma(QStringLiteral("PRAGMA busy_timeout=0"));
    const bool busy = pragma(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)")).toInt() != 0;
    (void)pragma(QStringLiteral("PRAGMA busy_timeout=%1").arg(kBusyTimeoutMillis));
    return !busy;
}

Expected<void> Sql::commit() {
    if (!m_error && m_inTransaction) {
        if (Cached* const done = run("COMMIT", {})) finish(*done);
    }
    if (m_error) {
        const Error error = *m_error;
        rollback();
        return Unexpected(error);
    }
    m_inTransaction = false;
    return {};
}

void Sql::rollback() {
    // SQLite may have undone the transaction already, after which ROLLBACK itself fails: both end in the same state.
    if (m_inTransaction) QSqlQuery(m_database).exec(QStringLiteral("ROLLBACK"));
    m_inTransaction = false;
    m_error.reset();
}

void Sql::fail(Error error) {
    if (!m_error) m_error = std::move(error);
}

void Sql::failDamaged() {
    // After another error, such as a full disk, what contradicts itself may only not have been read.
    if (m_error) return;
    fail({ErrorCode::Disk, sentence(kCorrupt, m_path).toStdString()});
    noteDamage();
}

void Sql::noteDamage() {
    if (std::exchange(m_damaged, true)) return;
    if (m_onDamage) m_onDamage();
}

void Sql::noteError(const QSqlQuery& query) {
    fail(errorOf(query.lastError()));
}

Error Sql::errorOf(const QSqlError& error) {
    const int code = primaryCode(error);
    if (meansDamage(code)) noteDamage();
    QString text = sentence(code, m_path);
    // Our own mistakes (syntax, constraints) need SQLite's words; these hold names of columns, never contents.
    if (errorCodeOf(code) == ErrorCode::Internal)
        text += u' ' + error.driverText() + u' ' + error.databaseText();
    return {errorCodeOf(code), text.toStdString()};
}

}  // namespace landline::app
