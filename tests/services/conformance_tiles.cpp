// The abstract tests of OGC API Tiles, Part 1 (20-057, annex A) for the classes core, tileset,
// tilesets-list, geodata-tilesets and mvt, by their names, on both tile matrix sets; and what
// stands in tiles of degrees, held against PostGIS.

#include "tests/services/links.hpp"
#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

using diaban::tests::links_of;
using diaban::tests::target;
using diaban::tests::World;
using nlohmann::json;

namespace {

constexpr char tiling_scheme[] = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";
constexpr char const* sets[] = {"WebMercatorQuad", "WorldCRS84Quad"};

json tileset(std::string const& set, std::string const& id = "blocks") {
    return World::shared().json("/collections/" + id + "/tiles/" + set);
}

/// `0`, `1`, … in place of what a template names.
std::string filled(json const& item, std::string matrix, json const& row, json const& column) {
    auto at = target(item);
    auto const put = [&](std::string_view name, std::string const& value) {
        at.replace(at.find(name), name.size(), value);
    };
    put("{tileMatrix}", matrix);
    put("{tileRow}", row.dump());
    put("{tileCol}", column.dump());
    return at;
}

json api_parameter(std::string_view name) {
    auto const paths = World::shared().json("/api")["paths"];
    auto const& operation = paths["/collections/{collectionId}/tiles/{tileMatrixSet}/{tileMatrix}/"
                                  "{tileRow}/{tileCol}"]["get"];
    for (auto const& parameter : operation["parameters"])
        if (parameter.contains("name") && parameter["name"] == name) return parameter;
    return nullptr;
}

} // namespace

BOOST_AUTO_TEST_SUITE(tiles_part_1_names)

BOOST_AUTO_TEST_CASE(core_tc_tilematrix_tilerow_tilecol_definition) {
    for (auto const* const name : {"tileMatrix", "tileRow", "tileCol"}) {
        auto const parameter = api_parameter(name);
        BOOST_REQUIRE_MESSAGE(parameter.is_object(), name);
        BOOST_TEST(parameter["in"] == "path");
        BOOST_TEST(parameter["required"] == true);
        BOOST_TEST(parameter["schema"]["type"] == "integer");
    }
    BOOST_TEST(api_parameter("tileMatrixSet")["schema"]["enum"] == json(sets));
}

BOOST_AUTO_TEST_CASE(core_tc_op_and_tc_success_tiles_of_every_level_within_the_limits) {
    auto& world = World::shared();
    for (auto const* const set : sets) {
        auto const described = tileset(set);
        auto const item = links_of(described, "item").at(0);
        BOOST_TEST(!described["tileMatrixSetLimits"].empty());
        for (auto const& limit : described["tileMatrixSetLimits"]) {
            auto const at =
                filled(item, limit["tileMatrix"], limit["minTileRow"], limit["minTileCol"]);
            auto const tile = world.get(at);
            BOOST_TEST((tile.status == 200 || tile.status == 204), at);
            if (tile.status == 200)
                BOOST_TEST(tile.field("content-type") == "application/vnd.mapbox-vector-tile");
        }
    }
}

BOOST_AUTO_TEST_CASE(core_tc_error_outside_is_404_or_400_and_nothing_there_is_204) {
    auto& world = World::shared();
    for (auto const* const set : sets) {
        auto const described = tileset(set);
        auto const item = links_of(described, "item").at(0);
        auto const& limit = described["tileMatrixSetLimits"].back();
        auto const status = [&](std::string const& matrix, json const& row, json const& column) {
            return world.get(filled(item, matrix, row, column)).status;
        };
        std::string const deepest = limit["tileMatrix"];
        int const row = limit["maxTileRow"];
        int const column = limit["maxTileCol"];
        BOOST_TEST(status(deepest, row + 1, column) == 404, set);
        BOOST_TEST(status(deepest, row, column + 1) == 404, set);
        BOOST_TEST(status(deepest, 99999999, column) == 404, set);
        BOOST_TEST(status("20", 0, 0) == 404, set);
        BOOST_TEST(status("x", 0, 0) == 400, set);
        BOOST_TEST(status("5", -1, 0) == 400, set);
        BOOST_TEST(status(deepest, row, column) < 300, set);
    }
    BOOST_TEST(world.get("/collections/blocks/tiles/NoSuchQuad").status == 404);
}

BOOST_AUTO_TEST_CASE(tileset_description_has_scheme_template_and_registered_set) {
    auto& world = World::shared();
    for (auto const* const set : sets) {
        auto const described = tileset(set);
        auto const uri = fmt::format("http://www.opengis.net/def/tilematrixset/OGC/1.0/{}", set);
        BOOST_TEST(described["tileMatrixSetURI"] == uri);
        BOOST_TEST(described["dataType"] == "vector");
        auto const scheme = links_of(described, tiling_scheme).at(0);
        auto const definition = world.json(target(scheme));
        BOOST_TEST(definition["uri"] == uri);
        BOOST_TEST(definition["crs"] == described["crs"]);
        auto const item = links_of(described, "item").at(0);
        BOOST_TEST(item["templated"] == true);
        BOOST_TEST(item["type"] == "application/vnd.mapbox-vector-tile");
        for (auto const* const name : {"{tileMatrix}", "{tileRow}", "{tileCol}"})
            BOOST_TEST(item["href"].get<std::string>().find(name) != std::string::npos);
        for (auto const& limit : described["tileMatrixSetLimits"]) {
            auto const& matrices = definition["tileMatrices"];
            auto const matrix = std::ranges::find(matrices, limit["tileMatrix"],
                                                  [](json const& one) { return one["id"]; });
            BOOST_REQUIRE((matrix != matrices.end()));
            BOOST_TEST(limit["maxTileRow"] < (*matrix)["matrixHeight"]);
            BOOST_TEST(limit["maxTileCol"] < (*matrix)["matrixWidth"]);
        }
    }
}

BOOST_AUTO_TEST_CASE(tilesets_list_tileset_links_each_set_once) {
    auto const list = World::shared().json("/collections/blocks/tiles")["tilesets"];
    BOOST_TEST(list.size() == std::size(sets));
    for (auto const& entry : list) {
        auto const whole = World::shared().json(target(links_of(entry, "self").at(0)));
        for (auto const* const name : {"title", "dataType", "crs", "tileMatrixSetURI"})
            BOOST_TEST(whole[name] == entry[name]);
    }
}

BOOST_AUTO_TEST_CASE(geodata_tilesets_operation_and_desc_links_from_the_collection) {
    auto& world = World::shared();
    for (std::string const id : {"blocks", "ways", "spots", "places"}) {
        auto const links = links_of(world.json("/collections/" + id),
                                    "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector");
        BOOST_REQUIRE(links.size() == 1U);
        BOOST_TEST(!world.json(target(links[0]))["tilesets"].empty());
    }
    BOOST_TEST(world.get("/collections/indicators/tiles").status == 404);
}

BOOST_AUTO_TEST_CASE(mvt_content_is_a_vector_tile_of_the_collection) {
    auto& world = World::shared();
    for (auto const* const path : {"WebMercatorQuad/12/1838/3245", "WorldCRS84Quad/11/817/3244"}) {
        auto const tile = world.get(std::string{"/collections/blocks/tiles/"} + path + "?f=mvt");
        BOOST_REQUIRE_MESSAGE(tile.status == 200, path << " " << tile.body);
        auto const layers = diaban::tests::read_tile(tile.body);
        BOOST_REQUIRE(!layers.empty());
        BOOST_TEST(layers[0].name == "blocks");
        BOOST_TEST(layers[0].extent == 4096U);
    }
}

// Annexes D.1 and D.2 of 17-083r4: scale denominators halve from level to level.
BOOST_AUTO_TEST_CASE(the_tile_matrix_sets_are_the_registered_ones) {
    auto& world = World::shared();
    BOOST_TEST(world.json("/tileMatrixSets")["tileMatrixSets"].size() == 2U);
    struct Registered {
        char const* id;
        double denominator;
        double size;
        int wide;
        json corner;
    };
    for (auto const& [id, denominator, size, wide, corner] :
         {Registered{"WebMercatorQuad",
                     559082264.0287178,
                     156543.0339280410,
                     1,
                     {-20037508.3427892, 20037508.3427892}},
          Registered{"WorldCRS84Quad", 279541132.0143589, 0.703125, 2, {-180.0, 90.0}}}) {
        auto const set = world.json(std::string{"/tileMatrixSets/"} + id);
        double cells = 1;
        for (auto const& matrix : set["tileMatrices"]) {
            auto const near = [](json const& ours, double theirs) {
                return std::abs(ours.get<double>() / theirs - 1) < 1e-12;
            };
            BOOST_TEST(near(matrix["scaleDenominator"], denominator / cells), id);
            BOOST_TEST(near(matrix["cellSize"], size / cells), id);
            BOOST_TEST(matrix["matrixHeight"] == cells);
            BOOST_TEST(matrix["matrixWidth"] == wide * cells);
            BOOST_TEST(matrix["pointOfOrigin"] == corner);
            cells *= 2;
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tiles_of_degrees)

/// Four numbers in tile units: west, north, east, south; far outside one another where there is
/// nothing.
using Sides = std::array<double, 4>;

Sides sides_of(diaban::tests::ReadFeature const& feature) {
    Sides sides{1e9, 1e9, -1e9, -1e9};
    for (auto const& path : feature.paths)
        for (auto const& p : path) {
            sides = {std::min(sides[0], double(p.x)), std::min(sides[1], double(p.y)),
                     std::max(sides[2], double(p.x)), std::max(sides[3], double(p.y))};
        }
    return sides;
}

bool holds(Sides const& outer, Sides const& inner, double slack) {
    return outer[0] - slack <= inner[0] && outer[1] - slack <= inner[1] &&
           outer[2] + slack >= inner[2] && outer[3] + slack >= inner[3];
}

// PostGIS says which rows meet the tile and where they lie in it: a feature lies within the box of
// its row, and reaches as far as the row does where it is wider than a few units (rounding takes
// off what is thinner).
BOOST_AUTO_TEST_CASE(hold_the_features_that_lie_there_where_they_lie) {
    auto& world = World::shared();
    std::mt19937_64 random{diaban::tests::seed()};
    constexpr double slack = 1.5;
    for (std::string const id : {"blocks", "ways", "spots"}) {
        auto const least = std::stoi(
            tileset("WorldCRS84Quad", id)["layers"][0]["minTileMatrix"].get<std::string>());
        for (int round = 0; round < 12; ++round) {
            int const level = std::max(least, 8) + round % 6;
            double const side = 180.0 / std::exp2(level);
            auto const column = int((285.0 + 0.8 * double(random() % 1000) / 1000) / side);
            auto const row = int((72.0 - 0.5 * double(random() % 1000) / 1000) / side);
            double const west = -180 + column * side;
            double const north = 90 - row * side;
            auto const unit = side / 4096;
            auto const where = fmt::format("{} {}/{}/{}", id, level, row, column);
            std::map<std::int64_t, std::pair<Sides, Sides>> theirs;
            for (auto const& found : world.database().sql(fmt::format(
                     "WITH tile AS (SELECT ST_MakeEnvelope({0:.17g}, {1:.17g}, {2:.17g}, {3:.17g}, "
                     "4326) AS box), cut AS (SELECT fid, ST_Intersection(geom, ST_Expand(box, 2 * "
                     "{5:.17g})) AS c, ST_Intersection(geom, ST_Expand(box, -2 * {5:.17g})) AS n "
                     "FROM "
                     "record.{4}, tile WHERE ST_Intersects(geom, ST_Expand(box, 2 * {5:.17g}))), "
                     "pairs AS (SELECT fid, c, CASE WHEN ST_Dimension(n) = 2 THEN ST_Buffer(n, -2 "
                     "* "
                     "{5:.17g}) ELSE n END AS i FROM cut) SELECT fid, ST_XMin(c), ST_YMax(c), "
                     "ST_XMax(c), ST_YMin(c), ST_XMin(i), ST_YMax(i), ST_XMax(i), ST_YMin(i) FROM "
                     "pairs",
                     west - 64 * unit, north - side - 64 * unit, west + side + 64 * unit,
                     north + 64 * unit, id, unit))) {
                auto const sides = [&](std::size_t first) {
                    if (found[first].empty()) return Sides{1e9, 1e9, -1e9, -1e9};
                    return Sides{(std::stod(found[first]) - west) / unit,
                                 (north - std::stod(found[first + 1])) / unit,
                                 (std::stod(found[first + 2]) - west) / unit,
                                 (north - std::stod(found[first + 3])) / unit};
                };
                theirs[std::stoll(found[0])] = {sides(1), sides(5)};
            }
            auto const answer = world.get(fmt::format(
                "/collections/{}/tiles/WorldCRS84Quad/{}/{}/{}", id, level, row, column));
            std::size_t drawn = 0;
            if (answer.status == 200)
                for (auto const& layer : diaban::tests::read_tile(answer.body)) {
                    if (layer.name != id) continue;
                    for (auto const& feature : layer.features) {
                        auto const at = theirs.find(std::int64_t(feature.id));
                        if (at == theirs.end()) continue; // within a unit of the buffer's border
                        ++drawn;
                        auto const ours = sides_of(feature);
                        BOOST_TEST(holds(at->second.first, ours, slack),
                                   where << " " << feature.id);
                        BOOST_TEST(holds(ours, at->second.second, slack),
                                   where << " " << feature.id);
                    }
                }
            else
                BOOST_TEST((answer.status == 204 || answer.status == 404), where);
            // What meets the buffered tile by less than a unit may be missing.
            std::size_t surely = 0;
            for (auto const& [fid, both] : theirs)
                surely +=
                    both.second[0] < both.second[2] || both.second[1] < both.second[3] ? 1 : 0;
            BOOST_TEST(drawn + 2 >= surely, where);
        }
    }
}

BOOST_AUTO_TEST_CASE(take_filters_and_say_from_which_level_they_are_there) {
    auto& world = World::shared();
    constexpr char tile[] = "/collections/blocks/tiles/WorldCRS84Quad/11/817/3244";
    auto const kinds = [&](std::string const& query) {
        std::map<std::string, int> found;
        for (auto const& layer : diaban::tests::read_tile(world.get(tile + query).body))
            if (layer.name == "blocks")
                for (auto const& feature : layer.features)
                    ++found[std::get<std::string>(feature.tags.at("kind"))];
        return found;
    };
    auto const all = kinds("");
    auto const some = kinds("?filter=kind%20%3D%20'LUC'");
    BOOST_TEST(all.size() > 1U);
    BOOST_TEST(some.size() == 1U);
    BOOST_TEST(some.at("LUC") == all.at("LUC"));
    BOOST_TEST(world.get(std::string{tile} + "?datetime=2025-01-01").status == 400);
    auto const least =
        std::stoi(tileset("WorldCRS84Quad")["layers"][0]["minTileMatrix"].get<std::string>());
    if (least > 0) {
        auto const below =
            world.get(fmt::format("/collections/blocks/tiles/WorldCRS84Quad/{}/0/0", least - 1));
        BOOST_TEST(below.status == 404);
    }
    auto const first = world.get(tile);
    BOOST_TEST(world.get(tile, "If-None-Match: " + first.field("etag") + "\r\n").status == 304);
}

BOOST_AUTO_TEST_SUITE_END()
