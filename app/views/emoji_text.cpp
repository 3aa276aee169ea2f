#include "app/views/emoji_text.h"

#include <QPainter>
#include <QTextBoundaryFinder>
#include <QtMath>

#include <algorithm>
#include <iterator>

namespace landline::app {

namespace {

struct Span {
    char32_t first;
    char32_t last;
};

/// Emoji_Presentation=Yes of the Unicode emoji data below U+1F000; above it, whole blocks.
constexpr Span kEmoji[] = {
    {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},   {0x23F3, 0x23F3},   {0x25FD, 0x25FE},
    {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},   {0x2693, 0x2693},   {0x26A1, 0x26A1},
    {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26CE, 0x26CE},   {0x26D4, 0x26D4},
    {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},   {0x26FA, 0x26FA},   {0x26FD, 0x26FD},
    {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},   {0x274C, 0x274C},   {0x274E, 0x274E},
    {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27B0},   {0x27BF, 0x27BF},
    {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF},
    {0x1F18E, 0x1F19A}, {0x1F1E6, 0x1F1FF}, {0x1F201, 0x1F265}, {0x1F300, 0x1FAFF}};
constexpr char32_t kEmojiVariation = 0xFE0F;

bool isEmojiByDefault(char32_t c) {
    const auto* found = std::upper_bound(std::begin(kEmoji), std::end(kEmoji), c,
                                         [](char32_t code, const Span& span) { return code < span.first; });
    return found != std::begin(kEmoji) && c <= std::prev(found)->last;
}

bool isEmojiCluster(QStringView cluster) {
    const auto codes = cluster.toUcs4();
    return !codes.isEmpty() &&
           (isEmojiByDefault(codes.front()) || (codes.size() > 1 && codes.contains(kEmojiVariation)));
}

bool mayHoldEmoji(QStringView text) {
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c.unicode() >= 0x2000; });
}

}  // namespace

QList<EmojiRun> emojiRuns(QStringView text) {
    QList<EmojiRun> runs;
    if (!mayHoldEmoji(text)) return runs;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text.data(), text.size());
    qsizetype start = 0;
    for (auto end = finder.toNextBoundary(); end > 0; end = finder.toNextBoundary()) {
        if (isEmojiCluster(text.mid(start, end - start))) {
            if (!runs.isEmpty() && runs.back().start + runs.back().length == start)
                runs.back().length = static_cast<int>(end) - runs.back().start;
            else
                runs.append({static_cast<int>(start), static_cast<int>(end - start)});
        }
        start = end;
    }
    return runs;
}

bool isFewEmoji(const QString& text) {
    if (text.isEmpty() || text.size() > 48) return false;
    const auto runs = emojiRuns(text);
    if (runs.size() != 1 || runs.front().length != text.size()) return false;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    int count = 0;
    while (finder.toNextBoundary() >= 0) ++count;
    return count <= 3;
}

QFont emojiFont(const QFont& font) {
    QFont emoji = font;
    emoji.setItalic(false);
    emoji.setWeight(QFont::Normal);
    emoji.setFamilies(QStringList{QStringLiteral("Noto Color Emoji"), QStringLiteral("Apple Color Emoji"),
                                  QStringLiteral("Segoe UI Emoji")} +
                      font.families());
    return emoji;
}

QList<QTextLayout::FormatRange> emojiFormats(const QString& text, const QFont& font) {
    QList<QTextLayout::FormatRange> formats;
    for (const auto& run : emojiRuns(text)) {
        QTextLayout::FormatRange range;
        range.start = run.start;
        range.length = run.length;
        range.format.setFont(emojiFont(font));
        formats.append(range);
    }
    return formats;
}

int textWidth(const QString& text, const QFont& font) {
    const auto formats = emojiFormats(text, font);
    if (formats.isEmpty()) return QFontMetrics(font).horizontalAdvance(text);
    QTextLayout layout(text, font);
    layout.setFormats(formats);
    layout.beginLayout();
    const double width = layout.createLine().naturalTextWidth();
    layout.endLayout();
    return qCeil(width);
}

void drawTextLine(QPainter& painter, const QRect& rect, const QString& text) {
    const QFont font = painter.font();
    const QFontMetrics metrics(font);
    QString shown = text;
    if (textWidth(shown, font) > rect.width()) shown = metrics.elidedText(text, Qt::ElideRight, rect.width());
    const auto formats = emojiFormats(shown, font);
    if (formats.isEmpty()) {
        painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, shown);
        return;
    }
    QTextLayout layout(shown, font);
    layout.setFormats(formats);
    layout.beginLayout();
    auto line = layout.createLine();
    layout.endLayout();
    const double baseline = rect.top() + (rect.height() - metrics.height()) / 2.0 + metrics.ascent();
    layout.draw(&painter, QPointF(rect.left(), baseline - line.ascent()));
}

}  // namespace landline::app
