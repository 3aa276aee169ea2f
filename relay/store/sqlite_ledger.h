#pragma once

#include "relay/store/ledger.h"
#include "relay/store/sqlite.h"

#include <array>
#include <string_view>

namespace landline::relay {

class Checkpointer;
class Reserve;

/// The ledger in one SQLite file: append-only tables by integer keys and no index beside them, WAL with
/// synchronous=FULL, a transaction that begins with the first write.
///
/// The log is not moved into the file by the commit that happens to make it long, since the writer would wait for all of
/// it: another thread does that on a connection of its own (Checkpointer), and `tidy` moves only what came in meanwhile.
class SqliteLedger final : public Ledger {
public:
    struct Options {
        /// The file system beneath, by SQLite's name for it; empty: the usual one.
        std::string vfs;
        /// A thread of its own moves the log into the file; else `tidy` does all of it.
        bool checkpointsAside = true;
        std::size_t reserveBytes = 0;  ///< of takeReserve; the file lies beside the database
        std::string note{};            ///< the file of its LifeNote; empty: none
    };

    /// Makes the file (mode 0600) where there is none. On a full disk the reserve is given. Fails with Full or Disk; with VersionMismatch for a file that a newer
    /// version has written. `isDamaged` is told where it fails because the file is no database or contradicts itself.
    [[nodiscard]] static Expected<std::unique_ptr<SqliteLedger>> open(const std::string& path,
                                                                      const Options& options,
                                                                      bool* isDamaged = nullptr);
    ~SqliteLedger() override;
    /// Reads the whole file and compares its pages with each other. Takes as long as reading does.
    [[nodiscard]] Expected<void> checkIntegrity();

    [[nodiscard]] Expected<void> readAll(const LedgerReader& reader) override;

    void putMeta(const MetaRow& row) override;
    void putAccount(const AccountRow& row) override;
    void removeAccount(LocalId id) override;
    void putMailbox(const MailboxRow& row) override;
    void putSender(const SenderRow& row) override;
    void removeSender(LocalId id) override;
    void putToken(const TokenRow& row) override;
    void removeToken(LocalId id) override;
    void putInvite(const InviteRow& row) override;
    void removeInvite(const InviteHash& hash) override;

    void addDeposit(const DepositRow& row) override;
    [[nodiscard]] std::optional<DepositRow> deposit(DepositId id) override;
    [[nodiscard]] std::vector<DepositRow> deposits(DepositId after, std::size_t most) override;
    void removeDeposit(DepositId id) override;
    void addBody(DepositId id, WallTime expires, ByteView sealed, ByteView body) override;
    [[nodiscard]] std::optional<BodyRow> body(DepositId id, std::size_t recipient) override;
    [[nodiscard]] std::optional<WallTime> bodyExpires(DepositId id) override;
    void removeBodies(DepositId first, DepositId last) override;

    void putHeads(const HeadsRow& row) override;
    [[nodiscard]] std::optional<HeadsRow> heads(LocalId account, const DeviceId& sender) override;
    void removeHeads(LocalId account, const DeviceId& sender) override;

    void putPrekey(LocalId account, ByteView prekey) override;
    [[nodiscard]] std::optional<Bytes> prekey(LocalId account) override;
    void removePrekey(LocalId account) override;

    void putLink(const LinkRow& row) override;
    [[nodiscard]] std::vector<LinkRow> linksAfter(std::uint64_t number, std::size_t most) override;
    void removeLink(std::uint64_t number) override;

    void failDamaged() override;
    [[nodiscard]] bool failed() const override { return m_error.has_value(); }
    [[nodiscard]] bool isDamaged() const override { return m_isDamaged; }
    [[nodiscard]] Expected<void> commit() override;
    void rollback() override;

    [[nodiscard]] bool takeReserve() override;
    void giveReserve() override;
    void tidy() override;
    void giveBackSpace() override;
    [[nodiscard]] std::uint64_t diskBytes() const override;

private:
    enum Statement : std::size_t;
    static constexpr std::size_t kStatements = 48;
    static const char* textOf(Statement which);

    explicit SqliteLedger(std::string path);
    int openFile(const std::string& vfs);
    int prepareFile();
    int prepareStatements();
    template <class... Values>
    void write(Statement which, const Values&... values);
    template <class Take, class... Values>
    void read(Statement which, Take take, const Values&... values);
    bool begin(Statement how);
    void fail(int code);
    [[nodiscard]] bool meansFull(int code) const;
    [[nodiscard]] Error errorOf(int code) const;

    const std::string m_path;
    SqliteConnection m_connection;
    std::array<SqliteStatement, kStatements> m_statements;
    std::unique_ptr<Checkpointer> m_checkpointer;  ///< null: `tidy` does it all
    std::unique_ptr<Reserve> m_reserve;
    std::string m_note;
    std::optional<MetaRow> m_toNote;  ///< with the commit
    std::optional<Error> m_error;
    int m_logFrames = 0;
    bool m_inTransaction = false;
    bool m_isDamaged = false;
};

/// SQLite's code means that the file's contents cannot be.
[[nodiscard]] bool meansDamage(int sqliteCode);

}  // namespace landline::relay
