#pragma once

#include "app/models/sidebar_model.h"

#include <QAbstractListModel>

#include <vector>

namespace landline::app {

/// Whom a relay's directory lists, by name; while something is searched for, those whose names contain it. Asks the relay when
/// told to reload, and keeps what it was told before if that fails. Who is in one's contacts, and by which name, is as the
/// sidebar has it. On the GUI thread.
class ListedPeopleModel final : public QAbstractListModel {
    Q_OBJECT

public:
    /// `sidebar` outlives it.
    ListedPeopleModel(MessengerPort port, const SidebarModel* sidebar, const RelayKey& relay, QObject* parent = nullptr);

    /// `told` follows; at once all that is known is that it is being looked for.
    void reload();
    void setSearch(const QString& words);

    [[nodiscard]] bool isLoading() const { return m_isLoading; }
    /// Why the last attempt failed, as a sentence; empty if it did not.
    [[nodiscard]] const QString& trouble() const { return m_trouble; }
    /// Whether the directory has more than was looked through.
    [[nodiscard]] bool areMore() const { return m_found.areMore; }
    /// Of all, also of those who are not searched for.
    [[nodiscard]] std::size_t count() const { return m_found.people.size(); }

    [[nodiscard]] const ListedPerson* person(int row) const;
    [[nodiscard]] bool isContact(int row) const;
    /// -1 for who is not among the rows.
    [[nodiscard]] int rowOf(const PersonId& person) const;

    /// SidebarModel::RowRole gives a row as the sidebar's have them.
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

Q_SIGNALS:
    /// Loading has begun, or ended in one way or the other.
    void told();

private:
    struct Row {
        ListedPerson person;
        bool isContact = false;
        SidebarRow shown;
    };
    void end(const QString& trouble);
    void arrange();
    [[nodiscard]] std::vector<Row> wantedRows() const;

    MessengerPort m_port;
    const SidebarModel* m_sidebar;
    RelayKey m_relay;
    ListedPeople m_found;
    std::vector<Row> m_rows;
    QString m_search;
    QString m_trouble;
    bool m_isLoading = false;
};

}  // namespace landline::app
