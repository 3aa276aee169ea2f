#pragma once

#include "p2p/net/node.h"

#include <QObject>
#include <QString>
#include <QStringList>

#include <map>
#include <optional>

namespace landline::app {

/// What the network showed of one device since the start. Times are unix milliseconds; 0 for never.
struct DeviceDiagnosis {
    qint64 lastBeacon = 0;
    qint64 lastSession = 0;  ///< when one opened
    bool incoming = false;   ///< that one was dialled by the other side
    qint64 lastFailure = 0;  ///< of a dial, a handshake or a session
    QString failure;
    bool otherVersion = false;  ///< that failure was that it speaks another version of the protocol
    qint64 lastDialled = 0;     ///< when it dialled this device and got through
    qint64 askedToDial = 0;     ///< when it was last asked to
    quint32 highestMajor = 0;   ///< the versions that it said it speaks; 0 before a session
    quint32 minor = 0;
};

/// For "why can't I see somebody".
struct Diagnosis {
    quint16 port = 0;      ///< where this node listens; 0 if it does not
    QStringList warnings;  ///< the node's, newest last; bounded
    std::map<DeviceId, DeviceDiagnosis> devices;
};

/// Keeps what the node tells of beacons, sessions and failures, for the doctor alone. On the messenger's thread; holds at
/// most limits::kRoster devices and kMostWarnings warnings.
class NetworkLog final : public QObject {
    Q_OBJECT

public:
    static constexpr qsizetype kMostWarnings = 20;

    /// Forgets everything and listens to `node`, if there is one.
    void attach(net::Node* node);
    [[nodiscard]] const Diagnosis& diagnosis() const { return m_diagnosis; }
    void askedToDial(const DeviceId& device);

private:
    /// Null once there are too many.
    DeviceDiagnosis* device(const DeviceId& id);
    void addWarning(const QString& text);

    Diagnosis m_diagnosis;
    net::Node* m_node = nullptr;
};

}  // namespace landline::app
