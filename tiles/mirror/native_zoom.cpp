#include "tiles/mirror/native_zoom.hpp"

#include "tiles/cut.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace diaban::tiles::mirror {
namespace {

struct Load {
    std::size_t points = 0;
    std::size_t rows = 0;
};

/// Points and rows by tile of one zoom; key = x << 32 | y.
using Loads = std::unordered_map<std::uint64_t, Load>;

constexpr std::uint32_t shift_of(std::uint32_t zoom) noexcept {
    return 31 - zoom;
}

std::uint64_t key_of(GridPoint p, std::uint32_t zoom) noexcept {
    auto const x = std::uint64_t(std::uint32_t(p.x) >> shift_of(zoom));
    return x << 32U | std::uint32_t(p.y) >> shift_of(zoom);
}

void count(LiveRun const& live, std::uint32_t zoom, Loads& loads) {
    for (std::size_t row = 0; row < live.run->located(); ++row) {
        if (!live.is_alive(row)) continue;
        std::uint64_t previous = UINT64_MAX;
        Load* load = nullptr;
        for (auto const point : live.run->points_of(row)) {
            auto const key = key_of(point, zoom);
            if (key != previous) {
                load = &loads[key];
                ++load->rows;
                previous = key;
            }
            ++load->points;
        }
    }
}

Loads count(Layer const& layer, std::uint32_t zoom) {
    Loads loads;
    for (auto const& live : layer.runs()) count(live, zoom, loads);
    return loads;
}

Loads one_zoom_up(Loads const& loads) {
    Loads up;
    for (auto const& [key, load] : loads) {
        auto& sum = up[(key >> 33U) << 32U | (key & 0xFFFFFFFFU) >> 1U];
        sum.points += load.points;
        sum.rows += load.rows;
    }
    return up;
}

/// No point takes more than ten bytes, no row more than this beside its points and long texts.
constexpr std::size_t at_most(Load const& load, std::size_t row_bytes) noexcept {
    return load.points * 10 + load.rows * row_bytes;
}

bool any_too_large(Layer const& layer, Loads const& loads, std::uint32_t zoom) {
    std::size_t row_bytes = 40;
    for (auto const& column : layer.base().columns)
        row_bytes += column.field->type == geo::FieldType::text ? 40 : 16;
    std::vector<std::pair<std::size_t, std::uint64_t>> doubtful;
    for (auto const& [key, load] : loads)
        if (auto const most = at_most(load, row_bytes); most > native_tile_bytes)
            doubtful.emplace_back(most, key);
    std::sort(doubtful.rbegin(), doubtful.rend());
    auto const everything = geo::Policy::everything();
    std::string body;
    for (auto const& [most, key] : doubtful) {
        auto const tile =
            TileId::make(zoom, std::uint32_t(key >> 32U), std::uint32_t(key & 0xFFFFFFFFU));
        body.clear();
        cut(layer, *tile, {}, everything, body);
        if (body.size() > native_tile_bytes) return true;
    }
    return false;
}

} // namespace

std::uint32_t native_zoom(Layer const& layer) {
    // From the top down: a zoom that passes is followed by the one below, until one fails. The
    // first pass starts where tiles are a few hundred metres wide; denser layers start deeper.
    constexpr std::uint32_t usual = 16;
    std::uint32_t zoom = usual;
    Loads loads = count(layer, zoom);
    while (zoom < TileId::max_zoom && any_too_large(layer, loads, zoom))
        loads = count(layer, ++zoom);
    if (zoom > usual) return zoom;
    while (zoom > 0) {
        loads = one_zoom_up(loads);
        if (any_too_large(layer, loads, zoom - 1)) break;
        --zoom;
    }
    return zoom;
}

} // namespace diaban::tiles::mirror
