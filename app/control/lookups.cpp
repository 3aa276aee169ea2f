#include "app/control/lookups.h"

#include "app/control/json_values.h"

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

Expected<PersonView> personOf(Messenger& messenger, const Arguments& arguments) {
    const Expected<QString> who = arguments.who();
    if (!who) return Unexpected(who.error());
    return messenger.find(*who);
}

Expected<GlobalEntryRef> messageOf(Messenger& messenger, const Arguments& arguments) {
    const Expected<QString> id = arguments.text("message"_L1);
    if (!id) return Unexpected(id.error());
    return messenger.findMessage(*id);
}

Expected<TransferRecord> transferOf(Messenger& messenger, const Arguments& arguments) {
    const Expected<QString> id = arguments.text("transfer"_L1);
    if (!id) return Unexpected(id.error());
    std::vector<TransferRecord> found;
    for (TransferRecord& transfer : messenger.transfers()) {
        if (id->size() >= 8 && hexOf(transfer.id.view()).startsWith(id->toLower())) {
            found.push_back(std::move(transfer));
        }
    }
    if (found.empty()) {
        return Unexpected(ErrorCode::NotFound, "No transfer has the id \"" + id->toStdString() + "\".");
    }
    if (found.size() > 1) {
        return Unexpected(ErrorCode::Ambiguous,
                          "Several transfers begin with \"" + id->toStdString() + "\": give more of the id.");
    }
    return found.front();
}

Expected<RelayView> relayOf(Messenger& messenger, const Arguments& arguments) {
    const Expected<std::optional<QString>> which = arguments.optionalText("relay"_L1);
    if (!which) return Unexpected(which.error());
    if (*which) return messenger.findRelay(**which);
    const std::vector<RelayView> relays = messenger.relays();
    if (relays.empty())
        return Unexpected(ErrorCode::NotFound, "You use no relay. “relay add” adds one, with its URL.");
    if (relays.size() > 1)
        return Unexpected(ErrorCode::Ambiguous, "You use several relays. Name the one that is meant, as “relay list” does.");
    return relays.front();
}

Expected<QString> textOf(const Arguments& arguments) {
    const Expected<std::optional<QString>> text = arguments.optionalText("text"_L1);
    if (!text) return Unexpected(text.error());
    return text->has_value() ? Expected<QString>(**text) : arguments.text("text"_L1);
}

bool isSighted(Messenger& messenger, const QString& who) {
    for (const SightedDevice& device : messenger.unknownDevices()) {
        if (device.name == who) return true;
        if (who.size() >= 8 && hexOf(device.device.view()).startsWith(who.toLower())) return true;
    }
    return false;
}

}  // namespace landline::app::control
