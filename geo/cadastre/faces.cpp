#include "geo/cadastre/faces.hpp"

#include "geo/ops/overlay.hpp"
#include "geo/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <utility>

namespace diaban::geo::cadastre {

namespace {

Box box_of(LooseEdge const& edge) noexcept {
    Box box;
    box.extend(edge.from);
    box.extend(edge.to);
    return box;
}

Box grown(Box box, double by) noexcept {
    return {box.min_x - by, box.min_y - by, box.max_x + by, box.max_y + by};
}

bool within(Box const& inner, Box const& outer) noexcept {
    return outer.min_x <= inner.min_x && inner.max_x <= outer.max_x && outer.min_y <= inner.min_y &&
           inner.max_y <= outer.max_y;
}

/// Edges whose boxes hang together: what lies apart bounds different faces.
std::vector<std::vector<std::uint32_t>> clusters(std::span<LooseEdge const> edges,
                                                 BoxIndex const& index) {
    std::vector<std::uint32_t> root(edges.size());
    std::iota(root.begin(), root.end(), 0U);
    auto const find = [&](std::uint32_t i) {
        while (root[i] != i) i = root[i] = root[root[i]];
        return i;
    };
    constexpr double touching = 1e-6; // m, above the grain of doubles in metres
    for (std::uint32_t i = 0; i < edges.size(); ++i)
        index.search(grown(box_of(edges[i]), touching),
                     [&](std::uint32_t j) { root[find(i)] = find(j); });
    std::map<std::uint32_t, std::vector<std::uint32_t>> members;
    for (std::uint32_t i = 0; i < edges.size(); ++i) members[find(i)].push_back(i);
    std::vector<std::vector<std::uint32_t>> result;
    for (auto& [_, some] : members) result.push_back(std::move(some));
    return result;
}

Geometry lines_of(std::span<LooseEdge const> edges, std::span<std::uint32_t const> chosen) {
    Geometry lines;
    lines.kind = GeometryKind::line;
    lines.multi = true;
    for (auto const i : chosen) {
        lines.positions.push_back(edges[i].from);
        lines.positions.push_back(edges[i].to);
        lines.path_ends.push_back(static_cast<std::uint32_t>(lines.positions.size()));
    }
    return lines;
}

/// A position inside the face: GEOS's, or where other edges lie in it one just beside its border.
std::optional<Position> inside(Geometry const& face, bool others_within) {
    if (!others_within) return ops::point_inside(face);
    auto const ring = face.path(0);
    std::size_t longest = 1;
    auto const length = [&](std::size_t i) {
        return std::hypot(ring[i].x - ring[i - 1].x, ring[i].y - ring[i - 1].y);
    };
    for (std::size_t i = 2; i < ring.size(); ++i)
        if (length(i) > length(longest)) longest = i;
    ParcelSet alone;
    alone.add(face, 0, 0);
    auto const a = ring[longest - 1];
    auto const b = ring[longest];
    for (double off = 1e-3; off > 1e-7; off /= 4) {
        double const x = -(b.y - a.y) / length(longest) * off;
        double const y = (b.x - a.x) / length(longest) * off;
        for (double const side : {1.0, -1.0}) {
            Position const p{(a.x + b.x) / 2 + side * x, (a.y + b.y) / 2 + side * y};
            if (alone.holds(0, p)) return p;
        }
    }
    return std::nullopt;
}

/// Looks at the faces of one cluster.
class Cluster {
public:
    Cluster(ParcelSet const& parcels, ParcelIndex const& index, std::span<LooseEdge const> edges,
            BoxIndex const& edge_index, TopologyOptions const& options)
        : m_parcels{parcels}, m_index{index}, m_edges{edges},
          m_edge_index{edge_index}, m_options{options} {}

    std::vector<TopologyFinding> look(std::vector<std::uint32_t> const& chosen) {
        m_chosen = chosen;
        for (auto const& face : ops::faces(lines_of(m_edges, chosen))) look_at(face);
        return std::move(m_found);
    }

private:
    void look_at(Geometry const& face) {
        double const area = ops::planar_area(face);
        if (area < m_options.tolerance.least_area) return;
        auto const box = face.box();
        if (m_options.window && !box.intersects(*m_options.window)) return;
        auto const at = inside(face, others_within(box));
        if (!at) return;
        auto const covering = m_index.holding(*at);
        if (covering.empty()) add_gap(face, box);
        if (covering.size() > 1) add_overlaps(face, box);
    }

    /// Whether edges of other clusters lie in the box.
    bool others_within(Box const& box) const {
        bool others = false;
        m_edge_index.search(box, [&](std::uint32_t i) {
            others = others || !std::ranges::binary_search(m_chosen, i);
        });
        return others;
    }

    void add_overlaps(Geometry const& face, Box const& box) {
        std::vector<std::uint32_t> involved;
        Geometry shape;
        for (auto const parcel : m_index.meeting(box)) {
            m_parcels.geometry(parcel, shape);
            if (ops::planar_area(ops::intersection(shape, face)) >= m_options.tolerance.least_area)
                involved.push_back(parcel);
        }
        for (std::size_t i = 0; i < involved.size(); ++i)
            for (std::size_t j = i + 1; j < involved.size(); ++j)
                add_overlap(involved[i], involved[j]);
    }

    void add_overlap(std::uint32_t a, std::uint32_t b) {
        if (!m_pairs.emplace(a, b).second) return;
        Geometry first;
        Geometry second;
        m_parcels.geometry(a, first);
        m_parcels.geometry(b, second);
        auto common = ops::intersection(first, second);
        double const area = ops::planar_area(common);
        if (area < m_options.tolerance.least_area) return;
        add(TopologyFault::overlap, area, {a, b}, std::move(common));
    }

    void add_gap(Geometry const& face, Box const& box) {
        if (m_options.window && !within(box, *m_options.window)) return;
        auto const place = others_within(box) ? without_islands(face, box) : face;
        double const area = ops::planar_area(place);
        bool const thin = 2 * area < m_options.tolerance.sliver_width * ops::planar_perimeter(face);
        if (area > m_options.tolerance.largest_gap && !thin) return;
        std::set<std::pair<double, double>> corners;
        for (auto const& p : face.positions) corners.emplace(p.x, p.y);
        std::set<std::uint32_t> around;
        for (auto const i : m_chosen) {
            auto const& edge = m_edges[i];
            if (corners.contains({edge.from.x, edge.from.y}) &&
                corners.contains({edge.to.x, edge.to.y}))
                around.insert(edge.parcel);
        }
        add(TopologyFault::gap, area, {around.begin(), around.end()}, place);
    }

    Geometry without_islands(Geometry const& face, Box const& box) const {
        Geometry rest = face;
        Geometry shape;
        for (auto const parcel : m_index.meeting(box)) {
            if (!within(m_parcels.box(parcel), box)) continue;
            m_parcels.geometry(parcel, shape);
            rest = ops::difference(rest, shape);
        }
        return rest;
    }

    void add(TopologyFault fault, double area, std::vector<std::uint32_t> parcels, Geometry place) {
        bool const thin =
            2 * area < m_options.tolerance.sliver_width * ops::planar_perimeter(place);
        std::set<std::uint32_t> sheets;
        for (auto const parcel : parcels) sheets.insert(m_parcels.sheet[parcel]);
        if (thin) fault = sheets.size() > 1 ? TopologyFault::edge_mismatch : TopologyFault::sliver;
        auto const sheet = parcels.empty() ? 0 : m_parcels.sheet[parcels.front()];
        m_found.push_back({fault, area, sheet, std::move(parcels), std::move(place)});
    }

    ParcelSet const& m_parcels;
    ParcelIndex const& m_index;
    std::span<LooseEdge const> m_edges;
    BoxIndex const& m_edge_index;
    TopologyOptions const& m_options;
    std::vector<std::uint32_t> m_chosen;
    std::set<std::pair<std::uint32_t, std::uint32_t>> m_pairs;
    std::vector<TopologyFinding> m_found;
};

double distance_to(Position p, LooseEdge const& edge) noexcept {
    double const dx = edge.to.x - edge.from.x;
    double const dy = edge.to.y - edge.from.y;
    double const along =
        ((p.x - edge.from.x) * dx + (p.y - edge.from.y) * dy) / (dx * dx + dy * dy);
    double const t = std::clamp(along, 0.0, 1.0);
    return std::hypot(p.x - edge.from.x - t * dx, p.y - edge.from.y - t * dy);
}

std::vector<Box> boxes_of(std::span<LooseEdge const> edges) {
    std::vector<Box> boxes;
    for (auto const& edge : edges) boxes.push_back(box_of(edge));
    return boxes;
}

} // namespace

std::vector<TopologyFinding> area_faults(ParcelSet const& parcels, ParcelIndex const& index,
                                         std::span<LooseEdge const> edges,
                                         TopologyOptions const& options) {
    BoxIndex const edge_index{boxes_of(edges)};
    auto const groups = clusters(edges, edge_index);
    std::vector<TopologyFinding> all;
    std::mutex mutex;
    in_parallel(groups.size(), options.threads, [&](std::size_t g) {
        auto found = Cluster{parcels, index, edges, edge_index, options}.look(groups[g]);
        if (found.empty()) return;
        std::scoped_lock const lock{mutex};
        std::ranges::move(found, std::back_inserter(all));
    });
    return all;
}

std::vector<TopologyFinding> unmatched_corners(ParcelSet const& parcels,
                                               std::span<LooseEdge const> edges) {
    constexpr double on_edge = 1e-3; // m
    BoxIndex const index{boxes_of(edges)};
    std::map<std::pair<double, double>, TopologyFinding> found;
    for (auto const& edge : edges)
        for (auto const p : {edge.from, edge.to})
            index.search(grown({p.x, p.y, p.x, p.y}, on_edge), [&](std::uint32_t i) {
                auto const& other = edges[i];
                if (parcels.sheet[other.parcel] == parcels.sheet[edge.parcel] || other.from == p ||
                    other.to == p)
                    return;
                double const off = distance_to(p, other);
                if (off > on_edge) return;
                auto place = point_geometry(p);
                std::vector<std::uint32_t> both{edge.parcel, other.parcel};
                std::ranges::sort(both);
                found.try_emplace({p.x, p.y},
                                  TopologyFinding{TopologyFault::edge_mismatch, off,
                                                  parcels.sheet[edge.parcel], both, place});
            });
    std::vector<TopologyFinding> result;
    for (auto& [_, finding] : found) result.push_back(std::move(finding));
    return result;
}

} // namespace diaban::geo::cadastre
