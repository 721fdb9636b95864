#pragma once

#include "services/http/uri.hpp"
#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::tests {

inline constexpr double secret_lon = 105.3731973; // inside the commune 18739
inline constexpr double secret_lat = 18.3073197;

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
        std::vector<std::string> const masked{"codename", "hidden_rank"};
        people.role({"public",
                     "",
                     false,
                     false,
                     false,
                     {all_of("blocks", "read", 0, masked), within("spots", "read", {"", "18739"}),
                      all_of("places", "read"), all_of("blocks", "edit", 0, masked)}});
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
    /// Values of masked and personal fields, in rows that all see.
    void plant_values() {
        world.database().sql("UPDATE record.blocks SET codename = 'GAMMA7319', hidden_rank = 7319, "
                             "owner = 'OMEGA7319' WHERE fid IN (1, 2, 200)");
        follow();
    }
    void follow() {
        auto const head = std::stoll(world.database().value("SELECT diaban.feed_head()"));
        for (auto const* const id : {"blocks", "spots", "parcels"})
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

using Values = std::vector<std::string>;

/// What each path parameter of the API is tried with; a route with another fails the test.
inline std::map<std::string, Values> const& path_values() {
    static std::map<std::string, Values> const values{
        {"collectionId", {"blocks", "spots", "ways", "places"}},
        {"collections", {"blocks", "spots", "blocks,spots", "ways", "blocks,ways"}},
        {"featureId", {"ABOVE", "ELSEWHERE", "1"}},
        {"field", {"name", "kind", "codename", "hidden_rank", "owner", "note", "number"}},
        {"tileMatrixSet", {"WebMercatorQuad", "WorldCRS84Quad"}},
        {"style", {"light"}},
        {"rest", {".json"}},
        {"path", {"index.html"}},
        {"provider", {"none"}},
        {"processId", {"export"}},
        {"jobId", {"1"}},
        {"output", {"file"}},
        {"token", {"1"}},
        {"coverageId", {"hidden_ground"}},
        {"code", {"terrarium", "mapbox", "hillshade"}},
        {"login", {"clerk"}},
        {"role", {"clerk"}},
        {"parcelId", {"1", "w7dwtsdsdsds"}},
        {"dossierId", {"1"}},
        {"extractCode", {"AAAA-BBBB-CCCC-DDDD"}},
        {"indicatorId", {"secret_rate"}},
        {"placeCode", {"42", "18739"}},
    };
    return values;
}

/// What each query parameter is tried with.
inline std::map<std::string, Values> const& query_values() {
    static auto const box = fmt::format("{},{},{},{}", secret_lon - 0.01, secret_lat - 0.01,
                                        secret_lon + 0.02, secret_lat + 0.02);
    static std::map<std::string, Values> const values{
        {"bbox", {box}},
        {"bbox-crs", {"CRS84"}},
        {"crs", {"EPSG:3857"}},
        {"filter-crs", {"CRS84"}},
        {"filter-lang", {"cql2-text"}},
        {"datetime", {"../..", "2025-10-01"}},
        {"as-of", {"2030-01-01T00:00:00Z"}},
        {"filter",
         {"codename = 'GAMMA7319'", "hidden_rank > 7000", "name LIKE '%ALPHA%'",
          "note LIKE '%BETA%'", "owner = 'OMEGA7319'",
          fmt::format("S_INTERSECTS(geometry, BBOX({}))", box)}},
        {"sortby", {"-name", "codename", "-hidden_rank", "note"}},
        {"properties", {"codename", "name", "owner", "note"}},
        {"skipGeometry", {"true"}},
        {"zoom-level", {"9"}},
        {"limit", {"100"}},
        {"cursor", {"x"}},
        {"by", {"commune", "province", "grid&zoom=15", "grid&zoom=6"}},
        {"zoom", {"12&by=grid"}},
        {"on", {"2026-01-01"}},
        {"sum", {"hidden_rank", "geometry_area_m2"}},
        {"bins", {"5"}},
        {"from", {"0"}},
        {"to", {"10000"}},
        {"within", {"500"}},
        {"radius", {"500"}},
        {"q", {"ALPHA7319", "Cam"}},
        {"level", {"commune"}},
        {"lon", {fmt::format("{}", secret_lon)}},
        {"lat", {fmt::format("{}", secret_lat)}},
        {"f", {"json", "jsonfg", "html", "csv", "fgb", "mvt"}},
        {"kinds", {"create"}},
        {"status", {"successful"}},
        {"processID", {"export"}},
        {"collections", {"ways"}},
        {"after", {"x"}},
        {"who", {"clerk"}},
        {"action", {"sign-in"}},
        {"collection", {"blocks"}},
        {"fid", {"1"}},
        {"before", {"9"}},
        {"sheet", {"1"}},
        {"number", {"1"}},
        {"commune", {"18739"}},
        {"identifier", {"w7dwtsdsdsds"}},
        {"certificate", {"AB 123456"}},
        {"holder", {"OMEGA7319"}},
        {"use", {"ONT"}},
        {"area-from", {"1"}},
        {"area-to", {"1000"}},
        {"state", {"drafted"}},
        {"sector", {"budget"}},
        {"province", {"42"}},
        {"polygon", {"105,18,106,18,106,19,105,19"}},
        {"period", {"2025"}},
        {"transfer", {"area"}},
        {"breaks", {"quantile"}},
        {"classes", {"3"}},
        {"bounds", {"1,2"}},
        {"place", {"42"}},
        {"ahead", {"2"}},
        {"confidence", {"0.9"}},
        {"line", {fmt::format("{0},{1},{0},{1}", secret_lon, secret_lat)}},
        {"samples", {"3"}},
        {"snap", {"100"}},
        {"band", {"depth"}},
        {"*", {}},
    };
    return values;
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
    for (auto const* const name : {"q", "lon", "lat", "line"})
        if (std::ranges::find(route.accepted, name) != route.accepted.end())
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

/// What of an answer may change with the clock alone.
inline std::string without_clock(RawAnswer const& answer) {
    static std::regex const instants{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)"};
    auto const type = answer.field("content-type");
    bool const binary = type.find("flatgeobuf") != std::string::npos ||
                        type.find("vector-tile") != std::string::npos;
    bool const says_when = answer.body.find("timeStamp") != std::string::npos;
    auto text = fmt::format("{} {} {}\n", answer.status, type,
                            says_when ? std::string{} : answer.field("etag"));
    for (auto const* const name : {"diaban-shown", "diaban-total", "diaban-min-zoom",
                                   "diaban-merged", "ogc-numbermatched", "link", "location"})
        text += answer.field(name) + "\n";
    text += binary ? answer.body : std::regex_replace(answer.body, instants, "T");
    // Ports of this machine differ from node to node.
    return std::regex_replace(text, std::regex{R"(localhost:\d+)"}, "localhost");
}

} // namespace diaban::tests
