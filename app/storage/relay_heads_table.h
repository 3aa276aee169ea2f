#pragma once

#include "app/storage/directory.h"
#include "app/storage/relay_records.h"

namespace landline::app {

/// A number that never comes twice, whatever became of what it was used for: higher than all before and than `above`, and not
/// below the unix milliseconds of `now`, so that not even a database that somebody put back repeats one. Where the clock was
/// once ahead, the steps are random instead. `name` is a literal.
[[nodiscard]] std::uint64_t nextNumber(Sql& sql, const char* name, WallTime now, std::uint64_t above = 0);

/// Heads by way of relays: for whom they are to be deposited, which statements of others count, and what was lost on the way.
/// Part of the database: its thread, its transaction, its errors.
class RelayHeadsTable {
public:
    RelayHeadsTable(Sql& sql, const Directory& directory) : m_sql(sql), m_directory(directory) {}

    // What is owed --------------------------------------------------------------------------------------------------------
    /// One more reason to deposit heads for the device.
    void owe(const DeviceId& device);
    /// For every device of an accepted contact, and every other one of this person, that can be left something: an envelope
    /// could not be opened, or numbers were left out.
    void oweContacts();
    [[nodiscard]] std::vector<OwedHeads> owed();
    /// They are in a deposit that is being written down. What came to be owed since `owed` told stays owed.
    void paid(const OwedHeads& owed);

    /// Nothing if the same was deposited within limits::kEvidenceAgain before `now`.
    void oweEvidence(const OwedEvidence& owed, WallTime now);
    [[nodiscard]] std::vector<OwedEvidence> owedEvidence();
    /// It is in the deposit with that counter, which is being written down; zero: there is none any more.
    void evidencePaid(const OwedEvidence& owed, DepositCounter counter, WallTime now);
    /// That deposit came to nothing.
    void evidenceFailed(DepositCounter counter);

    // This device's statements ----------------------------------------------------------------------------------------------
    [[nodiscard]] std::uint64_t nextStatement(WallTime now) { return nextNumber(m_sql, "statement", now); }
    /// Envelopes that this device never could read, over its life (HeadsStatement::lost).
    [[nodiscard]] std::uint64_t lost();
    /// To be committed with the position past them.
    void addLost(std::uint64_t more);

    /// Of what is said of this device (wire::Profile::edition).
    [[nodiscard]] std::uint64_t nextEdition(WallTime now) { return nextNumber(m_sql, "edition", now); }

    // Statements of others --------------------------------------------------------------------------------------------------
    /// True if heads of this conversation in a statement with `counter` are newer than all before; they count then.
    [[nodiscard]] bool takeStatement(const DeviceId& device, const ConversationId& conversation,
                                     std::uint64_t counter);
    /// The highest counter of all of the device's statements that were taken, about the time in unix milliseconds at which it
    /// made the last; 0 for none.
    [[nodiscard]] std::uint64_t lastStatement(const DeviceId& device);
    /// True if `lost` is more than the device said before: DepositTable::giveUp.
    [[nodiscard]] bool raiseLost(const DeviceId& device, std::uint64_t lost);

private:
    Sql& m_sql;
    const Directory& m_directory;
};

}  // namespace landline::app
