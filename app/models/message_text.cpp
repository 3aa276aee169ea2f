#include "app/models/message_text.h"

#include "app/messenger/relay_text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <algorithm>

namespace landline::app {

namespace {

/// The translation context of these functions.
struct MessageText {
    Q_DECLARE_TR_FUNCTIONS(MessageText)
};

QDateTime local(qint64 unixMillis) {
    return QDateTime::fromMSecsSinceEpoch(unixMillis);
}

QString lastSeenText(const PersonView& person, const QDateTime& now) {
    qint64 seen = 0;
    for (const auto& device : person.record.devices) seen = std::max(seen, device.lastSeen);
    if (seen == 0) return MessageText::tr("offline");
    const QDateTime time = local(seen);
    const auto days = time.date().daysTo(now.date());
    if (days <= 0) return MessageText::tr("last seen today at %1").arg(clockTime(seen));
    if (days == 1) return MessageText::tr("last seen yesterday at %1").arg(clockTime(seen));
    return MessageText::tr("last seen %1").arg(QLocale().toString(time.date(), QLocale::ShortFormat));
}

}  // namespace

QString previewText(const MessageRecord& message) {
    if (message.deleted) return MessageText::tr("Message deleted");
    switch (message.kind) {
        case MessageKind::Text:
            return message.text.simplified();
        case MessageKind::File:
            return message.file ? message.file->name : MessageText::tr("File");
        case MessageKind::Unsupported:
            return MessageText::tr("Needs a newer version of Landline");
    }
    return {};
}

QString briefTime(qint64 unixMillis, const QDateTime& now) {
    const QDateTime time = local(unixMillis);
    const auto days = time.date().daysTo(now.date());
    if (days == 0) return clockTime(unixMillis);
    if (days > 0 && days < 7) return QLocale().dayName(time.date().dayOfWeek(), QLocale::ShortFormat);
    return QLocale().toString(time.date(), QLocale::ShortFormat);
}

QString dayTitle(const QDate& day, const QDate& today) {
    const auto days = day.daysTo(today);
    if (days == 0) return MessageText::tr("Today");
    if (days == 1) return MessageText::tr("Yesterday");
    if (days > 1 && days < 7) return QLocale().dayName(day.dayOfWeek(), QLocale::LongFormat);
    if (day.year() == today.year()) {
        //: Day and month of a day line, in the format of QDate::toString
        return QLocale().toString(day, MessageText::tr("d MMMM"));
    }
    //: Day, month and year of a day line, in the format of QDate::toString
    return QLocale().toString(day, MessageText::tr("d MMMM yyyy"));
}

QString clockTime(qint64 unixMillis) {
    QString format = QLocale().timeFormat(QLocale::ShortFormat);
    format.remove(QStringLiteral(":ss"));  // some locales have no shorter one
    return QLocale().toString(local(unixMillis).time(), format);
}

QString byteText(quint64 bytes) {
    const QLocale locale;
    QString text =
        locale.formattedDataSize(static_cast<qint64>(bytes), bytes < 1000 ? 0 : 1, QLocale::DataSizeSIFormat);
    const QString nothing = locale.decimalPoint() + locale.zeroDigit() + u' ';
    return text.replace(nothing, QStringLiteral(" "));
}

QString presenceName(wire::Presence presence) {
    switch (presence) {
        case wire::Presence::Unknown:
        case wire::Presence::Online:
            return MessageText::tr("online");
        case wire::Presence::Away:
            return MessageText::tr("away");
        case wire::Presence::Busy:
            return MessageText::tr("busy");
        case wire::Presence::Offline:
            return MessageText::tr("invisible");
    }
    return {};
}

QString presenceText(const PersonView& person, const QDateTime& now) {
    if (person.typing) return MessageText::tr("typing…");
    if (!person.online) return lastSeenText(person, now);
    const QString presence = person.path == Path::Relay ? MessageText::tr("online via relay")
                             : person.presence == wire::Presence::Offline ? MessageText::tr("online")
                                                                          : presenceName(person.presence);
    return person.statusText.isEmpty() ? presence : presence + u" · " + person.statusText;
}

QString stateText(const MessageRecord& message) {
    switch (message.state) {
        case MessageState::Queued:
            return MessageText::tr("Queued: will be sent when the other side is reachable");
        case MessageState::Held:
            if (message.heldUntil == 0)
                return MessageText::tr("Held at a relay until the other side fetches it");
            return MessageText::tr("Held at a relay until %1 for the other side to fetch")
                .arg(QLocale().toString(local(message.heldUntil).date(), QLocale::LongFormat));
        case MessageState::Delivered:
            return MessageText::tr("Delivered");
        case MessageState::Read:
            return MessageText::tr("Read");
        case MessageState::Failed:
            return MessageText::tr("Not sent: a copy of this profile was in use. Send it again");
        case MessageState::Received:
            return {};
    }
    return {};
}

QString stateText(const MessageRecord& message, const PostView& post) {
    const QString state = stateText(message);
    const QString why = message.state == MessageState::Queued ? postTrouble(post) : QString();
    return why.isEmpty() ? state : state + u'\n' + why;
}

QString displayName(const PersonView& person) {
    return person.record.name.isEmpty() ? MessageText::tr("Somebody without a name") : person.record.name;
}

}  // namespace landline::app
