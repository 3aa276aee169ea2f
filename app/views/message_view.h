#pragma once

#include "app/models/message_list_model.h"
#include "app/models/message_picture.h"
#include "app/views/message_delegate.h"

#include <QListView>
#include <QTimer>

namespace landline::app {

class JumpButton;

/// The messages of a conversation. Keeps to the newest while the person is there, keeps what is being read in its place
/// while pages come and go, and asks the model for them near either end.
class MessageView final : public QListView {
    Q_OBJECT

public:
    MessageView(Theme* theme, QWidget* parent);

    void setMessages(MessageListModel* model);
    /// Files that are pictures are shown as such; those in sight are asked for.
    void setPictures(Thumbnails* pictures);
    /// The progress of files, and what is in bundles.
    void setTransfers(TransferBoard* board, BundleCatalog* bundles);
    /// The other person of the conversation.
    void setPeer(const QString& name, bool online, bool byRelay = false);
    void setSelf(const PersonId& self) {
        m_delegate->setSelf(self);
        m_self = self;
    }
    [[nodiscard]] bool isAtEnd() const;
    void scrollToEnd();
    void highlight(const EntryRef& entry);
    /// Marks these words wherever they stand in the conversation; empty: none.
    void setSearchWords(const QString& words);
    /// What the mouse has selected in a message; may be empty.
    [[nodiscard]] QString selectedText() const;
    [[nodiscard]] MessageDelegate* messageDelegate() const { return m_delegate; }

Q_SIGNALS:
    void replyWanted(const landline::app::MessageRecord& message);
    void editWanted(const landline::app::MessageRecord& message);
    void deleteWanted(const landline::app::MessageRecord& message);
    void reactWanted(const landline::app::MessageRecord& message, const QString& emoji, bool removed);
    /// Something was chosen to be done with the message's file.
    void transferWanted(const landline::app::TransferRecord& transfer, landline::app::TransferAction action);
    void messageWanted(const landline::EntryRef& entry);
    /// Somebody typed or pasted here: it is meant for the composer.
    void textTyped(const QString& text);
    void pasteWanted();
    /// The newest message came into sight.
    void endReached();
    /// The button that leads to the newest was pressed while it is not loaded.
    void newestWanted();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    /// Escape takes a selection away before it is the window's shortcut.
    bool event(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void updateGeometries() override;
    void dataChanged(const QModelIndex& topLeft, const QModelIndex& bottomRight,
                     const QList<int>& roles = {}) override;

private:
    void onScrolled();
    void onRange();
    void onOpened(int focus);
    void onArrived(bool own);
    void onTransfers(const std::set<wire::TransferId>& transfers);
    void onContents(const wire::TransferId& transfer);
    void relayOut();
    void showTip(const MessageRow* row, const QPoint& at);
    void addWhyQueued(const PostView& post);
    [[nodiscard]] bool dragOut(const QPoint& at);
    void wantPictures();
    void forgetPicture(const GlobalEntryRef& message);
    void onPicture(const GlobalEntryRef& message);
    void keepPlace();
    void restorePlace();
    void placeJumpButton();
    void act(const MessageRow& row, const MessageHit& hit);
    void react(const MessageRecord& message, const QString& emoji);
    [[nodiscard]] MessageHit hitAt(const QPoint& at, const MessageRow** row = nullptr) const;
    /// The place within the text of the row at or, while selecting, of the row that the selection is in.
    [[nodiscard]] std::optional<int> textPositionAt(const QPoint& at, int row) const;
    void beginSelection(const QPoint& at);
    void extendSelection(const QPoint& at);
    void showSelection();
    [[nodiscard]] QMenu* menuFor(const MessageRecord& message);
    void addFileActions(QMenu& menu, const MessageRecord& message);
    void scheduleMidnight();

    Theme* m_theme;
    MessageDelegate* m_delegate;
    MessageListModel* m_messages = nullptr;
    JumpButton* m_jump;
    PersonId m_self;
    QPersistentModelIndex m_place;  ///< the first row in sight, while rows come and go above it
    int m_placeOffset = 0;
    bool m_stick = true;  ///< stays with the newest message
    bool m_settling = false;
    int m_below = 0;  ///< new messages that are not in sight
    MessageHit m_pressed;
    QPoint m_pressedAt;
    std::optional<EntryRef> m_tipOf;  ///< a message that is queued, whose tool tip was shown last
    QPoint m_tipAt;
    MessageSelection m_selection;
    QString m_selectedIn;  ///< the whole text of the message that the selection is in
    bool m_selecting = false;
    Thumbnails* m_pictures = nullptr;
    BundleCatalog* m_bundles = nullptr;
    QTimer m_pictureTimer;
    QTimer m_highlightTimer;
    QTimer m_midnight;
};

}  // namespace landline::app
