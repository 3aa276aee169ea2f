#pragma once

#include "p2p/base/expected.h"

#include <QString>

namespace landline::app {

/// The files of a database: FILE, FILE-wal and FILE-shm, and the note FILE.damaged that one of them has turned out to
/// be damaged, which outlives the program that found it.
class DatabaseFiles {
public:
    explicit DatabaseFiles(QString path) : m_path(std::move(path)) {}

    [[nodiscard]] const QString& path() const { return m_path; }
    /// Makes an empty file of mode 0600 if there is none: SQLite gives its other files the same mode.
    void makePrivate() const;
    [[nodiscard]] bool isNotedDamaged() const;
    void noteDamaged() const;
    /// Renames them to FILE.damaged-YYYYMMDD-HHMMSS and so on and takes the note away; gives FILE's new path.
    [[nodiscard]] Expected<QString> setAside() const;

private:
    [[nodiscard]] QString note() const { return m_path + QStringLiteral(".damaged"); }
    QString m_path;
};

}  // namespace landline::app
