#include "app/storage/backup.h"

#include "app/storage/backup_stream.h"

#include <QAtomicInt>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>

#include <algorithm>

namespace landline::app::backup {

using namespace Qt::Literals::StringLiterals;

namespace {

const QString kKeys = u"landline.keys"_s;
const QString kDatabase = u"landline.db"_s;
/// Where copies lie before they are whole.
const QString kScratch = u"landline.copy-XXXXXX"_s;
constexpr QFileDevice::Permissions kOwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
constexpr std::uint8_t kFileFollows = 1;
constexpr std::uint8_t kBodyEnds = 0;

Unexpected diskError(const QString& what, const QString& why) {
    const QString text = what + u": "_s + why + u"."_s;
    return Unexpected(ErrorCode::Disk, text.toStdString());
}

/// VACUUM INTO reads one state of the database through a connection of its own; writers go on meanwhile (WAL).
Expected<void> copyDatabase(const QString& from, const QString& to) {
    static QAtomicInt count;
    const QString name = u"backup-%1"_s.arg(count.fetchAndAddRelaxed(1));
    QString problem;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, name);
        database.setDatabaseName(from);
        QSqlQuery query(database);
        if (!database.open()) {
            problem = database.lastError().text();
        } else {
            query = QSqlQuery(database);
            const bool done = query.prepare(u"VACUUM INTO ?"_s) && (query.addBindValue(to), query.exec());
            if (!done) problem = query.lastError().text();
        }
    }
    QSqlDatabase::removeDatabase(name);
    if (!problem.isEmpty()) return diskError(u"The database could not be copied"_s, problem);
    return {};
}

Expected<void> addFile(ChunkWriter& writer, const QString& name, const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return diskError(path + u" could not be read"_s, file.errorString());
    const QByteArray shown = name.toUtf8();
    Bytes head{kFileFollows, static_cast<std::uint8_t>(shown.size())};
    append(head, viewOf({shown.constData(), static_cast<std::size_t>(shown.size())}));
    appendBe64(head, static_cast<std::uint64_t>(file.size()));
    if (Expected<void> written = writer.write(head); !written) return written;
    for (qint64 left = file.size(); left > 0;) {
        const QByteArray part = file.read(std::min(left, static_cast<qint64>(kChunk)));
        if (part.isEmpty()) return diskError(path + u" could not be read"_s, file.errorString());
        left -= part.size();
        const ByteView view = viewOf({part.constData(), static_cast<std::size_t>(part.size())});
        if (Expected<void> written = writer.write(view); !written) return written;
    }
    return {};
}

Expected<void> writeTo(QIODevice& out, const QString& keys, const QString& database,
                       const QString& passphrase) {
    ChunkWriter writer(out);
    if (Expected<void> begun = writer.begin(passphrase); !begun) return begun;
    if (Expected<void> added = addFile(writer, kKeys, keys); !added) return added;
    if (Expected<void> added = addFile(writer, kDatabase, database); !added) return added;
    const std::uint8_t end = kBodyEnds;
    if (Expected<void> written = writer.write({&end, 1}); !written) return written;
    return writer.end();
}

/// Copies the next `size` bytes of the body into a new file.
Expected<void> extract(ChunkReader& reader, std::uint64_t size, const QString& path) {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(kOwnerOnly)) {
        return diskError(path + u" could not be written"_s, file.errorString());
    }
    while (size > 0) {
        const Expected<Bytes> part =
            reader.read(static_cast<std::size_t>(std::min<std::uint64_t>(size, kChunk)));
        if (!part) return Unexpected(part.error());
        const auto length = static_cast<qint64>(part->size());
        if (file.write(reinterpret_cast<const char*>(part->data()), length) != length) {
            return diskError(path + u" could not be written"_s, file.errorString());
        }
        size -= part->size();
    }
    if (!file.commit()) return diskError(path + u" could not be written"_s, file.errorString());
    return {};
}

struct FileHead {
    QString name;  ///< empty at the body's end
    std::uint64_t size = 0;
};

Expected<FileHead> readHead(ChunkReader& reader) {
    const Unexpected malformed(ErrorCode::Malformed,
                               "The backup holds something unknown: it cannot be restored.");
    const Expected<Bytes> kind = reader.read(1);
    if (!kind) return Unexpected(kind.error());
    if (kind->front() == kBodyEnds) return FileHead{};
    if (kind->front() != kFileFollows) return malformed;
    const Expected<Bytes> length = reader.read(1);
    if (!length) return Unexpected(length.error());
    const Expected<Bytes> name = reader.read(length->front());
    if (!name) return Unexpected(name.error());
    const Expected<Bytes> size = reader.read(sizeof(std::uint64_t));
    if (!size) return Unexpected(size.error());
    const FileHead head{
        QString::fromUtf8(reinterpret_cast<const char*>(name->data()), static_cast<qsizetype>(name->size())),
        loadBe64(size->data())};
    if (head.name != kKeys && head.name != kDatabase) return malformed;
    return head;
}

Expected<void> extractAll(const QString& file, const QString& folder, const QString& passphrase) {
    QFile in(file);
    if (!in.open(QIODevice::ReadOnly)) return diskError(file + u" could not be read"_s, in.errorString());
    ChunkReader reader(in);
    if (Expected<void> begun = reader.begin(passphrase); !begun) return begun;
    for (;;) {
        const Expected<FileHead> head = readHead(reader);
        if (!head) return Unexpected(head.error());
        if (head->name.isEmpty()) break;
        const QString path = QDir(folder).filePath(head->name);
        if (Expected<void> done = extract(reader, head->size, path); !done) return done;
    }
    if (Expected<void> ended = reader.end(); !ended) return ended;
    for (const QString& name : {kKeys, kDatabase}) {
        if (!QFile::exists(QDir(folder).filePath(name))) {
            return Unexpected(ErrorCode::Malformed, "The backup is incomplete: it cannot be restored.");
        }
    }
    return {};
}

}  // namespace

void sweep(const QString& folder) {
    QString left = kScratch;
    for (const QFileInfo& scratch :
         QDir(folder).entryInfoList({left.replace(u'X', u'?')}, QDir::Dirs | QDir::NoSymLinks))
        QDir(scratch.filePath()).removeRecursively();
}

Expected<void> write(const QString& folder, const QString& file, const QString& passphrase) {
    if (QFileInfo::exists(file)) {
        return Unexpected(ErrorCode::InvalidArgument,
                          file.toStdString() + " is there already. Choose another name for the backup.");
    }
    // The copy lies beside the database: it may be large, and it is as secret.
    const QTemporaryDir scratch(QDir(folder).filePath(kScratch));
    if (!scratch.isValid()) return diskError(u"There is no place for the copy"_s, scratch.errorString());
    const QString copy = scratch.filePath(kDatabase);
    if (Expected<void> copied = copyDatabase(QDir(folder).filePath(kDatabase), copy); !copied) return copied;
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || !out.setPermissions(kOwnerOnly)) {
        return diskError(file + u" could not be written"_s, out.errorString());
    }
    if (Expected<void> written = writeTo(out, QDir(folder).filePath(kKeys), copy, passphrase); !written)
        return written;
    if (!out.commit()) return diskError(file + u" could not be written"_s, out.errorString());
    return {};
}

Expected<void> restore(const QString& file, const QString& folder, const QString& passphrase) {
    if (QFileInfo::exists(QDir(folder).filePath(kKeys)) ||
        QFileInfo::exists(QDir(folder).filePath(kDatabase))) {
        return Unexpected(ErrorCode::InvalidArgument,
                          "There is a profile in " + folder.toStdString() +
                              " already. Restore into another folder with --profile.");
    }
    const bool made = !QFileInfo::exists(folder);
    if (!QDir().mkpath(folder) ||
        (made && !QFile::setPermissions(folder, kOwnerOnly | QFileDevice::ExeOwner))) {
        return Unexpected(ErrorCode::Disk, "The folder " + folder.toStdString() + " cannot be made.");
    }
    // Beside their places first, so that a backup that ends in the middle leaves no half profile.
    const QTemporaryDir scratch(QDir(folder).filePath(kScratch));
    if (!scratch.isValid()) return diskError(u"There is no place for the profile"_s, scratch.errorString());
    if (Expected<void> extracted = extractAll(file, scratch.path(), passphrase); !extracted) return extracted;
    for (const QString& name : {kDatabase, kKeys}) {
        if (!QFile::rename(scratch.filePath(name), QDir(folder).filePath(name))) {
            return Unexpected(ErrorCode::Disk,
                              "The profile could not be put in its place in " + folder.toStdString() + ".");
        }
    }
    return {};
}

}  // namespace landline::app::backup
