#include "app/models/runnable_file.h"

#include <QFile>
#include <QFileInfo>
#include <QSet>

namespace landline::app {

namespace {

bool isNamedLikeAProgram(const QString& name) {
    static const QSet<QString> kEndings{
        QStringLiteral("apk"),  QStringLiteral("app"),        QStringLiteral("appimage"),
        QStringLiteral("bash"), QStringLiteral("bat"),        QStringLiteral("bin"),
        QStringLiteral("cmd"),  QStringLiteral("com"),        QStringLiteral("command"),
        QStringLiteral("csh"),  QStringLiteral("deb"),        QStringLiteral("desktop"),
        QStringLiteral("exe"),  QStringLiteral("flatpakref"), QStringLiteral("hta"),
        QStringLiteral("jar"),  QStringLiteral("js"),         QStringLiteral("lnk"),
        QStringLiteral("msi"),  QStringLiteral("pl"),         QStringLiteral("ps1"),
        QStringLiteral("py"),   QStringLiteral("rb"),         QStringLiteral("rpm"),
        QStringLiteral("run"),  QStringLiteral("scr"),        QStringLiteral("sh"),
        QStringLiteral("snap"), QStringLiteral("url"),        QStringLiteral("vbs"),
        QStringLiteral("wsf"),  QStringLiteral("zsh")};
    return kEndings.contains(name.section(u'.', -1).toLower());
}

bool beginsLikeAProgram(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return false;
    const QByteArray beginning = file.read(4);
    for (const char* const mark : {"#!",
                                   "\x7f"
                                   "ELF",
                                   "MZ", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe"})
        if (beginning.startsWith(mark)) return true;
    return false;
}

}  // namespace

bool mayRunWhenOpened(const QString& path) {
    const QFileInfo file(path);
    if (!file.isFile()) return false;
    return file.isExecutable() || isNamedLikeAProgram(file.fileName()) || beginsLikeAProgram(path);
}

}  // namespace landline::app
