#pragma once

#include "app/models/bundle_catalog.h"
#include "app/views/theme.h"

#include <QDialog>

class QLabel;
class QListWidget;

namespace landline::app {

/// What is in a bundle, and what of it did not come. Deletes itself when closed.
class BundleDialog final : public QDialog {
    Q_OBJECT

public:
    BundleDialog(const Theme* theme, BundleCatalog* bundles, const TransferRecord& transfer, QWidget* parent);

private:
    void fill();

    const Theme* m_theme;
    BundleCatalog* m_bundles;
    TransferRecord m_transfer;
    QLabel* m_summary;
    QLabel* m_more;
    QListWidget* m_list;
};

}  // namespace landline::app
