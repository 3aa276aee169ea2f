#include "tests/support/faulty_vfs.h"

#include "tests/support/seeded_random.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <map>
#include <new>
#include <vector>

namespace landline::test {

namespace {

constexpr std::size_t kSector = 512;

/// A write, or (without data) a change of size.
struct Write {
    std::size_t offset = 0;
    std::vector<char> data;
    bool truncates = false;
};

struct Disk {
    std::vector<char> synced;
    std::vector<Write> since;
};

void apply(std::vector<char>& image, std::size_t offset, const char* data, std::size_t size) {
    if (image.size() < offset + size) image.resize(offset + size);
    std::copy_n(data, size, image.begin() + static_cast<std::ptrdiff_t>(offset));
}

void apply(std::vector<char>& image, const Write& write) {
    if (write.truncates)
        image.resize(write.offset);
    else
        apply(image, write.offset, write.data.data(), write.data.size());
}

/// Each sector of the write by chance.
void applyTorn(std::vector<char>& image, const Write& write, SeededRandom& random) {
    if (write.truncates) {
        if (random.below(2) == 0) apply(image, write);
        return;
    }
    for (std::size_t at = 0; at < write.data.size();) {
        const std::size_t size = std::min(write.data.size() - at, kSector - (write.offset + at) % kSector);
        if (random.below(2) == 0) apply(image, write.offset + at, write.data.data() + at, size);
        at += size;
    }
}

std::vector<char> contentsOf(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

struct FaultyVfs::State {
    sqlite3_vfs vfs{};
    sqlite3_vfs* under = nullptr;
    std::map<std::string, Disk> disks;
    int syncs = 0;
    int syncsLeft = kNever;
    bool power = true;
    // Set by the test while another thread uses the file.
    std::atomic<bool> readOnly = false;
    std::atomic<bool> holdsSyncs = false;
    std::atomic<std::int64_t> freeBytes = std::numeric_limits<std::int64_t>::max();
};

namespace {

using State = FaultyVfs::State;

/// A file of ours, with the file of the VFS beneath right behind it.
struct File {
    sqlite3_file base;
    State* state;
    Disk* disk;  ///< null for files that are not watched
    sqlite3_file* under() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& fileOf(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}
State& stateOf(sqlite3_vfs* vfs) {
    return *static_cast<State*>(vfs->pAppData);
}

int closeFile(sqlite3_file* file) {
    sqlite3_file* const under = fileOf(file).under();
    return under->pMethods ? under->pMethods->xClose(under) : SQLITE_OK;
}

int readFile(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
    File& self = fileOf(file);
    if (!self.state->power) return SQLITE_IOERR_READ;
    return self.under()->pMethods->xRead(self.under(), data, size, offset);
}

int writeFile(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    File& self = fileOf(file);
    if (!self.state->power) return SQLITE_IOERR_WRITE;
    if (self.state->readOnly) return SQLITE_READONLY;
    if (self.state->freeBytes < size) return SQLITE_FULL;
    self.state->freeBytes -= size;
    const int result = self.under()->pMethods->xWrite(self.under(), data, size, offset);
    if (result == SQLITE_OK && self.disk) {
        const char* const bytes = static_cast<const char*>(data);
        self.disk->since.push_back({static_cast<std::size_t>(offset), {bytes, bytes + size}, false});
    }
    return result;
}

int truncateFile(sqlite3_file* file, sqlite3_int64 size) {
    File& self = fileOf(file);
    if (!self.state->power) return SQLITE_IOERR_TRUNCATE;
    if (self.disk) self.disk->since.push_back({static_cast<std::size_t>(size), {}, true});
    return self.under()->pMethods->xTruncate(self.under(), size);
}

int syncFile(sqlite3_file* file, int) {
    File& self = fileOf(file);
    State& state = *self.state;
    state.holdsSyncs.wait(true);
    if (!state.power) return SQLITE_IOERR_FSYNC;
    if (state.syncsLeft == 0) {
        state.power = false;
        return SQLITE_IOERR_FSYNC;
    }
    if (state.syncsLeft != FaultyVfs::kNever) --state.syncsLeft;
    ++state.syncs;
    if (!self.disk) return SQLITE_OK;
    // The file beneath need not be synced: this disk's power fails only here.
    for (const Write& write : self.disk->since) apply(self.disk->synced, write);
    self.disk->since.clear();
    return SQLITE_OK;
}

int sizeOfFile(sqlite3_file* file, sqlite3_int64* size) {
    return fileOf(file).under()->pMethods->xFileSize(fileOf(file).under(), size);
}
int lockFile(sqlite3_file* file, int lock) {
    return fileOf(file).under()->pMethods->xLock(fileOf(file).under(), lock);
}
int unlockFile(sqlite3_file* file, int lock) {
    return fileOf(file).under()->pMethods->xUnlock(fileOf(file).under(), lock);
}
int checkReserved(sqlite3_file* file, int* result) {
    return fileOf(file).under()->pMethods->xCheckReservedLock(fileOf(file).under(), result);
}
int controlFile(sqlite3_file* file, int operation, void* argument) {
    return fileOf(file).under()->pMethods->xFileControl(fileOf(file).under(), operation, argument);
}
int sectorSize(sqlite3_file*) {
    return kSector;
}
/// Nothing is promised: neither atomic sectors nor an order of writes.
int characteristics(sqlite3_file*) {
    return 0;
}
int mapShared(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
    return fileOf(file).under()->pMethods->xShmMap(fileOf(file).under(), page, size, extend, memory);
}
int lockShared(sqlite3_file* file, int offset, int count, int flags) {
    return fileOf(file).under()->pMethods->xShmLock(fileOf(file).under(), offset, count, flags);
}
void barrierShared(sqlite3_file* file) {
    fileOf(file).under()->pMethods->xShmBarrier(fileOf(file).under());
}
int unmapShared(sqlite3_file* file, int deletes) {
    return fileOf(file).under()->pMethods->xShmUnmap(fileOf(file).under(), deletes);
}

constexpr sqlite3_io_methods kMethods = {
    2,          closeFile,     readFile,      writeFile,   truncateFile, syncFile,        sizeOfFile,
    lockFile,   unlockFile,    checkReserved, controlFile, sectorSize,   characteristics, mapShared,
    lockShared, barrierShared, unmapShared,   nullptr,     nullptr};

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    State& state = stateOf(vfs);
    File& self = *new (file) File{{nullptr}, &state, nullptr};
    self.under()->pMethods = nullptr;
    if (!state.power) return SQLITE_CANTOPEN;
    if (state.readOnly && (flags & SQLITE_OPEN_READWRITE)) return SQLITE_CANTOPEN;
    const int result = state.under->xOpen(state.under, name, self.under(), flags, outFlags);
    if (result != SQLITE_OK) return result;
    if (name && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))) {
        const auto [disk, isNew] = state.disks.try_emplace(name);
        if (isNew) disk->second.synced = contentsOf(name);
        self.disk = &disk->second;
    }
    self.base.pMethods = &kMethods;
    return SQLITE_OK;
}

int deleteFile(sqlite3_vfs* vfs, const char* name, int syncsFolder) {
    State& state = stateOf(vfs);
    if (!state.power) return SQLITE_IOERR_DELETE;
    const int result = state.under->xDelete(state.under, name, syncsFolder);
    if (result == SQLITE_OK)
        if (const auto disk = state.disks.find(name); disk != state.disks.end()) disk->second = {};
    return result;
}

int accessFile(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
    State& state = stateOf(vfs);
    return state.under->xAccess(state.under, name, flags, result);
}
int fullPath(sqlite3_vfs* vfs, const char* name, int size, char* out) {
    State& state = stateOf(vfs);
    return state.under->xFullPathname(state.under, name, size, out);
}
int randomness(sqlite3_vfs* vfs, int size, char* out) {
    State& state = stateOf(vfs);
    return state.under->xRandomness(state.under, size, out);
}
int sleepFor(sqlite3_vfs* vfs, int micros) {
    return stateOf(vfs).under->xSleep(stateOf(vfs).under, micros);
}
int currentTime(sqlite3_vfs* vfs, double* out) {
    return stateOf(vfs).under->xCurrentTime(stateOf(vfs).under, out);
}
int lastError(sqlite3_vfs* vfs, int size, char* out) {
    return stateOf(vfs).under->xGetLastError(stateOf(vfs).under, size, out);
}

}  // namespace

FaultyVfs::FaultyVfs(std::string name) : m_name(std::move(name)), m_state(std::make_unique<State>()) {
    State& state = *m_state;
    state.under = sqlite3_vfs_find(nullptr);
    sqlite3_vfs& vfs = state.vfs;
    vfs.iVersion = 1;
    vfs.szOsFile = static_cast<int>(sizeof(File)) + state.under->szOsFile;
    vfs.mxPathname = state.under->mxPathname;
    vfs.zName = m_name.c_str();
    vfs.pAppData = &state;
    vfs.xOpen = openFile;
    vfs.xDelete = deleteFile;
    vfs.xAccess = accessFile;
    vfs.xFullPathname = fullPath;
    vfs.xRandomness = randomness;
    vfs.xSleep = sleepFor;
    vfs.xCurrentTime = currentTime;
    vfs.xGetLastError = lastError;
    sqlite3_vfs_register(&vfs, 0);
}

FaultyVfs::~FaultyVfs() {
    sqlite3_vfs_unregister(&m_state->vfs);
}

void FaultyVfs::failPowerAfter(int syncs) {
    m_state->syncsLeft = syncs;
}
bool FaultyVfs::hasPower() const {
    return m_state->power;
}
int FaultyVfs::syncs() const {
    return m_state->syncs;
}
void FaultyVfs::setFreeBytes(std::int64_t bytes) {
    m_state->freeBytes = bytes;
}
void FaultyVfs::setReadOnly(bool readOnly) {
    m_state->readOnly = readOnly;
}

void FaultyVfs::holdSyncs(bool hold) {
    m_state->holdsSyncs = hold;
    m_state->holdsSyncs.notify_all();
}

void FaultyVfs::restart(std::uint64_t seed) {
    SeededRandom random(seed);
    for (auto& [path, disk] : m_state->disks) {
        for (const Write& write : disk.since) applyTorn(disk.synced, write, random);
        disk.since.clear();
        // A log that was never written to may be gone; everything else exists.
        if (!std::ifstream(path) && disk.synced.empty()) continue;
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        out.write(disk.synced.data(), static_cast<std::streamsize>(disk.synced.size()));
        std::remove((path + "-shm").c_str());
    }
    m_state->disks.clear();
    m_state->power = true;
    m_state->syncsLeft = kNever;
}

}  // namespace landline::test
