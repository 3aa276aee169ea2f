#include "app/pictures/picture_process.h"

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QFile>
#include <QPointer>
#include <QProcess>
#include <QThreadPool>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <csignal>
#endif

#include <cstring>

namespace landline::app {

namespace {

constexpr rlim_t kFilesWhileLoading = 32;

/// A file descriptor that is closed with its last owner, on whichever thread.
struct OpenFile {
    explicit OpenFile(int number) : fd(number) {}
    ~OpenFile() { ::close(fd); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int fd;
};

/// Null unless it is a file of this size that begins like a picture. Never waits for a pipe's other end.
std::shared_ptr<OpenFile> openPicture(const QByteArray& path, quint64 size) {
    const int fd = ::open(path.constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return nullptr;
    auto file = std::make_shared<OpenFile>(fd);
    struct stat facts {};
    if (::fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode) || static_cast<quint64>(facts.st_size) != size)
        return nullptr;
    std::array<std::uint8_t, kPictureSignature> beginning{};
    const auto read = ::pread(fd, beginning.data(), beginning.size(), 0);
    if (read < 0 || !pictureFormat(ByteView(beginning).first(static_cast<std::size_t>(read)))) return nullptr;
    return file;
}

/// Runs between fork and exec: nothing but system calls.
void confine(int file) {
    ::dup2(file, STDIN_FILENO);
    const auto limit = [](auto what, rlim_t most) {
        const rlimit both{most, most};
        ::setrlimit(what, &both);
    };
    limit(RLIMIT_AS, picture_limits::kMemory);
    limit(RLIMIT_CPU, picture_limits::kCpuSeconds);
    limit(RLIMIT_NOFILE, kFilesWhileLoading);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 0);
#ifdef __linux__
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#ifdef SYS_close_range
    constexpr unsigned kCloseOnExec = 1U << 2;
    ::syscall(SYS_close_range, 3U, ~0U, kCloseOnExec);
#endif
#endif
}

/// What finding libraries and plug-ins may need, and nothing of the person's.
QProcessEnvironment bareEnvironment() {
    QProcessEnvironment bare;
    const auto all = QProcessEnvironment::systemEnvironment();
    for (const auto& name : {QStringLiteral("LD_LIBRARY_PATH"), QStringLiteral("QT_PLUGIN_PATH")})
        if (all.contains(name)) bare.insert(name, all.value(name));
    if (bare.isEmpty()) bare.insert(QStringLiteral("LC_ALL"), QStringLiteral("C.UTF-8"));
    return bare;
}

/// Null unless `answer` is exactly a header and its pixels.
QImage readAnswer(const QByteArray& answer, PictureBox box, QSize& source) {
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(answer.constData()),
                         static_cast<std::size_t>(answer.size()));
    const auto header = parsePictureHeader(bytes, box);
    if (!header || bytes.size() != pictureStreamBytes(header->size)) return {};
    QImage image(header->size.width, header->size.height, QImage::Format_ARGB32);
    if (image.isNull()) return {};
    const auto line = 4 * static_cast<std::size_t>(image.width());
    for (int y = 0; y < image.height(); ++y)
        std::memcpy(image.scanLine(y), bytes.data() + kPictureHeader + static_cast<std::size_t>(y) * line,
                    line);
    source = QSize(header->source.width, header->source.height);
    return image.convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

}  // namespace

PictureProcess::Decoder PictureProcess::installed() {
    const QString here = QCoreApplication::applicationDirPath();
    const QString name = QStringLiteral("landline-decoder");
    const QString beside = here + u'/' + name;
    if (QFile::exists(beside)) return {beside, {}};
    return {here + QStringLiteral("/" LANDLINE_DECODER_FOLDER "/") + name, {}};
}

PictureProcess::PictureProcess(Decoder decoder, PictureBox box, QObject* parent)
    : QObject(parent), m_decoder(std::move(decoder)), m_box(box) {
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(m_decoder.deadline);
    connect(&m_deadline, &QTimer::timeout, this, [this] { finish(); });
}

PictureProcess::~PictureProcess() {
    endProcess();
}

qint64 PictureProcess::processId() const {
    return m_process ? m_process->processId() : 0;
}

/// Opening may take its time, on a disk far away say.
void PictureProcess::start(const QString& path, quint64 size) {
    QObject* const home = QAbstractEventDispatcher::instance();
    if (size == 0 || size > picture_limits::kFileBytes) {
        QMetaObject::invokeMethod(
            this, [this] { finish(); }, Qt::QueuedConnection);
        return;
    }
    QThreadPool::globalInstance()->start([home, self = QPointer(this), name = QFile::encodeName(path), size] {
        const auto opened = [self, file = openPicture(name, size)] {
            if (!self) return;
            if (file)
                self->run(file->fd);
            else
                self->finish();
        };
        QMetaObject::invokeMethod(home, opened, Qt::QueuedConnection);
    });
}

/// `file` has to stay open only until this returns.
void PictureProcess::run(int file) {
    m_process = new QProcess;
    m_process->setProgram(m_decoder.program);
    m_process->setArguments(m_decoder.arguments +
                            QStringList(QStringLiteral("%1x%2").arg(m_box.width).arg(m_box.height)));
    m_process->setProcessEnvironment(bareEnvironment());
    m_process->setWorkingDirectory(QStringLiteral("/"));
    m_process->setStandardErrorFile(QProcess::nullDevice());
    m_process->setChildProcessModifier([file] { confine(file); });
    connect(m_process, &QProcess::readyReadStandardOutput, this, &PictureProcess::onOutput);
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) finish();
    });
    connect(m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        onEnd(status == QProcess::NormalExit && code == 0);
    });
    m_deadline.start();
    m_process->start(QIODevice::ReadOnly);
}

void PictureProcess::onOutput() {
    if (static_cast<std::size_t>(m_process->bytesAvailable()) > pictureStreamBytes(m_box)) finish();
}

void PictureProcess::onEnd(bool clean) {
    QSize source;
    const QImage image = clean ? readAnswer(m_process->readAllStandardOutput(), m_box, source) : QImage();
    finish(image, source);
}

void PictureProcess::finish(const QImage& image, const QSize& source) {
    m_deadline.stop();
    endProcess();
    Q_EMIT finished(image, source);
}

/// Nobody waits for a process that is being ended: it goes by itself once the system says that it is gone.
void PictureProcess::endProcess() {
    auto* const process = std::exchange(m_process, nullptr);
    if (!process) return;
    process->disconnect(this);
    if (process->state() == QProcess::NotRunning) {
        process->deleteLater();
        return;
    }
    connect(process, &QProcess::finished, process, &QObject::deleteLater);
    connect(process, &QProcess::errorOccurred, process, &QObject::deleteLater);
    process->closeReadChannel(QProcess::StandardOutput);
    process->kill();
}

}  // namespace landline::app
