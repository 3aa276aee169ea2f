#pragma once

#include <QObject>

#include <memory>

namespace landline::net {

struct DeleteLater {
    void operator()(QObject* object) const { object->deleteLater(); }
};
/// Owns an object that may be on the call stack when it is let go: it goes at the next turn of the event loop, or with its
/// parent, which is the owner. Its callbacks must be cut before.
template <class T>
using LaterPtr = std::unique_ptr<T, DeleteLater>;

}  // namespace landline::net
