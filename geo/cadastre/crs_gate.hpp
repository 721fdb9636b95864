#pragma once

#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::geo::cadastre {

/// How coordinates of a sheet came to be on the datum they claim.
enum class DatumStep : std::uint8_t {
    as_defined, ///< by EPSG:6960
    none,       ///< WGS 84 coordinates never shifted to VN-2000: 223 to 225 m off
    flipped,    ///< by EPSG:6960 with its rotations' signs turned: 0.70 to 0.79 m off
};

/// One way to read the numbers of a sheet.
struct SheetReading {
    int srid = 0;         ///< a projected system of VN-2000
    bool swapped = false; ///< first northing, then easting, as local papers write them
    DatumStep datum = DatumStep::as_defined;

    friend bool operator==(SheetReading const&, SheetReading const&) = default;
};

/// `positions` of a sheet, read so, in EPSG:4326.
/// Throws   Error{bad_input, "outside-crs"} where they make no sense so.
[[nodiscard]] std::vector<Position> positions_read(std::span<Position const> positions,
                                                   SheetReading const& reading);

/// What is known of where a sheet must lie; EPSG:4326. Either may be empty.
struct SheetSurroundings {
    Geometry boundary{};      ///< of its commune, as of the sheet's date
    double boundary_off = 30; ///< m, how far that may be off
    std::vector<Position>
        neighbours{}; ///< corners of parcels of adjoining sheets, already accepted
};

/// What the gate says of a sheet.
struct GateVerdict {
    bool accepted = false;
    /// Empty if accepted; else wrong-zone, swapped-axes, unshifted-datum, flipped-rotation,
    /// no-reading-fits, or no-evidence.
    std::string fault;
    std::optional<SheetReading> proposed; ///< what fits instead
    std::size_t others_fit = 0;  ///< readings that the evidence cannot tell from the proposed one
    double moved = 0;            ///< m, from what was declared to what is proposed
    double outside = 0;          ///< m, how far the declared reading reaches beyond the boundary
    std::size_t corners_met = 0; ///< neighbours' corners that the declared reading meets
    std::size_t corners_met_proposed = 0;
    /// Whether the evidence would have shown a datum that is off: neighbours' corners are met, or
    /// the sheet fills its commune so far that 220 m more would stick out.
    bool datum_proved = false;
};

/// Judges whether the sheet lies where it must if its numbers are read as `declared`, and finds the
/// reading that fits if not. Nothing is changed: what to do is for a person to say.
///
/// Method   corners of adjoining sheets decide first: the right reading meets them within 5 cm,
///          and more than twice as many as any other. Else the commune's boundary does: all
///          corners within it or `boundary_off` of it. Tried are all zones of VN-2000, both orders
///          of axes, and the three datum steps.
[[nodiscard]] GateVerdict judge_sheet(std::span<Position const> corners,
                                      SheetReading const& declared,
                                      SheetSurroundings const& surroundings);

[[nodiscard]] std::string_view name_of(DatumStep step) noexcept;

} // namespace diaban::geo::cadastre
