#include "app/cli/printer.h"

#include "app/cli/human.h"

#include <QJsonDocument>
#include <QMetaObject>

#include <unistd.h>
#include <cerrno>

namespace landline::app::cli {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype kFlushAt = 64 * 1024;

bool writeAll(int file, const QByteArray& bytes) {
    qsizetype written = 0;
    while (written < bytes.size()) {
        const ssize_t count =
            ::write(file, bytes.constData() + written, static_cast<std::size_t>(bytes.size() - written));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        written += count;
    }
    return true;
}

}  // namespace

Printer::~Printer() {
    flush();
}

std::optional<int> Printer::answer(const QString& name, const QJsonObject& line) {
    const QString event = line.value("event"_L1).toString();
    QJsonObject fields = line;
    for (const QLatin1String key : {"event"_L1, "tag"_L1}) fields.remove(key);
    if (event == "progress"_L1) {
        progress(fields);
        return std::nullopt;
    }
    if (event == "result"_L1) {
        result(name, fields);
        return std::nullopt;
    }
    if (event == "error"_L1) {
        error(line.value("text"_L1).toString());
        return 1;
    }
    if (event != "done"_L1) return std::nullopt;
    const QString why = line.value("error"_L1).toString();
    for (const QLatin1String key : {"code"_L1, "error"_L1, "error_code"_L1, "count"_L1, "healthy"_L1})
        fields.remove(key);
    if (!fields.isEmpty()) result(name, fields);
    if (!why.isEmpty()) error(why);
    return line.value("code"_L1).toInt(1);
}

void Printer::event(const QJsonObject& line) {
    if (m_json) return writeJson(line);
    const QString text = humanEvent(line);
    if (!text.isEmpty()) writeLine(text);
}

void Printer::result(const QString& name, const QJsonObject& fields) {
    if (m_json) return writeJson(fields);
    const QString text = humanResult(name, fields);
    if (!text.isEmpty()) writeLine(text);
}

void Printer::progress(const QJsonObject& line) {
    const qint64 size = line.value("size"_L1).toInteger();
    const qint64 bytes = line.value("bytes"_L1).toInteger();
    QString text = u"%1: %2 of %3, %4"_s.arg(line.value("name"_L1).toString(), humanSize(bytes),
                                             humanSize(size), line.value("state"_L1).toString());
    if (line.contains("speed"_L1)) text += u", %1/s"_s.arg(humanSize(line.value("speed"_L1).toInteger()));
    m_progressShown = ::isatty(STDERR_FILENO) == 1;
    // On a terminal the line is written over.
    text = m_progressShown ? QString(u"\r\x1b[K"_s + text) : QString(text + u'\n');
    writeAll(STDERR_FILENO, text.toUtf8());
}

void Printer::error(const QString& text) {
    flush();
    QString line = text;
    line.replace(u'\n', u' ');
    writeAll(STDERR_FILENO,
             ((m_progressShown ? u"\n"_s : QString()) + u"landline-cli: "_s + line + u'\n').toUtf8());
    m_progressShown = false;
}

void Printer::writeLine(const QString& text) {
    write(text.toUtf8() + '\n');
}

void Printer::writeJson(const QJsonObject& fields) {
    write(QJsonDocument(fields).toJson(QJsonDocument::Compact) + '\n');
}

void Printer::write(const QByteArray& bytes) {
    m_waiting += bytes;
    if (m_waiting.size() >= kFlushAt) return flush();
    if (m_flushPending) return;
    m_flushPending = true;
    QMetaObject::invokeMethod(this, &Printer::flush, Qt::QueuedConnection);
}

void Printer::flush() {
    m_flushPending = false;
    if (m_progressShown && !m_waiting.isEmpty()) {
        writeAll(STDERR_FILENO, "\n");
        m_progressShown = false;
    }
    const QByteArray bytes = std::exchange(m_waiting, {});
    if (!bytes.isEmpty() && !writeAll(STDOUT_FILENO, bytes)) Q_EMIT closed();
}

}  // namespace landline::app::cli
