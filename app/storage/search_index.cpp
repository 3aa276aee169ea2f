#include "app/storage/search_index.h"

#include "app/storage/search_text.h"

#include <algorithm>
#include <limits>

namespace landline::app {

namespace {

/// Changes kept in memory at most; above it they are written early.
constexpr std::size_t kMostChanges = 4096;
/// New messages of one transaction that are noted rather than written.
constexpr std::size_t kLittle = 16;

QString documentOf(const QString& text, SearchIndex::Tags tags) {
    return searchTag(QLatin1Char('p'), tags.person) + u' ' + searchTag(QLatin1Char('c'), tags.conversation) +
           u' ' + searchableText(text);
}

/// A phrase of FTS5's query syntax. Words hold letters, digits and marks only, so nothing needs escaping.
QString phraseOf(const SearchTerm& term) {
    return u'"' + term.words.join(u' ') + (term.prefix ? QStringLiteral("\" *") : QStringLiteral("\""));
}

}  // namespace

void SearchIndex::change(qint64 message, Tags tags, const std::optional<QString>& before,
                         const std::optional<QString>& after) {
    const auto [found, isNew] = m_changes.try_emplace(message, Change{tags, before, after});
    if (!isNew) {
        found->second.after = after;
    } else if (before && waiting() > 0 &&
               m_sql.write("DELETE FROM unindexed WHERE message = ?", message) > 0) {
        found->second.before.reset();
        --*m_waiting;
    }
    if (m_changes.size() >= kMostChanges) flush();
}

void SearchIndex::flush() {
    for (const auto& [message, change] : m_changes) {
        if (change.before == change.after) continue;
        if (change.before)
            m_sql.write("INSERT INTO search(search, rowid, words) VALUES('delete', ?, ?)", message,
                        documentOf(*change.before, change.tags));
        if (change.after)
            m_sql.write("INSERT INTO search(rowid, words) VALUES(?, ?)", message,
                        documentOf(*change.after, change.tags));
    }
    m_changes.clear();
}

bool SearchIndex::isLittle() const {
    return m_changes.size() <= kLittle &&
           std::all_of(m_changes.begin(), m_changes.end(),
                       [](const auto& change) { return !change.second.before && change.second.after; });
}

void SearchIndex::settle() {
    if (m_changes.empty()) return;
    if (!isLittle()) return flush();
    const std::size_t before = waiting();
    for (const auto& [message, change] : m_changes)
        m_sql.write("INSERT OR IGNORE INTO unindexed(message) VALUES(?)", message);
    m_waiting = before + m_changes.size();
    m_changes.clear();
}

std::size_t SearchIndex::waiting() {
    if (m_waiting) return *m_waiting;
    auto row = m_sql.read("SELECT count(*) FROM unindexed");
    m_waiting = row.next() ? static_cast<std::size_t>(row.integer(0)) : 0;
    return *m_waiting;
}

void SearchIndex::forgetWaiting() {
    m_sql.write("DELETE FROM unindexed");
    m_waiting = 0;
}

QString SearchIndex::matchOf(const QString& words, const Filter& filter) {
    QStringList parts;
    if (filter.person) parts.append(phraseOf({{searchTag(QLatin1Char('p'), *filter.person)}, false}));
    if (filter.conversation)
        parts.append(phraseOf({{searchTag(QLatin1Char('c'), *filter.conversation)}, false}));
    for (const SearchTerm& term : searchTerms(words)) parts.append(phraseOf(term));
    return parts.join(QStringLiteral(" AND "));
}

std::vector<qint64> SearchIndex::find(const QString& words, const Filter& filter) {
    flush();
    std::vector<qint64> found;
    const qint64 from = filter.since ? firstMessageId(*filter.since) : 0;
    const qint64 to = filter.until ? firstMessageId(*filter.until) : std::numeric_limits<qint64>::max();
    const QString match = matchOf(words, filter);
    // Without words and filters: simply the newest.
    auto row = match.isEmpty()
                   ? m_sql.read("SELECT id FROM message WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?",
                                from, to, filter.limit)
                   : m_sql.read(
                         "SELECT rowid FROM search WHERE search MATCH ? AND rowid >= ? AND rowid < ? "
                         "ORDER BY rowid DESC LIMIT ?",
                         match, from, to, filter.limit);
    while (row.next()) found.push_back(row.integer(0));
    return found;
}

namespace {

constexpr QLatin1String kStaleSetting("search.stale");
constexpr QLatin1String kErased("erased");
constexpr QLatin1String kMerging("merging");
/// Pages of the index written by one slice of a merge: about 100 ms.
constexpr int kMergePages = 2000;

}  // namespace

void SearchIndex::noteErased() {
    m_sql.write("INSERT OR REPLACE INTO setting(key, value) VALUES(?, ?)", QString(kStaleSetting),
                QString(kErased));
}

QString SearchIndex::staleness() {
    auto row = m_sql.read("SELECT value FROM setting WHERE key = ?", QString(kStaleSetting));
    return row.next() ? row.text(0) : QString();
}

bool SearchIndex::isStale() {
    return !staleness().isEmpty();
}

bool SearchIndex::optimize() {
    const QString state = staleness();
    if (state.isEmpty()) return false;
    // A negative number gathers all segments for one merge, which later calls carry on; it is done when a call changes
    // nothing but its own row (https://www.sqlite.org/fts5.html, "The 'merge' Command").
    const int pages = state == kErased ? -kMergePages : kMergePages;
    const qint64 before = totalChanges();
    m_sql.write("INSERT INTO search(search, rank) VALUES('merge', ?)", pages);
    const bool more = totalChanges() - before >= 2;
    m_sql.write("INSERT OR REPLACE INTO setting(key, value) VALUES(?, ?)", QString(kStaleSetting),
                more ? QString(kMerging) : QString());
    return more && !m_sql.failed();
}

qint64 SearchIndex::totalChanges() {
    auto row = m_sql.read("SELECT total_changes()");
    return row.next() ? row.integer(0) : 0;
}

}  // namespace landline::app
