#pragma once

#include "app/cli/command_table.h"

#include <QByteArray>
#include <QJsonObject>
#include <QObject>
#include <QString>

#include <optional>

namespace landline::app::cli {

/// What the program writes: objects a line with --json, otherwise short lines for people, whose texts cannot
/// steer the terminal. Standard output is buffered until the event loop is reached, or `flush`.
class Printer final : public QObject {
    Q_OBJECT

public:
    explicit Printer(bool json, QObject* parent = nullptr) : QObject(parent), m_json(json) {}
    ~Printer() override;

    /// An answer of the dispatcher to the command `name`: the exit code once it is the last.
    std::optional<int> answer(const QString& name, const QJsonObject& line);
    /// An event or an answer of `run`.
    void event(const QJsonObject& line);
    /// The fields of a result.
    void result(const QString& name, const QJsonObject& fields);
    /// One line on standard error.
    void error(const QString& text);
    void flush();

Q_SIGNALS:
    /// Standard output takes no more: whoever read it is gone.
    void closed();

private:
    void writeLine(const QString& text);
    void writeJson(const QJsonObject& fields);
    void write(const QByteArray& bytes);
    void progress(const QJsonObject& line);

    bool m_json;
    bool m_flushPending = false;
    bool m_progressShown = false;
    QByteArray m_waiting;
};

}  // namespace landline::app::cli
