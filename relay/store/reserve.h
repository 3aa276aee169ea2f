#pragma once

#include <cstddef>
#include <string>

namespace landline::relay {

/// A file that holds disk space for when there is none: given back, the space lets mailboxes be emptied, which needs a
/// little before it frees much.
class Reserve {
public:
    /// Of no bytes it is never there, and always taken.
    Reserve(std::string path, std::size_t bytes) : m_path(std::move(path)), m_bytes(bytes) {}

    /// True if the space is held now.
    [[nodiscard]] bool take();
    void give();

private:
    std::string m_path;
    std::size_t m_bytes;
};

}  // namespace landline::relay
