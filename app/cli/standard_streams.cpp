#include "app/cli/standard_streams.h"

#include "p2p/base/limits.h"

#include <unistd.h>
#include <array>
#include <cerrno>

namespace landline::app::cli {

StandardStreams::StandardStreams(Printer& printer)
    : m_printer(printer), m_readable(STDIN_FILENO, QSocketNotifier::Read), m_lines(limits::kControlLine) {
    m_readable.setEnabled(false);
    connect(&m_readable, &QSocketNotifier::activated, this, &StandardStreams::onReadable);
    connect(this, &Caller::ended, this, &StandardStreams::handleLines, Qt::QueuedConnection);
}

void StandardStreams::write(const QJsonObject& line) {
    m_printer.event(line);
}

void StandardStreams::takeCommands(control::Dispatcher& dispatcher) {
    m_dispatcher = &dispatcher;
    m_readable.setEnabled(true);
}

void StandardStreams::onReadable() {
    std::array<char, 64 * 1024> piece{};
    const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0) {
        m_ended = true;
        m_lines.end();
    } else {
        m_lines.append({piece.data(), static_cast<std::size_t>(count)});
    }
    handleLines();
}

void StandardStreams::handleLines() {
    while (!busy()) {
        const std::optional<control::LineBuffer::Line> line = m_lines.next();
        if (!line) break;
        if (line->tooLong) {
            write(control::errorEvent(ErrorCode::TooLarge,
                                      tr("A line on standard input is too long: it was ignored.")));
        } else {
            m_dispatcher->handleLine(QByteArray::fromStdString(line->text), this);
        }
    }
    m_readable.setEnabled(!m_ended && !busy());
}

}  // namespace landline::app::cli
