#include "app/views/people_dialog.h"

#include "app/views/elided_label.h"
#include "app/views/listed_people_delegate.h"

#include <QAction>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMouseEvent>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace landline::app {

namespace {

constexpr QSize kUsual(380, 520);
constexpr int kColumnMargin = 10;
constexpr int kIndent = 14;  // of the avatars in their rows

QLabel* hint(QWidget* parent) {
    auto* label = new PlainLabel(parent);
    label->setObjectName(QStringLiteral("hint"));
    label->setWordWrap(true);
    return label;
}

/// A column that begins where the avatars do.
QVBoxLayout* aligned() {
    auto* column = new QVBoxLayout;
    column->setContentsMargins(kIndent, 0, kIndent, 0);
    column->setSpacing(10);
    return column;
}

}  // namespace

PeopleDialog::PeopleDialog(const Theme* theme, AppModels* models, const RelayView& relay, QWidget* parent)
    : QDialog(parent),
      m_models(models),
      m_relay(relay.key),
      m_people(models->port, &models->sidebar, relay.key),
      m_links(models, this) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("People at this relay"));
    setMinimumWidth(320);
    resize(kUsual);
    auto* title = new PlainLabel(windowTitle(), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    auto* address = new ElidedLabel(this);
    address->setObjectName(QStringLiteral("hint"));
    address->setText(relay.address);
    m_search = new QLineEdit(this);
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search people at this relay"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    m_more = hint(this);
    m_more->setText(tr("There are more than are shown here. Ask whom you miss for their contact link."));
    m_trouble = hint(this);
    m_trouble->setProperty("failed", true);
    auto* above = aligned();
    for (QWidget* widget : std::initializer_list<QWidget*>{title, address, m_search}) above->addWidget(widget);
    auto* below = aligned();
    for (QWidget* widget : {m_more, m_trouble}) below->addWidget(widget);
    below->addLayout(makeButtons());
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kColumnMargin, 20, kColumnMargin, 18);
    column->setSpacing(10);
    column->addLayout(above);
    column->addWidget(makeList(theme), 1);
    column->addLayout(below);
    connect(theme, &Theme::changed, this, [this, theme] { dress(theme); });
    connect(m_search, &QLineEdit::textChanged, &m_people, &ListedPeopleModel::setSearch);
    connect(&m_people, &ListedPeopleModel::told, this, &PeopleDialog::showState);
    connect(&m_people, &QAbstractItemModel::modelReset, this, &PeopleDialog::showState);
    connect(&m_people, &QAbstractItemModel::modelReset, this, &PeopleDialog::chooseAgain);
    connect(&models->relays, &RelayList::changed, this, &PeopleDialog::lookAtRelay);
    connect(&models->actions, &ConversationActions::failed, this, [this](const QString& sentence) {
        m_notAdded = sentence;
        showState();
    });
    dress(theme);
    m_search->setFocus();
    m_people.reload();
}

QWidget* PeopleDialog::makeList(const Theme* theme) {
    auto* pages = new QWidget(this);
    m_list = new QListView(pages);
    m_list->setAccessibleName(windowTitle());
    m_delegate = new ListedPeopleDelegate(theme, m_list);
    m_list->setItemDelegate(m_delegate);
    m_list->setModel(&m_people);
    m_list->setUniformItemSizes(true);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setResizeMode(QListView::Adjust);
    m_list->setMouseTracking(true);
    m_list->verticalScrollBar()->setSingleStep(20);
    m_list->viewport()->installEventFilter(this);
    connect(m_list, &QListView::activated, this, &PeopleDialog::add);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& now) {
        if (const ListedPerson* const person = m_people.person(now.row())) m_chosen = person->person;
    });
    m_empty = hint(pages);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setMargin(20);
    m_stack = new QStackedLayout(pages);
    m_stack->addWidget(m_list);
    m_stack->addWidget(m_empty);
    return pages;
}

QLayout* PeopleDialog::makeButtons() {
    m_reload = new QPushButton(this);
    m_reload->setAutoDefault(false);
    connect(new QShortcut(QKeySequence(Qt::Key_F5), this), &QShortcut::activated, m_reload, &QPushButton::click);
    auto* close = new QPushButton(tr("Close"), this);
    close->setAutoDefault(false);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_reload);
    buttons->addStretch(1);
    buttons->addWidget(close);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_reload, &QPushButton::clicked, this, [this] {
        m_notAdded.clear();
        m_people.reload();
    });
    return buttons;
}

void PeopleDialog::dress(const Theme* theme) {
    for (auto* action : m_search->actions()) m_search->removeAction(action);
    m_search->addAction(theme->icon(QStringLiteral("search"), theme->colors().faint), QLineEdit::LeadingPosition);
    // Qt's own cross is dark on dark.
    if (auto* clear = m_search->findChild<QAction*>(QStringLiteral("_q_qlineeditclearaction")))
        clear->setIcon(theme->icon(QStringLiteral("close")));
}

QString PeopleDialog::placeholder() const {
    return m_stack->currentWidget() == m_empty ? m_empty->text() : QString();
}

/// What was told before stays while it is asked for anew, and if that fails.
void PeopleDialog::showState() {
    const bool isAny = m_people.count() > 0;
    const QString& failed = m_people.trouble();
    if (isAny)
        m_empty->setText(tr("Nobody by this name is listed."));
    else if (m_people.isLoading())
        m_empty->setText(tr("Looking through the directory…"));
    else if (!failed.isEmpty())
        m_empty->setText(failed);
    else
        m_empty->setText(
            tr("Nobody else is listed here yet.\n\nPeople appear once they turn on “People at this relay can "
               "find me”."));
    m_stack->setCurrentWidget(m_people.rowCount() > 0 ? static_cast<QWidget*>(m_list) : m_empty);
    m_more->setVisible(m_people.areMore());
    const QString trouble = m_notAdded.isEmpty() && isAny && !m_people.isLoading() ? failed : m_notAdded;
    m_trouble->setText(trouble);
    m_trouble->setVisible(!trouble.isEmpty());
    m_reload->setEnabled(!m_people.isLoading());
    m_reload->setText(m_people.isLoading() ? tr("Loading…") : failed.isEmpty() ? tr("Reload") : tr("Try again"));
}

/// Whom one had chosen, or while one searches whoever comes first, so that Enter adds them.
void PeopleDialog::chooseAgain() {
    int row = m_chosen ? m_people.rowOf(*m_chosen) : -1;
    if (row < 0 && !m_search->text().trimmed().isEmpty()) row = 0;
    m_list->setCurrentIndex(m_people.index(row));
}

void PeopleDialog::add(const QModelIndex& index) {
    const ListedPerson* const person = m_people.person(index.row());
    if (!person || m_people.isContact(index.row())) return;
    m_notAdded.clear();
    showState();
    m_links.open(person->link);
}

/// One that came back is asked again where there is nothing to look at.
void PeopleDialog::lookAtRelay() {
    const auto& relays = m_models->relays.relays();
    const bool isUp = std::any_of(relays.begin(), relays.end(), [this](const RelayView& relay) {
        return relay.key == m_relay && relay.state == RelayState::Connected;
    });
    const bool wasUp = std::exchange(m_isUp, isUp);
    if (isUp && !wasUp && !m_people.trouble().isEmpty()) m_people.reload();
}

// Mouse and keys ---------------------------------------------------------------------------------------------------------

QRect PeopleDialog::buttonOf(int row) const {
    const QModelIndex index = m_people.index(row);
    return m_delegate->buttonRect(index, m_list->visualRect(index));
}

QModelIndex PeopleDialog::buttonAt(const QPoint& at) const {
    const QModelIndex index = m_list->indexAt(at);
    return index.isValid() && buttonOf(index.row()).contains(at) ? index : QModelIndex();
}

void PeopleDialog::hover(const QPoint& at) {
    const QModelIndex index = buttonAt(at);
    if (m_delegate->hovered() == index) return;
    m_delegate->setHovered(index);
    m_list->viewport()->setCursor(index.isValid() ? Qt::PointingHandCursor : Qt::ArrowCursor);
    m_list->viewport()->update();
}

/// True for what a button takes.
bool PeopleDialog::mouse(QEvent* event) {
    const auto type = event->type();
    const auto* const mouse = static_cast<QMouseEvent*>(event);
    if (type == QEvent::Leave) hover({-1, -1});
    if (type == QEvent::MouseMove) hover(mouse->pos());
    const bool isPress = type == QEvent::MouseButtonPress || type == QEvent::MouseButtonDblClick;
    if (isPress && mouse->button() == Qt::LeftButton) {
        m_pressed = buttonAt(mouse->pos());
        if (m_pressed.isValid()) m_list->setCurrentIndex(m_pressed);
        return m_pressed.isValid();
    }
    if (type != QEvent::MouseButtonRelease || !m_pressed.isValid()) return false;
    const QModelIndex pressed = std::exchange(m_pressed, {});
    if (buttonAt(mouse->pos()) == pressed) add(pressed);
    return true;
}

/// From the search field arrows move through the list, Enter adds, and Escape ends the search before it closes.
bool PeopleDialog::key(QEvent* event) {
    switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
            QCoreApplication::sendEvent(m_list, event);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            add(m_list->currentIndex());
            return true;
        case Qt::Key_Escape:
            if (m_search->text().isEmpty()) return false;
            m_search->clear();
            return true;
        default:
            return false;
    }
}

bool PeopleDialog::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_search) return event->type() == QEvent::KeyPress && key(event);
    return watched == m_list->viewport() ? mouse(event) : QDialog::eventFilter(watched, event);
}

}  // namespace landline::app
