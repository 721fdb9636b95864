#include "services/archive/seed_tiles.hpp"

#include "geo/error.hpp"
#include "services/domain/drawn_tile.hpp"
#include "tiles/archive/directory.hpp"
#include "tiles/grid.hpp"
#include "tiles/tile_id.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

namespace diaban::services::archive {

namespace {

using tiles::GridBox;
using tiles::TileId;

/// A row that may be drawn.
struct Row {
    GridBox box;
    std::uint8_t first = 0;  ///< lowest zoom that has tiles of its collection
    std::uint8_t native = 0; ///< below it blocks are drawn
};

using Rows = std::vector<Row>;
using Chosen = std::vector<std::uint32_t>; // places in Rows

Rows rows_of(SeedGround const& ground) {
    Rows rows;
    for (auto const& view : ground.picture.views) {
        auto const& policy = domain::read_policy(ground.rights, view->id());
        auto const first = static_cast<std::uint8_t>(view->min_zoom());
        auto const native = static_cast<std::uint8_t>(view->layer->min_zoom());
        for (auto const& live : view->layer->runs())
            for (std::size_t i = 0; i < live.run->located(); ++i) {
                auto const& about = live.run->class_table[live.run->classes[i]];
                if (live.is_alive(i) && policy.sees(about.scope, about.sensitivity))
                    rows.push_back({live.run->boxes[i], first, native});
            }
    }
    return rows;
}

class Descent {
public:
    Descent(SeedGround const& ground, Zooms zooms, geo::Box const& within, std::uint32_t buffer,
            std::size_t most)
        : m_rows{rows_of(ground)}, m_zooms{zooms}, m_buffer{buffer}, m_most{most},
          m_numbers(zooms.most + 1) {
        if (within.empty()) return;
        m_within = GridBox{};
        m_within->extend(tiles::to_grid({within.min_x, within.min_y}));
        m_within->extend(tiles::to_grid({within.max_x, within.max_y}));
    }

    std::vector<std::uint64_t> numbers() {
        Chosen all(m_rows.size());
        for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
        descend(0, all);
        std::vector<std::uint64_t> joined;
        for (auto const& one : m_numbers) joined.insert(joined.end(), one.begin(), one.end());
        return joined;
    }

private:
    /// The tile of a number and those below it: the four children follow one another along the
    /// curve, so that each zoom's numbers come in order.
    void descend(std::uint64_t number, Chosen const& above) {
        auto const tile = *tiles::archive::tile_of(number);
        tiles::TileFrame const frame{tile};
        if (m_within && !frame.box(0).intersects(*m_within)) return;
        auto const near = frame.box(std::int32_t(m_buffer));
        auto const far = frame.box(std::max(std::int32_t(m_buffer), std::int32_t(side)));
        bool drawn = false;
        Chosen here;
        for (auto const i : above) {
            auto const& row = m_rows[i];
            if (!row.box.intersects(tile.zoom() < row.native ? far : near)) continue;
            drawn = drawn || tile.zoom() >= row.first;
            here.push_back(i);
        }
        if (here.empty()) return;
        if (drawn && tile.zoom() >= m_zooms.least) add(tile.zoom(), number);
        if (tile.zoom() == m_zooms.most) return;
        auto const first = tiles::archive::first_child(number);
        for (std::uint64_t child = 0; child < 4; ++child) descend(first + child, here);
    }

    void add(std::uint32_t zoom, std::uint64_t number) {
        if (m_count++ == m_most)
            throw geo::Error{
                geo::Code::too_large, "too-many-tiles", {{"accepted", std::to_string(m_most)}}};
        m_numbers[zoom].push_back(number);
    }

    static constexpr std::uint32_t side = 4096;

    Rows m_rows;
    Zooms m_zooms;
    std::optional<GridBox> m_within;
    std::uint32_t m_buffer;
    std::size_t m_most;
    std::size_t m_count = 0;
    std::vector<std::vector<std::uint64_t>> m_numbers; // by zoom
};

} // namespace

std::vector<std::uint64_t> tiles_of(SeedGround const& ground, Zooms zooms, geo::Box const& within,
                                    std::uint32_t buffer, std::size_t most) {
    return Descent{ground, zooms, within, buffer, most}.numbers();
}

} // namespace diaban::services::archive
