#pragma once

#include <QRect>
#include <QString>
#include <QTextLayout>

class QPainter;

namespace landline::app {

/// Text fonts often hold flat, black forms of emoji. These functions let emoji be painted by the system's emoji font
/// and everything else by the text's.

/// The runs of `text` that are emoji: those shown as such by default, and characters with the emoji variation selector.
struct EmojiRun {
    int start = 0;
    int length = 0;
};
[[nodiscard]] QList<EmojiRun> emojiRuns(QStringView text);
/// True for one to three emoji and nothing else.
[[nodiscard]] bool isFewEmoji(const QString& text);

/// Formats that give the emoji of `text` their font.
[[nodiscard]] QList<QTextLayout::FormatRange> emojiFormats(const QString& text, const QFont& font);
[[nodiscard]] QFont emojiFont(const QFont& font);
/// The width of `text` on one line.
[[nodiscard]] int textWidth(const QString& text, const QFont& font);
/// One line in the painter's font and pen, shortened with an ellipsis to fit, vertically centred.
void drawTextLine(QPainter& painter, const QRect& rect, const QString& text);

}  // namespace landline::app
