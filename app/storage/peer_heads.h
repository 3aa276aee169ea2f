#pragma once

#include "app/storage/directory.h"
#include "app/storage/timeline_table.h"

namespace landline::app {

/// What other devices say they hold and have read: ticks, and who lacks something.
///
/// A claim counts once the hash it carries is that of our own entry with the number: a fork never gives a tick. Claims
/// beyond what this store holds are kept and looked at again when it gets there (a store that has its history back from
/// its peers). A mark that does not fit the claim beside it, as on a damaged disk, is believed as far as it fits.
class PeerHeads {
public:
    /// How far every other member has come with one author's timeline.
    struct Marks {
        EntryNumber delivered = 0;
        EntryNumber read = 0;
    };

    PeerHeads(Sql& sql, const Directory& directory, TimelineTable& timelines)
        : m_sql(sql), m_directory(directory), m_timelines(timelines) {}

    void put(const Directory::Conversation& conversation, const DeviceId& device,
             std::span<const wire::AuthorHead> heads);
    /// Entries were appended, after which claims about them can be judged.
    void appended(const TimelineTable::Row& before, std::span<const timeline::CheckedEntry> entries);
    [[nodiscard]] Marks marks(const Directory::Conversation& conversation, const DeviceId& author);
    /// The same of one member.
    [[nodiscard]] Marks marksOf(qint64 person, const Directory::Conversation& conversation,
                                const DeviceId& author);
    /// How far the device holds a timeline, by what it says and our own entries confirm: nothing up to there is left for it.
    /// Of the timeline of another device of one's own it may hold more than this store, and is believed; nobody holds more of
    /// `self`'s, this device's, unless there is a fork.
    [[nodiscard]] EntryNumber heldBy(const TimelineTable::Row& timeline, const DeviceId& device,
                                     const DeviceId& self);

private:
    /// By person: every member of the conversation but oneself.
    [[nodiscard]] std::map<qint64, Marks> marksByPerson(const Directory::Conversation& conversation,
                                                        const DeviceId& author);
    /// A row: the latest claim, and the highest one that our own entry confirmed.
    struct Stored {
        EntryNumber claimed = 0;
        Hash128 hash;
        EntryNumber number = 0;
        EntryNumber read = 0;
    };
    [[nodiscard]] std::optional<Stored> known(qint64 conversation, const DeviceId& author,
                                              const DeviceId& device);
    /// How far a stored mark is believed.
    [[nodiscard]] EntryNumber believed(const Stored& mark, const std::optional<TimelineTable::Row>& timeline);
    [[nodiscard]] bool isConfirmed(const TimelineTable::Row& timeline, EntryNumber number,
                                   const Hash128& hash);
    [[nodiscard]] bool hasRoom(qint64 conversation, const DeviceId& device);

    Sql& m_sql;
    const Directory& m_directory;
    TimelineTable& m_timelines;
};

}  // namespace landline::app
