#include "tests/bench/load/reference_clients.h"

#include <cstdlib>

namespace landline::load {

namespace {

void append16(std::string& out, std::size_t value) {
    out.push_back(static_cast<char>(value >> 8 & 0xFF));
    out.push_back(static_cast<char>(value & 0xFF));
}

void appendText(std::string& out, const std::string& text) {
    append16(out, text.size());
    out.append(text);
}

/// MQTT 3.1.1, section 2.2: kind and flags, and the remaining length in groups of seven bits.
void appendPacket(std::string& out, int head, const std::string& content) {
    out.push_back(static_cast<char>(head));
    std::size_t left = content.size();
    do {
        out.push_back(static_cast<char>((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
        left >>= 7;
    } while (left > 0);
    out.append(content);
}

std::string base64(const std::string& text) {
    constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (at + i < text.size() ? static_cast<std::uint8_t>(text[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out.push_back(at + i <= text.size() ? kDigits[group >> (18 - 6 * i) & 0x3F] : '=');
    }
    return out;
}

}  // namespace

void ReferenceClient::received(ByteView bytes) {
    m_in.append(toString(bytes));
    parse();
}

// Redis --------------------------------------------------------------------------------------------------------------

void RedisClient::deposit(std::size_t box) {
    const std::string name = std::string("box").append(std::to_string(box));
    m_out.append("*5\r\n$4\r\nXADD\r\n$").append(std::to_string(name.size())).append("\r\n").append(name);
    m_out.append("\r\n$1\r\n*\r\n$1\r\nm\r\n$").append(std::to_string(m_payload.size())).append("\r\n");
    m_out.append(m_payload).append("\r\n");
}

/// "$21\r\n1700000000000-0\r\n" for each.
void RedisClient::parse() {
    std::size_t count = 0;
    std::size_t at = 0;
    while (at < m_in.size()) {
        if (m_in[at] != '$') fail("redis: " + m_in.substr(at, 100));
        const std::size_t head = m_in.find("\r\n", at);
        const std::size_t end = head == std::string::npos ? head : m_in.find("\r\n", head + 2);
        if (end == std::string::npos) break;
        at = end + 2;
        ++count;
    }
    m_in.erase(0, at);
    if (count > 0) answered(count);
}

// MQTT ---------------------------------------------------------------------------------------------------------------

void MqttClient::connected() {
    std::string content;
    appendText(content, "MQTT");
    content.push_back(4);                         // the protocol's level
    content.push_back(subscribes ? '\0' : '\2');  // of a publisher nothing is kept
    append16(content, 600);                       // keepalive
    appendText(content, std::string(subscribes ? "box" : "from").append(std::to_string(m_number)));
    appendPacket(m_out, 0x10, content);
}

void MqttClient::deposit(std::size_t box) {
    std::string content;
    appendText(content, std::string("box/").append(std::to_string(box)));
    m_next = static_cast<std::uint16_t>(m_next == 0xFFFF ? 1 : m_next + 1);
    append16(content, m_next);
    content.append(m_payload);
    appendPacket(m_out, 0x32, content);
}

void MqttClient::take(std::uint8_t kind) {
    if (kind == 0x40) return answered(1);
    if (kind == 0x20 && subscribes) {
        std::string content;
        append16(content, 1);
        appendText(content, std::string("box/").append(std::to_string(m_number)));
        content.push_back(1);  // QoS
        return appendPacket(m_out, 0x82, content);
    }
    if (kind == 0x20 || kind == 0x90) becomeReady();
}

/// All answers are short.
void MqttClient::parse() {
    std::size_t at = 0;
    while (at + 2 <= m_in.size()) {
        const std::size_t bytes = 2 + static_cast<std::uint8_t>(m_in[at + 1]);
        if (at + bytes > m_in.size()) break;
        const auto kind = static_cast<std::uint8_t>(m_in[at]);
        at += bytes;
        take(kind);
    }
    m_in.erase(0, at);
}

// XMPP ---------------------------------------------------------------------------------------------------------------

namespace {
constexpr const char* kStream =
    "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>";
constexpr const char* kManage = "xmlns='urn:xmpp:sm:3'";
}  // namespace

void XmppClient::connected() {
    m_out.append(kStream);
}

void XmppClient::deposit(std::size_t box) {
    m_out.append("<message type='chat' to='box").append(std::to_string(box)).append("@localhost'><body>");
    m_out.append(m_payload).append("</body></message><r ").append(kManage).append("/>");
}

/// False while it has not come.
bool XmppClient::take(const char* until) {
    const std::size_t at = m_in.find(until);
    if (m_in.find("<failure") != std::string::npos) fail("prosody: " + m_in);
    if (at == std::string::npos) return false;
    m_in.erase(0, at + std::string_view(until).size());
    return true;
}

void XmppClient::parse() {
    if (m_step == Step::Stream && take("</stream:features>")) {
        const std::string name = std::string("from").append(std::to_string(m_number));
        const std::string login = std::string(1, '\0').append(name).append(1, '\0').append("secret");
        m_out.append("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>");
        m_out.append(base64(login)).append("</auth>");
        m_step = Step::Login;
    }
    if (m_step == Step::Login && take("<success")) {
        m_out.append(kStream);
        m_step = Step::LoggedIn;
    }
    if (m_step == Step::LoggedIn && take("</stream:features>")) {
        m_out.append("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        m_step = Step::Bind;
    }
    if (m_step == Step::Bind && take("</iq>")) {
        m_out.append("<enable ").append(kManage).append("/>");
        m_step = Step::Manage;
    }
    if (m_step == Step::Manage && take("<enabled")) {
        m_step = Step::Ready;
        becomeReady();
    }
    if (m_step != Step::Ready) return;
    // Each answer says how many were taken so far.
    const std::uint64_t before = m_answered;
    for (std::size_t at = m_in.find("<a "); at != std::string::npos; at = m_in.find("<a ")) {
        const std::size_t end = m_in.find('>', at);
        if (end == std::string::npos) break;
        const std::size_t value = m_in.find("h='", at);
        if (value < end) m_answered = std::strtoull(m_in.c_str() + value + 3, nullptr, 10);
        m_in.erase(0, end + 1);
    }
    if (m_answered > before) answered(m_answered - before);
}

}  // namespace landline::load
