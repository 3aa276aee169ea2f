#include "app/models/search_match.h"

#include <algorithm>
#include <vector>

namespace landline::app {

namespace {

constexpr int kMostMatches = 400;
constexpr int kLead = 24;  // characters of a snippet before its first match

/// A text as it is compared, and for each of its characters where that stood.
struct Folded {
    QString text;
    std::vector<int> origin;
};

bool isWordPart(QChar c) {
    return c.isLetterOrNumber() || c.isMark() || c.isSurrogate();
}

/// Scripts that are written without spaces between words.
bool isUnspaced(QChar c) {
    const char16_t code = c.unicode();
    return (code >= 0x2E80 && code <= 0x9FFF) || (code >= 0xAC00 && code <= 0xD7FF) ||
           (code >= 0xF900 && code <= 0xFAFF);
}

/// Lower case, letters without their marks.
Folded fold(const QString& text) {
    Folded folded;
    folded.text.reserve(text.size());
    folded.origin.reserve(static_cast<std::size_t>(text.size()));
    for (qsizetype i = 0; i < text.size(); ++i) {
        QChar c = text[i];
        if (c.isMark()) continue;
        if (c.decompositionTag() == QChar::Canonical && !isUnspaced(c)) c = c.decomposition().front();
        folded.text.append(c.toCaseFolded());
        folded.origin.push_back(static_cast<int>(i));
    }
    return folded;
}

/// The query's parts between spaces and punctuation, cut also where the way of writing changes.
QStringList wordsOf(const QString& folded) {
    QStringList words;
    QString word;
    for (const QChar c : folded) {
        const bool joins = word.isEmpty() || isUnspaced(word.back()) == isUnspaced(c);
        if (!word.isEmpty() && (!isWordPart(c) || !joins)) words.append(std::exchange(word, {}));
        if (isWordPart(c)) word.append(c);
    }
    if (!word.isEmpty()) words.append(word);
    return words;
}

bool beginsWord(const QString& text, qsizetype at) {
    if (at == 0 || isUnspaced(text[at])) return true;
    return !isWordPart(text[at - 1]) || isUnspaced(text[at - 1]);
}

void addMatches(QList<TextRange>& ranges, const Folded& folded, const QString& word, int end) {
    for (auto at = folded.text.indexOf(word); at >= 0; at = folded.text.indexOf(word, at + 1)) {
        if (!beginsWord(folded.text, at)) continue;
        const auto last = static_cast<std::size_t>(at + word.size());
        const int start = folded.origin[static_cast<std::size_t>(at)];
        const int stop = last < folded.origin.size() ? folded.origin[last] : end;
        ranges.append({start, stop - start});
        if (ranges.size() >= kMostMatches) return;
    }
}

}  // namespace

QList<TextRange> searchMatches(const QString& text, const QString& query) {
    QList<TextRange> found;
    if (query.isEmpty() || text.isEmpty()) return found;
    const Folded folded = fold(text);
    for (const QString& word : wordsOf(fold(query).text))
        addMatches(found, folded, word, static_cast<int>(text.size()));
    std::sort(found.begin(), found.end(), [](auto a, auto b) { return a.start < b.start; });
    QList<TextRange> ranges;
    for (const auto& range : found) {
        if (!ranges.isEmpty() && range.start <= ranges.back().start + ranges.back().length) {
            auto& last = ranges.back();
            last.length = std::max(last.length, range.start + range.length - last.start);
        } else {
            ranges.append(range);
        }
    }
    return ranges;
}

QString searchSnippet(const QString& text, const QString& query) {
    const auto matches = searchMatches(text, query);
    if (matches.isEmpty() || matches.front().start <= kLead) return text;
    auto from = static_cast<qsizetype>(matches.front().start - kLead / 2);
    const auto space = text.indexOf(u' ', from);
    if (space >= 0 && space < matches.front().start) from = space + 1;
    if (text[from].isLowSurrogate()) ++from;
    return u'…' + text.mid(from);
}

}  // namespace landline::app
