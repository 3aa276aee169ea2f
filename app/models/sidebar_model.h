#pragma once

#include "app/messenger/messenger_port.h"

#include <QAbstractListModel>
#include <QTimer>

#include <map>
#include <optional>
#include <vector>

namespace landline::app {

/// A line of the left column.
struct SidebarRow {
    enum class Kind {
        Heading,  ///< title of the rows below; cannot be chosen
        Person,
        Nearby,  ///< a device that was sighted but not met yet; cannot be talked to before its handshake
        Found,   ///< a message that the search found
    };
    enum class Section { Requests, People, Nearby, Hidden, Messages };

    Kind kind = Kind::Heading;
    Section section = Section::People;
    PersonView person;      ///< Person; of a Found row the conversation's person
    SightedDevice device;   ///< Nearby
    MessageRecord message;  ///< Found
    QString words;          ///< Found: what was searched for
    QString draft;          ///< Person: what was begun to write and not sent

    /// The same for the same line across changes.
    [[nodiscard]] QByteArray key() const;
};

/// The left column: requests, people, those nearby, and while something is searched for the people and
/// messages that match it. Changes are gathered for a moment, sorted, and given to views as removals, moves
/// and insertions, so that a selection survives. On the GUI thread.
class SidebarModel final : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role { RowRole = Qt::UserRole };  ///< const SidebarRow*, valid until the model changes

    explicit SidebarModel(MessengerPort port, QObject* parent = nullptr);

    /// Asks for everything anew.
    void reload();
    void setSearch(const QString& words);
    [[nodiscard]] QString search() const { return m_search; }
    /// Searches among the messages of one conversation only, or everywhere.
    void setSearchIn(const std::optional<ConversationId>& conversation);
    [[nodiscard]] const std::optional<ConversationId>& searchIn() const { return m_searchIn; }
    /// Shows what was begun to write to a person; empty: nothing. Drafts are forgotten at the end of the program.
    void setDraft(const PersonId& person, const QString& draft);
    /// Whether ignored and blocked persons are listed as well.
    void setShowHidden(bool show);

    [[nodiscard]] const SidebarRow* row(int index) const;
    [[nodiscard]] int rowOf(const PersonId& person) const;
    [[nodiscard]] const PersonView* person(const PersonId& id) const;
    [[nodiscard]] const PersonView* personOf(const ConversationId& conversation) const;
    /// Everybody, also who is listed nowhere.
    [[nodiscard]] const std::map<PersonId, PersonView>& people() const { return m_people; }
    /// Of all people who are neither ignored nor blocked.
    [[nodiscard]] int unread() const;
    /// True once the first answer has come.
    [[nodiscard]] bool isLoaded() const { return m_loaded; }
    [[nodiscard]] bool isSearching() const { return m_searching; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;

    [[nodiscard]] static QString sectionTitle(SidebarRow::Section section);

Q_SIGNALS:
    /// Or is gone.
    void personChanged(const landline::PersonId& person);
    /// After each sorting: counts may differ.
    void arranged();

private:
    [[nodiscard]] static QString spokenText(const SidebarRow& row, const QString& title);
    void takePeople(std::vector<PersonView> people);
    void takePerson(const PersonView& person);
    void dropPerson(const PersonId& person);
    void takeMessage(const MessageRecord& message);
    void reloadNearby();
    void beginSearch();
    void runSearch();
    void arrange();
    [[nodiscard]] std::vector<SidebarRow> wantedRows() const;
    void addPeople(std::vector<SidebarRow>& rows, SidebarRow::Section section) const;
    void addNearby(std::vector<SidebarRow>& rows) const;
    void addFound(std::vector<SidebarRow>& rows) const;
    void setRows(std::vector<SidebarRow> rows);
    void removeVanished(const std::vector<SidebarRow>& rows);
    void reorder(const std::vector<SidebarRow>& rows);
    void insertNew(std::vector<SidebarRow> rows);

    MessengerPort m_port;
    std::map<PersonId, PersonView> m_people;
    std::map<PersonId, QString> m_drafts;
    std::vector<SightedDevice> m_nearby;
    std::vector<MessageRecord> m_found;
    std::vector<SidebarRow> m_rows;
    QString m_search;
    std::optional<ConversationId> m_searchIn;
    bool m_showHidden = false;
    bool m_loaded = false;
    bool m_searching = false;
    int m_searchGeneration = 0;
    QTimer m_arrangeTimer;
    QTimer m_searchTimer;
};

/// As people sort: "Desk 2" before "Desk 10".
[[nodiscard]] int compareNames(const QString& a, const QString& b);

/// Where a person is listed; nothing for oneself.
[[nodiscard]] std::optional<SidebarRow::Section> sectionOf(const PersonView& person);

}  // namespace landline::app

Q_DECLARE_METATYPE(const landline::app::SidebarRow*)
