#include "app/storage/search_text.h"

#include <QChar>
#include <QList>

#include <vector>

namespace landline::app {

namespace {

/// Tags begin with this private-use character, which unicode61 takes as a letter and texts lose before they are indexed.
constexpr char16_t kTagMark = 0xE000;

bool isCjk(char32_t c) {
    switch (QChar::script(c)) {
        case QChar::Script_Han:
        case QChar::Script_Hiragana:
        case QChar::Script_Katakana:
        case QChar::Script_Hangul:
        case QChar::Script_Bopomofo:
            return QChar::isLetterOrNumber(c);
        default:
            return c == 0x30FC;  // the long vowel mark, of the common script
    }
}

bool isPrivateUse(char32_t c) {
    return QChar::category(c) == QChar::Other_PrivateUse;
}

/// Words as unicode61 will split them: its letters are the categories L, N and Co; marks join what they stand on.
bool isWordCharacter(char32_t c) {
    return QChar::isLetterOrNumber(c) || QChar::isMark(c);
}

struct Run {
    std::vector<char32_t> characters;
    bool cjk = false;
};

/// The runs of word characters of a text, CJK and others apart.
std::vector<Run> runsOf(const QString& text) {
    std::vector<Run> runs;
    bool open = false;
    for (const char32_t c : text.toUcs4()) {
        const bool cjk = isCjk(c);
        if (!cjk && (!isWordCharacter(c) || isPrivateUse(c))) {
            open = false;
            continue;
        }
        if (!open || runs.back().cjk != cjk) runs.push_back({{}, cjk});
        runs.back().characters.push_back(c);
        open = true;
    }
    return runs;
}

QString toText(const std::vector<char32_t>& characters, std::size_t from, std::size_t count) {
    return QString::fromUcs4(characters.data() + from, static_cast<qsizetype>(count));
}

/// The pairs of a CJK run, of two characters at least.
QStringList pairsOf(const Run& run) {
    QStringList pairs;
    for (std::size_t i = 0; i + 1 < run.characters.size(); ++i) pairs.append(toText(run.characters, i, 2));
    return pairs;
}

bool isPlain(const QString& text) {
    for (const QChar c : text)
        if (c.unicode() >= 0x1100) return false;
    return true;
}

}  // namespace

QString searchableText(const QString& text) {
    // Below U+1100 there is neither CJK nor private use: nearly all text of most languages goes as it is.
    if (isPlain(text)) return text;
    QString result;
    result.reserve(text.size() * 3);
    for (const Run& run : runsOf(text)) {
        if (!result.isEmpty()) result += u' ';
        if (!run.cjk) {
            result += toText(run.characters, 0, run.characters.size());
            continue;
        }
        for (const QString& pair : pairsOf(run)) result += pair + u' ';
        result += toText(run.characters, run.characters.size() - 1, 1);
    }
    return result;
}

QList<SearchTerm> searchTerms(const QString& query) {
    QList<SearchTerm> terms;
    const std::vector<Run> runs = runsOf(query);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Run& run = runs[i];
        const QString whole = toText(run.characters, 0, run.characters.size());
        if (!run.cjk)
            terms.append({{whole}, i + 1 == runs.size()});
        else if (run.characters.size() == 1)
            terms.append({{whole}, true});
        else
            terms.append({pairsOf(run), false});
    }
    return terms;
}

QString searchTag(QLatin1Char kind, qint64 id) {
    return QString(QChar(kTagMark)) + kind + QString::number(id);
}

}  // namespace landline::app
