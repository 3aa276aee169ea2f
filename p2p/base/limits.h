#pragma once

#include "p2p/base/clock.h"

#include <cstddef>
#include <cstdint>

/// Every bound of the protocol and of its memory, in one place. PROTOCOL.md repeats those that a stranger's
/// implementation must keep.
namespace landline::limits {

using namespace std::chrono_literals;

// Session -------------------------------------------------------------------------------------------------------
/// A Noise message, its length prefix apart (Noise specification, section 3).
inline constexpr std::size_t kNoiseMessage = 65535;
/// What a frame may be while the other side is not authenticated.
inline constexpr std::size_t kHandshakeFrame = 1024;
/// The plaintext of one transport frame: a Noise message less its tag.
inline constexpr std::size_t kFramePlaintext = kNoiseMessage - 16;
/// Bytes that a session keeps for its socket before it stops taking more from its owner.
inline constexpr std::size_t kSessionOutgoing = 1024 * 1024;
/// The same of a bulk session: little, so that what is encrypted is still in the processor's cache when it is sent.
inline constexpr std::size_t kBulkOutgoing = 256 * 1024;
/// What a bulk session reads at once, several frames: calls of the system are fewer, and what is decrypted still lies in
/// the processor's cache.
inline constexpr std::size_t kBulkRead = 256 * 1024;
inline constexpr Duration kHandshakeTimeout = 10s;
/// Silence after which a ping is sent, and silence after the ping that ends the session.
inline constexpr Duration kKeepalive = 20s;
inline constexpr Duration kKeepaliveAnswer = 12s;
/// Frames that are the session's own (Ping, Pong, Rekey) and that one side sends within kKeepalive.
inline constexpr std::size_t kOwnFrames = 64;
inline constexpr std::uint64_t kRekeyBytes = 16ULL * 1024 * 1024 * 1024;
inline constexpr Duration kRekeyTime = 1h;
/// A session ends and is dialled anew after this time, so that its keys do not outlive it.
inline constexpr Duration kSessionLifetime = 24h;
/// How long a session that closes may take to write its last frames.
inline constexpr Duration kDrain = 5s;
inline constexpr Duration kCrossingDials = 10s;
inline constexpr std::size_t kUnauthenticatedConnections = 64;
inline constexpr std::size_t kUnauthenticatedPerAddress = 16;
inline constexpr Duration kBackoffFirst = 500ms;
inline constexpr Duration kBackoffMost = 60s;
/// Between the starts of two dials of one race, and how long one of its handshakes and the whole race may take.
inline constexpr Duration kDialStagger = 250ms;
inline constexpr Duration kDialHandshake = 3s;
inline constexpr Duration kDialTimeout = 10s;
/// On a mere sighting the device with the larger key waits this long, and up to as much again, so that both do not
/// dial at once.
inline constexpr Duration kYieldToDial = 400ms;
/// Links that have said their last word and wait for the other side to hang up, and how long they may.
inline constexpr std::size_t kLingeringLinks = 64;
inline constexpr Duration kLinger = 2s;
/// Sessions that a node keeps open with devices that nobody here asked for, whoever dialled: altogether, and of one
/// address. One more takes the place of an older one of the address that has the most.
inline constexpr std::size_t kStandingSessions = 64;
inline constexpr std::size_t kStandingPerAddress = 16;
/// Within this time of its opening such a session has told its heads, or it is closed.
inline constexpr Duration kDigestTimeout = 10s;
/// Handshakes begun with diallers: each second, and at once after a silence. One costs some 300 µs.
inline constexpr double kHandshakes = 200;
inline constexpr double kHandshakesBurst = 1000;
inline constexpr double kHandshakesPerAddress = 20;
inline constexpr double kHandshakesPerAddressBurst = 200;

// Names and texts -----------------------------------------------------------------------------------------------
inline constexpr std::size_t kNameBytes = 64;
inline constexpr std::size_t kStatusTextBytes = 140;
/// What a Close says; more is cut off.
inline constexpr std::size_t kCloseTextBytes = 512;
inline constexpr std::size_t kEmojiBytes = 64;
inline constexpr std::size_t kFileNameBytes = 255;
inline constexpr std::size_t kMediaTypeBytes = 255;
inline constexpr std::size_t kContactLinkBytes = 2048;

// Timelines -----------------------------------------------------------------------------------------------------
inline constexpr std::size_t kEntryHeader = 1024;
inline constexpr std::size_t kEntryPayload = 60 * 1024;
/// The longest text of a message; a longer one is offered as a file.
inline constexpr std::size_t kTextBytes = 60 * 1024 - 512;
inline constexpr std::size_t kEntriesPerMessage = 512;
inline constexpr std::size_t kHeadsPerMessage = 256;
inline constexpr std::size_t kForkHeaders = 64;
inline constexpr std::size_t kConversationsPerDigest = 1024;
/// Authors of one conversation, and conversations not shared, of which a session remembers what its peer told.
inline constexpr std::size_t kAuthorsPerConversation = 4096;
inline constexpr std::size_t kUnsharedConversations = 16384;
/// Frames that may come before the store has answered what is shared with a peer.
inline constexpr std::size_t kFramesBeforeStart = 64;
/// Entries of a conversation that wait on disk for an earlier one.
inline constexpr std::size_t kPendingEntries = 4096;
/// Bytes of entries sent to one peer for which no head came back yet.
inline constexpr std::size_t kSyncWindow = 4 * 1024 * 1024;
/// Bytes of entries, frames of them, and frames of fork evidence received from one peer that wait for the store; the
/// socket is not read beyond.
inline constexpr std::size_t kApplyWindow = 4 * 1024 * 1024;
inline constexpr std::size_t kApplyFrames = 256;
inline constexpr std::size_t kForkExaminations = 4;
/// Answers to fork evidence that wait for a peer that does not read; further ones are left to the next session.
inline constexpr std::size_t kForkAnswers = 16;
/// Of Profile and of Typing at most one in this time is passed on by a session; the newest counts.
inline constexpr Duration kLiveInterval = 1s;
/// A clock further ahead of one's own is never merged.
inline constexpr std::chrono::milliseconds kClockAhead = 10min;
inline constexpr std::size_t kStrangerEntries = 20;
inline constexpr std::size_t kStrangerBytes = 64 * 1024;
/// Persons not yet accepted that are kept as requests; those met longest ago go first.
inline constexpr std::size_t kStrangers = 1000;
/// Of those, persons of whom a mailbox alone has told, and whom nobody has looked at yet. Keys cost nothing, and whoever has
/// a contact link can leave as many requests as it likes from anywhere: they must not push out those of people who are here.
inline constexpr std::size_t kRelayStrangers = 50;
/// New ones in an hour: each is shown to the person.
inline constexpr std::size_t kRelayStrangersPerHour = 20;
/// So long such a request keeps its place: who looks after a weekend finds it, however many came since.
inline constexpr std::chrono::hours kRelayStrangerKept = 72h;
/// Devices of one person other than oneself; those that never wrote and were seen longest ago go first.
inline constexpr std::size_t kDevicesPerPerson = 32;

// Discovery -----------------------------------------------------------------------------------------------------
inline constexpr std::uint16_t kDiscoveryPort = 47474;
inline constexpr std::size_t kBeaconBytes = 195;
inline constexpr std::size_t kRoster = 4096;
inline constexpr Duration kBeaconPeriodLeast = 20s;
inline constexpr Duration kBeaconPeriodMost = 120s;
inline constexpr Duration kBeaconAnswerOnce = 30s;
inline constexpr std::size_t kCandidatesPerPeer = 8;
/// Devices never met before that the roster takes from one source address.
inline constexpr std::size_t kStrangersPerAddress = 64;
/// Newcomers to whom answers are owed at one time; beyond, the broadcast that answers them covers the rest as well.
inline constexpr std::size_t kOwedAnswers = 32;
/// Signature checks of beacons: each second, and at once after a silence. A thousand devices that start together send
/// some three thousand beacons within two seconds.
inline constexpr double kBeaconChecks = 2000;
inline constexpr double kBeaconChecksBurst = 4000;
inline constexpr double kBeaconChecksPerAddress = 50;
inline constexpr double kBeaconChecksPerAddressBurst = 200;
inline constexpr double kBeaconChecksPerKnown = 5;
inline constexpr double kBeaconChecksPerKnownBurst = 20;
/// Hosts and ranges listed to be tried besides discovery, and how fast they are dialled.
inline constexpr std::size_t kProbeEntries = 256;
inline constexpr std::size_t kProbeRange = 4096;
inline constexpr std::size_t kProbesAtOnce = 16;
inline constexpr int kProbesPerSecond = 20;

// Files ---------------------------------------------------------------------------------------------------------
inline constexpr std::size_t kFileChunk = 1024 * 1024;
inline constexpr std::size_t kFileWindow = 8 * 1024 * 1024;
/// On which files are read, written and compared: more than one, since some disks are slow.
inline constexpr std::size_t kFileThreads = 4;
/// The data of one chunk frame: a frame less what Protobuf adds.
inline constexpr std::size_t kFileFrame = 60 * 1024;
/// Of a chunk frame with less data that is copied: kept where it arrived it would hold on to the whole buffer (kBulkRead).
inline constexpr std::size_t kLeastShared = kFileFrame / 2;
/// What an offer may claim as its size: 2^62, so that sums of offsets stay in range.
inline constexpr std::uint64_t kOfferBytes = std::uint64_t(1) << 62;
/// Pieces of kFileChunk in one check of what is held already: what the other side reads before it answers.
inline constexpr std::size_t kFileCheckPieces = 64;
/// A bundle's listing: its length, its items, and the depth and length of a path in it.
inline constexpr std::size_t kListingBytes = 32 * 1024 * 1024;
inline constexpr std::size_t kListingItems = 200'000;
inline constexpr std::size_t kListingPathBytes = 4096;
inline constexpr std::size_t kListingDepth = 128;
/// Requests and checks of one bulk session that wait for the one before.
inline constexpr std::size_t kFileRequestsWaiting = 8;
/// A fetch whose dial has not got through by then asks the other side to dial, over the conversation.
inline constexpr Duration kAskToDialAfter = 1s;
/// So many of these of one session are heeded each second, and at once after a silence.
inline constexpr double kFileDialBacks = 2;
inline constexpr double kFileDialBacksBurst = 32;
/// Bulk sessions that one device may hold open here, and all devices together.
inline constexpr std::size_t kBulkSessionsPerDevice = 8;
inline constexpr std::size_t kBulkSessions = 64;
/// The lowest bound on the speed of transfers, and the most that a person may have fetched at the same time.
inline constexpr std::uint64_t kLeastFileRate = 16 * 1024;
inline constexpr int kMostFetchesAtOnce = 100;
/// A fetch to which nothing comes for so long is begun anew.
inline constexpr Duration kFileStall = 30s;

// Relay and envelopes ---------------------------------------------------------------------------------------------
/// What an envelope may hold, padding included: the largest class. It fits a frame with its seals.
inline constexpr std::size_t kEnvelopeContent = 63 * 1024;
/// The body of a deposit: that and the AEAD's tag.
inline constexpr std::size_t kEnvelopeBody = kEnvelopeContent + 16;
/// A body key sealed to one recipient: a Noise message of pattern X with a payload of 32 bytes.
inline constexpr std::size_t kSeal = 32 + 32 + 16 + 32 + 16;
inline constexpr std::size_t kEntriesPerEnvelope = 512;
inline constexpr std::size_t kHeadsPerEnvelope = 64;
/// Pieces of fork evidence in an envelope.
inline constexpr std::size_t kForksPerEnvelope = 4;
/// The same evidence is not left for the same device again within this time.
inline constexpr std::chrono::hours kEvidenceAgain{1};
inline constexpr std::size_t kRecipientsPerDeposit = 256;
/// Deposits of one device that wait for their answers. So many answers a relay remembers of each, at least.
inline constexpr std::size_t kDepositsUnanswered = 64;
/// Other requests of one session that wait for their answers, pulls apart.
inline constexpr std::size_t kRelayRequestsWaiting = 16;
/// What one pull may ask for.
inline constexpr std::size_t kPullBytes = 1024 * 1024;
inline constexpr std::size_t kItemsPerPulled = 512;
/// Numbers that count as lost where a relay leaves out more at once: it may say what it likes.
inline constexpr std::uint64_t kMissedMost = 1'000'000;
inline constexpr std::size_t kTokensPerDevice = 1024;
inline constexpr std::size_t kPrekeysPerFetch = 64;
inline constexpr std::size_t kPresenceWatches = 256;
inline constexpr std::size_t kLinksPerListed = 16;
/// However long a directory is, no more of it is looked through at once: some 1,000 people.
inline constexpr std::size_t kListedPagesMost = 64;
/// Devices of one person with mailboxes at one relay, and relays that a device names to one contact.
inline constexpr std::size_t kDevicesPerAccount = 8;
inline constexpr std::size_t kRelaysPerContact = 4;
inline constexpr std::size_t kRelayUrlBytes = 512;
/// Relays of contacts' that are visited at once, and how long such a visit lasts without anything to do there.
inline constexpr std::size_t kGuestRelays = 8;
inline constexpr Duration kGuestIdle = 60s;
inline constexpr std::size_t kRefusalTextBytes = 512;
/// How long a deposit is kept, unless the relay says otherwise.
inline constexpr std::chrono::seconds kDepositLife = 14 * 24h;
/// However long a relay says that it keeps what it stores, no more than this counts; and a deposit is believed to be held for
/// the second time at least, for the third beyond the relay's own at most.
inline constexpr std::chrono::seconds kRelayLifeMost = 30 * 24h;
inline constexpr std::chrono::milliseconds kHeldLeast = 10min;
inline constexpr std::chrono::milliseconds kHeldBeyondLife = 24h;
/// A device makes a new prekey after the first time; nobody seals to one after the second.
inline constexpr std::chrono::milliseconds kPrekeyRotation = 7 * 24h;
inline constexpr std::chrono::milliseconds kPrekeyLife = 30 * 24h;
/// However long a relay asks a device to stay away, it comes back after this time.
inline constexpr Duration kComeBackMost = 10min;
/// An answer that does not come within this time means that the session is of no use.
inline constexpr Duration kRelayAnswer = 30s;

/// So long a relay that was removed is dialled, so that its mailbox is emptied and takes nothing more. As long as any relay is
/// believed to keep what it stored (kRelayLifeMost): by then there is nothing left to save, and who was here has been told.
inline constexpr std::chrono::milliseconds kRelayLeavingMost = 30 * 24h;

/// A mailbox that does not take a deposit is tried again after the first time, doubled up to the second.
inline constexpr Duration kDepositRetryFirst = 2s;
inline constexpr Duration kDepositRetryMost = 1h;
/// A relay that owes an answer for so long, connected or not, has its deposits made at another as well.
inline constexpr Duration kRelaySilence = 2min;
/// Deposits that are written down together.
inline constexpr std::size_t kDepositsPerCommit = 16;
/// Heads that come to be owed within this time of a deposit are deposited together.
inline constexpr Duration kHeadsJoined = 1s;
/// So often at most contacts are told that envelopes of theirs could not be read, half as often each time while that goes on;
/// and so often at most each of their devices is heeded that says so.
inline constexpr Duration kLostToldOnce = 1min;
inline constexpr Duration kLostToldMost = 1h;

// Relay: mailboxes ----------------------------------------------------------------------------------------------
/// The last deposits of each sender whose answers are remembered, so that a repeat gets the old one: the most that a
/// sender may leave unanswered at one relay.
inline constexpr std::size_t kRememberedDeposits = 128;
/// Senders that a relay remembers, and deposits that it holds, whatever the quotas add up to.
inline constexpr std::size_t kRelaySenders = 1'000'000;
inline constexpr std::size_t kRelayItems = 20'000'000;
/// Depositors whose heads one mailbox holds, and of these such as came with the same token. A contact has a token of its own
/// and few devices.
inline constexpr std::size_t kHeadsSlots = 1024;
inline constexpr std::size_t kHeadsPerToken = 32;
/// Depositors without a mailbox at the relay that are remembered for one token.
inline constexpr std::size_t kGuestsPerToken = 256;
inline constexpr std::size_t kQuotaClassBytes = 32;
/// Between two times that a relay writes down when a mailbox's device was there.
inline constexpr std::chrono::seconds kSeenStep = 1h;
/// Requests, and bytes of them, that wait for the relay's disk; further ones are refused with a time to come again.
inline constexpr std::size_t kStoreQueue = 20'000;
inline constexpr std::size_t kStoreQueueBytes = 64 * 1024 * 1024;
/// Requests that are committed together, and how long the first of them waits for others.
inline constexpr std::size_t kStoreBatch = 512;
inline constexpr Duration kStoreBatchDelay = 1ms;
/// Disk space that a relay keeps for itself, so that mailboxes can be emptied on a full disk.
inline constexpr std::size_t kStoreReserve = 32 * 1024 * 1024;
/// While the disk is full: how often the relay looks whether there is space again.
inline constexpr Duration kFullDiskProbe = 2s;
/// A wall clock that is off by more than this from what the relay expects is believed only after so long.
inline constexpr Duration kClockStep = 1h;
inline constexpr Duration kClockBelieved = 1h;

// Relay: clients ------------------------------------------------------------------------------------------------
/// Within this time of its opening a session has said Hello, and a client that does not read has read something.
inline constexpr Duration kRelayHello = 10s;
inline constexpr Duration kRelayStuck = 30s;
/// What a client has not taken yet, beyond which nothing more is fetched for it and it is not read.
inline constexpr std::size_t kRelayClientWaiting = 256 * 1024;
/// What is asked of the store for a pull at once.
inline constexpr std::size_t kRelayPullPiece = 256 * 1024;
/// Deposits without an answer beyond which a client is sent away; from kDepositsUnanswered on they are refused.
inline constexpr std::size_t kRelayDepositsMost = 512;
/// Presence that is watched, by all clients together.
inline constexpr std::size_t kRelayWatches = 1'000'000;
/// Devices, and addresses, whose rates are watched one by one.
inline constexpr std::size_t kRelayRateKeys = 65'536;
/// How far a client may run into debt with its rate before it is refused; it is read more slowly already.
inline constexpr Duration kRelayDebt = 1s;
/// Handshakes a second that a relay is sure to bear, and begins at most: a restart spreads its clients by that.
inline constexpr std::size_t kRelayHandshakes = 1'500;
/// Words of a relay that ends: how long it waits for what it has begun.
inline constexpr Duration kRelayLeaving = 5s;

// Local control socket ------------------------------------------------------------------------------------------
inline constexpr std::size_t kControlLine = 1024 * 1024;

}  // namespace landline::limits
