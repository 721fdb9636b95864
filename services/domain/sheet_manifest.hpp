#pragma once

#include "data/model/cadastre.hpp"
#include "geo/cadastre/crs_gate.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Where a sheet's file says what. For tables the names of its fields; for drawings (DXF, DGN) the
/// layers or levels on which the texts stand, and `boundary` that of the parcels' lines.
struct SheetColumns {
    std::string number;
    std::string land_use;
    std::string legal_area;
    std::string holder;
    std::string certificate;
    std::string address;
    std::string boundary;
};

/// One sheet of a manifest: what the file itself cannot say for sure.
struct SheetEntry {
    data::model::Sheet sheet;
    std::filesystem::path file;
    std::string layer;
    geo::cadastre::SheetReading reading;
    std::optional<std::string> encoding; ///< absent: to be recognised
    SheetColumns columns;
    std::optional<data::model::Correction> replaces; ///< the sheet's earlier delivery
};

/// A manifest of sheets (TOML):
///
///     [[sheet]]
///     file = "to-12.dxf"
///     commune = "18739"       # code of the commune as of the sheet's date
///     number = 12
///     crs = "EPSG:9209"
///     axes = "en"             # en: easting first; ne: northing first, as local papers write
///     datum = "as-defined"    # or unshifted, flipped-rotation
///     scale = 1000
///     date = 2019-05-01
///     encoding = "tcvn3"      # left out: recognised by evidence
///     replaces = { document = "BB 12", issued_on = 2026-03-01 } # a corrected sheet, not a new one
///     columns = { number = "SOTHUA", land_use = "LOAIDAT", boundary = "RANHTHUA" }
///
/// Throws   Error{bad_input, "bad-plan"} with the line and what is accepted.
std::vector<SheetEntry> read_manifest(std::filesystem::path const& file);

} // namespace diaban::services::domain
