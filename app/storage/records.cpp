#include "app/storage/records.h"

#include <limits>
#include <tuple>

namespace landline::app {

TransferSection sectionOf(TransferState state) {
    switch (state) {
        case TransferState::Running:
            return TransferSection::Running;
        case TransferState::Offered:
        case TransferState::Queued:
        case TransferState::Paused:
            return TransferSection::Waiting;
        case TransferState::Done:
        case TransferState::Failed:
        case TransferState::Cancelled:
            return TransferSection::Ended;
    }
    return TransferSection::Ended;
}

TransferCursor cursorOf(const TransferRecord& transfer) {
    const bool queued = transfer.state == TransferState::Queued;
    return {sectionOf(transfer.state), queued ? transfer.position : std::numeric_limits<qint64>::max(),
            transfer.updated, transfer.id};
}

bool operator<(const TransferCursor& a, const TransferCursor& b) {
    return std::tie(a.section, a.position, b.updated, a.id) <
           std::tie(b.section, b.position, a.updated, b.id);
}

QString messageId(const GlobalEntryRef& ref) {
    const auto hex = [](ByteView bytes) { return QString::fromStdString(toHex(bytes)); };
    return hex(ref.conversation.view().first(4)) + u'-' + hex(ref.entry.author.view().first(8)) + u'-' +
           QString::number(ref.entry.number);
}

}  // namespace landline::app
