#pragma once

#include <QDialog>
#include <QImage>

namespace landline::app {

/// Shows a picture from the clipboard before it is sent. Deletes itself when closed.
class PictureDialog final : public QDialog {
    Q_OBJECT

public:
    PictureDialog(const QImage& picture, const QString& receiver, QWidget* parent);

Q_SIGNALS:
    void sendWanted(const QImage& picture);
};

/// `picture` made to fit into `box`, round at its corners; never larger than it is.
[[nodiscard]] QPixmap thumbnail(const QImage& picture, const QSize& box, qreal ratio);

}  // namespace landline::app
