#pragma once

#include "app/messenger/relay_accounts.h"
#include "app/storage/prekey_table.h"
#include "app/storage/relay_table.h"
#include "tests/app/messenger/served_relay.h"
#include "tests/app/messenger/shifted_clock.h"

#include <QCoreApplication>
#include <QTemporaryDir>
#include <QThread>

namespace landline::app::test {

/// A device with a real store, a real node on a thread of its own, and RelayAccounts between them on the test's thread: what
/// the messenger does with relays, without the messenger. It meets nobody directly.
class RelayDevice {
public:
    explicit RelayDevice(const QString& name)
        : m_name(name), m_personKey(identity::SigningKey::generate(m_random)) {
        identity::DeviceKeys keys = identity::DeviceKeys::generate(m_random);
        auto certificate = identity::Certificate::issue(m_personKey, keys, SystemClock().wall());
        context.identity =
            std::make_shared<net::LocalIdentity>(net::LocalIdentity{std::move(keys), std::move(certificate)});
        m_thread.start();
    }
    ~RelayDevice() {
        if (context.db) stop();
        m_thread.quit();
        m_thread.wait();
    }
    RelayDevice(const RelayDevice&) = delete;
    RelayDevice& operator=(const RelayDevice&) = delete;

    /// The store is open from here on.
    void open(const QString& sqliteOptions = {}) {
        context.db = std::move(Database::open(m_folder.path(), person(), sqliteOptions).value().database);
        context.db->meet(context.identity->certificate, m_name);
        commit();
        m_contacts = std::make_unique<Contacts>(context);
        accounts = std::make_unique<RelayAccounts>(
            context, *m_contacts, clock,
            RelayAccounts::Outcome{
                [this](const RelayKey& relay) { told += u"opened "_qs + shortOf(relay); },
                [this](const RelayKey& relay) { told += u"closed "_qs + shortOf(relay); },
                [this](const RelayView& view) { views.push_back(view); },
                [this](const RelayKey& relay) { told += u"removed "_qs + shortOf(relay); }, [] {},
                [this](const DeviceId& device, bool isOnline) { online[device] = isOnline; },
                [this](const Error& error) { errors.push_back(error); }});
    }
    void connect(bool isVisible = true) {
        net::NodeConfig config;
        config.discovery = false;
        m_node = new net::Node(config, context.identity);
        m_node->moveToThread(&m_thread);
        QObject::connect(m_node, &net::Node::relayTold, &m_here,
                         [this](net::RelayNumber number, const mailbox::Event& event) {
                             const auto relay = accounts->keyOf(number);
                             if (!relay) return;
                             events.push_back(event);
                             accounts->told(*relay, event);
                         });
        QObject::connect(m_node, &net::Node::relayDown, &m_here,
                         [this](net::RelayNumber number, const net::RelayDown& down) {
                             if (const auto relay = accounts->keyOf(number)) accounts->down(*relay, down);
                         });
        QObject::connect(m_node, &net::Node::relayWrongKey, &m_here,
                         [this](net::RelayNumber number, const QString& at) {
                             if (const auto relay = accounts->keyOf(number)) accounts->wrongKey(*relay, at);
                         });
        context.node.attach(m_node);
        accounts->attach(isVisible);
        QMetaObject::invokeMethod(m_node, &net::Node::start);
    }
    void start() {
        open();
        connect();
    }
    void stop() {
        if (m_node) {
            QSignalSpy stopped(m_node, &net::Node::stopped);
            QMetaObject::invokeMethod(m_node, &net::Node::stop);
            if (stopped.isEmpty()) (void)stopped.wait(ServedRelay::kPatience);
            context.node.attach(nullptr);
            accounts->detach();
            m_node->deleteLater();
            m_node = nullptr;
        }
        accounts.reset();
        m_contacts.reset();
        context.db.reset();
        context.forgetAll();
        told.clear();
        views.clear();
        online.clear();
        events.clear();
    }
    void commit() {
        if (const auto done = context.db->commit(); !done) qFatal("%s", done.error().text.c_str());
    }

    /// Time goes by, and it looks what is due.
    void pass(Duration time) {
        clock.ahead += time;
        accounts->sessionsChanged();
        for (int i = 0; i < 5; ++i) QCoreApplication::processEvents();
    }
    /// Knows that device, and how it stands to its person.
    void know(const RelayDevice& other, timeline::Standing standing = timeline::Standing::Accepted) {
        context.db->meet(other.context.identity->certificate, other.m_name);
        context.db->setStanding(other.person(), standing);
        accounts->standingSet(other.person(), standing);
        commit();
        context.forgetPerson(other.person());
        accounts->contactsChanged();
    }
    /// As if that device's profile or link had told this.
    void learn(const RelayDevice& from, const std::vector<identity::RelayGrant>& grants) {
        if (!accounts->grantsReceived(from.device(), {accessOf(grants), false}))
            qFatal("nothing new was told");
        commit();
        accounts->sessionsChanged();
    }
    [[nodiscard]] RelayState stateOf(const RelayKey& relay) {
        for (const RelayView& view : accounts->views())
            if (view.key == relay) return view.state;
        qFatal("no such relay");
    }
    [[nodiscard]] bool comesTo(const RelayKey& relay, RelayState state) {
        return QTest::qWaitFor([&] { return stateOf(relay) == state; }, ServedRelay::kPatience);
    }
    [[nodiscard]] bool visits(const RelayKey& relay) {
        return QTest::qWaitFor([&] { return accounts->open(relay).has_value(); }, ServedRelay::kPatience);
    }
    /// What it tells the other device's person; waits until there is something.
    [[nodiscard]] std::vector<identity::RelayGrant> grantsTo(const RelayDevice& other) {
        std::vector<identity::RelayGrant> grants;
        (void)QTest::qWaitFor(
            [&] {
                grants = accounts->grantsFor(other.person());
                return !grants.empty();
            },
            ServedRelay::kPatience);
        if (grants.empty()) qFatal("nothing can be told");
        return grants;
    }
    /// In with an account, and its prekey is published there.
    [[nodiscard]] bool join(ServedRelay& relay) {
        if (!accounts->add(relay.urlText(relay.invite()))) return false;
        return comesTo(relay.key(), RelayState::Connected) && publishes(relay);
    }
    [[nodiscard]] bool publishes(const ServedRelay& relay) {
        return QTest::qWaitFor(
            [&] {
                const envelope::PrekeyRing* const ring = accounts->ring(relay.key());
                return ring && ring->newest() && ring->newest()->isConfirmed;
            },
            ServedRelay::kPatience);
    }
    [[nodiscard]] DeviceId device() const { return context.selfDevice(); }
    [[nodiscard]] PersonId person() const { return context.selfPerson(); }
    [[nodiscard]] static QString shortOf(const RelayKey& relay) {
        return QString::fromStdString(toHex(relay.view().first(4)));
    }

    Context context;
    ShiftedClock clock;
    std::unique_ptr<RelayAccounts> accounts;
    QStringList told;
    std::vector<RelayView> views;
    std::map<DeviceId, bool> online;
    std::vector<Error> errors;
    std::vector<mailbox::Event> events;

private:
    SystemRandom m_random;
    QString m_name;
    identity::SigningKey m_personKey;
    QTemporaryDir m_folder;
    QThread m_thread;
    QObject m_here;
    std::unique_ptr<Contacts> m_contacts;
    net::Node* m_node = nullptr;
};

}  // namespace landline::app::test
