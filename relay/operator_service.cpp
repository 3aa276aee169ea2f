#include "relay/operator_service.h"

#include "relay/desk.h"
#include "relay/relay_metrics.h"

namespace landline::relay {

namespace {

constexpr std::size_t kMostAccounts = 1'000;
constexpr std::size_t kMostInvites = 1'000;

/// What a change that was asked for came to.
Expected<ControlSocket::Lines> outcomeOf(const StoreAnswer& answer, const Error& refused) {
    if (const auto* const refusal = std::get_if<StoreRefusal>(&answer))
        return Unexpected(ErrorCode::Unreachable, refusal->text);
    const auto* const change = std::get_if<ChangeAnswer>(&answer);
    if (!change || change->refused) return Unexpected(refused);
    return ControlSocket::Lines{};
}

Unexpected notAnswered(const StoreAnswer& answer) {
    const auto* const refusal = std::get_if<StoreRefusal>(&answer);
    return Unexpected(ErrorCode::Unreachable, refusal ? refusal->text : "The relay's store gave no answer.");
}

}  // namespace

OperatorService::OperatorService(RelayServer& server, const Clock& clock, Random& random)
    : m_server(server), m_clock(clock), m_http(sources(), clock, random) {}

MetricsServer::Sources OperatorService::sources() {
    MetricsServer::Sources all;
    all.metrics = [this] { return metricsOf(m_server.figures(), m_server.storeFigures()); };
    all.trouble = [this] { return m_server.trouble(); };
    // As of the last look; this one asks for a newer.
    all.admin = [this] {
        AdminView view = m_view;
        if (!m_isLooking) lookAtAll([] {});
        return view;
    };
    return all;
}

Expected<void> OperatorService::serveFigures(const HostPort& at) {
    if (at.port == 0) return {};
    const QHostAddress address(at.host == "localhost" ? QStringLiteral("127.0.0.1")
                                                      : QString::fromStdString(at.host));
    if (auto listening = m_http.listen(address, at.port); !listening) return Unexpected(listening.error());
    return {};
}

void OperatorService::handle(const control::Question& question, ControlSocket::Answer answer) {
    std::visit([&](const auto& one) { answerTo(one, std::move(answer)); }, question);
}

void OperatorService::answerTo(const AddInvite& invite, ControlSocket::Answer answer) {
    m_server.ask(invite, [answer](const StoreAnswer& told) {
        answer(outcomeOf(told, {ErrorCode::Internal, "The relay did not take this invite."}));
    });
}

void OperatorService::answerTo(const RemoveInvite& invite, ControlSocket::Answer answer) {
    m_server.ask(invite, [answer](const StoreAnswer& told) { answer(outcomeOf(told, noInvite())); });
}

void OperatorService::answerTo(const ListInvites& list, ControlSocket::Answer answer) {
    m_server.ask(ListInvites{std::min(list.most, kMostInvites)}, [answer](const StoreAnswer& told) {
        const auto* const page = std::get_if<InvitesAnswer>(&told);
        if (!page) return answer(notAnswered(told));
        ControlSocket::Lines lines;
        for (const InviteInfo& one : page->invites) lines.push_back(control::lineOf(one));
        answer(lines);
    });
}

void OperatorService::answerTo(const Revoke& revoke, ControlSocket::Answer answer) {
    m_server.revoke(revoke, [answer, device = revoke.device](const StoreAnswer& told) {
        answer(outcomeOf(told, noMailbox(device)));
    });
}

void OperatorService::answerTo(const AskFigures&, ControlSocket::Answer answer) {
    m_server.ask(AskFigures{}, [this, answer](const StoreAnswer& told) {
        const auto* const store = std::get_if<StoreFigures>(&told);
        if (!store) return answer(notAnswered(told));
        ControlSocket::Lines lines;
        for (const control::Figure& one : figuresOf(m_server.figures(), *store)) lines.push_back(lineOf(one));
        answer(lines);
    });
}

void OperatorService::answerTo(const control::TakeRestored&, ControlSocket::Answer answer) {
    const auto replaced = m_server.takeRestored();
    if (!replaced) return answer(Unexpected(replaced.error()));
    answer(ControlSocket::Lines{*replaced});
}

void OperatorService::answerTo(const control::OpenAdmin&, ControlSocket::Answer answer) {
    lookAtAll([this, answer] {
        const auto url = m_http.adminUrl();
        if (!url) return answer(Unexpected(url.error()));
        answer(ControlSocket::Lines{*url});
    });
}

void OperatorService::answerTo(const ListAccounts& request, ControlSocket::Answer answer) {
    m_server.ask(ListAccounts{request.after, std::min(request.most, kMostAccounts)},
                 [this, answer](const StoreAnswer& told) {
                     const auto* const page = std::get_if<AccountsAnswer>(&told);
                     if (!page) return answer(notAnswered(told));
                     ControlSocket::Lines lines;
                     for (const AccountInfo& info : page->accounts)
                         lines.push_back(lineOf(control::Account{info, m_server.isHere(info.who.device)}));
                     answer(lines);
                 });
}

/// One after the other; what the store refuses is left out.
void OperatorService::lookAtAll(const std::function<void()>& done) {
    m_isLooking = true;
    m_server.ask(AskFigures{}, [this, done](const StoreAnswer& figures) {
        AdminView view;
        view.at = m_clock.wall();
        if (const auto* const store = std::get_if<StoreFigures>(&figures)) view.metrics = metricsOf(m_server.figures(), *store);
        m_server.ask(ListAccounts{{}, AdminView::kAccounts}, [this, done, view](const StoreAnswer& accounts) mutable {
            if (const auto* const page = std::get_if<AccountsAnswer>(&accounts))
                for (const AccountInfo& info : page->accounts)
                    view.accounts.push_back({info, m_server.isHere(info.who.device)});
            m_server.ask(ListInvites{AdminView::kInvites}, [this, done, view](const StoreAnswer& invites) mutable {
                if (const auto* const list = std::get_if<InvitesAnswer>(&invites)) view.invites = list->invites;
                m_view = std::move(view);
                m_isLooking = false;
                done();
            });
        });
    });
}

}  // namespace landline::relay
