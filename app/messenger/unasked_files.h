#pragma once

#include "app/messenger/context.h"

#include <map>

namespace landline::app {

/// Whose offers are taken unasked, where they go, and how much of a day's quota is left. What counts are bytes that came,
/// not what an offer claims. On the messenger's thread.
class UnaskedFiles {
public:
    explicit UnaskedFiles(Context& context) : m_context(context) {}

    /// As it is now: `used` is today's, with what came since it was kept last.
    [[nodiscard]] std::optional<AlwaysAccept> rule(const PersonId& person) const;
    [[nodiscard]] std::vector<AlwaysAccept> rules() const;
    /// Where an offer of somebody with a rule goes; fails with why it waits for consent. `promised`: bytes that were taken
    /// unasked from the same person and have not come yet.
    [[nodiscard]] Expected<QString> placeFor(const TransferRecord& offer, quint64 promised) const;
    /// Why this transfer, which was taken unasked, cannot begin or go on by itself; nothing where it can.
    [[nodiscard]] std::optional<QString> whyNot(const TransferRecord& taken) const;
    /// Why nothing more comes unasked today, where more has come than the quota; nothing otherwise.
    [[nodiscard]] std::optional<QString> whyOver(const PersonId& person) const;

    void came(const PersonId& person, quint64 bytes);
    /// They are part of a rule that is about to be kept.
    void forgetFresh(const PersonId& person) { m_fresh.erase(person); }
    /// True once it is time to keep what came.
    [[nodiscard]] bool isDue() const;
    /// Puts what came into the open transaction; `kept` once that is committed.
    void keep();
    void kept() { m_fresh.clear(); }

private:
    struct Fresh {
        qint64 day = 0;
        quint64 bytes = 0;
    };
    [[nodiscard]] AlwaysAccept today(AlwaysAccept rule) const;

    Context& m_context;
    std::map<PersonId, Fresh> m_fresh;  ///< came since it was kept last
    MonoTime m_keptAt;
};

}  // namespace landline::app
