#include "p2p/timeline/applier.h"

#include "p2p/base/limits.h"
#include "p2p/timeline/erasure.h"
#include "p2p/timeline/fork.h"

#include <algorithm>

namespace landline::timeline {

namespace {

using Run = std::vector<CheckedEntry>;

constexpr auto kDelete = static_cast<std::uint32_t>(wire::ContentKind::Delete);
constexpr auto kFileOffer = static_cast<std::uint32_t>(wire::ContentKind::FileOffer);
constexpr auto kBundleOffer = static_cast<std::uint32_t>(wire::ContentKind::BundleOffer);

/// One batch on its way into one timeline of the store.
class Intake {
public:
    Intake(TimelineStore& store, const DeviceId& self, WallTime now, const ConversationId& conversation,
           const DeviceId& author)
        : m_store(store), m_self(self), m_now(now), m_conversation(conversation), m_head(headOf(author)) {}

    void take(EntryNumber first, const std::vector<wire::SignedEntry>& entries);
    void takeOwn(const CheckedEntry& entry);

    ApplyResult result;

private:
    TimelineHead headOf(const DeviceId& author) {
        if (auto head = m_store.head(m_conversation, author)) return *std::move(head);
        TimelineHead empty;
        empty.author = author;
        return empty;
    }
    void refuse(std::size_t count, ErrorCode code, const char* text) {
        result.refused += count;
        if (count != 0 && !result.firstError) result.firstError = Error{code, text};
    }
    void cut(Run& run, std::size_t keep, ErrorCode code, const char* text) {
        refuse(run.size() - keep, code, text);
        run.erase(run.begin() + static_cast<Run::difference_type>(keep), run.end());
    }

    Run check(EntryNumber first, const std::vector<wire::SignedEntry>& entries);
    bool identify(const CheckedEntry& first);
    bool certify(const CheckedEntry& first);
    void cutBeyondEnd(Run& run);
    void cutUnproven(Run& run);
    void cutStranger(Run& run);
    void place(Run run);
    void compareDuplicates(const Run& run);
    void hold(const Run& run);
    void diverged(const Run& run);
    void accept(Run run);
    void takeHeld();
    void eraseIfKnown(CheckedEntry& entry);
    std::optional<wire::SignedEntry> heldAt(const EntryRef& ref);
    void erase(const EntryRef& target, const std::optional<wire::SignedEntry>& held,
               const wire::ErasureProof& proof);
    void carryOutDelete(const CheckedEntry& entry);
    void carryOutProof(const CheckedEntry& entry);
    std::optional<Hash256> ourHashAt(EntryNumber number);
    bool isStranger() const { return m_standing == Standing::Stranger || m_standing == Standing::Ignored; }

    TimelineStore& m_store;
    const DeviceId& m_self;
    WallTime m_now;
    ConversationId m_conversation;
    TimelineHead m_head;
    std::optional<identity::Certificate> m_certificate;  ///< the author's, set by identify
    bool m_certificateIsNew = false;
    Standing m_standing = Standing::Stranger;
};

void Intake::take(EntryNumber first, const std::vector<wire::SignedEntry>& entries) {
    Run run = check(first, entries);
    if (run.empty()) return;
    if (!identify(run.front())) return refuse(run.size(), ErrorCode::Internal, "");
    cutBeyondEnd(run);
    cutUnproven(run);
    if (!run.empty()) place(std::move(run));
}

/// The leading part of the run that is well-formed, of this timeline, and linked. Hashes are compared from the second
/// entry on; how the first one links to the store is for `place` to see.
Run Intake::check(EntryNumber first, const std::vector<wire::SignedEntry>& entries) {
    Run run;
    run.reserve(entries.size());
    for (const wire::SignedEntry& bytes : entries) {
        auto entry = checkEntry(bytes);
        const std::size_t left = entries.size() - run.size();
        if (!entry) {
            result.refused += left;
            if (!result.firstError) result.firstError = entry.error();
            break;
        }
        const wire::EntryHeader& header = entry->header;
        const bool fits = header.conversation == m_conversation && header.author == m_head.author &&
                          header.number == first + run.size() &&
                          header.previous.isZero() == (header.number == 1);
        if (!fits) {
            refuse(left, ErrorCode::ProtocolViolation,
                   "A timeline entry is not the one it was announced as.");
            break;
        }
        if (!run.empty() && header.previous != run.back().hash) {
            refuse(left, ErrorCode::ProtocolViolation,
                   "A timeline entry does not continue the one before it.");
            break;
        }
        run.push_back(std::move(*entry));
    }
    return run;
}

/// Whose device wrote the run, and whether that person may write here.
bool Intake::identify(const CheckedEntry& first) {
    const std::vector<PersonId> members = m_store.members(m_conversation);
    m_certificate = m_store.certificate(m_head.author);
    if (!certify(first)) return false;
    const PersonId& person = m_certificate->person();
    if (std::find(members.begin(), members.end(), person) == members.end()) {
        result.firstError =
            Error{ErrorCode::NotPermitted, "The author of an entry is no member of its conversation."};
        return false;
    }
    m_standing = m_store.standing(person);
    if (m_standing == Standing::Blocked) {
        result.firstError = Error{ErrorCode::NotPermitted, "The author of an entry is blocked."};
        return false;
    }
    return true;
}

/// Entry 1 brings its device's certificate, also where that is known already: others will depend on it.
bool Intake::certify(const CheckedEntry& first) {
    if (first.header.number == 1 &&
        !(m_certificate && m_certificate->encoded() == first.header.certificate)) {
        auto parsed = identity::Certificate::parse(first.header.certificate);
        if (!parsed) {
            result.firstError = parsed.error();
            return false;
        }
        if (parsed->device() != m_head.author ||
            (m_certificate && m_certificate->person() != parsed->person())) {
            result.firstError =
                Error{ErrorCode::WrongKey, "The certificate of a timeline is another device's."};
            return false;
        }
        if (!m_certificate) {
            m_certificate = std::move(*parsed);
            m_certificateIsNew = true;
        }
    }
    if (!m_certificate)
        result.firstError =
            Error{ErrorCode::ProtocolViolation, "Entries came before their author's certificate."};
    return m_certificate.has_value();
}

void Intake::cutBeyondEnd(Run& run) {
    if (!m_head.end || run.back().header.number <= *m_head.end) return;
    const EntryNumber first = run.front().header.number;
    const std::size_t keep = first > *m_head.end ? 0 : static_cast<std::size_t>(*m_head.end - first + 1);
    cut(run, keep, ErrorCode::Fork, "The timeline of these entries has ended before them.");
    result.forkSuspectedAt = *m_head.end + 1;
}

/// An entry without its payload counts as missing unless its author's person deleted it.
void Intake::cutUnproven(Run& run) {
    for (std::size_t i = 0; i < run.size(); ++i) {
        const CheckedEntry& entry = run[i];
        if (!entry.bytes.payload.empty()) continue;
        if (entry.header.number <= m_head.number) continue;  // held already; nothing is taken from this copy
        if (entry.bytes.erasure &&
            provesErasure(m_store, *entry.bytes.erasure, entry.header, m_certificate->person()))
            continue;
        return cut(run, i, ErrorCode::BadSignature,
                   "The content of an entry is missing and no delete permits that.");
    }
}

void Intake::place(Run run) {
    const EntryNumber first = run.front().header.number;
    const EntryNumber last = run.back().header.number;
    if (last <= m_head.baseNumber) return;
    if (last <= m_head.number) return compareDuplicates(run);
    if (!isSigned(run.back()))
        return refuse(run.size(), ErrorCode::BadSignature, "The signature of a timeline entry is wrong.");
    const bool own = m_head.author == m_self;
    if (first <= m_head.number + 1) {
        const std::size_t known = static_cast<std::size_t>(m_head.number + 1 - first);
        if (run[known].header.previous != m_head.hash) return diverged(run);
        if (!own) {
            run.erase(run.begin(), run.begin() + static_cast<Run::difference_type>(known));
            accept(std::move(run));
            return takeHeld();
        }
    }
    if (!own) return hold(run);
    result.cloneSuspected = true;
    refuse(run.size(), ErrorCode::Fork, "Another program writes with this device's key.");
}

std::optional<Hash256> Intake::ourHashAt(EntryNumber number) {
    if (number == m_head.number) return m_head.hash;
    const auto held = m_store.read(m_conversation, m_head.author, number, 1, 0);
    return held.empty() ? std::nullopt : std::optional(entryHash(held.front()));
}

void Intake::compareDuplicates(const Run& run) {
    const auto ours = ourHashAt(run.back().header.number);
    if (!ours || *ours == run.back().hash) return;
    if (!isSigned(run.back()))
        return refuse(run.size(), ErrorCode::BadSignature, "The signature of a timeline entry is wrong.");
    diverged(run);
}

/// Keeps what came before its predecessors. Of strangers nothing is kept: it comes again by sync.
void Intake::hold(const Run& run) {
    if (isStranger())
        return refuse(run.size(), ErrorCode::NotPermitted, "Entries of a stranger came out of order.");
    for (const CheckedEntry& entry : run)
        m_store.hold(m_conversation, m_head.author, entry.header.number, entry.bytes);
}

void Intake::diverged(const Run& run) {
    refuse(run.size(), ErrorCode::Fork, "A device wrote two different entries with one number.");
    result.cloneSuspected = m_head.author == m_self;
    const Divergence divergence = compareWithStore(m_store, m_head, run);
    if (divergence.proof && endBefore(m_store, m_head, *divergence.proof)) {
        result.ended.push_back(m_head.author);
        result.forkSuspectedAt = divergence.proof->last + 1;
    } else if (divergence.lookFrom) {
        result.forkSuspectedAt = divergence.lookFrom;
    }
}

void Intake::cutStranger(Run& run) {
    if (!isStranger()) return;
    const PersonId& person = m_certificate->person();
    StrangerUse use = m_store.strangerUse(person);
    StrangerUse more;
    std::size_t keep = 0;
    for (; keep < run.size(); ++keep) {
        const auto& erasure = run[keep].bytes.erasure;
        const std::size_t bytes = run[keep].bytes.payload.size() + (erasure ? erasure->payload.size() : 0);
        if (run[keep].header.kind == kFileOffer || run[keep].header.kind == kBundleOffer ||
            use.entries + more.entries + 1 > limits::kStrangerEntries ||
            use.bytes + more.bytes + bytes > limits::kStrangerBytes)
            break;
        ++more.entries;
        more.bytes += bytes;
    }
    cut(run, keep, ErrorCode::NotPermitted,
        "A person who is not accepted yet sent more than a request may hold.");
    if (keep != 0) m_store.addStrangerUse(person, more);
}

/// Appends an authenticated run that continues the head.
void Intake::accept(Run run) {
    cutStranger(run);
    if (run.empty()) return;
    if (m_certificateIsNew) m_store.putCertificate(*m_certificate);
    m_certificateIsNew = false;
    HybridTime clock = m_store.clock();
    for (CheckedEntry& entry : run) {
        eraseIfKnown(entry);
        clock = mergedHybrid(clock, entry.header.clock, m_now);
    }
    m_head.number = run.back().header.number;
    m_head.hash = run.back().hash;
    m_head.clock = run.back().header.clock;
    m_store.append(m_conversation, run, m_head);
    if (clock != m_store.clock()) m_store.setClock(clock);
    for (const CheckedEntry& entry : run) entry.content ? carryOutDelete(entry) : carryOutProof(entry);
    std::move(run.begin(), run.end(), std::back_inserter(result.appended));
}

void Intake::takeHeld() {
    while (true) {
        const auto held = m_store.takeHeld(m_conversation, m_head.author, m_head.number + 1);
        if (held.empty()) return;
        Run run = check(m_head.number + 1, held);
        if (!run.empty()) cutBeyondEnd(run);
        cutUnproven(run);
        if (run.empty()) return;
        if (run.front().header.previous != m_head.hash) return diverged(run);
        if (!isSigned(run.back()))
            return refuse(run.size(), ErrorCode::BadSignature, "The signature of a timeline entry is wrong.");
        accept(std::move(run));
    }
}

void Intake::eraseIfKnown(CheckedEntry& entry) {
    if (entry.bytes.payload.empty()) return;
    auto proof = knownErasure(m_store, entry.header, m_certificate->person());
    if (!proof) return;
    entry.bytes.payload.clear();
    entry.bytes.erasure = std::move(proof);
    entry.content.reset();
}

std::optional<wire::SignedEntry> Intake::heldAt(const EntryRef& ref) {
    auto held = m_store.read(m_conversation, ref.author, ref.number, 1, 0);
    return held.empty() ? std::nullopt : std::optional(std::move(held.front()));
}

/// Erases what a rightly signed delete of this run's person names, if that is the same person's: `held` and its edits, or the
/// edits alone while the target is not here. A delete cannot be erased.
void Intake::erase(const EntryRef& target, const std::optional<wire::SignedEntry>& held,
                   const wire::ErasureProof& proof) {
    const auto author = m_store.certificate(target.author);
    if (!author || author->person() != m_certificate->person()) return;
    if (held) {
        const auto header = wire::parseEntryHeader(held->header);
        if (!header || header->kind == kDelete) return;
    }
    if (m_store.erase(m_conversation, target, proof)) result.erased.push_back(target);
}

/// The delete has to prove itself: one that only the chain vouches for would convince nobody to whom what it erased is
/// passed on. What is erased already is so together with its edits.
void Intake::carryOutDelete(const CheckedEntry& entry) {
    const auto* const deletion = std::get_if<wire::Delete>(&*entry.content);
    if (!deletion) return;
    const auto held = heldAt(deletion->target);
    if ((held && held->payload.empty()) || !isSigned(entry)) return;
    erase(deletion->target, held, proofOf(entry.bytes, *m_certificate));
}

/// A proof that came with an erased entry is as good as its delete, which may be far behind.
void Intake::carryOutProof(const CheckedEntry& entry) {
    if (!entry.bytes.erasure) return;
    if (const auto target = namedBy(*entry.bytes.erasure))
        erase(*target, heldAt(*target), *entry.bytes.erasure);
}

void Intake::takeOwn(const CheckedEntry& entry) {
    if (m_head.end)
        return refuse(1, ErrorCode::Fork,
                      "This device's timeline has ended here: another program wrote it too.");
    if (entry.header.number != m_head.number + 1 || entry.header.previous != m_head.hash)
        return refuse(1, ErrorCode::ProtocolViolation,
                      "An own entry does not continue this device's timeline.");
    if (!identify(entry)) return refuse(1, ErrorCode::Internal, "");
    m_standing = Standing::Accepted;
    accept({entry});
    m_store.setClock(entry.header.clock);
}

}  // namespace

ApplyResult Applier::apply(const wire::Entries& batch, WallTime now) {
    Intake intake(m_store, m_self, now, batch.conversation, batch.author);
    intake.take(batch.first, batch.entries);
    return std::move(intake.result);
}

ApplyResult Applier::applyOwn(const CheckedEntry& entry, WallTime now) {
    Intake intake(m_store, m_self, now, entry.header.conversation, m_self);
    intake.takeOwn(entry);
    return std::move(intake.result);
}

}  // namespace landline::timeline
