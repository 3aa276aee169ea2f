#include "app/control/json_values.h"

#include "app/messenger/relay_text.h"
#include "p2p/identity/safety_number.h"

#include <QJsonArray>

#include <algorithm>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

qint64 jsonNumber(quint64 value) {
    return static_cast<qint64>(value);
}

QJsonArray devicesJson(const std::vector<DeviceRecord>& devices) {
    QJsonArray list;
    for (const DeviceRecord& device : devices) {
        list.append(QJsonObject{{u"device"_s, hexOf(device.id.view())},
                                {u"address"_s, device.address},
                                {u"seen"_s, device.lastSeen}});
    }
    return list;
}

QJsonArray reactionsJson(const std::vector<ReactionRecord>& reactions) {
    QJsonArray list;
    for (const ReactionRecord& reaction : reactions) {
        QJsonArray persons;
        for (const PersonId& person : reaction.persons) persons.append(hexOf(person.view()));
        list.append(QJsonObject{{u"emoji"_s, reaction.emoji}, {u"persons"_s, persons}});
    }
    return list;
}

}  // namespace

QString hexOf(ByteView bytes) {
    return QString::fromStdString(toHex(bytes));
}

QJsonObject selfJson(const SelfView& self) {
    QJsonObject json{{u"device"_s, hexOf(self.device.view())},
                     {u"person"_s, hexOf(self.person.view())},
                     {u"name"_s, self.name},
                     {u"fingerprint"_s, QString::fromStdString(identity::fingerprint(self.person.view()))},
                     {u"presence"_s, presenceName(self.presence)},
                     {u"status"_s, self.statusText}};
    if (self.port != 0) json[u"port"_s] = self.port;
    return json;
}

QJsonObject personJson(const PersonView& person) {
    const std::vector<DeviceRecord>& devices = person.record.devices;
    const auto latest = std::max_element(
        devices.begin(), devices.end(),
        [](const DeviceRecord& a, const DeviceRecord& b) { return a.lastSeen < b.lastSeen; });
    QString address = person.address;
    if (address.isEmpty() && latest != devices.end()) address = latest->address;
    return {{u"name"_s, person.record.name},
            {u"person"_s, hexOf(person.record.id.view())},
            {u"device"_s, latest == devices.end() ? QString() : hexOf(latest->id.view())},
            {u"address"_s, address},
            {u"online"_s, person.online},
            {u"verified"_s, person.record.verified},
            {u"path"_s, pathName(person.path)},
            {u"standing"_s, standingName(person.record.standing)},
            {u"presence"_s, presenceName(person.presence)},
            {u"status"_s, person.statusText},
            {u"unread"_s, person.unread},
            {u"name_clash"_s, person.nameClash},
            {u"conversation"_s, hexOf(person.conversation.view())},
            {u"devices"_s, devicesJson(devices)}};
}

QJsonObject sightedJson(const SightedDevice& device) {
    const QString id = hexOf(device.device.view());
    return {{u"name"_s, device.name},
            {u"person"_s, QString()},
            {u"device"_s, id},
            {u"address"_s, device.address},
            {u"online"_s, true},
            {u"verified"_s, false},
            {u"path"_s, u"none"_s},
            {u"standing"_s, u"sighted"_s},
            {u"devices"_s, QJsonArray{QJsonObject{{u"device"_s, id}, {u"address"_s, device.address}}}}};
}

QJsonObject messageJson(const MessageRecord& message) {
    QJsonObject json{{u"message"_s, messageId(message.ref)},
                     {u"conversation"_s, hexOf(message.ref.conversation.view())},
                     {u"author"_s, hexOf(message.person.view())},
                     {u"name"_s, message.authorName},
                     {u"device"_s, hexOf(message.ref.entry.author.view())},
                     {u"number"_s, jsonNumber(message.ref.entry.number)},
                     {u"own"_s, message.own},
                     {u"time"_s, message.time},
                     {u"kind"_s, kindName(message.kind)},
                     {u"text"_s, message.text},
                     {u"state"_s, stateName(message.state)},
                     {u"edited"_s, message.edited},
                     {u"deleted"_s, message.deleted}};
    if (message.state == MessageState::Held) json[u"held_until"_s] = message.heldUntil;
    if (message.disputed) json[u"disputed"_s] = true;
    if (message.replyTo) {
        json[u"reply_to"_s] = messageId({message.ref.conversation, *message.replyTo});
        json[u"reply_text"_s] = message.replyText;
    }
    if (!message.reactions.empty()) json[u"reactions"_s] = reactionsJson(message.reactions);
    if (message.file) json[u"file"_s] = transferJson(*message.file);
    return json;
}

void addTrouble(QJsonObject& json, const MessageRecord& message, const PostView& post) {
    if (!message.own || message.state != MessageState::Queued || !post.isBlocked()) return;
    json[u"reason"_s] = reasonName(post.state);
    json[u"why"_s] = postTrouble(post);
}

QJsonObject transferJson(const TransferRecord& transfer) {
    QJsonObject json{{u"transfer"_s, hexOf(transfer.id.view())},
                     {u"message"_s, messageId(transfer.offer)},
                     {u"person"_s, hexOf(transfer.person.view())},
                     {u"incoming"_s, transfer.incoming},
                     {u"name"_s, transfer.name},
                     {u"size"_s, jsonNumber(transfer.size)},
                     {u"bytes"_s, jsonNumber(transfer.done)},
                     {u"state"_s, stateName(transfer.state)},
                     {u"path"_s, transfer.path}};
    if (!transfer.error.isEmpty()) json[u"error"_s] = transfer.error;
    if (transfer.automatic) json[u"unasked"_s] = true;
    if (transfer.state == TransferState::Running && transfer.speed != 0) {
        json[u"speed"_s] = jsonNumber(transfer.speed);
        json[u"seconds_left"_s] =
            jsonNumber((transfer.size - std::min(transfer.size, transfer.done)) / transfer.speed);
    }
    return json;
}

QJsonObject relayJson(const RelayView& relay) {
    QJsonObject json{{u"relay"_s, relay.url},
                     {u"address"_s, relay.address},
                     {u"key"_s, hexOf(relay.key.view())},
                     {u"connected"_s, relay.state == RelayState::Connected},
                     {u"state"_s, stateName(relay.state)}};
    if (relay.state == RelayState::Connected) {
        json[u"used"_s] = jsonNumber(relay.used);
        json[u"quota"_s] = jsonNumber(relay.quota);
        json[u"life"_s] = relay.life;
        json[u"directory"_s] = relay.hasDirectory;
    }
    json[u"listed"_s] = relay.listing == Listing::Asked || relay.listing == Listing::Listed;
    if (relay.listing == Listing::Asked || relay.listing == Listing::Ending) json[u"listing_pending"_s] = true;
    if (!relay.text.isEmpty()) json[u"text"_s] = relay.text;
    if (relay.reason) json[u"reason"_s] = reasonName(*relay.reason);
    if (relay.again != 0) json[u"again"_s] = relay.again;
    return json;
}

QString stateName(MessageState state) {
    switch (state) {
        case MessageState::Queued:
            return u"queued"_s;
        case MessageState::Held:
            return u"held"_s;
        case MessageState::Delivered:
            return u"delivered"_s;
        case MessageState::Read:
            return u"read"_s;
        case MessageState::Failed:
            return u"failed"_s;
        case MessageState::Received:
            return u"received"_s;
    }
    return u"failed"_s;
}

QString kindName(MessageKind kind) {
    switch (kind) {
        case MessageKind::Text:
            return u"text"_s;
        case MessageKind::File:
            return u"file"_s;
        case MessageKind::Unsupported:
            return u"unsupported"_s;
    }
    return u"unsupported"_s;
}

QString stateName(TransferState state) {
    switch (state) {
        case TransferState::Offered:
            return u"offered"_s;
        case TransferState::Queued:
            return u"queued"_s;
        case TransferState::Running:
            return u"running"_s;
        case TransferState::Paused:
            return u"paused"_s;
        case TransferState::Done:
            return u"done"_s;
        case TransferState::Failed:
            return u"failed"_s;
        case TransferState::Cancelled:
            return u"cancelled"_s;
    }
    return u"failed"_s;
}

QString stateName(RelayState state) {
    switch (state) {
        case RelayState::Connecting:
            return u"connecting"_s;
        case RelayState::Connected:
            return u"connected"_s;
        case RelayState::Waiting:
            return u"waiting"_s;
        case RelayState::ShutOut:
            return u"shut-out"_s;
        case RelayState::WrongKey:
            return u"wrong-key"_s;
    }
    return u"waiting"_s;
}

QString reasonName(wire::relay::Reason reason) {
    using wire::relay::Reason;
    switch (reason) {
        case Reason::Unknown:
            return u"unknown"_s;
        case Reason::NoAccount:
            return u"no-account"_s;
        case Reason::BadInvite:
            return u"bad-invite"_s;
        case Reason::InviteUsed:
            return u"invite-used"_s;
        case Reason::InviteExpired:
            return u"invite-expired"_s;
        case Reason::Revoked:
            return u"revoked"_s;
        case Reason::NoMailbox:
            return u"no-mailbox"_s;
        case Reason::Full:
            return u"full"_s;
        case Reason::OldPrekey:
            return u"old-prekey"_s;
        case Reason::NoPrekey:
            return u"no-prekey"_s;
        case Reason::OtherEpoch:
            return u"other-epoch"_s;
        case Reason::OldCounter:
            return u"old-counter"_s;
        case Reason::TooLarge:
            return u"too-large"_s;
        case Reason::TooMany:
            return u"too-many"_s;
        case Reason::Future:
            return u"future"_s;
        case Reason::Busy:
            return u"busy"_s;
        case Reason::TooFast:
            return u"too-fast"_s;
        case Reason::Storage:
            return u"storage"_s;
        case Reason::Invalid:
            return u"invalid"_s;
        case Reason::Unsupported:
            return u"unsupported"_s;
    }
    return u"unknown"_s;
}

QString reasonName(PostState state) {
    switch (state) {
        case PostState::NoRelay:
            return u"no-relay"_s;
        case PostState::Unreachable:
            return u"unreachable"_s;
        case PostState::ShutOut:
            return u"shut-out"_s;
        case PostState::Refused:
            return u"refused"_s;
        case PostState::NoPrekey:
            return u"no-prekey"_s;
        case PostState::NoMailbox:
            return u"no-mailbox"_s;
        case PostState::Full:
            return u"full"_s;
        case PostState::Unknown:
            return u"unknown"_s;
        case PostState::Ready:
            return u"none"_s;
    }
    return u"unknown"_s;
}

QString pathName(Path path) {
    switch (path) {
        case Path::None:
            return u"none"_s;
        case Path::Direct:
            return u"direct"_s;
        case Path::Relay:
            return u"relay"_s;
    }
    return u"none"_s;
}

QString presenceName(wire::Presence presence) {
    switch (presence) {
        case wire::Presence::Unknown:
            return u"unknown"_s;
        case wire::Presence::Online:
            return u"online"_s;
        case wire::Presence::Away:
            return u"away"_s;
        case wire::Presence::Busy:
            return u"busy"_s;
        case wire::Presence::Offline:
            return u"offline"_s;
    }
    return u"unknown"_s;
}

QString standingName(timeline::Standing standing) {
    switch (standing) {
        case timeline::Standing::Stranger:
            return u"stranger"_s;
        case timeline::Standing::Accepted:
            return u"accepted"_s;
        case timeline::Standing::Ignored:
            return u"ignored"_s;
        case timeline::Standing::Blocked:
            return u"blocked"_s;
    }
    return u"stranger"_s;
}

std::optional<wire::Presence> presenceFromName(const QString& name) {
    if (name == "online"_L1) return wire::Presence::Online;
    if (name == "away"_L1) return wire::Presence::Away;
    if (name == "busy"_L1) return wire::Presence::Busy;
    if (name == "invisible"_L1) return wire::Presence::Offline;
    return std::nullopt;
}

bool isDelivered(MessageState state) {
    return state == MessageState::Delivered || state == MessageState::Read;
}

}  // namespace landline::app::control
