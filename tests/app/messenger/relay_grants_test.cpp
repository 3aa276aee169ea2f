#include "app/messenger/relay_grants.h"

#include "app/storage/prekey_table.h"
#include "app/storage/relay_heads_table.h"
#include "app/storage/relay_table.h"
#include "p2p/base/limits.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

namespace landline::app {

namespace {

identity::Certificate newcomer(Random& random) {
    return identity::Certificate::issue(identity::SigningKey::generate(random), identity::DeviceKeys::generate(random),
                                        SystemClock().wall());
}

/// A device at a relay, with one contact more than there are tokens.
struct Crowded {
    Crowded() {
        const auto person = identity::SigningKey::generate(context.random);
        identity::DeviceKeys keys = identity::DeviceKeys::generate(context.random);
        auto certificate = identity::Certificate::issue(person, keys, context.clock.wall());
        context.identity = std::make_shared<net::LocalIdentity>(net::LocalIdentity{std::move(keys), std::move(certificate)});
        context.db = std::move(Database::open(folder.path(), context.selfPerson(), {}).value().database);
        context.db->meet(context.identity->certificate, QStringLiteral("Ada"));
        // One token is the contact link's, one the own person's.
        for (std::size_t i = 2; i < limits::kTokensPerDevice; ++i) (void)meet();
        context.db->relays().put(url, context.clock.wall());
        context.db->relays().setEntered(url.key);
        grants.makeTokens(url.key);
        last = meet();
        commit();
        confirm();
    }
    DeviceId meet() {
        const auto certificate = newcomer(context.random);
        context.db->meet(certificate, QStringLiteral("Bob"));
        context.db->setStanding(certificate.person(), timeline::Standing::Accepted);
        grants.standingSet(certificate.person(), timeline::Standing::Accepted);
        (void)context.db->prekeys().putGrants(certificate.device(), {{url, context.random.make<RelayToken>()}});
        return certificate.device();
    }
    void commit() {
        if (const auto done = context.commit(); !done) qFatal("%s", done.error().text.c_str());
    }
    /// As the relay does.
    bool confirm() {
        const bool isNew = grants.confirmed(url.key, context.db->relays().tokens(url.key));
        commit();
        return isNew;
    }
    [[nodiscard]] std::optional<RelayToken> given(const DeviceId& device) {
        const auto all = grants.givenTo(context.personOf(device));
        return all.empty() ? std::nullopt : std::optional(all.front().token);
    }
    [[nodiscard]] std::optional<RelayToken> links() { return context.db->relays().linkTokenOf(url.key); }
    [[nodiscard]] bool isOwedHeads(const DeviceId& device) {
        const auto owed = context.db->relayHeads().owed();
        return std::any_of(owed.begin(), owed.end(), [&device](const OwedHeads& one) { return one.device == device; });
    }
    void payAll() {
        for (const OwedHeads& one : context.db->relayHeads().owed()) context.db->relayHeads().paid(one);
        commit();
    }

    QTemporaryDir folder;
    Context context;
    RelayGrants grants{context};
    identity::RelayUrl url{"127.0.0.1", 1, SystemRandom().make<NoiseKey>(), {}};
    DeviceId last;
};

}  // namespace

class RelayGrantsTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initCrypto(); }

    void whoHasNoTokenOfTheirOwnIsGivenTheLinks() {
        Crowded ada;
        QVERIFY(ada.context.db->relays().isFull(ada.url.key));
        QVERIFY(ada.links());
        QCOMPARE(ada.given(ada.last), ada.links());
        std::set<RelayToken> different;
        for (const DeviceGrant& one : ada.context.db->prekeys().allGrants()) different.insert(ada.given(one.device).value());
        QCOMPARE(different.size(), limits::kTokensPerDevice - 1);
    }

    void anotherLinkLosesNobody() {
        Crowded ada;
        const auto before = ada.links();
        QVERIFY(ada.grants.renewLink());
        ada.commit();
        ada.payAll();
        QVERIFY2(!ada.given(ada.last), "the relay would refuse it until it has the new one");
        QVERIFY(ada.confirm());
        QVERIFY(ada.links() && ada.links() != before);
        QCOMPARE(ada.given(ada.last), ada.links());
        QVERIFY(ada.isOwedHeads(ada.last));
        QCOMPARE(ada.context.db->relayHeads().owed().size(), std::size_t(1));
    }

    void aPlaceThatComesFreeIsTheirs() {
        Crowded ada;
        const auto shared = ada.given(ada.last);
        const auto other = ada.context.db->prekeys().allGrants().front().device;
        QVERIFY(other != ada.last);
        const PersonId gone = ada.context.personOf(other).value();
        ada.context.db->setStanding(gone, timeline::Standing::Blocked);
        ada.grants.standingSet(gone, timeline::Standing::Blocked);
        ada.commit();
        QVERIFY(!ada.given(other));
        QVERIFY(ada.confirm());
        QVERIFY(ada.given(ada.last) && ada.given(ada.last) != shared);
        QVERIFY(ada.isOwedHeads(ada.last));
    }

    void aStrangerIsGivenNothing() {
        Crowded ada;
        const auto stranger = newcomer(ada.context.random);
        ada.context.db->meet(stranger, QStringLiteral("Eve"));
        ada.commit();
        QVERIFY(!ada.given(stranger.device()));
    }
};

}  // namespace landline::app

QTEST_GUILESS_MAIN(landline::app::RelayGrantsTest)
#include "relay_grants_test.moc"
