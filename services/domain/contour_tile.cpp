#include "services/domain/contour_tile.hpp"

#include "data/gdal/contours.hpp"
#include "tiles/clip.hpp"
#include "tiles/mvt.hpp"

#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

namespace {

/// Values of features, encoded, as a layer's writer takes them.
class Values {
public:
    std::uint32_t place(geo::ValueView const& value) {
        auto const text = tiles::mvt::encode_value(value);
        auto const [found, added] = m_places.emplace(text, std::uint32_t(m_ends.size()));
        if (added) {
            m_bytes.insert(m_bytes.end(), text.begin(), text.end());
            m_ends.push_back(std::uint32_t(m_bytes.size()));
        }
        return found->second;
    }
    [[nodiscard]] tiles::Texts texts() const noexcept { return {m_ends, m_bytes}; }

private:
    std::vector<char> m_bytes;
    std::vector<std::uint32_t> m_ends;
    std::map<std::string, std::uint32_t> m_places;
};

/// A line in tile units.
std::vector<tiles::GridPoint> in_units(data::gdal::ContourLine const& line, std::int32_t margin) {
    constexpr double units = 4096.0 / tiles::terrain_side;
    std::vector<tiles::GridPoint> points;
    for (auto const& p : line.points) {
        tiles::GridPoint const at{std::int32_t(std::lrint((p.x - margin) * units)),
                                  std::int32_t(std::lrint((p.y - margin) * units))};
        if (points.empty() || !(points.back() == at)) points.push_back(at);
    }
    return points;
}

} // namespace

double contour_interval(std::uint32_t zoom) noexcept {
    if (zoom <= 8) return 200;
    if (zoom <= 10) return 100;
    if (zoom == 11) return 50;
    if (zoom == 12) return 20;
    if (zoom == 13) return 10;
    return zoom == 14 ? 5 : 2;
}

std::string contour_tile(CoverageShelf const& shelf, CoverageLayer const& layer,
                         tiles::TileId tile) {
    constexpr std::int32_t margin = 4;  // pixels
    constexpr std::int32_t buffer = 32; // units
    constexpr auto side = tiles::terrain_side + 2 * margin;
    double const interval = contour_interval(tile.zoom());
    auto const lines =
        data::gdal::contour_lines(tile_cells(shelf, layer, tile, margin), {side, side}, interval);
    Values values;
    struct Tags {
        std::uint32_t level = 0;
        std::uint32_t index = 0;
    };
    std::vector<Tags> tags;
    for (auto const& line : lines) {
        auto const number = std::int64_t(std::llround(line.level / interval));
        tags.push_back({values.place(line.level), values.place(std::int64_t{number % 5 == 0})});
    }
    std::array<tiles::Texts, 1> const sources{values.texts()};
    tiles::mvt::LayerWriter writer;
    writer.begin("contours", sources);
    tiles::GridBox const window{-buffer, -buffer, 4096 + buffer, 4096 + buffer};
    tiles::Shape pieces;
    tiles::mvt::Geometry geometry;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        pieces.clear();
        tiles::clip_line(in_units(lines[i], margin), window, pieces);
        geometry.clear();
        for (std::size_t piece = 0; piece < pieces.path_ends.size(); ++piece)
            if (pieces.path(piece).size() >= 2) geometry.line(pieces.path(piece));
        if (geometry.empty()) continue;
        writer.begin_feature();
        writer.tag(0, "level_m", 0, tags[i].level);
        writer.tag(1, "index", 0, tags[i].index);
        writer.end_feature(0, tiles::mvt::GeomType::linestring, geometry);
    }
    std::string body;
    writer.finish(body);
    return body;
}

} // namespace diaban::services::domain
