#pragma once

#include "app/models/app_models.h"
#include "app/views/fonts.h"
#include "app/views/main_window.h"

#include <QApplication>
#include <QCursor>
#include <QDir>
#include <QImage>
#include <QSet>
#include <QTest>
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

/// Before the first picture: the program's font, and nothing is hovered.
inline void prepareForPictures() {
    chooseFont(*qobject_cast<QApplication*>(QCoreApplication::instance()));
    QCursor::setPos(5000, 5000);
}

/// Takes a picture once the layouts have settled, and looks whether anything is on it.
inline void keepPicture(QWidget* widget, const QString& name) {
    // A changed label may need several rounds until the layouts above it have settled.
    for (int i = 0; i < 4; ++i) QCoreApplication::processEvents();
    QVERIFY2(coloursIn(picture(widget, name)) > 15, qPrintable(name));
}

/// True once the window shows these models with their list filled.
[[nodiscard]] inline bool showFilled(MainWindow& window, AppModels& models) {
    constexpr int kPatience = 10'000;
    window.attach(&models);
    window.show();
    if (!QTest::qWaitForWindowActive(&window)) return false;
    models.self.reload();
    models.sidebar.reload();
    return QTest::qWaitFor([&models] { return models.sidebar.isLoaded(); }, kPatience);
}

}  // namespace landline::app::test
