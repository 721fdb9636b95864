#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// What parcels are sought by; all that is given must hold.
struct ParcelQuery {
    std::optional<std::int64_t> fid;
    std::optional<std::string> identifier; ///< geohash of 12 characters
    std::optional<std::int64_t> sheet;     ///< its own number, or one it has since a merger
    std::optional<std::int64_t> number;
    std::vector<std::string> communes;      ///< codes, old and new alike; empty: any
    std::optional<std::string> certificate; ///< serial
    std::optional<std::string> holder;      ///< name or reference: about a person
    std::optional<std::string> address;     ///< words of it, in any order
    std::optional<std::string> land_use;
    std::optional<double> area_from, area_to; ///< legal area, m²
    std::optional<geo::Position> at;          ///< EPSG:4326
    std::optional<geo::Instant> at_time;      ///< in force then; absent: now, or at `recorded`
    std::optional<geo::Instant> recorded;     ///< as it was known then; absent: now
    std::uint32_t limit = 20;
};

/// A parcel of the register. Its three areas are named apart.
struct Parcel {
    std::int64_t fid = 0;
    std::int64_t version = 0;
    std::string identifier;
    std::string commune_code; ///< as of its sheet
    std::int64_t sheet = 0;
    std::int64_t number = 0;
    std::string land_use;
    std::optional<double> legal_area_m2;
    std::optional<double> projected_area_m2;
    std::optional<double> ellipsoidal_area_m2;
    std::optional<geo::Instant> valid_from, valid_to;
    std::string address;
    geo::Geometry place; ///< EPSG:4326
};

/// One step of a parcel's past or future.
struct LineageStep {
    std::int64_t change = 0;
    std::string kind; ///< code of the list land_change
    geo::Instant at;
    std::string document;
    geo::Date issued_on{};
    std::optional<std::int64_t> undone_by;
    std::int64_t fid = 0; ///< of the other parcel
    std::string identifier;
    std::int64_t sheet = 0;
    std::int64_t number = 0;
};

/// All that is known of a parcel, persons apart.
struct ParcelFile {
    Parcel parcel;
    std::int32_t srid = 0;  ///< of `source`; 0: it came by no sheet
    std::int32_t scale = 0; ///< of its sheet
    geo::Date drawn_on{};
    geo::Geometry source;                  ///< in the sheet's CRS, double for double
    std::vector<std::string> restrictions; ///< in force: mortgage, seizure, dispute, recovery
    std::vector<LineageStep> parents, children;
    bool correction_case = false;
};

/// What somebody wants to become of parcels.
struct DossierDraft {
    std::string kind; ///< split, merge, undo
    std::vector<std::int64_t> parcels;
    std::vector<geo::Position> cut;    ///< of a split: a line in the sheet's CRS, or
    std::optional<double> area_m2;     ///< how much is cut off,
    double azimuth = 0;                ///< left of a line in that direction
    std::vector<double> legal_areas;   ///< of the children, largest first; may be left out
    std::vector<std::int64_t> numbers; ///< likewise: the next free ones
    std::optional<std::int64_t> undoes;
    std::string document;
    geo::Date issued_on{};
};

/// A change on its way.
struct Dossier {
    std::int64_t id = 0;
    std::string kind;
    std::string state; ///< drafted, checked, approved, returned
    std::vector<std::int64_t> parents;
    std::string proposal; ///< JSON: children with number, areas and outline
    std::string document;
    geo::Date issued_on{};
    std::optional<std::int64_t> change; ///< once approved
    std::string drafted_by, checked_by, approved_by, reason;
};

} // namespace diaban::data::model
