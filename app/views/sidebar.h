#pragma once

#include "app/models/app_models.h"
#include "app/views/theme.h"

#include <QWidget>

#include <optional>

class QLabel;
class QLayout;
class QLineEdit;
class QListView;
class QMenu;
class QStackedLayout;
class QToolButton;

namespace landline::app {

class TransfersButton;

/// The left column: oneself, the search field, and the list.
class Sidebar final : public QWidget {
    Q_OBJECT

public:
    Sidebar(Theme* theme, QWidget* parent);

    void attach(AppModels* models);
    void focusSearch();
    /// Restricts the search to the conversation with a person, until the search is left.
    void searchIn(const std::optional<PersonId>& person);
    /// Marks the open conversation in the list.
    void choose(const std::optional<PersonId>& person);
    [[nodiscard]] QLineEdit* searchField() const { return m_search; }
    [[nodiscard]] QListView* list() const { return m_list; }
    [[nodiscard]] TransfersButton* transfersButton() const { return m_transfers; }

Q_SIGNALS:
    void personChosen(const landline::PersonId& person);
    void messageChosen(const landline::PersonId& person, const landline::GlobalEntryRef& message);
    void transfersWanted();
    void settingsWanted();
    /// One's own link is to be shown.
    void contactLinkWanted();
    /// Somebody else's, or a relay's, to be asked for.
    void linkWanted();
    void diagnosisWanted();
    void aboutWanted();
    void quitWanted();
    void problem(const QString& sentence);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QLayout* makeHeader();
    QLayout* makeSearch();
    QWidget* makeList();
    void buildMenus();
    void dress();
    void leaveSearch();
    void showSelf();
    void showEmptyState();
    void activate(const QModelIndex& index);
    void setPresence(wire::Presence presence);
    void editStatusText();
    void editName();

    Theme* m_theme;
    AppModels* m_models = nullptr;
    QToolButton* m_self;
    TransfersButton* m_transfers;
    QToolButton* m_menuButton;
    QLineEdit* m_search;
    QToolButton* m_scope;  ///< in whose conversation is searched; a press searches everywhere
    QListView* m_list;
    QLabel* m_empty;
    QStackedLayout* m_stack;
    QMenu* m_presenceMenu;
    QMenu* m_menu;
    std::optional<PersonId> m_chosen;
};

}  // namespace landline::app
