#pragma once

#include "app/pictures/picture_process.h"
#include "p2p/base/ids.h"

#include <QHash>

#include <memory>
#include <optional>
#include <vector>

namespace landline::app {

/// A file of a message that may be a picture.
struct PictureRequest {
    GlobalEntryRef message;
    QString path;
    quint64 size = 0;
};

/// Small pictures of the files of messages, made while they are in sight and kept in memory only: nothing of a
/// picture outlives its message or the program. Few processes at once; what waits is what is in sight now. On the
/// GUI thread.
class Thumbnails final : public QObject {
    Q_OBJECT

public:
    /// A picture is shown within this box, in pixels of a screen of ratio 1.
    static constexpr PictureBox kBox{360, 320};
    static constexpr int kProcesses = 2;
    static constexpr std::size_t kMostWanted = 64;
    /// Bytes of pixels that are kept, and messages of which it is known whether there is a picture.
    static constexpr qint64 kKeptBytes = 64 * 1024 * 1024;
    static constexpr qsizetype kKnown = 4096;

    explicit Thumbnails(PictureProcess::Decoder decoder = PictureProcess::installed(),
                        QObject* parent = nullptr);
    ~Thumbnails() override;

    /// What is in sight, the most important first, on a screen of this ratio. Takes the place of what was asked
    /// before: what waits and is not named again is not made.
    void want(std::vector<PictureRequest> inSight, qreal ratio);
    /// The size of the whole picture, also while its pixels are not here. Empty if it is unknown or there is no
    /// picture.
    [[nodiscard]] QSize sizeOf(const GlobalEntryRef& message) const;
    /// Null while it is not here.
    [[nodiscard]] QImage find(const GlobalEntryRef& message) const;
    /// The message or its file is gone, or no longer to be shown.
    void forget(const GlobalEntryRef& message);

    [[nodiscard]] int running() const { return static_cast<int>(m_running.size()); }
    [[nodiscard]] qint64 keptBytes() const { return m_keptBytes; }

Q_SIGNALS:
    /// There is another thing to show for this message than before.
    void changed(const landline::GlobalEntryRef& message);

private:
    struct Known {
        QImage image;
        QSize source;  ///< empty: there is no picture
        mutable quint64 used = 0;
        bool crowded = false;  ///< there was no room for it; not made again while the same is in sight
    };
    struct Job {
        PictureRequest request;
        std::unique_ptr<PictureProcess> process;
    };

    void startNext();
    void start(const PictureRequest& request);
    void onFinished(const GlobalEntryRef& message, const QImage& image, const QSize& source);
    [[nodiscard]] bool isWanted(const QByteArray& key) const;
    [[nodiscard]] bool isRunning(const GlobalEntryRef& message) const;
    [[nodiscard]] const Known* lookUp(const GlobalEntryRef& message) const;
    void dropImages();
    bool makeRoom(qint64 bytes);
    void dropOldest();

    PictureProcess::Decoder m_decoder;
    QHash<QByteArray, Known> m_known;
    std::vector<PictureRequest> m_wanted;
    std::vector<Job> m_running;
    qreal m_ratio = 1;
    qint64 m_keptBytes = 0;
    mutable quint64 m_clock = 0;
};

}  // namespace landline::app
