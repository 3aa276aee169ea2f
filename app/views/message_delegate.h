#pragma once

#include "app/models/bundle_catalog.h"
#include "app/models/transfer_board.h"
#include "app/pictures/thumbnails.h"
#include "app/views/message_layout.h"
#include "app/views/message_selection.h"
#include "app/views/theme.h"

#include <QCache>
#include <QStyledItemDelegate>

namespace landline::app {

/// Draws the rows of a conversation. Size hint, painting and hit testing share one MessageLayout, kept for the rows
/// used last.
class MessageDelegate final : public QStyledItemDelegate {
    Q_OBJECT

public:
    MessageDelegate(const Theme* theme, QObject* parent);

    void setSelf(const PersonId& self);
    /// A message that a search led to, shown with a glow for a moment.
    void setHighlighted(const std::optional<EntryRef>& entry) { m_highlighted = entry; }
    /// Marks where these words of a search stand; empty: none.
    void setSearchWords(const QString& words) { m_searchWords = words; }
    [[nodiscard]] QString searchWords() const { return m_searchWords; }
    /// Where the pictures of files come from; null: all files are shown as files.
    void setPictures(const Thumbnails* pictures) { m_pictures = pictures; }
    /// Where the progress of files comes from, and what is in bundles; may be null.
    void setTransfers(const TransferBoard* board, const BundleCatalog* bundles) {
        m_board = board;
        m_bundles = bundles;
    }
    /// The other person of the conversation; true if that is new.
    bool setPeer(const QString& name, bool online, bool byRelay = false);
    /// With the progress that is not in the store, and whom it is with.
    [[nodiscard]] TransferView viewOf(const TransferRecord& file) const;
    void setSelection(const MessageSelection& selection) { m_selection = selection; }
    /// Drops kept layouts: of one message that changed, or of all (theme, day, font).
    void forget(const EntryRef& entry);
    void forgetAll() { m_cache.clear(); }

    /// The layout of a row `width` wide; valid until the next call.
    [[nodiscard]] const MessageLayout& layout(const MessageRow& row, int width) const;
    [[nodiscard]] MessageHit hit(const QModelIndex& index, const QRect& rowRect, const QPoint& at) const;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    struct Kept {
        int width = 0;
        bool startsDay = false;
        bool startsUnread = false;
        bool startsGroup = false;
        bool endsGroup = false;
        QSize picture;
        MessageLayout layout;
    };
    void paintLines(QPainter& painter, const MessageLayout& layout) const;
    void paintBubble(QPainter& painter, const MessageLayout& layout) const;
    void paintReply(QPainter& painter, const MessageLayout& layout) const;
    void paintText(QPainter& painter, const MessageLayout& layout, const MessageRecord& message) const;
    [[nodiscard]] QList<QTextLayout::FormatRange> marksIn(const MessageLayout& layout,
                                                          const MessageRecord& message) const;
    void paintChips(QPainter& painter, const MessageLayout& layout) const;
    void paintMeta(QPainter& painter, const MessageLayout& layout) const;

    [[nodiscard]] QSize pictureSize(const MessageRecord& message) const;

    const Theme* m_theme;
    const Thumbnails* m_pictures = nullptr;
    const TransferBoard* m_board = nullptr;
    const BundleCatalog* m_bundles = nullptr;
    QString m_peer;
    bool m_peerOnline = true;
    bool m_peerByRelay = false;
    PersonId m_self;
    std::optional<EntryRef> m_highlighted;
    QString m_searchWords;
    MessageSelection m_selection;
    mutable QCache<QByteArray, Kept> m_cache;
};

/// The mark of an own message, in a box of 16 by 11: a clock, one tick, two ticks, an exclamation mark.
void paintTick(QPainter& painter, const QPointF& topLeft, MessageState state, const QColor& quiet,
               const QColor& read, const QColor& failed);

}  // namespace landline::app
