#pragma once

#include "app/storage/sql.h"

#include <map>
#include <optional>
#include <vector>

namespace landline::app {

/// The full-text index over messages (FTS5). Its rows have the messages' ids, which grow with time. Changes are collected
/// and written in the order of ids, at the latest at the commit: FTS5 begins a new segment whenever an id goes back.
///
/// A segment costs more than all the rest of a short transaction. So where a transaction brings a few new messages only,
/// it merely notes them (table `unindexed`); MessageTable::indexWaiting takes them in together, before anything is
/// searched for and once there are many.
class SearchIndex {
public:
    /// By what a message can be found besides its text.
    struct Tags {
        qint64 person = 0;
        qint64 conversation = 0;
    };
    struct Filter {
        std::optional<qint64> person;
        std::optional<qint64> conversation;
        std::optional<qint64> since;  ///< unix milliseconds, inclusive
        std::optional<qint64> until;  ///< exclusive
        int limit = 50;
    };

    explicit SearchIndex(Sql& sql) : m_sql(sql) {}

    /// The message's text was `before` (nothing: not indexed) and is `after` (nothing: to be found no more).
    void change(qint64 message, Tags tags, const std::optional<QString>& before,
                const std::optional<QString>& after);
    /// Writes what was collected.
    void flush();
    /// For the commit: notes what was collected, if it is little, or else writes it.
    void settle();
    /// Messages that were merely noted.
    [[nodiscard]] std::size_t waiting();
    /// They are no longer: what is to be found of them was given to `change`.
    void forgetWaiting();
    /// Words that were taken out must not stay in the file: the next `optimize` has work to do.
    void noteErased();
    /// Forgets it; the transaction was undone.
    void discard() {
        m_changes.clear();
        m_waiting.reset();
    }

    /// Ids of messages with all words, newest first.
    [[nodiscard]] std::vector<qint64> find(const QString& words, const Filter& filter);
    /// True if `optimize` has work to do.
    [[nodiscard]] bool isStale();
    /// Merges what is left of removed words out of the index, a slice of work at a time. True if there is more to do.
    bool optimize();

private:
    struct Change {
        Tags tags;
        std::optional<QString> before;
        std::optional<QString> after;
    };
    [[nodiscard]] bool isLittle() const;
    [[nodiscard]] qint64 totalChanges();
    [[nodiscard]] QString staleness();
    [[nodiscard]] QString matchOf(const QString& words, const Filter& filter);

    Sql& m_sql;
    std::map<qint64, Change> m_changes;
    std::optional<std::size_t> m_waiting;  ///< rows of `unindexed`, once counted
};

/// The lowest and highest message ids of a millisecond.
inline constexpr int kMessageIdBits = 21;
[[nodiscard]] constexpr qint64 firstMessageId(qint64 millis) {
    constexpr qint64 kMost = qint64{1} << 41;
    return (millis < 0 ? 0 : millis > kMost ? kMost : millis) << kMessageIdBits;
}

}  // namespace landline::app
