#include "app/messenger/relay_text.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace landline::app {

namespace {

/// The translation context of these functions.
struct RelayText {
    Q_DECLARE_TR_FUNCTIONS(RelayText)
};

using wire::relay::Reason;

/// Empty where the reason is none that keeps a device from coming in.
QString reasonText(Reason reason) {
    switch (reason) {
        case Reason::NoAccount:
            return RelayText::tr(
                "This relay does not know you. Ask its operator for an invite, and add that here.");
        case Reason::BadInvite:
            return RelayText::tr(
                "The relay does not know this invite. Copy the whole of it, or ask the operator for "
                "another.");
        case Reason::InviteUsed:
            return RelayText::tr(
                "This invite has been used up. Ask the relay's operator for another one, and add that here.");
        case Reason::InviteExpired:
            return RelayText::tr(
                "This invite has expired. Ask the relay's operator for another one, and add that here.");
        case Reason::Revoked:
            return RelayText::tr(
                "The relay's operator has shut this device out. Only another invite lets it in again.");
        case Reason::TooMany:
            return RelayText::tr(
                "The relay has as many devices of yours as it takes. Its operator can remove old ones.");
        case Reason::Busy:
            return RelayText::tr("The relay has too much to do at the moment.");
        case Reason::TooFast:
            return RelayText::tr("The relay asks this device to come back later.");
        case Reason::Storage:
            return RelayText::tr(
                "The relay's disk takes nothing at the moment. If that lasts, tell its operator.");
        case Reason::Unknown:
        case Reason::NoMailbox:
        case Reason::Full:
        case Reason::OldPrekey:
        case Reason::NoPrekey:
        case Reason::OtherEpoch:
        case Reason::OldCounter:
        case Reason::TooLarge:
        case Reason::Future:
        case Reason::Invalid:
        case Reason::Unsupported:
            return {};
    }
    return {};
}

QString codeText(ErrorCode code) {
    switch (code) {
        case ErrorCode::Unreachable:
        case ErrorCode::NotFound:
            return RelayText::tr(
                "The relay cannot be reached. It may be off, or the network or a firewall is in the way.");
        case ErrorCode::Timeout:
            return RelayText::tr("The relay did not answer in time.");
        case ErrorCode::Closed:
            return RelayText::tr("The connection to the relay has ended.");
        case ErrorCode::VersionMismatch:
            return RelayText::tr(
                "The relay speaks another version. Update Landline, or have the relay updated.");
        case ErrorCode::Malformed:
        case ErrorCode::ProtocolViolation:
        case ErrorCode::BadSignature:
            return RelayText::tr("What answers at this address is no relay, or one that is not in order.");
        case ErrorCode::WrongKey:
            return RelayText::tr("Another key than the relay's answers at this address.");
        case ErrorCode::TooLarge:
        case ErrorCode::Fork:
        case ErrorCode::NotPermitted:
        case ErrorCode::Ambiguous:
        case ErrorCode::InvalidArgument:
        case ErrorCode::Full:
        case ErrorCode::Disk:
        case ErrorCode::Locked:
        case ErrorCode::Internal:
            break;
    }
    return RelayText::tr("The relay cannot be used at the moment.");
}

/// Sentences that the node gives in English, whole, and that say more than their kind.
[[maybe_unused]] constexpr const char* kSentences[] = {
    QT_TRANSLATE_NOOP(
        "RelayText",
        "Another program with the key of this device is connected to the relay: its profile is a "
        "copy."),
};

/// Some of it was translated where it was made.
bool isForeign(const QString& sentence) {
    return std::any_of(sentence.begin(), sentence.end(),
                       [](QChar c) { return c.script() == QChar::Script_Han; });
}

/// What came with the failure says more than its kind, but may be in English only.
QString toldText(const RelayView& relay) {
    if (relay.text.isEmpty()) return codeText(relay.code);
    const auto language = QLocale().language();
    const bool english = language == QLocale::English || language == QLocale::C;
    if (english || isForeign(relay.text)) return relay.text;
    const QString known = RelayText::tr(relay.text.toUtf8().constData());
    return known == relay.text ? codeText(relay.code) : known;
}

}  // namespace

QString relayTrouble(const RelayView& relay) {
    const QString refused = relay.reason ? reasonText(*relay.reason) : QString();
    switch (relay.state) {
        case RelayState::Connecting:
            return {};
        case RelayState::Connected:
            if (relay.text.isEmpty()) return {};
            return refused.isEmpty() ? toldText(relay) : refused;
        case RelayState::ShutOut:
            if (refused.isEmpty() && relay.text.isEmpty()) return reasonText(Reason::NoAccount);
            return refused.isEmpty() ? toldText(relay) : refused;
        case RelayState::WrongKey:
        case RelayState::Waiting:
            return refused.isEmpty() ? toldText(relay) : refused;
    }
    return {};
}

QString postTrouble(const PostView& post) {
    switch (post.state) {
        case PostState::NoRelay:
            return RelayText::tr(
                "No relay is known where messages could wait for them. If they use one, ask them for "
                "their contact link and add it.");
        case PostState::Unreachable:
            return RelayText::tr(
                       "The relay %1, where messages would wait for them, cannot be reached or does not "
                       "answer. It is tried again by itself; if that lasts, ask its operator.")
                .arg(post.relay);
        case PostState::ShutOut:
            return RelayText::tr(
                       "Your relay %1, where messages would wait for them, does not let this device in. The "
                       "list of your relays tells why.")
                .arg(post.relay);
        case PostState::Refused:
            return RelayText::tr(
                       "The relay %1 takes no messages for them at the moment. It is tried again by itself.")
                .arg(post.relay);
        case PostState::NoPrekey:
            return RelayText::tr(
                       "At the relay %1 there is no key with which to seal messages for them. There will be "
                       "one once they come online.")
                .arg(post.relay);
        case PostState::NoMailbox:
            return RelayText::tr(
                       "The relay %1 takes nothing from you for them: they do not use it any more, or have "
                       "taken back the contact link that you have. Ask them for another one and add it.")
                .arg(post.relay);
        case PostState::Full:
            return RelayText::tr(
                       "At the relay %1 there is no more room for what you send them. There is again once "
                       "they come online and fetch what waits there.")
                .arg(post.relay);
        case PostState::Unknown:
            return RelayText::tr("The relay %1, where messages would wait for them, has not answered yet.")
                .arg(post.relay);
        case PostState::Ready:
            break;
    }
    return {};
}

}  // namespace landline::app
