#include "app/pictures/thumbnails.h"

#include <QtMath>

#include <algorithm>

namespace landline::app {

namespace {

QByteArray keyOf(const GlobalEntryRef& message) {
    const auto bytes = [](const auto& id) {
        return QByteArray(reinterpret_cast<const char*>(id.data()), static_cast<qsizetype>(id.size()));
    };
    return bytes(message.conversation) + bytes(message.entry.author) +
           QByteArray::number(static_cast<qulonglong>(message.entry.number));
}

PictureBox scaled(PictureBox box, qreal ratio) {
    const auto side = [ratio](int length) { return std::min(qCeil(length * ratio), picture_limits::kSide); };
    return {side(box.width), side(box.height)};
}

}  // namespace

Thumbnails::Thumbnails(PictureProcess::Decoder decoder, QObject* parent)
    : QObject(parent), m_decoder(std::move(decoder)) {}

Thumbnails::~Thumbnails() = default;

void Thumbnails::want(std::vector<PictureRequest> inSight, qreal ratio) {
    if (inSight.size() > kMostWanted) inSight.resize(kMostWanted);
    const bool same =
        std::equal(m_wanted.begin(), m_wanted.end(), inSight.begin(), inSight.end(),
                   [](const PictureRequest& a, const PictureRequest& b) { return a.message == b.message; });
    if (!same)
        for (auto& known : m_known) known.crowded = false;
    m_wanted = std::move(inSight);
    if (!qFuzzyCompare(ratio, m_ratio)) {
        m_ratio = std::max(ratio, 1.0);
        dropImages();
    }
    startNext();
}

const Thumbnails::Known* Thumbnails::lookUp(const GlobalEntryRef& message) const {
    const auto found = m_known.constFind(keyOf(message));
    if (found == m_known.constEnd()) return nullptr;
    found->used = ++m_clock;
    return &*found;
}

QSize Thumbnails::sizeOf(const GlobalEntryRef& message) const {
    const auto* known = lookUp(message);
    return known ? known->source : QSize();
}

QImage Thumbnails::find(const GlobalEntryRef& message) const {
    const auto* known = lookUp(message);
    return known ? known->image : QImage();
}

void Thumbnails::forget(const GlobalEntryRef& message) {
    std::erase_if(m_wanted, [&](const PictureRequest& request) { return request.message == message; });
    std::erase_if(m_running, [&](const Job& job) { return job.request.message == message; });
    const auto found = m_known.constFind(keyOf(message));
    const bool shown = found != m_known.constEnd() && !found->source.isEmpty();
    if (found != m_known.constEnd()) {
        m_keptBytes -= found->image.sizeInBytes();
        m_known.erase(found);
    }
    startNext();
    if (shown) Q_EMIT changed(message);
}

bool Thumbnails::isRunning(const GlobalEntryRef& message) const {
    return std::any_of(m_running.begin(), m_running.end(),
                       [&](const Job& job) { return job.request.message == message; });
}

/// What failed is not tried again; what lost its pixels is.
void Thumbnails::startNext() {
    for (const auto& request : m_wanted) {
        if (running() >= kProcesses) return;
        if (isRunning(request.message)) continue;
        const auto* known = lookUp(request.message);
        const bool missing = !known || (known->image.isNull() && !known->source.isEmpty() && !known->crowded);
        if (missing) start(request);
    }
}

void Thumbnails::start(const PictureRequest& request) {
    auto process = std::make_unique<PictureProcess>(m_decoder, scaled(kBox, m_ratio));
    auto* const started = process.get();
    m_running.push_back({request, std::move(process)});
    connect(started, &PictureProcess::finished, this,
            [this, message = request.message](const QImage& image, const QSize& source) {
                onFinished(message, image, source);
            });
    started->start(request.path, request.size);
}

void Thumbnails::onFinished(const GlobalEntryRef& message, const QImage& image, const QSize& source) {
    const auto job = std::find_if(m_running.begin(), m_running.end(),
                                  [&](const Job& each) { return each.request.message == message; });
    if (job == m_running.end()) return;
    // It is still on the way out of its own signal.
    job->process.release()->deleteLater();
    m_running.erase(job);
    const QByteArray key = keyOf(message);
    const Known before = m_known.take(key);
    m_keptBytes -= before.image.sizeInBytes();
    Known now{{}, source, ++m_clock, false};
    now.crowded = !makeRoom(image.sizeInBytes());
    if (!now.crowded) now.image = image;
    m_keptBytes += now.image.sizeInBytes();
    const bool other = before.source != source || before.image.isNull() != now.image.isNull();
    m_known.insert(key, now);
    dropOldest();
    if (other) Q_EMIT changed(message);
    startNext();
}

bool Thumbnails::isWanted(const QByteArray& key) const {
    return std::any_of(m_wanted.begin(), m_wanted.end(),
                       [&](const PictureRequest& request) { return keyOf(request.message) == key; });
}

/// Lets go of the pixels that were shown longest ago; never of those in sight, which would be made again at once.
bool Thumbnails::makeRoom(qint64 bytes) {
    while (m_keptBytes + bytes > kKeptBytes) {
        auto oldest = m_known.end();
        for (auto it = m_known.begin(); it != m_known.end(); ++it)
            if (!it->image.isNull() && (oldest == m_known.end() || it->used < oldest->used) &&
                !isWanted(it.key()))
                oldest = it;
        if (oldest == m_known.end()) return false;
        m_keptBytes -= oldest->image.sizeInBytes();
        oldest->image = QImage();
    }
    return true;
}

void Thumbnails::dropOldest() {
    while (m_known.size() > kKnown) {
        const auto oldest = std::min_element(m_known.begin(), m_known.end(),
                                             [](const Known& a, const Known& b) { return a.used < b.used; });
        m_keptBytes -= oldest->image.sizeInBytes();
        m_known.erase(oldest);
    }
}

/// Of another screen's ratio: they are made again where they are wanted, at the same size.
void Thumbnails::dropImages() {
    m_running.clear();
    for (auto& known : m_known) known.image = QImage();
    m_keptBytes = 0;
}

}  // namespace landline::app
