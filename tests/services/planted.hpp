#pragma once

#include "services/http/uri.hpp"
#include "tests/services/planted_disasters.hpp"
#include "tests/services/planted_values.hpp"
#include "tests/services/visitors.hpp"
#include "tests/support/printed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::tests {

/// What stands in no answer to who may not know.
inline constexpr std::string_view marks[] = {"ALPHA7319", "BETA7319", "GAMMA7319",  "OMEGA7319",
                                             "codename",  "Bí danh",  "5.37319",    "8.30731",
                                             "\"ways\"",  "/ways",    "hidden_rank"};

struct Who {
    std::string name;
    std::string field; ///< what a request of theirs carries
};

/// A world whose roles let the public and a clerk see a part of it. One who knows warms the caches.
struct Planted {
    Planted() {
        auto const& database = world.database();
        for (auto const* const field :
             {R"({"name": "codename", "type": "text", "title": {"vi": "Bí danh"}, "tile": true})",
              R"({"name": "hidden_rank", "type": "integer", "title": {"vi": "Hạng"},
                  "tile": true, "sum": true})"})
            database.sql(std::string{"SELECT diaban.add_field('blocks', '"} + field + "')");
        database.sql("UPDATE record.blocks SET scope = '18739' WHERE fid <= 100");
        // Of the last 90 days whenever this runs, and of the moment of one statement.
        database.sql("INSERT INTO record.reports (code, category, title, description, status, "
                     "reported_at, scope, geom) SELECT 'PA-' || i, 'road', 'ổ gà', 'Mặt đường hư', "
                     "'received', '2026-01-05T00:00Z', '', ST_Point(105.37, 18.3, 4326) FROM "
                     "generate_series(1, 3) i");
        make_storms(database);
        make_response(database);
        make_statistics(database);
        std::vector<std::string> const masked{"codename", "hidden_rank"};
        people.role({"public",
                     "",
                     false,
                     false,
                     false,
                     {all_of("blocks", "read", 0, masked),
                      within("spots", "read", {"", "18739"}),
                      all_of("places", "read"),
                      all_of("reports", "read"),
                      all_of("blocks", "edit", 0, masked),
                      within("indicators", "read", {"", "42"}),
                      within("indicator_catalogue", "read", {"", "42"}),
                      within("tasks", "read", {"", "42"}),
                      within("service_dossiers", "read", {"", "42"}),
                      within("service_pauses", "read", {"", "42"}),
                      within("service_scores", "read", {"", "42"}),
                      within("holidays", "read", {"", "42"}),
                      within("directives", "read", {"", "42"}),
                      within("indicator_sources", "read", {"", "42"}),
                      within("sensors", "read", {"", "42"}),
                      within("datastreams", "read", {"", "42"}),
                      within("observed_properties", "read", {"", "42"}),
                      within("instruments", "read", {"", "42"}),
                      within("alerts", "read", {"", "42"}),
                      within("walls", "read", {"", "42"}),
                      within("wall_scenes", "read", {"", "42"}),
                      within("press_items", "read", {"", "42"}),
                      within("press_sources", "read", {"", "42"}),
                      within("storm_bulletins", "read", {"", "42"}),
                      within("storm_fixes", "read", {"", "42"}),
                      within("storm_dangers", "read", {"", "42"}),
                      within("storm_warnings", "read", {"", "42"}),
                      all_of("wind_levels", "read"),
                      all_of("storm_risks", "read"),
                      all_of("rain_regions", "read"),
                      all_of("rain_risks", "read"),
                      within("reservoir_curves", "read", {"", "42"}),
                      within("disaster_events", "read", {"", "42"}),
                      within("event_orders", "read", {"", "42"}),
                      within("duty_roster", "read", {"", "42"}),
                      within("triage_rules", "read", {"", "42"}),
                      within("rescue_calls", "read", {"", "42"}),
                      within("rescue_teams", "read", {"", "42"}),
                      within("cyclone_tracks", "read", {"", "42"}),
                      within("cyclone_fixes", "read", {"", "42"})}});
        database.sql(
            "INSERT INTO record.indicator_catalogue (code, sector, title, unit, direction, "
            "cadence, "
            "aggregation, decimals, owner) VALUES ('open_rate', 'budget', 'Tỷ lệ', '%', 'up', "
            "'year', 'sum', 1, 'Sở');"
            "INSERT INTO record.indicators (code, place_code, place_on, period, value) VALUES "
            "('open_rate', '42', '2026-01-01', '2025', 3.5);"
            "INSERT INTO record.tasks (title, subject_kind, subject, office, deadline, state) "
            "VALUES "
            "('việc', 'place', '42', 'Sở', '2026-01-01T00:00:00Z', 'open');"
            "INSERT INTO record.service_dossiers (number, procedure, office, level, submitted_at, "
            "working_hours, state) VALUES ('H1', 'x', 'Sở', 'commune', '2026-01-05T02:00:00Z', 40, "
            "'received');"
            "INSERT INTO record.service_scores (part, part_group, title, points, since) VALUES "
            "('in_time', 2, 'Tiến độ', 20, '2022-06-23');"
            "INSERT INTO record.directives (number, issued_on, office, subject, state) VALUES "
            "('1/UBND', '2026-01-05', 'Sở', 'việc', 'open');"
            "INSERT INTO record.press_items (title, link, link_key, source, arrived_at, topic, "
            "places) VALUES ('viec', 'http://a.example/1', 'a.example/1', 'Báo', "
            "'2026-01-05T00:00:00Z', 'order', '18739=0.95')");

        database.sql(
            "INSERT INTO record.sensors (name, kind, geom) VALUES ('Trạm', 'gauge', "
            "ST_Point(105.3, 18.2, 4326));"
            "INSERT INTO record.instruments (name) VALUES ('Phao');"
            "INSERT INTO record.observed_properties (name) VALUES ('Mực nước');"
            "INSERT INTO record.datastreams (name, sensor, instrument, observed_property, "
            "gate_direction, gate_figure) VALUES ('Mực nước', 1, 1, 1, 'out', 'queue');"
            "SELECT sensor.open_month('2026-11-01');"
            "INSERT INTO sensor.observation (datastream, at, value) VALUES (1, "
            "'2026-11-01T00:00:00Z', 3.5);"
            "INSERT INTO sensor.latest SELECT datastream, at, at, value, at FROM "
            "sensor.observation;"
            "UPDATE sensor.watch SET at = '2026-11-01T00:00:00Z';" // judged already
            "INSERT INTO record.alerts (kind, state, event, severity, headline) VALUES ('notice', "
            "'open', 'Lũ', 'Minor', 'Lũ nhỏ')");
        database.sql(
            "INSERT INTO record.walls (number, title, screen_rows, screen_columns, pixel_width, "
            "pixel_height, pitch, gap_across, gap_down) VALUES (1, 'Tường', 1, 1, 1920, 1080, "
            "0.53, "
            "0, 0)");
        people.role({"clerk",
                     "",
                     false,
                     false,
                     false,
                     {within("blocks", "read", {"", "18739"}, 1, masked),
                      within("blocks", "edit", {"", "18739"}, 1, masked),
                      within("parcels", "read", {"", "18739"}, 1)}});
        people.role(
            {"chief",
             "",
             true,
             true,
             true,
             {all_of("*", "read", 255), all_of("*", "edit", 255), all_of("*", "personal", 255)}});
        for (auto const* const login : {"clerk", "chief"}) people.account(login, {login});
        outsiders = {{"anonymous", ""},
                     {"clerk", people.token("clerk", {"read", "edit", "personal"})},
                     {"narrow token", people.token("chief", {"read:places"})}};
        chief = {"chief", people.token("chief", {"read", "edit", "personal", "administer", "audit",
                                                 "operate"})};
        node = fresh_node();
    }

    [[nodiscard]] std::unique_ptr<services::Server> fresh_node() const {
        return world.start_server("none");
    }

    void plant() {
        auto const shape = fmt::format("ST_MakeEnvelope({0}, {1}, {0} + 0.00731, {1} + 0.00731, "
                                       "4326)",
                                       secret_lon, secret_lat);
        auto const& database = world.database();
        above =
            database.value("INSERT INTO record.blocks (name, kind, codename, hidden_rank, "
                           "scope, sensitivity, geom) VALUES ('ALPHA7319', 'ALPHA7319', 'x', 7, "
                           "'18739', 5, " +
                           shape + ") RETURNING fid");
        elsewhere = database.value(
            fmt::format("INSERT INTO record.spots (note, scope, geom) VALUES ('BETA7319', '99999', "
                        "ST_Point({}, {}, 4326)) RETURNING fid",
                        secret_lon, secret_lat));
        plant_ground();
        for (auto const* const where : {"'18739', 5", "'99999', 0"})
            database.sql(
                "WITH parcel AS (INSERT INTO record.parcels (geom, sheet, parcel_number, "
                "commune_code, land_use, geohash, legal_area_m2, scope, sensitivity) VALUES (" +
                shape + ", 1, 1, '18739', 'ONT', 'w7dwtsdsdsds', 500, " + where +
                ") RETURNING fid), party AS (INSERT INTO land.party (name) VALUES ('OMEGA7319') "
                "RETURNING id) INSERT INTO land.use_right (fid, party, certificate) SELECT fid, "
                "id, 'AB 123456' FROM parcel, party");
        plant_work();
        plant_storms(world.database());
        plant_response(world.database());
        plant_inspections(world.database());
        plant_statistics(world.database());
        follow();
    }
    /// A coverage beyond everyone's level, under a name that all who read everything may ask for.
    void plant_ground() {
        auto const& database = world.database();
        std::string const blob(64, '7');
        database.sql("INSERT INTO diaban.blob (sha256, size, media_type) VALUES ('" + blob +
                     "', 7319, 'image/tiff')");
        database.sql("INSERT INTO diaban.coverage (id, title_vi, quantity, unit, srid, columns, "
                     "rows, west, north, cell_width, cell_height, origin, sensitivity) VALUES "
                     "('hidden_ground', 'ALPHA7319', 'elevation', 'm', 4326, 10, 10, 105.37, "
                     "18.31, 0.001, 0.001, 'measured', 5)");
        database.sql("INSERT INTO diaban.coverage_file (coverage, blob, size) VALUES "
                     "('hidden_ground', '" +
                     blob + "', 7319)");
    }
    /// What is counted, asked for and waited on: rows above everyone's level or of nobody's scope.
    static constexpr std::size_t work_rows = 42;
    void plant_work() {
        world.database().sql(
            "INSERT INTO record.indicator_catalogue (code, sector, title, unit, direction, "
            "cadence, "
            "aggregation, decimals, owner, sensitivity) VALUES ('secret_rate', 'budget', "
            "'ALPHA7319', '%', 'up', 'year', 'none', 1, 'Sở', 5);"
            "INSERT INTO record.indicators (code, place_code, place_on, period, value, scope, "
            "sensitivity) VALUES ('secret_rate', '42', '2026-01-01', '2025', 5.37319, '', 5), "
            "('open_rate', '42', '2026-01-01', '2024', 5.37319, '', 5), "
            "('open_rate', '18739', '2026-01-01', '2025', 5.37319, '99999', 0);"
            "INSERT INTO record.tasks (title, subject_kind, subject, office, deadline, state, "
            "scope, "
            "sensitivity) VALUES ('ALPHA7319', 'place', '42', 'Sở', '2026-01-01T00:00:00Z', "
            "'open', "
            "'', 5), ('BETA7319', 'place', '42', 'BETA7319', '2026-01-01T00:00:00Z', 'open', "
            "'99999', 0);"
            "INSERT INTO record.service_dossiers (number, procedure, office, level, submitted_at, "
            "working_hours, state, sensitivity) VALUES ('ALPHA7319', 'x', 'Sở', 'commune', "
            "'2026-01-05T02:00:00Z', 40, 'received', 5);"
            "INSERT INTO record.service_pauses (number, from_at, reason, scope) VALUES ('H1', "
            "'2026-01-05T03:00:00Z', 'BETA7319', '99999');"
            "INSERT INTO record.holidays (day, title, sensitivity) VALUES ('2026-01-06', "
            "'ALPHA7319', 5);"
            "INSERT INTO record.service_scores (part, part_group, title, points, since, "
            "sensitivity) "
            "VALUES ('online', 4, 'ALPHA7319', 12, '2023-01-01', 5);"
            "INSERT INTO record.indicator_sources (indicator, url, every_minutes, place_at, "
            "period_at, value_at, sensitivity) VALUES ('open_rate', 'http://ALPHA7319/', 60, '/a', "
            "'/b', '/c', 5);"
            "INSERT INTO record.directives (number, issued_on, office, subject, state, scope) "
            "VALUES "
            "('BETA7319', '2026-01-06', 'Sở', 'ALPHA7319', 'open', '99999');"
            "INSERT INTO record.press_items (title, link, link_key, source, arrived_at, topic, "
            "places, scope) VALUES ('BETA7319 viec', 'http://ALPHA7319/', 'ALPHA7319', "
            "'ALPHA7319', '2026-01-06T00:00:00Z', 'order', '42=0.95', '99999');"
            "INSERT INTO record.press_sources (name, url, every_minutes, sensitivity) VALUES "
            "('ALPHA7319', 'http://ALPHA7319/', 60, 5)");
        // Stations with their own; one of nobody's scope under the open station.
        world.database().sql(
            "INSERT INTO record.sensors (name, kind, station_code, sensitivity, geom) VALUES "
            "('ALPHA7319', 'gauge', 'BETA7319', 5, ST_Point(105.37319, 18.307319, 4326));"
            "INSERT INTO record.instruments (name, sensitivity) VALUES ('ALPHA7319', 5);"
            "INSERT INTO record.observed_properties (name, scope) VALUES ('BETA7319', '99999');"
            "INSERT INTO record.datastreams (name, sensor, instrument, observed_property, "
            "gate_direction, gate_figure, sensitivity) VALUES ('ALPHA7319', 2, 2, 2, 'in', "
            "'lanes', 5);"
            "INSERT INTO record.datastreams (name, sensor, instrument, observed_property, "
            "gate_direction, gate_figure, scope) VALUES ('BETA7319', 1, 1, 1, 'in', 'queue', "
            "'99999');"
            "INSERT INTO sensor.observation (datastream, at, value) SELECT d, "
            "'2026-11-01T00:00:00Z', 5.37319 FROM unnest(ARRAY[2, 3]) d;"
            "INSERT INTO sensor.latest SELECT datastream, at, at, value, at FROM "
            "sensor.observation WHERE datastream > 1;"
            "UPDATE sensor.watch SET at = '2026-11-01T00:00:00Z';"
            "INSERT INTO record.alerts (kind, state, event, severity, headline, description, "
            "sensitivity) VALUES ('notice', 'open', 'ALPHA7319', 'Minor', 'ALPHA7319', 'BETA7319', "
            "5);"
            "INSERT INTO record.alerts (kind, state, event, severity, headline, scope) VALUES "
            "('notice', 'open', 'BETA7319', 'Minor', 'BETA7319', '99999');"
            "INSERT INTO record.alerts (kind, state, event, severity, headline, scope) VALUES "
            "('notice', 'closed', 'BETA7319', 'Minor', 'BETA7319', '99999')");
        world.database().sql(
            "INSERT INTO record.walls (number, title, screen_rows, screen_columns, pixel_width, "
            "pixel_height, pitch, gap_across, gap_down, sensitivity) VALUES (7, 'ALPHA7319', 1, 1, "
            "1920, 1080, 0.53, 0, 0, 5);"
            "INSERT INTO record.wall_scenes (wall, position, title, content, sensitivity) VALUES "
            "(1, "
            "1, 'ALPHA7319', '{}', 5)");
    }
    /// Values of masked and personal fields, in rows that all see.
    void plant_values() {
        world.database().sql("UPDATE record.blocks SET codename = 'GAMMA7319', hidden_rank = 7319, "
                             "owner = 'OMEGA7319' WHERE fid IN (1, 2, 200);"
                             "UPDATE record.service_dossiers SET applicant = 'OMEGA7319';"
                             "UPDATE record.duty_roster SET phone = 'OMEGA7319';"
                             "UPDATE record.rescue_calls SET caller = 'OMEGA7319', phone = "
                             "'ALPHA7319'");
        world.database().sql(
            "UPDATE record.reports SET reporter_name = 'OMEGA7319', reporter_phone = 'ALPHA7319', "
            "reporter_email = 'BETA7319', reporter_account = 'GAMMA7319', reporter_token = "
            "'OMEGA7319' WHERE fid = 1");
        follow();
    }
    void follow() {
        auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
        for (auto const* const id : followed())
            node->atlas().await_change(id, head,
                                       std::chrono::steady_clock::now() + std::chrono::seconds{20});
    }

    World world;
    Registrar people{world.database()};
    std::vector<Who> outsiders;
    Who chief;
    std::unique_ptr<services::Server> node;
    std::string above = "5001";     // fid of the row beyond everyone's level
    std::string elsewhere = "1003"; // of the row in a scope that is nobody's
};

inline std::string tile_of(int zoom, std::string_view order) {
    auto const n = double(1 << zoom);
    auto const latitude = secret_lat * M_PI / 180;
    auto const x = int((secret_lon + 180) / 360 * n);
    auto const y = int((1 - std::asinh(std::tan(latitude)) / M_PI) / 2 * n);
    return order == "xy" ? fmt::format("{}/{}/{}", zoom, x, y)
                         : fmt::format("{}/{}/{}", zoom, y, x);
}

/// The tile of degrees that holds the secret: level, row, column.
inline std::string geographic_tile_of(int level) {
    double const side = 180 / std::exp2(level);
    return fmt::format("{}/{}/{}", level, int((90 - secret_lat) / side),
                       int((secret_lon + 180) / side));
}

/// Where a route needs what stands for a tile, one of these; zooms below and above the native one.
inline Values with_tiles(std::string pattern) {
    static std::string const ogc_tile = "{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}";
    Values made;
    for (int const zoom : {0, 5, 8, 11, 13, 15}) {
        auto one = pattern;
        auto const put = [&](std::string const& from, std::string const& to) {
            if (auto const at = one.find(from); at != std::string::npos)
                one.replace(at, from.size(), to);
        };
        put("{zoom}/{column}/{row}", tile_of(zoom, "xy"));
        if (auto const at = one.find(ogc_tile); at != std::string::npos) {
            made.push_back(
                one.replace(at, ogc_tile.size(), "WorldCRS84Quad/" + geographic_tile_of(zoom)));
            one = pattern;
        }
        put(ogc_tile, "WebMercatorQuad/" + tile_of(zoom, "yx"));
        made.push_back(one);
        if (one == pattern) break;
    }
    return made;
}

inline Values paths_of(services::http::Route const& route, Planted const& planted) {
    auto made = with_tiles(route.pattern);
    for (auto const& name : route.names) {
        for (auto const& brace : {"{" + name + "}", "{" + name + "...}"}) {
            Values next;
            for (auto const& path : made) {
                auto const at = path.find(brace);
                if (at == std::string::npos) {
                    next.push_back(path);
                    continue;
                }
                auto const values = path_values().find(name);
                BOOST_REQUIRE_MESSAGE(values != path_values().end(),
                                      "nobody looks behind {" << name << "} of " << route.pattern);
                for (auto value : values->second) {
                    if (value == "ABOVE") value = planted.above;
                    if (value == "ELSEWHERE") value = planted.elsewhere;
                    next.push_back(std::string{path}.replace(at, brace.size(), value));
                }
            }
            made = std::move(next);
        }
    }
    return made;
}

/// No parameter, and each that the route accepts by itself; those that it cannot do without always.
inline Values queries_of(services::http::Route const& route) {
    std::string needed;
    for (auto const* const name : {"q", "lon", "lat", "line", "with", "owner", "zone", "at-level",
                                   "level-after", "over-hours", "inflow"})
        if (std::ranges::find(route.accepted, name) != route.accepted.end() &&
            std::ranges::find(route.accepted, "long") == route.accepted.end())
            needed += std::string{needed.empty() ? "" : "&"} + name + "=" +
                      query_values().at(name).front();
    Values made{needed};
    for (auto const& name : route.accepted) {
        auto const values = query_values().find(name);
        BOOST_REQUIRE_MESSAGE(values != query_values().end(),
                              "nobody looks behind ?" << name << "= of " << route.pattern);
        for (auto const& value : values->second) {
            if (needed.find(name + "=") != std::string::npos) continue;
            auto const more = value.find("&"); // a second parameter stands in the table as it is
            auto const text = services::http::percent_encode(value.substr(0, more)) +
                              (more == std::string::npos ? "" : value.substr(more));
            made.push_back(needed + (needed.empty() ? "" : "&") + name + "=" + text);
        }
    }
    return made;
}

/// Every GET that the server has a route for, in many ways.
inline Values all_targets(Planted const& planted) {
    Values targets;
    for (auto const& route : planted.node->application().router().routes()) {
        if (route.method != services::http::Method::get) continue;
        auto const paths = paths_of(route, planted);
        auto const queries = queries_of(route);
        // Every path by itself; every query on at most eight of them, on others each time.
        auto const stride = 1 + (paths.size() - 1) / 8;
        for (std::size_t q = 0; q < queries.size(); ++q)
            for (std::size_t p = 0; p < paths.size(); ++p)
                if (q == 0 || (p + q) % stride == 0)
                    targets.push_back(paths[p] + (queries[q].empty() ? "" : "?" + queries[q]));
    }
    return targets;
}

/// The text of a paper.
inline std::string text_of_pdf(std::string const& bytes) {
    auto const file =
        std::filesystem::temp_directory_path() / fmt::format("diaban-{}.pdf", ::getpid());
    std::ofstream{file, std::ios::binary} << bytes;
    auto text = printed("pdftotext -layout " + file.string() + " -");
    std::filesystem::remove(file);
    return text;
}

/// What of an answer may change with the clock alone.
inline std::string without_clock(RawAnswer const& answer) {
    static std::regex const instants{
        R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\d\d:\d\d \d\d/\d\d/\d{4}|\(trước đó [^)]*\)|"request":"[0-9a-f]{32}")"};
    auto const type = answer.field("content-type");
    bool const binary = type.find("flatgeobuf") != std::string::npos ||
                        type.find("vector-tile") != std::string::npos;
    bool const report = type.find("markdown") != std::string::npos || type == "application/pdf";
    bool const says_when = report || answer.body.find("timeStamp") != std::string::npos;
    auto text = fmt::format("{} {} {}\n", answer.status, type,
                            says_when ? std::string{} : answer.field("etag"));
    for (auto const* const name : {"diaban-shown", "diaban-total", "diaban-min-zoom",
                                   "diaban-merged", "ogc-numbermatched", "link", "location"})
        text += answer.field(name) + "\n";
    auto const body = type == "application/pdf" ? text_of_pdf(answer.body) : answer.body;
    text += binary ? body : std::regex_replace(body, instants, "T");
    // Ports of this machine differ from node to node.
    return std::regex_replace(text, std::regex{R"(localhost:\d+)"}, "localhost");
}

} // namespace diaban::tests
