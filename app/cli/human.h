#pragma once

#include <QJsonObject>
#include <QString>

/// Answers and events as short lines for people. Nothing that came from a peer can steer the terminal.
namespace landline::app::cli {

/// A line (or some) for a result of the command `name`; empty where there is nothing to say.
[[nodiscard]] QString humanResult(const QString& name, const QJsonObject& fields);
/// A line for an event of `run`; empty for events that people need not see.
[[nodiscard]] QString humanEvent(const QJsonObject& event);
/// "12.5 MiB"
[[nodiscard]] QString humanSize(qint64 bytes);

}  // namespace landline::app::cli
