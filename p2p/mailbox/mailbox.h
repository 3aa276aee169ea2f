#pragma once

#include "p2p/base/random.h"
#include "p2p/mailbox/events.h"

#include <memory>

namespace landline::mailbox {

/// One relay, seen by one device, over all connections to it: lets itself in, keeps prekey and tokens up there, fetches the
/// mailbox, deposits, and comes back after a loss. A state machine without socket, store, clock or thread; the messages are
/// for a session of purpose relay. Owned by whoever owns the store, on one thread; lives as long as the relay is in use.
///
///     Away ──dialled──► Dialling ──connected──► Greeting ──Welcome──► Open ──GoingAway──► Leaving
///      ▲ ▲                  │                      │  │                 │                    │
///      │ └────────────── disconnected ─────────────┘  └─Refused─► ShutOut (until setHello)   │
///      └──────────────────────────────── disconnected ──────────────────┴────────────────────┘
///
/// Away: nothing is to be done before `dialAt`. After a loss without a word that is a random part of what the relay stated as
///   its spread, after GoingAway the time it said, after failures a growing one.
/// Open: messages go out by `nextMessage`: wishes first, then acknowledgements and pulls, deposits last.
/// Leaving: no more requests; answers still come.
///
/// Nothing is held, confirmed, drained or told as such before the relay has said that it is on its disk, and nothing is
/// acknowledged before the owner has said so of its own.
class Mailbox {
public:
    /// `random` must outlive it.
    explicit Mailbox(Random& random);
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    // What was stored, before the first connection --------------------------------------------------------------------
    void restore(wire::relay::Box box, Position position);
    /// A deposit that was written down and for which no DepositChanged was committed. It is sent again as it is.
    void restore(DepositCounter counter, wire::relay::Deposit deposit);
    void restore(HeldDeposit held);

    // The link --------------------------------------------------------------------------------------------------------
    /// When to dial; nothing while there is a link, and after ShutOut.
    [[nodiscard]] std::optional<MonoTime> dialAt() const;
    /// There is a new reason to hope (the network changed): dial at once, unless the relay asked to stay away.
    void hope(Now now);
    void dialled();
    /// The session is open and its key the right one.
    void connected(Now now);
    /// The dial failed, or the session ended.
    void disconnected(Now now);
    void receive(const wire::relay::Frame& frame, Now now);
    /// The next message for the session; to be asked while that can send. Nothing if there is none for now.
    [[nodiscard]] std::optional<wire::relay::Frame> nextMessage(Now now);
    /// Lets timeouts and expiry act; call at `nextTimeout` or later.
    void advance(Now now);
    [[nodiscard]] std::optional<MonoTime> nextTimeout(Now now) const;
    /// Drain after every call above and below.
    [[nodiscard]] std::optional<Event> nextEvent();
    /// Requests are answered now.
    [[nodiscard]] bool isOpen() const;
    /// Of the current session: what the relay said, `life` up to limits::kRelayLifeMost. Only while isOpen.
    [[nodiscard]] const wire::relay::Welcome& welcome() const;

    /// What the relay is known to have freed, in this session: for envelope::PrekeyRing. Nothing while not open.
    [[nodiscard]] std::optional<Drained> drained() const;

    // Wishes, kept up over all sessions -------------------------------------------------------------------------------
    /// What to say on coming in, from the next session on: an invite until Entered, or the pass of a guest. Ends ShutOut.
    void setHello(const wire::relay::Hello& hello, Now now);
    /// The newest prekey for this relay, and the epoch in which it was confirmed; 0 for none. Published where the relay has
    /// another one, or is in another epoch.
    void setPrekey(const PrekeyId& id, Bytes prekey, RelayEpoch confirmedIn);
    /// All tokens for this device's mailbox; at most limits::kTokensPerDevice.
    void setTokens(std::vector<wire::relay::Token> tokens);
    /// Whose presence is wanted; at most limits::kPresenceWatches.
    void watch(std::vector<wire::relay::Addressee> devices);

    // Requests --------------------------------------------------------------------------------------------------------
    /// Asks for prekeys, a listing or a page of the directory; Answer comes with this number. 0 if it cannot be asked now.
    [[nodiscard]] std::uint64_t ask(wire::relay::Message message);
    /// A deposit that is on the owner's disk, made while isOpen with prekeys of this session and the epoch of `welcome`. Its
    /// counter is higher than any before at any relay. The owner has limits::kDepositsUnanswered at most without an answer.
    void deposit(DepositCounter counter, wire::relay::Deposit deposit);
    /// Heads cover what this deposit held for the device.
    void settle(DepositCounter counter, const DeviceId& device);
    /// What Arrived told is on the owner's disk.
    void committed(wire::relay::Box box, Position position);

private:
    class Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace landline::mailbox
