#pragma once

#include "app/storage/records.h"

#include <QString>

#include <vector>

namespace landline::app {

/// A transfer with what its record does not say, as it is shown.
struct TransferView {
    TransferRecord record;
    QString peer;          ///< the other side's name
    bool online = true;    ///< the other side
    bool byRelay = false;  ///< online, but only at a relay, through which files do not come
};

/// "3 s", "2 min", "1 h 5 min".
[[nodiscard]] QString durationText(qint64 seconds);
/// "12.3 MB", and of a bundle "12.3 MB · 5 items".
[[nodiscard]] QString sizeText(const TransferRecord& transfer);
/// "12.3 MB of 40 MB".
[[nodiscard]] QString doneText(const TransferRecord& transfer);
/// "4.1 MB/s · 7 s left"; empty where nothing can be said.
[[nodiscard]] QString rateText(const TransferRecord& transfer);

/// What is told of a transfer: the first line always, the second while it is under way.
struct TransferLines {
    QString first;
    QString second;
};
[[nodiscard]] TransferLines transferLines(const TransferView& transfer);
/// The same on one line: "12.3 MB of 40 MB · 4.1 MB/s · 7 s left".
[[nodiscard]] QString transferLine(const TransferView& transfer);
/// Why it failed or does not go on, and what can be done; empty if there is nothing to say.
[[nodiscard]] QString transferTrouble(const TransferRecord& transfer);
/// 0 to 1; negative where there is none to show.
[[nodiscard]] double transferProgress(const TransferRecord& transfer);

/// What a person can do with a transfer. In the order in which it is offered.
enum class TransferAction {
    Accept,
    AcceptInto,
    Decline,
    Pause,
    Resume,
    Retry,
    MoveUp,  ///< in the order of what waits for its turn
    MoveDown,
    Cancel,
    Withdraw,
    Open,
    ShowFolder,
    ShowContents,  ///< of a bundle, and which of it did not come
    Remove,        ///< from the list of transfers
};
[[nodiscard]] std::vector<TransferAction> actionsFor(const TransferRecord& transfer);
[[nodiscard]] bool allows(const TransferRecord& transfer, TransferAction action);
/// As on a button or in a menu.
[[nodiscard]] QString actionText(TransferAction action);
/// Of resources/icons.
[[nodiscard]] QString actionIcon(TransferAction action);

}  // namespace landline::app
