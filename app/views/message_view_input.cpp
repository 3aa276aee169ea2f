// MessageView: the mouse, the keyboard and the menu.
#include "app/views/message_view.h"

#include "app/views/emoji_grid.h"
#include "app/views/file_drag.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QDesktopServices>
#include <QKeyEvent>
#include <QMenu>
#include <QUrl>

#include <algorithm>

namespace landline::app {

MessageHit MessageView::hitAt(const QPoint& at, const MessageRow** row) const {
    const auto index = indexAt(at);
    if (!index.isValid() || !m_messages) return {};
    if (row) *row = m_messages->row(index.row());
    return m_delegate->hit(index, visualRect(index), at);
}

void MessageView::mouseMoveEvent(QMouseEvent* event) {
    using Kind = MessageHit::Kind;
    if (m_selecting && event->buttons().testFlag(Qt::LeftButton)) {
        extendSelection(event->pos());
        return;
    }
    if (event->buttons().testFlag(Qt::LeftButton) && dragOut(event->pos())) return;
    const auto kind = hitAt(event->pos()).kind;
    const bool pressable = kind != Kind::None && kind != Kind::Bubble && kind != Kind::Text;
    viewport()->setCursor(pressable            ? Qt::PointingHandCursor
                          : kind == Kind::Text ? Qt::IBeamCursor
                                               : Qt::ArrowCursor);
}

void MessageView::mousePressEvent(QMouseEvent* event) {
    m_pressed = {};
    if (event->button() != Qt::LeftButton) return;
    m_pressed = hitAt(event->pos());
    m_pressedAt = event->pos();
    beginSelection(event->pos());
}

void MessageView::mouseReleaseEvent(QMouseEvent* event) {
    const bool selected = std::exchange(m_selecting, false) && !m_selection.isEmpty();
    if (selected) {
        if (auto* clipboard = QApplication::clipboard(); clipboard->supportsSelection())
            clipboard->setText(selectedText(), QClipboard::Selection);
        m_pressed = {};
        return;
    }
    const MessageRow* row = nullptr;
    const auto hit = hitAt(event->pos(), &row);
    const bool same =
        hit.kind == m_pressed.kind && hit.value == m_pressed.value && hit.rect == m_pressed.rect;
    m_pressed = {};
    if (same && row) act(MessageRow(*row), hit);
}

void MessageView::mouseDoubleClickEvent(QMouseEvent* event) {
    const MessageRow* row = nullptr;
    const auto hit = hitAt(event->pos(), &row);
    if (!row || row->message.deleted) return;
    if (hit.kind == MessageHit::Kind::Text) {
        const auto position = textPositionAt(event->pos(), m_messages->rowOf(row->message.ref.entry));
        m_selectedIn = row->message.text;
        m_selection.selectWord(row->message.ref.entry, m_selectedIn, position.value_or(0));
        showSelection();
    } else if (hit.kind == MessageHit::Kind::Bubble || hit.kind == MessageHit::Kind::None) {
        Q_EMIT replyWanted(row->message);
    }
}

std::optional<int> MessageView::textPositionAt(const QPoint& at, int row) const {
    const auto* found = m_messages ? m_messages->row(row) : nullptr;
    if (!found) return std::nullopt;
    const QRect rect = visualRect(m_messages->index(row));
    const auto& layout = m_delegate->layout(*found, rect.width());
    if (!layout.hasText()) return std::nullopt;
    return layout.textPosition(at - rect.topLeft());
}

/// A press takes the selection away, and on a bubble's text begins another.
void MessageView::beginSelection(const QPoint& at) {
    m_selection.clear();
    const auto index = indexAt(at);
    const auto kind = m_pressed.kind;
    const bool onText =
        kind == MessageHit::Kind::Text || kind == MessageHit::Kind::Link || kind == MessageHit::Kind::Bubble;
    const auto position = onText ? textPositionAt(at, index.row()) : std::nullopt;
    m_selecting = position.has_value();
    if (position) {
        const auto& message = m_messages->row(index.row())->message;
        m_selectedIn = message.text;
        m_selection.begin(message.ref.entry, *position);
    }
    showSelection();
}

/// Small movements of a press are none.
void MessageView::extendSelection(const QPoint& at) {
    if (m_selection.isEmpty() && (at - m_pressedAt).manhattanLength() < QApplication::startDragDistance() / 2)
        return;
    const auto position = textPositionAt(at, m_messages->rowOf(*m_selection.entry()));
    if (!position) return;
    m_selection.extend(*position);
    showSelection();
}

void MessageView::showSelection() {
    m_delegate->setSelection(m_selection);
    viewport()->update();
}

QString MessageView::selectedText() const {
    return m_selection.of(m_selectedIn);
}

bool MessageView::event(QEvent* event) {
    const bool selected = !m_selection.isEmpty();
    if (selected && event->type() == QEvent::ShortcutOverride &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    return QListView::event(event);
}

/// What is typed here belongs into the composer; the arrows and pages stay the list's.
void MessageView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy) && !m_selection.isEmpty()) {
        QApplication::clipboard()->setText(selectedText());
        return;
    }
    if (event->key() == Qt::Key_Escape && !m_selection.isEmpty()) {
        m_selection.clear();
        showSelection();
        return;
    }
    if (event->matches(QKeySequence::Paste)) {
        Q_EMIT pasteWanted();
        return;
    }
    const bool plain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    const QString text = event->text();
    if (plain && !text.isEmpty() && text.front().isPrint()) {
        Q_EMIT textTyped(text);
        return;
    }
    QListView::keyPressEvent(event);
}

void MessageView::act(const MessageRow& row, const MessageHit& hit) {
    using Kind = MessageHit::Kind;
    const auto& message = row.message;
    switch (hit.kind) {
        case Kind::None:
        case Kind::Bubble:
        case Kind::Text:
            break;
        case Kind::Reply:
            if (message.replyTo) Q_EMIT messageWanted(*message.replyTo);
            break;
        case Kind::Link:
            QDesktopServices::openUrl(QUrl(hit.value, QUrl::TolerantMode));
            break;
        case Kind::Reaction:
            react(message, hit.value);
            break;
        case Kind::File:
            if (message.file) Q_EMIT transferWanted(*message.file, hit.action);
            break;
    }
}

/// Takes an own reaction back, or adds it.
void MessageView::react(const MessageRecord& message, const QString& emoji) {
    for (const auto& reaction : message.reactions) {
        if (reaction.emoji != emoji) continue;
        const bool own =
            std::find(reaction.persons.begin(), reaction.persons.end(), m_self) != reaction.persons.end();
        Q_EMIT reactWanted(message, emoji, own);
        return;
    }
    Q_EMIT reactWanted(message, emoji, false);
}

void MessageView::contextMenuEvent(QContextMenuEvent* event) {
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const auto index = byKey ? currentIndex() : indexAt(event->pos());
    const auto* row = m_messages ? m_messages->row(index.row()) : nullptr;
    if (!row) return;
    auto* menu = menuFor(row->message);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(byKey ? viewport()->mapToGlobal(visualRect(index).center()) : event->globalPos());
}

QMenu* MessageView::menuFor(const MessageRecord& message) {
    auto* menu = new QMenu(this);
    if (message.deleted) {
        menu->addAction(tr("This message was deleted"))->setEnabled(false);
        return menu;
    }
    auto* reactions = new EmojiRow(menu);
    menu->addAction(reactions);
    connect(reactions, &EmojiRow::chosen, this,
            [this, message](const QString& emoji) { react(message, emoji); });
    menu->addSeparator();
    menu->addAction(m_theme->icon(QStringLiteral("reply")), tr("Reply"), this,
                    [this, message] { Q_EMIT replyWanted(message); });
    if (message.kind == MessageKind::Text) {
        const bool part = m_selection.isIn(message.ref.entry) && !m_selection.isEmpty();
        menu->addAction(
            m_theme->icon(QStringLiteral("copy")), part ? tr("Copy selected text") : tr("Copy text"), this,
            [text = part ? selectedText() : message.text] { QApplication::clipboard()->setText(text); });
        if (message.own)
            menu->addAction(m_theme->icon(QStringLiteral("edit")), tr("Edit"), this,
                            [this, message] { Q_EMIT editWanted(message); });
    }
    addFileActions(*menu, message);
    if (message.own) {
        menu->addSeparator();
        menu->addAction(m_theme->icon(QStringLiteral("trash"), m_theme->colors().danger),
                        tr("Delete for everyone"), this, [this, message] { Q_EMIT deleteWanted(message); });
    }
    return menu;
}

void MessageView::addFileActions(QMenu& menu, const MessageRecord& message) {
    if (!message.file) return;
    menu.addSeparator();
    for (const TransferAction action : actionsFor(*message.file)) {
        const bool ofTheList = action == TransferAction::Remove || action == TransferAction::MoveUp ||
                               action == TransferAction::MoveDown;
        if (ofTheList) continue;
        menu.addAction(m_theme->icon(actionIcon(action)), actionText(action), this,
                       [this, file = *message.file, action] { Q_EMIT transferWanted(file, action); });
    }
}

/// What lies on the disk as a whole can be dragged to where it is wanted.
bool MessageView::dragOut(const QPoint& at) {
    if (m_pressed.kind != MessageHit::Kind::File && m_pressed.kind != MessageHit::Kind::Bubble) return false;
    if ((at - m_pressedAt).manhattanLength() < QApplication::startDragDistance()) return false;
    const MessageRow* row = nullptr;
    (void)hitAt(m_pressedAt, &row);
    if (!row || !row->message.file || row->message.deleted) return false;
    const auto file = *row->message.file;
    m_pressed = {};
    return startFileDrag(this, *m_theme, file);
}

}  // namespace landline::app
