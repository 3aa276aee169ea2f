#include "app/cli/human.h"

#include "p2p/base/limits.h"
#include "p2p/base/utf8.h"

#include <QDateTime>
#include <QJsonArray>
#include <QLocale>

namespace landline::app::cli {

using namespace Qt::Literals::StringLiterals;

namespace {

QString text(const QJsonObject& fields, QLatin1String key) {
    return QString::fromStdString(sanitizedText(fields.value(key).toString().toStdString()));
}

QString name(const QJsonObject& fields) {
    return QString::fromStdString(
        sanitizedName(fields.value("name"_L1).toString().toStdString(), limits::kFileNameBytes));
}

QString shortId(const QJsonObject& fields, QLatin1String key) {
    return fields.value(key).toString().left(8);
}

qint64 number(const QJsonObject& fields, QLatin1String key) {
    return fields.value(key).toInteger();
}

QString peerLine(const QJsonObject& fields) {
    const bool met = !fields.value("person"_L1).toString().isEmpty();
    QString line =
        name(fields).leftJustified(20) + u"  "_s + shortId(fields, met ? "person"_L1 : "device"_L1) + u"  "_s;
    line += (fields.value("online"_L1).toBool() ? u"online"_s : u"offline"_s).leftJustified(8);
    line += fields.value("path"_L1).toString().leftJustified(7);
    line += fields.value("address"_L1).toString();
    if (fields.value("verified"_L1).toBool()) line += u"  verified"_s;
    const QString standing = fields.value("standing"_L1).toString();
    if (standing != "accepted"_L1) line += u"  "_s + standing;
    if (fields.value("name_clash"_L1).toBool())
        line += u"  ANOTHER KEY BEARS THIS NAME: verify before you trust it"_s;
    return line;
}

QString whyLine(const QJsonObject& fields) {
    const QString why = text(fields, "why"_L1);
    return why.isEmpty() ? why : u"\n    "_s + why;
}

QString messageLine(const QJsonObject& fields) {
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(number(fields, "time"_L1));
    QString line = time.toString(u"yyyy-MM-dd HH:mm:ss"_s) + u"  "_s + name(fields) + u": "_s;
    if (fields.value("deleted"_L1).toBool()) {
        line += u"(deleted)"_s;
    } else if (fields.value("kind"_L1) == "file"_L1) {
        const QJsonObject file = fields.value("file"_L1).toObject();
        line += u"[file %1, %2, transfer %3] "_s.arg(name(file), humanSize(number(file, "size"_L1)),
                                                     file.value("transfer"_L1).toString());
    } else if (fields.value("kind"_L1) == "unsupported"_L1) {
        line += u"(needs a newer version of Landline)"_s;
    } else {
        line += text(fields, "text"_L1);
    }
    if (fields.value("edited"_L1).toBool()) line += u" (edited)"_s;
    if (fields.value("request"_L1).toBool())
        line += u" (a request: answer it, or \"allow\", \"ignore\", \"block\")"_s;
    if (fields.value("own"_L1).toBool()) line += u"  ["_s + fields.value("state"_L1).toString() + u"]"_s;
    return line + u"  "_s + fields.value("message"_L1).toString() + whyLine(fields);
}

QString transferLine(const QJsonObject& fields) {
    QString line = fields.value("transfer"_L1).toString() + u"  "_s;
    line += (fields.value("incoming"_L1).toBool() ? u"from"_s : u"to"_s) + u" "_s +
            shortId(fields, "person"_L1) + u"  "_s;
    line += fields.value("state"_L1).toString().leftJustified(10);
    line += humanSize(number(fields, "bytes"_L1)) + u" of "_s + humanSize(number(fields, "size"_L1)) +
            u"  "_s + name(fields);
    if (fields.contains("order"_L1)) line += u"  #%1"_s.arg(number(fields, "order"_L1));
    if (fields.contains("speed"_L1)) {
        const qint64 left = number(fields, "seconds_left"_L1);
        line += u"  %1/s, %2:%3 left"_s.arg(humanSize(number(fields, "speed"_L1)))
                    .arg(left / 60)
                    .arg(left % 60, 2, 10, QChar(u'0'));
    }
    if (fields.contains("seconds"_L1)) line += u"  %1 s"_s.arg(fields.value("seconds"_L1).toDouble());
    const QString path = fields.value("path"_L1).toString();
    if (fields.value("incoming"_L1).toBool() && !path.isEmpty()) line += u"  "_s + path;
    const QString why = text(fields, "error"_L1);
    if (!why.isEmpty()) line += u"\n    "_s + why;
    return line;
}

QString dateTime(const QJsonObject& fields, QLatin1String key) {
    return QDateTime::fromMSecsSinceEpoch(number(fields, key)).toString(u"yyyy-MM-dd HH:mm"_s);
}

QString removedRelay() {
    return u"removed: your contacts are told. What waits there is fetched once more, as soon as it can be reached while "
           "Landline runs, within 30 days; then it takes nothing for you any more."_s;
}

QString listing(const QJsonObject& fields) {
    const bool isPending = fields.value("listing_pending"_L1).toBool();
    if (fields.value("listed"_L1).toBool()) return isPending ? u", you are to be listed there"_s : u", you are listed there"_s;
    return isPending ? u", you are to be listed there no more"_s : QString();
}

QString listedLine(const QJsonObject& fields) {
    if (fields.contains("more"_L1)) return u"There are more than are shown."_s;
    QString line = name(fields).leftJustified(20) + u"  "_s + shortId(fields, "person"_L1) + u"  "_s;
    line += fields.value("contact"_L1).toBool() ? u"a contact"_s : text(fields, "link"_L1);
    return line;
}

QString relayLine(const QJsonObject& fields) {
    QString line = text(fields, "address"_L1) + u"  "_s;
    if (fields.value("removed"_L1).toBool()) return line + (fields.contains("event"_L1) ? u"removed"_s : removedRelay());
    line += fields.value("state"_L1).toString();
    if (number(fields, "quota"_L1) != 0)
        line += u", %1 of %2 in use"_s.arg(humanSize(number(fields, "used"_L1)),
                                           humanSize(number(fields, "quota"_L1)));
    line += listing(fields) + u"  "_s + text(fields, "relay"_L1);
    const QString why = text(fields, "text"_L1);
    return why.isEmpty() ? line : line + u"\n    "_s + why;
}

QString sentLine(const QJsonObject& fields) {
    const QString line =
        fields.value("state"_L1).toString() + u"  "_s + fields.value("message"_L1).toString();
    if (!fields.contains("held_until"_L1)) return line + whyLine(fields);
    return line + u"  at a relay until "_s + dateTime(fields, "held_until"_L1);
}

QString limitLine(const QJsonObject& fields) {
    const auto rate = [&](QLatin1String key) {
        const qint64 bytes = number(fields, key);
        return bytes == 0 ? u"no limit"_s : QString(humanSize(bytes) + u"/s"_s);
    };
    return u"sending: %1  fetching: %2  at the same time: %3"_s.arg(rate("up"_L1), rate("down"_L1))
        .arg(number(fields, "at_once"_L1));
}

QString ruleLine(const QJsonObject& fields) {
    if (!fields.value("always"_L1).toBool())
        return u"%1: files are fetched when you accept them"_s.arg(name(fields));
    QString line = u"%1: files are fetched unasked into %2"_s.arg(name(fields), text(fields, "folder"_L1));
    if (number(fields, "quota"_L1) != 0)
        line += u", %1 of %2 today"_s.arg(humanSize(number(fields, "used"_L1)),
                                          humanSize(number(fields, "quota"_L1)));
    return line;
}

QString selfLines(const QJsonObject& fields) {
    QString lines = u"name         "_s + name(fields) + u"\nperson       "_s +
                    fields.value("person"_L1).toString() + u"\ndevice       "_s +
                    fields.value("device"_L1).toString();
    if (fields.contains("fingerprint"_L1))
        lines += u"\nfingerprint  "_s + fields.value("fingerprint"_L1).toString();
    if (fields.contains("port"_L1)) lines += u"\nport         %1"_s.arg(number(fields, "port"_L1));
    for (const QJsonValue& address : fields.value("addresses"_L1).toArray()) {
        lines += u"\naddress      "_s + address.toString();
    }
    return lines;
}

QString verifyLines(const QJsonObject& fields) {
    const QString digits = fields.value("number"_L1).toString().remove(u' ');
    QString groups;
    for (qsizetype i = 0; i < digits.size(); i += 5) {
        groups += digits.mid(i, 5) + (i % 20 == 15 ? u"\n"_s : u" "_s);
    }
    groups = groups.trimmed();
    if (fields.value("verified"_L1).toBool()) return groups + u"\n"_s + name(fields) + u" is verified."_s;
    return groups + u"\n"_s + name(fields) +
           u" is not verified. Compare this number with theirs, face to face or by phone; if it is the same "
           u"on both "
           "sides, repeat with --confirm."_s;
}

QString backupLines(const QJsonObject& fields) {
    const QString line = fields.value("file"_L1).toString() + u", "_s + humanSize(number(fields, "bytes"_L1));
    if (fields.value("sealed"_L1).toBool()) return line + u", sealed"_s;
    return line +
           u"\nIt holds the keys and the history of this profile in the clear: whoever reads it can be you. "
           u"Keep it safe, or seal it with --passphrase-file."_s;
}

QString passphraseLine(const QJsonObject& fields) {
    if (!fields.value("sealed"_L1).toBool()) return u"The keys of this profile need no passphrase now."_s;
    return u"The keys of this profile are sealed now. landline-cli takes the passphrase from "
           u"LANDLINE_PASSPHRASE; the desktop app asks for it. Without it the profile cannot be opened."_s;
}

QString checkLine(const QJsonObject& fields) {
    QString line =
        (fields.value("ok"_L1).toBool() ? u"ok   "_s : u"BAD  "_s) + fields.value("check"_L1).toString();
    const QString found = text(fields, "found"_L1);
    const QString advice = text(fields, "advice"_L1);
    if (!found.isEmpty()) line += u": "_s + found;
    if (!advice.isEmpty()) line += u"\n     "_s + advice;
    return line;
}

}  // namespace

QString humanSize(qint64 bytes) {
    return QLocale::c().formattedDataSize(bytes, 1, QLocale::DataSizeIecFormat);
}

QString humanResult(const QString& command, const QJsonObject& fields) {
    if (command == "contact-link"_L1) return text(fields, "link"_L1);
    if (command == "contact-add"_L1) return peerLine(fields);
    if (command == "peers"_L1 || command == "requests"_L1) {
        const QString line = peerLine(fields);
        return fields.contains("text"_L1) ? line + u"\n    "_s + text(fields, "text"_L1) : line;
    }
    if (command == "history"_L1 || command == "search"_L1 || command == "edit"_L1) return messageLine(fields);
    if (fields.contains("transfer"_L1) && fields.contains("size"_L1)) return transferLine(fields);
    if (command == "id"_L1 || command == "name"_L1 || command == "init"_L1 || command == "restore"_L1) {
        return selfLines(fields);
    }
    if (command == "send"_L1 || command == "reply"_L1) return sentLine(fields);
    if (command == "relay-people"_L1) return listedLine(fields);
    if (command.startsWith("relay-"_L1)) return fields.contains("address"_L1) ? relayLine(fields) : QString();
    if (command == "verify"_L1) return verifyLines(fields);
    if (command == "backup"_L1) return backupLines(fields);
    if (command == "export"_L1)
        return u"%1 messages  %2"_s.arg(number(fields, "messages"_L1))
            .arg(fields.value("file"_L1).toString());
    if (command == "read"_L1) return u"marked as read"_s;
    if (command == "delete"_L1) return u"deleted  "_s + fields.value("message"_L1).toString();
    if (command == "cancel"_L1) return u"cancelled  "_s + fields.value("transfer"_L1).toString();
    if (command == "transfer-limits"_L1) return limitLine(fields);
    if (command == "always-accept"_L1) return ruleLine(fields);
    if (command.startsWith("transfer-"_L1))
        return u"%1  #%2"_s.arg(fields.value("transfer"_L1).toString()).arg(number(fields, "order"_L1));
    if (command == "pause"_L1) return u"paused  "_s + fields.value("transfer"_L1).toString();
    if (command == "presence"_L1) return u"presence: "_s + fields.value("presence"_L1).toString();
    if (command == "passphrase"_L1) return passphraseLine(fields);
    if (command == "doctor"_L1) return checkLine(fields);
    if (fields.contains("standing"_L1)) {
        const QString line = name(fields) + u": "_s + fields.value("standing"_L1).toString();
        if (!fields.contains("link"_L1)) return line;
        return line + u"\nThey had come by your contact link, which leads to no relay any more. The new one:\n"_s +
               text(fields, "link"_L1);
    }
    if (fields.contains("path"_L1)) return fields.value("path"_L1).toString();
    return {};
}

QString humanEvent(const QJsonObject& event) {
    const QString kind = event.value("event"_L1).toString();
    if (kind == "ready"_L1) return u"ready: listening on port %1"_s.arg(number(event, "port"_L1));
    if (kind == "peer"_L1) return u"peer  "_s + peerLine(event);
    if (kind == "message"_L1 || kind == "changed"_L1) return messageLine(event);
    if (kind == "delivered"_L1 || kind == "read"_L1)
        return kind + u"  "_s + event.value("message"_L1).toString();
    if (kind == "held"_L1)
        return u"held  %1  until %2"_s.arg(event.value("message"_L1).toString(), dateTime(event, "until"_L1));
    if (kind == "relay"_L1) return u"relay  "_s + relayLine(event);
    if (kind == "offer"_L1 || kind == "file"_L1 || kind == "sent"_L1)
        return kind + u"  "_s + transferLine(event);
    if (kind == "error"_L1) return u"error: "_s + text(event, "text"_L1);
    if (kind == "result"_L1) return humanResult({}, event);
    if (kind == "done"_L1 && event.contains("error"_L1)) return u"error: "_s + text(event, "error"_L1);
    if (kind == "done"_L1) return u"done"_s;
    return {};
}

}  // namespace landline::app::cli
