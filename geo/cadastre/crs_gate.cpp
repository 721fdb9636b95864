#include "geo/cadastre/crs_gate.hpp"

#include "geo/cadastre/parcel_set.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/ops/label.hpp"
#include "geo/ops/measure.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

namespace diaban::geo::cadastre {

namespace {

constexpr int vn2000_degrees = 4756;
constexpr int world_degrees = 4326;
constexpr double metres_a_degree = 111'320; // of longitude at the equator: for distances of metres

bool is_projected_vn2000(int srid) noexcept {
    return srid == 3405 || srid == 3406 || (srid >= 5896 && srid <= 5899) ||
           (srid >= 9205 && srid <= 9218);
}

// WGS 84, which VN-2000 uses too.
constexpr double major_axis = 6378137;
constexpr double eccentricity2 = 0.00669437999014131699614; // squared, first

/// From VN-2000 to WGS 84 with the parameters of EPSG:6960, rotations in the other sense than it
/// defines. Heights are dropped, as the operation's own use in two dimensions does.
Position flipped_step(Position degrees) noexcept {
    constexpr double rad = std::numbers::pi / 180;
    constexpr double second = rad / 3600;
    constexpr double rx = -0.00928836 * second;
    constexpr double ry = 0.01975479 * second;
    constexpr double rz = -0.00427372 * second;
    constexpr double scale = 1 + 0.252906278e-6;
    double const sin_lat = std::sin(degrees.y * rad);
    double const cos_lat = std::cos(degrees.y * rad);
    double const n = major_axis / std::sqrt(1 - eccentricity2 * sin_lat * sin_lat);
    double const x = n * cos_lat * std::cos(degrees.x * rad);
    double const y = n * cos_lat * std::sin(degrees.x * rad);
    double const z = n * (1 - eccentricity2) * sin_lat;
    double const u = -191.90441429 + scale * (x - rz * y + ry * z);
    double const v = -39.30318279 + scale * (rz * x + y - rx * z);
    double const w = -111.45032835 + scale * (-ry * x + rx * y + z);
    double const p = std::hypot(u, v);
    double latitude = std::atan2(w, p * (1 - eccentricity2));
    for (int i = 0; i < 5; ++i) { // converges to 1e-12 in three at these heights
        double const s = std::sin(latitude);
        double const around = major_axis / std::sqrt(1 - eccentricity2 * s * s);
        latitude = std::atan2(w + eccentricity2 * around * s, p);
    }
    return {std::atan2(v, u) / rad, latitude / rad};
}

double metres_between(Position a, Position b) noexcept {
    double const east = std::cos(a.y * std::numbers::pi / 180);
    return std::hypot((a.x - b.x) * east, a.y - b.y) * metres_a_degree;
}

/// A sheet read in one way, beside what is known.
struct Fit {
    SheetReading reading;
    std::vector<Position> corners;
    double outside = 0; ///< m
    std::size_t met = 0;
};

/// How far the farthest corner lies outside the boundary.
double reach(std::span<Position const> corners, Geometry const& boundary) {
    ParcelSet unit;
    unit.add(boundary, 0, 0);
    auto const box = boundary.box();
    double farthest = 0;
    for (auto const& p : corners) {
        Position const near{std::clamp(p.x, box.min_x, box.max_x),
                            std::clamp(p.y, box.min_y, box.max_y)};
        double const to_box = metres_between(p, near);
        if (to_box > 1000)
            farthest = std::max(farthest, to_box);
        else if (!unit.holds(0, p))
            farthest =
                std::max(farthest, std::abs(ops::signed_distance(boundary, p)) * metres_a_degree);
    }
    return farthest;
}

/// Finds corners within 5 cm of others.
class CornerIndex {
public:
    explicit CornerIndex(std::span<Position const> corners) {
        for (auto const& p : corners) m_cells[cell(p)].push_back(p);
    }
    [[nodiscard]] bool meets(Position p) const {
        auto const [column, row] = cell(p);
        for (auto i = column - 1; i <= column + 1; ++i)
            for (auto j = row - 1; j <= row + 1; ++j)
                if (auto const found = m_cells.find({i, j}); found != m_cells.end())
                    for (auto const& other : found->second)
                        if (metres_between(p, other) <= met_within) return true;
        return false;
    }

private:
    static constexpr double met_within = 0.05; // m
    using Cell = std::pair<std::int64_t, std::int64_t>;
    static Cell cell(Position p) noexcept {
        constexpr double side = 2e-6; // degrees: wider than 5 cm up to 75°
        return {std::llround(p.x / side), std::llround(p.y / side)};
    }
    std::map<Cell, std::vector<Position>> m_cells;
};

/// Nothing where the numbers make no sense in that system.
std::optional<Fit> fit_of(std::span<Position const> corners, SheetReading const& reading,
                          SheetSurroundings const& surroundings) {
    Fit fit{reading, {}, 0, 0};
    try {
        if (!surroundings.boundary.empty()) { // another zone is tens of kilometres off
            auto first = positions_read(corners.first(1), reading);
            fit.outside = reach(first, surroundings.boundary);
            fit.corners = std::move(first);
            if (fit.outside > 10'000) return fit;
        }
        fit.corners = positions_read(corners, reading);
    } catch (Error const&) {
        return std::nullopt;
    }
    if (!surroundings.boundary.empty()) fit.outside = reach(fit.corners, surroundings.boundary);
    if (!surroundings.neighbours.empty() && fit.outside < 1000) {
        CornerIndex const index{fit.corners};
        fit.met = static_cast<std::size_t>(std::ranges::count_if(
            surroundings.neighbours, [&](Position p) { return index.meets(p); }));
    }
    return fit;
}

std::string fault_of(SheetReading const& declared, SheetReading const& right) {
    if (declared.swapped != right.swapped) return "swapped-axes";
    if (declared.srid != right.srid) return "wrong-zone";
    return right.datum == DatumStep::none ? "unshifted-datum" : "flipped-rotation";
}

std::vector<Fit> fits_of(std::span<Position const> corners, SheetSurroundings const& surroundings) {
    std::vector<Fit> fits;
    for (int const srid : pinned_srids())
        for (bool const swapped : {false, true})
            for (auto const step : {DatumStep::as_defined, DatumStep::none, DatumStep::flipped})
                if (is_projected_vn2000(srid))
                    if (auto fit = fit_of(corners, {srid, swapped, step}, surroundings))
                        fits.push_back(std::move(*fit));
    return fits;
}

/// The reading that the evidence speaks for, of those that are nothing but the declared one with
/// fewest things changed first.
Fit const* best_of(std::vector<Fit> const& fits, SheetReading const& declared,
                   SheetSurroundings const& surroundings) {
    constexpr std::size_t enough = 3; // corners: no accident
    auto const changes = [&](Fit const& fit) {
        bool const utm = fit.reading.srid < 5896; // maps of small scales: no cadastral sheet's zone
        return (utm && fit.reading.srid != declared.srid) + (fit.reading.srid != declared.srid) +
               (fit.reading.swapped != declared.swapped) + (fit.reading.datum != declared.datum);
    };
    Fit const* best = nullptr;
    for (auto const& fit : fits) {
        bool const stands = surroundings.boundary.empty()
                                ? fit.met >= enough
                                : fit.outside <= surroundings.boundary_off;
        if (!stands) continue;
        if (best == nullptr ||
            std::pair{fit.met, -changes(fit)} > std::pair{best->met, -changes(*best)})
            best = &fit;
    }
    return best;
}

/// Whether a shift of 220 m any way would have reached beyond the boundary.
bool fills(Fit const& fit, SheetSurroundings const& surroundings) {
    if (surroundings.boundary.empty()) return false;
    double nearest = INFINITY;
    for (auto const& p : fit.corners)
        nearest = std::min(nearest, std::abs(ops::signed_distance(surroundings.boundary, p)));
    return nearest * metres_a_degree < 150;
}

} // namespace

std::string_view name_of(DatumStep step) noexcept {
    switch (step) {
    case DatumStep::as_defined: return "as-defined";
    case DatumStep::none: return "unshifted";
    case DatumStep::flipped: return "flipped-rotation";
    }
    return "as-defined";
}

std::vector<Position> positions_read(std::span<Position const> positions,
                                     SheetReading const& reading) {
    std::vector<Position> result(positions.begin(), positions.end());
    if (reading.swapped)
        for (auto& p : result) std::swap(p.x, p.y);
    bool const defined = reading.datum == DatumStep::as_defined;
    Transform::between(reading.srid, defined ? world_degrees : vn2000_degrees).apply(result);
    if (reading.datum == DatumStep::flipped)
        for (auto& p : result) p = flipped_step(p);
    return result;
}

GateVerdict judge_sheet(std::span<Position const> corners, SheetReading const& declared,
                        SheetSurroundings const& surroundings) {
    GateVerdict verdict;
    if (corners.empty() || (surroundings.boundary.empty() && surroundings.neighbours.empty())) {
        verdict.fault = "no-evidence";
        return verdict;
    }
    auto const fits = fits_of(corners, surroundings);
    auto const* const best = best_of(fits, declared, surroundings);
    auto const said = std::ranges::find(fits, declared, &Fit::reading);
    if (said != fits.end()) {
        verdict.outside = said->outside;
        verdict.corners_met = said->met;
    }
    if (best == nullptr) {
        verdict.fault = "no-reading-fits";
        return verdict;
    }
    verdict.corners_met_proposed = best->met;
    bool const said_stands = said != fits.end() && (surroundings.boundary.empty() ||
                                                    said->outside <= surroundings.boundary_off);
    if (said_stands && (best->met < 3 || 2 * said->met > best->met)) {
        verdict.accepted = true;
        verdict.datum_proved = said->met >= 3 || fills(*said, surroundings);
        return verdict;
    }
    verdict.fault = fault_of(declared, best->reading);
    verdict.proposed = best->reading;
    verdict.others_fit = static_cast<std::size_t>(std::ranges::count_if(fits, [&](Fit const& fit) {
        return fit.met == best->met && fit.reading != best->reading &&
               (surroundings.boundary.empty() || fit.outside <= surroundings.boundary_off);
    }));
    if (said != fits.end()) verdict.moved = metres_between(said->corners[0], best->corners[0]);
    return verdict;
}

} // namespace diaban::geo::cadastre
