#include "app/views/text_dialog.h"

#include "app/views/plain_text.h"
#include "app/views/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace landline::app {

namespace {

/// Title, explanation and room for buttons, as all small dialogs have them.
QVBoxLayout* frame(QDialog* dialog, const QString& title, const QString& hint) {
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    auto* heading = new PlainLabel(title, dialog);
    heading->setFont(Theme::font(1.2, QFont::DemiBold));
    auto* words = new PlainLabel(hint, dialog);
    words->setWordWrap(true);
    words->setObjectName(QStringLiteral("hint"));
    words->setMinimumWidth(300);
    auto* column = new QVBoxLayout(dialog);
    column->setContentsMargins(22, 20, 22, 18);
    column->setSpacing(12);
    column->addWidget(heading);
    column->addWidget(words);
    return column;
}

QPushButton* addButtons(QDialog* dialog, QVBoxLayout* column, const QString& action, const QString& cancel) {
    auto* no = new QPushButton(cancel, dialog);
    no->setAutoDefault(false);
    auto* yes = new QPushButton(action, dialog);
    yes->setProperty("primary", true);
    yes->setDefault(true);
    auto* line = new QHBoxLayout;
    line->addStretch(1);
    line->addWidget(no);
    line->addWidget(yes);
    column->addLayout(line);
    QObject::connect(no, &QPushButton::clicked, dialog, &QDialog::reject);
    QObject::connect(yes, &QPushButton::clicked, dialog, &QDialog::accept);
    return yes;
}

}  // namespace

TextDialog::TextDialog(const QString& title, const QString& hint, const QString& text, bool mayBeEmpty,
                       QWidget* parent, const QString& action)
    : QDialog(parent) {
    auto* column = frame(this, title, hint);
    m_field = new QLineEdit(text, this);
    m_field->setAccessibleName(title);
    m_field->selectAll();
    column->addWidget(m_field);
    auto* save = addButtons(this, column, action.isEmpty() ? tr("Save") : action, tr("Cancel"));
    const auto check = [this, save, mayBeEmpty] {
        save->setEnabled(mayBeEmpty || !m_field->text().trimmed().isEmpty());
    };
    connect(m_field, &QLineEdit::textChanged, this, check);
    connect(this, &QDialog::accepted, this, [this] { Q_EMIT saved(m_field->text().trimmed()); });
    check();
}

ConfirmDialog::ConfirmDialog(const QString& title, const QString& text, const QString& action, bool dangerous,
                             QWidget* parent)
    : QDialog(parent) {
    auto* yes = addButtons(this, frame(this, title, text), action, tr("Cancel"));
    if (!dangerous) return;
    yes->setProperty("primary", false);
    yes->setProperty("danger", true);
}

NoticeDialog::NoticeDialog(const QString& title, const QString& text, QWidget* parent) : QDialog(parent) {
    auto* column = frame(this, title, text);
    auto* close = new QPushButton(tr("Close"), this);
    close->setDefault(true);
    column->addWidget(close, 0, Qt::AlignRight);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
}

}  // namespace landline::app
