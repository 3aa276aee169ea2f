#include "app/views/banner.h"

#include "app/views/plain_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

namespace landline::app {

Banner::Banner(Theme* theme, bool closable, QWidget* parent) : QFrame(parent), m_theme(theme) {
    setObjectName(QStringLiteral("banner"));
    m_icon = new PlainLabel(this);
    m_text = new PlainLabel(this);
    m_text->setWordWrap(true);
    m_text->setMinimumWidth(40);
    m_close = new QToolButton(this);
    m_close->setAccessibleName(tr("Close"));
    m_close->setVisible(closable);
    m_buttons = new QHBoxLayout;
    m_buttons->setSpacing(6);
    m_buttons->addStretch(1);
    auto* top = new QHBoxLayout;
    top->setSpacing(10);
    top->addWidget(m_icon, 0, Qt::AlignVCenter);
    top->addWidget(m_text, 1, Qt::AlignVCenter);
    top->addWidget(m_close, 0, Qt::AlignVCenter);
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
    m_icon->setPixmap(Theme::pixmap(m_tone == Tone::Info ? QStringLiteral("info") : QStringLiteral("warning"),
                                    m_tone == Tone::Info ? c.accent : c.danger, 20, devicePixelRatioF()));
    m_close->setIcon(m_theme->icon(QStringLiteral("close")));
}

void Banner::showText(const QString& text, Tone tone) {
    m_text->setText(text);
    if (tone != m_tone) {
        m_tone = tone;
        static constexpr const char* kNames[] = {"info", "warning", "alarm"};
        setProperty("tone", QString(QLatin1String(kNames[static_cast<int>(tone)])));
        for (QWidget* widget : std::initializer_list<QWidget*>{this, m_text}) {
            widget->style()->unpolish(widget);
            widget->style()->polish(widget);
        }
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
