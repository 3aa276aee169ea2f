#include "app/control/control_path.h"

#include "p2p/base/hash.h"

#include <QDir>
#include <QFileInfo>

#include <sys/stat.h>
#include <unistd.h>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

/// A folder of this user's own that nobody else may enter; made if need be.
Expected<QString> privateFolder() {
    const QString folder = QDir::tempPath() + u"/landline-"_s + QString::number(::getuid());
    const QByteArray path = QFile::encodeName(folder);
    ::mkdir(path.constData(), 0700);
    struct stat info {};
    // lstat: a link that another user laid there must not count as our folder.
    const bool ours = ::lstat(path.constData(), &info) == 0 && S_ISDIR(info.st_mode) &&
                      info.st_uid == ::getuid() && (info.st_mode & 077) == 0;
    if (!ours) {
        return Unexpected(
            ErrorCode::NotPermitted,
            folder.toStdString() + " is not a private folder of yours. Remove it or set XDG_RUNTIME_DIR.");
    }
    return folder;
}

}  // namespace

Expected<QString> controlSocketPath(const QString& profileFolder) {
    QString folder = qEnvironmentVariable("XDG_RUNTIME_DIR");
    if (folder.isEmpty() || !QFileInfo(folder).isDir()) {
        const Expected<QString> own = privateFolder();
        if (!own) return Unexpected(own.error());
        folder = *own;
    }
    const QString canonical = QFileInfo(profileFolder).canonicalFilePath();
    const QByteArray name = (canonical.isEmpty() ? QDir(profileFolder).absolutePath() : canonical).toUtf8();
    const Hash256 hash = sha256(landline::viewOf({name.constData(), static_cast<std::size_t>(name.size())}));
    return QString(folder + u"/landline-"_s + QString::fromStdString(toHex(hash.view().first(8))));
}

}  // namespace landline::app::control
