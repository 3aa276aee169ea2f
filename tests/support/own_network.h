#pragma once

#include <string>

namespace landline::test {

/// Network namespaces for tests with real sockets, so that nothing reaches the machine's own interfaces and no root is
/// needed. Linux only; holds no Qt.

/// Moves the process, which must have one thread yet, into a user and a network namespace of its own with only the
/// loopback. Returns an empty string, or why the kernel does not allow it (the test then ends with kSkipped).
[[nodiscard]] std::string enterOwnNetwork();

/// Moves the calling thread alone into one more network namespace: another machine. After enterOwnNetwork. Returns the
/// thread's number, by which `ip link … netns NUMBER` finds it, or 0.
[[nodiscard]] int enterAnotherMachine();

/// Runs a program with its arguments, such as "ip link add a type veth peer name b", in the calling thread's network.
/// True if it said that it worked.
bool runHere(const std::string& command);

/// CTest takes this exit code for "skipped".
inline constexpr int kSkipped = 77;

}  // namespace landline::test
