#include "app/control/transfer_commands.h"

#include "app/control/json_values.h"
#include "app/control/lookups.h"
#include "p2p/base/limits.h"

#include <QHash>

#include <algorithm>
#include <cmath>
#include <map>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

Expected<Answer> answerOf(const Expected<void>& outcome, QJsonObject fields) {
    if (!outcome) return Unexpected(outcome.error());
    return Answer{{}, std::move(fields)};
}

// One transfer -----------------------------------------------------------------------------------------------------

bool isToBeFetched(const TransferRecord& transfer) {
    return transfer.incoming &&
           (transfer.state == TransferState::Queued || transfer.state == TransferState::Running ||
            transfer.state == TransferState::Paused);
}

/// From 1 on, of those that are to be fetched.
std::map<wire::TransferId, int> ordersOf(const std::vector<TransferRecord>& transfers) {
    std::vector<const TransferRecord*> line;
    for (const TransferRecord& transfer : transfers)
        if (isToBeFetched(transfer)) line.push_back(&transfer);
    std::sort(line.begin(), line.end(), [](const TransferRecord* a, const TransferRecord* b) {
        return std::tie(a->position, a->id) < std::tie(b->position, b->id);
    });
    std::map<wire::TransferId, int> orders;
    for (std::size_t i = 0; i < line.size(); ++i) orders.emplace(line[i]->id, static_cast<int>(i) + 1);
    return orders;
}

Expected<Answer> transfers(Messenger& messenger, const Arguments&) {
    Answer answer;
    const std::vector<TransferRecord> all = messenger.transfers();
    const std::map<wire::TransferId, int> orders = ordersOf(all);
    for (const TransferRecord& transfer : all) {
        QJsonObject line = transferJson(transfer);
        if (const auto order = orders.find(transfer.id); order != orders.end())
            line[u"order"_s] = order->second;
        answer.results.push_back(line);
    }
    return answer;
}

Expected<Answer> cancel(Messenger& messenger, const Arguments& arguments) {
    const Expected<TransferRecord> transfer = transferOf(messenger, arguments);
    if (!transfer) return Unexpected(transfer.error());
    return answerOf(messenger.cancelTransfer(transfer->id), {{u"transfer"_s, hexOf(transfer->id.view())}});
}

Expected<Answer> pause(Messenger& messenger, const Arguments& arguments) {
    const Expected<TransferRecord> transfer = transferOf(messenger, arguments);
    if (!transfer) return Unexpected(transfer.error());
    return answerOf(messenger.pauseTransfer(transfer->id), {{u"transfer"_s, hexOf(transfer->id.view())}});
}

Expected<Answer> move(Messenger& messenger, const Arguments& arguments, TransferMove where) {
    const Expected<TransferRecord> transfer = transferOf(messenger, arguments);
    if (!transfer) return Unexpected(transfer.error());
    if (const auto moved = messenger.moveTransfer(transfer->id, where); !moved)
        return Unexpected(moved.error());
    const std::map<wire::TransferId, int> orders = ordersOf(messenger.transfers());
    const auto order = orders.find(transfer->id);
    return Answer{{},
                  {{u"transfer"_s, hexOf(transfer->id.view())},
                   {u"order"_s, order == orders.end() ? 0 : order->second}}};
}
Expected<Answer> moveFirst(Messenger& messenger, const Arguments& arguments) {
    return move(messenger, arguments, TransferMove::First);
}
Expected<Answer> moveUp(Messenger& messenger, const Arguments& arguments) {
    return move(messenger, arguments, TransferMove::Up);
}
Expected<Answer> moveDown(Messenger& messenger, const Arguments& arguments) {
    return move(messenger, arguments, TransferMove::Down);
}
Expected<Answer> moveLast(Messenger& messenger, const Arguments& arguments) {
    return move(messenger, arguments, TransferMove::Last);
}

// All of them ------------------------------------------------------------------------------------------------------

/// What is not given stays as it is.
Expected<Answer> limitsCommand(Messenger& messenger, const Arguments& arguments) {
    const TransferLimits before = messenger.transferLimits();
    TransferLimits wanted = before;
    for (const QLatin1String key : {"up"_L1, "down"_L1, "at_once"_L1}) {
        const Expected<std::optional<double>> number = arguments.number(key);
        if (!number) return Unexpected(number.error());
        if (!number->has_value()) continue;
        const double value = std::min(**number, static_cast<double>(limits::kOfferBytes));
        if (key == "up"_L1) wanted.sending = static_cast<quint64>(value);
        if (key == "down"_L1) wanted.receiving = static_cast<quint64>(value);
        if (key == "at_once"_L1)
            wanted.atOnce = static_cast<int>(std::min(value, double{limits::kMostFetchesAtOnce} + 1));
    }
    if (wanted != before)
        if (const auto set = messenger.setTransferLimits(wanted); !set) return Unexpected(set.error());
    return Answer{{},
                  {{u"up"_s, static_cast<qint64>(wanted.sending)},
                   {u"down"_s, static_cast<qint64>(wanted.receiving)},
                   {u"at_once"_s, wanted.atOnce}}};
}

QJsonObject ruleJson(const PersonRecord& person, const std::optional<AlwaysAccept>& rule) {
    QJsonObject json{
        {u"person"_s, hexOf(person.id.view())}, {u"name"_s, person.name}, {u"always"_s, rule.has_value()}};
    if (!rule) return json;
    json[u"folder"_s] = rule->folder;
    json[u"quota"_s] = static_cast<qint64>(rule->quota);
    json[u"used"_s] = static_cast<qint64>(rule->used);
    return json;
}

Answer allRules(Messenger& messenger) {
    Answer answer;
    for (const PersonView& person : messenger.people())
        if (const auto rule = messenger.alwaysAccept(person.record.id))
            answer.results.push_back(ruleJson(person.record, rule));
    return answer;
}

/// Without a person all rules; with one alone that person's; otherwise it is set or ended.
Expected<Answer> alwaysAccept(Messenger& messenger, const Arguments& arguments) {
    const Expected<std::optional<QString>> who = arguments.optionalText("who"_L1);
    if (!who) return Unexpected(who.error());
    if (!who->has_value()) return allRules(messenger);
    const Expected<PersonView> person = personOf(messenger, arguments);
    if (!person) return Unexpected(person.error());
    const Expected<std::optional<QString>> folder = arguments.optionalText("folder"_L1);
    if (!folder) return Unexpected(folder.error());
    const Expected<std::optional<double>> quota = arguments.number("quota"_L1);
    if (!quota) return Unexpected(quota.error());
    const Expected<bool> off = arguments.flag("off"_L1);
    if (!off) return Unexpected(off.error());
    const PersonId& id = person->record.id;
    const auto rule = messenger.alwaysAccept(id);
    if (*off && (folder->has_value() || quota->has_value()))
        return Unexpected(ErrorCode::InvalidArgument, "Either a folder and a quota, or --off.");
    if (!folder->has_value() && quota->has_value() && !rule)
        return Unexpected(ErrorCode::InvalidArgument, "Into which folder? Name one.");
    Expected<void> done;
    if (*off) {
        done = messenger.endAlwaysAccept(id);
    } else if (folder->has_value() || quota->has_value()) {
        quint64 bytes = rule ? rule->quota : 0;
        if (quota->has_value())
            bytes =
                static_cast<quint64>(std::ceil(std::min(**quota, static_cast<double>(limits::kOfferBytes))));
        done = messenger.setAlwaysAccept(id, folder->has_value() ? **folder : rule->folder, bytes);
    }
    if (!done) return Unexpected(done.error());
    return Answer{{}, ruleJson(person->record, messenger.alwaysAccept(id))};
}

}  // namespace

SimpleCommand transferCommand(const QString& name) {
    static const QHash<QString, SimpleCommand> kCommands{{u"transfers"_s, transfers},
                                                         {u"cancel"_s, cancel},
                                                         {u"pause"_s, pause},
                                                         {u"transfer-limits"_s, limitsCommand},
                                                         {u"transfer-first"_s, moveFirst},
                                                         {u"transfer-up"_s, moveUp},
                                                         {u"transfer-down"_s, moveDown},
                                                         {u"transfer-last"_s, moveLast},
                                                         {u"always-accept"_s, alwaysAccept}};
    return kCommands.value(name, nullptr);
}

}  // namespace landline::app::control
