#pragma once

#include "app/control/task.h"

namespace landline::app::control {

/// `backup`: the profile into one file (storage/backup.h), on a thread of its own. Answers with `file`, `bytes`
/// and `sealed`.
class BackupTask final : public Task {
    Q_OBJECT

public:
    using Task::Task;
    void start() override;

private:
    void onWritten(const Expected<void>& written, const QString& file);

    bool m_sealed = false;
};

}  // namespace landline::app::control
