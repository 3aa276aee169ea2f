#pragma once

#include <QJsonObject>
#include <QObject>

namespace landline::app::control {

/// One who gives commands and reads their answers: standard input of `run`, a client of the local socket, or
/// the program itself. Lives on the dispatcher's thread. Its commands end with it; what they have committed
/// stays.
class Caller : public QObject {
    Q_OBJECT

public:
    /// Commands of one caller that may be under way at once; a caller is not read from while it has that
    /// many.
    static constexpr int kMostCommands = 256;

    using QObject::QObject;

    virtual void write(const QJsonObject& line) = 0;
    /// True while so much waits to be written that long answers should pause until `relieved`.
    [[nodiscard]] virtual bool congested() const { return false; }

    [[nodiscard]] int commands() const { return m_commands; }
    [[nodiscard]] bool busy() const { return m_commands >= kMostCommands; }
    void commandBegun() { ++m_commands; }
    void commandEnded() {
        --m_commands;
        Q_EMIT ended();
    }

Q_SIGNALS:
    void relieved();
    /// A command ended: there is room for another.
    void ended();

private:
    int m_commands = 0;
};

}  // namespace landline::app::control
