#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace landline::sim {

/// Plays one seed: several persons with several devices in several direct conversations, in virtual time, with broken
/// sessions, partitions, crashes that lose what was not synced, full disks, wrong clocks, restored and cloned profiles,
/// strangers, and carriers that deliver entries mangled or in any order. Afterwards everything heals and comes to rest.
///
/// Checked all along: no store takes what nobody wrote or committed, or what lost its content without a delete; no tick for
/// what the other side does not durably hold; nobody ends a session for a broken rule. Checked at rest: nothing lost,
/// nothing twice, each author's order kept, the same history everywhere, every tick and read mark there.
///
/// Returns what went wrong; empty if nothing did.
[[nodiscard]] std::vector<std::string> playMessages(std::uint64_t seed, std::ostream* trace);

/// The same with relays, in virtual months: sessions come and go for a while only, and whatever a device's heads lack is left at
/// relays. Devices are away for longer than anything is kept, relays crash, lose connections on one side or both, fill up,
/// are damaged, come back from old copies, and alter what they carry. In many seeds two devices never meet again, so that
/// everything has to arrive by relays.
///
/// Checked besides: nobody takes for held what the relay did not have on its disk, or acknowledges what it has not committed; no
/// prekey is destroyed while something sealed to it may come; nothing is missed that has not expired; a relay that has
/// crashed has what it held. After the faults everything arrives within days, with its ticks and read marks, no deposit
/// stays open, no mailbox full, and nothing is left again and again.
[[nodiscard]] std::vector<std::string> playMixed(std::uint64_t seed, std::ostream* trace);

}  // namespace landline::sim
