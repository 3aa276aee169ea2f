#pragma once

#include "app/storage/records.h"
#include "app/views/theme.h"

class QMimeData;
class QWidget;

namespace landline::app {

/// What a drag of this transfer's file or folder carries; null where it is not here as a whole. To be deleted.
[[nodiscard]] QMimeData* dragData(const TransferRecord& transfer);
/// Begins such a drag and returns when it has ended; false where there is nothing to drag.
bool startFileDrag(QWidget* from, const Theme& theme, const TransferRecord& transfer);

}  // namespace landline::app
