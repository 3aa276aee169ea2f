#include "relay/desk.h"

#include "relay/control_socket.h"
#include "relay/relay_metrics.h"
#include "relay/relay_server.h"
#include "relay/store/store_folder.h"

#include <chrono>
#include <iostream>
#include <thread>

namespace landline::relay {

namespace {

using namespace std::chrono_literals;

constexpr auto kWait = 10s;
constexpr auto kPause = 50ms;

class ServingRelay final : public Desk {
public:
    explicit ServingRelay(std::string folder) : m_folder(std::move(folder)) {}

    bool isServing() const override { return true; }
    Expected<void> addInvite(const AddInvite& invite) override { return done(invite); }
    Expected<std::vector<InviteInfo>> invites(const ListInvites& list) override {
        return read(list, control::inviteIn);
    }
    Expected<void> removeInvite(const RemoveInvite& invite) override { return done(invite); }
    Expected<void> revoke(const Revoke& request) override { return done(request); }
    Expected<std::vector<control::Figure>> figures() override {
        return read(AskFigures{}, control::figureIn);
    }
    Expected<std::vector<control::Account>> accounts(const ListAccounts& list) override {
        return read(list, control::accountIn);
    }
    Expected<std::string> takeRestored() override {
        const auto answer = askRelay(m_folder, control::TakeRestored{});
        if (!answer) return Unexpected(answer.error());
        return answer->empty() ? std::string() : answer->front();
    }

private:
    Expected<void> done(const control::Question& question) {
        const auto answer = askRelay(m_folder, question);
        if (!answer) return Unexpected(answer.error());
        return {};
    }
    template <class T>
    Expected<std::vector<T>> read(const control::Question& question,
                                  std::optional<T> (*readOne)(std::string_view)) {
        const auto answer = askRelay(m_folder, question);
        if (!answer) return Unexpected(answer.error());
        std::vector<T> all;
        for (const std::string& line : *answer) {
            auto one = readOne(line);
            if (!one)
                return Unexpected(
                    ErrorCode::VersionMismatch,
                    "The relay that serves is of another version than this program. Restart it.");
            all.push_back(*std::move(one));
        }
        return all;
    }
    const std::string m_folder;
};

class ClosedRelay final : public Desk {
public:
    ClosedRelay(std::unique_ptr<StoreFolder> folder, StoreRules rules)
        : m_folder(std::move(folder)), m_rules(std::move(rules)) {}

    bool isServing() const override { return false; }
    Expected<void> addInvite(const AddInvite& invite) override {
        if (auto opened = open(); !opened) return opened;
        if (m_store->addInvite(invite).refused)
            return Unexpected(ErrorCode::Internal, "The relay has such an invite already.");
        return m_store->commit();
    }
    Expected<std::vector<InviteInfo>> invites(const ListInvites& list) override {
        if (auto opened = open(); !opened) return Unexpected(opened.error());
        return m_store->invites(list, SystemClock().wall()).invites;
    }
    Expected<void> removeInvite(const RemoveInvite& invite) override {
        if (auto opened = open(); !opened) return opened;
        if (m_store->removeInvite(invite).refused) return Unexpected(noInvite());
        return m_store->commit();
    }
    Expected<void> revoke(const Revoke& request) override {
        if (auto opened = open(); !opened) return opened;
        if (m_store->revoke(request).refused) return Unexpected(noMailbox(request.device));
        return m_store->commit();
    }
    Expected<std::vector<control::Figure>> figures() override {
        if (auto opened = open(); !opened) return Unexpected(opened.error());
        return figuresOf({}, m_store->figures());
    }
    Expected<std::vector<control::Account>> accounts(const ListAccounts& list) override {
        if (auto opened = open(); !opened) return Unexpected(opened.error());
        std::vector<control::Account> all;
        for (AccountInfo& info : m_store->accounts(list).accounts) all.push_back({std::move(info), false});
        return all;
    }
    Expected<std::string> takeRestored() override {
        m_store.reset();
        return m_folder->takeReady();
    }

private:
    /// Only when it is wanted: a database that is damaged keeps nobody from restoring another.
    Expected<void> open() {
        if (m_store) return {};
        auto opened = m_folder->open(m_random, false);
        if (!opened) return Unexpected(opened.error());
        if (!opened->damagedCopy.empty())
            std::cerr << "The relay's database was damaged. It lies now under " << opened->damagedCopy
                      << "; a new one was begun with " << opened->salvagedAccounts
                      << " accounts of the old one." << std::endl;
        m_store = std::move(opened->store);
        m_store->setRules(m_rules);
        return {};
    }
    std::unique_ptr<StoreFolder> m_folder;
    const StoreRules m_rules;
    SystemRandom m_random;
    std::unique_ptr<MailboxStore> m_store;
};

}  // namespace

Error noMailbox(const DeviceId& device) {
    return {ErrorCode::NotFound, "No mailbox here belongs to the device " + toHex(device.view()) +
                                     ". \"landline-relay accounts\" lists those there are."};
}

Error noInvite() {
    return {ErrorCode::NotFound, "There is no such invite. \"landline-relay invites\" lists those that still let somebody in."};
}

Expected<std::unique_ptr<Desk>> Desk::open(const RelayConfig& config) {
    // A command that has the folder is done soon; a relay that has it and cannot be asked is just starting, or ending.
    for (const auto end = std::chrono::steady_clock::now() + kWait; true;
         std::this_thread::sleep_for(kPause)) {
        auto folder = StoreFolder::acquire(config.folder);
        if (folder) return std::unique_ptr<Desk>(new ClosedRelay(*std::move(folder), storeRulesOf(config)));
        if (folder.error().code != ErrorCode::Locked) return Unexpected(folder.error());
        if (isAsked(config.folder)) return std::unique_ptr<Desk>(new ServingRelay(config.folder));
        if (std::chrono::steady_clock::now() >= end)
            return Unexpected(ErrorCode::Unreachable,
                              folder.error().text + " It cannot be asked through its socket.");
    }
}

}  // namespace landline::relay
