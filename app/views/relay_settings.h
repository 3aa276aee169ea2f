#pragma once

#include "app/models/app_models.h"
#include "app/views/theme.h"

#include <QTimer>
#include <QWidget>

#include <map>

class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace landline::app {

/// The settings of relays: which are used, how each stands, adding one by its address and removing it.
class RelaySettings final : public QWidget {
    Q_OBJECT

public:
    RelaySettings(const Theme* theme, AppModels* models, QWidget* parent);

    [[nodiscard]] QLineEdit* field() const { return m_field; }
    /// What became of the last attempt to add one; empty if it went well.
    [[nodiscard]] QString refusal() const;

private:
    class Row;

    QWidget* makeList();
    QLayout* makeField();
    void showRelays();
    void waitForTheNextTry(qint64 now);
    void clearAdded(const RelayView& relay);
    void showRefusal(const QString& sentence);
    void add();
    void askToRemove(const RelayView& relay);

    const Theme* m_theme;
    AppModels* m_models;
    QVBoxLayout* m_rows = nullptr;
    std::map<RelayKey, Row*> m_rowOf;
    QLabel* m_none = nullptr;
    QTimer m_triedAgain;
    QString m_asked;  ///< what was to be added last
    QLineEdit* m_field = nullptr;
    QPushButton* m_add = nullptr;
    QLabel* m_refusal = nullptr;
};

/// How a relay stands, in a line: "Connected · 1.2 MB of 50 MB in use".
[[nodiscard]] QString relayStateText(const RelayView& relay, qint64 now);

}  // namespace landline::app
