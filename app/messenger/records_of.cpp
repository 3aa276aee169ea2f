#include "app/messenger/records_of.h"

#include "p2p/timeline/hybrid_clock.h"

namespace landline::app {

std::optional<MessageRecord> recordOfAppended(Context& context, const timeline::CheckedEntry& entry) {
    if (amendedBy(entry)) return std::nullopt;
    const GlobalEntryRef ref{entry.header.conversation, entry.ref()};
    const auto* const text = entry.content ? std::get_if<wire::Text>(&*entry.content) : nullptr;
    const PersonId person = context.personOf(entry.header.author).value_or(PersonId{});
    const bool mayBeAmended = !context.hasOneDevice(person) || !context.hasOneDevice(context.selfPerson());
    // What has a state beside its entry is read from the store's views.
    if (!text || text->replyTo || mayBeAmended) return context.db->message(ref);

    MessageRecord record;
    record.ref = ref;
    record.person = person;
    record.own = record.person == context.selfPerson();
    record.authorName = context.nameOf(record.person);
    record.cursor = {entry.header.clock, entry.header.author, entry.header.number};
    record.time = toUnixMillis(timeline::wallOf(entry.header.clock));
    record.text = QString::fromStdString(text->text);
    record.state = record.own ? MessageState::Queued : MessageState::Received;
    return record;
}

std::optional<EntryRef> amendedBy(const timeline::CheckedEntry& entry) {
    if (!entry.content) return std::nullopt;
    struct Target {
        std::optional<EntryRef> operator()(const wire::Edit& edit) const { return edit.target; }
        std::optional<EntryRef> operator()(const wire::Delete& del) const { return del.target; }
        std::optional<EntryRef> operator()(const wire::Reaction& reaction) const { return reaction.target; }
        std::optional<EntryRef> operator()(const wire::Text&) const { return std::nullopt; }
        std::optional<EntryRef> operator()(const wire::FileOffer&) const { return std::nullopt; }
        std::optional<EntryRef> operator()(const wire::UnknownContent&) const { return std::nullopt; }
    };
    return std::visit(Target{}, *entry.content);
}

}  // namespace landline::app
