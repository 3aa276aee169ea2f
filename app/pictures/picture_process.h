#pragma once

#include "app/pictures/picture_stream.h"

#include <QImage>
#include <QObject>
#include <QStringList>
#include <QTimer>

#include <memory>

class QProcess;

namespace landline::app {

/// Decodes one picture in a process of its own, so that whatever a file does to its decoder ends there. The file is
/// opened here and given to the process, which is limited in memory, time and files; its answer is bounded, and
/// checked before anything is made of it. Used once; destroying it ends the process. On the GUI thread.
class PictureProcess final : public QObject {
    Q_OBJECT

public:
    /// The program that decodes, and what stands before the box among its arguments.
    struct Decoder {
        QString program;
        QStringList arguments;
        std::chrono::milliseconds deadline = picture_limits::kDeadline;
    };
    /// landline-decoder beside this program or where it is installed.
    [[nodiscard]] static Decoder installed();

    PictureProcess(Decoder decoder, PictureBox box, QObject* parent = nullptr);
    ~PictureProcess() override;

    /// Starts on the file at `path`, if it is a file of `size` bytes that begins like a picture.
    void start(const QString& path, quint64 size);
    /// Of the running process; 0 before and after.
    [[nodiscard]] qint64 processId() const;

Q_SIGNALS:
    /// Once after `start`. The image is null if there is no picture to show; `source` is the size of the whole
    /// picture.
    void finished(const QImage& image, const QSize& source);

private:
    void run(int file);
    void onOutput();
    void onEnd(bool clean);
    void finish(const QImage& image = {}, const QSize& source = {});
    void endProcess();

    Decoder m_decoder;
    PictureBox m_box;
    QProcess* m_process = nullptr;
    QTimer m_deadline;
};

}  // namespace landline::app
