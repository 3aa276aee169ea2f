#pragma once

#include "tests/bench/load/depositor.h"

namespace landline::load {

/// A client of another program that keeps messages for who is away: the base of those below.
class ReferenceClient : public Depositor {
public:
    ReferenceClient(Loop& loop, Task& task, std::size_t number, Target target)
        : Depositor(loop, task, number), m_target(target), m_payload(task.bytes, 'x') {}

    void start() { dial(m_target, static_cast<std::uint32_t>(m_number)); }

protected:
    void received(ByteView bytes) final;
    /// Takes from the front what is whole.
    virtual void parse() = 0;
    [[nodiscard]] ByteView outgoing() const final { return viewOf(m_out); }
    void sent(std::size_t bytes) final { m_out.erase(0, bytes); }

    Target m_target;
    const std::string m_payload;
    std::string m_in;
    std::string m_out;
};

/// Redis: a stream for each box (XADD).
class RedisClient final : public ReferenceClient {
public:
    using ReferenceClient::ReferenceClient;

protected:
    void connected() override { becomeReady(); }
    void parse() override;
    void deposit(std::size_t box) override;
};

/// MQTT 3.1.1 with QoS 1. One that `subscribes` makes the persistent session of the box of its number, and leaves.
class MqttClient final : public ReferenceClient {
public:
    using ReferenceClient::ReferenceClient;
    bool subscribes = false;

protected:
    void connected() override;
    void parse() override;
    void deposit(std::size_t box) override;

private:
    void take(std::uint8_t kind);
    std::uint16_t m_next = 0;
};

/// XMPP: a chat message to a user who is not there, answered by stream management (XEP-0198). Each box is a user.
class XmppClient final : public ReferenceClient {
public:
    using ReferenceClient::ReferenceClient;

protected:
    void connected() override;
    void parse() override;
    void deposit(std::size_t box) override;

private:
    enum class Step { Stream, Login, LoggedIn, Bind, Manage, Ready };
    [[nodiscard]] bool take(const char* until);
    Step m_step = Step::Stream;
    std::uint64_t m_answered = 0;
};

}  // namespace landline::load
