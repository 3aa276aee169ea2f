#include "app/messenger/runtime.h"

#include "app/storage/database.h"
#include "app/storage/file_io.h"
#include "app/storage/integrity_check.h"

#include <QEventLoop>
#include <QThread>
#include <QTimer>

#include <atomic>
#include <future>

namespace landline::app {

namespace {

constexpr int kGoodbyeMillis = 1500;
/// After a start, when windows are up and peers are met.
constexpr int kIntegrityCheckMillis = 15000;

/// Runs `work` on the thread of `context` and waits for its result. For opening and closing only, when no
/// other work is under way; everything in between is queued.
template <class Work>
auto runOn(QObject* context, Work work) {
    std::promise<decltype(work())> promise;
    auto result = promise.get_future();
    QMetaObject::invokeMethod(
        context, [&promise, &work] { promise.set_value(work()); }, Qt::QueuedConnection);
    return result.get();
}

QString damageNotice(const QString& aside) {
    return Runtime::tr(
               "The history on this device was damaged. It was set aside as %1, and a new one was begun. "
               "What others hold comes back from them.")
        .arg(aside);
}

}  // namespace

struct Runtime::Impl {
    RuntimeOptions options;
    std::unique_ptr<Profile> profile;
    QString notice;
    QThread storeThread;
    QThread netThread;
    QObject storeContext;  ///< lives on the store thread
    Messenger* messenger = nullptr;
    net::Node* node = nullptr;
    bool networkStarted = false;
    /// What is to be done, the first of them being done. While the node says goodbye events are processed, and with them
    /// further reasons come.
    std::deque<Change> changes;
    bool closing = false;
    std::unique_ptr<QThread> checking;
    std::atomic<bool> checkCancelled = false;

    Expected<QString> openStore(Runtime& owner);
    /// On the messenger's thread, before anything can be told.
    void listen(Runtime& owner);
    void makeNode();
    void endNode();
    void closeStore();
    /// Nothing of the database may be open while it is set aside.
    void endCheck();
};

Runtime::Runtime() : m(std::make_unique<Impl>()) {}

Expected<std::unique_ptr<Runtime>> Runtime::open(const RuntimeOptions& options) {
    auto profile = Profile::open(options.profile, options.passphrase);
    if (!profile) return Unexpected(profile.error());
    std::unique_ptr<Runtime> runtime(new Runtime);
    Impl& m = *runtime->m;
    m.options = options;
    m.profile = std::move(*profile);
    m.notice = m.profile->notice();
    m.storeThread.setObjectName(QStringLiteral("store"));
    m.netThread.setObjectName(QStringLiteral("net"));
    m.storeContext.moveToThread(&m.storeThread);
    m.storeThread.start();
    m.netThread.start();
    const auto damaged = m.openStore(*runtime);
    if (!damaged) return Unexpected(damaged.error());
    if (damaged->isEmpty())
        m.notice = m.profile->notice();
    else
        m.notice += (m.notice.isEmpty() ? QString() : QStringLiteral("\n")) + damageNotice(*damaged);
    return runtime;
}

void Runtime::Impl::listen(Runtime& owner) {
    connect(messenger, &Messenger::newDeviceNeeded, &owner,
            [&owner](const DeviceId& device, const QString& why) {
                owner.change({false, device, why});
            });
    connect(messenger, &Messenger::renamed, &owner, [this](const QString& name) {
        if (const auto kept = profile->setName(name); !kept)
            Q_EMIT messenger->problem(QStringLiteral("disk"), QString::fromStdString(kept.error().text));
    });
    connect(messenger, &Messenger::storeDamaged, &owner, [&owner] { owner.change({true, {}, {}}); });
}

Expected<QString> Runtime::Impl::openStore(Runtime& owner) {
    using Opened = Expected<QString>;
    return runOn(&storeContext, [this, &owner]() -> Opened {
        auto opened = Database::open(options.profile, profile->person(), options.sqliteOptions);
        if (!opened) return Unexpected(opened.error());
        Database& db = *opened->database;
        const auto store = profile->claimStore(db.setting(kStoreSetting));
        if (!store) return Unexpected(store.error());
        db.bindTo(*store);
        const auto identity = profile->identity();
        const QString stored = db.setting(kNameSetting);
        const QString name = stored.isEmpty() ? profile->name() : stored;
        if (stored.isEmpty()) db.setSetting(kNameSetting, name);
        db.meet(identity->certificate, name);
        db.setPersonName(profile->person(), name);
        if (const auto done = db.commit(); !done) return Unexpected(done.error());
        messenger = new Messenger(std::move(opened->database), identity,
                                  {options.allowAll, options.acceptFilesInto, outboxOf(options.profile),
                                   bundlesOf(options.profile)});
        listen(owner);
        return opened->damagedCopy;
    });
}

void Runtime::Impl::makeNode() {
    net::NodeConfig config = options.node;
    node = new net::Node(config, profile->identity());
    node->moveToThread(&netThread);
    net::Node* const made = node;
    QMetaObject::invokeMethod(messenger, [this, made] {
        messenger->attach(made);
        QMetaObject::invokeMethod(made, &net::Node::start);
    });
}

void Runtime::Impl::endNode() {
    if (!node) return;
    QEventLoop loop;
    QTimer::singleShot(kGoodbyeMillis, &loop, &QEventLoop::quit);
    QObject::connect(node, &net::Node::stopped, &loop, &QEventLoop::quit);
    QMetaObject::invokeMethod(node, &net::Node::stop);
    loop.exec(QEventLoop::ExcludeUserInputEvents);
    runOn(messenger, [this] {
        messenger->attach(nullptr);
        return true;
    });
    node->deleteLater();
    node = nullptr;
}

void Runtime::Impl::closeStore() {
    if (!messenger) return;
    runOn(&storeContext, [this] {
        delete messenger;
        messenger = nullptr;
        return true;
    });
}

void Runtime::Impl::endCheck() {
    checkCancelled = true;
    if (checking) checking->wait();
}

Runtime::~Runtime() {
    m->closing = true;
    m->checkCancelled = true;
    if (m->messenger) m->messenger->disconnect(this);
    m->endNode();
    m->netThread.quit();
    m->netThread.wait();
    if (m->storeThread.isRunning()) m->closeStore();
    m->storeThread.quit();
    m->storeThread.wait();
    // Last: it may be amid a large table.
    m->endCheck();
}

MessengerPort Runtime::port() const {
    return MessengerPort(m->messenger);
}

QString Runtime::notice() const {
    return m->notice;
}

QString Runtime::folder() const {
    return m->profile->folder();
}

void Runtime::startNetwork() {
    if (m->networkStarted) return;
    m->networkStarted = true;
    m->makeNode();
    QTimer::singleShot(kIntegrityCheckMillis, this, &Runtime::checkStore);
}

void Runtime::checkStore() {
    if (m->checkCancelled) return;
    m->checking.reset(QThread::create([this] {
        if (isDatabaseSound(m->options.profile, m->checkCancelled)) return;
        QMetaObject::invokeMethod(this, [this] {
            // What was found in a database that has been set aside since is dealt with.
            if (m->checkCancelled) return;
            QMetaObject::invokeMethod(m->messenger, &Messenger::reportDamage);
        });
    }));
    m->checking->setObjectName(QStringLiteral("check"));
    m->checking->start(QThread::LowPriority);
}

void Runtime::change(const Change& wanted) {
    m->changes.push_back(wanted);
    if (m->closing || m->changes.size() > 1) return;
    for (; !m->changes.empty() && !m->closing; m->changes.pop_front()) {
        const Change& next = m->changes.front();
        if (next.storeDamaged)
            replaceDamagedStore();
        else if (next.device ==
                 m->profile->identity()->certificate.device())  // one clone shows several signs
            becomeNewDevice(next.why);
    }
}

void Runtime::becomeNewDevice(const QString& why) {
    if (!m->networkStarted) return;
    m->endNode();
    const auto renewed = m->profile->renewDevice();
    if (!renewed) {
        Q_EMIT m->messenger->problem(QStringLiteral("disk"), QString::fromStdString(renewed.error().text));
        return;
    }
    Messenger* const messenger = m->messenger;
    QMetaObject::invokeMethod(messenger,
                              [messenger, identity = m->profile->identity(), store = *renewed, why] {
                                  messenger->setIdentity(identity, store);
                                  Q_EMIT messenger->problem(QStringLiteral("new-device"), why);
                              });
    m->makeNode();
}

void Runtime::replaceDamagedStore() {
    m->endCheck();
    m->endNode();
    const auto aside = runOn(&m->storeContext, [this]() -> Expected<QString> {
        m->messenger->closeStore();
        auto opened = Database::open(m->options.profile, m->profile->person(), m->options.sqliteOptions);
        if (!opened) return Unexpected(opened.error());
        const auto renewed = m->profile->renewDevice();
        if (!renewed) return Unexpected(renewed.error());
        m->messenger->setStore(std::move(opened->database));
        m->messenger->setIdentity(m->profile->identity(), *renewed);
        return opened->damagedCopy;
    });
    // Without a store nothing can be kept and so nothing may be acknowledged; what was committed is on disk.
    if (!aside) qFatal("Landline has to stop: %s", aside.error().text.c_str());
    Q_EMIT m->messenger->problem(QStringLiteral("damaged"), damageNotice(*aside));
    if (m->networkStarted) m->makeNode();
}

void Runtime::networkChanged() {
    if (m->node) QMetaObject::invokeMethod(m->node, &net::Node::networkChanged);
}

void Runtime::addHost(const QString& host) {
    if (m->node) QMetaObject::invokeMethod(m->node, [node = m->node, host] { node->addHost(host); });
}

}  // namespace landline::app
