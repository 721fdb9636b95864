#include "geo/synthetic/territory.hpp"

#include "geo/error.hpp"
#include "geo/ops/orientation.hpp"
#include "geo/ops/validate.hpp"
#include "geo/synthetic/lines.hpp"
#include "geo/synthetic/noise.hpp"
#include "geo/synthetic/roads.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace diaban::geo::synthetic {

namespace {

// The lattice of the strip: u along the coast, v inland.
constexpr std::int32_t along_steps = 4096;
constexpr std::int32_t inland_steps = 2048;
constexpr std::int32_t bend_step = 64;

constexpr double depth = 55'000;         // metres inland
constexpr double window = 4'000;         // metres of coast looked at for its deepest bay
constexpr double bay_slope = 0.3;        // how borders lead around it
constexpr double clearance = 1'200;      // metres between that bay and the first invented border
constexpr double southern_margin = 0.09; // degrees: the strip leans south as it goes inland
constexpr double northern_margin = 0.04;
constexpr Position inland{-0.984, -0.178}; // unit vector: west, a little south

// Bends of the borders. Their slopes add up to 0.27, so the displacement changes distances by less
// than 0.54 of them: where the coast has no deep bays, the strip cannot fold. With them it is
// tried.
struct Octave {
    double length;
    double amplitude;
};
constexpr std::array<Octave, 2> octaves{{{6'000, 300}, {2'000, 80}}};

constexpr std::uint64_t bends = 800; // purposes of the hashed numbers
constexpr std::uint64_t districts = 810;
constexpr std::uint64_t communes = 811;

[[noreturn]] void bad_coast(char const* reason) {
    throw Error{Code::bad_input, "bad-coast", {{"reason", reason}}};
}

/// The strip of land between the coast and an invented inland border.
class Strip {
public:
    Strip(Geometry const& coast, Box const& box, std::uint64_t seed) : m_seed{seed}, m_plane{box} {
        for (auto const& p : coast.positions)
            if (p.y > box.min_y + southern_margin && p.y < box.max_y - northern_margin &&
                p.x > box.min_x && p.x < box.max_x)
                m_coast.push_back(p);
        if (m_coast.size() < 100) bad_coast("it hardly meets the box");
        if (m_coast.front().y > m_coast.back().y) std::reverse(m_coast.begin(), m_coast.end());
        m_origin = m_plane.metres(m_coast.front());
        Position const end = m_plane.metres(m_coast.back());
        m_length = distance(m_origin, end);
        m_along = {(end.x - m_origin.x) / m_length, (end.y - m_origin.y) / m_length};
        if (m_along.y < 0.5) bad_coast("it does not run from south to north");
        for (auto const& p : m_coast) m_where.push_back(in_strip(m_plane.metres(p)));
    }

    /// Finds a vertex of the coast for each border that reaches it.
    void moor(Mosaic const& mosaic, std::vector<std::int32_t> const& us) {
        std::size_t least = 0;
        for (std::int32_t const u : us) {
            std::vector<Node> nodes;
            mosaic.walk({u, 0}, {u, inland_steps}, nodes);
            auto const found = mooring(u, place(nodes[1]), least);
            if (!found) bad_coast("a border cannot reach it without crossing it");
            m_moorings[u] = *found;
            least = *found + 1;
        }
    }

    /// The outline of a rectangle, its coast in full where it has one.
    [[nodiscard]] Geometry outline(Mosaic const& mosaic, Rect const& rect) const {
        std::vector<Node> nodes;
        mosaic.ring(rect, nodes);
        Geometry result;
        result.kind = GeometryKind::polygon;
        result.srid = 4326;
        auto& ring = result.positions;
        if (rect.v0 == 0)
            ring.assign(m_coast.begin() + at(rect.u0), m_coast.begin() + at(rect.u1) + 1);
        for (Node const node : nodes)
            if (node.v > 0) ring.push_back(m_plane.degrees(place(node)));
        if (rect.v0 == 0) ring.push_back(Position{ring.front()});
        result.path_ends = {static_cast<std::uint32_t>(ring.size())};
        result.part_ends = {1};
        return result;
    }

    /// Where a node inland lies, in metres of the plane.
    [[nodiscard]] Position place(Node node) const {
        double const a = m_length * node.u / along_steps;
        double const t = static_cast<double>(node.v) / inland_steps;
        double const b = deepest_bay(a) * (1 - t) + depth * t;
        Position p{m_origin.x + a * m_along.x + b * inland.x,
                   m_origin.y + a * m_along.y + b * inland.y};
        std::uint64_t purpose = bends;
        Position const steady{a, depth * t};
        for (auto const& [length, amplitude] : octaves) {
            p.x += amplitude * noise(m_seed, purpose, steady.x / length, steady.y / length);
            p.y += amplitude * noise(m_seed, purpose + 1, steady.x / length, steady.y / length);
            purpose += 2;
        }
        return p;
    }

    [[nodiscard]] Plane const& plane() const noexcept { return m_plane; }

private:
    /// x: metres along, y: metres inland.
    [[nodiscard]] Position in_strip(Position metres) const noexcept {
        double const dx = metres.x - m_origin.x;
        double const dy = metres.y - m_origin.y;
        double const determinant = m_along.x * inland.y - m_along.y * inland.x;
        return {(dx * inland.y - dy * inland.x) / determinant,
                (m_along.x * dy - m_along.y * dx) / determinant};
    }

    /// How far inland the coast comes near `a`, smoothly, with the clearance.
    [[nodiscard]] double deepest_bay(double a) const {
        double deepest = 0;
        for (auto const& p : m_where) {
            double const beyond = std::max(0.0, std::abs(p.x - a) - window);
            deepest = std::max(deepest, p.y - beyond * bay_slope);
        }
        return deepest + clearance;
    }

    [[nodiscard]] std::optional<std::size_t> mooring(std::int32_t u, Position first,
                                                     std::size_t least) const {
        double const a = m_length * u / along_steps;
        std::vector<std::pair<double, std::size_t>> candidates;
        for (std::size_t i = least; i + 1 < m_where.size(); ++i)
            candidates.emplace_back(std::abs(m_where[i].x - a), i);
        std::sort(candidates.begin(), candidates.end());
        for (auto const& [away, i] : candidates) {
            if (away > window) break;
            if (free_way(m_plane.degrees(first), i)) return i;
        }
        return std::nullopt;
    }

    /// Whether a border from `from` to vertex `i` touches the coast there alone.
    [[nodiscard]] bool free_way(Position from, std::size_t i) const {
        for (std::size_t k = 0; k + 1 < m_coast.size(); ++k)
            if (k != i && k + 1 != i &&
                ops::segments_meet(from, m_coast[i], m_coast[k], m_coast[k + 1]))
                return false;
        return true;
    }

    [[nodiscard]] std::ptrdiff_t at(std::int32_t u) const {
        return static_cast<std::ptrdiff_t>(m_moorings.at(u));
    }

    std::uint64_t m_seed;
    Plane m_plane;
    std::vector<Position> m_coast; ///< EPSG:4326, from south to north
    std::vector<Position> m_where; ///< the same, along and inland
    Position m_origin;
    Position m_along;
    double m_length = 0;
    std::map<std::int32_t, std::size_t> m_moorings;
};

/// The rectangles of the province's units.
struct Layout {
    Rect province{0, 0, along_steps, inland_steps};
    std::vector<Rect> districts;
    std::vector<std::vector<Rect>> communes; ///< of each district
};

Layout lay_out(Unit const& province, std::uint64_t seed) {
    Layout layout;
    auto const count = static_cast<std::uint32_t>(province.parts.size());
    cut(layout.province, count, mix(seed, districts, 0), layout.districts);
    for (std::uint32_t i = 0; i < count; ++i) {
        auto const parts = static_cast<std::uint32_t>(province.parts[i].parts.size());
        cut(layout.districts[i], parts, mix(seed, communes, i), layout.communes.emplace_back());
    }
    return layout;
}

std::vector<std::int32_t> borders_at_the_coast(std::span<Rect const> rects) {
    std::vector<std::int32_t> us;
    for (auto const& rect : rects)
        if (rect.v0 == 0) us.insert(us.end(), {rect.u0, rect.u1});
    std::sort(us.begin(), us.end());
    us.erase(std::unique(us.begin(), us.end()), us.end());
    return us;
}

TerritoryUnit named(Unit const& unit, std::string_view level, Geometry outline) {
    auto const [kind, name] = parts_of_name(unit.full_name);
    return {unit.code, unit.full_name, std::string{name}, kind, level, {}, {}, std::move(outline)};
}

/// Units that have parts; of an official list some have none (island districts).
Unit with_parts_alone(Unit const& province) {
    Unit result{province.code, province.full_name, {}};
    for (auto const& district : province.parts)
        if (!district.parts.empty()) result.parts.push_back(district);
    if (result.parts.empty()) throw Error{Code::bad_input, "no-communes"};
    return result;
}

void check(TerritoryUnit const& unit) {
    if (!ops::validate(unit.outline).valid) bad_coast("it is too jagged for valid units");
}

} // namespace

Territory make_territory(Geometry const& coast, Box const& box, Unit const& province,
                         std::uint64_t seed) {
    Unit const whole = with_parts_alone(province);
    Layout const layout = lay_out(whole, seed);
    std::vector<Rect> rects;
    for (auto const& of_district : layout.communes)
        rects.insert(rects.end(), of_district.begin(), of_district.end());
    Mosaic const mosaic{rects, bend_step};
    Strip strip{longest_line(clip_lines(join_lines(coast), box)), box, seed};
    strip.moor(mosaic, borders_at_the_coast(rects));

    Territory territory;
    auto& units = territory.units;
    units.push_back(named(whole, "province", strip.outline(mosaic, layout.province)));
    units.back().province_code = whole.code;
    for (std::size_t i = 0; i < whole.parts.size(); ++i) {
        Unit const& district = whole.parts[i];
        units.push_back(named(district, "district", strip.outline(mosaic, layout.districts[i])));
        units.back().province_code = whole.code;
        for (std::size_t k = 0; k < district.parts.size(); ++k) {
            auto outline = strip.outline(mosaic, layout.communes[i][k]);
            units.push_back(named(district.parts[k], "commune", std::move(outline)));
            units.back().province_code = whole.code;
            units.back().district_code = district.code;
        }
    }
    for (auto const& unit : units) check(unit);

    std::vector<Position> towns;
    for (auto const& rect : rects) towns.push_back(strip.place(rect.middle()));
    auto const place = [&](double along, double inward) {
        return strip.place({static_cast<std::int32_t>(std::lround(along * along_steps)),
                            static_cast<std::int32_t>(std::lround(inward * inland_steps))});
    };
    territory.roads = make_roads(strip.plane(), towns, place, seed);
    return territory;
}

NameParts parts_of_name(std::string_view full_name) noexcept {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kinds{{
        {"Thành phố ", "thanh_pho"},
        {"Tỉnh ", "tinh"},
        {"Quận ", "quan"},
        {"Huyện ", "huyen"},
        {"Thị xã ", "thi_xa"},
        {"Xã ", "xa"},
        {"Phường ", "phuong"},
        {"Thị trấn ", "thi_tran"},
        {"Đặc khu ", "dac_khu"},
        {"Thủ đô ", "thanh_pho"},
    }};
    for (auto const& [words, kind] : kinds)
        if (full_name.starts_with(words)) return {kind, full_name.substr(words.size())};
    return {{}, full_name};
}

} // namespace diaban::geo::synthetic
