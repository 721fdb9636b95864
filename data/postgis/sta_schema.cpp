#include "data/postgis/sta_schema.hpp"

namespace diaban::data::postgis {

namespace {

using geo::sta::Entity;
using enum StaType;

constexpr StaColumn things[] = {
    {"name", text, "t.name", "name"},
    {"description", text,
     "coalesce(t.description, (SELECT c.title_vi FROM diaban.code AS c WHERE c.list = "
     "'sensor_kind' AND c.code = t.kind ORDER BY c.valid_from DESC LIMIT 1), '')",
     "description"},
    {"properties/kind", text, "t.kind", "kind"},
    {"properties/stationCode", text, "t.station_code", "station_code"},
    {"properties/elevation", number, "t.elevation_m", "elevation_m"},
    {"properties/status", text, "t.status", "status"},
    {"properties/reading", text, "t.reading", "reading"},
    {"properties/readingAt", time, "t.reading_at", "reading_at"},
    {"properties/alertLevel", number, "t.alert_level::float8", "alert_level"},
    {"properties/noData", truth, "t.no_data", "no_data"},
};

constexpr StaColumn locations[] = {
    {"name", text, "s.name", "name"},
    {"description", text, "''::text", "name"},
    {"encodingType", text, "'application/geo+json'::text", ""},
    {"location", geometry, "t.geom", ""},
};

constexpr StaColumn features[] = {
    {"name", text, "s.name", "name"},
    {"description", text, "''::text", "name"},
    {"encodingType", text, "'application/geo+json'::text", ""},
    {"feature", geometry, "t.geom", ""},
};

constexpr StaColumn historical_locations[] = {{"time", time, "t.since", ""}};

constexpr StaColumn datastreams[] = {
    {"name", text, "t.name", "name"},
    {"description", text, "coalesce(t.description, '')", "description"},
    {"observationType", text,
     "coalesce(t.observation_type, "
     "'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement')",
     "observation_type"},
    {"unitOfMeasurement/name", text, "t.unit_name", "unit_name", true},
    {"unitOfMeasurement/symbol", text, "t.unit_symbol", "unit_symbol", true},
    {"unitOfMeasurement/definition", text, "t.unit_definition", "unit_definition", true},
    {"phenomenonTime", other,
     "(SELECT to_char(l.first_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') || '/' "
     "|| "
     "to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM sensor.latest AS "
     "l "
     "WHERE l.datastream = t.fid)",
     ""},
    {"properties/expectedSeconds", number, "t.expected_seconds::float8", "expected_seconds"},
    {"properties/level1", number, "t.level_1", "level_1"},
    {"properties/level2", number, "t.level_2", "level_2"},
    {"properties/level3", number, "t.level_3", "level_3"},
    {"properties/hysteresis", number, "t.hysteresis", "hysteresis"},
    {"properties/gateDirection", text, "t.gate_direction", "gate_direction"},
    {"properties/gateFigure", text, "t.gate_figure", "gate_figure"},
};

constexpr StaColumn instruments[] = {
    {"name", text, "t.name", "name"},
    {"description", text, "coalesce(t.description, '')", "description"},
    {"encodingType", text, "coalesce(t.encoding_type, 'text/plain')", "encoding_type"},
    {"metadata", text, "coalesce(t.metadata, '')", "metadata"},
};

constexpr StaColumn observed_properties[] = {
    {"name", text, "t.name", "name"},
    {"definition", text, "coalesce(t.definition, '')", "definition"},
    {"description", text, "coalesce(t.description, '')", "description"},
};

constexpr StaColumn observations[] = {
    {"phenomenonTime", time, "t.at", ""},
    {"result", number, "t.value", ""},
    {"resultTime", time, "t.result_at", "", true},
};

constexpr StaTable tables[geo::sta::entity_count] = {
    {"sensors", "record.sensors AS t", "t.fid", "t", "t.fid", things},
    {"sensors", "sensor.location AS t JOIN record.sensors AS s ON s.fid = t.station", "t.id", "s",
     "t.id", locations},
    {"sensors", "sensor.location AS t JOIN record.sensors AS s ON s.fid = t.station", "t.id", "s",
     "t.id", historical_locations},
    {"datastreams", "record.datastreams AS t", "t.fid", "t", "t.fid", datastreams},
    {"instruments", "record.instruments AS t", "t.fid", "t", "t.fid", instruments},
    {"observed_properties", "record.observed_properties AS t", "t.fid", "t", "t.fid",
     observed_properties},
    {"datastreams", "sensor.observation AS t", "t.id", "", "t.id", observations},
    {"sensors", "sensor.location AS t JOIN record.sensors AS s ON s.fid = t.station", "t.id", "s",
     "t.id", features},
};

constexpr std::string_view is_where_it_stands = "NOT EXISTS (SELECT FROM sensor.location AS n "
                                                "WHERE n.station = t.station AND (n.since, n.id) > "
                                                "(t.since, t.id))";
constexpr std::string_view where_a_station_stands =
    "(SELECT n.id FROM sensor.location AS n WHERE n.station = t.fid ORDER BY n.since DESC, n.id "
    "DESC "
    "LIMIT 1)";
/// The place where its station stood when it was received.
constexpr std::string_view place_of_observation =
    "(SELECT n.id FROM record.datastreams AS d JOIN sensor.location AS n ON n.station = d.sensor "
    "WHERE d.fid = t.datastream AND n.since <= t.received_at ORDER BY n.since DESC, n.id DESC "
    "LIMIT "
    "1)";

} // namespace

StaTable const& sta_table(Entity entity) noexcept {
    return tables[static_cast<std::size_t>(entity)];
}

StaLink sta_link(geo::sta::Relation const& relation) noexcept {
    auto const to = relation.to;
    switch (relation.from) {
    case Entity::thing:
        if (to == Entity::location) return {"t.station", is_where_it_stands, ""};
        if (to == Entity::datastream) return {"t.sensor", "", "sensor"};
        return {"t.station", "", ""};
    case Entity::location:
        if (to == Entity::thing) return {where_a_station_stands, "", ""};
        return {"t.id", "", ""};
    case Entity::historical_location:
        if (to == Entity::thing) return {"t.station", "", ""};
        return {"t.id", "", ""};
    case Entity::datastream:
        if (to == Entity::thing) return {"t.sensor", "", "sensor"};
        if (to == Entity::sensor) return {"t.instrument", "", "instrument"};
        if (to == Entity::observed_property)
            return {"t.observed_property", "", "observed_property"};
        return {"t.datastream", "", ""};
    case Entity::sensor: return {"t.instrument", "", "instrument"};
    case Entity::observed_property: return {"t.observed_property", "", "observed_property"};
    case Entity::observation:
        if (to == Entity::datastream) return {"t.datastream", "", ""};
        return {place_of_observation, "", "sensor"};
    case Entity::feature_of_interest: return {place_of_observation, "", "sensor"};
    }
    return {};
}

} // namespace diaban::data::postgis
