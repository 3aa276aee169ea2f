#pragma once

#include "app/storage/tree_scan.h"

#include <QObject>

#include <functional>

namespace landline::app {

/// What may be offered, and how much of what it is.
struct CountedBundle {
    PreparedBundle bundle;
    quint32 files = 0;
    quint32 folders = 0;
};

/// prepareBundle on another thread; `done` on this one, unless `context` is gone by then.
void prepareInBackground(const QStringList& paths, QObject* context,
                         std::function<void(const Expected<CountedBundle>&)> done);

}  // namespace landline::app
