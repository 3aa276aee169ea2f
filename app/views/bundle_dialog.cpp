#include "app/views/bundle_dialog.h"

#include "app/models/bundle_text.h"
#include "app/models/message_text.h"
#include "app/views/elided_label.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

namespace landline::app {

BundleDialog::BundleDialog(const Theme* theme, BundleCatalog* bundles, const TransferRecord& transfer,
                           QWidget* parent)
    : QDialog(parent), m_theme(theme), m_bundles(bundles), m_transfer(transfer) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(transfer.missing > 0 ? tr("What did not come") : tr("What is in it"));
    auto* title = new PlainLabel(windowTitle(), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    auto* name = new ElidedLabel(this);
    name->setText(transfer.name);
    name->setFont(Theme::font(1.0, QFont::DemiBold));
    m_summary = new PlainLabel(this);
    m_summary->setObjectName(QStringLiteral("hint"));
    m_summary->setWordWrap(true);
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("bundleItems"));
    m_list->setAccessibleName(windowTitle());
    m_list->setUniformItemSizes(true);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setSelectionMode(QAbstractItemView::NoSelection);
    m_list->setMinimumHeight(180);
    m_more = new PlainLabel(this);
    m_more->setObjectName(QStringLiteral("hint"));
    m_more->hide();
    auto* close = new QPushButton(tr("Close"), this);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 20, 22, 18);
    column->setSpacing(8);
    for (QWidget* widget : std::initializer_list<QWidget*>{title, name, m_summary, m_list, m_more})
        column->addWidget(widget);
    column->setStretchFactor(m_list, 1);
    column->addWidget(close, 0, Qt::AlignRight);
    setMinimumWidth(300);
    resize(std::min(480, parent->width() - 30), std::min(460, parent->height() - 30));
    connect(bundles, &BundleCatalog::came, this, [this](const wire::TransferId& id) {
        if (id == m_transfer.id) fill();
    });
    bundles->want(transfer);
    fill();
}

void BundleDialog::fill() {
    const BundleContents* const contents = m_bundles->find(m_transfer.id);
    if (!contents) {
        m_summary->setText(tr("What is in it is not known here yet: the list comes with the first bytes."));
        return;
    }
    const QLocale locale;
    const bool failed = !contents->missing.empty();
    m_summary->setText(
        failed ? tr("%1 of %2 did not come")
                     .arg(locale.toString(contents->failed),
                          locale.toString(contents->files + contents->folders))
               : QString(countText(contents->files, contents->folders) + u" · " + byteText(m_transfer.size)));
    m_list->clear();
    for (const BundleItem& item : failed ? contents->missing : contents->items) {
        const QString what = item.failure  ? failureText(*item.failure)
                             : item.folder ? QString()
                                           : byteText(item.size);
        const QString text = what.isEmpty() ? item.path : QString(item.path + u" · " + what);
        auto* row = new QListWidgetItem(
            m_theme->icon(item.folder ? QStringLiteral("folder") : QStringLiteral("file"),
                          item.failure ? m_theme->colors().danger : m_theme->colors().dim),
            text, m_list);
        row->setToolTip(plainTip(item.path));
    }
    const auto all = failed ? contents->failed : contents->files + contents->folders;
    const auto shown = static_cast<quint32>(m_list->count());
    m_more->setVisible(all > shown);
    m_more->setText(tr("and %n more", nullptr, static_cast<int>(all - shown)));
}

}  // namespace landline::app
