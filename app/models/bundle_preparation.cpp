#include "app/models/bundle_preparation.h"

#include "p2p/wire/listing.h"

#include <QAbstractEventDispatcher>
#include <QPointer>
#include <QThreadPool>

namespace landline::app {

namespace {

Expected<CountedBundle> prepare(const QStringList& paths) {
    auto bundle = prepareBundle(paths);
    if (!bundle) return Unexpected(bundle.error());
    CountedBundle counted{*std::move(bundle), 0, 0};
    const auto listing = wire::parseListing(counted.bundle.record.listing);
    if (!listing) return Unexpected(listing.error());
    for (const auto& item : listing->items) ++(item.folder ? counted.folders : counted.files);
    return counted;
}

}  // namespace

void prepareInBackground(const QStringList& paths, QObject* context,
                         std::function<void(const Expected<CountedBundle>&)> done) {
    // The answer goes to an object that outlives the context, and looks for the context only on its thread.
    QObject* const home = QAbstractEventDispatcher::instance();
    QThreadPool::globalInstance()->start(
        [home, paths, target = QPointer<QObject>(context), done = std::move(done)] {
            auto prepared = prepare(paths);
            QMetaObject::invokeMethod(
                home,
                [target, done, prepared = std::move(prepared)] {
                    if (target) done(prepared);
                },
                Qt::QueuedConnection);
        });
}

}  // namespace landline::app
