#pragma once

#include "app/cli/printer.h"
#include "p2p/base/expected.h"

#include <QJsonObject>
#include <QString>

namespace landline::app::cli {

/// The passphrase of a sealed profile: from $LANDLINE_PASSPHRASE.
[[nodiscard]] QString passphraseFromEnvironment();
/// The first line of a file; empty without a file.
[[nodiscard]] Expected<QString> passphraseFromFile(const QString& path);

/// `passphrase [--remove]`: seals the profile's keys, or opens them for good. The new passphrase comes from
/// $LANDLINE_NEW_PASSPHRASE, from a prompt without echo, or else from standard input, and never from the command line,
/// which others on the machine can read. Gives the exit code.
[[nodiscard]] int changePassphrase(const QJsonObject& command, const QString& profile, Printer& printer);

}  // namespace landline::app::cli
