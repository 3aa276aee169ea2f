#pragma once

#include "app/messenger/messenger_port.h"

#include <QAbstractListModel>
#include <QTimer>

#include <deque>
#include <optional>
#include <vector>

namespace landline::app {

/// A message as a row of a conversation: with what its neighbours make of it.
struct MessageRow {
    MessageRecord message;
    bool startsDay = false;     ///< first row of its day: a day line stands above it
    bool startsUnread = false;  ///< first row that was unread when the conversation was opened
    bool startsGroup = true;    ///< first of a run by one author within minutes
    bool endsGroup = true;
};

/// One conversation, as a window of at most kMostRows rows that slides over the store: `loadOlder` and
/// `loadNewer` bring a page and drop as many rows at the other end. New messages enter the window only while
/// it stands at the conversation's end. Everything is asked of the messenger without waiting; answers for a
/// conversation that was left are dropped. On the GUI thread.
class MessageListModel final : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role { RowRole = Qt::UserRole };  ///< const MessageRow*, valid until the model changes
    static constexpr int kPage = 80;
    static constexpr int kMostRows = 320;
    /// Messages of one author further apart than this begin a new group.
    static constexpr qint64 kGroupMillis = 10 * 60 * 1000;

    explicit MessageListModel(MessengerPort port, QObject* parent = nullptr);

    /// Shows the newest page; of those, the last `unread` messages of others count as new.
    void open(const ConversationId& conversation, int unread);
    /// Shows the pages around a message.
    void openAt(const GlobalEntryRef& message);
    void close();
    void loadOlder();
    void loadNewer();
    /// Has `postTold` say what keeps messages of this conversation from being left at a relay, as it stands now.
    void askForPost();

    [[nodiscard]] std::optional<ConversationId> conversation() const { return m_conversation; }
    /// False if there are newer messages than the last row.
    [[nodiscard]] bool atEnd() const { return m_atEnd; }
    [[nodiscard]] bool atBegin() const { return m_atBegin; }
    [[nodiscard]] bool isLoading() const { return m_loading; }
    [[nodiscard]] const MessageRow* row(int index) const;
    [[nodiscard]] int rowOf(const EntryRef& entry) const;
    [[nodiscard]] int firstUnreadRow() const;
    /// The newest own text that may still be edited, within the window.
    [[nodiscard]] std::optional<MessageRecord> lastOwnText() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

Q_SIGNALS:
    /// The first page has come. `focus` is the row to show, -1 for the end.
    void opened(int focus);
    /// Around changes that must not move what the person is looking at.
    void aboutToPage();
    void paged();
    /// A new message came to the end of this conversation, inside the window or below it.
    void arrived(bool own);
    void postTold(const landline::app::PostView& post);

private:
    void begin(const ConversationId& conversation);
    void reset(std::vector<MessageRecord> page, int unread);
    void resetAround(std::vector<MessageRecord> page, bool atBegin, bool atEnd, const EntryRef& focus);
    void prepend(std::vector<MessageRecord> page);
    void append(std::vector<MessageRecord> page);
    void trimFront();
    void trimBack();
    void onMessage(const MessageRecord& message, bool added);
    void flush();
    void apply(const MessageRecord& message, bool added);
    void insert(const MessageRecord& message);
    void regroup();

    MessengerPort m_port;
    std::optional<ConversationId> m_conversation;
    std::deque<MessageRow> m_rows;
    std::optional<EntryRef> m_firstUnread;
    bool m_atBegin = true;
    bool m_atEnd = true;
    bool m_loading = false;
    int m_generation = 0;  ///< grows whenever answers under way become stale
    std::vector<std::pair<MessageRecord, bool>> m_pending;
    QTimer m_flushTimer;
};

}  // namespace landline::app

Q_DECLARE_METATYPE(const landline::app::MessageRow*)
