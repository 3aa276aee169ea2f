#pragma once

#include <QStringList>
#include <QWidgetAction>

namespace landline::app {

/// A row of a menu with the reactions used most.
class EmojiRow final : public QWidgetAction {
    Q_OBJECT

public:
    explicit EmojiRow(QObject* parent);

Q_SIGNALS:
    void chosen(const QString& emoji);

protected:
    QWidget* createWidget(QWidget* parent) override;
};

/// A page of emoji, as the only entry of a menu.
class EmojiGrid final : public QWidgetAction {
    Q_OBJECT

public:
    explicit EmojiGrid(QObject* parent);

Q_SIGNALS:
    void chosen(const QString& emoji);

protected:
    QWidget* createWidget(QWidget* parent) override;
};

}  // namespace landline::app
