#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace diaban::data::blob {

/// The SHA-256 of some bytes (FIPS 180-4).
using Digest = std::array<std::byte, 32>;

[[nodiscard]] Digest sha256(std::span<std::byte const> bytes);

/// 64 digits, lower case.
[[nodiscard]] std::string hex(Digest const& digest);

/// A SHA-256 of bytes that come in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256 const&) = delete;
    Sha256& operator=(Sha256 const&) = delete;

    void add(std::span<std::byte const> bytes);
    /// Of all that was added; nothing may be added afterwards.
    [[nodiscard]] Digest finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::blob
