#include "tests/p2p/net/test_node.h"

#include <QEventLoop>
#include <QTest>
#include <QTimer>

#include <algorithm>

namespace landline::test {

bool runUntil(const std::function<bool()>& condition, int seconds) {
    QEventLoop loop;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (condition()) loop.exit(1);
    });
    look.start(5);
    QTimer::singleShot(std::chrono::seconds(seconds), &loop, [&] { loop.exit(0); });
    return loop.exec() != 0 || condition();
}

std::shared_ptr<const net::LocalIdentity> makeIdentity() {
    initCrypto();
    SystemRandom random;
    const auto person = identity::SigningKey::generate(random);
    auto keys = identity::DeviceKeys::generate(random);
    auto certificate = identity::Certificate::issue(person, keys, SystemClock().wall());
    return std::make_shared<const net::LocalIdentity>(
        net::LocalIdentity{std::move(keys), std::move(certificate)});
}

TestNode::TestNode(const QString& name, std::shared_ptr<const net::LocalIdentity> identity)
    : m_identity(std::move(identity)) {
    net::NodeConfig config;
    config.discovery = false;
    config.name = name;
    m_node = std::make_unique<net::Node>(config, m_identity);
    net::Node* const node = m_node.get();
    connect(node, &net::Node::ready, this, [this](quint16 port) { m_port = port; });
    connect(node, &net::Node::stopped, this, [this] { stopped = true; });
    connect(node, &net::Node::sessionOpened, this, [this](const net::SessionInfo& session) {
        open[session.number] = session;
        everOpened.push_back(session);
    });
    connect(node, &net::Node::sessionClosed, this,
            [this](net::SessionNumber number, const DeviceId& device, wire::CloseReason reason,
                   const QString& why) {
                open.erase(number);
                closings.push_back({device, reason, why});
            });
    connect(node, &net::Node::dialFailed, this,
            [this](const DeviceId&, const QString& why) { dialFailures.push_back(why); });
    connect(node, &net::Node::profileReceived, this,
            [this](const DeviceId& from, const PersonId&, const wire::Profile& profile) {
                profiles[from] = profile;
            });
    connect(node, &net::Node::typingReceived, this,
            [this](const PersonId&, const wire::Typing& typing) { typings.push_back(typing); });
    connect(node, &net::Node::cloneSuspected, this, [this](const QString& why) { clones.push_back(why); });
    wire::Profile profile;
    profile.name = name.toStdString();
    profile.presence = wire::Presence::Online;
    node->setProfile(profile);
}

TestNode::~TestNode() = default;

void TestNode::start() {
    m_node->start();
    QTRY_VERIFY(m_port != 0);
}

net::Contact TestNode::contact(quint16 port) const {
    return {device(),
            m_identity->certificate.noiseKey(),
            {{QHostAddress(QHostAddress::LocalHost), port ? port : m_port}}};
}

std::optional<net::SessionInfo> TestNode::sessionWith(const TestNode& other) const {
    for (const auto& [number, session] : open)
        if (session.device() == other.device()) return session;
    return std::nullopt;
}

int TestNode::openedWith(const TestNode& other) const {
    return int(std::count_if(everOpened.begin(), everOpened.end(), [&](const net::SessionInfo& session) {
        return session.device() == other.device();
    }));
}

}  // namespace landline::test
