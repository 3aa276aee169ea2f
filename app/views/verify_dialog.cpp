#include "app/views/verify_dialog.h"

#include "app/models/message_text.h"
#include "app/views/plain_text.h"
#include "p2p/identity/safety_number.h"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

#include <qrencode.h>

#include <memory>

namespace landline::app {

namespace {
constexpr int kQuietZone = 4;
constexpr int kCodePixels = 210;

QLabel* wrapped(const QString& text, QWidget* parent) {
    auto* label = new PlainLabel(text, parent);
    label->setWordWrap(true);
    return label;
}
}  // namespace

QImage qrImage(const QString& text, bool dense) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString(text.toUtf8().constData(), 0, dense ? QR_ECLEVEL_L : QR_ECLEVEL_M, QR_MODE_8, 1),
        &QRcode_free);
    if (!code) return {};
    QImage image(code->width + 2 * kQuietZone, code->width + 2 * kQuietZone, QImage::Format_RGB32);
    image.fill(Qt::white);
    for (int y = 0; y < code->width; ++y)
        for (int x = 0; x < code->width; ++x)
            if (code->data[y * code->width + x] & 1)
                image.setPixel(x + kQuietZone, y + kQuietZone, qRgb(0, 0, 0));
    return image;
}

QString groupedDigits(const QString& digits, int groupsPerLine) {
    QString shown;
    int groups = 0;
    for (qsizetype i = 0; i < digits.size(); i += 5) {
        if (groups > 0) shown += groups % groupsPerLine == 0 ? QStringLiteral("\n") : QStringLiteral("  ");
        shown += QStringView(digits).mid(i, 5);
        ++groups;
    }
    return shown;
}

VerifyDialog::VerifyDialog(Theme* theme, AppModels* models, const PersonId& person, QWidget* parent)
    : QDialog(parent), m_theme(theme), m_models(models), m_person(person) {
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(380);
    const auto* view = models->sidebar.person(person);
    const QString name = view ? displayName(*view) : QString();
    setWindowTitle(tr("Safety number with %1").arg(name));
    auto* title = wrapped(windowTitle(), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    auto* hint =
        wrapped(tr("Compare these digits with %1, side by side or by telephone. If they are the same on both "
                   "screens, nobody stands between you.")
                    .arg(name),
                this);
    hint->setObjectName(QStringLiteral("hint"));
    m_state = wrapped({}, this);
    m_state->setAlignment(Qt::AlignCenter);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(26, 22, 26, 18);
    column->setSpacing(14);
    for (QWidget* widget : std::initializer_list<QWidget*>{title, hint, makeNumber(), makeCode(), m_state})
        column->addWidget(widget);
    column->addLayout(makeButtons());
    connect(&models->sidebar, &SidebarModel::personChanged, this, [this](const PersonId& changed) {
        if (changed == m_person) showState();
    });
    showState();
}

QLabel* VerifyDialog::makeNumber() {
    const auto digits =
        QString::fromStdString(identity::safetyNumber(m_models->self.self().person, m_person));
    auto* number = new PlainLabel(groupedDigits(digits, 4), this);
    number->setObjectName(QStringLiteral("safetyNumber"));
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(Theme::font(1.25).pointSizeF());
    number->setFont(font);
    number->setAlignment(Qt::AlignCenter);
    number->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    number->setAccessibleName(tr("Safety number"));
    return number;
}

QLabel* VerifyDialog::makeCode() {
    auto* code = new PlainLabel(this);
    const auto text = identity::safetyNumberQr(m_models->self.self().person, m_person);
    const QImage image = qrImage(QString::fromStdString(text));
    code->setPixmap(
        QPixmap::fromImage(image.scaled(image.size() * std::max(1, kCodePixels / std::max(1, image.width())))));
    code->setAlignment(Qt::AlignCenter);
    code->setAccessibleName(tr("The safety number as a QR code"));
    return code;
}

QLayout* VerifyDialog::makeButtons() {
    m_mark = new QPushButton(this);
    auto* close = new QPushButton(tr("Close"), this);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_mark);
    buttons->addStretch(1);
    buttons->addWidget(close);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_mark, &QPushButton::clicked, this, [this] {
        const auto* now = m_models->sidebar.person(m_person);
        if (now) m_models->actions.setVerified(m_person, !now->record.verified);
    });
    return buttons;
}

void VerifyDialog::showState() {
    const auto* person = m_models->sidebar.person(m_person);
    const bool verified = person && person->record.verified;
    m_state->setText(verified ? tr("✓ You have marked this person as verified.") : tr("Not verified yet."));
    QPalette palette = m_state->palette();
    palette.setColor(QPalette::WindowText, verified ? m_theme->colors().accent : m_theme->colors().dim);
    m_state->setPalette(palette);
    m_mark->setText(verified ? tr("Take the mark back") : tr("The digits are the same"));
    m_mark->setProperty("primary", !verified);
    m_mark->style()->unpolish(m_mark);
    m_mark->style()->polish(m_mark);
}

}  // namespace landline::app
