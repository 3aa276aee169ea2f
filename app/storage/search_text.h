#pragma once

#include <QString>
#include <QStringList>

namespace landline::app {

/// How text becomes words of the full-text index, and a person's words a query. Pure functions.
///
/// FTS5's unicode61 tokenizer splits at anything that is no letter or digit, folds case and takes diacritics off. Chinese,
/// Japanese and Korean have no spaces to split at, so a run of their characters is indexed as overlapping pairs, and its
/// last character alone: "你好世界" becomes "你好 好世 世界 界". So every pair is a word, every longer part of the run a
/// phrase of pairs, and every single character the beginning of some word.
///
/// Changing what searchableText gives needs a migration that builds the index anew.
[[nodiscard]] QString searchableText(const QString& text);

/// One part of a query: consecutive words of the index; with `prefix` the last of them need only begin so.
struct SearchTerm {
    QStringList words;
    bool prefix = false;

    friend bool operator==(const SearchTerm&, const SearchTerm&) = default;
};

/// All that `query` asks for. Quotes, operators and other punctuation only separate words. The last word, and a CJK
/// character on its own, are prefixes.
[[nodiscard]] QList<SearchTerm> searchTerms(const QString& query);

/// A word that no text contains, by which a row can be found besides its text (its person, its conversation).
[[nodiscard]] QString searchTag(QLatin1Char kind, qint64 id);

}  // namespace landline::app
