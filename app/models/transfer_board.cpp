#include "app/models/transfer_board.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace landline::app {

using namespace std::chrono_literals;

namespace {
constexpr auto kTellEvery = 250ms;
constexpr int kMostRunning = 200;
constexpr qint64 kStandsStill = 5000;  // milliseconds
}  // namespace

TransferBoard::TransferBoard(MessengerPort port, QObject* parent) : QObject(parent), m_port(port) {
    m_clock.start();
    m_timer.setSingleShot(true);
    m_timer.setInterval(kTellEvery);
    connect(&m_timer, &QTimer::timeout, this, &TransferBoard::tell);
    connect(m_port.messenger(), &Messenger::transferChanged, this, &TransferBoard::take);
}

void TransferBoard::reload() {
    TransferQuery query;
    query.limit = kMostRunning;
    m_port.call(
        this, [query](Messenger& messenger) { return messenger.transfers(query); },
        [this](const std::vector<TransferRecord>& transfers) {
            for (const TransferRecord& transfer : transfers)
                if (transfer.state == TransferState::Running) take(transfer);
        });
}

void TransferBoard::take(const TransferRecord& transfer) {
    if (transfer.state == TransferState::Running) {
        auto& running = m_running[transfer.id];
        if (transfer.done != running.record.done) running.lastMoved = m_clock.elapsed();
        running.record = transfer;
    } else if (m_running.erase(transfer.id) == 0) {
        return;
    }
    m_changed.insert(transfer.id);
    if (!m_timer.isActive()) m_timer.start();
}

/// Of what stands still nobody tells: its speed ends here.
void TransferBoard::tell() {
    for (auto& [id, running] : m_running) {
        if (running.record.speed == 0 || m_clock.elapsed() - running.lastMoved < kStandsStill) continue;
        running.record.speed = 0;
        m_changed.insert(id);
    }
    const auto changes = std::exchange(m_changed, {});
    if (!m_running.empty()) m_timer.start();
    if (!changes.empty()) Q_EMIT changed(changes);
}

const TransferRecord* TransferBoard::running(const wire::TransferId& id) const {
    const auto found = m_running.find(id);
    return found == m_running.end() ? nullptr : &found->second.record;
}

double TransferBoard::progress() const {
    double size = 0;
    double done = 0;
    for (const auto& [id, running] : m_running) {
        size += static_cast<double>(running.record.size);
        done += static_cast<double>(std::min(running.record.done, running.record.size));
    }
    return size == 0 ? 0 : done / size;
}

}  // namespace landline::app
