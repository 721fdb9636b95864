#pragma once

#include "data/postgis/sheet_revision.hpp"
#include "data/postgis/sheet_store.hpp"
#include "geo/cadastre/crs_gate.hpp"
#include "geo/cadastre/old_text.hpp"
#include "services/domain/sheet_manifest.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace diaban::services::domain {

/// What became of one sheet of a manifest. It is stored only if the gate accepted it.
struct SheetReport {
    data::model::Sheet sheet;
    geo::cadastre::GateVerdict gate;
    geo::cadastre::EncodingEvidence encoding;
    data::postgis::SheetStore::Stored stored;
    std::optional<data::postgis::SheetRevisions::Revised> revised; ///< of a corrected sheet
    bool boundary_of_successors = false;
};

/// Reads a sheet, judges it, and stores it if it stands where it must.
///
/// A corrected sheet replaces its earlier delivery: parcels are found again by their ground and
/// number, corners may move by the dated tolerance between vertices.
///
/// Pool     of Role::owner. `keep` false: judge only.
/// Throws   what read_sheet, SheetStore and SheetRevisions throw.
SheetReport take_sheet(data::postgis::Pool& pool, SheetEntry const& entry, std::string const& who,
                       bool keep);

/// Writes a sheet as it stands today to a GeoPackage or FlatGeobuf, in its own CRS and order of
/// axes: coordinates are those of the record, double for double. How many parcels.
std::size_t write_sheet(data::postgis::SheetStore const& store, std::string const& commune,
                        std::int64_t number, std::filesystem::path const& file);

} // namespace diaban::services::domain
