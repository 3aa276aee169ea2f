#pragma once

#include <QDir>
#include <QImage>
#include <QSet>
#include <QWidget>

namespace landline::app::test {

/// Takes a picture of a widget, keeps it as NAME.png in the build's pictures, and gives it back.
inline QImage picture(QWidget* widget, const QString& name) {
    const QImage image = widget->grab().toImage().convertToFormat(QImage::Format_RGB32);
    const QDir folder(QStringLiteral(LANDLINE_PICTURES));
    folder.mkpath(QStringLiteral("."));
    image.save(folder.filePath(name + QStringLiteral(".png")));
    return image;
}

/// How many colours a picture has: one or two if nothing was drawn.
inline int coloursIn(const QImage& image) {
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); y += 2)
        for (int x = 0; x < image.width(); x += 2) colours.insert(image.pixel(x, y));
    return static_cast<int>(colours.size());
}

}  // namespace landline::app::test
