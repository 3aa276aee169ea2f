#pragma once

#include "app/control/arguments.h"
#include "app/control/exit_code.h"
#include "app/messenger/messenger.h"

#include <QJsonObject>

#include <vector>

namespace landline::app::control {

/// What a command gives that needs no waiting: the lines of a list, and the fields of its end.
struct Answer {
    std::vector<QJsonObject> results;
    QJsonObject fields;
};

/// Runs on the messenger's thread, which does nothing else meanwhile.
using SimpleCommand = Expected<Answer> (*)(Messenger& messenger, const Arguments& arguments);

/// Nothing if there is no such command, or it is none of the simple ones.
[[nodiscard]] SimpleCommand simpleCommand(const QString& name);

}  // namespace landline::app::control
