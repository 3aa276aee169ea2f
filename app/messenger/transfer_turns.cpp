#include "app/messenger/transfer_turns.h"

namespace landline::app {

Turns turnsOf(const std::vector<InLine>& line, int atOnce) {
    Turns turns;
    int places = atOnce;
    int away = kRunningAway;
    for (const InLine& one : line) {
        if (!one.senderIsHere) {
            if (one.running && away-- <= 0) turns.putBack.push_back(one.id);
            continue;
        }
        const bool isItsTurn = places > 0;
        if (isItsTurn) --places;
        if (isItsTurn && !one.running) turns.start.push_back(one.id);
        if (!isItsTurn && one.running) turns.putBack.push_back(one.id);
    }
    return turns;
}

}  // namespace landline::app
