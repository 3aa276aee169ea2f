#include "app/storage/database_files.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace landline::app {

namespace {

// The write-ahead log goes first: left beside a new database it would be taken for that one's.
constexpr const char* kSuffixes[] = {"-wal", "-shm", ""};

QString freeName(const QString& path) {
    const QString base = path + QStringLiteral(".damaged-") +
                         QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"));
    QString name = base;
    for (int i = 2; QFileInfo::exists(name); ++i) name = base + u'-' + QString::number(i);
    return name;
}

}  // namespace

void DatabaseFiles::makePrivate() const {
    QFile file(m_path);
    // Where this fails, opening the database fails next and says why.
    if (!file.exists() && file.open(QIODevice::WriteOnly | QIODevice::NewOnly))
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
}

bool DatabaseFiles::isNotedDamaged() const {
    return QFileInfo::exists(note());
}

void DatabaseFiles::noteDamaged() const {
    QFile file(note());
    // If not even this can be written, the damage shows itself again on the next use.
    (void)file.open(QIODevice::WriteOnly);
}

Expected<QString> DatabaseFiles::setAside() const {
    const QString target = freeName(m_path);
    for (const char* const suffix : kSuffixes) {
        const QString name = m_path + QString::fromLatin1(suffix);
        if (!QFileInfo::exists(name)) continue;
        if (!QFile::rename(name, target + QString::fromLatin1(suffix)))
            return Unexpected(ErrorCode::Disk, QCoreApplication::translate(
                                                   "Storage",
                                                   "The database %1 is damaged and could not be set aside. "
                                                   "Rename it yourself and start again.")
                                                   .arg(QDir::toNativeSeparators(m_path))
                                                   .toStdString());
    }
    QFile::remove(note());
    return target;
}

}  // namespace landline::app
