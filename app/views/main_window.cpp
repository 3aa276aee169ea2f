#include "app/views/main_window.h"

#include "app/views/banner.h"
#include "app/views/composer.h"
#include "app/views/conversation_pane.h"
#include "app/views/first_run_page.h"
#include "app/views/message_view.h"
#include "app/views/sidebar.h"
#include "app/views/transfer_commands.h"
#include "app/views/transfers_pane.h"
#include "app/views/verify_dialog.h"

#include <QCloseEvent>
#include <QLineEdit>
#include <QListView>
#include <QShortcut>
#include <QSplitter>
#include <QStackedLayout>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace landline::app {

namespace {
constexpr int kNarrow = 620;
constexpr int kSidebarWidth = 300;
}  // namespace

MainWindow::MainWindow(Theme* theme) : m_theme(theme) {
    setWindowTitle(QStringLiteral("Landline"));
    setWindowIcon(QIcon(QStringLiteral(":/icons/landline.svg")));
    setMinimumSize(320, 380);
    resize(960, 660);
    m_firstRun = new FirstRunPage(theme, this);
    m_problem = new ProblemPage(theme, this);
    m_main = new QWidget(this);
    m_banner = new Banner(theme, true, m_main);
    m_splitter = new QSplitter(Qt::Horizontal, m_main);
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_sidebar = new Sidebar(theme, m_splitter);
    m_sidebar->setMinimumWidth(220);
    m_right = new QStackedWidget(m_splitter);
    m_right->setMinimumWidth(300);
    m_conversation = new ConversationPane(theme, m_right);
    m_transfers = new TransfersPane(theme, m_right);
    m_right->addWidget(m_conversation);
    m_right->addWidget(m_transfers);
    m_commands = new TransferCommands(theme, this);
    m_splitter->setStretchFactor(0, 0);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({kSidebarWidth, width() - kSidebarWidth});
    auto* column = new QVBoxLayout(m_main);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_banner);
    column->addWidget(m_splitter, 1);
    m_stack = new QStackedLayout(this);
    for (QWidget* page : std::initializer_list<QWidget*>{m_main, m_firstRun, m_problem})
        m_stack->addWidget(page);
    connectPanes();
    addShortcuts();
}

void MainWindow::connectPanes() {
    connect(m_sidebar, &Sidebar::personChosen, this, &MainWindow::openConversation);
    connect(m_sidebar, &Sidebar::messageChosen, this, &MainWindow::openMessage);
    connect(m_sidebar, &Sidebar::problem, this, [this](const QString& text) { notice(text, true); });
    connect(m_conversation, &ConversationPane::problem, this,
            [this](const QString& text) { notice(text, true); });
    connect(m_conversation, &ConversationPane::verifyWanted, this, &MainWindow::showVerify);
    connect(m_conversation, &ConversationPane::backWanted, m_conversation,
            &ConversationPane::closeConversation);
    connect(m_conversation, &ConversationPane::closed, this, [this] {
        m_sidebar->choose(std::nullopt);
        arrange();
    });
    connect(m_sidebar, &Sidebar::transfersWanted, this, &MainWindow::showTransfers);
    connect(m_transfers, &TransfersPane::closeWanted, this, &MainWindow::closeTransfers);
    connect(m_transfers, &TransfersPane::actionWanted, m_commands, &TransferCommands::run);
    connect(m_conversation, &ConversationPane::transferWanted, m_commands, &TransferCommands::run);
    const auto tell = [this](const QString& text) { notice(text, true); };
    connect(m_transfers, &TransfersPane::problem, this, tell);
    connect(m_commands, &TransferCommands::problem, this, tell);
}

void MainWindow::addShortcuts() {
    auto* search = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_K), this);
    connect(search, &QShortcut::activated, this, [this] { beginSearch(std::nullopt); });
    auto* searchHere = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_F), this);
    connect(searchHere, &QShortcut::activated, this, [this] { beginSearch(m_conversation->person()); });
    connect(m_conversation, &ConversationPane::searchWanted, this,
            [this] { beginSearch(m_conversation->person()); });
    connect(m_sidebar->searchField(), &QLineEdit::textChanged, m_conversation->view(),
            &MessageView::setSearchWords);
    auto* close = new QShortcut(QKeySequence(Qt::Key_Escape), this);
    connect(close, &QShortcut::activated, this, &MainWindow::goBack);
    auto* transfers = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_J), this);
    connect(transfers, &QShortcut::activated, this, &MainWindow::showTransfers);
    auto* quit = new QShortcut(QKeySequence::Quit, this);
    connect(quit, &QShortcut::activated, m_sidebar, &Sidebar::quitWanted);
}

void MainWindow::goBack() {
    if (m_right->currentWidget() == m_transfers)
        closeTransfers();
    else
        m_conversation->closeConversation();
}

void MainWindow::showTransfers() {
    if (!m_models) return;
    m_right->setCurrentWidget(m_transfers);
    arrange();
    m_transfers->list()->setFocus();
}

void MainWindow::closeTransfers() {
    m_right->setCurrentWidget(m_conversation);
    arrange();
    if (m_conversation->person())
        m_conversation->composer()->field()->setFocus();
    else
        m_sidebar->list()->setFocus();
}

/// In the conversation with `person`, or everywhere.
void MainWindow::beginSearch(const std::optional<PersonId>& person) {
    if (!m_models) return;
    if (m_narrow) closeTransfers();
    if (m_narrow) m_conversation->closeConversation();
    m_sidebar->searchIn(person);
    m_sidebar->focusSearch();
}

void MainWindow::showFirstRun() {
    m_stack->setCurrentWidget(m_firstRun);
    m_firstRun->setFocus();
}

void MainWindow::showProblem(const QString& sentence, bool askPassphrase) {
    m_stack->setCurrentWidget(m_problem);
    m_problem->showProblem(sentence, askPassphrase);
}

void MainWindow::showMain() {
    m_stack->setCurrentWidget(m_main);
    arrange();
    m_sidebar->list()->setFocus();
}

void MainWindow::attach(AppModels* models) {
    m_models = models;
    m_sidebar->attach(models);
    m_conversation->attach(models);
    m_transfers->attach(models);
    m_commands->attach(models);
    models->board.reload();
    showMain();
}

void MainWindow::notice(const QString& sentence, bool loud) {
    m_banner->showText(sentence, loud ? Banner::Tone::Warning : Banner::Tone::Info);
}

void MainWindow::openConversation(const PersonId& person) {
    m_right->setCurrentWidget(m_conversation);
    m_conversation->open(person);
    m_sidebar->choose(person);
    arrange();
}

void MainWindow::openMessage(const PersonId& person, const GlobalEntryRef& message) {
    m_right->setCurrentWidget(m_conversation);
    m_conversation->open(person, message);
    m_sidebar->choose(person);
    arrange();
}

std::optional<PersonId> MainWindow::openPerson() const {
    return m_conversation->person();
}

void MainWindow::showVerify(const PersonId& person) {
    if (m_models) (new VerifyDialog(m_theme, m_models, person, this))->open();
}

/// Both panes where there is room; otherwise the conversation or the transfers if open, and the list if not.
void MainWindow::arrange() {
    m_narrow = width() < kNarrow;
    const bool open = m_conversation->person().has_value() || m_right->currentWidget() == m_transfers;
    m_sidebar->setVisible(!m_narrow || !open);
    m_right->setVisible(!m_narrow || open);
    m_conversation->setBackButton(m_narrow);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
}

void MainWindow::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::ActivationChange && isActiveWindow()) m_conversation->markReadIfSeen();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    event->ignore();
    Q_EMIT closeWanted();
}

}  // namespace landline::app
