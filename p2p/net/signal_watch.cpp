#include "p2p/net/signal_watch.h"

#include <QSocketNotifier>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>

namespace landline::net {

namespace {

// A handler may do next to nothing: it writes a byte that the event loop reads.
int g_pipe[2] = {-1, -1};

void onSignal(int signal) {
    const int before = errno;
    const char byte = static_cast<char>(signal);
    // The pipe does not block; if it is full, bytes enough are waiting.
    [[maybe_unused]] const ssize_t written = ::write(g_pipe[1], &byte, 1);
    errno = before;
}

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

}  // namespace

SignalWatch::SignalWatch(QObject* parent, Hangup hangup) : QObject(parent), m_hangup(hangup) {
    if (::pipe2(g_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
    m_notifier = new QSocketNotifier(g_pipe[0], QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &SignalWatch::onReadable);
    struct sigaction action {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

SignalWatch::~SignalWatch() {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
    delete m_notifier;
    for (int& end : g_pipe) {
        if (end >= 0) ::close(end);
        end = -1;
    }
}

void SignalWatch::onReadable() {
    bool isInterrupted = false;
    bool isReloadWanted = false;
    char byte = 0;
    while (::read(g_pipe[0], &byte, 1) > 0)
        (byte == SIGHUP && m_hangup == Hangup::Reloads ? isReloadWanted : isInterrupted) = true;
    if (isReloadWanted) Q_EMIT reloadWanted();
    if (isInterrupted) Q_EMIT interrupted();
}

}  // namespace landline::net
