#include "app/views/avatar.h"

#include "app/views/emoji_text.h"
#include "app/views/theme.h"

#include <QLinearGradient>
#include <QPainter>
#include <QTextBoundaryFinder>

namespace landline::app {

namespace {

/// The first character as people see one: letters with their marks, whole emoji.
QString firstGrapheme(const QString& text) {
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    const auto end = finder.toNextBoundary();
    return end > 0 ? text.left(end) : QString();
}

bool isCjk(const QString& grapheme) {
    return !grapheme.isEmpty() && grapheme.front().unicode() >= 0x2E80 &&
           grapheme.front().unicode() <= 0xD7FF;
}

}  // namespace

QString initialsOf(const QString& name) {
    const QStringList words = name.simplified().split(u' ', Qt::SkipEmptyParts);
    if (words.isEmpty()) return QStringLiteral("?");
    const QString first = firstGrapheme(words.front()).toUpper();
    if (words.size() == 1 || isCjk(first)) return first;
    const QString last = firstGrapheme(words.back()).toUpper();
    const bool letters = last.front().isLetter() && first.front().isLetter() && !isCjk(last);
    return letters ? QString(first + last) : first;
}

QColor avatarColor(ByteView key) {
    // Dark enough to carry white letters.
    static constexpr QRgb kColors[] = {0xc8463d, 0xc4661f, 0x9a7415, 0x46893a, 0x1f8468, 0x1d7f8a,
                                       0x3573bb, 0x515fc2, 0x7452b8, 0x9548aa, 0xbf447b, 0x566b7d};
    const unsigned value = key.empty() ? 0 : key[0] + 256U * (key.size() > 1 ? key[1] : 0U);
    return QColor(kColors[value % std::size(kColors)]);
}

void paintAvatar(QPainter& painter, const QRectF& rect, ByteView key, const QString& name) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor base = avatarColor(key);
    QLinearGradient fill(rect.topLeft(), rect.bottomLeft());
    fill.setColorAt(0, base.lighter(114));
    fill.setColorAt(1, base);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawEllipse(rect);
    QFont font = Theme::font(1.0, QFont::DemiBold);
    const QString initials = initialsOf(name);
    font.setPixelSize(static_cast<int>(rect.height() * (initials.size() > 1 ? 0.36 : 0.42)));
    painter.setFont(font);
    painter.setPen(Qt::white);
    const auto runs = emojiRuns(initials);
    if (!runs.isEmpty()) {
        font.setPixelSize(static_cast<int>(rect.height() * 0.5));
        painter.setFont(emojiFont(font));
    }
    painter.drawText(rect, Qt::AlignCenter, initials);
    painter.restore();
}

}  // namespace landline::app
