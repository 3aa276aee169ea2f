#include "app/models/file_rules.h"

#include "app/models/error_text.h"

#include <algorithm>

namespace landline::app {

FileRules::FileRules(MessengerPort port, QObject* parent) : QObject(parent), m_port(port) {
    connect(m_port.messenger(), &Messenger::transferLimitsChanged, this,
            [this](const TransferLimits& limits) {
                m_limits = limits;
                Q_EMIT changed();
            });
    connect(m_port.messenger(), &Messenger::alwaysAcceptChanged, this, &FileRules::reload);
}

void FileRules::reload() {
    struct Kept {
        TransferLimits limits;
        std::vector<AlwaysAccept> rules;
    };
    m_port.call(
        this,
        [](Messenger& messenger) {
            return Kept{messenger.transferLimits(), messenger.alwaysAccepting()};
        },
        [this](Kept kept) {
            m_limits = kept.limits;
            m_rules = std::move(kept.rules);
            Q_EMIT changed();
        });
}

/// What was not kept is shown as it is.
template <class Work>
void FileRules::run(Work work) {
    m_port.call(this, std::move(work), [this](const Expected<void>& done) {
        if (done) return;
        Q_EMIT failed(errorText(done.error()));
        reload();
    });
}

void FileRules::setLimits(const TransferLimits& limits) {
    run([limits](Messenger& messenger) { return messenger.setTransferLimits(limits); });
}

const AlwaysAccept* FileRules::ruleOf(const PersonId& person) const {
    const auto found = std::find_if(m_rules.begin(), m_rules.end(),
                                    [&](const AlwaysAccept& rule) { return rule.person == person; });
    return found == m_rules.end() ? nullptr : &*found;
}

void FileRules::setRule(const PersonId& person, const QString& folder, quint64 quota) {
    run([=](Messenger& messenger) { return messenger.setAlwaysAccept(person, folder, quota); });
}

void FileRules::endRule(const PersonId& person) {
    run([=](Messenger& messenger) { return messenger.endAlwaysAccept(person); });
}

}  // namespace landline::app
