#pragma once

#include "app/models/app_models.h"
#include "app/views/theme.h"

#include <QWidget>

class QSplitter;
class QStackedLayout;
class QStackedWidget;

namespace landline::app {

class Banner;
class ConversationPane;
class FirstRunPage;
class ProblemPage;
class Sidebar;
class TransferCommands;
class TransfersPane;

/// The program's window: the first run, a problem with the profile, or list and conversation side by side (one of
/// them where the window is narrow).
class MainWindow final : public QWidget {
    Q_OBJECT

public:
    explicit MainWindow(Theme* theme);

    void showFirstRun();
    void showProblem(const QString& sentence, bool askPassphrase);
    /// From now on the window shows the conversations of these models, which outlive it or are detached by destruction.
    void attach(AppModels* models);
    /// The empty main page, while the profile is being opened.
    void showMain();

    /// A sentence across the top, until it is closed.
    void notice(const QString& sentence, bool loud);
    void openConversation(const PersonId& person);
    [[nodiscard]] std::optional<PersonId> openPerson() const;
    /// The transfers, in the place of the conversation.
    void showTransfers();
    void closeTransfers();

    [[nodiscard]] FirstRunPage* firstRun() const { return m_firstRun; }
    [[nodiscard]] ProblemPage* problemPage() const { return m_problem; }
    [[nodiscard]] Sidebar* sidebar() const { return m_sidebar; }
    [[nodiscard]] ConversationPane* conversation() const { return m_conversation; }
    [[nodiscard]] TransfersPane* transfers() const { return m_transfers; }
    [[nodiscard]] QSplitter* splitter() const { return m_splitter; }

Q_SIGNALS:
    /// The window is asked to close; what happens is up to the receiver.
    void closeWanted();

protected:
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void arrange();
    void connectPanes();
    void addShortcuts();
    void goBack();
    void beginSearch(const std::optional<PersonId>& person);
    void openMessage(const PersonId& person, const GlobalEntryRef& message);
    void showVerify(const PersonId& person);

    Theme* m_theme;
    AppModels* m_models = nullptr;
    QStackedLayout* m_stack;
    FirstRunPage* m_firstRun;
    ProblemPage* m_problem;
    QWidget* m_main;
    Banner* m_banner;
    QSplitter* m_splitter;
    Sidebar* m_sidebar;
    QStackedWidget* m_right;  ///< the conversation, or the transfers
    ConversationPane* m_conversation;
    TransfersPane* m_transfers;
    TransferCommands* m_commands;
    bool m_narrow = false;
};

}  // namespace landline::app
