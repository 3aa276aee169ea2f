#include "app/pictures/lock_down.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace landline::app {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

/// Memory, the answer, waiting for a thread that is there already, and what the C library does by the way.
constexpr std::uint32_t kAllowed[] = {SYS_write,
                                      SYS_mmap,
                                      SYS_munmap,
                                      SYS_mremap,
                                      SYS_mprotect,
                                      SYS_madvise,
                                      SYS_brk,
                                      SYS_futex,
                                      SYS_exit,
                                      SYS_exit_group,
                                      SYS_rt_sigprocmask,
                                      SYS_rt_sigreturn,
                                      SYS_sched_yield,
                                      SYS_restart_syscall,
                                      SYS_gettid,
                                      SYS_getpid,
                                      SYS_clock_gettime,
                                      SYS_clock_nanosleep,
                                      SYS_getrandom};

void load(std::vector<sock_filter>& filter, std::size_t offset) {
    filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
}

void returnIfEqual(std::vector<sock_filter>& filter, std::uint32_t value, std::uint32_t verdict) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, verdict));
}

/// Everything else fails with EPERM.
std::vector<sock_filter> makeFilter() {
    std::vector<sock_filter> filter;
    load(filter, offsetof(seccomp_data, arch));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    load(filter, offsetof(seccomp_data, nr));
    for (const std::uint32_t call : kAllowed) returnIfEqual(filter, call, SECCOMP_RET_ALLOW);
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    return filter;
}

}  // namespace

bool lockDown() {
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_NOFILE, &none) != 0) return false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    auto filter = makeFilter();
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

}  // namespace landline::app

#else

namespace landline::app {

/// No such filter is known here: then there are no pictures.
bool lockDown() {
    return false;
}

}  // namespace landline::app

#endif
