#include "services/domain/geographic_tile.hpp"

#include "data/model/collection.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "services/domain/chosen.hpp"
#include "services/domain/filtered.hpp"
#include "services/http/content_coding.hpp"
#include "services/http/representation.hpp"
#include "tiles/grid.hpp"
#include "tiles/mirror/run_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace diaban::services::domain {

namespace {

constexpr double tile_units = 4096;

/// The position that the mirror's own way to its grid brings to where this one lies on the grid of
/// degrees: x is the same on both.
geo::Position on_square(geo::Position p) noexcept {
    double const steps = (90 - p.y) * (tiles::grid_side / 360);
    return {p.x, tiles::from_grid({0, steps}).y};
}

/// The small mirror of a tile, made of rows that lie in it.
class Square {
public:
    Square(View const& view, geo::Policy const& policy)
        : m_schema{data::model::visible(view.layer->schema(), policy)}, m_rows{m_schema},
          m_native_zoom{view.layer->native_zoom()} {}

    void add(tiles::mirror::LiveRun const& live, std::vector<std::uint32_t> const& rows) {
        tiles::mirror::RunColumns const columns{live.run};
        std::vector<geo::filter::Column> fields;
        for (auto const& field : m_schema.fields)
            if (field.in_tiles()) fields.push_back(columns.column(field.name));
        for (auto const row : rows) {
            columns.geometry(row, m_shape);
            for (auto& position : m_shape.positions) position = on_square(position);
            m_wkb.clear();
            geo::codec::append_ewkb(m_wkb, m_shape);
            m_values.clear();
            for (auto const& field : fields) {
                auto const code = field.codes[row];
                m_values.push_back(code == 0 ? geo::ValueView{} : field.dictionary->value(code));
            }
            geo::RowView moved;
            moved.fid = columns.fid(row);
            moved.wkb = m_wkb;
            moved.values = m_values;
            m_rows.append(moved);
        }
    }

    [[nodiscard]] std::shared_ptr<tiles::mirror::Layer const> layer() && {
        std::vector<tiles::mirror::LayerBuilder> parts;
        parts.push_back(std::move(m_rows));
        return tiles::mirror::Layer::build(std::move(parts), 1, m_native_zoom);
    }

private:
    geo::Schema m_schema;
    tiles::mirror::LayerBuilder m_rows;
    std::uint32_t m_native_zoom;
    geo::Geometry m_shape;
    std::vector<std::byte> m_wkb;
    std::vector<geo::ValueView> m_values;
};

void check_level(View const& view, GeographicTileId tile) {
    if (!view.has_geometry())
        throw geo::Error{geo::Code::not_found, "no-tiles", {{"collection", view.id()}}};
    auto const least = least_geographic_level(view);
    if (tile.level() < least)
        throw geo::Error{geo::Code::not_found,
                         "tile-below-zoom",
                         {{"collection", view.id()},
                          {"value", std::to_string(tile.level())},
                          {"accepted", fmt::format("{}..{}", least, GeographicTileId::max_level)}}};
}

} // namespace

geo::Box GeographicTileId::box(double units) const noexcept {
    double const side = 180.0 / double(std::uint64_t{1} << level());
    double const beyond = side * units / tile_units;
    double const west = -180 + m_square.x() * side;
    double const north = 90 - m_square.y() * side;
    return {std::max(-180.0, west - beyond), std::max(-90.0, north - side - beyond),
            std::min(180.0, west + side + beyond), std::min(90.0, north + beyond)};
}

std::uint32_t least_geographic_level(View const& view) noexcept {
    auto const native = view.layer->native_zoom();
    return native == 0 ? 0 : native - 1;
}

tiles::Tile geographic_tile(View const& view, GeographicTileId tile,
                            tiles::CutOptions const& options, geo::Policy const& policy,
                            http::Encoding encoding,
                            std::optional<geo::filter::Filter> const& filter) {
    check_level(view, tile);
    auto const window = tile.box(options.buffer + 1.0);
    auto const choice = filter ? choice_of(*filter) : tiles::RowChoice{};
    Square square{view, policy};
    for (auto const& live : view.layer->runs()) {
        auto rows = seen_rows(live, window, policy);
        if (choice && !rows.empty()) choice(live, rows);
        square.add(live, rows);
    }
    std::string body;
    auto const layer = std::move(square).layer();
    auto const summary =
        tiles::cut(*layer, tile.square(), options, geo::Policy::everything(), body);
    tiles::Tile made;
    made.shown = summary.shown;
    made.total = summary.total;
    if (body.empty()) return made;
    made.body = http::encode(body, encoding);
    made.etag = http::etag_of(made.body);
    return made;
}

} // namespace diaban::services::domain
