#pragma once

#include "data/model/cadastre.hpp"
#include "geo/cadastre/old_text.hpp"
#include "services/domain/sheet_manifest.hpp"

#include <string>
#include <vector>

namespace diaban::services::domain {

/// A sheet's parcels as its file has them: every corner as delivered, texts brought to Unicode.
struct ReadSheet {
    std::vector<data::model::SheetParcel> parcels; ///< in the file's order; source geometry only
    geo::cadastre::EncodingEvidence encoding;
};

/// Reads a table (Shapefile, GeoPackage, …) or a drawing (DXF, DGN V7).
///
/// Drawings  closed lines of the layer `boundary` are parcels; one inside another is a hole in it.
/// A
///           text belongs to the least parcel around its place; texts on other layers are left.
/// Axes      swapped ones are put right, as numbers, nothing else.
/// Throws    what VectorSource throws; Error{bad_input, …}: "dgn-v8", "unknown-source-field" and
///           "layer-needed"; "sheet-encoding" where the texts' encoding is not sure and not given;
///           "sheet-parcel" naming a parcel without number, with a number twice, or no polygon.
ReadSheet read_sheet(SheetEntry const& entry);

} // namespace diaban::services::domain
