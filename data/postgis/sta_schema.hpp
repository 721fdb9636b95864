#pragma once

#include "geo/sta/entities.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace diaban::data::postgis {

// How entities of SensorThings lie in the record. For the sources of this room: SQL. Every
// expression is one of the row `t`.

enum class StaType : std::uint8_t { number, text, time, truth, geometry, other };

/// A property of an entity.
struct StaColumn {
    std::string_view property; ///< in its parts: `unitOfMeasurement/name`
    StaType type;
    std::string_view sql;
    std::string_view field;    ///< of the collection: whoever may not see it lacks the property
    bool said_if_null = false; ///< the standard wants it even without a value
};

struct StaTable {
    std::string_view collection; ///< whose policy rules it
    std::string_view from;       ///< FROM …
    std::string_view id;
    std::string_view
        guarded;            ///< alias of the row of the collection; empty: `t.datastream` names it
    std::string_view order; ///< where nothing is asked
    std::span<StaColumn const> columns;
};
[[nodiscard]] StaTable const& sta_table(geo::sta::Entity entity) noexcept;

/// How a relation lies in the record: as a number of the row it leads from (where it leads to one),
/// or of the rows it leads to.
struct StaLink {
    std::string_view key;       ///< of `t`: the other one's id
    std::string_view condition; ///< besides, of the rows it leads to; empty: none
    std::string_view field;     ///< of `datastreams`, which it rests on; empty: none
};
[[nodiscard]] StaLink sta_link(geo::sta::Relation const& relation) noexcept;

} // namespace diaban::data::postgis
