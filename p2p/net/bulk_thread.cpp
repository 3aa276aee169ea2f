#include "p2p/net/bulk_thread.h"

#include "p2p/net/thread_check.h"

#ifdef __linux__
#include <sys/resource.h>
#endif

namespace landline::net {

namespace {

/// Of the system's steps of nice. Where files have all processors busy, the other threads' short work comes first.
[[maybe_unused]] constexpr int kYields = 5;

void yieldToOtherThreads() {
#ifdef __linux__
    // There the call is about the calling thread alone, and the file threads have it from this one.
    (void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + kYields);
#endif
}

}  // namespace

BulkSide::BulkSide(const session::LocalParty& party)
    : m_party(party),
      m_links(new LinkKeeper(SessionParts{m_party, m_random, m_clock}, this)),
      m_files(new FileExchange(*m_links, this)) {
    connect(m_links, &LinkKeeper::emptied, this, [this] {
        if (m_party.buffers) m_party.buffers->clear();
        if (m_closing) Q_EMIT emptied();
    });
}

BulkSide::~BulkSide() {
    // Fetches and servings know their links, so they go before them.
    delete m_files;
    delete m_links;
}

void BulkSide::accept(std::unique_ptr<LinkDriver> link, session::RemoteParty remote) {
    assertThread(*this);
    LinkHandle handle = m_links->adopt(std::move(link));
    LinkDriver& driver = *handle;
    if (m_closing)
        handle->close(wire::CloseReason::Goodbye, {});
    else
        m_files->accept(std::move(handle), std::move(remote));
    // It goes no sooner than at the next turn.
    driver.resume();
    Q_EMIT accepted();
}

void BulkSide::setParty(const std::string& name, std::uint16_t listenPort) {
    assertThread(*this);
    m_party.name = name;
    m_party.listenPort = listenPort;
}

void BulkSide::closeAll() {
    assertThread(*this);
    m_closing = true;
    m_files->closeAll(wire::CloseReason::Goodbye);
    if (m_links->isEmpty()) Q_EMIT emptied();
}

BulkThread::BulkThread(const session::LocalParty& party, QObject* parent)
    : QObject(parent), m_side(new BulkSide(party)) {
    connect(m_side, &BulkSide::accepted, this, [this] { --m_onTheirWay; });
    connect(m_side, &BulkSide::emptied, this, [this] {
        if (m_onTheirWay == 0) Q_EMIT emptied();
    });
    m_thread.setObjectName(QStringLiteral("bulk"));
    m_side->moveToThread(&m_thread);
    connect(&m_thread, &QThread::started, m_side, &yieldToOtherThreads);
    m_thread.start();
}

BulkThread::~BulkThread() {
    m_side->deleteLater();
    m_thread.quit();
    m_thread.wait();
}

void BulkThread::accept(LinkHandle link, session::RemoteParty remote) {
    assertThread(*this);
    ++m_onTheirWay;
    LinkDriver* const driver = link.release();
    driver->hold();
    const auto party = std::make_shared<session::RemoteParty>(std::move(remote));
    // It may be on the call stack. Until then it is its keeper's, and goes with it.
    QMetaObject::invokeMethod(
        driver, [this, driver, party] { move(*driver, party); }, Qt::QueuedConnection);
}

void BulkThread::move(LinkDriver& driver, const std::shared_ptr<session::RemoteParty>& remote) {
    LinkKeeper::letGo(driver);
    driver.moveTo(&m_thread);
    // Should the other side be gone by then the link goes with the call.
    const auto held = std::make_shared<std::unique_ptr<LinkDriver>>(&driver);
    QMetaObject::invokeMethod(
        m_side, [side = m_side, held, remote] { side->accept(std::move(*held), std::move(*remote)); },
        Qt::QueuedConnection);
}

void BulkThread::setParty(const std::string& name, std::uint16_t listenPort) {
    QMetaObject::invokeMethod(
        m_side, [side = m_side, name, listenPort] { side->setParty(name, listenPort); },
        Qt::QueuedConnection);
}

void BulkThread::closeAll() {
    QMetaObject::invokeMethod(m_side, &BulkSide::closeAll, Qt::QueuedConnection);
}

}  // namespace landline::net
