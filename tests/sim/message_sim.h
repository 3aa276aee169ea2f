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

}  // namespace landline::sim
