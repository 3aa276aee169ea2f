#pragma once

#include "p2p/base/random.h"
#include "p2p/base/sliding_vector.h"
#include "relay/clients/anteroom.h"
#include "relay/clients/presence_book.h"

#include <array>

namespace landline::relay {

/// What all clients of a Hub share.
struct Surroundings {
    ClientRules rules;
    Random& random;
    PresenceBook presence{};
    RateTable<DeviceId> devices{limits::kRelayRateKeys};
    RateTable<discovery::Address> addresses{limits::kRelayRateKeys};
    RateTable<discovery::Address> newcomers{limits::kRelayRateKeys};  ///< accounts without an invite, by network
    RateTable<std::uint32_t> allNewcomers{1};                         ///< the same of all networks, under 0
    std::vector<Output> out{};
    HubFigures figures{};
    std::unordered_map<discovery::Address, std::size_t> guests{};  ///< by address
    std::size_t guestCount = 0;
    Anteroom strangers{};
    std::size_t most = 0;  ///< clients that were here at once

    /// Within which the clients come back after a loss, so that the relay shakes hands with each in time.
    [[nodiscard]] std::chrono::milliseconds spread() const;
};

/// One client's session, from its proof of who it is to its end: takes frames, the store's answers and the time; gives frames,
/// requests to the store and its own end. Owned by a Hub.
///
///     Opened ──Hello──► Asking ──admitted──► Account ──┬──leave──► Leaving ──► Closed
///        │                 │  └─────────────► Guest ────┘                        ▲
///        └─────────────────┴───────── refused, violation, loss ──────────────────┘
///
/// Opened: the session is proven; only Hello may come, soon, however busy it is otherwise. Asking: the store decides who may
/// come; nothing may come. Both are strangers, who take no place of those that were let in.
/// Account, Guest: requests are answered. Leaving: the relay ends; what was begun is answered, nothing new is.
/// Closed: final.
class Client {
public:
    Client(ClientId id, const Party& who, const discovery::Address& address, Surroundings& world, MonoTime now);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void receive(wire::relay::Frame frame, MonoTime now);
    /// `ticket`: of the request to the store.
    void answer(std::uint32_t ticket, StoreAnswer answer, MonoTime now);
    /// A number was given in one of its boxes.
    void placed(Box box, MailNumber number);
    void presenceChanged(const DeviceId& device, bool online);
    /// Bytes that were sent and that the client has not taken yet.
    void setWaiting(std::size_t bytes, MonoTime now);
    void leave(std::chrono::milliseconds comeBackAfter);
    /// A stranger goes, so that another one has its place.
    void giveWay();
    void close(wire::CloseReason reason, std::string text);
    void advance(MonoTime now);
    /// When `advance` is wanted to read on; nothing otherwise. Silence is looked for by whoever calls `advance` now and then.
    [[nodiscard]] std::optional<MonoTime> resumesAt() const { return m_resumesAt; }

    [[nodiscard]] bool isClosed() const { return m_state == State::Closed; }
    [[nodiscard]] bool isGuest() const { return m_state == State::Guest; }
    [[nodiscard]] const Party& who() const { return m_who; }

private:
    enum class State : std::uint8_t { Opened, Asking, Account, Guest, Leaving, Closed };
    /// A request other than deposits and pulls whose answer is on its way.
    struct Waiting {
        std::uint32_t ticket = 0;
        std::uint64_t request = 0;
    };
    struct WaitingDeposit {
        std::uint32_t ticket = 0;
        DepositCounter counter = 0;
        std::optional<wire::relay::Deposited> answer;
    };
    /// A pull is asked of the store in pieces, the next one when the client has taken most of those before.
    struct Pull {
        bool isActive = false;
        bool isAsked = false;
        bool isFirst = true;
        bool mayHint = false;
        std::uint32_t ticket = 0;
        std::uint64_t request = 0;
        MailNumber next = 1;
        std::size_t left = 0;
        MailNumber told = 0;   ///< the highest number that the client was told of
        MailNumber known = 0;  ///< the highest number that was given while it is here
    };

    struct Requests;

    void hello(const wire::relay::Frame& frame, MonoTime now);
    [[nodiscard]] bool mayBeNewcomer(MonoTime now);
    void asked(const StoreAnswer& answer);
    void admitted(AdmitAnswer answer);
    /// False if there are too many.
    [[nodiscard]] bool countAsGuest();
    void uncount();
    void turnAwayAsFull();
    void turnAway(const wire::relay::Refusal& refusal);
    void deposit(DepositCounter counter, wire::relay::Deposit content, MonoTime now);
    void deposited(wire::relay::Deposited answer, std::uint32_t ticket);
    void tellDeposits();
    void beginPull(std::uint64_t request, const wire::relay::Pull& content);
    void askPiece(Box box);
    void pulled(Box box, PullAnswer answer);
    void endPull(Box box, MailNumber highest);
    void offerHint(Box box);

    [[nodiscard]] static wire::relay::Refusal refusalOf(const StoreRefusal& refusal);
    void answerRequest(std::uint32_t ticket, StoreAnswer answer);
    void tell(const Waiting& request, StoreAnswer answer);
    [[nodiscard]] bool maySpend(double cost, wire::relay::Refusal& refusal, MonoTime now);
    /// Takes a place among the requests that wait; false if there is none, which was then answered.
    bool begin(std::uint64_t request, StoreRequest ask);
    void ask(std::uint32_t ticket, StoreRequest request);
    void send(std::uint64_t request, wire::relay::Message message);
    void refuse(std::uint64_t request, Reason reason, std::chrono::milliseconds retryAfter = {});
    void violation(std::string text);
    void updateReading();
    void endIfDone();
    Pull& pull(Box box) { return m_pulls[box == Box::Heads ? 1 : 0]; }

    const ClientId m_id;
    const Party m_who;
    const discovery::Address m_address;
    Surroundings& m_world;
    State m_state = State::Opened;
    bool m_invisible = false;
    bool m_isReading = true;
    bool m_hasPaid = false;    ///< for an account
    Duration m_payableIn{};    ///< it could not
    bool m_isCounted = false;  ///< among those that were let in
    bool m_countsAsGuest = false;
    std::uint32_t m_nextTicket = 1;
    std::uint64_t m_helloRequest = 0;
    const MonoTime m_openedAt;
    MonoTime m_since;  ///< it takes nothing
    std::size_t m_waiting = 0;
    std::optional<MonoTime> m_resumesAt;
    SlidingVector<WaitingDeposit> m_deposits;
    std::vector<Waiting> m_requests;
    std::array<Pull, 2> m_pulls;
    std::vector<wire::relay::Presence::One> m_presence;  ///< changes that wait until the client takes something
};

}  // namespace landline::relay
