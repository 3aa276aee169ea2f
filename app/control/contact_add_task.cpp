#include "app/control/contact_add_task.h"

#include "app/control/json_values.h"

#include <chrono>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

void ContactAddTask::start() {
    const Expected<QString> link = arguments().text("link"_L1);
    if (!link) return fail(link.error());
    const Expected<std::optional<std::chrono::milliseconds>> timeout = arguments().duration("timeout"_L1);
    if (!timeout) return fail(timeout.error());
    const std::chrono::milliseconds patience = timeout->value_or(std::chrono::milliseconds::zero());
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] { answer(*m_person); });
    connect(context().port.messenger(), &Messenger::personChanged, this, [this](const PersonView& changed) {
        if (!m_person || changed.record.id != m_person->record.id) return;
        m_person = changed;
        if (changed.path != Path::None) answer(changed);
    });
    ask([link = *link](Messenger& messenger) { return messenger.addContact(link); },
        [this, patience](const Expected<PersonView>& person) {
            if (!person) return fail(person.error());
            m_person = *person;
            if (patience.count() == 0 || person->path != Path::None) return answer(*person);
            m_deadline.start(patience);
        });
}

void ContactAddTask::answer(const PersonView& person) {
    finish(personJson(person));
}

}  // namespace landline::app::control
