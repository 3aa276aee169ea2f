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
/// How many characters as people count them.
[[nodiscard]] int graphemes(const QString& text);
/// True for one to three emoji and nothing else.
[[nodiscard]] bool isFewEmoji(const QString& text);

/// Formats that give the emoji of `text` their font.
[[nodiscard]] QList<QTextLayout::FormatRange> emojiFormats(const QString& text, const QFont& font);
[[nodiscard]] QFont emojiFont(const QFont& font);
/// The width of `text` on one line.
[[nodiscard]] int textWidth(const QString& text, const QFont& font);
/// `text` shortened with an ellipsis at its end where it is wider.
[[nodiscard]] QString elideText(const QString& text, const QFont& font, int width);
/// `text` shortened in its middle where it is wider: the end of a file's name tells what it is.
[[nodiscard]] QString elideMiddle(const QString& text, const QFont& font, int width);
/// One line in the painter's font and pen, shortened to fit, vertically centred. `formats` apply to parts of `text`.
void drawTextLine(QPainter& painter, const QRect& rect, const QString& text,
                  const QList<QTextLayout::FormatRange>& formats = {});

}  // namespace landline::app
