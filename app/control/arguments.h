#pragma once

#include "p2p/base/expected.h"

#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>

namespace landline::app::control {

/// The fields of a command object, read with errors that name the field. Fails with InvalidArgument.
class Arguments {
public:
    explicit Arguments(QJsonObject command) : m_command(std::move(command)) {}

    [[nodiscard]] QString name() const;
    /// A text that is there and not empty.
    [[nodiscard]] Expected<QString> text(QLatin1String key) const;
    [[nodiscard]] Expected<std::optional<QString>> optionalText(QLatin1String key) const;
    /// Whom a command is about: `who`, or `to`.
    [[nodiscard]] Expected<QString> who() const;
    /// One text or a list of texts.
    [[nodiscard]] Expected<QStringList> texts(QLatin1String key) const;
    /// A number of `least` or more.
    [[nodiscard]] Expected<std::optional<double>> number(QLatin1String key, double least = 0) const;
    /// Seconds, 0 or more; what no timer can count (24 days) counts as that.
    [[nodiscard]] Expected<std::optional<std::chrono::milliseconds>> duration(QLatin1String key) const;
    [[nodiscard]] Expected<bool> flag(QLatin1String key) const;

private:
    QJsonObject m_command;
};

}  // namespace landline::app::control
