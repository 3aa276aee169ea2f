#include "app/control/event_stream.h"

#include "app/control/commands.h"
#include "app/control/json_values.h"

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

EventStream::EventStream(MessengerPort port, bool allowAll, Caller* caller)
    : QObject(caller), m_port(port), m_caller(caller), m_allowAll(allowAll) {
    m_port.call(
        this, [](Messenger& messenger) { return std::make_pair(messenger.self(), messenger.people()); },
        [this](const std::pair<SelfView, std::vector<PersonView>>& known) {
            m_self = known.first;
            for (const PersonView& person : known.second)
                m_standing[person.record.id] = person.record.standing;
        });
    Messenger* const messenger = port.messenger();
    // A renewed device is told before anything that it writes.
    connect(messenger, &Messenger::selfChanged, this, [this](const SelfView& self) { m_self = self; });
    connect(messenger, &Messenger::ready, this, [this](quint16 number) {
        QJsonObject fields = selfJson(m_self);
        fields[u"port"_s] = number;
        write("ready"_L1, fields);
    });
    connect(messenger, &Messenger::problem, this, [this](const QString& code, const QString& text) {
        write("error"_L1, {{u"code"_s, code}, {u"text"_s, text}});
    });
    connect(messenger, &Messenger::personChanged, this, &EventStream::onPerson);
    connect(messenger, &Messenger::messageAdded, this, &EventStream::onMessage);
    connect(messenger, &Messenger::messageChanged, this, [this](const MessageRecord& message) {
        // A new state of an own message has events of its own.
        if (message.own && !message.edited && !message.deleted && message.reactions.empty()) return;
        write("changed"_L1, messageJson(message));
    });
    connect(messenger, &Messenger::held, this, [this](const MessageRecord& message, const PersonId& person) {
        write("held"_L1, {{u"message"_s, messageId(message.ref)},
                          {u"conversation"_s, hexOf(message.ref.conversation.view())},
                          {u"person"_s, hexOf(person.view())},
                          {u"state"_s, stateName(message.state)},
                          {u"until"_s, message.heldUntil}});
    });
    connect(messenger, &Messenger::delivered, this,
            [this](const MessageRecord& message, const PersonId& person) {
                writeMark("delivered"_L1, message, person);
            });
    connect(messenger, &Messenger::readBy, this,
            [this](const MessageRecord& message, const PersonId& person) {
                writeMark("read"_L1, message, person);
            });
    connect(messenger, &Messenger::transferChanged, this, &EventStream::onTransfer);
    connect(messenger, &Messenger::relayChanged, this, &EventStream::onRelay);
    connect(messenger, &Messenger::relayRemoved, this, [this](const RelayKey& relay) {
        QJsonObject fields = m_relays[relay];
        m_relays.erase(relay);
        fields[u"key"_s] = hexOf(relay.view());
        fields[u"connected"_s] = false;
        fields[u"removed"_s] = true;
        write("relay"_L1, fields);
    });
    connect(messenger, &Messenger::typingChanged, this,
            [this](const ConversationId& conversation, const PersonId& person, bool active) {
                write("typing"_L1, {{u"conversation"_s, hexOf(conversation.view())},
                                    {u"person"_s, hexOf(person.view())},
                                    {u"active"_s, active}});
            });
}

void EventStream::write(QLatin1String event, QJsonObject fields) {
    fields["event"_L1] = event;
    m_caller->write(fields);
}

void EventStream::writeMark(QLatin1String event, const MessageRecord& message, const PersonId& person) {
    write(event, {{u"message"_s, messageId(message.ref)},
                  {u"conversation"_s, hexOf(message.ref.conversation.view())},
                  {u"person"_s, hexOf(person.view())},
                  {u"state"_s, stateName(message.state)}});
}

void EventStream::onPerson(const PersonView& person) {
    if (person.record.self) return;
    m_standing[person.record.id] = person.record.standing;
    QJsonObject fields = personJson(person);
    fields.remove(u"unread"_s);
    // When a device was last seen changes all the time and is no news.
    QJsonObject news = fields;
    news.remove(u"devices"_s);
    QJsonObject& told = m_told[person.record.id];
    if (told == news) return;
    told = news;
    write("peer"_L1, fields);
}

// How full the mailbox is, and when the next try is, is no news.
void EventStream::onRelay(const RelayView& relay) {
    QJsonObject news = relayJson(relay);
    for (const QLatin1String key : {"used"_L1, "again"_L1}) news.remove(key);
    QJsonObject& told = m_relays[relay.key];
    if (told == news) return;
    told = news;
    write("relay"_L1, news);
}

void EventStream::onMessage(const MessageRecord& message) {
    if (message.ref.entry.author == m_self.device) return;  // whoever sent it has its answer
    QJsonObject fields = messageJson(message);
    const auto known = m_standing.find(message.person);
    const auto standing = known == m_standing.end() ? timeline::Standing::Stranger : known->second;
    const bool accepted =
        standing == timeline::Standing::Accepted || (m_allowAll && standing == timeline::Standing::Stranger);
    if (!accepted && !message.own) fields[u"request"_s] = true;
    write("message"_L1, fields);
    if (message.file && message.file->incoming) onOffer(*message.file);
}

// An offer comes as a message; from then on its transfer speaks for itself.
void EventStream::onOffer(const TransferRecord& transfer) {
    if (!m_transfers.emplace(transfer.id, transfer.state).second) return;
    if (transfer.state == TransferState::Offered) write("offer"_L1, transferJson(transfer));
}

void EventStream::onTransfer(const TransferRecord& transfer) {
    const auto before = m_transfers.find(transfer.id);
    const bool stateIsNew = before == m_transfers.end() || before->second != transfer.state;
    m_transfers[transfer.id] = transfer.state;
    switch (transfer.state) {
        case TransferState::Offered:
            // It would have been taken unasked, and waits for consent: `error` says why.
            if (transfer.incoming && !transfer.error.isEmpty()) write("offer"_L1, transferJson(transfer));
            return;
        case TransferState::Queued:
        case TransferState::Paused:
        case TransferState::Running:
            return write("progress"_L1, transferJson(transfer));
        case TransferState::Done:
            if (stateIsNew) write(transfer.incoming ? "file"_L1 : "sent"_L1, transferJson(transfer));
            return;
        case TransferState::Failed:
        case TransferState::Cancelled: {
            if (!stateIsNew) return;
            QJsonObject fields = transferJson(transfer);
            fields[u"code"_s] = u"transfer"_s;
            fields[u"text"_s] = transfer.error.isEmpty()
                                    ? tr("The transfer of %1 was cancelled.").arg(transfer.name)
                                    : transfer.error;
            return write("error"_L1, fields);
        }
    }
}

}  // namespace landline::app::control
