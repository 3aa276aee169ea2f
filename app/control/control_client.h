#pragma once

#include "app/control/line_buffer.h"
#include "p2p/base/limits.h"

#include <QJsonObject>
#include <QLocalSocket>
#include <QObject>
#include <QString>

#include <chrono>

namespace landline::app::control {

/// Hands one command to the node that runs on a profile. On the main thread.
class ControlClient final : public QObject {
    Q_OBJECT

public:
    explicit ControlClient(QObject* parent = nullptr);
    ~ControlClient() override;

    /// Blocks up to `patience`; false if no node answers there.
    [[nodiscard]] bool connectTo(const QString& profileFolder, std::chrono::milliseconds patience);
    void send(const QJsonObject& command);

Q_SIGNALS:
    void line(const QJsonObject& line);
    /// The node ended, or spoke nonsense, before it answered.
    void lost();

private:
    void readOn();

    QLocalSocket m_socket;
    LineBuffer m_lines{16 * limits::kControlLine};
};

}  // namespace landline::app::control
