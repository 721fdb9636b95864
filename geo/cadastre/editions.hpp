#pragma once

#include "geo/geometry.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::cadastre {

/// A lot as one edition of a register draws it. `shape` in one planar CRS of both editions, metres.
struct Lot {
    Geometry shape;
    std::string id;  ///< what the register calls it; empty: it has no name
    std::string use; ///< code of its purpose; empty: not said
};

/// What became of the ground of lots between two editions.
enum class LotChange : std::uint8_t {
    same_ground, ///< drawn anew, within what digitising moves
    renumbered,  ///< the same ground under another id
    boundary,    ///< one lot still, its border beyond what digitising moves
    split,       ///< one lot became several
    merge,       ///< several became one
    rearranged,  ///< several became several
    appeared,    ///< most of its ground belonged to no lot that ended
    ended,       ///< most of its ground went to no lot that came
};

[[nodiscard]] std::string_view name_of(LotChange change) noexcept;

/// Ground that a lot of the earlier edition shares with one of the later: the evidence.
struct LotLink {
    std::uint32_t before = 0;
    std::uint32_t after = 0;
    double of_before = 0; ///< share of the earlier lot's area
    double of_after = 0;  ///< share of the later one's
    /// m, the farthest corner of either from the other's border; only told where the ground is the
    /// same or one lot followed one.
    std::optional<double> moved;
    bool same_id = false;
};

/// One change, with all lots that it touches. `links` are those between them; what overlaps lots
/// that are not part of it is told too.
struct LotEvent {
    LotChange kind = LotChange::same_ground;
    std::vector<std::uint32_t> before, after; ///< ascending
    std::vector<LotLink> links;
    double covered_before = 0; ///< least share of an earlier lot that the later ones cover
    double covered_after = 0;  ///< least share of a later lot that the earlier ones cover
};

/// A lot whose purpose is another one now: known by its id, which only one lot has in each edition.
struct PurposeChange {
    std::uint32_t before = 0;
    std::uint32_t after = 0;
};

struct EditionComparison {
    std::vector<LotEvent> events; ///< every lot of both editions is in exactly one
    std::vector<PurposeChange> purposes;
    double farthest_same = 0;             ///< m, of all lots on the same ground
    std::optional<double> nearest_change; ///< m, of lots that one lot followed with another border
};

/// Tells changes of lots from the noise of drawing them anew.
///
/// `noise`   m: how far a corner may move by being digitised twice. Of two drawings on grids that
/// is
///           half the diagonal of both steps together; else the tolerance between vertices.
/// Same      a lot is on the same ground if no corner of either drawing lies farther than `noise`
///           from the other's border. Same ids go first, then the nearest.
/// Overlap   common ground counts as such where it is wider than `noise` (twice the area by the
///           perimeter), or half of either lot: what is narrower is one border drawn twice.
/// Groups    lots whose ground less than half is accounted for appeared or ended. The others group
///           by links that hold half of either, and by each lot's largest link; how many a group
///           has on each side says what happened.
/// Cost      grows with the lots that meet, and with the corners of what changed.
[[nodiscard]] EditionComparison compare_editions(std::span<Lot const> before,
                                                 std::span<Lot const> after, double noise,
                                                 unsigned threads);

/// The step of the grid that numbers were rounded to; nothing where they lie on none: fewer than
/// 1,000 different ones, or more than a twentieth of them off the grid.
///
/// Method    the median distance of neighbours, held against all of them: so it needs data dense
///           enough that most steps of the grid are taken.
[[nodiscard]] std::optional<double> grid_step(std::vector<double> numbers);

} // namespace diaban::geo::cadastre
