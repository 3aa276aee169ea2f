#include "app/control/backup_task.h"

#include "app/storage/backup.h"

#include <QFileInfo>
#include <QThreadPool>

namespace landline::app::control {

using namespace Qt::Literals::StringLiterals;

void BackupTask::start() {
    const Expected<QString> file = arguments().text("file"_L1);
    if (!file) return fail(file.error());
    const Expected<std::optional<QString>> passphrase = arguments().optionalText("passphrase"_L1);
    if (!passphrase) return fail(passphrase.error());
    m_sealed = !passphrase->value_or(QString()).isEmpty();
    // The dispatcher waits for the pool before it goes, so that `anchor` outlives the work.
    QObject* const anchor = context().anchor;
    context().pool->start([task = QPointer<BackupTask>(this), anchor, folder = context().folder, file = *file,
                           secret = passphrase->value_or(QString())] {
        Expected<void> written = backup::write(folder, file, secret);
        QMetaObject::invokeMethod(
            anchor,
            [task, file, written = std::move(written)] {
                if (task) task->onWritten(written, file);
            },
            Qt::QueuedConnection);
    });
}

void BackupTask::onWritten(const Expected<void>& written, const QString& file) {
    if (!written) return fail(written.error());
    finish({{u"file"_s, file}, {u"bytes"_s, QFileInfo(file).size()}, {u"sealed"_s, m_sealed}});
}

}  // namespace landline::app::control
