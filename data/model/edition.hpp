#pragma once

#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::data::model {

/// An edition of a register: all lots as they are from one day on.
struct Edition {
    std::int64_t id = 0;
    std::string collection;
    geo::Date since{};
    std::string file;                     ///< its name, never a path of the machine
    std::string use_field;                ///< whose change is one of purpose; empty: none
    std::int32_t srid = 0;                ///< the plane in which it is measured, metres
    std::optional<double> step_x, step_y; ///< m, of the grid its corners lie on
    std::optional<double> noise;          ///< m, between it and the one before
};

/// A lot in force, as the record has it.
struct StandingLot {
    std::int64_t fid = 0;
    std::string id;
    std::string use;
    geo::Geometry place; ///< EPSG:4326
};

/// A lot on its way into the record.
struct NewLot {
    std::vector<std::byte> ewkb; ///< EPSG:4326
    std::int32_t source_srid = 0;
    std::string scope;
    std::vector<geo::Value> values; ///< by the fields of the schema
};

/// One step of a lot's lineage between two editions, with its evidence.
struct EditionStep {
    std::string kind; ///< code of the list lot_change, or same_ground
    geo::Date since{};
    std::int64_t fid = 0; ///< of the other lot
    double of_parent = 0; ///< share of the area that both have in common
    double of_child = 0;
    std::optional<double> moved_m; ///< farthest corner of either from the other's border
    std::optional<double> noise_m; ///< what digitising twice may move
    bool same_id = false;
};

/// A purpose that a lot had and has.
struct PurposeStep {
    geo::Date since{};
    std::int64_t fid = 0; ///< of the other lot
    std::string before, after;
};

/// What is known of a lot's past and future.
struct EditionLineage {
    std::vector<EditionStep> parents, children;
    std::vector<PurposeStep> purposes; ///< since the edition before, and in the next one
};

} // namespace diaban::data::model
