#include "tests/bench/load/loop.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace landline::load {

namespace {

constexpr std::size_t kRead = 256 * 1024;

sockaddr_in addressOf(std::uint32_t address, std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(address);
    at.sin_port = htons(port);
    return at;
}

/// 127.x.y.z, none of them 0 or 255, and not those that programs usually have.
std::uint32_t loopback(std::uint32_t source) {
    const std::uint32_t last = 1 + source % 250;
    const std::uint32_t middle = 1 + source / 250 % 250;
    return 127U << 24 | (16 + source / 62'500) << 16 | middle << 8 | last;
}

bool isTransient(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

void fail(const std::string& what) {
    std::fprintf(stderr, "relay_load: %s\n", what.c_str());
    std::exit(1);
}

// Connection ---------------------------------------------------------------------------------------------------------

Connection::~Connection() {
    hangUp();
}

void Connection::dial(Target target, std::uint32_t source) {
    m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m_socket < 0) fail("no more descriptors");
    const int on = 1;
    ::setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // The port is chosen with the connection, so that one source address has all ports for each target.
    ::setsockopt(m_socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const sockaddr_in from = addressOf(loopback(source), 0);
    if (::bind(m_socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
        fail("no source address");
    const sockaddr_in to = addressOf(127U << 24 | 1, target.port);
    m_loop.m_all.insert(this);
    m_isConnected = m_isBlocked = false;
    m_watched = 0;
    if (::connect(m_socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
        return loseSoon();
    watch();
}

void Connection::loseSoon() {
    m_loop.after(Duration::zero(), [this, loop = &m_loop] {
        if (!loop->m_all.contains(this)) return;
        hangUp();
        lost();
    });
}

void Connection::hangUp() {
    if (m_socket < 0) return;
    ::close(m_socket);
    m_socket = -1;
    m_isConnected = false;
    m_loop.m_all.erase(this);
}

void Connection::watch() {
    const std::uint32_t wanted =
        (m_isReading ? EPOLLIN : 0U) | (!m_isConnected || m_isBlocked ? EPOLLOUT : 0U);
    if (m_watched == wanted && wanted != 0) return;
    epoll_event event{};
    event.events = wanted;
    event.data.ptr = this;
    if (::epoll_ctl(m_loop.m_epoll, EPOLL_CTL_MOD, m_socket, &event) != 0)
        ::epoll_ctl(m_loop.m_epoll, EPOLL_CTL_ADD, m_socket, &event);
    m_watched = wanted;
}

void Connection::setReading(bool on) {
    m_isReading = on;
    if (m_socket >= 0) watch();
}

void Connection::flush() {
    while (isUp() && !m_isBlocked) {
        const ByteView part = outgoing();
        if (part.empty()) return;
        const ssize_t taken = ::send(m_socket, part.data(), part.size(), MSG_NOSIGNAL);
        if (taken < 0 && !isTransient(errno)) return loseSoon();
        if (taken > 0) sent(static_cast<std::size_t>(taken));
        m_isBlocked = taken < 0 || static_cast<std::size_t>(taken) < part.size();
    }
    if (isUp()) watch();
}

void Connection::onEvents(std::uint32_t events) {
    if (!m_isConnected && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(m_socket, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) {
            hangUp();
            return lost();
        }
        m_isConnected = true;
        connected();
        flush();
        if (isUp()) watch();
    }
    if ((events & EPOLLOUT) != 0 && m_isBlocked) {
        m_isBlocked = false;
        flush();
    }
    if (!isUp() || (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0) return;
    if (m_isReading) return readAll();
    // What says so would say it again and again.
    if ((events & (EPOLLERR | EPOLLHUP)) == 0) return;
    hangUp();
    lost();
}

void Connection::readAll() {
    const ssize_t count = ::recv(m_socket, m_loop.m_buffer.data(), m_loop.m_buffer.size(), 0);
    if (count < 0 && isTransient(errno)) return;
    if (count <= 0) {
        hangUp();
        return lost();
    }
    received(ByteView(m_loop.m_buffer).first(static_cast<std::size_t>(count)));
    flush();
}

// Loop ---------------------------------------------------------------------------------------------------------------

Loop::Loop() : m_epoll(::epoll_create1(EPOLL_CLOEXEC)), m_buffer(kRead) {
    look();
}

Loop::~Loop() {
    ::close(m_epoll);
}

void Loop::onLine(std::function<void(std::optional<std::string>)> what) {
    m_onLine = std::move(what);
    epoll_event event{};
    event.events = EPOLLIN;
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event);
}

void Loop::readLines() {
    std::array<char, 4096> text;
    const ssize_t count = ::read(STDIN_FILENO, text.data(), text.size());
    if (count <= 0) {
        ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, STDIN_FILENO, nullptr);
        return m_onLine(std::nullopt);
    }
    m_line.append(text.data(), static_cast<std::size_t>(count));
    for (std::size_t end = m_line.find('\n'); end != std::string::npos; end = m_line.find('\n')) {
        const std::string line = m_line.substr(0, end);
        m_line.erase(0, end + 1);
        m_onLine(line);
    }
}

void Loop::run() {
    std::array<epoll_event, 256> events;
    m_goesOn = true;
    while (m_goesOn) {
        look();
        int wait = 1000;
        if (!m_timers.empty()) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(m_timers.begin()->first - m_now).count();
            wait = static_cast<int>(std::clamp<std::int64_t>(left, 0, wait));
        }
        const int count = ::epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), wait);
        look();
        for (int i = 0; i < count && m_goesOn; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            auto* const connection = static_cast<Connection*>(event.data.ptr);
            if (!connection)
                readLines();
            else if (m_all.contains(connection))
                connection->onEvents(event.events);
        }
        while (m_goesOn && !m_timers.empty() && m_timers.begin()->first <= m_now) {
            const auto what = std::move(m_timers.begin()->second);
            m_timers.erase(m_timers.begin());
            what();
        }
    }
}

}  // namespace landline::load
