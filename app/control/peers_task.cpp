#include "app/control/peers_task.h"

#include "app/control/json_values.h"

#include <chrono>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;
using namespace std::chrono_literals;

void PeersTask::start() {
    const Expected<std::optional<std::chrono::milliseconds>> wait = arguments().duration("wait"_L1);
    if (!wait) return fail(wait.error());
    const Expected<bool> settle = arguments().flag("settle"_L1);
    if (!settle) return fail(settle.error());
    const std::chrono::milliseconds patience = wait->value_or(0ms);
    if (patience <= 0ms) return look(true);

    connect(&m_deadline, &QTimer::timeout, this, [this] { look(true); });
    m_deadline.setSingleShot(true);
    m_deadline.start(patience);
    if (*settle) return;
    // A burst of changes is looked at once.
    m_soon.setSingleShot(true);
    m_soon.setInterval(20ms);
    connect(&m_soon, &QTimer::timeout, this, [this] { look(false); });
    connect(context().port.messenger(), &Messenger::personChanged, this, [this] {
        if (!m_soon.isActive()) m_soon.start();
    });
    look(false);
}

PeersTask::Everybody PeersTask::everybody(Messenger& messenger) {
    Everybody all;
    for (const PersonView& person : messenger.people()) {
        if (person.record.self) continue;
        all.lines.push_back(personJson(person));
        all.someoneOnline = all.someoneOnline || person.online;
    }
    for (const SightedDevice& device : messenger.unknownDevices()) all.lines.push_back(sightedJson(device));
    return all;
}

void PeersTask::look(bool last) {
    ask([](Messenger& messenger) { return everybody(messenger); },
        [this, last](const Everybody& all) {
            if (last || all.someoneOnline) answer(all);
        });
}

void PeersTask::answer(const Everybody& all) {
    for (const QJsonObject& line : all.lines) result(line);
    finish({{u"count"_s, static_cast<qint64>(all.lines.size())}});
}

}  // namespace landline::app::control
