#include "app/messenger/network_log.h"

#include "p2p/base/limits.h"

#include <QDateTime>

namespace landline::app {

void NetworkLog::attach(net::Node* node) {
    if (m_node) m_node->disconnect(this);
    m_node = node;
    m_diagnosis = {};
    if (!node) return;
    connect(node, &net::Node::ready, this, [this](quint16 port) { m_diagnosis.port = port; });
    connect(node, &net::Node::failed, this, &NetworkLog::addWarning);
    connect(node, &net::Node::warning, this, &NetworkLog::addWarning);
    connect(node, &net::Node::sighted, this, [this](const net::Sighting& sighting) {
        if (DeviceDiagnosis* const known = device(sighting.device))
            known->lastBeacon = QDateTime::currentMSecsSinceEpoch();
    });
    connect(node, &net::Node::sessionOpened, this, [this](const net::SessionInfo& session) {
        if (DeviceDiagnosis* const known = device(session.device())) {
            known->lastSession = QDateTime::currentMSecsSinceEpoch();
            known->incoming = !session.outgoing;
            known->highestMajor = session.remote->hello.highestMajor;
            known->minor = session.remote->hello.minor;
        }
    });
    connect(node, &net::Node::dialledBy, this, [this](const DeviceId& id) {
        if (DeviceDiagnosis* const known = device(id))
            known->lastDialled = QDateTime::currentMSecsSinceEpoch();
    });
    const auto failure = [this](const DeviceId& id, const QString& why, bool otherVersion) {
        DeviceDiagnosis* const known = device(id);
        if (!known || why.isEmpty()) return;
        known->lastFailure = QDateTime::currentMSecsSinceEpoch();
        known->failure = why;
        known->otherVersion = otherVersion;
    };
    connect(node, &net::Node::dialFailed, this,
            [failure](const DeviceId& id, const QString& why, ErrorCode code) {
                failure(id, why, code == ErrorCode::VersionMismatch);
            });
    connect(node, &net::Node::sessionClosed, this,
            [failure](net::SessionNumber, const DeviceId& id, wire::CloseReason reason, const QString& why) {
                failure(id, why, reason == wire::CloseReason::Version);
            });
}

void NetworkLog::askedToDial(const DeviceId& id) {
    if (DeviceDiagnosis* const known = device(id)) known->askedToDial = QDateTime::currentMSecsSinceEpoch();
}

DeviceDiagnosis* NetworkLog::device(const DeviceId& id) {
    const auto known = m_diagnosis.devices.find(id);
    if (known != m_diagnosis.devices.end()) return &known->second;
    if (m_diagnosis.devices.size() >= limits::kRoster) return nullptr;
    return &m_diagnosis.devices[id];
}

void NetworkLog::addWarning(const QString& text) {
    m_diagnosis.warnings.removeAll(text);
    m_diagnosis.warnings.append(text);
    if (m_diagnosis.warnings.size() > kMostWarnings) m_diagnosis.warnings.removeFirst();
}

}  // namespace landline::app
