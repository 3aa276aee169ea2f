#pragma once

#include "app/control/arguments.h"
#include "app/messenger/messenger.h"

/// How commands name people, messages and transfers. On the messenger's thread.
namespace landline::app::control {

/// By `who` or `to`: see Messenger::find.
[[nodiscard]] Expected<PersonView> personOf(Messenger& messenger, const Arguments& arguments);
/// By `message`.
[[nodiscard]] Expected<GlobalEntryRef> messageOf(Messenger& messenger, const Arguments& arguments);
/// By `transfer`: an id or the first 8 or more digits of one.
[[nodiscard]] Expected<TransferRecord> transferOf(Messenger& messenger, const Arguments& arguments);
/// By `relay`: see Messenger::findRelay; the only one where it is left out.
[[nodiscard]] Expected<RelayView> relayOf(Messenger& messenger, const Arguments& arguments);
/// By `text`, which may be empty: the messenger has a better sentence for that.
[[nodiscard]] Expected<QString> textOf(const Arguments& arguments);
/// True if a beacon of a device of that name or id was heard whose person is not known yet.
[[nodiscard]] bool isSighted(Messenger& messenger, const QString& who);

}  // namespace landline::app::control
