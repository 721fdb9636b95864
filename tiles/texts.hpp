#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace diaban::tiles {

/// Texts behind one another, borrowed: text i is the bytes [ends[i-1], ends[i]).
class Texts {
public:
    Texts() = default;
    Texts(std::span<std::uint32_t const> ends, std::span<char const> bytes) noexcept
        : m_ends{ends}, m_bytes{bytes} {}

    [[nodiscard]] std::size_t size() const noexcept { return m_ends.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        std::size_t const begin = i == 0 ? 0 : m_ends[i - 1];
        return {m_bytes.data() + begin, m_ends[i] - begin};
    }
    [[nodiscard]] std::span<std::uint32_t const> ends() const noexcept { return m_ends; }
    [[nodiscard]] std::span<char const> bytes() const noexcept { return m_bytes; }

private:
    std::span<std::uint32_t const> m_ends;
    std::span<char const> m_bytes;
};

} // namespace diaban::tiles
