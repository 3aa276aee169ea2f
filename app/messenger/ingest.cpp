#include "app/messenger/ingest.h"

#include <iterator>
#include <set>

namespace landline::app {

namespace {

/// Bytes applied in one transaction: large enough for the commit's cost to vanish, small enough for the
/// thread to answer a person's question in between.
constexpr std::size_t kBatchBytes = 512 * 1024;

std::size_t bytesOf(const wire::Entries& entries) {
    std::size_t total = 0;
    for (const wire::SignedEntry& entry : entries.entries) total += entry.bytes();
    return total;
}

}  // namespace

Ingest::Ingest(Context& context, Announcements& announcements, Outcome outcome)
    : m_context(context), m_announcements(announcements), m_outcome(std::move(outcome)) {}

void Ingest::add(net::SessionNumber session, wire::Entries entries) {
    m_entries.push_back({session, std::move(entries)});
}

void Ingest::addEvidence(net::SessionNumber session, wire::ForkEvidence evidence) {
    m_evidence.emplace_back(session, std::move(evidence));
}

void Ingest::flush() {
    if (isEmpty()) return;
    const std::vector<Done> batch = applyWaiting();
    if (const auto committed = m_context.commit(); !committed) {
        m_announcements.undone();
        abandon(batch, committed.error());
        return;
    }
    m_announcements.committed();
    settle(batch);
}

timeline::ApplyResult Ingest::apply(const wire::Entries& entries, WallTime now) {
    timeline::Applier applier(*m_context.db, m_context.selfDevice());
    timeline::ApplyResult result = applier.apply(entries, now);
    m_announcements.appended(entries.conversation, result.appended);
    m_outcome.applying(result);
    for (const DeviceId& ended : result.ended) m_announcements.headMoved(entries.conversation, ended);
    return result;
}

timeline::ApplyResult Ingest::examine(const wire::ForkEvidence& evidence) {
    timeline::Applier applier(*m_context.db, m_context.selfDevice());
    timeline::ApplyResult result = applier.applyForkEvidence(evidence);
    for (const DeviceId& ended : result.ended) m_announcements.headMoved(evidence.conversation, ended);
    return result;
}

std::vector<Ingest::Done> Ingest::applyWaiting() {
    std::vector<Done> batch;
    const WallTime now = m_context.clock.wall();
    std::size_t bytes = 0;
    auto next = m_entries.begin();
    for (; next != m_entries.end() && bytes < kBatchBytes; ++next) {
        Done done;
        done.session = next->session;
        done.conversation = next->entries.conversation;
        done.author = next->entries.author;
        done.bytes = bytesOf(next->entries);
        bytes += done.bytes;
        done.result = apply(next->entries, now);
        batch.push_back(std::move(done));
    }
    m_entries.erase(m_entries.begin(), next);
    for (const auto& [session, evidence] : std::exchange(m_evidence, {})) {
        Done done;
        done.session = session;
        done.conversation = evidence.conversation;
        done.author = evidence.author;
        done.isEvidence = true;
        done.result = examine(evidence);
        batch.push_back(std::move(done));
    }
    return batch;
}

void Ingest::settle(const std::vector<Done>& batch) {
    for (const Done& done : batch) {
        if (done.bytes != 0)
            m_context.node.post([session = done.session, bytes = done.bytes](net::Node& node) {
                node.applied(session, bytes);
            });
        if (done.result.forkSuspectedAt) sendEvidence(done);
        if (done.isEvidence)
            m_context.node.post([session = done.session](net::Node& node) { node.examined(session); });
        m_outcome.applied(done.result, done.conversation);
    }
}

void Ingest::sendEvidence(const Done& done) {
    auto evidence =
        timeline::evidenceFrom(*m_context.db, done.conversation, done.author, *done.result.forkSuspectedAt);
    m_context.node.post([session = done.session, evidence = std::move(evidence)](net::Node& node) {
        node.sendForkEvidence(session, evidence);
    });
}

void Ingest::abandon(const std::vector<Done>& batch, const Error& error) {
    std::set<net::SessionNumber> sessions;
    for (const Done& done : batch) sessions.insert(done.session);
    for (const Waiting& waiting : std::exchange(m_entries, {})) sessions.insert(waiting.session);
    for (const net::SessionNumber session : sessions)
        m_context.node.post([session](net::Node& node) {
            node.endSession(session, wire::CloseReason::Storage,
                            QStringLiteral("The disk of this device takes nothing at the moment."));
        });
    m_outcome.failed(error);
}

}  // namespace landline::app
