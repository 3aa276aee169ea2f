#pragma once

#include "app/models/app_models.h"
#include "app/platform/preferences.h"
#include "app/views/theme.h"

#include <QWidget>

class QComboBox;
class QFormLayout;
class QLabel;
class QVBoxLayout;

namespace landline::app {

/// The settings of files: where they go, how fast and how many, and whose are taken unasked. Each takes effect at once.
class FileSettings final : public QWidget {
    Q_OBJECT

public:
    /// Without models (no profile is open) there is only the folder.
    FileSettings(const Theme* theme, Preferences* preferences, AppModels* models, QWidget* parent);

private:
    void addLimits(QFormLayout* form);
    void addPeople(QVBoxLayout* column);
    QComboBox* addChoice(const QString& name);
    QWidget* makeRule(const AlwaysAccept& rule);
    void showRules();
    void showPeople();
    void save();

    const Theme* m_theme;
    AppModels* m_models;
    QComboBox* m_receiving = nullptr;
    QComboBox* m_sending = nullptr;
    QComboBox* m_atOnce = nullptr;
    QVBoxLayout* m_people = nullptr;
    QLabel* m_nobody = nullptr;
};

}  // namespace landline::app
