#pragma once

#include <QString>

namespace landline::app {

/// Whether something can be left at a relay for somebody just now. Where there are several relays, or devices, the greatest
/// of these counts.
enum class PostState {
    NoRelay,      ///< none is known at which they can be left anything
    Unreachable,  ///< no session comes about, or it owes an answer for too long
    ShutOut,      ///< one of this profile's, which does not let this device in
    Refused,      ///< for another reason than the following
    NoPrekey,     ///< the relay has nothing to seal it to
    NoMailbox,    ///< they have none there, or took back the token by which it was to be left
    Full,         ///< their mailbox
    Unknown,      ///< it was not tried yet, or is being tried
    Ready,
};

struct PostView {
    PostState state = PostState::NoRelay;
    QString relay = {};  ///< "HOST:PORT", of which the state tells; empty where it tells of none
    /// Something that waits for more than an attempt is in the way.
    [[nodiscard]] bool isBlocked() const { return state < PostState::Unknown; }
    friend bool operator==(const PostView&, const PostView&) = default;
};

}  // namespace landline::app
