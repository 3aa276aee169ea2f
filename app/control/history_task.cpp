#include "app/control/history_task.h"

#include "app/control/json_values.h"
#include "app/control/lookups.h"

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double kLimit = 100;

struct Page {
    HistoryReader reader;
    std::vector<MessageRecord> messages;
    PostView post;
};

/// Of the conversation, where a message of it is queued.
PostView postOf(Messenger& messenger, const std::vector<MessageRecord>& messages) {
    for (const MessageRecord& message : messages)
        if (message.state == MessageState::Queued) return messenger.postView(message.ref.conversation);
    return {};
}

}  // namespace

void HistoryTask::start() {
    const Expected<std::optional<double>> limit = arguments().number("limit"_L1);
    if (!limit) return fail(limit.error());
    const Expected<std::optional<double>> before = arguments().number("before"_L1);
    if (!before) return fail(before.error());
    const qint64 most = static_cast<qint64>(limit->value_or(kLimit));
    std::optional<qint64> until;
    if (before->has_value()) until = static_cast<qint64>(**before);
    connect(caller(), &Caller::relieved, this, &HistoryTask::readOn);
    ask([arguments = arguments()](Messenger& messenger) { return personOf(messenger, arguments); },
        [this, until, most](const Expected<PersonView>& person) {
            if (!person) return fail(person.error());
            m_reader.emplace(person->conversation, until, most);
            readOn();
        });
}

void HistoryTask::readOn() {
    if (!m_reader || caller()->congested()) return;
    HistoryReader reader = *m_reader;
    m_reader.reset();
    ask(
        [reader](Messenger& messenger) mutable {
            std::vector<MessageRecord> messages = reader.next(messenger);
            const PostView post = postOf(messenger, messages);
            return Page{reader, std::move(messages), post};
        },
        [this](const Page& page) { onPage(page.reader, page.messages, page.post); });
}

void HistoryTask::onPage(HistoryReader reader, const std::vector<MessageRecord>& page, const PostView& post) {
    if (page.empty()) return finish({{u"count"_s, m_count}});
    for (const MessageRecord& message : page) {
        QJsonObject line = messageJson(message);
        addTrouble(line, message, post);
        result(line);
    }
    m_count += static_cast<qint64>(page.size());
    m_reader = reader;
    readOn();
}

}  // namespace landline::app::control
