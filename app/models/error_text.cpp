#include "app/models/error_text.h"

#include <QCoreApplication>
#include <QLocale>

namespace landline::app {

namespace {

QString kindText(ErrorCode code) {
    const auto tr = [](const char* text) { return QCoreApplication::translate("ErrorText", text); };
    switch (code) {
        case ErrorCode::Malformed:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "What arrived could not be understood."));
        case ErrorCode::TooLarge:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "This is too large to be sent."));
        case ErrorCode::BadSignature:
        case ErrorCode::WrongKey:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "The other side could not prove who it is."));
        case ErrorCode::VersionMismatch:
            return tr(QT_TRANSLATE_NOOP("ErrorText",
                                        "The versions do not fit together. Update Landline on both sides."));
        case ErrorCode::ProtocolViolation:
        case ErrorCode::Fork:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "The other side broke a rule of the protocol."));
        case ErrorCode::NotPermitted:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "This is not permitted."));
        case ErrorCode::NotFound:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "It could not be found."));
        case ErrorCode::Ambiguous:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "Several things have this name."));
        case ErrorCode::InvalidArgument:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "This is not possible."));
        case ErrorCode::Timeout:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "The other side did not answer in time."));
        case ErrorCode::Unreachable:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "The other side cannot be reached."));
        case ErrorCode::Closed:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "The connection has ended."));
        case ErrorCode::Full:
            return tr(QT_TRANSLATE_NOOP("ErrorText",
                                        "There is no space left. Free some disk space and try again."));
        case ErrorCode::Disk:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "Reading from or writing to the disk failed."));
        case ErrorCode::Locked:
            return tr(QT_TRANSLATE_NOOP("ErrorText",
                                        "Another program is using this profile, or it needs a passphrase."));
        case ErrorCode::Internal:
            return tr(QT_TRANSLATE_NOOP("ErrorText", "Something went wrong inside Landline."));
    }
    return {};
}

}  // namespace

QString errorText(const Error& error) {
    const QString original = QString::fromStdString(error.text);
    if (original.isEmpty()) return kindText(error.code);
    if (QLocale().language() == QLocale::English || QLocale().language() == QLocale::C) return original;
    const QString translated = QCoreApplication::translate("ErrorText", error.text.c_str());
    return translated == original ? kindText(error.code) : translated;
}

}  // namespace landline::app
