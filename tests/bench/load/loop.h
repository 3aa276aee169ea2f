#pragma once

#include "p2p/base/bytes.h"
#include "p2p/base/clock.h"

#include <netinet/in.h>

#include <functional>
#include <map>
#include <unordered_set>

namespace landline::load {

class Loop;

[[noreturn]] void fail(const std::string& what);

/// Where a service is, on this machine.
struct Target {
    std::uint16_t port = 0;
};

/// One TCP connection of a load program, without Qt: what a client costs here must not be what is measured. Deleted by its
/// owner, not from within one of its calls.
class Connection {
public:
    explicit Connection(Loop& loop) : m_loop(loop) {}
    virtual ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// From 127.x.y.z, of which `source` chooses the last three numbers, so that neither ports nor rates of one address
    /// bound how many there are.
    void dial(Target target, std::uint32_t source);
    void hangUp();
    [[nodiscard]] bool isUp() const { return m_socket >= 0 && m_isConnected; }
    [[nodiscard]] bool isIdle() const { return m_socket < 0; }
    /// Gives the system what there is to send.
    void flush();
    /// While false nothing is read.
    void setReading(bool on);

protected:
    virtual void connected() = 0;
    virtual void received(ByteView bytes) = 0;
    /// By the other side, or never made.
    virtual void lost() = 0;
    [[nodiscard]] virtual ByteView outgoing() const = 0;
    virtual void sent(std::size_t bytes) = 0;

    Loop& m_loop;

private:
    friend class Loop;
    void onEvents(std::uint32_t events);
    void readAll();
    void watch();
    void loseSoon();

    int m_socket = -1;
    bool m_isConnected = false;
    bool m_isBlocked = false;
    bool m_isReading = true;
    std::uint32_t m_watched = 0;
};

/// epoll(7), and timers.
class Loop {
public:
    Loop();
    ~Loop();

    void run();
    void stop() { m_goesOn = false; }
    void at(MonoTime when, std::function<void()> what) { m_timers.emplace(when, std::move(what)); }
    void after(Duration time, std::function<void()> what) { at(now() + time, std::move(what)); }
    /// Of standard input, a line at a time without its end; nothing: the end.
    void onLine(std::function<void(std::optional<std::string>)> what);
    /// As of the beginning of what is being handled.
    [[nodiscard]] MonoTime now() const { return m_now; }
    void look() { m_now = m_clock.mono(); }

private:
    friend class Connection;
    void readLines();

    SystemClock m_clock;
    int m_epoll = -1;
    bool m_goesOn = true;
    MonoTime m_now{};
    std::multimap<MonoTime, std::function<void()>> m_timers;
    std::unordered_set<Connection*> m_all;
    std::function<void(std::optional<std::string>)> m_onLine;
    std::string m_line;
    Bytes m_buffer;
};

}  // namespace landline::load
