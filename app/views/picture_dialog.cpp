#include "app/views/picture_dialog.h"

#include "app/views/plain_text.h"
#include "app/views/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QVBoxLayout>

namespace landline::app {

namespace {
constexpr QSize kBox{380, 300};
constexpr double kCorner = 10;
}  // namespace

QPixmap thumbnail(const QImage& picture, const QSize& box, qreal ratio) {
    const QSize most = (QSizeF(box) * ratio).toSize();
    QImage scaled = picture;
    if (picture.width() > most.width() || picture.height() > most.height())
        scaled = picture.scaled(most, Qt::KeepAspectRatio, Qt::SmoothTransformation);
    QPixmap pixmap(scaled.size());
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath corners;
    corners.addRoundedRect(pixmap.rect(), kCorner * ratio, kCorner * ratio);
    painter.setClipPath(corners);
    painter.drawImage(0, 0, scaled);
    painter.end();
    pixmap.setDevicePixelRatio(ratio);
    return pixmap;
}

PictureDialog::PictureDialog(const QImage& picture, const QString& receiver, QWidget* parent)
    : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Send this picture?"));
    auto* title = new PlainLabel(windowTitle(), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    auto* hint = new PlainLabel(
        tr("%1 × %2 pixels, to %3").arg(picture.width()).arg(picture.height()).arg(receiver), this);
    hint->setWordWrap(true);
    hint->setObjectName(QStringLiteral("hint"));
    auto* preview = new PlainLabel(this);
    preview->setObjectName(QStringLiteral("picture"));
    preview->setAlignment(Qt::AlignCenter);
    preview->setPixmap(thumbnail(picture, kBox, devicePixelRatioF()));
    preview->setAccessibleName(tr("The picture"));
    preview->setMinimumWidth(300);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    auto* send = new QPushButton(tr("Send"), this);
    send->setProperty("primary", true);
    send->setDefault(true);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(send);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 20, 22, 18);
    column->setSpacing(12);
    for (QWidget* widget : std::initializer_list<QWidget*>{title, preview, hint}) column->addWidget(widget);
    column->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(send, &QPushButton::clicked, this, &QDialog::accept);
    connect(this, &QDialog::accepted, this, [this, picture] { Q_EMIT sendWanted(picture); });
}

}  // namespace landline::app
