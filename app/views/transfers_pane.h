#pragma once

#include "app/models/app_models.h"
#include "app/models/transfer_text.h"
#include "app/views/theme.h"

#include <QWidget>

class QLabel;
class QListView;
class QMenu;
class QPushButton;
class QStackedLayout;
class QToolButton;

namespace landline::app {

class TransferDelegate;

/// All transfers: what runs, what waits, and what was. Reads the store only while it is shown.
class TransfersPane final : public QWidget {
    Q_OBJECT

public:
    TransfersPane(Theme* theme, QWidget* parent);

    void attach(AppModels* models);
    [[nodiscard]] QListView* list() const { return m_list; }
    /// What can be done with a row; to be shown, and to be deleted.
    [[nodiscard]] QMenu* menuFor(const TransferRecord& transfer);

Q_SIGNALS:
    void closeWanted();
    void actionWanted(const landline::app::TransferRecord& transfer, landline::app::TransferAction action);
    void problem(const QString& sentence);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeHeader();
    QWidget* makeList();
    void dress();
    void showEmptyState();
    void hover(const QPoint& at);
    bool press(const QPoint& at);
    bool drag(const QPoint& at);
    bool tip(const QPoint& at, const QPoint& global);
    bool key(int code);
    void showMenu(const QModelIndex& index, const QPoint& global);
    void act(const TransferRecord& transfer, TransferAction action);
    [[nodiscard]] const TransferRow* rowAt(const QPoint& at, QModelIndex* index = nullptr) const;

    Theme* m_theme;
    AppModels* m_models = nullptr;
    TransferDelegate* m_delegate;
    QToolButton* m_back = nullptr;
    QLabel* m_title = nullptr;
    QPushButton* m_clear = nullptr;
    QStackedLayout* m_stack = nullptr;
    QListView* m_list = nullptr;
    QLabel* m_empty = nullptr;
    QPoint m_pressedAt;
    std::optional<TransferRecord> m_dragged;  ///< pressed, and not let go of yet
};

}  // namespace landline::app
