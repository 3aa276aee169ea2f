#pragma once

#include "app/control/history_reader.h"
#include "app/control/task.h"

#include <QFile>

#include <vector>

namespace landline::app::control {

/// `export`: every conversation into a folder, as NAME-ID.jsonl (a message a line, as `history` gives it) and NAME-ID.txt
/// (to read). The folder is made (mode 0700); files of the same name are replaced. One result per conversation: `file`,
/// `person`, `name`, `messages`.
class ExportTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

private:
    struct Conversation {
        ConversationId id;
        QString name;
        QString person;
    };
    static std::vector<Conversation> conversations(Messenger& messenger);
    void nextConversation();
    void nextPage(HistoryReader reader);
    bool writePage(const std::vector<MessageRecord>& page);
    void endConversation();
    bool open(QFile& file, const QString& path);

    QString m_folder;
    std::vector<Conversation> m_left;
    Conversation m_current;
    QFile m_lines;
    QFile m_text;
    qint64 m_messages = 0;
    qint64 m_count = 0;
};

}  // namespace landline::app::control
