#pragma once

#include "app/control/task.h"

#include <QTimer>

namespace landline::app::control {

/// `contact-add`: takes a contact link's person for an accepted one, then gives the dial `timeout` seconds (0: none). The
/// answer is the person as in `peers`; that it is not online yet is no failure, since dialling goes on.
class ContactAddTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

private:
    void answer(const PersonView& person);

    QTimer m_deadline;
    std::optional<PersonView> m_person;
};

}  // namespace landline::app::control
