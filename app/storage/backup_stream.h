#pragma once

#include "p2p/base/expected.h"
#include "p2p/base/secret.h"

#include <QIODevice>
#include <QString>

#include <sodium.h>

/// The chunks of a backup file (backup.h), written and read one after the other.
namespace landline::app::backup {

/// Ends of the stream are marked by the body itself; a cut file is one whose body does not end.
class ChunkWriter {
public:
    explicit ChunkWriter(QIODevice& out) : m_out(out) {}

    /// First: the file's head. An empty passphrase leaves it unsealed.
    Expected<void> begin(const QString& passphrase);
    Expected<void> write(ByteView bytes);
    /// Last: the body's end and what waits.
    Expected<void> end();

private:
    Expected<void> flush(bool last);
    Expected<void> raw(ByteView bytes);

    QIODevice& m_out;
    bool m_sealed = false;
    crypto_secretstream_xchacha20poly1305_state m_seal{};
    crypto_hash_sha256_state m_hash{};
    Bytes m_waiting;
};

class ChunkReader {
public:
    explicit ChunkReader(QIODevice& in) : m_in(in) {}

    Expected<void> begin(const QString& passphrase);
    /// Exactly `count` bytes of the body; Malformed if it ends before. At most kChunk at once.
    [[nodiscard]] Expected<Bytes> read(std::size_t count);
    /// After the body's end mark: compares the digest.
    Expected<void> end();

private:
    Expected<void> fill();
    [[nodiscard]] Expected<Bytes> raw(std::size_t count);

    QIODevice& m_in;
    bool m_sealed = false;
    crypto_secretstream_xchacha20poly1305_state m_seal{};
    crypto_hash_sha256_state m_hash{};
    Bytes m_body;
    std::size_t m_taken = 0;
};

}  // namespace landline::app::backup
