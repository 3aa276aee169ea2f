#include "app/cli/passphrase.h"

#include "app/control/exit_code.h"
#include "app/storage/profile.h"

#include <QFile>

#include <termios.h>
#include <unistd.h>
#include <cstdio>
#include <iostream>
#include <string>

namespace landline::app::cli {

using namespace Qt::Literals::StringLiterals;

namespace {

/// The terminal does not show what is typed, as long as this lives.
class NoEcho {
public:
    NoEcho() {
        if (::tcgetattr(STDIN_FILENO, &m_before) != 0) return;
        termios silent = m_before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        m_changed = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~NoEcho() {
        if (m_changed) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &m_before);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

private:
    termios m_before{};
    bool m_changed = false;
};

QString readLine() {
    std::string line;
    std::getline(std::cin, line);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return QString::fromStdString(line);
}

QString ask(const char* question) {
    const NoEcho silence;
    std::fputs(question, stderr);
    const QString line = readLine();
    std::fputs("\n", stderr);
    return line;
}

Expected<QString> newPassphrase() {
    QString passphrase = qEnvironmentVariable("LANDLINE_NEW_PASSPHRASE");
    if (passphrase.isEmpty() && ::isatty(STDIN_FILENO) == 1) {
        passphrase = ask("New passphrase: ");
        if (passphrase != ask("Once more: "))
            return Unexpected(ErrorCode::InvalidArgument,
                              "These are two different ones. Nothing was changed.");
    } else if (passphrase.isEmpty()) {
        passphrase = readLine();
    }
    if (passphrase.isEmpty())
        return Unexpected(
            ErrorCode::InvalidArgument,
            "There is no new passphrase. Type it when asked, or give it on standard input or in "
            "LANDLINE_NEW_PASSPHRASE; --remove takes it away.");
    return passphrase;
}

int failed(const Error& error, Printer& printer) {
    printer.error(QString::fromStdString(error.text));
    return static_cast<int>(control::exitCodeOf(error.code));
}

}  // namespace

QString passphraseFromEnvironment() {
    return qEnvironmentVariable("LANDLINE_PASSPHRASE");
}

Expected<QString> passphraseFromFile(const QString& path) {
    if (path.isEmpty()) return QString();
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return Unexpected(ErrorCode::Disk, path.toStdString() + " could not be read.");
    }
    const QString passphrase = QString::fromUtf8(file.readLine()).trimmed();
    if (passphrase.isEmpty()) {
        return Unexpected(ErrorCode::InvalidArgument,
                          path.toStdString() + " holds no passphrase on its first line.");
    }
    return passphrase;
}

int changePassphrase(const QJsonObject& command, const QString& profile, Printer& printer) {
    const Expected<std::unique_ptr<Profile>> opened = Profile::open(profile, passphraseFromEnvironment());
    if (!opened) return failed(opened.error(), printer);
    QString passphrase;
    if (!command.value("remove"_L1).toBool()) {
        const Expected<QString> wanted = newPassphrase();
        if (!wanted) return failed(wanted.error(), printer);
        passphrase = *wanted;
    }
    if (const Expected<void> changed = (*opened)->setPassphrase(passphrase); !changed)
        return failed(changed.error(), printer);
    printer.result(u"passphrase"_s, {{u"sealed"_s, !passphrase.isEmpty()}});
    return 0;
}

}  // namespace landline::app::cli
