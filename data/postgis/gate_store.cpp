#include "data/postgis/gate_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"

#include <map>

namespace diaban::data::postgis {

namespace {

model::GateFigure figure_of(pqxx::row const& row) {
    model::GateFigure figure{row[1].as<std::string>(), row[2].as<std::string>(), {}, {}, {}, {}};
    constexpr std::int64_t second = 1'000'000;
    figure.expected = row[3].as<std::int64_t>() * second;
    if (!row[4].is_null()) figure.latest = {{row[4].as<std::int64_t>()}, row[5].as<double>()};
    if (!row[6].is_null()) figure.from = geo::Instant{row[6].as<std::int64_t>()};
    figure.passed = row[7].as<double>(0);
    return figure;
}

/// A value counts what passed since the one before: the first of the hour only begins the count.
std::string figures_text(geo::Policy const& datastreams) {
    auto const hour = [](std::string const& column) {
        return column + " > " + instant_of("$1") + " - interval '1 hour' AND " + column +
               " <= " + instant_of("$1");
    };
    return "SELECT d.sensor, d.gate_direction, d.gate_figure, coalesce(d.expected_seconds, 0), " +
           microseconds("l.at") + ", l.value, " + microseconds("f.at") +
           ", (SELECT sum(o.value) FROM sensor.observation AS o WHERE o.datastream = d.fid AND "
           "o.at > f.at AND " +
           hour("o.at") +
           ") FROM record.datastreams AS d LEFT JOIN sensor.latest AS l ON l.datastream = d.fid "
           "LEFT JOIN LATERAL (SELECT min(o.at) AS at FROM sensor.observation AS o WHERE "
           "d.gate_figure = 'passed' AND o.datastream = d.fid AND " +
           hour("o.at") +
           ") AS f ON true WHERE d.gate_direction IS NOT NULL AND d.gate_figure IS NOT NULL AND (" +
           policy_condition(datastreams, "d") +
           ") ORDER BY d.sensor, d.gate_direction, d.gate_figure, d.fid LIMIT 1000";
}

} // namespace

std::vector<model::Gate> GateStore::gates(geo::Instant now, geo::Policy const& sensors,
                                          geo::Policy const& datastreams) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        std::map<std::int64_t, model::Gate> found;
        set_policy(sql, datastreams);
        for (auto const row : sql.exec_params(figures_text(datastreams), now.microseconds))
            found[row[0].as<std::int64_t>()].figures.push_back(figure_of(row));
        std::vector<std::int64_t> stations;
        for (auto const& [fid, gate] : found) stations.push_back(fid);
        set_policy(sql, sensors);
        std::vector<model::Gate> gates;
        for (auto const row :
             sql.exec_params("SELECT s.fid, coalesce(s.name, '') FROM record.sensors AS s WHERE "
                             "s.fid = ANY ($1::bigint[]) AND (" +
                                 policy_condition(sensors, "s") + ") ORDER BY s.fid",
                             array_text(stations))) {
            auto& gate = found[row[0].as<std::int64_t>()];
            gate.fid = row[0].as<std::int64_t>();
            gate.name = row[1].as<std::string>();
            gates.push_back(std::move(gate));
        }
        return gates;
    });
}

} // namespace diaban::data::postgis
