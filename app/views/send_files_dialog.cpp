#include "app/views/send_files_dialog.h"

#include "app/models/bundle_text.h"
#include "app/models/error_text.h"
#include "app/models/message_text.h"
#include "app/views/elided_label.h"
#include "app/views/theme.h"

#include <QCheckBox>
#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace landline::app {

namespace {

constexpr qsizetype kListedNames = 5;
/// More than this many separate offers would bury the conversation.
constexpr qsizetype kMostSeparate = 20;

/// Does not look at the disk, which may be slow.
QString nameOf(const QString& path) {
    return QDir::cleanPath(path).section(u'/', -1);
}

}  // namespace

SendFilesDialog::SendFilesDialog(const QStringList& paths, const QString& receiver, QWidget* parent)
    : QDialog(parent), m_paths(paths) {
    setAttribute(Qt::WA_DeleteOnClose);
    const auto count = static_cast<int>(paths.size());
    setWindowTitle(count == 1 ? tr("Send this?") : tr("Send %n items?", nullptr, count));
    auto* title = new PlainLabel(windowTitle(), this);
    title->setFont(Theme::font(1.2, QFont::DemiBold));
    auto* to = new ElidedLabel(this);
    to->setText(tr("to %1").arg(receiver));
    to->setObjectName(QStringLiteral("subtitle"));
    m_summary = new PlainLabel(tr("Counting…"), this);
    m_summary->setObjectName(QStringLiteral("hint"));
    m_summary->setWordWrap(true);
    m_asOne = new QCheckBox(tr("As one transfer"), this);
    m_asOne->setChecked(true);
    m_asOne->setVisible(count > 1 && count <= kMostSeparate);
    m_asOne->setToolTip(tr("Otherwise each comes as a message of its own, and pictures are shown"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 20, 22, 18);
    column->setSpacing(10);
    column->addWidget(title);
    column->addWidget(to);
    column->addLayout(makeNames());
    column->addWidget(m_summary);
    column->addWidget(m_asOne);
    column->addLayout(makeButtons());
    setMinimumWidth(300);
    resize(std::min(400, parent->width() - 30), sizeHint().height());
    prepareInBackground(paths, this,
                        [this](const Expected<CountedBundle>& prepared) { onPrepared(prepared); });
}

QLayout* SendFilesDialog::makeNames() {
    auto* names = new QVBoxLayout;
    names->setSpacing(3);
    for (const QString& path : m_paths.mid(0, kListedNames)) {
        auto* name = new ElidedLabel(this);
        name->setText(nameOf(path));
        name->setToolTip(plainTip(path));
        name->setFont(Theme::font(1.0, QFont::DemiBold));
        names->addWidget(name);
    }
    if (m_paths.size() > kListedNames)
        names->addWidget(
            new PlainLabel(tr("and %n more", nullptr, static_cast<int>(m_paths.size() - kListedNames)), this));
    return names;
}

QLayout* SendFilesDialog::makeButtons() {
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    m_send = new QPushButton(tr("Send"), this);
    m_send->setProperty("primary", true);
    m_send->setDefault(true);
    m_send->setEnabled(false);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_send);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_send, &QPushButton::clicked, this, &SendFilesDialog::send);
    return buttons;
}

void SendFilesDialog::onPrepared(const Expected<CountedBundle>& prepared) {
    if (!prepared) {
        m_summary->setText(errorText(prepared.error()));
        m_summary->setProperty("failed", true);
        m_summary->style()->unpolish(m_summary);
        m_summary->style()->polish(m_summary);
        adjustSize();
        return;
    }
    m_bundle = *prepared;
    // A folder cannot be sent but as a bundle.
    if (prepared->folders > 0) m_asOne->setVisible(false);
    m_summary->setText(countText(prepared->files, prepared->folders) + u" · " +
                       byteText(prepared->bundle.offer.size));
    m_send->setEnabled(true);
    m_send->setFocus();
}

void SendFilesDialog::send() {
    if (!m_bundle) return;
    const bool isSingle = m_paths.size() == 1 && m_bundle->folders == 0;
    const bool separate = isSingle || (m_asOne->isVisibleTo(this) && !m_asOne->isChecked());
    if (separate)
        Q_EMIT filesWanted(m_bundle->bundle.record.roots);
    else
        Q_EMIT bundleWanted(m_bundle->bundle);
    accept();
}

}  // namespace landline::app
