#include "relay/store/reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace landline::relay {

bool Reserve::take() {
    if (m_bytes == 0) return true;
    const auto size = static_cast<off_t>(m_bytes);
    const int descriptor = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return false;
    struct stat info {};
    const bool isLarger =
        ::fstat(descriptor, &info) == 0 && info.st_size > size && ::ftruncate(descriptor, size) != 0;
    const bool taken = !isLarger && ::posix_fallocate(descriptor, 0, size) == 0;
    ::close(descriptor);
    // Half of it helps nobody.
    if (!taken) give();
    return taken;
}

void Reserve::give() {
    ::unlink(m_path.c_str());
}

}  // namespace landline::relay
