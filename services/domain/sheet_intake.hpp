#pragma once

#include "data/postgis/sheet_store.hpp"
#include "geo/cadastre/crs_gate.hpp"
#include "geo/cadastre/old_text.hpp"
#include "services/domain/sheet_manifest.hpp"

#include <filesystem>
#include <string>

namespace diaban::services::domain {

/// What became of one sheet of a manifest. It is stored only if the gate accepted it.
struct SheetReport {
    data::model::Sheet sheet;
    geo::cadastre::GateVerdict gate;
    geo::cadastre::EncodingEvidence encoding;
    data::postgis::SheetStore::Stored stored;
    bool boundary_of_successors = false;
};

/// Reads a sheet, judges it, and stores it if it stands where it must.
///
/// Store    of a pool of Role::owner. `keep` false: judge only.
/// Throws   what read_sheet and SheetStore throw.
SheetReport take_sheet(data::postgis::SheetStore const& store, SheetEntry const& entry,
                       std::string const& who, bool keep);

/// Writes a sheet as it stands today to a GeoPackage or FlatGeobuf, in its own CRS and order of
/// axes: coordinates are those of the record, double for double. How many parcels.
std::size_t write_sheet(data::postgis::SheetStore const& store, std::string const& commune,
                        std::int64_t number, std::filesystem::path const& file);

} // namespace diaban::services::domain
