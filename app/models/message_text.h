#pragma once

#include "app/messenger/messenger.h"

#include <QString>

namespace landline::app {

/// One line that stands for a message in a list or a notification: its text, or what it is.
[[nodiscard]] QString previewText(const MessageRecord& message);

/// "14:32" today, "Mon" within a week, otherwise a short date.
[[nodiscard]] QString briefTime(qint64 unixMillis, const QDateTime& now);
/// The title of a day line: "Today", "Yesterday", the weekday, or the date.
[[nodiscard]] QString dayTitle(const QDate& day, const QDate& today);
/// The time of day as it stands in a bubble.
[[nodiscard]] QString clockTime(qint64 unixMillis);

/// "12.3 MB" or "40 MB", in the language of the user interface.
[[nodiscard]] QString byteText(quint64 bytes);

/// What stands below a person's name: "online", "typing…", "last seen …".
[[nodiscard]] QString presenceText(const PersonView& person, const QDateTime& now);
[[nodiscard]] QString presenceName(wire::Presence presence);

/// Why a message has the mark it has, for tooltips.
[[nodiscard]] QString stateText(const MessageRecord& message);
/// With what keeps one that is queued from being left at a relay.
[[nodiscard]] QString stateText(const MessageRecord& message, const PostView& post);

/// The name as people know it, or a placeholder where there is none.
[[nodiscard]] QString displayName(const PersonView& person);

}  // namespace landline::app
