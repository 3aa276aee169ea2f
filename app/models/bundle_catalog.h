#pragma once

#include "app/messenger/messenger_port.h"
#include "app/storage/bundle_contents.h"

#include <QObject>

#include <map>
#include <set>

namespace landline::app {

/// What is in bundles, where that is known here: one's own, and those whose listing has come. Read by another thread when
/// somebody asks; kept for those asked for last. On the GUI thread.
class BundleCatalog final : public QObject {
    Q_OBJECT

public:
    /// Of each list of a bundle.
    static constexpr std::size_t kMostItems = 1000;

    explicit BundleCatalog(MessengerPort port, QObject* parent = nullptr);

    /// Null while it is not known; then `want` asks for it.
    [[nodiscard]] const BundleContents* find(const wire::TransferId& id) const;
    /// Does nothing for what is no bundle, is known or was asked for in the transfer's present state.
    void want(const TransferRecord& transfer);

Q_SIGNALS:
    void came(const landline::wire::TransferId& id);

private:
    void read(const wire::TransferId& id, const QString& record);
    void keep(const wire::TransferId& id, const Expected<BundleContents>& contents);

    struct Asked {
        TransferState state = TransferState::Offered;
        bool started = false;  ///< something had come
        quint64 order = 0;
    };
    MessengerPort m_port;
    std::map<wire::TransferId, Asked> m_asked;
    std::map<wire::TransferId, BundleContents> m_contents;
    quint64 m_order = 0;
};

}  // namespace landline::app
