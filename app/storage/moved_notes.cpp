#include "app/storage/moved_notes.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include <unistd.h>

namespace landline::app {

namespace {

QByteArray lineOf(const QJsonArray& values) {
    return '\n' + QJsonDocument(values).toJson(QJsonDocument::Compact);
}

/// As text, for JSON's numbers may be rounded.
QString text(std::uint64_t number) {
    return QString::number(number, 16);
}

bool isAt(const QString& path, const QJsonValue& inode, const QJsonValue& birth) {
    const FileIdentity there = identityOf(path);
    return (there.inode != 0 || there.birth != 0) && text(there.inode) == inode.toString() &&
           text(there.birth) == birth.toString();
}

}  // namespace

std::map<std::uint32_t, MovedNotes::Move> MovedNotes::read() const {
    std::map<std::uint32_t, Move> moves;
    if (m_path.isEmpty()) return moves;
    QFile file(m_path);
    if (!file.open(QIODevice::ReadOnly)) return moves;
    while (!file.atEnd()) {
        const QJsonArray line = QJsonDocument::fromJson(file.readLine()).array();
        if ((line.size() != 2 && line.size() != 4) || !line.at(0).isDouble() || !line.at(1).isString())
            continue;
        const QString path = line.at(1).toString();
        const bool certain = line.size() == 2;
        if (certain || isAt(path, line.at(2), line.at(3)))
            moves[static_cast<std::uint32_t>(line.at(0).toInteger())] = {path, certain};
    }
    return moves;
}

bool MovedNotes::noteIntended(const std::vector<Intent>& moves) const {
    QByteArray lines;
    for (const auto& [item, path, identity] : moves)
        lines += lineOf({static_cast<qint64>(item), path, text(identity.inode), text(identity.birth)});
    return lines.isEmpty() || add(lines);
}

bool MovedNotes::noteMoved(const std::map<std::uint32_t, QString>& items) const {
    QByteArray lines;
    for (const auto& [item, path] : items) lines += lineOf({static_cast<qint64>(item), path});
    return lines.isEmpty() || add(lines);
}

bool MovedNotes::add(const QByteArray& lines) const {
    QFile file(m_path);
    const bool isNew = !file.exists();
    return file.open(QIODevice::WriteOnly | QIODevice::Append | QIODevice::Unbuffered) &&
           file.write(lines) == lines.size() && ::fdatasync(file.handle()) == 0 &&
           (!isNew || syncFolder(QFileInfo(m_path).path()));
}

}  // namespace landline::app
