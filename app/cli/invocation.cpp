#include "app/cli/invocation.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <optional>

namespace landline::app::cli {

using namespace Qt::Literals::StringLiterals;

namespace {

Unexpected wrong(const QString& text) {
    return Unexpected(ErrorCode::InvalidArgument, text.toStdString());
}

Expected<QJsonValue> numberOf(const QString& text, const QString& of, bool whole) {
    bool ok = false;
    const double number = text.toDouble(&ok);
    if (!ok || number < 0 || number > 9e15 ||
        (whole && number != static_cast<double>(static_cast<qint64>(number)))) {
        return wrong(u"\"%1\" is no value for %2: it takes a%3 number of 0 or more."_s.arg(
            text, of, whole ? u" whole"_s : QString()));
    }
    return QJsonValue(number);
}

/// "10M", "1.5G", "500KiB", "2GB" (the last with 1000), or bytes.
Expected<QJsonValue> sizeOf(const QString& text, const QString& of) {
    static const QRegularExpression kSize(u"^([0-9]+(?:\\.[0-9]+)?)([KMGT]?)(I?B)?$"_s,
                                          QRegularExpression::CaseInsensitiveOption);
    const QRegularExpressionMatch match = kSize.match(text);
    if (!match.hasMatch())
        return wrong(
            u"\"%1\" is no value for %2: it takes a size such as 0, 500K, 10M or 2G."_s.arg(text, of));
    const double base = match.captured(3).compare("B"_L1, Qt::CaseInsensitive) == 0 ? 1000 : 1024;
    const qsizetype power = u"KMGT"_s.indexOf(match.captured(2).toUpper().left(1)) + 1;
    const double bytes = match.captured(1).toDouble() *
                         std::pow(base, match.captured(2).isEmpty() ? 0 : static_cast<double>(power));
    return numberOf(QString::number(std::floor(bytes), 'f', 0), of, true);
}

Expected<QJsonValue> valueOf(ValueKind kind, const QString& text, const QString& of) {
    switch (kind) {
        case ValueKind::Flag:
            return QJsonValue(true);
        case ValueKind::Text:
            return QJsonValue(text);
        case ValueKind::Number:
            return numberOf(text, of, true);
        case ValueKind::Seconds:
            return numberOf(text, of, false);
        case ValueKind::Time: {
            const Expected<qint64> time = parseTime(text);
            if (!time) return Unexpected(time.error());
            return QJsonValue(*time);
        }
        case ValueKind::Size:
            return sizeOf(text, of);
        case ValueKind::Folder:
        case ValueKind::File:
            return QJsonValue(QFileInfo(text).absoluteFilePath());
    }
    return QJsonValue(text);
}

/// Walks over the arguments once.
class Parser {
public:
    explicit Parser(const QStringList& arguments) : m_left(arguments) {}

    Expected<Invocation> run() {
        while (!m_left.isEmpty()) {
            const QString argument = m_left.takeFirst();
            const bool option = !m_optionsEnded && argument.startsWith(u'-') && argument != "-"_L1;
            const Expected<void> taken = option ? takeOption(argument) : takeWord(argument);
            if (!taken) return Unexpected(taken.error());
        }
        return finish();
    }

private:
    Expected<void> takeOption(const QString& argument) {
        if (argument == "--"_L1) {
            m_optionsEnded = true;
            return {};
        }
        const qsizetype equals = argument.indexOf(u'=');
        const QString name =
            argument.startsWith("--"_L1) ? argument.mid(2, equals < 0 ? -1 : equals - 2) : argument;
        m_inlineValue = equals < 0 ? std::nullopt : std::optional<QString>(argument.mid(equals + 1));
        if (name == "json"_L1) return setFlag(m_result.json, argument);
        if (name == "help"_L1 || name == "-h"_L1) return setFlag(m_result.help, argument);
        if (name == "version"_L1) return setFlag(m_result.version, argument);
        if (name == "profile"_L1) {
            const Expected<QString> value = takeValue(argument);
            if (!value) return Unexpected(value.error());
            m_result.profile = *value;
            return {};
        }
        // Options of a command may stand before its words only if they are global: otherwise whose would they
        // be?
        if (m_result.spec == nullptr)
            return wrong(u"There is no option %1 before the command. Try --help."_s.arg(argument));
        for (const Option& option : m_result.spec->options) {
            if (option.name == name) return takeCommandOption(option, argument);
        }
        return wrong(
            u"\"%1\" has no option %2. Put -- before words that begin with a dash. Usage: landline-cli %3"_s
                .arg(m_result.spec->words, argument, usageOf(*m_result.spec)));
    }

    Expected<void> setFlag(bool& flag, const QString& argument) {
        if (m_inlineValue) return wrong(u"%1 takes no value."_s.arg(argument.section(u'=', 0, 0)));
        flag = true;
        return {};
    }

    Expected<QString> takeValue(const QString& argument) {
        if (m_inlineValue) return *m_inlineValue;
        if (m_left.isEmpty()) return wrong(u"%1 needs a value."_s.arg(argument));
        return m_left.takeFirst();
    }

    Expected<void> takeCommandOption(const Option& option, const QString& argument) {
        if (option.kind == ValueKind::Flag) {
            bool set = false;
            const Expected<void> taken = setFlag(set, argument);
            if (taken) m_result.command[option.key] = true;
            return taken;
        }
        const Expected<QString> text = takeValue(argument);
        if (!text) return Unexpected(text.error());
        const Expected<QJsonValue> value = valueOf(option.kind, *text, u"--"_s + option.name);
        if (!value) return Unexpected(value.error());
        if (option.repeated) {
            QJsonArray list = m_result.command.value(option.key).toArray();
            list.append(*value);
            m_result.command[option.key] = list;
        } else {
            m_result.command[option.key] = *value;
        }
        return {};
    }

    Expected<void> takeWord(const QString& word) {
        if (m_result.spec == nullptr) return takeCommandWord(word);
        m_words.append(word);
        return {};
    }

    Expected<void> takeCommandWord(const QString& word) {
        m_commandWords.append(word);
        const QString words = m_commandWords.join(u' ');
        bool begins = false;
        // A command may be the beginning of another, as "transfers" and "transfers limit" are.
        const QString further = m_left.isEmpty() ? QString() : QString(words + u' ' + m_left.first());
        const auto& table = commandTable();
        const bool goesOn = std::any_of(table.begin(), table.end(),
                                        [&](const CommandSpec& spec) { return further == spec.words; });
        for (const CommandSpec& spec : table) {
            if (words == spec.words && !goesOn) {
                m_result.spec = &spec;
                m_result.command[u"do"_s] = QString(spec.name);
                return {};
            }
            begins = begins || QString(spec.words).startsWith(words + u' ');
        }
        if (begins) return {};
        return wrong(u"There is no command \"%1\". Try --help."_s.arg(words));
    }

    Expected<Invocation> finish() {
        if (m_result.help || m_result.version) return m_result;
        if (m_result.spec == nullptr) {
            return wrong(m_commandWords.isEmpty()
                             ? u"Which command? Try --help."_s
                             : u"\"%1\" needs another word. Try --help."_s.arg(m_commandWords.join(u' ')));
        }
        const Expected<void> placed = placeWords();
        if (!placed) return Unexpected(placed.error());
        return m_result;
    }

    Expected<void> placeWords() {
        const CommandSpec& spec = *m_result.spec;
        for (const Place& place : spec.places) {
            if (m_words.isEmpty()) {
                if (place.optional) break;
                return wrong(u"%1 is missing. Usage: landline-cli %2"_s.arg(place.shown, usageOf(spec)));
            }
            QJsonArray values;
            do {
                const Expected<QJsonValue> value = valueOf(place.kind, m_words.takeFirst(), place.shown);
                if (!value) return Unexpected(value.error());
                values.append(*value);
            } while (place.repeated && !m_words.isEmpty());
            m_result.command[place.key] = place.repeated ? QJsonValue(values) : values.first();
        }
        if (m_words.isEmpty()) return {};
        return wrong(u"\"%1\" is too much. Usage: landline-cli %2"_s.arg(m_words.first(), usageOf(spec)));
    }

    QStringList m_left;
    QStringList m_commandWords;
    QStringList m_words;
    std::optional<QString> m_inlineValue;
    bool m_optionsEnded = false;
    Invocation m_result;
};

}  // namespace

Expected<Invocation> parseInvocation(const QStringList& arguments) {
    return Parser(arguments).run();
}

Expected<qint64> parseTime(const QString& text) {
    bool ok = false;
    const qint64 millis = text.toLongLong(&ok);
    if (ok) return millis;
    const QDateTime time = QDateTime::fromString(text, Qt::ISODateWithMs);
    if (time.isValid()) return time.toMSecsSinceEpoch();
    const QDate date = QDate::fromString(text, Qt::ISODate);
    if (date.isValid()) return date.startOfDay().toMSecsSinceEpoch();
    return wrong(u"\"%1\" is no time: give 2026-05-31, 2026-05-31T18:00 or unix milliseconds."_s.arg(text));
}

QString usageOf(const CommandSpec& spec) {
    QString usage = spec.words;
    for (const Place& place : spec.places) {
        QString shown = place.shown;
        if (place.repeated) shown += u'…';
        if (place.optional) shown = u"["_s + shown + u"]"_s;
        usage += u" "_s + shown;
    }
    const bool required = spec.words == "init"_L1;
    for (const Option& option : spec.options) {
        QString shown = u"--"_s + option.name;
        if (!option.shown.isEmpty()) shown += u" "_s + option.shown;
        if (!required) shown = u"["_s + shown + u"]"_s;
        if (option.repeated) shown += u'…';
        usage += u" "_s + shown;
    }
    return usage;
}

QString helpText(const CommandSpec& spec) {
    return u"Usage: landline-cli "_s + usageOf(spec) + u"\n\n"_s + spec.help +
           u"\n\n\"landline-cli --help\" shows everything else.\n"_s;
}

QString helpText() {
    QString text =
        u"Usage: landline-cli [--profile DIR] [--json] COMMAND …\n\n"
        "--profile   the profile's folder (else LANDLINE_PROFILE, else the platform's data folder)\n"
        "--json      each result and event as one JSON object a line; times are unix milliseconds\n\n"
        "WHO is a name if it is unique, an id, or the first 8 or more digits of one. While a node runs on "
        "the\n"
        "profile (the desktop app or \"run\"), it carries the commands out.\n\n"
        "Commands:\n"_s;
    for (const CommandSpec& spec : commandTable()) {
        text += u"  "_s + usageOf(spec) + u"\n      "_s + spec.help + u'\n';
    }
    text +=
        u"\nPut -- before words that begin with a dash: landline-cli send Anna -- \"-5 degrees\"\n"
        "LANDLINE_PASSPHRASE opens a profile whose keys are sealed; \"passphrase\" seals them, with what is "
        "typed,\n"
        "stands on standard input or in LANDLINE_NEW_PASSPHRASE.\n"
        "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 not delivered in time, 4 no such person or message.\n"_s;
    return text;
}

}  // namespace landline::app::cli
