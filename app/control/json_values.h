#pragma once

#include "app/messenger/messenger.h"

#include <QJsonObject>
#include <QString>

/// The store's values as the objects that scripts read. Ids are lower-case hexadecimal, times unix
/// milliseconds.
namespace landline::app::control {

[[nodiscard]] QString hexOf(ByteView bytes);

/// `device`, `person`, `name`, `fingerprint`, `presence`, `status`, and `port` where the node listens.
[[nodiscard]] QJsonObject selfJson(const SelfView& self);
/// A line of `peers`. Its `device` and `address` are those of the device that was seen last.
[[nodiscard]] QJsonObject personJson(const PersonView& person);
/// A line of `peers` for a device whose person is not known yet: `person` is empty.
[[nodiscard]] QJsonObject sightedJson(const SightedDevice& device);
/// A line of `history` and `search`, and the fields of a `message` event.
[[nodiscard]] QJsonObject messageJson(const MessageRecord& message);
/// Adds to an own message that is queued why it can be left at no relay: `why`, a sentence, and `reason`, its name; nothing
/// where it can, or that is not known yet.
void addTrouble(QJsonObject& json, const MessageRecord& message, const PostView& post);
/// A line of `transfers`, but for `order`. `speed`, in bytes per second, and `seconds_left` where they are known.
[[nodiscard]] QJsonObject transferJson(const TransferRecord& transfer);

/// A line of `relay list`, and the fields of a `relay` event: `relay` is its URL without an invite. `text` says why it is not
/// connected, and `reason` names the refusal, where there is one.
[[nodiscard]] QJsonObject relayJson(const RelayView& relay);

[[nodiscard]] QString stateName(MessageState state);
[[nodiscard]] QString kindName(MessageKind kind);
[[nodiscard]] QString stateName(TransferState state);
[[nodiscard]] QString stateName(RelayState state);
[[nodiscard]] QString reasonName(wire::relay::Reason reason);
[[nodiscard]] QString reasonName(PostState state);
[[nodiscard]] QString pathName(Path path);
[[nodiscard]] QString presenceName(wire::Presence presence);
[[nodiscard]] QString standingName(timeline::Standing standing);
/// online, away, busy, invisible.
[[nodiscard]] std::optional<wire::Presence> presenceFromName(const QString& name);

/// True if a device of the other side holds the message.
[[nodiscard]] bool isDelivered(MessageState state);

}  // namespace landline::app::control
