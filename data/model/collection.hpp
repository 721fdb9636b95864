#pragma once

#include "geo/policy.hpp"
#include "geo/schema.hpp"

#include <cstdint>
#include <string>

namespace diaban::data::model {

/// One entry of the registry: what a collection is called, holds, and where its rows came from.
///
/// A field named `valid_from` or `valid_to` (date or timestamp) *is* the row's legal validity: it
/// has no column of its own. A date there stands for local midnight, UTC+7 at all times.
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
};

/// Whether fields about a person are read. Shown only where the caller's right to them was checked.
enum class Personal : std::uint8_t { masked, shown };

/// The schema as a policy sees it: without masked fields and, unless `shown`, personal ones.
/// Values that the record answers follow the fields of this schema.
geo::Schema visible(geo::Schema const& schema, geo::Policy const& policy,
                    Personal personal = Personal::masked);

} // namespace diaban::data::model
