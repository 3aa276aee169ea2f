#pragma once

#include <QList>
#include <QString>

namespace landline::app {

/// A part of a text, in UTF-16 units.
struct TextRange {
    int start = 0;
    int length = 0;

    friend bool operator==(const TextRange&, const TextRange&) = default;
};

/// Where the words of a search stand in a text that it found, for marking them: words from their beginning on, characters
/// of Chinese, Japanese and Korean anywhere. Case and diacritics do not count, as in the search index. In order, apart
/// from each other.
[[nodiscard]] QList<TextRange> searchMatches(const QString& text, const QString& query);

/// One line of `text` that shows the first match: where that stands far behind, with an ellipsis instead of what is
/// before it.
[[nodiscard]] QString searchSnippet(const QString& text, const QString& query);

}  // namespace landline::app
