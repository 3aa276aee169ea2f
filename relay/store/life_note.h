#pragma once

#include "relay/store/ledger.h"

#include <string>

namespace landline::relay {

/// Until when a database was in use, in a small file beside it: a database that says less than that is an older copy which
/// somebody has put in its place. Of a copy made in the same minute nothing can be told, nor where the file was copied as well.
struct LifeNote {
    MetaRow meta;

    /// Nothing where there is none that can be read.
    [[nodiscard]] static std::optional<LifeNote> read(const std::string& path);
    /// After the commit of what it says. Where it cannot be written the one before stays, or none, and nothing is noticed.
    void write(const std::string& path) const;
    [[nodiscard]] bool isAheadOf(Epoch epoch, WallTime kept) const { return meta.epoch == epoch && meta.keptTime > kept; }
};

}  // namespace landline::relay
