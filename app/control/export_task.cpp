#include "app/control/export_task.h"

#include "app/control/json_values.h"
#include "app/storage/file_io.h"

#include <QDateTime>
#include <QDir>
#include <QJsonDocument>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

struct ReadPage {
    HistoryReader reader;
    std::vector<MessageRecord> messages;
};

QString readable(const MessageRecord& message) {
    QString text = message.text;
    if (message.deleted) text = u"(deleted)"_s;
    if (message.kind == MessageKind::File && message.file) text = u"[file] "_s + message.file->name;
    if (message.kind == MessageKind::Unsupported) text = u"(needs a newer version of Landline)"_s;
    if (message.edited) text += u" (edited)"_s;
    return QDateTime::fromMSecsSinceEpoch(message.time).toString(u"yyyy-MM-dd HH:mm:ss"_s) + u"  "_s +
           message.authorName + u": "_s + text + u'\n';
}

}  // namespace

void ExportTask::start() {
    const Expected<QString> folder = arguments().text("folder"_L1);
    if (!folder) return fail(folder.error());
    m_folder = *folder;
    const bool made = !QDir(m_folder).exists();
    if (!QDir().mkpath(m_folder))
        return fail(ErrorCode::Disk, tr("The folder %1 cannot be made.").arg(m_folder));
    if (made) QFile::setPermissions(m_folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    ask([](Messenger& messenger) { return conversations(messenger); },
        [this](std::vector<Conversation> found) {
            m_left = std::move(found);
            nextConversation();
        });
}

std::vector<ExportTask::Conversation> ExportTask::conversations(Messenger& messenger) {
    std::vector<Conversation> found;
    for (const PersonView& person : messenger.people()) {
        if (!person.last) continue;
        found.push_back({person.conversation, person.record.name, hexOf(person.record.id.view())});
    }
    return found;
}

bool ExportTask::open(QFile& file, const QString& path) {
    file.setFileName(path);
    if (file.open(QIODevice::WriteOnly | QIODevice::Truncate) &&
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner)) {
        return true;
    }
    fail(ErrorCode::Disk, tr("%1 could not be written: %2.").arg(path, file.errorString()));
    return false;
}

void ExportTask::nextConversation() {
    if (m_left.empty()) {
        return finish({{u"count"_s, m_count}});
    }
    m_current = std::move(m_left.back());
    m_left.pop_back();
    m_messages = 0;
    const QString base =
        QDir(m_folder).filePath(safeFileName(m_current.name) + u'-' + m_current.person.left(8));
    if (!open(m_lines, base + u".jsonl"_s) || !open(m_text, base + u".txt"_s)) return;
    nextPage(HistoryReader(m_current.id, std::nullopt, 0));
}

void ExportTask::nextPage(HistoryReader reader) {
    ask(
        [reader](Messenger& messenger) mutable {
            std::vector<MessageRecord> messages = reader.next(messenger);
            return ReadPage{reader, std::move(messages)};
        },
        [this](const ReadPage& page) {
            if (page.messages.empty()) return endConversation();
            if (writePage(page.messages)) nextPage(page.reader);
        });
}

bool ExportTask::writePage(const std::vector<MessageRecord>& page) {
    m_messages += static_cast<qint64>(page.size());
    for (const MessageRecord& message : page) {
        const QByteArray line = QJsonDocument(messageJson(message)).toJson(QJsonDocument::Compact) + '\n';
        const QByteArray text = readable(message).toUtf8();
        if (m_lines.write(line) == line.size() && m_text.write(text) == text.size()) continue;
        fail(ErrorCode::Disk, tr("The export could not be written: %1.").arg(m_lines.errorString()));
        return false;
    }
    return true;
}

void ExportTask::endConversation() {
    const bool written = m_lines.flush() && m_text.flush();
    m_lines.close();
    m_text.close();
    if (!written)
        return fail(ErrorCode::Disk, tr("The export could not be written: %1.").arg(m_lines.errorString()));
    result({{u"file"_s, m_lines.fileName()},
            {u"person"_s, m_current.person},
            {u"name"_s, m_current.name},
            {u"messages"_s, m_messages}});
    ++m_count;
    nextConversation();
}

}  // namespace landline::app::control
