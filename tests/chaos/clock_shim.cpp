// Preloaded into a node by chaos.py: moves the wall clock of this one process by the number of milliseconds in the file
// that LANDLINE_CHAOS_CLOCK names (8 bytes, of this machine's order), which may change at any time. Steady clocks stay.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>
#include <ctime>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

using Offset = std::atomic<std::int64_t>;
using GetTime = int (*)(clockid_t, timespec*);

constexpr std::int64_t kMillisPerSecond = 1000;
constexpr std::int64_t kNanosPerMilli = 1'000'000;
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

const Offset* mapOffset() {
    const char* const path = std::getenv("LANDLINE_CHAOS_CLOCK");
    if (path == nullptr) return nullptr;
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return nullptr;
    void* const page = ::mmap(nullptr, sizeof(Offset), PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    return page == MAP_FAILED ? nullptr : static_cast<const Offset*>(page);
}

std::int64_t offsetMillis() {
    static const Offset* const offset = mapOffset();
    return offset == nullptr ? 0 : offset->load(std::memory_order_relaxed);
}

GetTime realGetTime() {
    static const GetTime real = reinterpret_cast<GetTime>(::dlsym(RTLD_NEXT, "clock_gettime"));
    return real;
}

bool isWallClock(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
    const int result = realGetTime()(clock, out);
    if (result != 0 || !isWallClock(clock)) return result;
    std::int64_t nanos = out->tv_nsec + offsetMillis() % kMillisPerSecond * kNanosPerMilli;
    std::int64_t seconds = out->tv_sec + offsetMillis() / kMillisPerSecond;
    if (nanos < 0) {
        nanos += kNanosPerSecond;
        --seconds;
    } else if (nanos >= kNanosPerSecond) {
        nanos -= kNanosPerSecond;
        ++seconds;
    }
    out->tv_sec = seconds;
    out->tv_nsec = nanos;
    return 0;
}

int gettimeofday(timeval* out, void*) noexcept {
    timespec now{};
    const int result = clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t* out) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != nullptr) *out = now.tv_sec;
    return now.tv_sec;
}

}  // extern "C"
