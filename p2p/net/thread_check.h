#pragma once

#include <QObject>
#include <QThread>

namespace landline::net {

/// In development builds: that an object is used on the thread on which it lives.
inline void assertThread([[maybe_unused]] const QObject& object) {
#ifdef LANDLINE_ASSERT_THREADS
    Q_ASSERT_X(object.thread() == QThread::currentThread(), object.metaObject()->className(),
               "called from another thread than its own");
#endif
}

}  // namespace landline::net
