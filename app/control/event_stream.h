#pragma once

#include "app/control/caller.h"
#include "app/messenger/messenger_port.h"

#include <QJsonObject>
#include <QObject>

#include <map>

namespace landline::app::control {

/// Tells a caller what happens, as events: ready, peer, message, changed, held, delivered, read, offer,
/// progress, file, sent, typing, relay, error. Each after the commit of what it tells. Made before the network starts, so that
/// nobody is missed; child of its caller.
class EventStream final : public QObject {
    Q_OBJECT

public:
    /// A message of somebody who is not accepted is marked as a request; with `allowAll` a stranger's is not.
    EventStream(MessengerPort port, bool allowAll, Caller* caller);

private:
    void onPerson(const PersonView& person);
    void onMessage(const MessageRecord& message);
    void onOffer(const TransferRecord& transfer);
    void onTransfer(const TransferRecord& transfer);
    void onRelay(const RelayView& relay);
    void write(QLatin1String event, QJsonObject fields);
    void writeMark(QLatin1String event, const MessageRecord& message, const PersonId& person);

    MessengerPort m_port;
    Caller* m_caller;
    bool m_allowAll;
    SelfView m_self;
    std::map<PersonId, QJsonObject> m_told;    ///< the last `peer` event of each person
    std::map<RelayKey, QJsonObject> m_relays;  ///< the last `relay` event of each
    std::map<PersonId, timeline::Standing> m_standing;
    std::map<wire::TransferId, TransferState> m_transfers;
};

}  // namespace landline::app::control
