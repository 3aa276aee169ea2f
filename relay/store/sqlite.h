#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/clock.h"

#include <sqlite3.h>

#include <concepts>
#include <memory>
#include <string>
#include <utility>

namespace landline::relay {

/// One connection to an SQLite file. Result codes are SQLite's own, extended ones included: whoever uses it decides what
/// they mean.
class SqliteConnection {
public:
    SqliteConnection() = default;
    SqliteConnection(SqliteConnection&& other) noexcept : m_handle(std::exchange(other.m_handle, nullptr)) {}
    SqliteConnection& operator=(SqliteConnection&& other) noexcept {
        std::swap(m_handle, other.m_handle);
        return *this;
    }
    ~SqliteConnection() { sqlite3_close_v2(m_handle); }

    /// `vfs`: the file system beneath, by its name; empty: the usual one. Flags as for sqlite3_open_v2.
    [[nodiscard]] int open(const std::string& path, const std::string& vfs, int flags) {
        const int result = sqlite3_open_v2(path.c_str(), &m_handle, flags | SQLITE_OPEN_NOMUTEX,
                                           vfs.empty() ? nullptr : vfs.c_str());
        if (m_handle) sqlite3_extended_result_codes(m_handle, 1);
        return result;
    }
    int run(const char* statement) { return sqlite3_exec(m_handle, statement, nullptr, nullptr, nullptr); }
    [[nodiscard]] sqlite3* handle() const { return m_handle; }

private:
    sqlite3* m_handle = nullptr;
};

/// One prepared statement. Bytes are bound without a copy: they must live until `reset`.
class SqliteStatement {
public:
    SqliteStatement() = default;
    SqliteStatement(SqliteStatement&& other) noexcept : m_handle(std::exchange(other.m_handle, nullptr)) {}
    SqliteStatement& operator=(SqliteStatement&& other) noexcept {
        std::swap(m_handle, other.m_handle);
        return *this;
    }
    ~SqliteStatement() { sqlite3_finalize(m_handle); }

    [[nodiscard]] int prepare(const SqliteConnection& connection, const char* text) {
        return sqlite3_prepare_v3(connection.handle(), text, -1, SQLITE_PREPARE_PERSISTENT, &m_handle,
                                  nullptr);
    }
    template <class... Values>
    void bind(const Values&... values) {
        int position = 0;
        (bindOne(++position, values), ...);
    }
    /// SQLITE_ROW, SQLITE_DONE, or an error.
    [[nodiscard]] int step() { return sqlite3_step(m_handle); }
    void reset() { sqlite3_reset(m_handle); }

    [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(m_handle, column); }
    template <std::integral Integer>
    [[nodiscard]] Integer as(int column) const {
        return static_cast<Integer>(integer(column));
    }
    [[nodiscard]] WallTime time(int column) const { return fromUnixMillis(integer(column)); }
    /// Valid until the next step.
    [[nodiscard]] ByteView bytes(int column) const {
        const auto* const data = static_cast<const std::uint8_t*>(sqlite3_column_blob(m_handle, column));
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(m_handle, column))};
    }
    [[nodiscard]] std::string text(int column) const { return toString(bytes(column)); }

private:
    template <std::integral Integer>
    void bindOne(int position, Integer value) {
        sqlite3_bind_int64(m_handle, position, static_cast<sqlite3_int64>(value));
    }
    void bindOne(int position, WallTime value) { bindOne(position, toUnixMillis(value)); }
    void bindOne(int position, ByteView value) {
        // A null pointer would be bound as NULL.
        sqlite3_bind_blob64(m_handle, position, value.empty() ? static_cast<const void*>("") : value.data(),
                            value.size(), SQLITE_STATIC);
    }
    void bindOne(int position, const Bytes& value) { bindOne(position, ByteView(value)); }
    void bindOne(int position, const std::string& value) {
        sqlite3_bind_text64(m_handle, position, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    template <class Tag, std::size_t N>
    void bindOne(int position, const FixedBytes<Tag, N>& value) {
        bindOne(position, value.view());
    }

    sqlite3_stmt* m_handle = nullptr;
};

}  // namespace landline::relay
