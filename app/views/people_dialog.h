#pragma once

#include "app/models/app_models.h"
#include "app/models/listed_people_model.h"
#include "app/views/link_opener.h"
#include "app/views/theme.h"

#include <QDialog>
#include <QPersistentModelIndex>

#include <optional>

class QLabel;
class QLineEdit;
class QListView;
class QPushButton;
class QStackedLayout;

namespace landline::app {

class ListedPeopleDelegate;

/// Who wants to be found at a relay: looks through its directory, and adds whom one chooses, as a contact link of theirs would.
/// The arrows and Enter work from the search field. Deletes itself when closed.
class PeopleDialog final : public QDialog {
    Q_OBJECT

public:
    PeopleDialog(const Theme* theme, AppModels* models, const RelayView& relay, QWidget* parent);

    [[nodiscard]] QLineEdit* field() const { return m_search; }
    [[nodiscard]] QListView* list() const { return m_list; }
    /// What stands in the place of the list; empty while that is shown.
    [[nodiscard]] QString placeholder() const;
    /// Where the button of this row of the list is, in its viewport; null where there is none.
    [[nodiscard]] QRect buttonOf(int row) const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeList(const Theme* theme);
    QLayout* makeButtons();
    void dress(const Theme* theme);
    void showState();
    void chooseAgain();
    void add(const QModelIndex& index);
    /// The row whose button is there.
    [[nodiscard]] QModelIndex buttonAt(const QPoint& at) const;
    void hover(const QPoint& at);
    [[nodiscard]] bool mouse(QEvent* event);
    [[nodiscard]] bool key(QEvent* event);
    void lookAtRelay();

    AppModels* m_models;
    RelayKey m_relay;
    ListedPeopleModel m_people;
    LinkOpener m_links;
    ListedPeopleDelegate* m_delegate = nullptr;
    QLineEdit* m_search = nullptr;
    QListView* m_list = nullptr;
    QLabel* m_empty = nullptr;
    QStackedLayout* m_stack = nullptr;
    QLabel* m_more = nullptr;
    QLabel* m_trouble = nullptr;
    QPushButton* m_reload = nullptr;
    QString m_notAdded;  ///< why, of the last attempt
    std::optional<PersonId> m_chosen;
    QPersistentModelIndex m_pressed;  ///< whose button
    bool m_isUp = true;
};

}  // namespace landline::app
