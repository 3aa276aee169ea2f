#pragma once

#include <gtest/gtest.h>

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <vector>

namespace landline::test {

/// Does the work in a process of its own, which is killed after `most` system calls. Gives their numbers; `isDone`: it came to its
/// end before that. The work says whether it succeeded.
inline std::vector<std::uint64_t> callsOf(const std::function<bool()>& work, int most, bool& isDone) {
    std::vector<std::uint64_t> calls;
    const pid_t child = ::fork();
    if (child == 0) {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::raise(SIGSTOP);
        ::_exit(work() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD);
    // It stops at the beginning of each and at its end.
    for (int stops = 0; WIFSTOPPED(status) && stops / 2 < most; ++stops) {
        ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
        ::waitpid(child, &status, 0);
        __ptrace_syscall_info info{};
        if (WIFSTOPPED(status) && ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) > 0 &&
            info.op == PTRACE_SYSCALL_INFO_ENTRY)
            calls.push_back(info.entry.nr);
    }
    isDone = !WIFSTOPPED(status);
    if (isDone) {
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        return calls;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return calls;
}

/// True if it was done by then.
inline bool killAfter(int calls, const std::function<bool()>& work) {
    bool isDone = false;
    (void)callsOf(work, calls, isDone);
    return isDone;
}

}  // namespace landline::test
