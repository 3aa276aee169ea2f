#include "app/models/error_text.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace landline::app {

namespace {

const char* kindText(ErrorCode code) {
    switch (code) {
        case ErrorCode::Malformed:
            return QT_TRANSLATE_NOOP("ErrorText", "What arrived could not be understood.");
        case ErrorCode::TooLarge:
            return QT_TRANSLATE_NOOP("ErrorText", "This is too large to be sent.");
        case ErrorCode::BadSignature:
        case ErrorCode::WrongKey:
            return QT_TRANSLATE_NOOP("ErrorText", "The other side could not prove who it is.");
        case ErrorCode::VersionMismatch:
            return QT_TRANSLATE_NOOP("ErrorText",
                                     "The versions do not fit together. Update Landline on both sides.");
        case ErrorCode::ProtocolViolation:
        case ErrorCode::Fork:
            return QT_TRANSLATE_NOOP("ErrorText", "The other side broke a rule of the protocol.");
        case ErrorCode::NotPermitted:
            return QT_TRANSLATE_NOOP("ErrorText", "This is not permitted.");
        case ErrorCode::NotFound:
            return QT_TRANSLATE_NOOP("ErrorText", "It could not be found.");
        case ErrorCode::Ambiguous:
            return QT_TRANSLATE_NOOP("ErrorText", "Several things have this name.");
        case ErrorCode::InvalidArgument:
            return QT_TRANSLATE_NOOP("ErrorText", "This is not possible.");
        case ErrorCode::Timeout:
            return QT_TRANSLATE_NOOP("ErrorText", "The other side did not answer in time.");
        case ErrorCode::Unreachable:
            return QT_TRANSLATE_NOOP("ErrorText", "The other side cannot be reached.");
        case ErrorCode::Closed:
            return QT_TRANSLATE_NOOP("ErrorText", "The connection has ended.");
        case ErrorCode::Full:
            return QT_TRANSLATE_NOOP("ErrorText",
                                     "There is no space left. Free some disk space and try again.");
        case ErrorCode::Disk:
            return QT_TRANSLATE_NOOP("ErrorText", "Reading from or writing to the disk failed.");
        case ErrorCode::Locked:
            return QT_TRANSLATE_NOOP("ErrorText",
                                     "Another program is using this profile, or it needs a passphrase.");
        case ErrorCode::Internal:
            return QT_TRANSLATE_NOOP("ErrorText", "Something went wrong inside Landline.");
    }
    return "";
}

/// Sentences that the messenger gives in English, whole.
[[maybe_unused]] constexpr const char* kSentences[] = {
    QT_TRANSLATE_NOOP("ErrorText", "A name needs at least one visible character."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "You use no relay, so there is nothing in your link to take back: it only says who you are "
                      "and where this device is."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "This is no relay's URL: it does not begin with landline://. It has the form "
                      "landline://HOST:PORT/KEY; copy the whole of it."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "This is no relay's URL: it names no host and port. It has the form "
                      "landline://HOST:PORT/KEY; copy the whole of it."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "This is no relay's URL: its key is missing or not whole. It has the form "
                      "landline://HOST:PORT/KEY; copy the whole of it."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "This is no relay's URL: its invite is not whole. It has the form "
                      "landline://HOST:PORT/KEY; copy the whole of it."),
    QT_TRANSLATE_NOOP("ErrorText", "This is too long for a relay's URL."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "You use 4 relays already, and contacts are told no more. Remove one first."),
    QT_TRANSLATE_NOOP("ErrorText", "This is a link to a person, and no relay's URL. Add it as a contact."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "This is no contact link, or a part of it is missing. Copy the whole of it: it begins "
                      "with landline://contact/."),
    QT_TRANSLATE_NOOP("ErrorText", "This is too long for a contact link."),
    QT_TRANSLATE_NOOP("ErrorText", "This is your own link: give it to somebody who is to add you."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "You have blocked this person. Unblock them first, then add the link again."),
    QT_TRANSLATE_NOOP("ErrorText", "The relay is not connected at the moment. Try again once it is."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The connection to the relay ended before it had told its directory. Try again in a moment."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The relay was asked for too much in a short time. Wait a minute, then try again."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The relay has too much to do at the moment. Wait a minute, then try again."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The relay cannot read its directory at the moment. If that lasts, tell its operator."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The relay answered with something else than its directory. If that happens again, tell "
                      "its operator."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "This relay has no directory of people: its operator has not switched one on."),
    QT_TRANSLATE_NOOP("ErrorText", "This relay is not in use here."),
    QT_TRANSLATE_NOOP("ErrorText", "A reaction is one emoji."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "A limit of less than 16 KiB a second would stop transfers. Give more, or 0 for none."),
    QT_TRANSLATE_NOOP(
        "ErrorText",
        "Files are taken unasked only from people whom you have accepted. Accept this person first."),
    QT_TRANSLATE_NOOP("ErrorText", "From 1 to 100 files can be fetched at the same time."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "Only what is to be fetched has a place in the order. “transfers” lists it."),
    QT_TRANSLATE_NOOP("ErrorText", "The folder cannot be made. Choose another folder."),
    QT_TRANSLATE_NOOP("ErrorText", "There is no folder, or the quota is too large."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "A copy of this profile is in use elsewhere. This one goes on as a new device of "
                      "yours: send it again in a moment."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "Files come only from people whom you have accepted. Accept this person first."),
    QT_TRANSLATE_NOOP("ErrorText", "Only your own messages can be deleted for everyone."),
    QT_TRANSLATE_NOOP("ErrorText", "Only your own text messages can be edited."),
    QT_TRANSLATE_NOOP("ErrorText", "The device that offered this file is not known here any more."),
    QT_TRANSLATE_NOOP("ErrorText", "The message was stored but cannot be read back."),
    QT_TRANSLATE_NOOP("ErrorText", "There is no such conversation."),
    QT_TRANSLATE_NOOP("ErrorText", "There is no such message, or it was deleted."),
    QT_TRANSLATE_NOOP("ErrorText", "There is no text to send."),
    QT_TRANSLATE_NOOP("ErrorText", "This person is not known here."),
    QT_TRANSLATE_NOOP("ErrorText", "You have blocked this person. Unblock them to write to them."),
    QT_TRANSLATE_NOOP("ErrorText", "The other side no longer offers this file."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The offer of this file is not here any more. Ask for it to be sent again."),
    QT_TRANSLATE_NOOP("ErrorText", "The record of what was offered is gone or damaged. Send it again."),
    QT_TRANSLATE_NOOP("ErrorText", "There is nothing to send."),
    QT_TRANSLATE_NOOP("ErrorText", "This file was withdrawn. Send it again."),
    QT_TRANSLATE_NOOP("ErrorText", "The file has changed since it was offered. Ask for it to be sent again."),
    QT_TRANSLATE_NOOP(
        "ErrorText",
        "Some of what was offered had changed or was gone here when it was asked for, and was left "
        "out; the rest has arrived. Send it again, or put it back as it was and let the receiver "
        "resume."),
    QT_TRANSLATE_NOOP("ErrorText", "The other side cannot read the file. Ask for it to be sent again."),
    QT_TRANSLATE_NOOP("ErrorText", "The other side does not give this file to this device."),
    QT_TRANSLATE_NOOP("ErrorText", "The other side does not give files to you."),
    QT_TRANSLATE_NOOP("ErrorText", "The other side refused to send the file."),
    QT_TRANSLATE_NOOP("ErrorText", "What is here of the file is not part of it. Fetch it anew."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The program of the other side is too old for folders and several files at once. Send "
                      "the files one by one, or ask them to update it."),
    QT_TRANSLATE_NOOP("ErrorText", "The other side cancelled the transfer."),
    QT_TRANSLATE_NOOP("ErrorText", "The file has another size than when it was offered. Offer it again."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The connection ended before the whole file was there. It goes on when the other "
                      "side asks again."),
    QT_TRANSLATE_NOOP("ErrorText", "The sender has withdrawn this file."),
    QT_TRANSLATE_NOOP("ErrorText", "The sender no longer has this file as it was offered."),
    QT_TRANSLATE_NOOP("ErrorText", "This file was withdrawn. Send it again."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The list of the offered files does not fit the offer. Ask for them to be sent again."),
    QT_TRANSLATE_NOOP("ErrorText", "The record of what was offered is damaged. Send it again."),
    QT_TRANSLATE_NOOP("ErrorText", "The record of what was offered is gone or damaged. Send it again."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The record of what is offered was lost before it was sent. Send it again."),
    QT_TRANSLATE_NOOP("ErrorText",
                      "The offer of this file is not here any more. Ask for it to be sent again."),
};

QString translated(const char* text) {
    return QCoreApplication::translate("ErrorText", text);
}

/// A sentence that was translated where it was made.
bool isForeign(const QString& sentence) {
    return std::any_of(sentence.begin(), sentence.end(),
                       [](QChar c) { return c.script() == QChar::Script_Han; });
}

}  // namespace

QString sentenceText(const QString& sentence) {
    const auto language = QLocale().language();
    if (language == QLocale::English || language == QLocale::C || isForeign(sentence)) return sentence;
    const QString known = translated(sentence.toUtf8().constData());
    return known == sentence ? QString() : known;
}

QString errorText(const Error& error) {
    const QString told = sentenceText(QString::fromStdString(error.text));
    return told.isEmpty() ? translated(kindText(error.code)) : told;
}

QString problemText(const QString& code, const QString& text) {
    for (int i = 0; i <= static_cast<int>(ErrorCode::Internal); ++i) {
        const auto kind = static_cast<ErrorCode>(i);
        const auto name = errorName(kind);
        if (code == QLatin1String(name.data(), static_cast<qsizetype>(name.size())))
            return errorText(Error{kind, text.toStdString()});
    }
    return text;
}

}  // namespace landline::app
