#include "relay/store/life_note.h"

#include "relay/store/database_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <filesystem>

namespace landline::relay {

namespace {
// Always as long, so that one write over the one before leaves no mixture.
constexpr const char* kForm = "%016" PRIx64 " %016" PRIx64 "\n";
constexpr std::size_t kNoteBytes = 34;
}  // namespace

std::optional<LifeNote> LifeNote::read(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::nullopt;
    std::array<char, kNoteBytes + 1> text{};
    const ssize_t count = ::read(file, text.data(), kNoteBytes);
    ::close(file);
    std::uint64_t epoch = 0;
    std::uint64_t millis = 0;
    if (count != static_cast<ssize_t>(kNoteBytes) || std::sscanf(text.data(), "%" SCNx64 " %" SCNx64, &epoch, &millis) != 2)
        return std::nullopt;
    return LifeNote{{epoch, fromUnixMillis(static_cast<std::int64_t>(millis))}};
}

void LifeNote::write(const std::string& path) const {
    if (makePrivate(path)) giveToOwnerOf(std::filesystem::path(path).parent_path().string(), path);
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    std::array<char, kNoteBytes + 1> text{};
    (void)std::snprintf(text.data(), text.size(), kForm, std::uint64_t{meta.epoch}, static_cast<std::uint64_t>(toUnixMillis(meta.keptTime)));
    (void)!::pwrite(file, text.data(), kNoteBytes, 0);
    ::close(file);
}

}  // namespace landline::relay
