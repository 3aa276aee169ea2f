#include "app/views/sidebar.h"

#include "app/models/message_text.h"
#include "app/views/avatar.h"
#include "app/views/emoji_text.h"
#include "app/views/plain_text.h"
#include "app/views/sidebar_delegate.h"
#include "app/views/text_dialog.h"
#include "app/views/transfers_button.h"

#include <QAction>
#include <QActionGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>

namespace landline::app {

namespace {

constexpr int kSelfAvatar = 34;

QPixmap selfPixmap(const Theme& theme, const SelfView& self, qreal ratio) {
    QPixmap pixmap(QSizeF(kSelfAvatar * ratio, kSelfAvatar * ratio).toSize());
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paintAvatar(painter, QRectF(0, 0, kSelfAvatar, kSelfAvatar), self.person.view(), self.name);
    const auto& c = theme.colors();
    QColor dot = c.online;
    if (self.presence == wire::Presence::Away) dot = c.away;
    if (self.presence == wire::Presence::Busy) dot = c.busy;
    if (self.presence == wire::Presence::Offline) dot = c.faint;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(c.sidebar, 2));
    painter.setBrush(dot);
    painter.drawEllipse(QRectF(kSelfAvatar - 10.5, kSelfAvatar - 10.5, 9.5, 9.5));
    return pixmap;
}

}  // namespace

Sidebar::Sidebar(Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setObjectName(QStringLiteral("sidebar"));
    setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addLayout(makeHeader());
    column->addLayout(makeSearch());
    column->addWidget(makeList(), 1);
    buildMenus();
    connect(m_list, &QListView::clicked, this, &Sidebar::activate);
    connect(m_list, &QListView::activated, this, &Sidebar::activate);
    connect(theme, &Theme::changed, this, &Sidebar::dress);
    dress();
    setFocusProxy(m_search);
}

QLayout* Sidebar::makeHeader() {
    m_self = new QToolButton(this);
    m_self->setObjectName(QStringLiteral("selfButton"));
    m_self->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_self->setIconSize(QSize(kSelfAvatar, kSelfAvatar));
    m_self->setPopupMode(QToolButton::InstantPopup);
    m_self->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_self->setAccessibleName(tr("My name and presence"));
    m_self->setFocusPolicy(Qt::TabFocus);
    m_transfers = new TransfersButton(m_theme, this);
    connect(m_transfers, &QToolButton::clicked, this, &Sidebar::transfersWanted);
    m_menuButton = new QToolButton(this);
    m_menuButton->setFocusPolicy(Qt::TabFocus);
    m_menuButton->setIconSize(QSize(22, 22));
    m_menuButton->setPopupMode(QToolButton::InstantPopup);
    m_menuButton->setAccessibleName(tr("Menu"));
    auto* top = new QHBoxLayout;
    top->setContentsMargins(6, 6, 6, 0);
    top->addWidget(m_self, 1);
    top->addWidget(m_transfers);
    top->addWidget(m_menuButton);
    return top;
}

QLayout* Sidebar::makeSearch() {
    m_search = new QLineEdit(this);
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search people and messages"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    m_scope = new QToolButton(this);
    m_scope->setObjectName(QStringLiteral("scope"));
    m_scope->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_scope->setLayoutDirection(Qt::RightToLeft);  // the cross stands behind the name
    m_scope->setToolTip(tr("Search everywhere"));
    m_scope->hide();
    connect(m_scope, &QToolButton::clicked, this, [this] { searchIn(std::nullopt); });
    auto* field = new QVBoxLayout;
    field->setContentsMargins(12, 4, 12, 8);
    field->setSpacing(6);
    field->addWidget(m_search);
    field->addWidget(m_scope, 0, Qt::AlignLeft | Qt::AlignAbsolute);
    return field;
}

QWidget* Sidebar::makeList() {
    m_list = new QListView(this);
    m_list->setAccessibleName(tr("People"));
    m_list->setItemDelegate(new SidebarDelegate(m_theme, m_list));
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setMouseTracking(true);
    m_list->verticalScrollBar()->setSingleStep(20);
    m_empty = new PlainLabel(this);
    m_empty->setObjectName(QStringLiteral("hint"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setMargin(28);
    auto* pages = new QWidget(this);
    m_stack = new QStackedLayout(pages);
    m_stack->addWidget(m_list);
    m_stack->addWidget(m_empty);
    return pages;
}

void Sidebar::buildMenus() {
    m_presenceMenu = new QMenu(m_self);
    auto* group = new QActionGroup(m_presenceMenu);
    const std::pair<wire::Presence, QString> choices[] = {{wire::Presence::Online, tr("Online")},
                                                          {wire::Presence::Away, tr("Away")},
                                                          {wire::Presence::Busy, tr("Busy")},
                                                          {wire::Presence::Offline, tr("Invisible")}};
    for (const auto& choice : choices) {
        auto* action = m_presenceMenu->addAction(choice.second);
        action->setCheckable(true);
        action->setData(static_cast<uint>(choice.first));
        group->addAction(action);
        connect(action, &QAction::triggered, this,
                [this, presence = choice.first] { setPresence(presence); });
    }
    m_presenceMenu->addSeparator();
    m_presenceMenu->addAction(tr("Status text…"), this, &Sidebar::editStatusText);
    m_presenceMenu->addAction(tr("Change name…"), this, &Sidebar::editName);
    m_presenceMenu->addAction(tr("My contact link…"), this, &Sidebar::contactLinkWanted);
    m_self->setMenu(m_presenceMenu);

    m_menu = new QMenu(m_menuButton);
    auto* hidden = m_menu->addAction(tr("Show ignored and blocked people"));
    hidden->setCheckable(true);
    connect(hidden, &QAction::toggled, this, [this](bool on) {
        if (m_models) m_models->sidebar.setShowHidden(on);
    });
    m_menu->addAction(tr("Add somebody by a link…"), this, &Sidebar::linkWanted);
    m_menu->addAction(tr("Transfers"), this, &Sidebar::transfersWanted);
    m_menu->addAction(tr("Why can't I see somebody?"), this, &Sidebar::diagnosisWanted);
    m_menu->addSeparator();
    m_menu->addAction(tr("Settings…"), this, &Sidebar::settingsWanted);
    m_menu->addAction(tr("About Landline"), this, &Sidebar::aboutWanted);
    m_menu->addSeparator();
    m_menu->addAction(tr("Quit"), this, &Sidebar::quitWanted);
    m_menuButton->setMenu(m_menu);
}

void Sidebar::attach(AppModels* models) {
    m_models = models;
    m_list->setModel(&models->sidebar);
    m_transfers->attach(&models->board);
    connect(&models->self, &SelfModel::changed, this, &Sidebar::showSelf);
    connect(&models->self, &SelfModel::failed, this, &Sidebar::problem);
    connect(&models->sidebar, &SidebarModel::arranged, this, &Sidebar::showEmptyState);
    connect(&models->sidebar, &SidebarModel::arranged, this, [this] { choose(m_chosen); });
    connect(m_search, &QLineEdit::textChanged, &models->sidebar, &SidebarModel::setSearch);
    showEmptyState();
}

void Sidebar::dress() {
    m_menuButton->setIcon(m_theme->icon(QStringLiteral("menu")));
    for (auto* action : m_search->actions()) m_search->removeAction(action);
    m_search->addAction(m_theme->icon(QStringLiteral("search"), m_theme->colors().faint),
                        QLineEdit::LeadingPosition);
    // Qt's own cross is dark on dark.
    if (auto* clear = m_search->findChild<QAction*>(QStringLiteral("_q_qlineeditclearaction")))
        clear->setIcon(m_theme->icon(QStringLiteral("close")));
    m_scope->setIcon(m_theme->icon(QStringLiteral("close"), m_theme->colors().accent));
    m_scope->setFont(Theme::font(0.92));
    m_self->setFont(Theme::font(1.0, QFont::DemiBold));
    showSelf();
}

void Sidebar::showSelf() {
    if (!m_models) return;
    const auto& self = m_models->self.self();
    if (self.name.isEmpty()) return;
    m_self->setIcon(QIcon(selfPixmap(*m_theme, self, devicePixelRatioF())));
    m_self->setText(QString(u"  " + self.name));
    m_self->setToolTip(plainTip(self.statusText.isEmpty() ? presenceName(self.presence) : self.statusText));
    for (auto* action : m_presenceMenu->actions())
        if (action->isCheckable())
            action->setChecked(action->data().toUInt() == static_cast<uint>(self.presence));
}

void Sidebar::showEmptyState() {
    if (!m_models || !m_models->sidebar.isLoaded() || m_models->sidebar.isSearching()) {
        m_stack->setCurrentWidget(m_list);
        return;
    }
    if (m_models->sidebar.rowCount() > 0) {
        m_stack->setCurrentWidget(m_list);
        return;
    }
    m_empty->setText(
        m_models->sidebar.search().isEmpty()
            ? tr("Nobody here yet.\n\nPeople who run Landline on this network appear by themselves "
                 "within a few seconds.")
            : tr("Nothing found."));
    m_stack->setCurrentWidget(m_empty);
}

void Sidebar::searchIn(const std::optional<PersonId>& person) {
    const auto* view = m_models && person ? m_models->sidebar.person(*person) : nullptr;
    m_scope->setVisible(view != nullptr);
    if (view) {
        const QString name = elideText(displayName(*view), m_scope->font(), 150);
        m_scope->setText(tr("In the conversation with %1").arg(name));
    }
    if (m_models) m_models->sidebar.setSearchIn(view ? std::optional(view->conversation) : std::nullopt);
}

void Sidebar::leaveSearch() {
    m_search->clear();
    searchIn(std::nullopt);
}

void Sidebar::focusSearch() {
    m_search->setFocus();
    m_search->selectAll();
}

void Sidebar::choose(const std::optional<PersonId>& person) {
    m_chosen = person;
    if (!m_models) return;
    const int row = person ? m_models->sidebar.rowOf(*person) : -1;
    const auto index = row < 0 ? QModelIndex() : m_models->sidebar.index(row);
    if (m_list->currentIndex() == index) return;
    m_list->setCurrentIndex(index);
    if (!index.isValid()) m_list->clearSelection();
}

void Sidebar::activate(const QModelIndex& index) {
    const auto* row = m_models ? m_models->sidebar.row(index.row()) : nullptr;
    if (!row) return;
    if (row->kind == SidebarRow::Kind::Person) {
        Q_EMIT personChosen(PersonId(row->person.record.id));
    } else if (row->kind == SidebarRow::Kind::Found) {
        const auto message = row->message.ref;
        Q_EMIT messageChosen(PersonId(row->person.record.id), message);
    }
}

void Sidebar::setPresence(wire::Presence presence) {
    if (m_models) m_models->self.setPresence(presence, m_models->self.self().statusText);
}

void Sidebar::editStatusText() {
    if (!m_models) return;
    auto* dialog = new TextDialog(tr("Status text"), tr("A few words that others see beside your name."),
                                  m_models->self.self().statusText, true, this);
    connect(dialog, &TextDialog::saved, this, [this](const QString& text) {
        m_models->self.setPresence(m_models->self.self().presence, text);
    });
    dialog->open();
}

void Sidebar::editName() {
    if (!m_models) return;
    auto* dialog = new TextDialog(tr("Change name"), tr("The name by which others see you."),
                                  m_models->self.self().name, false, this);
    connect(dialog, &TextDialog::saved, this, [this](const QString& text) { m_models->self.setName(text); });
    dialog->open();
}

/// From the search field, arrows and Enter go to the list, and Escape ends the search.
bool Sidebar::eventFilter(QObject* watched, QEvent* event) {
    const bool overriding = watched == m_search && event->type() == QEvent::ShortcutOverride;
    const bool searching = !m_search->text().isEmpty() || m_scope->isVisible();
    if (overriding && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape && searching) {
        event->accept();
        return true;
    }
    if (watched != m_search || event->type() != QEvent::KeyPress || !m_models)
        return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->key() == Qt::Key_Escape && searching) {
        leaveSearch();
        return true;
    }
    if (key->key() == Qt::Key_Down) {
        m_list->setFocus(Qt::TabFocusReason);
        return true;
    }
    if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
        for (int i = 0; i < m_models->sidebar.rowCount(); ++i) {
            const auto index = m_models->sidebar.index(i);
            if (!index.flags().testFlag(Qt::ItemIsEnabled)) continue;
            activate(index);
            break;
        }
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace landline::app
