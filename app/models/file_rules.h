#pragma once

#include "app/messenger/messenger_port.h"

#include <QObject>

#include <vector>

namespace landline::app {

/// How fast and how many transfers may be, and whose files are taken unasked, as they are kept. On the GUI thread.
class FileRules final : public QObject {
    Q_OBJECT

public:
    explicit FileRules(MessengerPort port, QObject* parent = nullptr);

    void reload();
    [[nodiscard]] const TransferLimits& limits() const { return m_limits; }
    void setLimits(const TransferLimits& limits);
    [[nodiscard]] const std::vector<AlwaysAccept>& rules() const { return m_rules; }
    /// Null where there is none.
    [[nodiscard]] const AlwaysAccept* ruleOf(const PersonId& person) const;
    void setRule(const PersonId& person, const QString& folder, quint64 quota);
    void endRule(const PersonId& person);

Q_SIGNALS:
    void changed();
    void failed(const QString& sentence);

private:
    template <class Work>
    void run(Work work);

    MessengerPort m_port;
    TransferLimits m_limits;
    std::vector<AlwaysAccept> m_rules;
};

}  // namespace landline::app
