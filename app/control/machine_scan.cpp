#include "app/control/machine_scan.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int kToolMillis = 2000;

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// What a tool prints; empty where it is missing or may not do it.
QByteArray outputOf(const QString& tool, const QStringList& arguments) {
    QProcess process;
    process.setStandardErrorFile(QProcess::nullDevice());
    process.start(tool, arguments);
    if (!process.waitForFinished(kToolMillis)) {
        process.kill();
        process.waitForFinished(kToolMillis);
        return {};
    }
    return process.exitCode() == 0 ? process.readAllStandardOutput() : QByteArray();
}

bool holdsSocket(const QString& process, const QStringList& inodes) {
    const QDir descriptors(u"/proc/"_s + process + u"/fd"_s);
    for (const QString& name :
         descriptors.entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System)) {
        const QString target = QFile::symLinkTarget(descriptors.filePath(name));
        for (const QString& inode : inodes) {
            if (target.endsWith(u"socket:["_s + inode + u"]"_s)) return true;
        }
    }
    return false;
}

}  // namespace

bool ufwIsEnabled(const QByteArray& conf) {
    for (const QByteArray& line : conf.split('\n')) {
        if (line.trimmed().toLower().replace(" ", "") == "enabled=yes") return true;
    }
    return false;
}

bool nftDropsInput(const QByteArray& ruleset) {
    for (const QByteArray& line : ruleset.split('\n')) {
        if (line.contains("hook input") && line.contains("policy drop")) return true;
    }
    return false;
}

QStringList activeFirewalls() {
    QStringList active;
    if (ufwIsEnabled(contentOf(u"/etc/ufw/ufw.conf"_s))) active.append(u"ufw"_s);
    if (QFileInfo::exists(u"/run/firewalld.pid"_s) || QFileInfo::exists(u"/run/firewalld"_s)) {
        active.append(u"firewalld"_s);
    }
    if (!active.isEmpty()) return active;  // these make the rules of the ones below
    if (nftDropsInput(outputOf(u"nft"_s, {u"list"_s, u"ruleset"_s}))) active.append(u"nftables"_s);
    const QByteArray rules = outputOf(u"iptables"_s, {u"-S"_s, u"INPUT"_s});
    if (rules.contains("-P INPUT DROP") || rules.contains("-j REJECT") || rules.contains("-j DROP")) {
        active.append(u"iptables"_s);
    }
    return active;
}

QStringList inodesOfUdpPort(const QByteArray& table, quint16 port) {
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
    constexpr qsizetype kLocal = 1;
    constexpr qsizetype kInode = 9;
    const QByteArray wanted = ":" + QByteArray::number(port, 16).rightJustified(4, '0').toUpper();
    QStringList inodes;
    for (const QByteArray& line : table.split('\n')) {
        const QList<QByteArray> fields = line.simplified().split(' ');
        if (fields.size() > kInode && fields[kLocal].endsWith(wanted))
            inodes.append(QString::fromLatin1(fields[kInode]));
    }
    return inodes;
}

QString holderOfUdpPort(quint16 port) {
    const QStringList inodes =
        inodesOfUdpPort(contentOf(u"/proc/net/udp"_s) + contentOf(u"/proc/net/udp6"_s), port);
    if (inodes.isEmpty()) return {};
    for (const QString& process : QDir(u"/proc"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        bool isProcess = false;
        static_cast<void>(process.toInt(&isProcess));
        if (!isProcess || !holdsSocket(process, inodes)) continue;
        const QString name = QString::fromUtf8(contentOf(u"/proc/"_s + process + u"/comm"_s)).trimmed();
        return name + u" (process "_s + process + u")"_s;
    }
    return {};
}

}  // namespace landline::app::control
