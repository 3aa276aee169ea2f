#pragma once

#include "p2p/transfer/chunk_io.h"

#include <QFile>
#include <QString>

#include <memory>

namespace landline::app {

/// The last part of a received name, made safe for every system: path separators, control characters and
/// characters that Windows forbids become '_', leading dots and trailing dots and spaces go, reserved device
/// names get a '_' in front, and it is cut to 255 bytes with its extension kept. Never empty.
[[nodiscard]] QString safeFileName(const QString& received);

/// The folder of a profile for files that the program makes in order to offer them.
[[nodiscard]] QString outboxOf(const QString& profile);

/// An offered file on disk. Fails later, in `read`, if it has changed since.
class FileSource final : public transfer::ChunkSource {
public:
    /// Fails with NotFound or Disk; with InvalidArgument for anything but a regular file.
    [[nodiscard]] static Expected<std::shared_ptr<FileSource>> open(const QString& path);

    [[nodiscard]] std::uint64_t size() const override { return m_size; }
    [[nodiscard]] Expected<Bytes> read(std::uint64_t offset, std::size_t length) override;
    [[nodiscard]] qint64 modified() const { return m_modified; }

private:
    FileSource() = default;
    QFile m_file;
    std::uint64_t m_size = 0;
    qint64 m_modified = 0;
};

/// A file being fetched: `NAME.part-ID` in the target folder until it is whole, then NAME, or "NAME (2)"
/// where that is taken.
class FileSink final : public transfer::ChunkSink {
public:
    /// Makes the folder where needed and checks the free space. Fails with Disk or Full.
    [[nodiscard]] static Expected<std::shared_ptr<FileSink>> open(const QString& folder, const QString& name,
                                                                  const QString& id, std::uint64_t size);

    [[nodiscard]] std::uint64_t bytesHeld() const override { return m_held; }
    [[nodiscard]] Expected<void> write(std::uint64_t offset, ByteView data) override;
    [[nodiscard]] Expected<std::string> finish() override;

private:
    FileSink() = default;
    QString m_folder;
    QString m_name;
    QFile m_file;
    std::uint64_t m_held = 0;
};

}  // namespace landline::app
