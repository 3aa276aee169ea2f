#include "app/views/transfers_pane.h"

#include "app/models/message_text.h"
#include "app/views/file_drag.h"
#include "app/views/plain_text.h"
#include "app/views/transfer_delegate.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedLayout>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

namespace landline::app {

TransfersPane::TransfersPane(Theme* theme, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_delegate(new TransferDelegate(theme, this)) {
    setObjectName(QStringLiteral("transfers"));
    setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeHeader());
    column->addWidget(makeList(), 1);
    connect(theme, &Theme::changed, this, &TransfersPane::dress);
    dress();
    setFocusProxy(m_list);
}

QWidget* TransfersPane::makeHeader() {
    auto* header = new QWidget(this);
    header->setObjectName(QStringLiteral("conversationHeader"));
    header->setAttribute(Qt::WA_StyledBackground);
    m_back = new QToolButton(header);
    m_back->setIconSize(QSize(22, 22));
    m_back->setAccessibleName(tr("Close the transfers"));
    m_back->setToolTip(plainTip(m_back->accessibleName()));
    m_title = new PlainLabel(tr("Transfers"), header);
    m_title->setObjectName(QStringLiteral("title"));
    m_clear = new QPushButton(tr("Clear finished"), header);
    m_clear->setToolTip(tr("Removes what is done or cancelled from this list. Files and messages stay"));
    m_clear->setAutoDefault(false);
    auto* line = new QHBoxLayout(header);
    line->setContentsMargins(10, 8, 12, 8);
    line->setSpacing(8);
    line->addWidget(m_back);
    line->addWidget(m_title, 1);
    line->addWidget(m_clear);
    connect(m_back, &QToolButton::clicked, this, &TransfersPane::closeWanted);
    connect(m_clear, &QPushButton::clicked, this, [this] {
        if (m_models) m_models->transfers.clearFinished();
    });
    return header;
}

QWidget* TransfersPane::makeList() {
    auto* pages = new QWidget(this);
    m_list = new QListView(pages);
    m_list->setObjectName(QStringLiteral("transferList"));
    m_list->setAccessibleName(tr("Transfers"));
    m_list->setItemDelegate(m_delegate);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setResizeMode(QListView::Adjust);
    m_list->setMouseTracking(true);
    m_list->verticalScrollBar()->setSingleStep(24);
    m_list->viewport()->installEventFilter(this);
    m_list->installEventFilter(this);
    m_empty = new PlainLabel(pages);
    m_empty->setObjectName(QStringLiteral("hint"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setMargin(28);
    m_empty->setText(tr("No transfers yet.\n\nDrop files or folders into a conversation to send them."));
    m_stack = new QStackedLayout(pages);
    m_stack->addWidget(m_list);
    m_stack->addWidget(m_empty);
    connect(m_list, &QListView::doubleClicked, this, [this](const QModelIndex& index) {
        const auto* const row = m_models->transfers.row(index.row());
        if (row && allows(row->transfer.record, TransferAction::Open))
            act(row->transfer.record, TransferAction::Open);
    });
    return pages;
}

void TransfersPane::attach(AppModels* models) {
    m_models = models;
    m_list->setModel(&models->transfers);
    connect(&models->transfers, &TransferListModel::arranged, this, &TransfersPane::showEmptyState);
    connect(&models->transfers, &TransferListModel::progressed, this,
            [this](int row) { m_list->update(m_models->transfers.index(row)); });
    connect(&models->transfers, &TransferListModel::failed, this, &TransfersPane::problem);
}

void TransfersPane::dress() {
    m_back->setIcon(m_theme->icon(QStringLiteral("back")));
    m_title->setFont(Theme::font(1.08, QFont::DemiBold));
    m_list->viewport()->update();
}

void TransfersPane::showEmptyState() {
    const bool any = m_models->transfers.rowCount() > 0 || !m_models->transfers.isComplete();
    m_stack->setCurrentWidget(any ? static_cast<QWidget*>(m_list) : m_empty);
    bool finished = false;
    if (const auto* const last = m_models->transfers.row(m_models->transfers.rowCount() - 1))
        finished = sectionOf(last->transfer.record.state) == TransferSection::Ended;
    m_clear->setEnabled(finished || !m_models->transfers.isComplete());
}

void TransfersPane::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_models) m_models->transfers.open();
}

void TransfersPane::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    // The models may be gone already.
    if (auto* const transfers = qobject_cast<TransferListModel*>(m_list->model())) transfers->close();
}

const TransferRow* TransfersPane::rowAt(const QPoint& at, QModelIndex* index) const {
    const QModelIndex found = m_list->indexAt(at);
    if (index) *index = found;
    return m_models && found.isValid() ? m_models->transfers.row(found.row()) : nullptr;
}

bool TransfersPane::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_list)
        return event->type() == QEvent::KeyPress ? key(static_cast<QKeyEvent*>(event)->key()) : false;
    if (watched != m_list->viewport()) return QWidget::eventFilter(watched, event);
    switch (event->type()) {
        case QEvent::MouseMove: {
            const auto* const mouse = static_cast<QMouseEvent*>(event);
            hover(mouse->pos());
            return mouse->buttons().testFlag(Qt::LeftButton) && drag(mouse->pos());
        }
        case QEvent::Leave:
            hover({-1, -1});
            return false;
        case QEvent::MouseButtonPress:
        case QEvent::MouseButtonDblClick:
            return static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton &&
                   press(static_cast<QMouseEvent*>(event)->pos());
        case QEvent::MouseButtonRelease:
            m_dragged.reset();
            return false;
        case QEvent::ContextMenu: {
            const auto* const menu = static_cast<QContextMenuEvent*>(event);
            const bool byKey = menu->reason() == QContextMenuEvent::Keyboard;
            const auto index = byKey ? m_list->currentIndex() : m_list->indexAt(menu->pos());
            showMenu(index, byKey ? m_list->viewport()->mapToGlobal(m_list->visualRect(index).center())
                                  : menu->globalPos());
            return true;
        }
        case QEvent::ToolTip:
            return tip(static_cast<QHelpEvent*>(event)->pos(), static_cast<QHelpEvent*>(event)->globalPos());
        default:
            return false;
    }
}

void TransfersPane::hover(const QPoint& at) {
    QModelIndex index;
    const auto* const row = rowAt(at, &index);
    const auto action = row ? m_delegate->actionAt(*row, m_list->visualRect(index), at) : std::nullopt;
    m_delegate->setHovered(index, action);
    m_list->viewport()->setCursor(action ? Qt::PointingHandCursor : Qt::ArrowCursor);
    m_list->viewport()->update();
}

/// A press on a button does what it says; on anything else it may begin a drag.
bool TransfersPane::press(const QPoint& at) {
    QModelIndex index;
    const auto* const row = rowAt(at, &index);
    m_dragged.reset();
    if (!row) return false;
    if (const auto action = m_delegate->actionAt(*row, m_list->visualRect(index), at)) {
        act(row->transfer.record, *action);
        return true;
    }
    m_pressedAt = at;
    m_dragged = row->transfer.record;
    return false;
}

bool TransfersPane::drag(const QPoint& at) {
    if (!m_dragged || (at - m_pressedAt).manhattanLength() < QApplication::startDragDistance()) return false;
    const TransferRecord file = *std::exchange(m_dragged, std::nullopt);
    return startFileDrag(m_list, *m_theme, file);
}

/// What a button does; elsewhere the whole of what is shortened.
bool TransfersPane::tip(const QPoint& at, const QPoint& global) {
    QModelIndex index;
    const auto* const row = rowAt(at, &index);
    if (!row) return false;
    const auto action = m_delegate->actionAt(*row, m_list->visualRect(index), at);
    if (action) {
        QToolTip::showText(global, plainTip(actionText(*action)), m_list->viewport());
        return true;
    }
    const auto& file = row->transfer.record;
    QStringList lines{file.name, transferLine(row->transfer), transferTrouble(file)};
    if (allows(file, TransferAction::Open)) lines << file.path;
    lines.removeAll(QString());
    QToolTip::showText(global, wrappedTip(lines.join(u'\n')), m_list->viewport());
    return true;
}

/// Enter opens, Space pauses and goes on, Delete removes from the list or cancels.
bool TransfersPane::key(int code) {
    const auto* const row = m_models ? m_models->transfers.row(m_list->currentIndex().row()) : nullptr;
    if (!row) return false;
    const TransferRecord file = row->transfer.record;
    const auto first = [&](std::initializer_list<TransferAction> wanted) {
        for (const TransferAction action : wanted) {
            if (!allows(file, action)) continue;
            act(file, action);
            return true;
        }
        return false;
    };
    switch (code) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
            return first({TransferAction::Accept, TransferAction::Retry, TransferAction::Resume,
                          TransferAction::Open});
        case Qt::Key_Space:
            return first({TransferAction::Pause, TransferAction::Resume});
        case Qt::Key_Delete:
            return first({TransferAction::Remove, TransferAction::Cancel, TransferAction::Withdraw,
                          TransferAction::Decline});
        default:
            return false;
    }
}

QMenu* TransfersPane::menuFor(const TransferRecord& transfer) {
    auto* const menu = new QMenu(this);
    for (const TransferAction action : actionsFor(transfer))
        menu->addAction(m_theme->icon(actionIcon(action)), actionText(action), this,
                        [this, transfer, action] { act(transfer, action); });
    return menu;
}

void TransfersPane::showMenu(const QModelIndex& index, const QPoint& global) {
    const auto* const row = m_models && index.isValid() ? m_models->transfers.row(index.row()) : nullptr;
    if (!row) return;
    auto* const menu = menuFor(row->transfer.record);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(global);
}

void TransfersPane::act(const TransferRecord& transfer, TransferAction action) {
    Q_EMIT actionWanted(transfer, action);
}

}  // namespace landline::app
