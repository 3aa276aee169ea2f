#pragma once

#include "app/cli/command_table.h"
#include "p2p/base/expected.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace landline::app::cli {

/// What a command line asks for.
struct Invocation {
    QString profile;  ///< empty: the default
    bool json = false;
    bool help = false;
    bool version = false;
    const CommandSpec* spec = nullptr;  ///< nothing with --help or --version alone
    QJsonObject command;                ///< for the dispatcher
};

/// Reads the arguments after the program's name. Global options may stand before or after the command's
/// words; "--" ends options. Paths become absolute. Fails with InvalidArgument.
[[nodiscard]] Expected<Invocation> parseInvocation(const QStringList& arguments);

/// A time as unix milliseconds: those, or ISO 8601 (local unless it names a zone), or a date alone.
[[nodiscard]] Expected<qint64> parseTime(const QString& text);

/// How one calls a command: "send WHO TEXT [--timeout S]".
[[nodiscard]] QString usageOf(const CommandSpec& spec);
/// All that --help shows.
[[nodiscard]] QString helpText();
/// What it shows behind a command.
[[nodiscard]] QString helpText(const CommandSpec& spec);

}  // namespace landline::app::cli
