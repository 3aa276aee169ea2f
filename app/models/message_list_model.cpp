#include "app/models/message_list_model.h"

#include "app/models/message_text.h"
#include "app/models/transfer_text.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <chrono>

namespace landline::app {

namespace {

/// Beyond so many new messages at once the newest page is asked for anew instead of inserting them one by
/// one.
constexpr std::size_t kReloadBeyond = 200;

QDate dayOf(const MessageRecord& message) {
    return QDateTime::fromMSecsSinceEpoch(message.time).date();
}

bool sameGroup(const MessageRecord& a, const MessageRecord& b) {
    return a.person == b.person && dayOf(a) == dayOf(b) &&
           std::abs(b.time - a.time) <= MessageListModel::kGroupMillis;
}

bool isUnreadKind(const MessageRecord& message) {
    return !message.own;
}

}  // namespace

MessageListModel::MessageListModel(MessengerPort port, QObject* parent)
    : QAbstractListModel(parent), m_port(port) {
    m_flushTimer.setSingleShot(true);
    m_flushTimer.setInterval(std::chrono::milliseconds(8));
    connect(&m_flushTimer, &QTimer::timeout, this, &MessageListModel::flush);
    connect(m_port.messenger(), &Messenger::messageAdded, this,
            [this](const MessageRecord& message) { onMessage(message, true); });
    connect(m_port.messenger(), &Messenger::messageChanged, this,
            [this](const MessageRecord& message) { onMessage(message, false); });
}

void MessageListModel::begin(const ConversationId& conversation) {
    ++m_generation;
    m_conversation = conversation;
    m_loading = true;
    m_pending.clear();
}

void MessageListModel::open(const ConversationId& conversation, int unread) {
    begin(conversation);
    HistoryQuery query;
    query.conversation = conversation;
    query.limit = kPage;
    m_port.call(
        this, [query](Messenger& messenger) { return messenger.history(query); },
        [this, unread, generation = m_generation](std::vector<MessageRecord> page) {
            if (generation == m_generation) reset(std::move(page), unread);
        });
}

void MessageListModel::openAt(const GlobalEntryRef& message) {
    begin(message.conversation);
    struct Around {
        std::vector<MessageRecord> page;
        bool atBegin = true;
        bool atEnd = true;
    };
    const auto read = [message](Messenger& messenger) {
        Around around;
        HistoryQuery query;
        query.conversation = message.conversation;
        query.limit = kPage;
        const auto centre = messenger.message(message);
        if (!centre) {
            around.page = messenger.history(query);
            around.atBegin = around.page.size() < kPage;
            return around;
        }
        query.before = centre->cursor;
        around.page = messenger.history(query);
        around.atBegin = around.page.size() < kPage;
        around.page.push_back(*centre);
        query.before.reset();
        query.after = centre->cursor;
        auto newer = messenger.history(query);
        around.atEnd = newer.size() < kPage;
        std::move(newer.begin(), newer.end(), std::back_inserter(around.page));
        return around;
    };
    m_port.call(this, read, [this, entry = message.entry, generation = m_generation](Around around) {
        if (generation == m_generation)
            resetAround(std::move(around.page), around.atBegin, around.atEnd, entry);
    });
}

void MessageListModel::close() {
    ++m_generation;
    beginResetModel();
    m_conversation.reset();
    m_rows.clear();
    m_pending.clear();
    m_firstUnread.reset();
    m_loading = false;
    m_atBegin = m_atEnd = true;
    endResetModel();
}

void MessageListModel::reset(std::vector<MessageRecord> page, int unread) {
    beginResetModel();
    m_rows.clear();
    m_atBegin = page.size() < kPage;
    m_atEnd = true;
    m_loading = false;
    m_firstUnread.reset();
    for (auto it = page.rbegin(); it != page.rend() && unread > 0; ++it) {
        if (!isUnreadKind(*it)) continue;
        m_firstUnread = it->ref.entry;
        --unread;
    }
    for (auto& message : page) m_rows.push_back(MessageRow{std::move(message)});
    regroup();
    endResetModel();
    Q_EMIT opened(firstUnreadRow());
}

void MessageListModel::resetAround(std::vector<MessageRecord> page, bool atBegin, bool atEnd,
                                   const EntryRef& focus) {
    beginResetModel();
    m_rows.clear();
    m_firstUnread.reset();
    m_atBegin = atBegin;
    m_atEnd = atEnd;
    m_loading = false;
    for (auto& message : page) m_rows.push_back(MessageRow{std::move(message)});
    regroup();
    endResetModel();
    Q_EMIT opened(rowOf(focus));
}

void MessageListModel::loadOlder() {
    if (m_loading || m_atBegin || m_rows.empty()) return;
    m_loading = true;
    HistoryQuery query;
    query.conversation = *m_conversation;
    query.before = m_rows.front().message.cursor;
    query.limit = kPage;
    m_port.call(
        this, [query](Messenger& messenger) { return messenger.history(query); },
        [this, generation = m_generation](std::vector<MessageRecord> page) {
            if (generation == m_generation) prepend(std::move(page));
        });
}

void MessageListModel::loadNewer() {
    if (m_loading || m_atEnd || m_rows.empty()) return;
    m_loading = true;
    HistoryQuery query;
    query.conversation = *m_conversation;
    query.after = m_rows.back().message.cursor;
    query.limit = kPage;
    m_port.call(
        this, [query](Messenger& messenger) { return messenger.history(query); },
        [this, generation = m_generation](std::vector<MessageRecord> page) {
            if (generation == m_generation) append(std::move(page));
        });
}

void MessageListModel::askForPost() {
    if (!m_conversation) return;
    m_port.call(
        this,
        [conversation = *m_conversation](Messenger& messenger) { return messenger.postView(conversation); },
        [this, asked = m_conversation](const PostView& post) {
            if (m_conversation == asked) Q_EMIT postTold(post);
        });
}

void MessageListModel::prepend(std::vector<MessageRecord> page) {
    m_loading = false;
    m_atBegin = page.size() < kPage;
    if (page.empty()) return;
    Q_EMIT aboutToPage();
    beginInsertRows({}, 0, static_cast<int>(page.size()) - 1);
    for (auto it = page.rbegin(); it != page.rend(); ++it) m_rows.push_front(MessageRow{std::move(*it)});
    endInsertRows();
    trimBack();
    regroup();
    Q_EMIT paged();
}

void MessageListModel::append(std::vector<MessageRecord> page) {
    m_loading = false;
    m_atEnd = page.size() < kPage;
    if (page.empty()) return;
    Q_EMIT aboutToPage();
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(page.size()) - 1);
    for (auto& message : page) m_rows.push_back(MessageRow{std::move(message)});
    endInsertRows();
    trimFront();
    regroup();
    Q_EMIT paged();
}

void MessageListModel::trimFront() {
    const int excess = rowCount() - kMostRows;
    if (excess <= 0) return;
    beginRemoveRows({}, 0, excess - 1);
    m_rows.erase(m_rows.begin(), m_rows.begin() + excess);
    endRemoveRows();
    m_atBegin = false;
}

void MessageListModel::trimBack() {
    const int excess = rowCount() - kMostRows;
    if (excess <= 0) return;
    beginRemoveRows({}, kMostRows, rowCount() - 1);
    m_rows.erase(m_rows.end() - excess, m_rows.end());
    endRemoveRows();
    m_atEnd = false;
}

void MessageListModel::onMessage(const MessageRecord& message, bool added) {
    if (m_conversation != message.ref.conversation) return;
    m_pending.emplace_back(message, added);
    if (!m_flushTimer.isActive()) m_flushTimer.start();
}

void MessageListModel::flush() {
    if (m_loading) {
        m_flushTimer.start();
        return;
    }
    const auto pending = std::exchange(m_pending, {});
    if (m_atEnd && pending.size() > kReloadBeyond && rowCount() > 0) {
        open(*m_conversation, 0);
        return;
    }
    bool any = false;
    bool own = false;
    for (const auto& [message, added] : pending) {
        const bool isNew = added && rowOf(message.ref.entry) < 0;
        apply(message, added);
        any = any || isNew;
        own = own || (isNew && message.own);
    }
    if (m_atEnd && rowCount() > kMostRows + kPage) {
        Q_EMIT aboutToPage();
        trimFront();
        Q_EMIT paged();
    }
    // Who answers has seen what was new.
    if (own) m_firstUnread.reset();
    regroup();
    if (any) Q_EMIT arrived(own);
}

void MessageListModel::apply(const MessageRecord& message, bool added) {
    const int at = rowOf(message.ref.entry);
    if (at < 0) {
        if (added) insert(message);
        return;
    }
    auto& row = m_rows[static_cast<std::size_t>(at)];
    if (row.message.cursor == message.cursor) {
        row.message = message;
        Q_EMIT dataChanged(index(at), index(at));
        return;
    }
    beginRemoveRows({}, at, at);
    m_rows.erase(m_rows.begin() + at);
    endRemoveRows();
    insert(message);
}

void MessageListModel::insert(const MessageRecord& message) {
    const auto place = std::upper_bound(
        m_rows.begin(), m_rows.end(), message.cursor,
        [](const HistoryCursor& cursor, const MessageRow& row) { return cursor < row.message.cursor; });
    const bool belowWindow = place == m_rows.end() && !m_atEnd;
    const bool aboveWindow = place == m_rows.begin() && !m_atBegin && !m_rows.empty();
    if (belowWindow || aboveWindow) return;
    const int at = static_cast<int>(place - m_rows.begin());
    beginInsertRows({}, at, at);
    m_rows.insert(place, MessageRow{message});
    endInsertRows();
}

void MessageListModel::regroup() {
    const auto count = m_rows.size();
    for (std::size_t i = 0; i < count; ++i) {
        auto& row = m_rows[i];
        const MessageRecord* const previous = i > 0 ? &m_rows[i - 1].message : nullptr;
        const MessageRecord* const next = i + 1 < count ? &m_rows[i + 1].message : nullptr;
        const bool startsDay = !previous || dayOf(*previous) != dayOf(row.message);
        const bool startsUnread = m_firstUnread == row.message.ref.entry;
        const bool startsGroup = startsDay || startsUnread || !sameGroup(*previous, row.message);
        const bool endsGroup = !next || !sameGroup(row.message, *next) || m_firstUnread == next->ref.entry;
        if (row.startsDay == startsDay && row.startsUnread == startsUnread &&
            row.startsGroup == startsGroup && row.endsGroup == endsGroup)
            continue;
        row.startsDay = startsDay;
        row.startsUnread = startsUnread;
        row.startsGroup = startsGroup;
        row.endsGroup = endsGroup;
        const auto changed = index(static_cast<int>(i));
        Q_EMIT dataChanged(changed, changed);
    }
}

const MessageRow* MessageListModel::row(int index) const {
    if (index < 0 || index >= rowCount()) return nullptr;
    return &m_rows[static_cast<std::size_t>(index)];
}

int MessageListModel::rowOf(const EntryRef& entry) const {
    for (std::size_t i = m_rows.size(); i > 0; --i)
        if (m_rows[i - 1].message.ref.entry == entry) return static_cast<int>(i - 1);
    return -1;
}

int MessageListModel::firstUnreadRow() const {
    return m_firstUnread ? rowOf(*m_firstUnread) : -1;
}

std::optional<MessageRecord> MessageListModel::lastOwnText() const {
    for (auto it = m_rows.rbegin(); it != m_rows.rend(); ++it) {
        const auto& message = it->message;
        if (message.own && !message.deleted && message.kind == MessageKind::Text) return message;
    }
    return std::nullopt;
}

int MessageListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant MessageListModel::data(const QModelIndex& index, int role) const {
    const MessageRow* const found = row(index.row());
    if (!found) return {};
    switch (role) {
        case RowRole:
            return QVariant::fromValue(found);
        case Qt::DisplayRole:
            return found->message.file ? found->message.file->name : found->message.text;
        case Qt::AccessibleTextRole: {
            const QString time = clockTime(found->message.time);
            const QString author = found->message.own ? tr("You") : found->message.authorName;
            QString what = data(index, Qt::DisplayRole).toString();
            if (const auto& file = found->message.file) {
                const QString peer = found->message.own ? tr("the other side") : author;
                what += u", " + transferLine({*file, peer, true});
            }
            return tr("%1, %2: %3").arg(author, time, what);
        }
        default:
            return {};
    }
}

}  // namespace landline::app
