#include "app/views/emoji_grid.h"

#include "app/views/emoji_text.h"
#include "app/views/theme.h"

#include <QGridLayout>
#include <QMenu>
#include <QToolButton>

namespace landline::app {

namespace {

QStringList listOf(QStringView emoji) {
    QStringList list;
    for (const auto& one : emoji.split(u' ', Qt::SkipEmptyParts)) list.append(one.toString());
    return list;
}

/// A grid of emoji buttons; `choose` is called with the pressed one.
template <class Choose>
QWidget* makeGrid(const QStringList& emoji, int columns, QWidget* parent, Choose choose) {
    auto* widget = new QWidget(parent);
    auto* grid = new QGridLayout(widget);
    grid->setContentsMargins(4, 2, 4, 2);
    grid->setSpacing(0);
    for (int i = 0; i < emoji.size(); ++i) {
        auto* button = new QToolButton(widget);
        button->setText(emoji[i]);
        button->setFont(emojiFont(Theme::font(1.5)));
        button->setAccessibleName(emoji[i]);
        button->setFixedSize(38, 38);
        button->setStyleSheet(QStringLiteral("padding: 0"));
        QObject::connect(button, &QToolButton::clicked, widget, [choose, text = emoji[i]] { choose(text); });
        grid->addWidget(button, i / columns, i % columns);
    }
    return widget;
}

void closeMenus(QWidget* widget) {
    for (; widget; widget = widget->parentWidget())
        if (auto* menu = qobject_cast<QMenu*>(widget)) menu->close();
}

}  // namespace

EmojiRow::EmojiRow(QObject* parent) : QWidgetAction(parent) {}

QWidget* EmojiRow::createWidget(QWidget* parent) {
    return makeGrid(listOf(u"👍 ❤️ 😂 😮 😢 🙏"), 6, parent,
                    [this, parent](const QString& emoji) {
                        Q_EMIT chosen(emoji);
                        closeMenus(parent);
                    });
}

EmojiGrid::EmojiGrid(QObject* parent) : QWidgetAction(parent) {}

QWidget* EmojiGrid::createWidget(QWidget* parent) {
    const auto emoji = listOf(
        u"😀 😂 🙂 😉 😊 😍 😎 🤔 😐 😴 😢 😡 😮 😅 🙃 🤗 👍 👎 👌 "
        u"👋 "
        u"🙏 "
        u"👏 "
        u"💪 "
        u"🤝 "
        u"❤️ "
        u"🔥 "
        u"🎉 "
        u"✅ "
        u"❌ "
        u"⚠️ "
        u"❓ "
        u"💡 "
        u"☕ 🍰 🍕 🚀 🐛 📎 📅 🏠");
    return makeGrid(emoji, 8, parent, [this, parent](const QString& one) {
        Q_EMIT chosen(one);
        closeMenus(parent);
    });
}

}  // namespace landline::app
