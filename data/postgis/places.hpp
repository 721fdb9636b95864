#pragma once

#include "data/model/place.hpp"
#include "data/postgis/pool.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

struct PlaceQuery {
    std::string text;            ///< as typed: with or without diacritics, any case
    std::string level;           ///< province, district, commune; empty: any
    std::optional<geo::Date> on; ///< only units that existed that day
    std::uint32_t limit = 10;
};

/// Administrative units, old and new side by side.
class Places {
public:
    explicit Places(Pool& pool) : m_pool{pool} {}

    /// Units whose name, full name or code matches, best first; of equal matches those that exist
    /// come before former ones, larger before smaller. A blank text finds nothing.
    [[nodiscard]] std::vector<model::Place> search(PlaceQuery const& query,
                                                   geo::Policy const& policy) const;

    /// Units that hold the point (EPSG:4326), their border included, province first; those that
    /// exist on `on`, or now.
    [[nodiscard]] std::vector<model::Place> at(geo::Position point, std::optional<geo::Date> on,
                                               geo::Policy const& policy) const;

    /// What became of the unit of `code` that ended on `effective`.
    [[nodiscard]] std::vector<model::Succession> became(std::string_view code,
                                                        geo::Date effective) const;
    /// All of the latest conversion table; empty if there is none.
    [[nodiscard]] std::vector<model::Succession> latest_crosswalk() const;
    /// What the unit of `code` that began on `effective` was made of.
    [[nodiscard]] std::vector<model::Succession> made_of(std::string_view code,
                                                         geo::Date effective) const;

private:
    Pool& m_pool;
};

/// An official list of units (CSV with one heading row, UTF-8). Two forms are known by their
/// heading: `code,full_name,full_name_en,name,…,province_code,province_name,area_km2,…` (two
/// levels) and `ward_code,ward,district_code,district,province_code,province` (three levels).
struct UnitList {
    std::filesystem::path file;
    geo::Date valid_from; ///< the day the list came into force, or is known to have been
    std::optional<geo::Date> valid_to; ///< the last day it was
};

struct UnitCounts {
    std::uint64_t provinces = 0;
    std::uint64_t districts = 0;
    std::uint64_t communes = 0;
    std::uint64_t inserted = 0; ///< of all these
    std::uint64_t updated = 0;
};

/// Puts every unit of the list into `places`: one that is there with the same (code, valid_from)
/// keeps its geometry and takes the list's names; others are new, without geometry. One
/// transaction, one row of the feed. Role owner.
/// Throws Error{bad_input, "bad-unit-list"} with the line that cannot be read.
UnitCounts load_units(std::string const& uri, UnitList const& list);

struct CrosswalkCounts {
    std::uint64_t pairs = 0;
    std::uint64_t whole = 0;
    std::uint64_t same = 0;
    std::uint64_t part = 0;
    std::uint64_t unknown = 0;
    std::uint64_t old_units = 0;
    std::uint64_t new_units = 0;
    std::uint64_t split = 0;    ///< old units that went into more than one new unit
    std::uint64_t unplaced = 0; ///< pairs of which a unit is not among `places`
};

/// Replaces the crosswalk of the day `effective` by the official table (CSV: two heading rows,
/// province heading rows; new unit, code, old unit, code, note). Role owner.
/// Throws Error{bad_input, "bad-crosswalk"} with the line that cannot be read.
CrosswalkCounts load_crosswalk(std::string const& uri, std::filesystem::path const& file,
                               geo::Date effective);

} // namespace diaban::data::postgis
