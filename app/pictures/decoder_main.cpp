// landline-decoder WIDTHxHEIGHT: reads a picture from standard input, which must be a file, and writes it, shrunk
// to fit into the box, to standard output (picture_stream.h). The file may be anybody's and anything: before its
// content is looked at the process gives up all that it does not need. Whoever starts it sets the limits of memory
// and time. Leaves with 0 if there is a picture.
#include "app/pictures/lock_down.h"
#include "app/pictures/picture_stream.h"

#include <QBuffer>
#include <QImageReader>

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace {

using namespace landline;
using namespace landline::app;

enum ExitCode { kDone = 0, kUsage = 2, kNoPicture = 3, kNoLock = 4, kNoReader = 5 };

constexpr int kPipe = 1024 * 1024;

/// The whole of standard input; empty unless it is a file of a fair size. A file that shrinks meanwhile ends the
/// process.
ByteView mapInput() {
    struct stat file {};
    if (fstat(STDIN_FILENO, &file) != 0 || !S_ISREG(file.st_mode) || file.st_size <= 0) return {};
    const auto size = static_cast<std::size_t>(file.st_size);
    if (size > picture_limits::kFileBytes) return {};
    void* const begin = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    if (begin == MAP_FAILED) return {};
    return {static_cast<const std::uint8_t*>(begin), size};
}

/// Makes Qt load what reads this format, while libraries can still be opened. False if it has nothing that does.
bool loadReader(PictureFormat format) {
    if (!QImageReader::supportedImageFormats().contains(formatName(format))) return false;
    QByteArray nothing;
    QBuffer empty(&nothing);
    if (!empty.open(QIODevice::ReadOnly)) return false;
    QImageReader reader(&empty, formatName(format));
    reader.setAutoDetectImageFormat(false);
    (void)reader.canRead();
    return true;
}

/// Qt scales and converts large pictures in the threads of a pool. There is to be one, made now while that is
/// possible; it stays for longer than the process is given.
void startThread() {
    cpu_set_t all;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(std::max(0, sched_getcpu())), &one);
    // The pool takes as many threads as there are processors when it is made.
    const bool known = sched_getaffinity(0, sizeof(all), &all) == 0;
    if (known) sched_setaffinity(0, sizeof(one), &one);
    const QImage image(600, 600, QImage::Format_RGB888);
    (void)image.convertToFormat(QImage::Format_ARGB32)
        .scaled(500, 500, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
    if (known) sched_setaffinity(0, sizeof(all), &all);
}

/// Null if there is no picture, or one beyond the limits. `source` becomes its size as it is to be seen.
QImage decode(ByteView input, PictureFormat format, PictureBox box, PictureBox& source) {
    auto bytes = QByteArray::fromRawData(reinterpret_cast<const char*>(input.data()),
                                         static_cast<qsizetype>(input.size()));
    QBuffer device(&bytes);
    if (!device.open(QIODevice::ReadOnly)) return {};
    QImageReader reader(&device, formatName(format));
    reader.setAutoDetectImageFormat(false);
    reader.setAutoTransform(true);
    const QSize stored = reader.size();
    if (stored.width() < 1 || stored.height() < 1) return {};
    const auto pixels = static_cast<quint64>(stored.width()) * static_cast<quint64>(stored.height());
    if (pixels > picture_limits::kPixels) return {};
    const bool turned = reader.transformation().testFlag(QImageIOHandler::TransformationRotate90);
    source =
        turned ? PictureBox{stored.height(), stored.width()} : PictureBox{stored.width(), stored.height()};
    const PictureBox shown = fitInto(source, box);
    const QSize wanted = turned ? QSize(shown.height, shown.width) : QSize(shown.width, shown.height);
    if (wanted != stored) reader.setScaledSize(wanted);
    const QImage image = reader.read();
    if (image.size() != QSize(shown.width, shown.height)) return {};
    return image.convertToFormat(QImage::Format_ARGB32);
}

bool writeAll(const void* data, std::size_t size) {
    const auto* at = static_cast<const char*>(data);
    while (size > 0) {
        const auto written = write(STDOUT_FILENO, at, size);
        if (written <= 0) return false;
        at += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
}

bool answer(const QImage& image, PictureBox source) {
    const auto header = encodePictureHeader({{image.width(), image.height()}, source});
    if (!writeAll(header.data(), header.size())) return false;
    const auto line = 4 * static_cast<std::size_t>(image.width());
    for (int y = 0; y < image.height(); ++y)
        if (!writeAll(image.constScanLine(y), line)) return false;
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const auto box = argc == 2 ? parsePictureBox(argv[1]) : std::nullopt;
    if (!box) return kUsage;
    // The answer goes over in few pieces. Where that is refused it takes more of them.
    (void)fcntl(STDOUT_FILENO, F_SETPIPE_SZ, kPipe);
    // Each thread's own heap would reserve a good part of the address space.
    mallopt(M_ARENA_MAX, 1);
    qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString&) {});
    QImageReader::setAllocationLimit(picture_limits::kDecodedMegabytes);
    const ByteView input = mapInput();
    const auto format = pictureFormat(input.first(std::min(input.size(), kPictureSignature)));
    if (!format) return kNoPicture;
    if (!loadReader(*format)) return kNoReader;
    startThread();
    if (!lockDown()) return kNoLock;
    PictureBox source;
    const QImage image = decode(input, *format, *box, source);
    const bool done = !image.isNull() && answer(image, source);
    // Nothing is left to be tidied, and what tidies may want more than is granted.
    _exit(done ? kDone : kNoPicture);
}
