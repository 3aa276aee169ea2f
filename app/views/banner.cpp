#include "app/views/banner.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

namespace landline::app {

Banner::Banner(Theme* theme, bool closable, QWidget* parent) : QFrame(parent), m_theme(theme) {
    setObjectName(QStringLiteral("banner"));
    m_icon = new QLabel(this);
    m_text = new QLabel(this);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setMinimumWidth(40);
    m_close = new QToolButton(this);
    m_close->setAccessibleName(tr("Close"));
    m_close->setVisible(closable);
    m_buttons = new QHBoxLayout;
    m_buttons->setSpacing(6);
    m_buttons->addStretch(1);
    auto* top = new QHBoxLayout;
    top->setSpacing(10);
    top->addWidget(m_icon, 0, Qt::AlignTop);
    top->addWidget(m_text, 1);
    top->addWidget(m_close, 0, Qt::AlignTop);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 9, 10, 9);
    column->setSpacing(8);
    column->addLayout(top);
    column->addLayout(m_buttons);
    connect(m_close, &QToolButton::clicked, this, [this] {
        hide();
        Q_EMIT closed();
    });
    connect(theme, &Theme::changed, this, &Banner::dress);
    dress();
    hide();
}

void Banner::dress() {
    const auto& c = m_theme->colors();
    m_icon->setPixmap(Theme::pixmap(m_loud ? QStringLiteral("warning") : QStringLiteral("info"),
                                    m_loud ? c.danger : c.dim, 20, devicePixelRatioF()));
    m_close->setIcon(m_theme->icon(QStringLiteral("close")));
}

void Banner::showText(const QString& text, bool loud) {
    m_text->setText(text);
    if (loud != m_loud) {
        m_loud = loud;
        setProperty("loud", loud);
        style()->unpolish(this);
        style()->polish(this);
        style()->unpolish(m_text);
        style()->polish(m_text);
        dress();
    }
    show();
}

QPushButton* Banner::addButton(const QString& text, bool primary) {
    auto* button = new QPushButton(text, this);
    button->setProperty("primary", primary);
    m_buttons->addWidget(button);
    return button;
}

QString Banner::text() const {
    return m_text->text();
}

}  // namespace landline::app
