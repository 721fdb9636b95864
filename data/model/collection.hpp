#pragma once

#include "geo/policy.hpp"
#include "geo/schema.hpp"

#include <cstdint>
#include <string>

namespace diaban::data::model {

/// One entry of the registry: what a collection is called, holds, and where its rows came from.
///
/// Validity  every row has one, `valid_from` ≤ t < `valid_to`, both instants, either may be absent
///           (not stated). A field of that name, date or timestamp, *is* this validity and has no
///           column of its own. As dates they are the first and the last day, both included, in
///           UTC+7: valid_to 2025-06-30 is stored as 2025-06-30T17:00Z.
struct Collection {
    geo::Schema schema;
    geo::Title title;
    geo::Title description;
    std::string attribution;
    std::string licence;
    bool synthetic = false;
    std::int32_t source_srid = 4326; ///< CRS the rows usually come in; each row keeps its own
    int native_zoom = -1;            ///< -1: not measured yet
    bool partitioned = false;        ///< stored in ranges of fid
    bool keeps_source = false;       ///< cadastre: source coordinates are kept beside the doubles

    bool operator==(Collection const&) const = default;
};

/// Whether fields about a person are read. Shown only where the caller's right to them was checked.
enum class Personal : std::uint8_t { masked, shown };

/// The schema as a policy sees it: without masked fields and, unless `shown`, personal ones.
/// Values that the record answers follow the fields of this schema.
geo::Schema visible(geo::Schema const& schema, geo::Policy const& policy,
                    Personal personal = Personal::masked);

} // namespace diaban::data::model
