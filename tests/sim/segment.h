#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace landline::sim {

/// A network segment of devices that all run discovery, in virtual time.
struct SegmentConfig {
    std::size_t peers = 1000;
    std::uint64_t seed = 1;
    unsigned lossPercent = 0;     ///< of each datagram for each receiver on its own
    unsigned steadySeconds = 60;  ///< how long the quiet segment is watched
};

/// Traffic is counted in bytes on the wire: each datagram with 28 bytes of IPv4 and UDP and 14 of Ethernet, a
/// broadcast once for the segment however many hear it. A receiver takes 100 microseconds for a beacon (its signature
/// is what costs) and its socket holds 256 that wait; what comes beyond is lost and counted.
struct SegmentFigures {
    // All peers start at one moment.
    double startSeen = 0;          ///< share of all ordered pairs (who sees whom) after 5 s
    double startSecondsTo95 = -1;  ///< when that share reached 95 %; -1 if it did not within 5 s
    double startBytes = 0;         ///< traffic of those 5 s
    // Then the segment is quiet.
    double steadyBytesPerSecond = 0;
    double steadyWorstSecond = 0;  ///< bytes in the busiest second
    // Then one more starts.
    double newcomerSees = 0;    ///< share of the peers that it sees after 5 s
    double newcomerIsSeen = 0;  ///< share of the peers that see it after 5 s
    double newcomerSecondsTo95 = -1;
    double newcomerBytes = 0;   ///< all traffic of those 5 s
    std::uint64_t overrun = 0;  ///< datagrams lost at full sockets, in all
};

[[nodiscard]] SegmentFigures runSegment(const SegmentConfig& config);
[[nodiscard]] std::string describe(const SegmentFigures& figures);

}  // namespace landline::sim
