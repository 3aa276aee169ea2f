#pragma once

#include "app/cli/printer.h"
#include "app/control/caller.h"
#include "app/control/commands.h"
#include "app/control/line_buffer.h"

#include <QSocketNotifier>

namespace landline::app::cli {

/// `run`'s caller: commands from standard input, a line each, answers and events to standard output. The end
/// of standard input ends nothing.
class StandardStreams final : public control::Caller {
    Q_OBJECT

public:
    explicit StandardStreams(Printer& printer);

    void write(const QJsonObject& line) override;
    /// Begins to read.
    void takeCommands(control::Dispatcher& dispatcher);

private:
    void onReadable();
    void handleLines();

    Printer& m_printer;
    control::Dispatcher* m_dispatcher = nullptr;
    QSocketNotifier m_readable;
    control::LineBuffer m_lines;
    bool m_ended = false;
};

}  // namespace landline::app::cli
