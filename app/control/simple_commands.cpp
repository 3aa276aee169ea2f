#include "app/control/simple_commands.h"

#include "app/control/json_values.h"
#include "app/control/lookups.h"
#include "app/control/transfer_commands.h"
#include "p2p/base/limits.h"
#include "p2p/identity/contact_link.h"
#include "p2p/identity/safety_number.h"

#include <QHash>
#include <QJsonArray>

#include <algorithm>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kMostResults = 100'000;

Expected<Answer> answered(const Expected<void>& outcome, QJsonObject fields = {}) {
    if (!outcome) return Unexpected(outcome.error());
    return Answer{{}, std::move(fields)};
}

// Self
// --------------------------------------------------------------------------------------------------------------

Expected<Answer> id(Messenger& messenger, const Arguments&) {
    return Answer{{}, selfJson(messenger.self())};
}

Expected<Answer> name(Messenger& messenger, const Arguments& arguments) {
    const Expected<QString> wanted = arguments.text("name"_L1);
    if (!wanted) return Unexpected(wanted.error());
    const Expected<void> outcome = messenger.setName(*wanted);
    if (!outcome) return Unexpected(outcome.error());
    return id(messenger, arguments);
}

Expected<Answer> presence(Messenger& messenger, const Arguments& arguments) {
    const Expected<QString> state = arguments.text("state"_L1);
    if (!state) return Unexpected(state.error());
    const Expected<std::optional<QString>> text = arguments.optionalText("text"_L1);
    if (!text) return Unexpected(text.error());
    const std::optional<wire::Presence> wanted = presenceFromName(*state);
    if (!wanted) {
        return Unexpected(ErrorCode::InvalidArgument, "Presence is one of: online, away, busy, invisible.");
    }
    return answered(messenger.setPresence(*wanted, text->value_or(QString())), {{u"presence"_s, *state}});
}

Expected<Answer> contactLink(Messenger& messenger, const Arguments& arguments) {
    const Expected<bool> isNew = arguments.flag("new"_L1);
    if (!isNew) return Unexpected(isNew.error());
    const Expected<QString> made = *isNew ? messenger.newContactLink() : Expected<QString>(messenger.contactLink());
    if (!made) return Unexpected(made.error());
    const SelfView self = messenger.self();
    QJsonObject fields{{u"link"_s, *made},
                       {u"person"_s, hexOf(self.person.view())},
                       {u"device"_s, hexOf(self.device.view())},
                       {u"name"_s, self.name}};
    if (self.port != 0) fields[u"port"_s] = self.port;
    QJsonArray relays;
    if (const auto link = identity::parseContactLink(fields.value("link"_L1).toString().toStdString()))
        for (const identity::RelayGrant& grant : link->relays)
            relays.append(QString::fromStdString(grant.relay.address()));
    fields[u"relays"_s] = relays;
    return Answer{{}, fields};
}

// Relays
// -----------------------------------------------------------------------------------------------------------

Expected<Answer> removeRelay(Messenger& messenger, const Arguments& arguments) {
    const Expected<QString> which = arguments.text("relay"_L1);
    if (!which) return Unexpected(which.error());
    const Expected<RelayView> relay = messenger.findRelay(*which);
    if (!relay) return Unexpected(relay.error());
    return answered(messenger.removeRelay(relay->key), {{u"relay"_s, relay->url},
                                                        {u"address"_s, relay->address},
                                                        {u"connected"_s, false},
                                                        {u"removed"_s, true}});
}

// People
// ------------------------------------------------------------------------------------------------------------

Answer standingAnswer(const PersonRecord& person, timeline::Standing standing) {
    return {{},
            {{u"person"_s, hexOf(person.id.view())},
             {u"name"_s, person.name},
             {u"standing"_s, standingName(standing)}}};
}

Expected<Answer> setStanding(Messenger& messenger, const Arguments& arguments, timeline::Standing standing) {
    const Expected<PersonView> person = personOf(messenger, arguments);
    if (!person) return Unexpected(person.error());
    if (person->record.self) {
        return Unexpected(ErrorCode::InvalidArgument, "That is you: name somebody else.");
    }
    const Expected<void> outcome = messenger.setStanding(person->record.id, standing);
    if (!outcome) return Unexpected(outcome.error());
    return standingAnswer(person->record, standing);
}

Expected<Answer> allow(Messenger& messenger, const Arguments& arguments) {
    return setStanding(messenger, arguments, timeline::Standing::Accepted);
}
Expected<Answer> ignore(Messenger& messenger, const Arguments& arguments) {
    return setStanding(messenger, arguments, timeline::Standing::Ignored);
}
/// With a new contact link where the person had come by the one of before.
Expected<Answer> block(Messenger& messenger, const Arguments& arguments) {
    bool isRenewed = false;
    const QMetaObject::Connection renewed = QObject::connect(
        &messenger, &Messenger::contactLinkRenewed, &messenger, [&isRenewed] { isRenewed = true; });
    Expected<Answer> answer = setStanding(messenger, arguments, timeline::Standing::Blocked);
    QObject::disconnect(renewed);
    if (answer && isRenewed) answer->fields[u"link"_s] = messenger.contactLink();
    return answer;
}

/// A person who was blocked is again what they were before.
Expected<Answer> unblock(Messenger& messenger, const Arguments& arguments) {
    const Expected<PersonView> person = personOf(messenger, arguments);
    if (!person) return Unexpected(person.error());
    if (person->record.standing != timeline::Standing::Blocked) {
        return Unexpected(ErrorCode::InvalidArgument,
                          person->record.name.toStdString() + " is not blocked: nothing to do.");
    }
    if (const Expected<void> outcome = messenger.unblock(person->record.id); !outcome)
        return Unexpected(outcome.error());
    const Expected<PersonView> now = personOf(messenger, arguments);
    if (!now) return Unexpected(now.error());
    return standingAnswer(now->record, now->record.standing);
}

/// Strangers who have written.
Expected<Answer> requests(Messenger& messenger, const Arguments&) {
    Answer answer;
    for (const PersonView& person : messenger.people()) {
        if (person.record.self || person.record.standing != timeline::Standing::Stranger || !person.last)
            continue;
        QJsonObject line = personJson(person);
        line[u"text"_s] = person.last->text;
        line[u"time"_s] = person.last->time;
        answer.results.push_back(line);
    }
    return answer;
}

Expected<Answer> verify(Messenger& messenger, const Arguments& arguments) {
    const Expected<PersonView> person = personOf(messenger, arguments);
    if (!person) return Unexpected(person.error());
    const Expected<bool> confirm = arguments.flag("confirm"_L1);
    if (!confirm) return Unexpected(confirm.error());
    const Expected<bool> withdraw = arguments.flag("withdraw"_L1);
    if (!withdraw) return Unexpected(withdraw.error());
    if (person->record.self) {
        return Unexpected(ErrorCode::InvalidArgument, "That is you: name somebody else.");
    }
    if (*confirm && *withdraw) {
        return Unexpected(ErrorCode::InvalidArgument, "Either confirm or withdraw, not both.");
    }
    const PersonId& who = person->record.id;
    if (*confirm || *withdraw) {
        const Expected<void> outcome = messenger.setVerified(who, *confirm);
        if (!outcome) return Unexpected(outcome.error());
    }
    const Expected<PersonView> now = personOf(messenger, arguments);
    if (!now) return Unexpected(now.error());
    return Answer{{},
                  {{u"person"_s, hexOf(who.view())},
                   {u"name"_s, now->record.name},
                   {u"number"_s, messenger.safetyNumber(who)},
                   {u"verified"_s, now->record.verified}}};
}

// Messages
// ----------------------------------------------------------------------------------------------------------

Expected<Answer> search(Messenger& messenger, const Arguments& arguments) {
    SearchQuery query;
    const Expected<QStringList> words = arguments.texts("words"_L1);
    if (!words) return Unexpected(words.error());
    query.words = words->join(u' ');
    for (const QLatin1String key : {"in"_L1, "from"_L1}) {
        const Expected<std::optional<QString>> who = arguments.optionalText(key);
        if (!who) return Unexpected(who.error());
        if (!who->has_value()) continue;
        const Expected<PersonView> person = messenger.find(**who);
        if (!person) return Unexpected(person.error());
        if (key == "in"_L1) {
            query.in = person->conversation;
        } else {
            query.from = person->record.id;
        }
    }
    for (const QLatin1String key : {"since"_L1, "until"_L1, "limit"_L1}) {
        const Expected<std::optional<double>> number = arguments.number(key);
        if (!number) return Unexpected(number.error());
        if (!number->has_value()) continue;
        if (key == "since"_L1) query.since = static_cast<qint64>(**number);
        if (key == "until"_L1) query.until = static_cast<qint64>(**number);
        if (key == "limit"_L1)
            query.limit = **number < 1 ? kMostResults  // as in history: all
                                       : static_cast<int>(std::min(**number, double{kMostResults}));
    }
    Answer answer;
    for (const MessageRecord& message : messenger.search(query))
        answer.results.push_back(messageJson(message));
    return answer;
}

Expected<Answer> edit(Messenger& messenger, const Arguments& arguments) {
    const Expected<GlobalEntryRef> target = messageOf(messenger, arguments);
    if (!target) return Unexpected(target.error());
    const Expected<QString> text = textOf(arguments);
    if (!text) return Unexpected(text.error());
    const Expected<MessageRecord> edited = messenger.editText(*target, *text);
    if (!edited) return Unexpected(edited.error());
    return Answer{{}, messageJson(*edited)};
}

Expected<Answer> remove(Messenger& messenger, const Arguments& arguments) {
    const Expected<GlobalEntryRef> target = messageOf(messenger, arguments);
    if (!target) return Unexpected(target.error());
    return answered(messenger.deleteMessage(*target),
                    {{u"message"_s, messageId(*target)}, {u"deleted"_s, true}});
}

Expected<Answer> react(Messenger& messenger, const Arguments& arguments) {
    const Expected<GlobalEntryRef> target = messageOf(messenger, arguments);
    if (!target) return Unexpected(target.error());
    const Expected<QString> emoji = arguments.text("emoji"_L1);
    if (!emoji) return Unexpected(emoji.error());
    const Expected<bool> removed = arguments.flag("remove"_L1);
    if (!removed) return Unexpected(removed.error());
    return answered(messenger.react(*target, *emoji, *removed),
                    {{u"message"_s, messageId(*target)}, {u"emoji"_s, *emoji}, {u"removed"_s, *removed}});
}

Expected<Answer> read(Messenger& messenger, const Arguments& arguments) {
    const Expected<PersonView> person = personOf(messenger, arguments);
    if (!person) return Unexpected(person.error());
    return answered(messenger.markRead(person->conversation),
                    {{u"conversation"_s, hexOf(person->conversation.view())}});
}

Expected<Answer> typing(Messenger& messenger, const Arguments& arguments) {
    const Expected<PersonView> person = personOf(messenger, arguments);
    if (!person) return Unexpected(person.error());
    const Expected<bool> active = arguments.flag("active"_L1);
    if (!active) return Unexpected(active.error());
    messenger.setTyping(person->conversation, *active);
    return Answer{};
}

}  // namespace

SimpleCommand simpleCommand(const QString& wanted) {
    static const QHash<QString, SimpleCommand> kCommands{{u"id"_s, id},
                                                         {u"name"_s, name},
                                                         {u"presence"_s, presence},
                                                         {u"allow"_s, allow},
                                                         {u"ignore"_s, ignore},
                                                         {u"block"_s, block},
                                                         {u"unblock"_s, unblock},
                                                         {u"requests"_s, requests},
                                                         {u"verify"_s, verify},
                                                         {u"search"_s, search},
                                                         {u"edit"_s, edit},
                                                         {u"delete"_s, remove},
                                                         {u"react"_s, react},
                                                         {u"read"_s, read},
                                                         {u"typing"_s, typing},
                                                         {u"contact-link"_s, contactLink},
                                                         {u"relay-remove"_s, removeRelay}};
    const SimpleCommand found = kCommands.value(wanted, nullptr);
    return found ? found : transferCommand(wanted);
}

}  // namespace landline::app::control
