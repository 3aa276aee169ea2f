#include "app/views/message_view.h"

#include "app/models/message_text.h"
#include "app/views/emoji_text.h"
#include "app/views/jump_button.h"
#include "app/views/plain_text.h"

#include <QDateTime>
#include <QHelpEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <chrono>

namespace landline::app {

using namespace std::chrono_literals;

namespace {

constexpr int kNearEdge = 600;  // pixels from an end at which the next page is asked for
constexpr int kBottomGap = 8;
/// A glance during quick scrolling starts no process.
constexpr auto kLookBeforePictures = 60ms;
constexpr auto kHighlightFor = 1600ms;
constexpr int kTipWidth = 420;

/// When and how far; of a picture, whose bubble does not say it, name and size as well.
QString tipOf(const MessageRecord& message, const PostView& post) {
    QStringList lines;
    if (pictureOf(message))
        lines << elideMiddle(message.file->name, QToolTip::font(), kTipWidth) << byteText(message.file->size);
    lines << QLocale().toString(QDateTime::fromMSecsSinceEpoch(message.time), QLocale::LongFormat);
    if (message.own && message.state != MessageState::Received) lines << stateText(message, post);
    return lines.join(u'\n');
}

}  // namespace

MessageView::MessageView(Theme* theme, QWidget* parent)
    : QListView(parent),
      m_theme(theme),
      m_delegate(new MessageDelegate(theme, this)),
      m_jump(new JumpButton(theme, this)) {
    setObjectName(QStringLiteral("messages"));
    setAccessibleName(tr("Messages"));
    setItemDelegate(m_delegate);
    setResizeMode(QListView::Adjust);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSelectionMode(QAbstractItemView::NoSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    verticalScrollBar()->setSingleStep(24);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &MessageView::onScrolled);
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, &MessageView::onRange);
    connect(m_jump, &JumpButton::clicked, this, [this] {
        if (m_messages && !m_messages->atEnd())
            Q_EMIT newestWanted();
        else
            scrollToEnd();
    });
    connect(theme, &Theme::changed, this, [this] {
        m_delegate->forgetAll();
        viewport()->update();
    });
    m_highlightTimer.setSingleShot(true);
    m_highlightTimer.setInterval(kHighlightFor);
    connect(&m_highlightTimer, &QTimer::timeout, this, [this] {
        m_delegate->setHighlighted(std::nullopt);
        viewport()->update();
    });
    m_pictureTimer.setSingleShot(true);
    m_pictureTimer.setInterval(kLookBeforePictures);
    connect(&m_pictureTimer, &QTimer::timeout, this, &MessageView::wantPictures);
    m_midnight.setSingleShot(true);
    connect(&m_midnight, &QTimer::timeout, this, [this] {
        m_delegate->forgetAll();
        scheduleDelayedItemsLayout();
        scheduleMidnight();
    });
    scheduleMidnight();
}

void MessageView::scheduleMidnight() {
    const auto now = QDateTime::currentDateTime();
    m_midnight.start(std::chrono::milliseconds(now.msecsTo(now.date().addDays(1).startOfDay()) + 500));
}

void MessageView::setMessages(MessageListModel* model) {
    m_messages = model;
    setModel(model);
    if (!model) return;
    connect(model, &MessageListModel::opened, this, &MessageView::onOpened);
    connect(model, &MessageListModel::aboutToPage, this, &MessageView::keepPlace);
    connect(model, &MessageListModel::paged, this, &MessageView::restorePlace);
    connect(model, &MessageListModel::arrived, this, &MessageView::onArrived);
    connect(model, &MessageListModel::postTold, this, &MessageView::addWhyQueued);
    connect(model, &QAbstractItemModel::modelReset, this, [this] {
        m_delegate->forgetAll();
        m_selecting = false;
        m_selection.clear();
        showSelection();
        m_below = 0;
    });
}

void MessageView::setPictures(Thumbnails* pictures) {
    m_pictures = pictures;
    m_delegate->setPictures(pictures);
    if (pictures) connect(pictures, &Thumbnails::changed, this, &MessageView::onPicture);
}

void MessageView::setTransfers(TransferBoard* board, BundleCatalog* bundles) {
    m_bundles = bundles;
    m_delegate->setTransfers(board, bundles);
    connect(board, &TransferBoard::changed, this, &MessageView::onTransfers);
    connect(bundles, &BundleCatalog::came, this, &MessageView::onContents);
}

void MessageView::setPeer(const QString& name, bool online, bool byRelay) {
    if (m_delegate->setPeer(name, online, byRelay) && m_messages && m_messages->rowCount() > 0) relayOut();
}

bool MessageView::isAtEnd() const {
    const auto* bar = verticalScrollBar();
    return (!m_messages || m_messages->atEnd()) && bar->value() >= bar->maximum() - 4;
}

void MessageView::scrollToEnd() {
    m_stick = true;
    executeDelayedItemsLayout();
    verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    onScrolled();
}

void MessageView::onOpened(int focus) {
    m_stick = focus < 0;
    executeDelayedItemsLayout();
    if (m_stick) {
        scrollToEnd();
        return;
    }
    const auto index = model()->index(focus, 0);
    const bool isUnread = m_messages->firstUnreadRow() == focus;
    scrollTo(index, isUnread ? QAbstractItemView::PositionAtTop : QAbstractItemView::PositionAtCenter);
    onScrolled();
}

void MessageView::onArrived(bool own) {
    if (own && m_messages->atEnd()) {
        scrollToEnd();
        return;
    }
    if (m_stick && m_messages->atEnd()) {
        scrollToEnd();
        Q_EMIT endReached();
        return;
    }
    if (!own) ++m_below;
    placeJumpButton();
}

void MessageView::highlight(const EntryRef& entry) {
    m_delegate->setHighlighted(entry);
    m_highlightTimer.start();
    viewport()->update();
}

void MessageView::setSearchWords(const QString& words) {
    if (words == m_delegate->searchWords()) return;
    m_delegate->setSearchWords(words);
    viewport()->update();
}

void MessageView::onScrolled() {
    if (m_settling || !m_messages) return;
    const auto* bar = verticalScrollBar();
    const bool atEnd = isAtEnd();
    m_stick = atEnd;
    if (bar->value() < kNearEdge) m_messages->loadOlder();
    if (bar->value() > bar->maximum() - kNearEdge) m_messages->loadNewer();
    if (atEnd) {
        m_below = 0;
        if (m_messages->rowCount() > 0) Q_EMIT endReached();
    }
    placeJumpButton();
}

void MessageView::onRange() {
    if (m_stick) {
        m_settling = true;
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
        m_settling = false;
    }
    placeJumpButton();
}

/// Whatever comes into sight is painted, so nothing else needs to tell that there may be new pictures.
void MessageView::paintEvent(QPaintEvent* event) {
    QListView::paintEvent(event);
    const bool wants = m_pictures || m_bundles;
    if (wants && m_messages && !m_pictureTimer.isActive()) m_pictureTimer.start();
}

/// What is in sight comes first, then what is a page away, so that little changes its size before one's eyes.
void MessageView::wantPictures() {
    if (!m_messages) return;
    const int page = viewport()->height();
    std::vector<std::pair<int, PictureRequest>> near;
    for (int i = 0; i < m_messages->rowCount(); ++i) {
        const auto& message = m_messages->row(i)->message;
        const auto request = pictureOf(message);
        const bool isBundle = m_bundles && message.file && message.file->items > 0;
        if (!request && !isBundle) continue;
        const QRect rect = visualRect(m_messages->index(i));
        const int away = std::max({0, -rect.bottom(), rect.top() - page});
        if (isBundle && away <= page) m_bundles->want(m_delegate->viewOf(*message.file).record);
        if (!request) continue;
        if (away <= page) near.emplace_back(away, *request);
    }
    std::stable_sort(near.begin(), near.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<PictureRequest> wanted;
    for (auto& [away, request] : near) wanted.push_back(std::move(request));
    if (m_pictures) m_pictures->want(std::move(wanted), devicePixelRatioF());
}

/// A file under way keeps its height.
void MessageView::onTransfers(const std::set<wire::TransferId>& transfers) {
    for (int i = 0; m_messages && i < m_messages->rowCount(); ++i) {
        const auto& message = m_messages->row(i)->message;
        if (!message.file || transfers.count(message.file->id) == 0) continue;
        m_delegate->forget(message.ref.entry);
        update(m_messages->index(i));
    }
}

void MessageView::onContents(const wire::TransferId& transfer) {
    for (int i = 0; m_messages && i < m_messages->rowCount(); ++i) {
        const auto& message = m_messages->row(i)->message;
        if (!message.file || message.file->id != transfer) continue;
        m_delegate->forget(message.ref.entry);
        return relayOut();
    }
}

/// Rows may have other heights now; what is read stays in its place.
void MessageView::relayOut() {
    keepPlace();
    scheduleDelayedItemsLayout();
    restorePlace();
    viewport()->update();
}

/// Between the deletion and the row that shows it the picture may have been asked for once more.
void MessageView::forgetPicture(const GlobalEntryRef& message) {
    if (!m_pictures) return;
    QMetaObject::invokeMethod(
        m_pictures, [pictures = m_pictures, message] { pictures->forget(message); }, Qt::QueuedConnection);
}

void MessageView::onPicture(const GlobalEntryRef& message) {
    if (!m_messages || m_messages->conversation() != message.conversation) return;
    if (m_messages->rowOf(message.entry) >= 0) relayOut();
}

/// Holds the first row that begins in sight: what grows above it grows upwards.
void MessageView::keepPlace() {
    m_settling = true;
    executeDelayedItemsLayout();
    auto top = indexAt(QPoint(viewport()->width() / 2, 1));
    const auto next = top.siblingAtRow(top.row() + 1);
    if (next.isValid() && visualRect(top).top() < 0 && visualRect(next).top() < viewport()->height())
        top = next;
    m_place = top;
    m_placeOffset = top.isValid() ? visualRect(top).top() : 0;
}

void MessageView::restorePlace() {
    executeDelayedItemsLayout();
    auto* bar = verticalScrollBar();
    if (m_stick && m_messages->atEnd())
        bar->setValue(bar->maximum());
    else if (m_place.isValid())
        bar->setValue(bar->value() + visualRect(m_place).top() - m_placeOffset);
    m_place = QPersistentModelIndex();
    m_settling = false;
    onScrolled();
}

void MessageView::placeJumpButton() {
    const bool show =
        m_messages && m_messages->rowCount() > 0 &&
        (!m_messages->atEnd() ||
         verticalScrollBar()->maximum() - verticalScrollBar()->value() > viewport()->height() / 3 ||
         m_below > 0);
    m_jump->setCount(m_below);
    m_jump->move(width() - m_jump->width() - 18, height() - m_jump->height() - 12);
    m_jump->setVisible(show);
    if (show) m_jump->raise();
}

void MessageView::resizeEvent(QResizeEvent* event) {
    const bool stick = m_stick;
    QListView::resizeEvent(event);
    if (stick) {
        m_stick = true;
        onRange();
    }
    placeJumpButton();
}

/// A short conversation stands at the bottom, like a long one.
void MessageView::updateGeometries() {
    QListView::updateGeometries();
    const int room = height() - kBottomGap;
    const int free = std::max(0, room - contentsSize().height());
    const QMargins wanted(0, free, 0, kBottomGap);
    if (viewportMargins() != wanted) setViewportMargins(wanted);
}

void MessageView::dataChanged(const QModelIndex& topLeft, const QModelIndex& bottomRight,
                              const QList<int>& roles) {
    for (int i = topLeft.row(); m_messages && i <= bottomRight.row(); ++i) {
        const auto* row = m_messages->row(i);
        if (!row) continue;
        m_delegate->forget(row->message.ref.entry);
        if (row->message.deleted) forgetPicture(row->message.ref);
        // An edit may have moved what was selected; a group that grew has not.
        if (m_selection.isIn(row->message.ref.entry) && row->message.text != m_selectedIn) {
            m_selection.clear();
            showSelection();
        }
    }
    QListView::dataChanged(topLeft, bottomRight, roles);
}

bool MessageView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const MessageRow* row = nullptr;
        const auto hit = hitAt(help->pos(), &row);
        showTip(hit.kind == MessageHit::Kind::None ? nullptr : row, help->globalPos());
        return true;
    }
    return QListView::viewportEvent(event);
}

/// Why a message is queued is asked for whenever somebody looks, and follows.
void MessageView::showTip(const MessageRow* row, const QPoint& at) {
    m_tipOf.reset();
    if (!row) return QToolTip::hideText();
    QToolTip::showText(at, wrappedTip(tipOf(row->message, {PostState::Ready})), viewport());
    if (!row->message.own || row->message.state != MessageState::Queued) return;
    m_tipOf = row->message.ref.entry;
    m_tipAt = at;
    m_messages->askForPost();
}

void MessageView::addWhyQueued(const PostView& post) {
    const MessageRow* const row = m_tipOf ? m_messages->row(m_messages->rowOf(*m_tipOf)) : nullptr;
    if (!row || !QToolTip::isVisible()) return;
    QToolTip::showText(m_tipAt, wrappedTip(tipOf(row->message, post)), viewport());
}

}  // namespace landline::app
