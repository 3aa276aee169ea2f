#pragma once

#include "app/messenger/messenger.h"
#include "app/views/theme.h"

#include <QWidget>

class QLabel;
class QMenu;
class QToolButton;

namespace landline::app {

/// Name, presence and verification of the person whose conversation is open, and what can be done with it.
class ConversationHeader final : public QWidget {
    Q_OBJECT

public:
    ConversationHeader(Theme* theme, QWidget* parent);

    void showPerson(const PersonView& person);
    void setBackButton(bool shown);

Q_SIGNALS:
    void backWanted();
    void filesWanted();
    void verifyWanted();
    void searchWanted();
    void standingWanted(landline::timeline::Standing standing);
    void closeWanted();

private:
    void dress();
    void fillMenu();

    Theme* m_theme;
    PersonView m_person;
    QToolButton* m_back;
    QLabel* m_avatar;
    QLabel* m_name;
    QLabel* m_presence;
    QToolButton* m_search;
    QToolButton* m_verify;
    QToolButton* m_more;
    QMenu* m_menu;
};

}  // namespace landline::app
