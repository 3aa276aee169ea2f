#include "p2p/net/tcp_link.h"

#include <QSignalSpy>
#include <QTcpSocket>
#include <QTest>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace landline::net {

/// A link, and the other end of its connection over 127.0.0.1 in the test's hands.
class TcpLinkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void goesOnWhereTheOtherSideStoppedReading();
    void isNotAskedAgainBeforeItSaysThatItTakesMore();
    void asksForTheRestOfMorePartsThanTheSystemTakesAtOnce();
    void givesWhatArrivedBeforeAReset_data();
    void givesWhatArrivedBeforeAReset();
    void seesTheEndOnceItReadsAgain();
    void deliversWhatWasWrittenToOneWhoSaysNoMore();

private:
    [[nodiscard]] QString closedByPeer() const;
    void sayAndReset(const char* words);

    int m_peer = -1;
    int m_same = -1;  ///< the link's socket under another descriptor, to look at
    std::unique_ptr<TcpLink> m_link;
};

namespace {

/// Small, so that little fills them.
constexpr int kBuffer = 8 * 1024;

/// Whether this comes to be seen on the socket.
bool comes(int socket, short what) {
    pollfd one{socket, what, 0};
    return poll(&one, 1, 30'000) == 1 && (one.revents & what) != 0;
}

Bytes readAll(Link& link) {
    Bytes all;
    std::array<std::uint8_t, 100> some{};
    while (const std::size_t count = link.read(some)) append(all, ByteView(some).first(count));
    return all;
}

/// Adds what has arrived.
void readAll(int socket, Bytes& all) {
    std::array<std::uint8_t, 4096> some{};
    for (;;) {
        const ssize_t count = recv(socket, some.data(), some.size(), MSG_DONTWAIT);
        if (count <= 0) return;
        append(all, ByteView(some).first(static_cast<std::size_t>(count)));
    }
}

/// Of `bytes` from `at` on, in parts of lengths that fit nothing.
std::vector<ByteView> partsOf(const Bytes& bytes, std::size_t at) {
    std::vector<ByteView> parts;
    for (std::size_t length = 1; at < bytes.size(); length = length * 7 % 4999) {
        const std::size_t count = std::min(length, bytes.size() - at);
        parts.push_back(ByteView(bytes).subspan(at, count));
        at += count;
    }
    return parts;
}

}  // namespace

void TcpLinkTest::init() {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int own = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    QCOMPARE(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer), 0);
    QCOMPARE(setsockopt(own, SOL_SOCKET, SO_SNDBUF, &kBuffer, sizeof kBuffer), 0);
    QCOMPARE(bind(listener, address, size), 0);
    QCOMPARE(listen(listener, 1), 0);
    QCOMPARE(getsockname(listener, address, &size), 0);
    QCOMPARE(::connect(own, address, size), 0);
    m_peer = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    QVERIFY(m_peer >= 0);
    ::close(listener);
    m_same = fcntl(own, F_DUPFD_CLOEXEC, 0);
    auto* const accepted = new QTcpSocket;
    QVERIFY(accepted->setSocketDescriptor(own));
    m_link = std::make_unique<TcpLink>(accepted);
}

void TcpLinkTest::cleanup() {
    m_link.reset();
    for (int* const socket : {&m_same, &m_peer})
        if (*socket >= 0) ::close(std::exchange(*socket, -1));
}

QString TcpLinkTest::closedByPeer() const {
    return QStringLiteral("%1 closed the connection.").arg(describe(m_link->peer()));
}

void TcpLinkTest::sayAndReset(const char* words) {
    QVERIFY(send(m_peer, words, strlen(words), 0) > 0);
    QVERIFY(comes(m_same, POLLIN));
    const linger atOnce{1, 0};
    QCOMPARE(setsockopt(m_peer, SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce), 0);
    ::close(std::exchange(m_peer, -1));
    QVERIFY(comes(m_same, POLLERR | POLLHUP));
}

void TcpLinkTest::goesOnWhereTheOtherSideStoppedReading() {
    Bytes sent(1024 * 1024);
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    std::size_t at = 0;
    const auto write = [&] {
        for (;;) {
            const std::size_t taken = m_link->write(partsOf(sent, at));
            if (taken == 0) return;
            at += taken;
        }
    };
    int times = 0;
    connect(m_link.get(), &Link::writable, this, [&] {
        ++times;
        write();
    });
    // It does not read, so both buffers are full before long.
    write();
    QVERIFY(at > 0 && at < sent.size());
    QCoreApplication::processEvents();
    QVERIFY(at < sent.size());
    Bytes arrived;
    QTRY_VERIFY_WITH_TIMEOUT((readAll(m_peer, arrived), arrived.size() == sent.size()), 60'000);
    QVERIFY(arrived == sent);
    QVERIFY(times > 0);
}

void TcpLinkTest::isNotAskedAgainBeforeItSaysThatItTakesMore() {
    const Bytes sent(1024 * 1024);
    const ByteView part(sent);
    QSignalSpy writable(m_link.get(), &Link::writable);
    std::size_t at = 0;
    while (const std::size_t taken = m_link->write({&part, 1})) at += taken;
    QVERIFY(at > 0);
    Bytes arrived;
    while (arrived.size() < at) {
        QVERIFY(comes(m_peer, POLLIN));
        readAll(m_peer, arrived);
    }
    // There is room, which it has not said.
    QVERIFY(comes(m_same, POLLOUT));
    QCOMPARE(m_link->write({&part, 1}), std::size_t(0));
    QTRY_VERIFY_WITH_TIMEOUT(!writable.isEmpty(), 60'000);
    QVERIFY(m_link->write({&part, 1}) > 0);
}

void TcpLinkTest::asksForTheRestOfMorePartsThanTheSystemTakesAtOnce() {
    const Bytes sent(500, 7);
    std::vector<ByteView> parts;
    for (std::size_t i = 0; i < sent.size(); ++i) parts.push_back(ByteView(sent).subspan(i, 1));
    std::size_t at = 0;
    const auto write = [&] { at += m_link->write(std::span(parts).subspan(at)); };
    connect(m_link.get(), &Link::writable, this, write);
    write();
    QVERIFY(at > 0 && at < sent.size());
    QTRY_COMPARE_WITH_TIMEOUT(at, sent.size(), 30'000);
}

void TcpLinkTest::givesWhatArrivedBeforeAReset_data() {
    QTest::addColumn<bool>("writes");
    QTest::newRow("one who reads") << false;
    QTest::newRow("one who writes") << true;
}

void TcpLinkTest::givesWhatArrivedBeforeAReset() {
    QFETCH(bool, writes);
    QSignalSpy ended(m_link.get(), &Link::ended);
    sayAndReset("the last words");
    if (writes) {
        const Bytes more(10);
        const ByteView part(more);
        QCOMPARE(m_link->write({&part, 1}), std::size_t(0));
        QVERIFY(ended.isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, 30'000);
    }
    QCOMPARE(toBytes(viewOf("the last words")), readAll(*m_link));
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, 30'000);
    QCOMPARE(ended.front().front().toString(), closedByPeer());
    QVERIFY(readAll(*m_link).empty());
}

void TcpLinkTest::seesTheEndOnceItReadsAgain() {
    QSignalSpy ended(m_link.get(), &Link::ended);
    QSignalSpy readable(m_link.get(), &Link::readable);
    m_link->setReading(false);
    QVERIFY(send(m_peer, "words", 5, 0) == 5);
    ::close(std::exchange(m_peer, -1));
    QVERIFY(comes(m_same, POLLRDHUP));
    QCoreApplication::processEvents();
    QVERIFY(readable.isEmpty() && ended.isEmpty());
    Bytes words;
    connect(m_link.get(), &Link::readable, this, [&] { append(words, readAll(*m_link)); });
    m_link->setReading(true);
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, 30'000);
    QCOMPARE(words, toBytes(viewOf("words")));
    QCOMPARE(ended.front().front().toString(), closedByPeer());
}

void TcpLinkTest::deliversWhatWasWrittenToOneWhoSaysNoMore() {
    QSignalSpy ended(m_link.get(), &Link::ended);
    Bytes words;
    connect(m_link.get(), &Link::readable, this, [&] { append(words, readAll(*m_link)); });
    const Bytes sent(kBuffer / 4, 5);
    const ByteView part(sent);
    QCOMPARE(m_link->write({&part, 1}), sent.size());
    QVERIFY(send(m_peer, "goodbye", 7, 0) == 7);
    QCOMPARE(shutdown(m_peer, SHUT_WR), 0);
    QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, 30'000);
    QCOMPARE(words, toBytes(viewOf("goodbye")));
    QCOMPARE(ended.front().front().toString(), closedByPeer());
    Bytes arrived;
    QTRY_VERIFY_WITH_TIMEOUT((readAll(m_peer, arrived), arrived == sent), 30'000);
    m_link->abort();
    ::close(std::exchange(m_same, -1));
    QVERIFY(comes(m_peer, POLLRDHUP));
    QCOMPARE(ended.size(), 1);
}

}  // namespace landline::net

QTEST_GUILESS_MAIN(landline::net::TcpLinkTest)
#include "tcp_link_test.moc"
