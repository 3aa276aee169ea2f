#include "app/models/bundle_catalog.h"

#include <QAbstractEventDispatcher>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>

namespace landline::app {

namespace {
constexpr std::size_t kMostKept = 60;
}

BundleCatalog::BundleCatalog(MessengerPort port, QObject* parent) : QObject(parent), m_port(port) {}

const BundleContents* BundleCatalog::find(const wire::TransferId& id) const {
    const auto found = m_contents.find(id);
    return found == m_contents.end() ? nullptr : &found->second;
}

void BundleCatalog::want(const TransferRecord& transfer) {
    if (transfer.items == 0) return;
    const Asked now{transfer.state, transfer.done > 0, ++m_order};
    const auto [asked, isNew] = m_asked.try_emplace(transfer.id, now);
    const bool same = asked->second.state == now.state && asked->second.started == now.started;
    asked->second = now;
    if (!isNew && same) return;
    const wire::TransferId id = transfer.id;
    m_port.call(
        this, [id](Messenger& messenger) { return messenger.bundleRecord(id); },
        [this, id](const QString& record) { read(id, record); });
}

void BundleCatalog::read(const wire::TransferId& id, const QString& record) {
    QObject* const home = QAbstractEventDispatcher::instance();
    QThreadPool::globalInstance()->start([home, id, record, self = QPointer(this)] {
        auto contents = readBundleContents(record, kMostItems);
        QMetaObject::invokeMethod(
            home,
            [self, id, contents = std::move(contents)] {
                if (self) self->keep(id, contents);
            },
            Qt::QueuedConnection);
    });
}

/// What was known stays known when its record goes.
void BundleCatalog::keep(const wire::TransferId& id, const Expected<BundleContents>& contents) {
    if (!contents) return;
    m_contents.insert_or_assign(id, *contents);
    while (m_contents.size() > kMostKept) {
        const auto oldest = std::min_element(
            m_contents.begin(), m_contents.end(),
            [this](const auto& a, const auto& b) { return m_asked[a.first].order < m_asked[b.first].order; });
        m_asked.erase(oldest->first);
        m_contents.erase(oldest);
    }
    Q_EMIT came(id);
}

}  // namespace landline::app
