#pragma once

#include <QObject>
#include <QThread>

namespace landline::net {

/// That an object is used on the thread on which it lives. Where assertions are on, anything else ends the program.
inline void assertThread([[maybe_unused]] const QObject& object) {
#ifndef NDEBUG
    if (object.thread() != QThread::currentThread())
        qFatal("%s is used on another thread than its own.", object.metaObject()->className());
#endif
}

}  // namespace landline::net
