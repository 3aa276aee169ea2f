#pragma once

#include "p2p/base/ids.h"
#include "p2p/timeline/timeline_store.h"
#include "p2p/wire/messages.h"

#include <QDateTime>
#include <QMetaType>
#include <QString>

#include <optional>
#include <vector>

/// What the store's views give: plain values, copied across threads.
namespace landline::app {

/// Of an own message: how far it has come. Of another's: Received.
enum class MessageState {
    Queued,  ///< stored here, held by no device of the other person yet
    Held,    ///< the same, but relays hold it for every other member who lacks it (MessageRecord::heldUntil)
    Delivered,  ///< a device of every other member has committed it
    Read,       ///< every other member's person has read it
    Failed,
    Received,
};

enum class MessageKind { Text, File, Unsupported };

/// File transfers as a person sees them.
enum class TransferState { Offered, Queued, Running, Paused, Done, Failed, Cancelled };
/// What a fetch under way is doing.
enum class FetchStage {
    Waiting,    ///< for a connection
    Comparing,  ///< what is held with what the sender has
    Fetching,
    HeldBack,  ///< the sender has paused
};
/// The parts of the list of transfers, in their order.
enum class TransferSection { Running, Waiting, Ended };
[[nodiscard]] TransferSection sectionOf(TransferState state);

struct TransferRecord {
    wire::TransferId id;
    GlobalEntryRef offer;
    PersonId person;  ///< the other side
    bool incoming = false;
    QString name;
    quint64 size = 0;
    quint64 done = 0;
    TransferState state = TransferState::Offered;
    QString path;               ///< source, or where it was saved
    QString error;              ///< also of an offer that was not taken unasked: why it waits
    qint64 updated = 0;         ///< unix milliseconds
    qint64 position = 0;        ///< in the order of what is to be fetched: lower ones first; 0: none
    bool automatic = false;     ///< taken unasked (AlwaysAccept)
    bool waitsForRoom = false;  ///< Paused by a full disk: goes on by itself once there is room
    quint64 speed = 0;          ///< bytes per second while it runs; not stored
    quint32 items = 0;          ///< files and folders of a bundle; 0 for a single file
    quint32 missing = 0;        ///< of those the ones that did not come
    FetchStage stage = FetchStage::Fetching;  ///< of what runs and is incoming; not stored
};

/// Bounds on all transfers together.
struct TransferLimits {
    quint64 sending = 0;    ///< bytes per second; 0: none
    quint64 receiving = 0;  ///< the same
    int atOnce = 3;         ///< so many are fetched at the same time; others wait in their order
    friend bool operator==(const TransferLimits&, const TransferLimits&) = default;
};
enum class TransferMove { First, Up, Down, Last };

/// A person whose files are taken unasked, and where they go.
struct AlwaysAccept {
    PersonId person;
    QString folder;
    quint64 quota = 0;  ///< bytes that are taken so in a day; 0: any number
    quint64 used = 0;   ///< bytes that have come so on `day`
    qint64 day = 0;     ///< as QDate::toJulianDay
};

/// A place in the list of transfers: by section; within it what is queued by its position, the others behind it, the
/// latest changed first.
struct TransferCursor {
    TransferSection section = TransferSection::Running;
    qint64 position = 0;
    qint64 updated = 0;
    wire::TransferId id;
};
[[nodiscard]] TransferCursor cursorOf(const TransferRecord& transfer);
/// Whether `a` stands before `b`.
[[nodiscard]] bool operator<(const TransferCursor& a, const TransferCursor& b);

struct TransferQuery {
    std::optional<TransferCursor> after;  ///< exclusive; without it from the beginning
    int limit = 100;
};

struct ReactionRecord {
    QString emoji;
    std::vector<PersonId> persons;
};

/// A position in a conversation's order (PROTOCOL.md, "Order").
struct HistoryCursor {
    timeline::HybridTime order = 0;
    DeviceId author;
    EntryNumber number = 0;
    friend auto operator<=>(const HistoryCursor&, const HistoryCursor&) = default;
};

struct MessageRecord {
    GlobalEntryRef ref;
    PersonId person;  ///< the author's person
    QString authorName;
    bool own = false;
    HistoryCursor cursor;
    qint64 time = 0;  ///< unix milliseconds, as the author's clock had it
    MessageKind kind = MessageKind::Text;
    QString text;  ///< after edits; empty if deleted
    bool edited = false;
    bool deleted = false;
    bool disputed = false;  ///< beyond the end of a forked timeline
    std::optional<EntryRef> replyTo;
    QString replyAuthor;  ///< of the message replied to, where it is held
    QString replyText;
    std::vector<ReactionRecord> reactions;
    std::optional<TransferRecord> file;
    MessageState state = MessageState::Received;
    qint64 heldUntil = 0;  ///< with Held, unix milliseconds: the first of the relays gives it up then
};

struct HistoryQuery {
    ConversationId conversation;
    std::optional<HistoryCursor> before;  ///< exclusive; with neither, the newest
    std::optional<HistoryCursor> after;   ///< exclusive
    std::optional<qint64> beforeTime;     ///< unix milliseconds
    int limit = 100;
};

struct SearchQuery {
    QString words;  ///< all must occur; the last one may be a prefix
    std::optional<ConversationId> in;
    std::optional<PersonId> from;
    std::optional<qint64> since;  ///< unix milliseconds, inclusive
    std::optional<qint64> until;  ///< exclusive
    int limit = 50;
};

struct DeviceRecord {
    DeviceId id;
    NoiseKey noiseKey;
    QString address;  ///< last reached at, "HOST:PORT"; empty if never
    qint64 lastSeen = 0;
};

struct PersonRecord {
    PersonId id;
    QString name;
    bool self = false;
    timeline::Standing standing = timeline::Standing::Stranger;
    bool verified = false;
    std::vector<DeviceRecord> devices;
};

/// How far a person has come in one author's timeline.
struct PersonMark {
    EntryNumber number = 0;  ///< highest held by one of the person's devices
    EntryNumber read = 0;
};

struct ConversationRecord {
    ConversationId id;
    PersonId person;  ///< the other member of a direct conversation (self: notes to self)
    int unread = 0;
    std::optional<MessageRecord> last;
};

/// The name of a message for scripts and people: the first 4 bytes of the conversation, the first 8 of the author's
/// device, and the number: "9f0c1a2b-0123456789abcdef-42".
[[nodiscard]] QString messageId(const GlobalEntryRef& ref);

}  // namespace landline::app
