#pragma once

#include "p2p/base/error.h"
#include "p2p/base/ids.h"

#include <QString>

#include <optional>
#include <vector>

namespace landline::app {

/// Where a relay offers no directory.
inline constexpr const char* kNoDirectory =
    "This relay has no directory of people: its operator has not switched one on.";

/// Somebody who wants to be found at a relay. The name is fit to be shown, and proves nothing.
struct ListedPerson {
    PersonId person;
    DeviceId device;
    QString name;
    QString link;  ///< for Messenger::addContact; written anew from what was read of it
    bool isContact = false;
};

/// Whom a relay lists, without oneself and who is blocked; each person once.
struct ListedPeople {
    std::vector<ListedPerson> people;
    bool areMore = false;              ///< than were looked through
    std::optional<Error> error = {};  ///< in its place there is nothing of the above
};

}  // namespace landline::app
