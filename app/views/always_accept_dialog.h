#pragma once

#include "app/models/app_models.h"
#include "app/views/theme.h"

#include <QDialog>

class QCheckBox;
class QComboBox;

namespace landline::app {

class FolderField;

/// Whether files of one person are taken unasked, where they go, and how much a day. Deletes itself when closed.
class AlwaysAcceptDialog final : public QDialog {
    Q_OBJECT

public:
    AlwaysAcceptDialog(const Theme* theme, AppModels* models, const PersonId& person, QWidget* parent);

private:
    QLayout* makeForm(const AlwaysAccept* rule);
    QLayout* makeButtons();
    void save();

    AppModels* m_models;
    PersonId m_person;
    QCheckBox* m_on;
    FolderField* m_folder;
    QComboBox* m_quota;
};

/// "10 GB a day", or "any number".
[[nodiscard]] QString quotaText(quint64 bytes);

}  // namespace landline::app
