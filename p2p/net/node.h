#pragma once

#include "p2p/base/clock.h"
#include "p2p/base/limits.h"
#include "p2p/base/random.h"
#include "p2p/net/candidate.h"
#include "p2p/net/relay_setup.h"
#include "p2p/session/session.h"
#include "p2p/timeline/sync_engine.h"
#include "p2p/transfer/chunk_io.h"
#include "p2p/wire/messages.h"

#include <QObject>
#include <QString>
#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

namespace landline::net {

/// The secrets and certificate of this device, shared read-only by the threads that need them.
struct LocalIdentity {
    identity::DeviceKeys keys;
    identity::Certificate certificate;
};

struct NodeConfig {
    std::uint16_t listenPort = 0;  ///< 0: any free one
    bool discovery = true;
    std::uint16_t discoveryPort = limits::kDiscoveryPort;
    QStringList hosts;  ///< HOST:PORT, HOST or CIDR ranges to try besides discovery
    QString name;
    bool invisible = false;  ///< no beacons; still listens
};

/// What a beacon said: a hint until a handshake has proven it.
struct Sighting {
    DeviceId device;
    QString name;
    Candidate candidate;
    std::uint64_t instance = 0;
};

using SessionNumber = quint64;

/// A conversation session that has opened.
struct SessionInfo {
    SessionNumber number = 0;
    std::shared_ptr<const session::RemoteParty> remote;
    Candidate candidate;  ///< where the other side can be dialled
    bool outgoing = false;

    [[nodiscard]] const DeviceId& device() const { return remote->certificate.device(); }
    [[nodiscard]] const PersonId& person() const { return remote->certificate.person(); }
};

/// A device that the app wants a session with.
struct Contact {
    DeviceId device;
    std::optional<NoiseKey> noiseKey;   ///< once it has been met
    std::vector<Candidate> remembered;  ///< where it was reached before
};

/// Something to fetch from the device that offered it.
struct FileWish {
    Contact from;
    wire::TransferId transfer;
    bool listing = false;  ///< of a bundle, instead of its content
    quint64 size = 0;
    std::shared_ptr<transfer::ChunkSink> sink;
    Duration stall = limits::kFileStall;
    quint64 number =
        0;  ///< comes back with fileProgress, to tell this fetch from an earlier one of the transfer
};
/// What a fetch is doing: waiting for a connection, comparing what is held, fetching; or the sender has paused.
enum class FetchStage { Waiting, Comparing, Fetching, HeldBack };
/// How a fetch ended.
struct FileResult {
    bool listing = false;
    transfer::ChunkSink::Result saved;
    std::optional<Error> error;
    quint64 came = 0;  ///< as in fileProgress
};

/// The network's only entry for the app: discovery, listener, dialling and sessions. Lives on the net thread with
/// everything below it but files, which have a thread of their own; slots are called and signals arrive queued, by value.
///
/// For each device at most one conversation session is current; crossing dials are resolved here. A session speaks to
/// the store through the app: `applyWanted`, `readWanted`, `forkToExamine` and `peerHeads` go up, `applied`,
/// `entriesRead`, `examined` and `headsChanged` come down. What waits up there is bounded for each session: it is read only
/// while answers come.
class Node : public QObject {
    Q_OBJECT

public:
    Node(NodeConfig config, std::shared_ptr<const LocalIdentity> identity, QObject* parent = nullptr);
    ~Node() override;

public Q_SLOTS:
    /// Binds and begins; answers with ready or failed.
    void start();
    /// Goodbye beacon, Close to every session, then stopped. Gives up after a second.
    void stop();

    // People -----------------------------------------------------------------------------------------------------
    /// Dial this device now and keep trying (with backoff) until unwant.
    void want(const landline::net::Contact& contact);
    void unwant(const landline::DeviceId& device);
    /// Devices whose sessions are refused (blocked persons).
    void setRefused(const std::vector<landline::PersonId>& persons);
    /// HOST[:PORT] or a CIDR range to try now and to keep trying.
    void addHost(const QString& host);
    /// Name, presence and status text, told to every session now and later. Invisible (Offline) stops the beacons.
    void setProfile(const landline::wire::Profile& profile);
    /// What the profile says to this person of where this device can be left something; nothing to others.
    /// `edition`: wire::Profile's, of when that came to be so.
    void setRelaysFor(const landline::PersonId& person, const landline::wire::ToldRelays& told,
                      std::uint64_t edition);
    /// Not kept and not repeated: to every session of these persons.
    void sendTyping(const std::vector<landline::PersonId>& to, const landline::wire::Typing& typing);

    // Sync ---------------------------------------------------------------------------------------------------------
    void startSync(landline::net::SessionNumber session,
                   const std::vector<landline::timeline::ConversationHeads>& conversations);
    void headsChanged(const std::vector<landline::PersonId>& members,
                      const landline::timeline::ConversationHeads& changed,
                      const std::vector<landline::wire::Entries>& fresh);
    void entriesRead(landline::net::SessionNumber session, const landline::timeline::ReadEntries& request,
                     const std::vector<landline::wire::SignedEntry>& entries);
    void applied(landline::net::SessionNumber session, quint64 bytes);
    /// The answer to forkToExamine, after sendForkEvidence if there is some.
    void examined(landline::net::SessionNumber session);
    void sendForkEvidence(landline::net::SessionNumber session, const landline::wire::ForkEvidence& evidence);
    void endSession(landline::net::SessionNumber session, landline::wire::CloseReason reason,
                    const QString& text);

    // Files ----------------------------------------------------------------------------------------------------------
    /// Over a bulk connection of its own; answers with fileProgress and fileFetched. One fetch of a transfer at a time: a
    /// second one is ignored. The sink is used on the file threads.
    void fetchFile(const landline::net::FileWish& wish);
    /// Lets go of the fetch, which says nothing more: what has come stays in the sink. Where all has come it is finished.
    void pauseFetch(const landline::wire::TransferId& transfer);
    void cancelFetch(const landline::wire::TransferId& transfer);
    /// `work` on the file threads, behind all that a fetch of this transfer has given to them so far.
    void runWithFiles(const landline::wire::TransferId& transfer, const std::function<void()>& work);
    /// Answers to fileWanted.
    void serveFile(landline::net::SessionNumber bulk,
                   const std::shared_ptr<landline::transfer::ChunkSource>& source);
    void refuseFile(landline::net::SessionNumber bulk, landline::wire::FileRefusal reason,
                    const QString& text);
    /// Answers to fileDialBackAsked: dials the device over a bulk connection, on which it asks for the file.
    void dialToServe(const landline::DeviceId& device, const landline::wire::TransferId& transfer);
    /// Stops sending this file for now: whoever fetches it comes again.
    void pauseServe(const landline::wire::TransferId& transfer);
    /// Stops sending this file; whoever fetches it is told that it is no longer offered.
    void cancelServe(const landline::wire::TransferId& transfer);
    /// Bytes per second of all files together that are sent and fetched, in effect at once; 0: no bound.
    void setFileRates(quint64 sending, quint64 receiving);

    // Relays ---------------------------------------------------------------------------------------------------------
    // Each is kept connected by itself; those not added are passed over. What the functions mean is in mailbox/mailbox.h.
    /// One with the same number goes.
    void addRelay(const landline::net::RelaySetup& setup);
    void removeRelay(landline::net::RelayNumber relay);
    void setRelayPrekey(landline::net::RelayNumber relay, const landline::net::RelayPrekey& prekey);
    void setRelayTokens(landline::net::RelayNumber relay,
                        const std::vector<landline::wire::relay::Token>& tokens);
    void watchAtRelay(landline::net::RelayNumber relay,
                      const std::vector<landline::wire::relay::Addressee>& devices);
    /// Answered with Answer and `question`, a number of the app's choice.
    void askRelay(landline::net::RelayNumber relay, quint64 question,
                  const landline::wire::relay::Message& message);
    /// On the app's disk before. Of more than limits::kDepositsUnanswered without DepositChanged the rest waits in memory.
    void depositAtRelay(landline::net::RelayNumber relay, landline::DepositCounter counter,
                        const landline::wire::relay::Deposit& deposit);
    void settleDeposit(landline::net::RelayNumber relay, landline::DepositCounter counter,
                       const landline::DeviceId& device);
    void relayCommitted(landline::net::RelayNumber relay, landline::wire::relay::Box box,
                        const landline::mailbox::Position& position);

    // Diagnosis --------------------------------------------------------------------------------------------------------
    /// Asks the device, over the session with it, to dial this one; `dialledBy` tells if it got through. The other side
    /// does so at most once in limits::kBeaconAnswerOnce. Nothing happens without a session.
    void askToDialBack(const landline::DeviceId& device);
    /// The network was changed or the machine resumed: announce, re-read interfaces, dial again at once.
    void networkChanged();

Q_SIGNALS:
    void ready(quint16 port);
    void failed(const QString& text);
    void stopped();
    /// Something worth telling the person that is no failure of the whole (discovery port taken …).
    void warning(const QString& text);

    void sighted(const landline::net::Sighting& sighting);
    void gone(const landline::DeviceId& device);

    void sessionOpened(const landline::net::SessionInfo& session);
    void sessionClosed(landline::net::SessionNumber session, const landline::DeviceId& device,
                       landline::wire::CloseReason reason, const QString& why);
    /// A dial or a handshake with a known device failed; `why` is a sentence.
    void dialFailed(const landline::DeviceId& device, const QString& why, landline::ErrorCode code);
    /// The device has dialled this one and proven itself: its connections get through.
    void dialledBy(const landline::DeviceId& device);
    void profileReceived(const landline::DeviceId& device, const landline::PersonId& person,
                         const landline::wire::Profile& profile);
    void typingReceived(const landline::PersonId& person, const landline::wire::Typing& typing);

    void applyWanted(landline::net::SessionNumber session, const landline::wire::Entries& entries);
    void readWanted(landline::net::SessionNumber session, const landline::timeline::ReadEntries& request);
    void peerHeads(landline::net::SessionNumber session, const landline::ConversationId& conversation,
                   const std::vector<landline::wire::AuthorHead>& heads);
    void forkToExamine(landline::net::SessionNumber session, const landline::wire::ForkEvidence& evidence);
    /// Another store writes with this device's key: the profile is a copy or an old backup.
    void cloneSuspected(const QString& why);

    /// A peer asks for a file that it says it was offered; answer with serveFile or refuseFile.
    void fileWanted(landline::net::SessionNumber bulk, const landline::DeviceId& device,
                    const landline::PersonId& person, const landline::wire::TransferId& transfer,
                    bool listing);
    /// A peer that cannot dial this device asks to be dialled for a file that it says it was offered: dialToServe.
    void fileDialBackAsked(const landline::DeviceId& device, const landline::PersonId& person,
                           const landline::wire::TransferId& transfer);
    /// `bytes` are there; this fetch has brought `came`, which may be more or less: some may have been there, and some may
    /// have come in vain. `fetch` is the number of its wish.
    void fileProgress(const landline::wire::TransferId& transfer, quint64 bytes, quint64 came, quint64 fetch);
    /// Whenever it is another one; the first is Waiting.
    void fileStage(const landline::wire::TransferId& transfer, landline::net::FetchStage stage);
    void fileFetched(const landline::wire::TransferId& transfer, const landline::net::FileResult& result);
    /// On the serving side, of contents only: bytes sent, and the end (error empty when all was sent but what was
    /// `skipped`, in bytes, for it was not there as it was offered).
    void fileServed(const landline::wire::TransferId& transfer, quint64 bytes, bool finished,
                    const QString& error, quint64 skipped);

    /// What became of a relay's wishes, deposits and boxes (mailbox/events.h), all but Disconnect. From Entered until
    /// relayDown there is a session.
    void relayTold(landline::net::RelayNumber relay, const landline::mailbox::Event& event);
    void relayDown(landline::net::RelayNumber relay, const landline::net::RelayDown& down);
    /// At this address, which the relay's name leads to, another key answers: the relay was set up anew, or somebody stands in
    /// its place. Nothing was told to whoever it is. relayDown follows.
    void relayWrongKey(landline::net::RelayNumber relay, const QString& at);

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::net
