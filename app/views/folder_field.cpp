#include "app/views/folder_field.h"

#include "app/views/elided_label.h"

#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QPushButton>

namespace landline::app {

FolderField::FolderField(const QString& name, const QString& folder, QWidget* parent) : QWidget(parent) {
    m_label = new ElidedLabel(this);
    m_label->setAccessibleName(name);
    m_button = new QPushButton(tr("Change…"), this);
    m_button->setAutoDefault(false);
    m_button->setAccessibleName(tr("Change: %1").arg(name));
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(8);
    line->addWidget(m_label, 1);
    line->addWidget(m_button);
    connect(m_button, &QPushButton::clicked, this, &FolderField::choose);
    setFolder(folder);
}

void FolderField::setFolder(const QString& folder) {
    m_folder = folder;
    QString shown = QDir::toNativeSeparators(folder);
    const QString home = QDir::homePath();
    if (folder == home || folder.startsWith(home + u'/')) shown = u'~' + folder.mid(home.size());
    m_label->setText(shown);
    m_label->setToolTip(plainTip(folder));
}

void FolderField::choose() {
    auto* dialog = new QFileDialog(this, m_label->accessibleName(), m_folder);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& folder) {
        setFolder(folder);
        Q_EMIT chosen(folder);
    });
    dialog->open();
}

}  // namespace landline::app
