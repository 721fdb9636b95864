// The cadastre of a real city in two years, held against PostGIS and against the files themselves.

#include "services/domain/intake_plan.hpp"
#include "tests/services/intake_files.hpp"
#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <gdal_priv.h>
#include <ogrsf_frmts.h>

#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <set>

using namespace diaban;
using namespace diaban::tests;
using nlohmann::json;

namespace {

/// A row of a file as GDAL itself reads it.
struct FileLot {
    std::string id;
    std::string use;
    std::string wkb; ///< hexadecimal, little-endian
};

std::vector<FileLot> lots_of(std::filesystem::path const& file) {
    GDALAllRegister();
    auto const name = "/vsizip/" + file.string();
    std::unique_ptr<GDALDataset> const set{static_cast<GDALDataset*>(
        GDALOpenEx(name.c_str(), GDAL_OF_VECTOR, nullptr, nullptr, nullptr))};
    BOOST_REQUIRE(set != nullptr);
    std::vector<FileLot> lots;
    for (auto const& feature : set->GetLayer(0)) {
        auto const* const shape = feature->GetGeometryRef();
        std::vector<unsigned char> bytes(shape->WkbSize());
        shape->exportToWkb(wkbNDR, bytes.data());
        std::string text;
        for (auto const byte : bytes) text += fmt::format("{:02x}", byte);
        lots.push_back({feature->GetFieldAsString("ml"), feature->GetFieldAsString("use_code"),
                        std::move(text)});
    }
    return lots;
}

/// Both years in one register, with zoning and floodplains, by the plan that is delivered; made at
/// the first call.
struct City {
    City() {
        auto const data = *real_data("cadastre_editions", "cambridge");
        auto const plan = services::domain::read_plan(std::filesystem::path{DIABAN_SOURCES} /
                                                          "data/demo/cambridge/1-cadastre.toml",
                                                      data.parent_path());
        services::domain::run_plan(world.database().uri(), plan, [&](std::string_view line) {
            said += std::string{line} + "\n";
        });
        for (int const year : {2013, 2014})
            files[year] = lots_of(data / fmt::format("parcels_fy{}.fgb.zip", year));
        node = world.start_server("none");
        auto const& database = world.database();
        database.sql(
            "CREATE TABLE plane AS SELECT fid, lot, use_code, ST_Transform(geom, 26986) "
            "AS geom, valid_to IS NOT NULL AS before, false AS settled FROM record.cambridge_lots;"
            "UPDATE plane SET settled = true WHERE fid IN (SELECT unnest(parents || "
            "children) FROM land.edition_event v WHERE v.kind IN ('same_ground', 'renumbered'));"
            "CREATE UNIQUE INDEX ON plane (fid); CREATE INDEX ON plane USING gist (geom);"
            "ANALYZE plane");
    }
    static City* shared() {
        static bool const there = real_data("cadastre_editions", "cambridge").has_value();
        static auto const city = there ? std::make_unique<City>() : nullptr;
        return city.get();
    }
    json get(std::string const& target) const {
        auto const answer = tests::get(node->port(), target);
        BOOST_REQUIRE_MESSAGE(answer.status == 200, target << ": " << answer.body);
        return json::parse(answer.body);
    }
    std::string value(std::string const& sql) { return world.database().value(sql); }

    World world;
    std::map<int, std::vector<FileLot>> files;
    std::unique_ptr<services::Server> node;
    std::string said;
};

constexpr std::pair<int, char const*> years[] = {{2013, "2013-06-30T00:00:00Z"},
                                                 {2014, "2014-01-01T00:00:00Z"}};

} // namespace

BOOST_AUTO_TEST_SUITE(cadastre_editions)

BOOST_AUTO_TEST_CASE(datetime_answers_either_year_of_a_real_cadastre_to_the_last_corner) {
    auto* const city = City::shared();
    if (city == nullptr) return;
    for (auto const& [year, instant] : years) {
        std::multiset<std::pair<std::string, std::string>> in_file, in_record;
        for (auto const& lot : city->files[year]) in_file.insert({lot.id, lot.wkb});
        for (auto const& row : city->world.database().sql(fmt::format(
                 "SELECT coalesce(lot, ''), encode(ST_AsBinary(ST_Multi(geom), 'NDR'), 'hex') FROM "
                 "record.cambridge_lots WHERE valid_from <= '{0}' AND coalesce(valid_to, "
                 "'infinity') > '{0}'",
                 instant)))
            in_record.insert({row[0], row[1]});
        BOOST_TEST((in_file == in_record), "lots of " << year);
        auto const page = city->get(fmt::format(
            "/collections/cambridge_lots/items?limit=10000&skipGeometry=true&datetime={}",
            instant));
        BOOST_TEST(page["numberMatched"] == in_file.size());
        BOOST_TEST(page["numberMatched"] == (year == 2013 ? 13159 : 13115));
        for (auto const& item : page["features"])
            BOOST_REQUIRE(item["properties"]["valid_to"].is_null() == (year == 2014));
    }
    // Where no time is asked for, the lots of now are meant, and those alone are counted and drawn.
    for (auto const* const question : {"items?limit=1", "count?"}) {
        auto const answer = city->get(std::string{"/collections/cambridge_lots/"} + question);
        BOOST_TEST((answer.contains("count") ? answer["count"] : answer["numberMatched"]) == 13115);
    }
}

BOOST_AUTO_TEST_CASE(tiles_of_native_zooms_show_the_lots_of_the_year_asked_for) {
    auto* const city = City::shared();
    if (city == nullptr) return;
    auto const zoom = city->node->atlas().view("cambridge_lots")->layer->native_zoom();
    std::mt19937_64 random{tests::seed()};
    std::size_t shown = 0;
    for (int i = 0; i < 25; ++i) {
        auto const z = zoom + unsigned(random() % (18 - zoom));
        auto const where = city->world.database().sql(
            fmt::format("SELECT ST_X(c), ST_Y(c) FROM (SELECT ST_Centroid(geom) c FROM "
                        "record.cambridge_lots OFFSET {} LIMIT 1) one",
                        random() % 26000))[0];
        double const n = std::exp2(z);
        double const latitude = std::stod(where[1]) * M_PI / 180;
        auto const x = unsigned((std::stod(where[0]) + 180) / 360 * n);
        auto const y = unsigned((1 - std::asinh(std::tan(latitude)) / M_PI) / 2 * n);
        for (auto const& [year, instant] : years) {
            auto const tile = tests::get(
                city->node->port(),
                fmt::format("/tiles/cambridge_lots/{}/{}/{}.mvt?datetime={}", z, x, y, instant));
            BOOST_REQUIRE_MESSAGE(tile.status == 200, tile.body);
            std::set<std::uint64_t> drawn;
            for (auto const& layer : read_tile(tile.body))
                for (auto const& feature : layer.features) drawn.insert(feature.id);
            auto const inside = [&](std::string const& box) {
                std::set<std::uint64_t> fids;
                for (auto const& row : city->world.database().sql(fmt::format(
                         "SELECT fid FROM record.cambridge_lots WHERE (valid_to IS NULL) = {} AND "
                         "ST_Intersects(geom, ST_Transform({}, 4326))",
                         year == 2014, box)))
                    fids.insert(std::stoull(row[0]));
                return fids;
            };
            // All that lie in the tile, and none that lie beyond its border of drawing.
            auto const tile_box = fmt::format("ST_TileEnvelope({}, {}, {}", z, x, y);
            for (auto const fid : inside(tile_box + ", margin => -0.01)"))
                BOOST_TEST(drawn.contains(fid), year << " lacks " << fid);
            auto const around = inside(tile_box + ", margin => 0.1)");
            for (auto const fid : drawn) BOOST_TEST(around.contains(fid), year << " shows " << fid);
            shown += drawn.size();
        }
    }
    BOOST_TEST(shown > 100U);
}

BOOST_AUTO_TEST_CASE(the_190_lots_that_changed_use_are_found) {
    auto* const city = City::shared();
    if (city == nullptr) return;
    std::map<int, std::map<std::string, std::vector<std::string>>> uses; // by year and id
    for (auto const& [year, lots] : city->files)
        for (auto const& lot : lots)
            if (!lot.id.empty()) uses[year][lot.id].push_back(lot.use);
    std::map<std::string, std::pair<std::string, std::string>> changed;
    for (auto const& [id, was] : uses[2013]) {
        auto const is = uses[2014].find(id);
        if (is == uses[2014].end() || was.size() != 1 || is->second.size() != 1) continue;
        if (!was[0].empty() && !is->second[0].empty() && was[0] != is->second[0])
            changed[id] = {was[0], is->second[0]};
    }
    BOOST_TEST(changed.size() == 190U);
    std::map<std::string, std::pair<std::string, std::string>> found;
    for (auto const& row :
         city->world.database().sql("SELECT lot, use_before, use_after FROM land.edition_purpose"))
        found[row[0]] = {row[1], row[2]};
    BOOST_TEST((found == changed));
    auto const told = city->get("/collections/cambridge_lots_changes/items?limit=1000&filter=kind"
                                "%3D%27purpose%27");
    BOOST_TEST(told["numberMatched"] == 190);
    auto const& first = told["features"][0]["properties"];
    BOOST_TEST((changed[first["before"]] == std::pair{first["use_before"].get<std::string>(),
                                                      first["use_after"].get<std::string>()}));
}

BOOST_AUTO_TEST_CASE(evidence_of_every_change_is_what_postgis_measures) {
    auto* const city = City::shared();
    if (city == nullptr) return;
    BOOST_TEST_MESSAGE(city->said);
    // Each lot of both years is in one event, and one only.
    for (auto const* const side : {"parents", "children"})
        BOOST_TEST(city->value(fmt::format("SELECT count(*) - count(DISTINCT fid) FROM "
                                           "land.edition_event, unnest({}) AS one (fid)",
                                           side)) == "0");
    BOOST_TEST(city->value("SELECT sum(cardinality(parents)) || ' ' || sum(cardinality(children)) "
                           "FROM land.edition_event") == "13159 13115");
    // Shares.
    BOOST_TEST(city->value("SELECT count(*) FROM land.edition_link JOIN plane p ON p.fid = parent "
                           "JOIN plane c ON c.fid = child CROSS JOIN LATERAL (SELECT ST_Area("
                           "ST_Intersection(p.geom, c.geom)) AS common) AS i JOIN "
                           "land.edition_event v ON v.id = event WHERE v.kind IN ('same_ground', "
                           "'renumbered') AND (abs(common / ST_Area(p.geom) - of_parent) > 1e-6 OR "
                           "abs(common / ST_Area(c.geom) - of_child) > 1e-6)") == "0");
    // Of the others, ground narrower than the noise is not counted: at most so much is missing.
    BOOST_TEST(city->value("SELECT count(*) FROM land.edition_link JOIN plane p ON p.fid = parent "
                           "JOIN plane c ON c.fid = child CROSS JOIN LATERAL (SELECT ST_Area("
                           "ST_Intersection(p.geom, c.geom)) AS common) AS i JOIN "
                           "land.edition_event v ON v.id = event WHERE v.kind NOT IN "
                           "('same_ground', 'renumbered') AND (of_parent > common / "
                           "ST_Area(p.geom) + 1e-6 OR of_child > common / ST_Area(c.geom) + 1e-6 "
                           "OR common - of_child * ST_Area(c.geom) > 0.97 * "
                           "least(ST_Perimeter(p.geom), ST_Perimeter(c.geom)))") == "0");
    // Corners: the farthest of either lot from the other's border.
    BOOST_TEST(
        city->value("SELECT count(*) FROM land.edition_link JOIN plane p ON p.fid = parent JOIN "
                    "plane c ON c.fid = child CROSS JOIN LATERAL (SELECT greatest((SELECT "
                    "max(ST_Distance(d.geom, ST_Boundary(c.geom))) FROM ST_DumpPoints(p.geom) d), "
                    "(SELECT max(ST_Distance(d.geom, ST_Boundary(p.geom))) FROM "
                    "ST_DumpPoints(c.geom) d)) AS far) AS m WHERE moved_m IS NOT NULL AND "
                    "abs(far - moved_m) > 1e-4") == "0");
}

BOOST_AUTO_TEST_CASE(splits_merges_and_new_lots_are_told_from_digitising_noise) {
    auto* const city = City::shared();
    if (city == nullptr) return;
    auto const noise = std::stod(city->value("SELECT max(noise) FROM land.edition"));
    BOOST_TEST(noise > 0.9); // half the diagonal of both grids' steps of 0.78 m by 0.57 m
    BOOST_TEST(noise < 1.0);
    // Nothing that digitising explains is told as a change, and no change as noise.
    BOOST_TEST(city->value(fmt::format(
                   "SELECT count(*) FROM land.edition_link l JOIN land.edition_event v ON v.id = "
                   "l.event WHERE moved_m IS NOT NULL AND (moved_m > {}) = (v.kind IN "
                   "('same_ground', 'renumbered'))",
                   noise)) == "0");
    // A split's children lie in its parent and make it up; a merger's parents likewise.
    BOOST_TEST(city->value("SELECT count(*) FROM land.edition_event v CROSS JOIN LATERAL (SELECT "
                           "ST_Union(geom) g FROM plane WHERE fid = ANY (parents)) p CROSS JOIN "
                           "LATERAL (SELECT ST_Union(geom) g FROM plane WHERE fid = ANY "
                           "(children)) c WHERE kind = 'split' AND (ST_Area(ST_SymDifference(p.g, "
                           "c.g)) > 0.05 * ST_Area(p.g) OR cardinality(children) < 2)") == "0");
    BOOST_TEST(city->value("SELECT count(*) FROM land.edition_event WHERE kind = 'split'") == "4");
    BOOST_TEST(std::stoi(city->value(
                   "SELECT count(*) FROM land.edition_event WHERE kind = 'merge'")) == 28);
    // Whoever shares half of either lot with another is linked to it: nothing was overlooked.
    BOOST_TEST(city->value("SELECT count(*) FROM plane p JOIN plane c ON p.before AND NOT c.before "
                           "AND NOT (p.settled AND c.settled) AND p.geom && c.geom WHERE ST_Area("
                           "ST_Intersection(p.geom, c.geom)) > 0.5 * least(ST_Area(p.geom), "
                           "ST_Area(c.geom)) AND NOT EXISTS (SELECT FROM land.edition_link WHERE "
                           "parent = p.fid AND child = c.fid)") == "0");
    // New lots lie where less than half was a lot that ended.
    BOOST_TEST(
        city->value("SELECT count(*) FROM land.edition_event v, unnest(children) AS n (fid) "
                    "JOIN plane c USING (fid) WHERE kind = 'appeared' AND (SELECT "
                    "coalesce(sum(ST_Area(ST_Intersection(p.geom, c.geom))), 0) FROM plane p "
                    "WHERE p.before AND NOT p.settled AND p.geom && c.geom) > 0.5 * "
                    "ST_Area(c.geom)") == "0");
    // Lineage both ways over HTTP, with the evidence.
    auto const row = city->world.database().sql(
        "SELECT parents[1], children[1], children[2] FROM land.edition_event WHERE kind = 'split' "
        "ORDER BY id LIMIT 1")[0];
    auto const parent = city->get("/collections/cambridge_lots/items/" + row[0] + "/lineage");
    BOOST_REQUIRE(parent["children"].size() == 2U);
    double sum = 0;
    for (auto const& child : parent["children"]) {
        BOOST_TEST(child["kind"] == "split");
        BOOST_TEST(child["since"] == "2013-07-01");
        sum += child["of_parent"].get<double>();
    }
    BOOST_TEST(sum > 0.97);
    auto const child = city->get("/collections/cambridge_lots/items/" + row[1] + "/lineage");
    BOOST_REQUIRE(child["parents"].size() == 1U);
    BOOST_TEST(child["parents"][0]["fid"] == std::stoll(row[0]));
    BOOST_TEST(tests::get(city->node->port(), "/collections/cambridge_lots/items/999999999/lineage")
                   .status == 404);
}

BOOST_AUTO_TEST_CASE(zoning_and_floodplains_over_every_lot_are_what_postgis_overlays) {
    auto* const city = City::shared();
    if (city == nullptr) return;
    auto const& database = city->world.database();
    database.sql(
        "CREATE TABLE wanted AS SELECT p.fid, o.id, o.fid AS other, ST_Area(common::geography) AS "
        "area FROM record.cambridge_lots p JOIN (SELECT 'cambridge_zoning' AS id, fid, geom FROM "
        "record.cambridge_zoning UNION ALL SELECT 'cambridge_floodplain', fid, geom FROM "
        "record.cambridge_floodplain) o ON p.geom && o.geom CROSS JOIN LATERAL (SELECT "
        "ST_CollectionExtract(ST_Intersection(p.geom, o.geom), 3) AS common OFFSET 0) AS i WHERE "
        "p.valid_to IS NULL AND NOT ST_IsEmpty(common); CREATE INDEX ON wanted (fid)");
    std::map<std::int64_t, std::map<std::pair<std::string, std::int64_t>, double>> wanted;
    for (auto const& row : database.sql("SELECT fid, id, other, area FROM wanted"))
        wanted[std::stoll(row[0])][{row[1], std::stoll(row[2])}] = std::stod(row[3]);
    std::size_t compared = 0;
    std::size_t flooded = 0;
    double worst = 0;
    for (auto const& row :
         database.sql("SELECT fid FROM record.cambridge_lots WHERE valid_to IS NULL")) {
        auto const fid = std::stoll(row[0]);
        auto const answer = city->get(
            fmt::format("/collections/cambridge_lots/items/{}/overlay?with=cambridge_zoning,"
                        "cambridge_floodplain",
                        fid));
        std::map<std::pair<std::string, std::int64_t>, double> got;
        for (auto const& overlay : answer["overlays"])
            for (auto const& part : overlay["parts"])
                got[{overlay["collection"], part["fid"]}] = part["area_m2"];
        for (auto const& [key, area] : wanted[fid]) {
            if (area < 1e-6) continue; // m²: a hair's breadth that the two roundings decide
            BOOST_REQUIRE_MESSAGE(got.contains(key), fid << " lacks " << key.second);
            double const off = std::abs(got[key] - area);
            worst = std::max(worst, off);
            if (off > std::max(1e-4, 1e-9 * area))
                BOOST_ERROR(fid << ": " << got[key] << " for " << area);
            ++compared;
            flooded += key.first == "cambridge_floodplain" ? 1 : 0;
        }
        for (auto const& [key, area] : got)
            BOOST_TEST((wanted[fid].contains(key) || area < 1e-6), fid << " has " << key.second);
    }
    BOOST_TEST_MESSAGE(fmt::format("{} overlays of 13,115 lots, {} of them with floodplains; "
                                   "farthest from PostGIS {:.1e} m²",
                                   compared, flooded, worst));
    BOOST_TEST(compared > 13'115U);
    BOOST_TEST(flooded > 100U);
}

BOOST_AUTO_TEST_CASE(an_edition_comes_whole_or_not_at_all_and_says_what_it_lacks) {
    Folder const folder;
    Database const database;
    auto const square = [](int number, double west, double width) {
        return feature(
            fmt::format(
                R"({{"type":"Polygon","coordinates":[[[{0},18.34],[{1},18.34],[{1},18.341],[{0},18.341],[{0},18.34]]]}})",
                west, west + width),
            fmt::format(R"({{"lot":"{}","kind":"ONT"}})", number));
    };
    auto const take = [&](std::vector<std::string> const& lots, std::string const& since,
                          std::string const& more) {
        write(folder / "lots.geojson", geojson(lots));
        auto const plan = write(folder / "plan.toml", fmt::format(R"([[collection]]
id = "town"
geometry = "polygon"
title = {{ vi = "Thửa" }}
synthetic = true
class_field = "kind"
time_field = "valid_to"
[[collection.field]]
name = "lot"
type = "text"
title = {{ vi = "Số" }}
[[collection.field]]
name = "kind"
type = "text"
title = {{ vi = "Loại" }}
[[collection.field]]
name = "valid_to"
type = "date"
title = {{ vi = "Đến" }}
[[import]]
kind = "edition"
collection = "town"
file = "lots.geojson"
since = {}
lot = "lot"
use = "kind"
plane = "EPSG:9209"
{})",
                                                                  since, more));
        services::domain::run_plan(database.uri(), services::domain::read_plan(plan, folder.path()),
                                   [](std::string_view) {});
    };
    auto const standing = [&] {
        return database.value("SELECT string_agg(lot, ' ' ORDER BY lot) FROM record.town WHERE "
                              "valid_to IS NULL");
    };
    auto const tolerant = "vertex_tolerance = 0.2";
    take({square(1, 105.9, 0.001), square(2, 105.901, 0.001)}, "2020-01-01", "");
    BOOST_TEST(standing() == "1 2");
    BOOST_TEST(throws("edition-noise", [&] { take({square(1, 105.9, 0.001)}, "2021-01-01", ""); }));
    BOOST_TEST(throws("edition-not-later",
                      [&] { take({square(1, 105.9, 0.001)}, "2020-01-01", tolerant); }));
    BOOST_TEST(throws("edition-row", [&] {
        take({square(1, 105.9, 0.001), feature("null", R"({"lot":"2"})")}, "2021-01-01", tolerant);
    }));
    for (auto const* const bad :
         {"vertex_tolerance = -1.0", "vertex_tolerance = \"x\"", "lots = 1"})
        BOOST_TEST(throws("bad-plan", [&] { take({square(1, 105.9, 0.001)}, "2021-01-01", bad); }));
    BOOST_TEST(standing() == "1 2"); // nothing of them was kept
    BOOST_TEST(database.value("SELECT count(*) FROM land.edition") == "1");
    take({square(1, 105.9, 0.001), square(3, 105.901, 0.0004), square(4, 105.9014, 0.0006)},
         "2021-01-01", tolerant);
    BOOST_TEST(standing() == "1 3 4");
    BOOST_TEST(
        database.value("SELECT string_agg(kind || ' ' || before || ' > ' || after, ', ') FROM "
                       "record.town_changes") == "split 2 > 3, 4");
    BOOST_TEST(database.value("SELECT count(*) FROM record.town WHERE valid_to = "
                              "'2021-01-01T00:00:00+07:00'") == "2");
}

BOOST_AUTO_TEST_SUITE_END()
