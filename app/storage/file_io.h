#pragma once

#include "app/storage/origin_mark.h"
#include "p2p/transfer/chunk_io.h"

#include <QFile>
#include <QString>

#include <functional>
#include <memory>

namespace landline::app {

/// Whether a name may begin with a dot: those of files below a folder may, for the folder is seen.
enum class Hidden { Shown, Allowed };

/// The last part of a received name, made safe for every system: path separators, control characters and
/// characters that Windows forbids become '_', leading dots and trailing dots and spaces go, reserved device
/// names get a '_' in front, and it is cut to 255 bytes with its extension kept. Never empty.
[[nodiscard]] QString safeFileName(const QString& received, Hidden hidden = Hidden::Shown);

/// "name (2).txt" of "name.txt", within 255 bytes.
[[nodiscard]] QString numberedName(const QString& name, int number);

/// The folder of a profile for files that the program makes in order to offer them.
[[nodiscard]] QString outboxOf(const QString& profile);
/// The folder of a profile for the records of bundles (tree_scan.h).
[[nodiscard]] QString bundlesOf(const QString& profile);
/// Where what has come of a transfer lies until it is whole: FOLDER/NAME.part-ID.
[[nodiscard]] QString partPath(const QString& folder, const QString& name, const QString& id);
/// What a file is called where that many names are taken: NAME, "NAME (2)" and so on. Up to kMostNumber.
[[nodiscard]] QString nameToTry(const QString& folder, const QString& name, int number);
inline constexpr int kMostNumber = 10'000;
/// Gives a file or folder this path. Returns 0, or why not (errno): EEXIST where the path is taken, for nothing that exists
/// is ever replaced.
[[nodiscard]] int moveToNew(const QString& from, const QString& to);
/// Moves a file or folder into `folder` as `name`, or "name (2)" and so on where that is taken; nothing that exists is
/// ever replaced. `before` is called with each path before it is tried; where it says false, errno tells why. Returns
/// where the file is now. Fails with Disk or Full.
[[nodiscard]] Expected<QString> moveToFreeName(const QString& from, const QString& folder,
                                               const QString& name,
                                               const std::function<bool(const QString& path)>& before = {});

/// An offered file on disk. Fails later, in `read`, if it has changed since, or changes while it is read.
class FileSource final : public transfer::ChunkSource {
public:
    /// Fails with NotFound or Disk; with InvalidArgument for anything but a regular file.
    [[nodiscard]] static Expected<std::shared_ptr<FileSource>> open(const QString& path);

    [[nodiscard]] std::uint64_t size() const override { return m_size; }
    [[nodiscard]] Expected<std::vector<transfer::Piece>> read(std::uint64_t offset,
                                                              std::size_t length) override;
    [[nodiscard]] qint64 modified() const { return m_modified; }

private:
    FileSource() = default;
    [[nodiscard]] bool isAsItWas() const;
    QFile m_file;
    std::uint64_t m_size = 0;
    qint64 m_modified = 0;
};

/// A file being fetched: `NAME.part-ID` in the target folder until it is whole, then NAME, or "NAME (2)"
/// where that is taken. With `notes` (MovedNotes) a crash behind the move brings it no second time.
class FileSink final : public transfer::ChunkSink {
public:
    /// Makes the folder where needed and checks the free space. Fails with Disk or Full.
    [[nodiscard]] static Expected<std::shared_ptr<FileSink>> open(const QString& folder, const QString& name,
                                                                  const QString& id, std::uint64_t size,
                                                                  const QString& notes = {});

    /// Marks the file with it once it is whole. Nobody may execute it: a single file has no such bit to keep.
    void setOrigin(Origin origin) { m_origin = std::move(origin); }

    [[nodiscard]] Expected<transfer::Held> held() override;
    [[nodiscard]] Expected<Bytes> read(std::uint64_t offset, std::size_t length) override;
    [[nodiscard]] Expected<void> writeParts(std::uint64_t offset, std::span<const ByteView> parts) override;
    [[nodiscard]] Expected<void> skip(std::uint64_t offset, std::uint64_t length,
                                      wire::ItemFailure reason) override;
    [[nodiscard]] Expected<Result> finish() override;

private:
    FileSink() = default;
    [[nodiscard]] Expected<QString> move();
    [[nodiscard]] std::uint64_t bytesHeld() const;
    QString m_folder;
    QString m_name;
    QString m_part;
    Origin m_origin;
    QString m_notes;
    QString m_moved;  ///< where it is, once it has moved
    QFile m_file;     ///< opened without a name
    std::uint64_t m_size = 0;
};

}  // namespace landline::app
