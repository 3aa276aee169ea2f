#include "app/views/doctor_run.h"

#include <QJsonObject>

namespace landline::app {

/// The one who asks: takes the lines of the answer.
class DoctorRun::Listener final : public control::Caller {
public:
    explicit Listener(DoctorRun& owner) : m_owner(owner) {}
    void write(const QJsonObject& line) override { m_owner.take(line); }

private:
    DoctorRun& m_owner;
};

DoctorRun::DoctorRun(MessengerPort port, const QString& folder, QObject* parent)
    : QObject(parent), m_dispatcher(port, folder), m_listener(std::make_unique<Listener>(*this)) {}

DoctorRun::~DoctorRun() = default;

void DoctorRun::run(const QString& who) {
    if (std::exchange(m_running, true)) return;
    m_checks.clear();
    QJsonObject command{{QStringLiteral("do"), QStringLiteral("doctor")}};
    if (!who.isEmpty()) command.insert(QStringLiteral("who"), who);
    m_dispatcher.handle(command, m_listener.get());
}

void DoctorRun::take(const QJsonObject& line) {
    const QString event = line.value(QStringLiteral("event")).toString();
    if (event == QStringLiteral("result")) {
        control::Check check;
        check.check = line.value(QStringLiteral("check")).toString();
        check.ok = line.value(QStringLiteral("ok")).toBool();
        check.found = line.value(QStringLiteral("found")).toString();
        check.advice = line.value(QStringLiteral("advice")).toString();
        m_checks.push_back(std::move(check));
    } else if (event == QStringLiteral("done") || event == QStringLiteral("error")) {
        m_running = false;
        Q_EMIT finished(line.value(QStringLiteral("error")).toString());
    }
}

}  // namespace landline::app
