#include "app/views/contact_link_dialog.h"

#include "app/models/error_text.h"
#include "app/views/plain_text.h"
#include "app/views/text_dialog.h"
#include "app/views/theme.h"
#include "app/views/verify_dialog.h"
#include "p2p/identity/contact_link.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace landline::app {

namespace {
constexpr int kQrPixels = 260;
constexpr int kLeastModule = 2;  // what a camera tells apart
constexpr int kTextHeight = 64;
}  // namespace

ContactLinkDialog::ContactLinkDialog(AppModels* models, QWidget* parent) : QDialog(parent), m_models(models) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("My contact link"));
    setMinimumWidth(340);
    auto* title = new PlainLabel(windowTitle(), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    auto* hint = new PlainLabel(
        tr("Whoever opens it can add you, from another network too. It holds your addresses and relays."),
        this);
    hint->setObjectName(QStringLiteral("hint"));
    hint->setWordWrap(true);
    m_code = new PlainLabel(this);
    m_code->setAlignment(Qt::AlignCenter);
    m_code->setMinimumHeight(kQrPixels);
    m_code->setAccessibleName(tr("The link as a QR code"));
    m_text = new QPlainTextEdit(this);
    m_text->setObjectName(QStringLiteral("linkText"));
    m_text->setReadOnly(true);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setFixedHeight(kTextHeight);
    m_text->setWordWrapMode(QTextOption::WrapAnywhere);
    m_text->setTabChangesFocus(true);
    m_text->setAccessibleName(windowTitle());
    m_copy = new QPushButton(tr("Copy"), this);
    m_copy->setProperty("primary", true);
    m_copy->setDefault(true);
    m_copy->setEnabled(false);
    m_another = new QPushButton(tr("New link…"), this);
    m_another->setObjectName(QStringLiteral("another"));
    m_another->setAutoDefault(false);
    m_another->hide();
    auto* close = new QPushButton(tr("Close"), this);
    close->setAutoDefault(false);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_another);
    buttons->addStretch(1);
    buttons->addWidget(close);
    buttons->addWidget(m_copy);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(12);
    for (QWidget* widget : std::initializer_list<QWidget*>{title, hint, m_code, m_text})
        column->addWidget(widget);
    column->addLayout(buttons);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_another, &QPushButton::clicked, this, &ContactLinkDialog::askForAnother);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(link());
        m_copy->setText(tr("Copied"));
    });
    models->port.call(
        this, [](Messenger& messenger) { return messenger.contactLink(); },
        [this](const QString& link) { showLink(link); });
}

QString ContactLinkDialog::link() const {
    return m_text->toPlainText();
}

void ContactLinkDialog::askForAnother() {
    auto* const dialog = new ConfirmDialog(
        tr("Make a new link?"),
        tr("Who has the link of before, and was not accepted, can no longer leave messages for you at your "
           "relays. Give the new link to those who are to write to you. People whom you have accepted notice "
           "nothing."),
        tr("New link"), true, window());
    connect(dialog, &QDialog::accepted, this, &ContactLinkDialog::makeAnother);
    dialog->open();
}

void ContactLinkDialog::makeAnother() {
    m_another->setEnabled(false);
    m_models->port.call(
        this, [](Messenger& messenger) { return messenger.newContactLink(); },
        [this](const Expected<QString>& link) {
            m_another->setEnabled(true);
            if (link) return showLink(*link);
            (new NoticeDialog(tr("There is no new link"), errorText(link.error()), window()))->open();
        });
}

void ContactLinkDialog::showLink(const QString& link) {
    m_text->setPlainText(link);
    m_copy->setEnabled(true);
    m_copy->setText(tr("Copy"));
    // Nothing else in it can be taken back.
    const auto parsed = identity::parseContactLink(link.toStdString());
    m_another->setVisible(parsed && !parsed->relays.empty());
    const QImage image = qrImage(link, true);
    m_code->setHidden(image.isNull());
    if (!image.isNull())
        m_code->setPixmap(QPixmap::fromImage(
            image.scaled(image.size() * std::max(kLeastModule, kQrPixels / image.width()))));
}

}  // namespace landline::app
