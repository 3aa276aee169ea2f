#include "app/messenger/messenger.h"

#include "app/messenger/messenger_impl.h"
#include "p2p/base/limits.h"
#include "p2p/timeline/applier.h"

#include <algorithm>

namespace landline::app {

namespace {

Unexpected messageNotHere() {
    return Unexpected(ErrorCode::NotFound, "There is no such message, or it was deleted.");
}

Expected<std::string> checkedText(const QString& text) {
    const std::string utf8 = text.toStdString();
    if (text.trimmed().isEmpty()) return Unexpected(ErrorCode::InvalidArgument, "There is no text to send.");
    if (utf8.size() > limits::kTextBytes)
        return Unexpected(ErrorCode::TooLarge, "This text is " + std::to_string(utf8.size()) +
                                                   " bytes long; a message holds at most " +
                                                   std::to_string(limits::kTextBytes) +
                                                   ". Send it as a file instead (send-file).");
    return utf8;
}

}  // namespace

std::optional<PersonId> Messenger::Impl::otherMember(const ConversationId& conversation) {
    const std::vector<PersonId> members = context.db->members(conversation);
    for (const PersonId& member : members)
        if (member != context.selfPerson()) return member;
    return members.empty() ? std::nullopt : std::optional(context.selfPerson());
}

void Messenger::Impl::acceptByAnswering(const ConversationId& conversation) {
    const auto other = otherMember(conversation);
    if (!other || *other == context.selfPerson()) return;
    const timeline::Standing standing = context.db->standing(*other);
    if (standing != timeline::Standing::Stranger && standing != timeline::Standing::Ignored) return;
    if (const auto done = q.setStanding(*other, timeline::Standing::Accepted); !done) failed(done.error());
}

Unexpected Messenger::Impl::tellClone() {
    Q_EMIT q.newDeviceNeeded(context.selfDevice(), cloneNotice());
    return Unexpected(
        ErrorCode::Fork,
        "A copy of this profile is in use elsewhere. This one goes on as a new device of yours: "
        "send it again in a moment.");
}

Expected<timeline::CheckedEntry> Messenger::Impl::compose(
    const ConversationId& conversation, const wire::Content& content,
    const std::function<void(const timeline::CheckedEntry&)>& inTransaction) {
    const auto other = otherMember(conversation);
    if (!other) return Unexpected(ErrorCode::NotFound, "There is no such conversation.");
    // A delete goes out once the block is lifted; until then the words are gone here at least.
    if (context.db->standing(*other) == timeline::Standing::Blocked &&
        !std::holds_alternative<wire::Delete>(content))
        return Unexpected(ErrorCode::NotPermitted,
                          "You have blocked this person. Unblock them to write to them.");

    const WallTime now = context.clock.wall();
    timeline::TimelineTip tip;
    if (const auto head = context.db->head(conversation, context.selfDevice()))
        tip = {head->number, head->hash};
    const auto entry =
        timeline::makeEntry(conversation, context.identity->keys, context.identity->certificate, tip,
                            timeline::nextHybrid(context.db->clock(), now), content, context.random);
    timeline::Applier applier(*context.db, context.selfDevice());
    const timeline::ApplyResult result = applier.applyOwn(entry, now);
    if (result.firstError) {
        if (const auto head = context.db->head(conversation, context.selfDevice()); head && head->end)
            return tellClone();
        return Unexpected(*result.firstError);
    }
    announcements.appended(conversation, result.appended);
    if (inTransaction) inTransaction(entry);
    if (const auto done = context.commit(); !done) {
        announcements.undone();
        return Unexpected(done.error());
    }
    announcements.committed();
    applied(result, conversation);
    flushSoon();
    return entry;
}

Expected<MessageRecord> Messenger::sendText(const ConversationId& to, const QString& text,
                                            const std::optional<EntryRef>& replyTo) {
    auto checked = checkedText(text);
    if (!checked) return Unexpected(checked.error());
    if (replyTo && !m->context.db->message({to, *replyTo})) return messageNotHere();
    m->acceptByAnswering(to);
    const auto entry = m->compose(to, wire::Text{std::move(*checked), replyTo});
    if (!entry) return Unexpected(entry.error());
    auto record = m->context.db->message({to, entry->ref()});
    if (!record) return Unexpected(ErrorCode::Internal, "The message was stored but cannot be read back.");
    return *record;
}

Expected<MessageRecord> Messenger::Impl::amendable(const GlobalEntryRef& message) {
    auto record = context.db->message(message);
    if (!record || record->deleted) return messageNotHere();
    return *record;
}

Expected<void> Messenger::Impl::amend(const GlobalEntryRef& message, const wire::Content& content) {
    const auto entry = compose(message.conversation, content);
    if (!entry) return Unexpected(entry.error());
    return {};
}

Expected<MessageRecord> Messenger::editText(const GlobalEntryRef& message, const QString& text) {
    const auto target = m->amendable(message);
    if (!target) return Unexpected(target.error());
    if (!target->own || target->kind != MessageKind::Text)
        return Unexpected(ErrorCode::NotPermitted, "Only your own text messages can be edited.");
    auto checked = checkedText(text);
    if (!checked) return Unexpected(checked.error());
    if (const auto done = m->amend(message, wire::Edit{message.entry, std::move(*checked)}); !done)
        return Unexpected(done.error());
    return m->amendable(message);
}

Expected<void> Messenger::deleteMessage(const GlobalEntryRef& message) {
    const auto target = m->amendable(message);
    if (!target) return Unexpected(target.error());
    if (!target->own)
        return Unexpected(ErrorCode::NotPermitted, "Only your own messages can be deleted for everyone.");
    if (auto done = m->amend(message, wire::Delete{message.entry}); !done) return done;
    if (target->file) m->transfers.removeFromOutbox(*target->file);
    return {};
}

Expected<void> Messenger::react(const GlobalEntryRef& message, const QString& emoji, bool removed) {
    const auto target = m->amendable(message);
    if (!target) return Unexpected(target.error());
    const std::string utf8 = emoji.trimmed().toStdString();
    if (utf8.empty() || utf8.size() > limits::kEmojiBytes)
        return Unexpected(ErrorCode::InvalidArgument, "A reaction is one emoji.");
    return m->amend(message, wire::Reaction{message.entry, utf8, removed});
}

Expected<void> Messenger::markRead(const ConversationId& conversation) {
    if (!m->context.db->markRead(conversation)) return {};
    for (const timeline::TimelineHead& head : m->context.db->heads(conversation))
        m->announcements.headMoved(conversation, head.author);
    m->outbox.oweHeads(conversation);
    if (auto done = m->context.commit(); !done) {
        m->announcements.undone();
        return done;
    }
    m->announcements.committed();
    m->outbox.headsOwed();
    if (const auto other = m->otherMember(conversation)) m->personChanged(*other);
    return {};
}

void Messenger::setTyping(const ConversationId& conversation, bool active) {
    const auto other = m->otherMember(conversation);
    if (!other || m->context.db->standing(*other) != timeline::Standing::Accepted) return;
    m->context.node.post([other = *other, typing = wire::Typing{conversation, active}](net::Node& node) {
        node.sendTyping({other}, typing);
    });
}

std::vector<MessageRecord> Messenger::history(const HistoryQuery& query) {
    auto found = m->context.db->history(query);
    // Before the answer, which may be the last thing that is asked for.
    m->noticeDamage();
    return found;
}

std::vector<MessageRecord> Messenger::search(const SearchQuery& query) {
    auto found = m->context.db->search(query);
    m->noticeDamage();
    return found;
}

std::optional<MessageRecord> Messenger::message(const GlobalEntryRef& ref) {
    return m->context.db->message(ref);
}

Expected<GlobalEntryRef> Messenger::findMessage(const QString& id) {
    return m->context.db->findMessage(id);
}

// Files ---------------------------------------------------------------------------------------

Expected<TransferRecord> Messenger::sendFile(const ConversationId& to, const QString& path) {
    const auto offer = m->transfers.prepareOffer(path);
    if (!offer) return Unexpected(offer.error());
    return m->offer(to, *offer, path);
}

const QString& Messenger::bundlesFolder() const {
    return m->options.bundles;
}

Expected<TransferRecord> Messenger::sendBundle(const ConversationId& to, PreparedBundle bundle) {
    const auto other = m->otherMember(to);
    if (!other) return Unexpected(ErrorCode::NotFound, "There is no such conversation.");
    if (auto kept = m->transfers.prepareOffer(bundle, *other); !kept) return Unexpected(kept.error());
    auto record = m->offer(to, bundle.offer, bundle.record.roots.front());
    if (!record) m->transfers.forgetBundle(bundle.offer.transfer);
    return record;
}

Expected<TransferRecord> Messenger::Impl::offer(const ConversationId& to, const wire::FileOffer& offer,
                                                const QString& path) {
    const auto other = otherMember(to);
    if (!other) return Unexpected(ErrorCode::NotFound, "There is no such conversation.");
    acceptByAnswering(to);
    const auto entry = compose(to, offer, [&](const timeline::CheckedEntry& made) {
        transfers.recordOutgoing({to, made.ref()}, *other, offer, path);
    });
    if (!entry) return Unexpected(entry.error());
    auto record = context.db->transfer(offer.transfer);
    if (!record) return Unexpected(ErrorCode::Internal, "The offer was stored but cannot be read back.");
    return *record;
}

Expected<void> Messenger::acceptFile(const wire::TransferId& transfer, const QString& folder) {
    return m->transfers.accept(transfer, folder);
}

Expected<void> Messenger::cancelTransfer(const wire::TransferId& transfer) {
    return m->transfers.cancel(transfer);
}

Expected<void> Messenger::pauseTransfer(const wire::TransferId& transfer) {
    return m->transfers.pause(transfer);
}

Expected<void> Messenger::resumeTransfer(const wire::TransferId& transfer) {
    return m->transfers.resume(transfer);
}

std::vector<TransferRecord> Messenger::transfers() {
    return m->transfers.all();
}

std::vector<TransferRecord> Messenger::transfers(const TransferQuery& query) {
    return m->transfers.page(query);
}

Expected<void> Messenger::hideTransfer(const wire::TransferId& transfer) {
    m->context.db->hideTransfer(transfer);
    return m->context.commit();
}

Expected<void> Messenger::hideFinishedTransfers() {
    m->context.db->hideFinishedTransfers();
    return m->context.commit();
}

QString Messenger::bundleRecord(const wire::TransferId& transfer) const {
    return m->transfers.bundleRecord(transfer);
}

}  // namespace landline::app
