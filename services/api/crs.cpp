#include "services/api/crs.hpp"

#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "services/api/parameters.hpp"
#include "services/http/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace diaban::services::api {

namespace {

constexpr std::int32_t wgs84 = 4326;
constexpr std::int32_t web_mercator = 3857;

/// What follows `prefix`, letters compared without case.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
    if (text.size() < prefix.size() ||
        !http::equal_without_case(text.substr(0, prefix.size()), prefix))
        return std::nullopt;
    return text.substr(prefix.size());
}

/// The code in the name of an EPSG system.
std::optional<std::string_view> epsg_code(std::string_view name) {
    for (std::string_view const prefix :
         {"http://www.opengis.net/def/crs/EPSG/0/", "https://www.opengis.net/def/crs/EPSG/0/",
          "urn:ogc:def:crs:EPSG::", "EPSG:"})
        if (auto const code = after(name, prefix)) return code;
    return std::nullopt;
}

bool names_crs84(std::string_view name) {
    for (std::string_view const prefix :
         {"http://www.opengis.net/def/crs/OGC/1.3/", "https://www.opengis.net/def/crs/OGC/1.3/",
          "http://www.opengis.net/def/crs/OGC/0/", "urn:ogc:def:crs:OGC:1.3:", "OGC:"})
        if (auto const rest = after(name, prefix))
            return http::equal_without_case(*rest, "CRS84") ||
                   http::equal_without_case(*rest, "CRS84h");
    return false;
}

[[noreturn]] void refuse_area(NamedCrs const& crs) {
    throw geo::Error{geo::Code::bad_input, "crs-area", {{"crs", crs.uri()}}};
}

void change(int from, int to, std::span<geo::Position> positions, NamedCrs const& named) {
    try {
        geo::Transform::between(from, to).apply(positions);
    } catch (geo::Error const& error) {
        if (error.type() != "outside-crs") throw;
        refuse_area(named);
    }
}

/// Adds the side from `from` to `to` (in `crs`), without its end, as it lies in EPSG:4326.
void add_side(geo::Geometry& ring, geo::Position from, geo::Position to, NamedCrs const& crs) {
    // Halved until the middle of each piece lies within a millimetre of where it should: a piece
    // that is halved strays a quarter as far.
    constexpr double millimetre = 1e-8; // degrees
    constexpr std::size_t most_pieces = 1024;
    std::vector<geo::Position> points;
    for (std::size_t pieces = 2;; pieces *= 2) {
        points.resize(pieces + 1);
        for (std::size_t i = 0; i <= pieces; ++i) {
            double const t = static_cast<double>(i) / static_cast<double>(pieces);
            points[i] = {from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t};
        }
        change(crs.srid, wgs84, points, crs);
        double stray = 0;
        for (std::size_t i = 1; i < pieces; i += 2)
            stray =
                std::max({stray, std::abs(points[i].x - (points[i - 1].x + points[i + 1].x) / 2),
                          std::abs(points[i].y - (points[i - 1].y + points[i + 1].y) / 2)});
        if (stray < 4 * millimetre || pieces >= most_pieces) break;
    }
    ring.positions.insert(ring.positions.end(), points.begin(), points.end() - 1);
}

geo::Geometry outline(geo::Box const& box, NamedCrs const& crs) {
    geo::Geometry shape;
    shape.kind = geo::GeometryKind::polygon;
    shape.srid = wgs84;
    std::array<geo::Position, 5> const corners{{{box.min_x, box.min_y},
                                                {box.max_x, box.min_y},
                                                {box.max_x, box.max_y},
                                                {box.min_x, box.max_y},
                                                {box.min_x, box.min_y}}};
    for (std::size_t i = 0; i < 4; ++i) add_side(shape, corners[i], corners[i + 1], crs);
    shape.positions.push_back(geo::Position{shape.positions.front()});
    shape.path_ends = {static_cast<std::uint32_t>(shape.positions.size())};
    shape.part_ends = {1};
    return shape;
}

} // namespace

std::string NamedCrs::uri() const {
    if (is_crs84()) return std::string{crs84};
    return fmt::format("http://www.opengis.net/def/crs/EPSG/0/{}", srid);
}

bool NamedCrs::planar() const {
    return !geo::is_geographic(srid);
}

geo::codec::CoordinateForm NamedCrs::form() const {
    constexpr int of_metres = 4;
    constexpr int of_degrees = 9;
    if (srid == wgs84) return {y_first, -1};
    return {y_first, planar() ? of_metres : of_degrees};
}

void NamedCrs::project(geo::Geometry& geometry) const {
    if (srid == wgs84 || geometry.empty()) return;
    change(wgs84, srid, geometry.positions, *this);
    geometry.srid = srid;
}

void NamedCrs::read(std::span<geo::Position> positions) const {
    if (y_first)
        for (auto& p : positions) std::swap(p.x, p.y);
    if (srid != wgs84) change(srid, wgs84, positions, *this);
}

std::optional<NamedCrs> crs_named(std::string_view name) {
    if (name.size() > 2 && name.front() == '[' && name.back() == ']')
        name = name.substr(1, name.size() - 2);
    if (names_crs84(name)) return NamedCrs{};
    auto const code = epsg_code(name);
    if (!code) return std::nullopt;
    int srid = 0;
    auto const [end, fault] = std::from_chars(code->data(), code->data() + code->size(), srid);
    if (fault != std::errc{} || end != code->data() + code->size()) return std::nullopt;
    if (!std::ranges::binary_search(geo::pinned_srids(), srid)) return std::nullopt;
    return NamedCrs{srid, geo::is_geographic(srid)};
}

std::vector<std::string> const& served_crs() {
    static std::vector<std::string> const all = [] {
        std::vector<std::string> uris{std::string{crs84}};
        uris.push_back(NamedCrs{wgs84, true}.uri());
        for (int const srid : geo::pinned_srids())
            if (srid != wgs84) uris.push_back(NamedCrs{srid, false}.uri());
        return uris;
    }();
    return all;
}

NamedCrs read_crs(http::Query const& query, std::string_view name) {
    auto const text = query.find(name);
    if (!text) return {};
    if (auto const crs = crs_named(*text)) return *crs;
    std::string accepted{"OGC:CRS84"};
    for (int const srid : geo::pinned_srids()) accepted += fmt::format(", EPSG:{}", srid);
    refuse_parameter(name, *text, std::move(accepted));
}

AskedWindow read_window(http::Query const& query) {
    auto const crs = read_crs(query, "bbox-crs");
    if (crs.is_crs84()) return {read_bbox(query), {}};
    auto box = read_plane_bbox(query, crs.y_first);
    if (!box) return {};
    if (crs.srid == wgs84) return {boxes_of_world(query, *box), {}};
    if (crs.srid != web_mercator) {
        auto shape = outline(*box, crs);
        auto const around = shape.box();
        return {{around}, std::move(shape)};
    }
    // Its parallels and meridians are straight.
    std::array<geo::Position, 2> corners{{{box->min_x, box->min_y}, {box->max_x, box->max_y}}};
    change(web_mercator, wgs84, corners, crs);
    return {boxes_of_world(query, {corners[0].x, corners[0].y, corners[1].x, corners[1].y}), {}};
}

} // namespace diaban::services::api
