#pragma once

#include "app/views/theme.h"

#include <QWidget>

class QMimeData;

namespace landline::app {

/// Lies over a conversation while files or a picture are dragged above it, and takes them when they are let go.
class DropOverlay final : public QWidget {
    Q_OBJECT

public:
    DropOverlay(Theme* theme, QWidget* parent);

    /// Whether this can be dropped here.
    [[nodiscard]] static bool takes(const QMimeData& data);
    /// Covers the parent; `receiver` is to whom a drop goes.
    void cover(const QString& receiver);
    /// What was let go, here or on the parent.
    void take(QDropEvent* event);

Q_SIGNALS:
    void filesDropped(const QStringList& paths);
    void pictureDropped(const QImage& picture);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override { take(event); }
    void paintEvent(QPaintEvent* event) override;

private:
    Theme* m_theme;
    QString m_receiver;
};

}  // namespace landline::app
