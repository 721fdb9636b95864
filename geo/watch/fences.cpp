#include "geo/watch/fences.hpp"

#include "geo/index/hilbert.hpp"
#include "geo/ops/orientation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace diaban::geo::watch {

namespace {

constexpr double metres_a_degree = 6'371'008.8 * std::numbers::pi / 180; // mean radius, IUGG

/// Degrees to metres: one scale an axis, so what is straight stays straight and what is inside
/// inside.
struct Plane {
    double x_scale = metres_a_degree;

    explicit Plane(Box const& box) {
        if (!box.empty()) x_scale *= std::cos((box.min_y + box.max_y) / 2 * std::numbers::pi / 180);
    }
    [[nodiscard]] Position of(Position p) const noexcept {
        return {p.x * x_scale, p.y * metres_a_degree};
    }
};

Box grown(Box box, double by) noexcept {
    return {box.min_x - by, box.min_y - by, box.max_x + by, box.max_y + by};
}

bool meets_border(Geometry const& shape, Position a, Position b, Box const& way) noexcept {
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        auto const ring = shape.path(i);
        for (std::size_t k = 1; k < ring.size(); ++k) {
            Box edge;
            edge.extend(ring[k - 1]);
            edge.extend(ring[k]);
            if (edge.intersects(way) && ops::segments_meet(a, b, ring[k - 1], ring[k])) return true;
        }
    }
    return false;
}

/// In the order of a Hilbert curve over the box of all.
void sort_zones(std::vector<Zone>& zones, Box const& all) {
    constexpr double cells = 65535;
    auto const scale = [&](double value, double low, double high) {
        return std::uint32_t(high > low ? (value - low) / (high - low) * cells : 0);
    };
    std::vector<std::pair<std::uint32_t, std::size_t>> order;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        auto const box = zones[i].shape.box();
        order.emplace_back(index::hilbert(scale((box.min_x + box.max_x) / 2, all.min_x, all.max_x),
                                          scale((box.min_y + box.max_y) / 2, all.min_y, all.max_y)),
                           i);
    }
    std::ranges::sort(order);
    std::vector<Zone> sorted;
    sorted.reserve(zones.size());
    for (auto const& [place, i] : order) sorted.push_back(std::move(zones[i]));
    zones = std::move(sorted);
}

} // namespace

/// The zones as they lie in the plane, with what finds them.
struct Fences::Ground {
    explicit Ground(std::vector<Zone> given) : plane{box_of(given)}, zones{std::move(given)} {
        std::erase_if(zones, [](Zone const& zone) {
            return zone.shape.kind != GeometryKind::polygon || zone.shape.empty();
        });
        sort_zones(zones, box_of(zones));
        boxes.reserve(zones.size());
        edges.reserve(zones.size());
        for (std::uint32_t i = 0; i < zones.size(); ++i) {
            auto& shape = zones[i].shape;
            for (auto& p : shape.positions) p = plane.of(p);
            boxes.push_back(shape.box());
            edges.emplace_back(shape);
            by_id.emplace(zones[i].id, i);
        }
        tree = index::PackedRtree<Box>{boxes};
    }

    static Box box_of(std::vector<Zone> const& zones) {
        Box box;
        for (auto const& zone : zones)
            if (zone.shape.kind == GeometryKind::polygon) box.extend(zone.shape.box());
        return box;
    }

    /// Metres to its border, positive inside.
    [[nodiscard]] double depth(std::uint32_t zone, Position p) const noexcept {
        return edges[zone].signed_distance(p);
    }

    Plane plane;
    std::vector<Zone> zones;
    std::vector<Box> boxes;
    std::vector<ops::EdgeBoxes> edges;
    std::unordered_map<std::int64_t, std::uint32_t> by_id;
    index::PackedRtree<Box> tree;
};

Fences::Fences(std::vector<Zone> zones, FenceRule rule)
    : m_rule{rule}, m_ground{std::make_unique<Ground const>(std::move(zones))} {}

Fences::~Fences() = default;
Fences::Fences(Fences&&) noexcept = default;
Fences& Fences::operator=(Fences&&) noexcept = default;

void Fences::move(std::int64_t vehicle, Position position, Instant at,
                  std::vector<Movement>& done) {
    auto const p = m_ground->plane.of(position);
    if (!std::isfinite(p.x) || !std::isfinite(p.y)) return;
    auto const [found, is_new] = m_vehicles.try_emplace(vehicle, Vehicle{p, at, {}});
    auto& known = found->second;
    if (!is_new && at <= known.at) return;
    bool const has_way = m_rule.crossings && !is_new &&
                         at.microseconds - known.at.microseconds <= m_rule.longest_gap;
    auto const first = done.size();
    leave(vehicle, known, p, at, done);
    arrive(vehicle, known, has_way, p, at, first, done);
    std::sort(done.begin() + std::ptrdiff_t(first), done.end(),
              [](Movement const& a, Movement const& b) { return a.zone < b.zone; });
    known.last = p;
    known.at = at;
}

void Fences::leave(std::int64_t vehicle, Vehicle& known, Position p, Instant at,
                   std::vector<Movement>& done) const {
    std::erase_if(known.stays, [&](Stay& stay) {
        auto const zone = m_ground->by_id.at(stay.zone);
        Box here;
        here.extend(p);
        bool const near = grown(m_ground->boxes[zone], m_rule.margin).intersects(here);
        if (!near || m_ground->depth(zone, p) < -m_rule.margin) {
            done.push_back({vehicle, stay.zone, Passage::exit, at});
            return true;
        }
        if (m_rule.dwell > 0 && !stay.told &&
            at.microseconds - stay.since.microseconds >= m_rule.dwell) {
            stay.told = true;
            done.push_back({vehicle, stay.zone, Passage::dwell, at});
        }
        return false;
    });
}

void Fences::arrive(std::int64_t vehicle, Vehicle& known, bool has_way, Position p, Instant at,
                    std::size_t first, std::vector<Movement>& done) const {
    auto const left = done.size();
    Box way;
    way.extend(p);
    auto const here = way;
    if (has_way) way.extend(known.last);
    m_ground->tree.search(way, [&](std::size_t found) {
        auto const zone = std::uint32_t(found);
        auto const id = m_ground->zones[zone].id;
        auto const place = std::ranges::lower_bound(known.stays, id, {}, &Stay::zone);
        if (place != known.stays.end() && place->zone == id) return;
        if (m_ground->boxes[zone].intersects(here) && m_ground->depth(zone, p) >= 0) {
            known.stays.insert(place, {id, at, false});
            done.push_back({vehicle, id, Passage::enter, at});
            return;
        }
        if (!has_way) return;
        auto const just_left = std::span{done}.subspan(first, left - first);
        bool const was_in = std::ranges::find(just_left, id, &Movement::zone) != just_left.end();
        if (!was_in && meets_border(m_ground->zones[zone].shape, known.last, p, way))
            done.push_back({vehicle, id, Passage::cross, at});
    });
}

void Fences::replace(std::vector<Zone> zones, Instant at, std::vector<Movement>& done) {
    auto const before = std::move(m_ground);
    m_ground = std::make_unique<Ground const>(std::move(zones));
    for (auto& [vehicle, known] : m_vehicles) {
        std::erase_if(known.stays, [&](Stay const& stay) {
            if (m_ground->by_id.contains(stay.zone)) return false;
            done.push_back({vehicle, stay.zone, Passage::ended, at});
            return true;
        });
        known.last = {known.last.x / before->plane.x_scale * m_ground->plane.x_scale, known.last.y};
    }
}

void Fences::place(std::int64_t vehicle, Position position, Instant at) {
    auto const p = m_ground->plane.of(position);
    if (!std::isfinite(p.x) || !std::isfinite(p.y)) return;
    auto& known = m_vehicles[vehicle];
    known.last = p;
    known.at = at;
}

bool Fences::resume(std::int64_t vehicle, std::int64_t zone, Instant since, bool told) {
    auto const found = m_vehicles.find(vehicle);
    if (found == m_vehicles.end() || !m_ground->by_id.contains(zone)) return false;
    auto& stays = found->second.stays;
    auto const place = std::ranges::lower_bound(stays, zone, {}, &Stay::zone);
    if (place == stays.end() || place->zone != zone) stays.insert(place, {zone, since, told});
    return true;
}

void Fences::look(Instant at, std::vector<Movement>& done) {
    auto const first = done.size();
    for (auto& [vehicle, known] : m_vehicles) {
        auto const own = done.size();
        leave(vehicle, known, known.last, at, done);
        arrive(vehicle, known, false, known.last, at, own, done);
    }
    std::sort(done.begin() + std::ptrdiff_t(first), done.end(),
              [](Movement const& a, Movement const& b) {
                  return std::pair{a.vehicle, a.zone} < std::pair{b.vehicle, b.zone};
              });
}

void Fences::wait(Instant now, std::vector<Movement>& done) {
    if (m_rule.dwell <= 0) return;
    for (auto& [vehicle, known] : m_vehicles)
        for (auto& stay : known.stays) {
            if (stay.told || now.microseconds - stay.since.microseconds < m_rule.dwell) continue;
            stay.told = true;
            done.push_back({vehicle, stay.zone, Passage::dwell, now});
        }
}

void Fences::remove(std::int64_t vehicle, Instant at, std::vector<Movement>& done) {
    auto const found = m_vehicles.find(vehicle);
    if (found == m_vehicles.end()) return;
    for (auto const& stay : found->second.stays)
        done.push_back({vehicle, stay.zone, Passage::ended, at});
    m_vehicles.erase(found);
}

std::vector<std::int64_t> Fences::zones_of(std::int64_t vehicle) const {
    std::vector<std::int64_t> ids;
    if (auto const found = m_vehicles.find(vehicle); found != m_vehicles.end())
        for (auto const& stay : found->second.stays) ids.push_back(stay.zone);
    return ids;
}

std::size_t Fences::forget(Instant before) {
    return std::erase_if(m_vehicles, [&](auto const& one) { return one.second.at < before; });
}

} // namespace diaban::geo::watch
