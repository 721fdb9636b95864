#include "geo/ops/validate.hpp"

#include "geo/ops/geos.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/orientation.hpp"
#include "geo/ops/overlay.hpp"

#include <geos_c.h>

#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace diaban::geo::ops {

namespace {

/// Up to here testing all pairs of edges beats building a graph.
constexpr std::size_t small_ring = 64;

bool finite(Position p) noexcept {
    return std::isfinite(p.x) && std::isfinite(p.y);
}

Verdict fault(std::string_view reason, Position where) {
    return {false, std::string{reason}, where};
}

/// Whether edge a→b is followed by b→c without repeating a point and without doubling back.
bool goes_on(Position a, Position b, Position c) noexcept {
    if (b == c) return false;
    if (orientation(a, b, c) != 0) return true;
    // On one line: forward if c lies beyond b as seen from a. Comparisons are exact, products not.
    bool const along_x = a.x != b.x;
    double const from = along_x ? a.x : a.y;
    double const at = along_x ? b.x : b.y;
    double const to = along_x ? c.x : c.y;
    return (at > from) == (to > at);
}

/// Whether a closed ring of up to `small_ring` finite positions is plainly simple: no point twice,
/// no touch, no spike. False means "not plainly", not "invalid".
bool plainly_simple(std::span<Position const> ring) noexcept {
    std::size_t const edges = ring.size() - 1;
    for (std::size_t i = 0; i < edges; ++i)
        if (!goes_on(ring[i], ring[i + 1], ring[i + 2 > edges ? 1 : i + 2])) return false;

    std::array<double, small_ring> min_x;
    std::array<double, small_ring> max_x;
    std::array<double, small_ring> min_y;
    std::array<double, small_ring> max_y;
    for (std::size_t i = 0; i < edges; ++i) {
        min_x[i] = std::min(ring[i].x, ring[i + 1].x);
        max_x[i] = std::max(ring[i].x, ring[i + 1].x);
        min_y[i] = std::min(ring[i].y, ring[i + 1].y);
        max_y[i] = std::max(ring[i].y, ring[i + 1].y);
    }
    auto const boxes_meet = [&](std::size_t i, std::size_t k) {
        return (min_x[k] <= max_x[i]) & (min_x[i] <= max_x[k]) & (min_y[k] <= max_y[i]) &
               (min_y[i] <= max_y[k]);
    };
    for (std::size_t i = 0; i + 2 < edges; ++i) {
        std::size_t const last =
            i == 0 ? edges - 1 : edges; // the last edge ends where edge 0 starts
        int meeting = 0;                // counted without a branch: most edges meet no box at all
        for (std::size_t k = i + 2; k < last; ++k) meeting += boxes_meet(i, k);
        for (std::size_t k = i + 2; meeting > 0 && k < last; ++k) {
            if (!boxes_meet(i, k)) continue;
            --meeting;
            if (segments_meet(ring[i], ring[i + 1], ring[k], ring[k + 1])) return false;
        }
    }
    return true;
}

/// What GEOS would refuse to build, so that it has a reason of ours.
std::optional<Verdict> unbuildable(Geometry const& g) {
    for (auto const& p : g.positions)
        if (!finite(p)) return fault("non-finite-coordinate", p);
    for (std::size_t i = 0; i < g.path_ends.size(); ++i) {
        auto const path = g.path(i);
        std::size_t const least = g.kind == GeometryKind::line ? 2 : 4;
        if (g.kind == GeometryKind::polygon && !path.empty() && path.front() != path.back())
            return fault("ring-not-closed", path.back());
        if (path.size() < least)
            return fault("too-few-points", path.empty() ? Position{} : path.front());
    }
    return std::nullopt;
}

std::optional<Verdict> line_fault(Geometry const& g) {
    for (std::size_t i = 0; i < g.path_ends.size(); ++i) {
        auto const path = g.path(i);
        bool const one_point =
            std::all_of(path.begin(), path.end(), [&](Position p) { return p == path.front(); });
        if (one_point) return fault("too-few-points", path.front());
    }
    return std::nullopt;
}

/// GEOS's words for a fault (geos/operation/valid/TopologyValidationError.cpp) and ours.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> reasons{{
    {"Invalid Coordinate", "non-finite-coordinate"},
    {"Too few points in geometry component", "too-few-points"},
    {"Ring is not closed", "ring-not-closed"},
    {"Self-intersection", "self-intersection"},
    {"Ring Self-intersection", "ring-self-intersection"},
    {"Hole lies outside shell", "hole-outside-shell"},
    {"Holes are nested", "nested-holes"},
    {"Interior is disconnected", "disconnected-interior"},
    {"Nested shells", "nested-shells"},
    {"Duplicate Rings", "duplicate-rings"},
    {"Hole outside shell", "hole-outside-shell"},
}};

std::string_view our_reason(std::string_view theirs) noexcept {
    for (auto const& [words, reason] : reasons)
        if (theirs.starts_with(words)) return reason;
    return "invalid";
}

Verdict ask_geos(Geometry const& geometry) {
    GEOSContextHandle_t const context = geos_context();
    GeosGeometry const subject = to_geos(geometry);
    if (!subject) return fault("invalid", geometry.positions.front());
    if (GEOSisValid_r(context, subject.get()) == 1) return {};

    char* words = nullptr;
    GEOSGeometry* at = nullptr;
    GEOSisValidDetail_r(context, subject.get(), 0, &words, &at);
    GeosGeometry const where{at};
    Verdict verdict = fault(words != nullptr ? our_reason(words) : "invalid", {});
    if (words != nullptr) GEOSFree_r(context, words);
    if (where) {
        GEOSGeomGetX_r(context, where.get(), &verdict.where.x);
        GEOSGeomGetY_r(context, where.get(), &verdict.where.y);
    }
    return verdict;
}

bool small_single_ring(Geometry const& g) noexcept {
    return g.path_ends.size() == 1 && g.positions.size() <= small_ring;
}

/// `g` with its open rings closed and without rings that cannot enclose anything.
Geometry closed(Geometry const& g) {
    Geometry result;
    result.kind = g.kind;
    result.multi = g.multi;
    result.srid = g.srid;
    std::size_t ring = 0;
    for (std::size_t const end : g.part_ends) {
        std::size_t const rings_before = result.path_ends.size();
        for (std::size_t const exterior = ring; ring < end; ++ring) {
            auto const path = g.path(ring);
            bool const open = !path.empty() && path.front() != path.back();
            if (path.size() + (open ? 1 : 0) < 4) {
                if (ring != exterior) continue;
                ring = end;
                break;
            }
            result.positions.insert(result.positions.end(), path.begin(), path.end());
            if (open) result.positions.push_back(path.front());
            result.path_ends.push_back(static_cast<std::uint32_t>(result.positions.size()));
        }
        if (result.path_ends.size() > rings_before)
            result.part_ends.push_back(static_cast<std::uint32_t>(result.path_ends.size()));
    }
    return result;
}

std::optional<Geometry> made_valid(Geometry const& g) {
    GeosGeometry const subject = to_geos(g);
    if (!subject) return std::nullopt;
    GeosGeometry const made = made_valid_by_structure(subject);
    if (!made) return std::nullopt;
    Geometry result = from_geos(made.get(), g.kind, g.srid);
    result.multi |= g.multi;
    return result;
}

} // namespace

Verdict validate(Geometry const& geometry) {
    if (geometry.empty()) return {};
    if (auto verdict = unbuildable(geometry)) return *std::move(verdict);
    switch (geometry.kind) {
    case GeometryKind::none:
    case GeometryKind::point: return {};
    case GeometryKind::line: return line_fault(geometry).value_or(Verdict{});
    case GeometryKind::polygon: break;
    }
    if (small_single_ring(geometry) && plainly_simple(geometry.path(0))) return {};
    return ask_geos(geometry);
}

std::optional<Geometry> repair(Geometry const& geometry, double max_relative_area_change) {
    if (validate(geometry).valid) return geometry;
    if (geometry.kind != GeometryKind::polygon) return std::nullopt;
    for (auto const& p : geometry.positions)
        if (!finite(p)) return std::nullopt;

    auto result = made_valid(closed(geometry));
    if (!result || result->empty() || !validate(*result).valid) return std::nullopt;
    double const before = planar_area(geometry);
    double const change = std::abs(planar_area(*result) - before);
    if (!(change <= max_relative_area_change * std::abs(before))) return std::nullopt;
    return result;
}

} // namespace diaban::geo::ops
