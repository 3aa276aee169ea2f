#pragma once

#include "app/storage/records.h"
#include "app/views/message_layout.h"
#include "app/views/theme.h"

class QImage;
class QPainter;

namespace landline::app {

/// Paints what FileLayout has placed. `image` may be null while its pixels are not here.
void paintFile(QPainter& painter, const Theme& theme, const MessageLayout& layout,
               const TransferRecord& file);
void paintPicture(QPainter& painter, const Theme& theme, const MessageLayout& layout, const QImage& image);

/// A disc with an icon, and around it how far something is (0 to 1; negative: nothing).
struct Disc {
    QRect rect;
    QString glyph;
    double progress = -1;
    QColor colour;
    QColor onColour;
};
void paintDisc(QPainter& painter, const Disc& disc);

}  // namespace landline::app
