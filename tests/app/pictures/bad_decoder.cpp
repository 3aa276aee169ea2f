// bad_decoder MODE WIDTHxHEIGHT: stands in for the decoder and behaves as one does that a picture has taken over,
// or looks at what it has been left. A mode that succeeds in what must not be possible, or finds more than it
// should, answers with nothing; "good" shows that the answer otherwise is a picture.
#include "app/pictures/lock_down.h"
#include "app/pictures/picture_stream.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace landline;
using namespace landline::app;

namespace {

constexpr PictureBox kSize{2, 2};

void put(const void* data, std::size_t size) {
    if (write(STDOUT_FILENO, data, size) < 0) _exit(1);
}

void putHeader(PictureBox size, PictureBox source) {
    const auto header = encodePictureHeader({size, source});
    put(header.data(), header.size());
}

void putPixels(std::size_t count) {
    const std::string pixels(4 * count, '\x7f');
    put(pixels.data(), pixels.size());
}

void putPicture() {
    putHeader(kSize, kSize);
    putPixels(4);
}

bool isLimited(__rlimit_resource what, rlim_t most) {
    rlimit limit{};
    return getrlimit(what, &limit) == 0 && limit.rlim_cur == most && limit.rlim_max == most;
}

/// Whether the process was left with what it is meant to have and no more.
bool isConfined() {
    bool files = true;
    for (int fd = 3; fd < 4096; ++fd) files = files && fcntl(fd, F_GETFD) < 0;
    return files && isLimited(RLIMIT_AS, picture_limits::kMemory) &&
           isLimited(RLIMIT_CPU, picture_limits::kCpuSeconds) && isLimited(RLIMIT_FSIZE, 0) &&
           isLimited(RLIMIT_CORE, 0) && isLimited(RLIMIT_NOFILE, 32) &&
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && !std::getenv("HOME") && !std::getenv("DISPLAY") &&
           !std::getenv("DBUS_SESSION_BUS_ADDRESS") && (fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY;
}

bool takesTooMuch() {
    void* const memory = std::malloc(picture_limits::kMemory);
    if (!memory) return false;
    std::memset(memory, 1, picture_limits::kMemory);
    return true;
}

/// What a decoder that was taken over would try next.
bool reachesAnything() {
    if (!lockDown()) return true;
    const bool file = open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
    const bool net = socket(AF_INET, SOCK_STREAM, 0) >= 0;
    const bool local = socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
    const bool others = kill(getppid(), 0) == 0;
    char name[] = "true";
    char* const arguments[] = {name, nullptr};
    execv("/bin/true", arguments);  // returns only if it is refused
    const pid_t child = fork();
    if (child == 0) _exit(0);
    rlimit more{64, 64};
    const bool limits = setrlimit(RLIMIT_NOFILE, &more) == 0;
    return file || net || local || others || child > 0 || limits;
}

bool writesFile() {
    std::signal(SIGXFSZ, SIG_IGN);
    char name[] = "/tmp/landline-test-XXXXXX";
    const int fd = mkstemp(name);
    if (fd < 0) return false;
    unlink(name);
    return write(fd, "x", 1) == 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const std::string mode = argv[1];
    if (mode == "good") putPicture();
    if (mode == "nothing") return 0;
    if (mode == "hang")
        for (;;) pause();
    if (mode == "half-and-hang") {
        putHeader(kSize, kSize);
        for (;;) pause();
    }
    if (mode == "flood")
        for (;;) putPixels(10000);
    if (mode == "flood-after-header") {
        putHeader({700, 600}, {700, 600});
        for (;;) putPixels(10000);
    }
    if (mode == "wrong-magic") put("LPX2this is no header, is it?", 29);
    if (mode == "huge") {
        putHeader({0x7fffffff, 0x7fffffff}, {0x7fffffff, 0x7fffffff});
        putPixels(4);
    }
    if (mode == "too-few") {
        putHeader(kSize, kSize);
        putPixels(3);
    }
    if (mode == "too-many") {
        putPicture();
        putPixels(1);
    }
    if (mode == "fails-after") {
        putPicture();
        return 1;
    }
    if (mode == "crashes-after") {
        putPicture();
        std::abort();
    }
    if (mode == "confined" && isConfined()) putPicture();
    if (mode == "eat" && !takesTooMuch()) putPicture();
    if (mode == "reach" && !reachesAnything()) putPicture();
    if (mode == "write" && !writesFile()) putPicture();
    return 0;
}
