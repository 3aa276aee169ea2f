#pragma once

#include <QWidget>

class QPushButton;

namespace landline::app {

class ElidedLabel;

/// A folder, and a button to choose another.
class FolderField final : public QWidget {
    Q_OBJECT

public:
    FolderField(const QString& name, const QString& folder, QWidget* parent);

    [[nodiscard]] QString folder() const { return m_folder; }
    void setFolder(const QString& folder);
    [[nodiscard]] QPushButton* button() const { return m_button; }

Q_SIGNALS:
    void chosen(const QString& folder);

private:
    void choose();

    QString m_folder;
    ElidedLabel* m_label;
    QPushButton* m_button;
};

}  // namespace landline::app
