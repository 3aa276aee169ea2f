#include "app/messenger/messenger_impl.h"
#include "app/messenger/records_of.h"
#include "app/storage/prekey_table.h"
#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"

#include <limits>

namespace landline::app {

// The node's signals ---------------------------------------------------------------------------------------

QString Messenger::Impl::cloneNotice() {
    return Messenger::tr(
        "Another program wrote with this device's key, as a copied or restored profile does. This one goes "
        "on as "
        "a new device of yours; nobody has to verify you again.");
}

void Messenger::Impl::connectNode(net::Node& node) {
    QObject::connect(&node, &net::Node::ready, &q, [this](quint16 bound) {
        port = bound;
        Q_EMIT q.ready(bound);
    });
    QObject::connect(&node, &net::Node::failed, &q,
                     [this](const QString& text) { Q_EMIT q.problem(QStringLiteral("network"), text); });
    QObject::connect(&node, &net::Node::warning, &q,
                     [this](const QString& text) { Q_EMIT q.problem(QStringLiteral("warning"), text); });
    QObject::connect(&node, &net::Node::sighted, &q, [this](const net::Sighting& sighting) {
        if (const auto person = contacts.sighted(sighting))
            personChanged(*person);
        else
            Q_EMIT q.unknownDevicesChanged();
    });
    QObject::connect(&node, &net::Node::gone, &q, [this](const DeviceId& device) {
        if (const auto person = contacts.gone(device))
            personChanged(*person);
        else
            Q_EMIT q.unknownDevicesChanged();
    });
    QObject::connect(&node, &net::Node::sessionOpened, &q,
                     [this](const net::SessionInfo& session) { sessionOpened(session); });
    QObject::connect(&node, &net::Node::sessionClosed, &q,
                     [this](net::SessionNumber session) { sessionClosed(session); });
    QObject::connect(&node, &net::Node::profileReceived, &q,
                     [this](const DeviceId& device, const PersonId& person, const wire::Profile& received) {
                         profileReceived(device, person, received);
                     });
    QObject::connect(
        &node, &net::Node::typingReceived, &q,
        [this](const PersonId& person, const wire::Typing& typing) { typingReceived(person, typing); });
    QObject::connect(
        &node, &net::Node::applyWanted, &q,
        [this](net::SessionNumber session, const wire::Entries& entries) { applyWanted(session, entries); });
    QObject::connect(&node, &net::Node::readWanted, &q,
                     [this](net::SessionNumber session, const timeline::ReadEntries& request) {
                         readWanted(session, request);
                     });
    QObject::connect(
        &node, &net::Node::peerHeads, &q,
        [this](net::SessionNumber session, const ConversationId& conversation,
               const std::vector<wire::AuthorHead>& heads) { peerHeads(session, conversation, heads); });
    QObject::connect(&node, &net::Node::forkToExamine, &q,
                     [this](net::SessionNumber session, const wire::ForkEvidence& evidence) {
                         ingest.addEvidence(session, evidence);
                         flushSoon();
                     });
    QObject::connect(&node, &net::Node::cloneSuspected, &q,
                     [this](const QString& why) { Q_EMIT q.newDeviceNeeded(context.selfDevice(), why); });
    QObject::connect(&node, &net::Node::fileWanted, &q,
                     [this](net::SessionNumber bulk, const DeviceId&, const PersonId& person,
                            const wire::TransferId& transfer,
                            bool listing) { transfers.wanted(bulk, person, transfer, listing); });
    QObject::connect(
        &node, &net::Node::fileDialBackAsked, &q,
        [this](const DeviceId& device, const PersonId& person, const wire::TransferId& transfer) {
            transfers.dialWanted(device, person, transfer);
        });
    QObject::connect(&node, &net::Node::fileProgress, &q,
                     [this](const wire::TransferId& transfer, quint64 bytes, quint64 came, quint64 fetch) {
                         if (transfers.isFetch(transfer, fetch)) transfers.progressed(transfer, bytes, came);
                     });
    QObject::connect(&node, &net::Node::fileStage, &q,
                     [this](const wire::TransferId& transfer, net::FetchStage stage) {
                         transfers.staged(transfer, stage);
                     });
    QObject::connect(
        &node, &net::Node::fileFetched, &q,
        [this](const wire::TransferId& id, const net::FileResult& got) { transfers.fetched(id, got); });
    QObject::connect(
        &node, &net::Node::fileServed, &q,
        [this](const wire::TransferId& transfer, quint64 bytes, bool finished, const QString& error,
               quint64 skipped) { transfers.served(transfer, bytes, finished, error, skipped); });
}

void Messenger::Impl::sessionOpened(const net::SessionInfo& session) {
    Database& db = *context.db;
    const PersonId person = session.person();
    if (const auto known = context.personOf(session.device()); known && *known != person) {
        context.node.post([number = session.number](net::Node& node) {
            node.endSession(number, wire::CloseReason::Violation,
                            QStringLiteral("This device is known as another person's."));
        });
        return;
    }
    const std::string name = sanitizedName(session.remote->hello.name, limits::kNameBytes);
    db.meet(session.remote->certificate, QString::fromStdString(name));
    db.setDeviceAddress(session.device(), addressText(session.candidate), context.nowMillis());
    const bool isNewlyAccepted = options.allowAll && db.standing(person) == timeline::Standing::Stranger;
    if (isNewlyAccepted) {
        db.setStanding(person, timeline::Standing::Accepted);
        accounts.standingSet(person, timeline::Standing::Accepted);
    }
    if (const auto done = context.commit(); !done) failed(done.error());
    context.forgetPerson(person);
    contacts.opened(session);
    if (isNewlyAccepted) accounts.contactsChanged();
    accounts.sessionsChanged();
    transfers.connected(person);

    // One's own devices share every conversation; others the direct one.
    const bool own = person == context.selfPerson();
    std::vector<timeline::ConversationHeads> shared;
    for (const ConversationId& conversation : db.conversationsWith(own ? context.selfPerson() : person))
        shared.push_back({conversation, db.heads(conversation)});
    context.node.post([number = session.number, shared = std::move(shared)](net::Node& node) {
        node.startSync(number, shared);
    });
    // Also what was offered before this program ended, or could not be kept when it came.
    if (!options.acceptFilesInto.isEmpty() || transfers.unasked().rule(person))
        transfers.takeUnasked(transfers.offeredBy(person), options.acceptFilesInto);
    transfers.arrange();
    Q_EMIT q.unknownDevicesChanged();
    personChanged(person);
}

void Messenger::Impl::sessionClosed(net::SessionNumber session) {
    const net::SessionInfo* const info = contacts.session(session);
    const auto device = info ? std::optional(info->device()) : std::nullopt;
    if (const auto person = contacts.closed(session)) personChanged(*person);
    if (device) outbox.look(*device);
    accounts.sessionsChanged();
    transfers.arrange();
}

void Messenger::Impl::applyWanted(net::SessionNumber session, const wire::Entries& entries) {
    ingest.add(session, entries);
    flushSoon();
}

void Messenger::Impl::readWanted(net::SessionNumber session, const timeline::ReadEntries& request) {
    auto entries = context.db->read(request.conversation, request.author, request.first, request.maxCount,
                                    request.maxBytes);
    if (entries.empty()) {
        const auto head = context.db->head(request.conversation, request.author);
        const bool held = head && request.first > head->baseNumber && request.first <= head->number;
        // The disk did not give what it has. The peer would wait for it as long as the session lasts.
        if (held) return readFailed(session);
    }
    context.node.post([session, request, entries = std::move(entries)](net::Node& node) {
        node.entriesRead(session, request, entries);
    });
}

void Messenger::Impl::readFailed(net::SessionNumber session) {
    if (const auto done = context.commit(); !done) failed(done.error());
    context.node.post([session](net::Node& node) {
        node.endSession(session, wire::CloseReason::Storage,
                        Messenger::tr("The messages cannot be read from the disk."));
    });
}

void Messenger::Impl::peerHeads(net::SessionNumber session, const ConversationId& conversation,
                                const std::vector<wire::AuthorHead>& heads) {
    const net::SessionInfo* const info = contacts.session(session);
    if (!info) return;
    marks.add(info->device(), conversation, heads);
    flushSoon();
}

void Messenger::Impl::profileReceived(const DeviceId& device, const PersonId& person,
                                      const wire::Profile& received) {
    if (context.personOf(device) != person) return;
    wire::Profile clean = received;
    clean.name = sanitizedName(received.name, limits::kNameBytes);
    clean.statusText = sanitizedName(received.statusText, limits::kStatusTextBytes);
    contacts.profileReceived(device, clean);
    const QString name = QString::fromStdString(clean.name);
    // An envelope may have said something later that came sooner.
    const bool isCurrent = context.db->prekeys().takeEdition(device, received.edition);
    const bool isRenamed =
        isCurrent && !name.isEmpty() && name != context.nameOf(person) && person != context.selfPerson();
    if (isRenamed) context.db->setPersonName(person, name);
    const bool isGranted = isCurrent && accounts.grantsReceived(device, received.told);
    HeldWatch watch(context);
    std::vector<SettledDeposit> settled;
    if (isGranted) settled = outbox.leaveOthers(device, watch);
    if (const auto done = context.commit(); !done) failed(done.error());
    if (isRenamed) context.forgetPerson(person);
    if (isGranted) {
        outbox.ended(settled);
        outbox.tell(watch);
        accounts.sessionsChanged();
        outbox.hope(device);
    }
    personChanged(person);
}

void Messenger::Impl::typingReceived(const PersonId& person, const wire::Typing& typing) {
    if (context.db->standing(person) != timeline::Standing::Accepted) return;
    contacts.setTyping(person, typing.active);
    Q_EMIT q.typingChanged(typing.conversation, person, typing.active);
    personChanged(person);
}

// Outcomes ---------------------------------------------------------------------------------------

void Messenger::Impl::applying(const timeline::ApplyResult& result) {
    for (const timeline::CheckedEntry& entry : result.appended) recordOffer(entry);
}

void Messenger::Impl::recordOffer(const timeline::CheckedEntry& entry) {
    const auto* const offer = entry.content ? std::get_if<wire::FileOffer>(&*entry.content) : nullptr;
    const auto person = context.personOf(entry.header.author);
    if (offer && person && *person != context.selfPerson())
        transfers.recordIncoming({entry.header.conversation, entry.ref()}, *person, *offer);
}

void Messenger::Impl::applied(const timeline::ApplyResult& result, const ConversationId& conversation) {
    for (const timeline::CheckedEntry& entry : result.appended) tellAppended(entry);
    for (const EntryRef& erased : result.erased) {
        transfers.offerErased({conversation, erased});
        if (const auto message = context.db->message({conversation, erased}))
            Q_EMIT q.messageChanged(*message);
    }
    tellFailed(conversation, result.ended);
    if (!result.erased.empty()) tidySoon();
    if (!result.appended.empty() || !result.erased.empty())
        if (const auto other = otherMember(conversation)) changedPersons.insert(*other);
    if (result.cloneSuspected) Q_EMIT q.newDeviceNeeded(context.selfDevice(), cloneNotice());
    if (result.firstError && result.firstError->code != ErrorCode::NotPermitted) failed(*result.firstError);
}

void Messenger::Impl::tellFailed(const ConversationId& conversation, const std::vector<DeviceId>& ended) {
    for (const DeviceId& device : ended) {
        const auto head = context.db->head(conversation, device);
        if (!head || context.personOf(device) != context.selfPerson()) continue;
        for (const MessageRecord& message : context.db->ownMessages(conversation, device, head->number,
                                                                    std::numeric_limits<EntryNumber>::max()))
            Q_EMIT q.messageChanged(message);
    }
}

void Messenger::Impl::tellAppended(const timeline::CheckedEntry& entry) {
    if (const auto target = amendedBy(entry)) {
        if (const auto message = context.db->message({entry.header.conversation, *target}))
            Q_EMIT q.messageChanged(*message);
        return;
    }
    const auto record = recordOfAppended(context, entry);
    if (!record) return;
    Q_EMIT q.messageAdded(*record);
    if (record->file && record->file->incoming)
        transfers.takeUnasked({record->file->id}, options.acceptFilesInto);
}

}  // namespace landline::app
