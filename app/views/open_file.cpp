#include "app/views/open_file.h"

#include "app/models/runnable_file.h"
#include "app/views/text_dialog.h"

#include <QCoreApplication>
#include <QDesktopServices>
#include <QFileInfo>
#include <QUrl>

namespace landline::app {

namespace {

QString words(const char* text) {
    return QCoreApplication::translate("OpenFile", text);
}

}  // namespace

void openFile(const QString& path, QWidget* parent) {
    const auto open = [path] { QDesktopServices::openUrl(QUrl::fromLocalFile(path)); };
    if (!mayRunWhenOpened(path)) return open();
    auto* dialog = new ConfirmDialog(
        words(QT_TRANSLATE_NOOP("OpenFile", "Open a program?")),
        words(QT_TRANSLATE_NOOP("OpenFile",
                                "%1 may be a program. Whoever wrote it can then do what you can do on this "
                                "computer. Open it only if you expected it and trust whom it is from."))
            .arg(QFileInfo(path).fileName()),
        words(QT_TRANSLATE_NOOP("OpenFile", "Open it")), true, parent);
    QObject::connect(dialog, &ConfirmDialog::accepted, dialog, open);
    dialog->open();
}

}  // namespace landline::app
