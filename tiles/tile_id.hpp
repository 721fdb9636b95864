#pragma once

#include <cstdint>
#include <optional>

namespace diaban::tiles {

/// A tile of the Web Mercator pyramid (EPSG:3857), XYZ numbering: row 0 is north.
/// A TileId that exists lies inside the pyramid; nothing downstream checks again.
class TileId {
public:
    static constexpr std::uint32_t max_zoom =
        19; // there a tile unit is the grid step of the mirror

    static constexpr std::optional<TileId> make(std::uint32_t zoom, std::uint32_t x,
                                                std::uint32_t y) noexcept {
        if (zoom > max_zoom || (x >> zoom) != 0 || (y >> zoom) != 0) return std::nullopt;
        return TileId{zoom, x, y};
    }

    [[nodiscard]] constexpr std::uint32_t zoom() const noexcept { return m_zoom; }
    [[nodiscard]] constexpr std::uint32_t x() const noexcept { return m_x; }
    [[nodiscard]] constexpr std::uint32_t y() const noexcept { return m_y; }

    friend constexpr auto operator<=>(TileId const&, TileId const&) = default;

private:
    constexpr TileId(std::uint32_t zoom, std::uint32_t x, std::uint32_t y) noexcept
        : m_zoom{zoom}, m_x{x}, m_y{y} {}

    std::uint32_t m_zoom;
    std::uint32_t m_x;
    std::uint32_t m_y;
};

static_assert(!TileId::make(2, 4, 0) && TileId::make(2, 3, 3));

} // namespace diaban::tiles
