#pragma once

#include "p2p/base/ids.h"

#include <QColor>
#include <QRectF>
#include <QString>

class QPainter;

namespace landline::app {

/// One or two letters that stand for a name; "?" for an empty one.
[[nodiscard]] QString initialsOf(const QString& name);

/// The colour of a key: the same on every machine.
[[nodiscard]] QColor avatarColor(ByteView key);

/// A coloured disc with the initials. `key` is the person's id, or the device's while the person is not known.
void paintAvatar(QPainter& painter, const QRectF& rect, ByteView key, const QString& name);

}  // namespace landline::app
