#include "tests/p2p/net/old_sender.h"

#include "p2p/base/limits.h"

#include <QNetworkProxy>

#include <algorithm>

namespace landline::test {

OldSender::OldSender(const wire::TransferId& transfer, Bytes file)
    : m_transfer(transfer),
      m_file(std::move(file)),
      m_links(net::SessionParts{m_party, m_random, m_clock}, nullptr) {
    m_party.keys = &m_identity->keys;
    m_party.certificate = &m_identity->certificate;
    m_party.name = "Old";
    m_party.instance = 2;
    m_party.minor = 0;
    m_server.setProxy(QNetworkProxy::NoProxy);
    connect(&m_server, &QTcpServer::newConnection, this, [this] {
        m_link = m_links.accept(m_server.nextPendingConnection());
        m_link->setUser(this);
        m_asked = false;
        m_link->begin(m_links.parts().responder());
    });
    if (!m_server.listen(QHostAddress::LocalHost)) qFatal("no port");
}

OldSender::~OldSender() = default;

net::Contact OldSender::contact() const {
    const identity::Certificate& certificate = m_identity->certificate;
    return {certificate.device(),
            certificate.noiseKey(),
            {{QHostAddress(QHostAddress::LocalHost), m_server.serverPort()}}};
}

void OldSender::sessionReceived(net::LinkDriver& driver, wire::Message message) {
    const auto* const request = std::get_if<wire::FileRequest>(&message);
    if (!request) {
        ++unknown;
        return;
    }
    requests.push_back(*request);
    if (std::exchange(m_asked, true)) return driver.close(wire::CloseReason::Violation, {});
    if (requests.size() == 1 && fault != Fault::None) return misbehave(driver, *request);
    answer(driver, *request);
}

void OldSender::misbehave(net::LinkDriver& driver, const wire::FileRequest& request) {
    switch (fault) {
        case Fault::None:
        case Fault::Silence:
            return;
        case Fault::WrongOffset:
            return driver.send(wire::FileChunk{request.offset + 1, Bytes(10)});
        case Fault::Refusal:
            return driver.send(wire::FileRefused{m_transfer, wire::FileRefusal::Unreadable, "\x1b[2J"});
    }
}

void OldSender::answer(net::LinkDriver& driver, const wire::FileRequest& request) {
    const std::uint64_t end = request.offset + request.length;
    for (std::uint64_t at = request.offset; at < end && at < m_file.size(); at += limits::kFileFrame) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(end - at, limits::kFileFrame));
        driver.send(wire::FileChunk{at, toBytes(ByteView(m_file).subspan(at, count))});
    }
}

void OldSender::linkEnded(net::LinkDriver&, const session::Ended&) {
    m_link.reset();
}

}  // namespace landline::test
