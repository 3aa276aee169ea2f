#pragma once

#include "app/storage/relay_records.h"
#include "p2p/base/error.h"

#include <QString>

#include <optional>

namespace landline::app {

enum class RelayState {
    Connecting,  ///< a first attempt is under way
    Connected,
    Waiting,   ///< it could not be reached, or went away: tried again by itself
    ShutOut,   ///< it does not let this device in: for the person to do something
    WrongKey,  ///< somebody with another key answers in its place: loud, and tried again rarely
};

/// How it stands with this device in a relay's directory of people.
enum class Listing {
    None,
    Asked,   ///< it is to be found there, and the relay has not confirmed that yet
    Listed,  ///< it can be found
    Ending,  ///< the relay has not confirmed yet that it cannot be found any more
};

/// A relay of this profile's as it stands, for lists and the CLI.
struct RelayView {
    RelayKey key;
    QString url;      ///< without an invite
    QString address;  ///< "HOST:PORT"
    RelayState state = RelayState::Connecting;
    QString text;  ///< a sentence: why it is not connected, or what it refuses; empty if all is well
    ErrorCode code = ErrorCode::Closed;              ///< with a text
    std::optional<wire::relay::Reason> reason = {};  ///< where the relay gave one
    qint64 again = 0;   ///< with Waiting and WrongKey: the next attempt, unix milliseconds
    quint64 used = 0;   ///< bytes of this device's mailbox there, as of coming in
    quint64 quota = 0;  ///< the most there may be
    qint64 life = 0;    ///< seconds that it keeps what is left there; 0: not known yet
    bool hasDirectory = false;  ///< as of coming in
    Listing listing = Listing::None;
    friend bool operator==(const RelayView&, const RelayView&) = default;
};

/// As the store has it, before anything is heard of it.
[[nodiscard]] RelayView viewOf(const RelayRecord& record);
/// True for its HOST:PORT or HOST (in either case), its URL, and the beginning of its key, of at least 8 characters, as in the
/// URL or in hexadecimal.
[[nodiscard]] bool isCalled(const RelayView& relay, const QString& which);

}  // namespace landline::app
