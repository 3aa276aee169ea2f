// Over real sockets on loopback, with requests written by hand: what matters is what a browser or a flood could send.
#include "relay/admin/metrics_server.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QUrl>

#include <algorithm>
#include <memory>
#include <vector>

namespace landline::relay::test {

namespace {
constexpr int kPatience = 20000;
}

class MetricsServerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_trouble.reset();
        m_value = 1;
        MetricsServer::Sources sources;
        sources.metrics = [this] {
            return std::vector<Metric>{{"landline_x", "An x.", Metric::Kind::Gauge, m_value}};
        };
        sources.trouble = [this] { return m_trouble; };
        sources.admin = [this] {
            ++m_looks;
            AdminView view;
            view.metrics = {{"x", "An <x>.", Metric::Kind::Gauge, 7}};
            view.invites = {{{}, 3, fromUnixMillis(1'700'000'000'000), "a&b"}};
            return view;
        };
        m_server = std::make_unique<MetricsServer>(std::move(sources), m_clock, m_random);
        m_port = m_server->listen(QHostAddress::LocalHost, 0).value();
    }
    void cleanup() { m_server.reset(); }

    void answers_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char* name, const char* line, const char* host, const char* status,
                            const char* body) {
            QTest::newRow(name) << QByteArray(line) << QByteArray(host) << QByteArray(status) << QByteArray(body);
        };
        row("figures", "GET /metrics", "127.0.0.1:9100", "200", "\nlandline_x 1\n");
        row("health", "GET /healthz", "localhost", "200", "ok\n");
        row("readiness", "GET /readyz", "[::1]:80", "200", "ready\n");
        row("a page in a browser by its own name", "GET /metrics", "evil.example", "403", "127.0.0.1");
        row("another address", "GET /metrics", "192.0.2.1:80", "403", "127.0.0.1");
        row("no host", "GET /metrics", "", "403", "127.0.0.1");
        row("another path", "GET /", "localhost", "404", "");
        row("another method", "POST /metrics", "localhost", "404", "");
    }
    void answers() {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, host);
        QFETCH(QByteArray, status);
        QFETCH(QByteArray, body);
        const QByteArray answer = ask(line, host);
        QVERIFY2(answer.startsWith(QByteArray("HTTP/1.1 " + status)), answer.constData());
        QVERIFY2(answer.contains(body), answer.constData());
    }

    void figuresAreThoseOfTheMoment() {
        m_value = 41.5;
        const QByteArray answer = ask("GET /metrics", "localhost");
        QVERIFY(answer.contains("landline_x 41.5\n"));
        QVERIFY(answer.toLower().contains("text/plain; version=0.0.4"));
    }

    void saysWhyItIsNotReady() {
        m_trouble = "The disk is full.";
        const QByteArray answer = ask("GET /readyz", "localhost");
        QVERIFY(answer.startsWith("HTTP/1.1 503"));
        QVERIFY(answer.contains("The disk is full."));
        QVERIFY(ask("GET /healthz", "localhost").startsWith("HTTP/1.1 200"));
    }

    void endsWhoeverSendsMuch() {
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, m_port);
        QVERIFY(waitFor(socket, QAbstractSocket::ConnectedState));
        socket.write("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n");
        QByteArray piece(64 * 1024, 'x');
        for (int i = 0; i < 64 && socket.state() == QAbstractSocket::ConnectedState; ++i) {
            socket.write(piece);
            (void)QTest::qWaitFor([&] { return socket.bytesToWrite() == 0; }, 100);
        }
        QVERIFY(waitFor(socket, QAbstractSocket::UnconnectedState));
        QVERIFY(ask("GET /healthz", "localhost").startsWith("HTTP/1.1 200"));
    }

    void aFloodOfConnectionsLeavesRoomAfterwards() {
        {
            std::vector<std::unique_ptr<QTcpSocket>> flood;
            for (int i = 0; i < 4 * MetricsServer::kConnections; ++i) {
                flood.push_back(std::make_unique<QTcpSocket>());
                flood.back()->connectToHost(QHostAddress::LocalHost, m_port);
            }
            const auto open = [&] {
                return std::count_if(flood.begin(), flood.end(), [](const auto& one) {
                    return one->state() == QAbstractSocket::ConnectedState;
                });
            };
            QTRY_COMPARE_WITH_TIMEOUT(int(open()), MetricsServer::kConnections, kPatience);
        }
        const auto works = [this] { return ask("GET /healthz", "localhost").startsWith("HTTP/1.1 200"); };
        QTRY_VERIFY_WITH_TIMEOUT(works(), kPatience);
    }

    void theAdminPageIsForWhoBringsATicket() {
        const auto url = QString::fromStdString(m_server->adminUrl().value());
        const QByteArray path = QUrl(url).path().toLatin1();
        QCOMPARE(QUrl(url).port(), int(m_port));
        QVERIFY(ask("GET " + path, "evil.example").startsWith("HTTP/1.1 403"));
        const QByteArray in = ask("GET " + path, "127.0.0.1");
        QVERIFY2(in.startsWith("HTTP/1.1 303"), in.constData());
        QVERIFY2(ask("GET " + path, "127.0.0.1").startsWith("HTTP/1.1 403"), "it is good once");
        const QByteArray page = headerOf(in, "Location");
        const QByteArray cookie = headerOf(in, "Set-Cookie");
        QVERIFY2(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict") && cookie.contains(QByteArray("; Path=").append(page)), cookie.constData());
        const QByteArray sent = QByteArray("\r\nCookie: other=1; ").append(cookie.split(';').first());
        QVERIFY(ask("GET " + page, "127.0.0.1").startsWith("HTTP/1.1 403"));
        QVERIFY(ask("GET " + page, "127.0.0.1\r\nCookie: landline-relay-admin=").startsWith("HTTP/1.1 403"));
        QVERIFY(ask("GET " + page, "evil.example" + sent).startsWith("HTTP/1.1 403"));
        QVERIFY(ask("GET /admin/other/", "127.0.0.1" + sent).startsWith("HTTP/1.1 403"));
        QCOMPARE(m_looks, 0);
        const QByteArray seen = ask("GET " + page, "127.0.0.1" + sent);
        QVERIFY2(seen.startsWith("HTTP/1.1 200"), seen.constData());
        QCOMPARE(m_looks, 1);
        QVERIFY2(seen.contains("An &lt;x&gt;.") && seen.contains("a&amp;b") && !seen.contains("<script"), seen.constData());
        const QByteArray policy = headerOf(seen, "Content-Security-Policy");
        QVERIFY2(policy.startsWith("default-src 'none'; style-src 'sha256-"), policy.constData());
        QCOMPARE(headerOf(seen, "Cache-Control"), QByteArray("no-store"));
    }

    void listensOnLoopbackOnly() {
        MetricsServer other({}, m_clock, m_random);
        for (const char* const address : {"0.0.0.0", "192.0.2.1", "::"}) {
            const auto at = other.listen(QHostAddress(QString::fromLatin1(address)), 0);
            QVERIFY(!at.ok());
            QCOMPARE(at.error().code, ErrorCode::InvalidArgument);
        }
        const auto taken = other.listen(QHostAddress::LocalHost, m_port);
        QVERIFY(!taken.ok());
        QCOMPARE(taken.error().code, ErrorCode::Unreachable);
        QVERIFY(taken.error().text.find(std::to_string(m_port)) != std::string::npos);
    }

private:
    static bool waitFor(const QTcpSocket& socket, QAbstractSocket::SocketState state) {
        return QTest::qWaitFor([&] { return socket.state() == state; }, kPatience);
    }
    static QByteArray headerOf(const QByteArray& answer, const QByteArray& name) {
        for (const QByteArray& line : answer.left(answer.indexOf("\r\n\r\n")).split('\n'))
            if (line.toLower().startsWith(name.toLower().append(": "))) return line.mid(name.size() + 2).trimmed();
        return {};
    }
    /// The whole answer; empty if there is none.
    QByteArray ask(const QByteArray& line, const QByteArray& host) const {
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, m_port);
        if (!waitFor(socket, QAbstractSocket::ConnectedState)) return {};
        socket.write(line + " HTTP/1.1\r\n" + (host.isEmpty() ? QByteArray() : "Host: " + host + "\r\n") +
                     "Content-Length: 0\r\nConnection: close\r\n\r\n");
        QByteArray answer;
        const auto isWhole = [&] {
            answer += socket.readAll();
            const qsizetype head = answer.indexOf("\r\n\r\n");
            if (head < 0) return socket.state() == QAbstractSocket::UnconnectedState;
            const QByteArray lower = answer.left(head).toLower();
            const qsizetype at = lower.indexOf("content-length: ");
            const qsizetype length = at < 0 ? 0 : lower.mid(at + 16).split('\r').first().toLongLong();
            return answer.size() >= head + 4 + length;
        };
        return QTest::qWaitFor(isWhole, kPatience) ? answer : QByteArray();
    }

    SystemClock m_clock;
    SystemRandom m_random;
    int m_looks = 0;
    std::unique_ptr<MetricsServer> m_server;
    quint16 m_port = 0;
    double m_value = 1;
    std::optional<std::string> m_trouble;
};

}  // namespace landline::relay::test

QTEST_GUILESS_MAIN(landline::relay::test::MetricsServerTest)
#include "metrics_server_test.moc"
