#pragma once

#include "app/storage/durable_file.h"

#include <map>
#include <vector>

namespace landline::app {

/// Where items of a bundle have moved, in a file beside its record, so that a crash at any time brings none of them twice
/// and takes none for moved that is not.
///
/// Format: lines of JSON, each with its '\n' in front, so that one which is torn spoils none behind it. Before an item is
/// moved: [item, path, inode, time of birth] (FileIdentity, in hexadecimal), which counts only if that very file or folder is
/// found at the path. Once the move is on the disk: [item, path], which counts whatever the person does there afterwards.
class MovedNotes {
public:
    struct Move {
        QString path;
        bool certain = false;
    };

    struct Intent {
        std::uint32_t item = 0;
        QString path;
        FileIdentity identity;
    };

    /// Without a path nothing was ever moved.
    explicit MovedNotes(QString path) : m_path(std::move(path)) {}

    /// By item; the last line that counts.
    [[nodiscard]] std::map<std::uint32_t, Move> read() const;
    /// Both are on the disk when they return. Where they fail, errno tells why.
    [[nodiscard]] bool noteIntended(const std::vector<Intent>& moves) const;
    [[nodiscard]] bool noteMoved(const std::map<std::uint32_t, QString>& items) const;

private:
    [[nodiscard]] bool add(const QByteArray& lines) const;
    QString m_path;
};

}  // namespace landline::app
