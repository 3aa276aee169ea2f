#include "app/storage/records.h"

namespace landline::app {

QString messageId(const GlobalEntryRef& ref) {
    const auto hex = [](ByteView bytes) { return QString::fromStdString(toHex(bytes)); };
    return hex(ref.conversation.view().first(4)) + u'-' + hex(ref.entry.author.view().first(8)) + u'-' +
           QString::number(ref.entry.number);
}

}  // namespace landline::app
