#pragma once

#include "app/models/transfer_board.h"
#include "app/models/transfer_text.h"

#include <QAbstractListModel>

#include <vector>

namespace landline::app {

class SidebarModel;

/// A row of the transfers pane.
struct TransferRow {
    TransferView transfer;
    bool startsSection = false;  ///< the section's title stands above it
};

/// All transfers: what runs, what waits, then what has ended, latest first. A window over the store that begins at its
/// top and grows by a page when a view reaches its end; what changes is put into its place without asking for the others.
/// Asks for nothing before `open`. On the GUI thread.
class TransferListModel final : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role { RowRole = Qt::UserRole };  ///< const TransferRow*, valid until the model changes
    static constexpr int kPage = 100;

    TransferListModel(MessengerPort port, TransferBoard* board, SidebarModel* people,
                      QObject* parent = nullptr);

    /// From now on the list is kept; the first page is asked for.
    void open();
    /// Nobody looks any more.
    void close();
    void remove(const wire::TransferId& id);
    /// Removes all that are done or cancelled.
    void clearFinished();

    [[nodiscard]] const TransferRow* row(int index) const;
    [[nodiscard]] int rowOf(const wire::TransferId& id) const;
    [[nodiscard]] bool isLoading() const { return m_loading; }
    [[nodiscard]] bool isComplete() const { return m_complete; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

Q_SIGNALS:
    /// A page has come, or rows have come or gone.
    void arranged();
    /// The row is to be painted anew; nothing about its size is different, so that no view need look at all the others.
    void progressed(int row);
    void failed(const QString& sentence);

private:
    void load();
    void append(const std::vector<TransferRecord>& page);
    void take(const TransferRecord& transfer);
    void erase(int at);
    void insert(const TransferRecord& transfer);
    void onProgress(const std::set<wire::TransferId>& transfers);
    void onPerson(const PersonId& person);
    void regroup(int at);
    [[nodiscard]] TransferRow made(const TransferRecord& transfer) const;
    void addPeer(TransferView& transfer) const;

    MessengerPort m_port;
    TransferBoard* m_board;
    SidebarModel* m_people;
    std::vector<TransferRow> m_rows;
    bool m_open = false;
    bool m_loading = false;
    bool m_complete = false;
    int m_generation = 0;  ///< grows whenever answers under way become stale
};

/// "Running", "Waiting", "History".
[[nodiscard]] QString sectionTitle(TransferSection section);

}  // namespace landline::app

Q_DECLARE_METATYPE(const landline::app::TransferRow*)
