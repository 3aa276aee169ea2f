#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/ids.h"

#include <QByteArray>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>
#include <QVariant>

#include <cassert>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

namespace landline::app {

/// Unsigned numbers of the protocol (clocks, first bytes of keys) use all 64 bits, SQLite's integers are signed: this map
/// keeps their order.
[[nodiscard]] constexpr qint64 orderedInt(std::uint64_t value) {
    return static_cast<qint64>(value ^ (std::uint64_t{1} << 63));
}
[[nodiscard]] constexpr std::uint64_t fromOrderedInt(qint64 value) {
    return static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63);
}

/// How a value is bound. Bytes and ids are not copied: they must live until the call returns.
namespace sql_value {
template <std::integral Integer>
[[nodiscard]] QVariant of(Integer value) {
    return static_cast<qint64>(value);
}
[[nodiscard]] inline QVariant of(const QString& value) {
    return value.isNull() ? QVariant(QLatin1String("")) : value;
}
[[nodiscard]] inline QVariant of(std::nullptr_t) {
    return {};
}
[[nodiscard]] QVariant of(ByteView bytes);
[[nodiscard]] inline QVariant of(const Bytes& bytes) {
    return of(ByteView(bytes));
}
template <class Tag, std::size_t N>
[[nodiscard]] QVariant of(const FixedBytes<Tag, N>& id) {
    return of(id.view());
}
template <class T>
[[nodiscard]] QVariant of(const std::optional<T>& value) {
    return value ? of(*value) : QVariant();
}
}  // namespace sql_value

class Sql;

/// The rows of one running SELECT. Ends it when it goes; the same statement cannot run twice at once.
class Rows {
public:
    Rows(Rows&& other) noexcept
        : m_sql(other.m_sql),
          m_query(std::exchange(other.m_query, nullptr)),
          m_running(std::exchange(other.m_running, nullptr)) {}
    Rows& operator=(Rows&&) = delete;
    ~Rows();

    [[nodiscard]] bool next();
    [[nodiscard]] bool isNull(int column) const { return m_query->isNull(column); }
    [[nodiscard]] qint64 integer(int column) const { return m_query->value(column).toLongLong(); }
    [[nodiscard]] std::uint64_t number(int column) const {
        return static_cast<std::uint64_t>(integer(column));
    }
    [[nodiscard]] QString text(int column) const { return m_query->value(column).toString(); }
    [[nodiscard]] Bytes bytes(int column) const;
    /// Zero if the column is NULL or of another length.
    template <class Id>
    [[nodiscard]] Id id(int column) const {
        return Id::from(bytes(column)).value_or(Id{});
    }

private:
    friend class Sql;
    Rows(Sql& sql, QSqlQuery* query, bool* running) : m_sql(&sql), m_query(query), m_running(running) {}
    Sql* m_sql;
    QSqlQuery* m_query;  ///< null: the statement failed, there are no rows
    bool* m_running;     ///< the statement's, to be lowered at the end
};

/// One SQLite connection with a cache of prepared statements, a transaction that begins with the first write, and a
/// remembered error: after a failure inside of a transaction nothing more is read or written until `commit` has undone
/// it and told why. Statements are string literals; the cache goes by their address.
class Sql {
public:
    Sql();
    ~Sql();
    Sql(const Sql&) = delete;
    Sql& operator=(const Sql&) = delete;

    /// `uriParameters`: such as "vfs=NAME"; usually empty.
    Expected<void> open(const QString& path, const QString& uriParameters);
    void close();

    template <class... Values>
    [[nodiscard]] Rows read(const char* statement, const Values&... values) {
        return start(statement, {sql_value::of(values)...});
    }
    /// The number of rows changed; 0 after a failure.
    template <class... Values>
    int write(const char* statement, const Values&... values) {
        return change(statement, {sql_value::of(values)...});
    }
    [[nodiscard]] qint64 lastInsertId() const { return m_lastInsertId; }
    /// Outside of any transaction and not cached: pragmas and schema.
    Expected<void> execute(const QString& statement);
    /// The first column of the first row of a pragma, or nothing.
    [[nodiscard]] QVariant pragma(const QString& statement);
    /// Writes everything into the database file and leaves nothing in the log beside it. False, at once, if another
    /// connection reads just now.
    [[nodiscard]] bool emptyLog();

    /// See TimelineStore::commit.
    Expected<void> commit();
    void rollback();
    /// Remembers an error that was found above SQL (a defect, contents that cannot be).
    void fail(Error error);
    /// The database file's contents contradict themselves: fails, and marks the file as damaged. Nothing if an error is
    /// remembered already.
    void failDamaged();
    /// See Database::onDamage.
    void onDamage(std::function<void()> told) { m_onDamage = std::move(told); }
    [[nodiscard]] bool failed() const { return m_error.has_value(); }
    [[nodiscard]] bool isInTransaction() const { return m_inTransaction; }
    [[nodiscard]] bool isDamaged() const { return m_damaged; }

private:
    friend class Rows;
    struct Cached {
        QSqlQuery query;
        bool running = false;
    };
    Rows start(const char* statement, std::initializer_list<QVariant> values);
    int change(const char* statement, std::initializer_list<QVariant> values);
    Cached* run(const char* statement, std::initializer_list<QVariant> values);
    static void finish(Cached& done);
    bool begin();
    void noteError(const QSqlQuery& query);
    void noteDamage();
    [[nodiscard]] Error errorOf(const QSqlError& error);

    QString m_connection;
    QString m_path;
    QSqlDatabase m_database;
    std::unordered_map<const void*, std::unique_ptr<Cached>> m_cache;
    std::optional<Error> m_error;
    qint64 m_lastInsertId = 0;
    bool m_inTransaction = false;
    bool m_damaged = false;
    std::function<void()> m_onDamage;
};

}  // namespace landline::app
