#pragma once

#include "data/model/edit.hpp"
#include "geo/feature.hpp"
#include "geo/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::model {

/// Most parcels, and most cases, of a pack: what a phone draws without waiting.
inline constexpr std::size_t most_pack_rows = 20'000;

/// What a pack is of: communes by their codes, or else a box (EPSG:4326).
struct PackArea {
    std::vector<std::string> communes;
    geo::Box box;
};

/// A row as a pack holds it.
struct PackRow {
    geo::Feature feature; ///< values follow the collection as its policy sees it
    Stamp stamp;
};

struct PackContent {
    std::vector<PackRow> parcels;
    std::vector<PackRow> cases;
    std::vector<geo::Feature> photos; ///< what is known of them, not their bytes
};

/// What is filled in on the ground.
struct FieldValues {
    std::string finding;
    std::optional<double> measured_m2;
    std::optional<double> error_m2;
    std::map<std::string, std::string> answers; ///< by item of the checklist

    [[nodiscard]] bool empty() const { return *this == FieldValues{}; }
    friend bool operator==(FieldValues const&, FieldValues const&) = default;
};

[[nodiscard]] std::string json_of(FieldValues const& values);
/// Of what `json_of` wrote.
[[nodiscard]] FieldValues field_values(std::string_view json);

/// What is asked on the ground: items with the answers that each accepts.
using Checklist = std::map<std::string, std::vector<std::string>>;
/// Of `[{key, accepted: […]}, …]`.
[[nodiscard]] Checklist checklist_of(std::string_view json);

/// A case that a pack took along, and the state in which it did.
struct GivenCase {
    std::int64_t fid = 0;
    Stamp stamp;
    FieldValues values;
};

/// A row of the layer `cases` as it came back. `cells` hold null, whole numbers, numbers and texts.
struct ReturnedCase {
    std::int64_t row = 0; ///< of the layer
    std::map<std::string, geo::Value, std::less<>> cells;
    std::optional<geo::Position> at; ///< EPSG:4326; absent where it is no finite point of the world
};

struct ReturnedPack {
    std::string id;
    std::vector<ReturnedCase> cases;
};

/// What is wrong with a cell.
struct PackFault {
    std::int64_t row = 0;
    std::string column;
    std::string value;
    std::string accepted;
};

/// The values of a row, each of its kind; what is not is a fault.
[[nodiscard]] FieldValues read_values(ReturnedCase const& row, std::vector<PackFault>& faults);
/// Faults of values that are to become what was found: a finding, every answer, an area with its
/// error.
void check_values(FieldValues const& values, Checklist const& checklist, std::int64_t row,
                  std::vector<PackFault>& faults);

/// What became of a pack that came back. With faults nothing was taken.
struct PackOutcome {
    std::int64_t unchanged = 0;
    std::int64_t repeated = 0; ///< had come before
    std::vector<std::int64_t> taken;
    std::vector<std::int64_t> opened;
    std::vector<std::int64_t> conflicts; ///< their numbers
    std::vector<PackFault> faults;
};

/// A pack as it is listed.
struct PackEntry {
    std::string id;
    std::string login;
    std::string area;
    geo::Instant made_at;
    std::optional<geo::Instant> returned_at;
    std::int64_t open = 0; ///< conflicts that nobody settled, as the policy sees their cases
};

/// A case that was changed here and in the field.
struct PackConflict {
    std::int64_t number = 0;
    std::int64_t inspection = 0;
    std::string state; ///< of the case, now
    FieldValues base;  ///< as the pack had it
    FieldValues field;
    FieldValues record; ///< now
    geo::Instant arrived_at;
    std::string take; ///< field, record; empty: not settled
    std::string settled_by;
    std::optional<geo::Instant> settled_at;
};

} // namespace diaban::data::model
