#include "app/views/emoji_text.h"

#include <QPainter>
#include <QTextBoundaryFinder>
#include <QtMath>

#include <algorithm>
#include <iterator>
#include <memory>
#include <vector>

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

int graphemes(const QString& text) {
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    int count = 0;
    while (finder.toNextBoundary() >= 0) ++count;
    return count;
}

bool isFewEmoji(const QString& text) {
    if (text.isEmpty() || text.size() > 48) return false;
    const auto runs = emojiRuns(text);
    return runs.size() == 1 && runs.front().length == text.size() && graphemes(text) <= 3;
}

QFont emojiFont(const QFont& font) {
    // As tall as the line of a text font, like the letters beside them.
    constexpr double kScale = 1.16;
    QFont emoji = font;
    if (font.pointSizeF() > 0)
        emoji.setPointSizeF(font.pointSizeF() * kScale);
    else
        emoji.setPixelSize(qRound(font.pixelSize() * kScale));
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

namespace {

/// All of `text` on one endless line.
std::unique_ptr<QTextLayout> oneLine(const QString& text, const QFont& font,
                                     const QList<QTextLayout::FormatRange>& formats) {
    auto layout = std::make_unique<QTextLayout>(text, font);
    layout->setFormats(formats);
    layout->beginLayout();
    auto line = layout->createLine();
    if (line.isValid()) line.setNumColumns(static_cast<int>(text.size()));
    layout->endLayout();
    return layout;
}

double widthOf(const QTextLayout& layout) {
    return layout.lineCount() > 0 ? layout.lineAt(0).naturalTextWidth() : 0;
}

}  // namespace

int textWidth(const QString& text, const QFont& font) {
    const auto formats = emojiFormats(text, font);
    if (formats.isEmpty()) return QFontMetrics(font).horizontalAdvance(text);
    return qCeil(widthOf(*oneLine(text, font, formats)));
}

QString elideText(const QString& text, const QFont& font, int width) {
    const QFontMetrics metrics(font);
    const auto formats = emojiFormats(text, font);
    if (formats.isEmpty()) return metrics.elidedText(text, Qt::ElideRight, width);
    const auto layout = oneLine(text, font, formats);
    if (widthOf(*layout) <= width) return text;
    const int room = width - metrics.horizontalAdvance(u'…');
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    qsizetype kept = 0;
    for (auto end = finder.toNextBoundary(); end > 0; end = finder.toNextBoundary()) {
        if (layout->lineAt(0).cursorToX(static_cast<int>(end)) > room) break;
        kept = end;
    }
    return text.left(kept).trimmed() + u'…';
}

QString elideMiddle(const QString& text, const QFont& font, int width) {
    // What is painted goes through elideText: it must find nothing left to cut.
    const auto fits = [&](const QString& shown) { return elideText(shown, font, width) == shown; };
    if (fits(text)) return text;
    std::vector<qsizetype> ends{0};
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    for (auto end = finder.toNextBoundary(); end > 0; end = finder.toNextBoundary()) ends.push_back(end);
    const auto count = ends.size() - 1;
    const auto keeping = [&](std::size_t kept) {
        const auto head = text.left(ends[kept - kept / 2]).trimmed();
        return QString(head + u'…' + text.mid(ends[count - kept / 2]).trimmed());
    };
    std::size_t fitting = 0;
    for (std::size_t most = count - 1; fitting < most;) {
        const std::size_t tried = (fitting + most + 1) / 2;
        if (fits(keeping(tried)))
            fitting = tried;
        else
            most = tried - 1;
    }
    return keeping(fitting);
}

void drawTextLine(QPainter& painter, const QRect& rect, const QString& text,
                  const QList<QTextLayout::FormatRange>& formats) {
    const QFont font = painter.font();
    const QFontMetrics metrics(font);
    const QString shown = elideText(text, font, rect.width());
    auto all = emojiFormats(shown, font);
    for (const auto& format : formats)
        if (format.start + format.length <= shown.size()) all.append(format);
    if (all.isEmpty()) {
        painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, shown);
        return;
    }
    const auto layout = oneLine(shown, font, all);
    if (layout->lineCount() == 0) return;
    const double baseline = rect.top() + (rect.height() - metrics.height()) / 2.0 + metrics.ascent();
    layout->draw(&painter, QPointF(rect.left(), baseline - layout->lineAt(0).ascent()));
}

}  // namespace landline::app
