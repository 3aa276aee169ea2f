#pragma once

#include "app/views/theme.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;

namespace landline::app {

/// What a new person sees: one field for a name.
class FirstRunPage final : public QWidget {
    Q_OBJECT

public:
    FirstRunPage(Theme* theme, QWidget* parent);

    void showProblem(const QString& sentence);
    [[nodiscard]] QLineEdit* nameField() const { return m_name; }

    /// The system's full name of the user, or the login name; may be empty.
    [[nodiscard]] static QString systemUserName();

Q_SIGNALS:
    void nameGiven(const QString& name);

private:
    void give();
    void dress();

    Theme* m_theme;
    QLabel* m_logo;
    QLabel* m_title;
    QLineEdit* m_name;
    QLabel* m_problem;
    QPushButton* m_begin;
};

/// Shown instead of the conversations when a profile cannot be opened: why, a field for a passphrase if that may help,
/// and another try.
class ProblemPage final : public QWidget {
    Q_OBJECT

public:
    ProblemPage(Theme* theme, QWidget* parent);
    void showProblem(const QString& sentence, bool askPassphrase);

Q_SIGNALS:
    void retryWanted(const QString& passphrase);
    void quitWanted();

private:
    Theme* m_theme;
    QLabel* m_icon;
    QLabel* m_text;
    QLineEdit* m_passphrase;
};

}  // namespace landline::app
