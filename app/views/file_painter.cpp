#include "app/views/file_painter.h"

#include "app/views/emoji_text.h"

#include <QImage>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace landline::app {

namespace {

constexpr double kPictureRound = 11;
constexpr int kGlyph = 22;

void paintGlyph(QPainter& painter, const QRect& rect, const QString& name, const QColor& ink) {
    const auto icon = Theme::pixmap(name, ink, kGlyph, painter.device()->devicePixelRatioF());
    painter.drawPixmap(rect.center() - QPoint(kGlyph / 2 - 1, kGlyph / 2 - 1), icon);
}

void paintRing(QPainter& painter, const QRect& rect, double progress, const QColor& colour) {
    painter.setPen(QPen(colour, 3, Qt::SolidLine, Qt::RoundCap));
    painter.setBrush(Qt::NoBrush);
    painter.drawArc(QRectF(rect).adjusted(2, 2, -2, -2), 90 * 16,
                    -static_cast<int>(std::clamp(progress, 0.0, 1.0) * 360 * 16));
}

void paintContents(QPainter& painter, const Theme& theme, const MessageLayout& layout,
                   const TransferRecord& file) {
    if (layout.fileContents.isNull()) return;
    const auto& c = theme.colors();
    const QColor accent = file.missing > 0 ? c.danger : layout.own ? c.ownAccent : c.accent;
    QColor back = accent;
    back.setAlpha(24);
    painter.setPen(Qt::NoPen);
    painter.setBrush(back);
    painter.drawRoundedRect(layout.fileContents, 6, 6);
    painter.setFont(layout.smallFont);
    painter.setPen(layout.own ? c.ownText : c.text);
    for (const auto& item : layout.fileItems) drawTextLine(painter, item.rect, item.text);
}

void paintButtons(QPainter& painter, const Theme& theme, const MessageLayout& layout) {
    const auto& c = theme.colors();
    painter.setFont(layout.boldFont);
    for (const auto& button : layout.buttons) {
        const QColor accent = layout.own ? c.ownAccent : c.accent;
        painter.setPen(button.primary ? accent : layout.own ? c.ownDim : c.dim);
        painter.drawText(button.rect, Qt::AlignCenter, button.text);
    }
}

}  // namespace

void paintDisc(QPainter& painter, const Disc& disc) {
    QColor fill = disc.colour;
    if (disc.progress >= 0) fill.setAlpha(60);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawEllipse(QRectF(disc.rect));
    if (disc.progress >= 0) paintRing(painter, disc.rect, disc.progress, disc.colour);
    paintGlyph(painter, disc.rect, disc.glyph, disc.progress >= 0 ? disc.colour : disc.onColour);
}

void paintFile(QPainter& painter, const Theme& theme, const MessageLayout& layout,
               const TransferRecord& file) {
    const auto& c = theme.colors();
    const bool failed = file.state == TransferState::Failed;
    const QColor accent = layout.own ? c.ownAccent : c.accent;
    paintDisc(painter, {layout.fileIcon, layout.fileGlyph, layout.progress, failed ? c.danger : accent,
                        failed ? c.window : c.onAccent});
    painter.setPen(layout.own ? c.ownText : c.text);
    painter.setFont(layout.boldFont);
    drawTextLine(painter, layout.fileName.rect, layout.fileName.text);
    painter.setFont(layout.smallFont);
    painter.setPen(layout.own ? c.ownDim : c.dim);
    drawTextLine(painter, layout.fileInfo.rect, layout.fileInfo.text);
    if (failed) painter.setPen(c.danger);
    drawTextLine(painter, layout.fileMore.rect, layout.fileMore.text);
    if (layout.failureText) layout.failureText->draw(&painter, layout.fileFailure.topLeft());
    paintContents(painter, theme, layout, file);
    paintButtons(painter, theme, layout);
}

/// The picture, or its place while its pixels are not here; a transfer under way shows on it how far it is.
void paintPicture(QPainter& painter, const Theme& theme, const MessageLayout& layout, const QImage& image) {
    const auto& c = theme.colors();
    QColor back = layout.own ? c.ownAccent : c.accent;
    back.setAlpha(28);
    QPainterPath frame;
    frame.addRoundedRect(layout.pictureFrame, kPictureRound, kPictureRound);
    painter.fillPath(frame, back);
    if (!image.isNull()) {
        painter.save();
        painter.setClipPath(frame, Qt::IntersectClip);
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(layout.picture, image);
        painter.restore();
    }
    if (layout.progress >= 0) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.pictureShade);
        painter.drawEllipse(layout.fileIcon);
        paintRing(painter, layout.fileIcon, layout.progress, Qt::white);
        paintGlyph(painter, layout.fileIcon, layout.fileGlyph, Qt::white);
    }
    painter.setPen(layout.own ? c.ownDim : c.dim);
    painter.setFont(layout.smallFont);
    drawTextLine(painter, layout.fileInfo.rect, layout.fileInfo.text);
    drawTextLine(painter, layout.fileMore.rect, layout.fileMore.text);
    paintButtons(painter, theme, layout);
}

}  // namespace landline::app
