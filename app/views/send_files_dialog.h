#pragma once

#include "app/models/bundle_preparation.h"

#include <QDialog>
#include <QStringList>

#include <optional>

class QCheckBox;
class QLabel;
class QPushButton;

namespace landline::app {

/// Shows what is about to be sent: how many files and how large, which another thread finds out. Deletes itself when
/// closed.
class SendFilesDialog final : public QDialog {
    Q_OBJECT

public:
    SendFilesDialog(const QStringList& paths, const QString& receiver, QWidget* parent);

Q_SIGNALS:
    /// Each as an offer of its own.
    void filesWanted(const QStringList& paths);
    /// All as one offer.
    void bundleWanted(const landline::app::PreparedBundle& bundle);

private:
    QLayout* makeNames();
    QLayout* makeButtons();
    void onPrepared(const Expected<CountedBundle>& prepared);
    void send();

    QStringList m_paths;
    std::optional<CountedBundle> m_bundle;
    QLabel* m_summary;
    QCheckBox* m_asOne;
    QPushButton* m_send;
};

}  // namespace landline::app
