#pragma once

namespace landline::app {

/// Gives up for good whatever decoding does not need, in all threads: from here on the calling process can compute,
/// take memory and write to what it has open, and nothing else; it opens no file and no socket, starts no thread
/// and no program, and reaches no other process. False if the system does not grant it.
[[nodiscard]] bool lockDown();

}  // namespace landline::app
