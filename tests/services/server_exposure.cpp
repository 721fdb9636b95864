// Who and what is in a hazard: held to PostGIS, and parts to their totals.

#include "geo/ops/measure.hpp"
#include "services/domain/exposure_count.hpp"
#include "services/domain/exposure_prepared.hpp"
#include "tests/services/valley.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace diaban::tests;
using nlohmann::json;
namespace domain = diaban::services::domain;
namespace geo = diaban::geo;

namespace {

std::vector<std::string> const counted{"blocks", "ways", "spots"};

domain::Policies everything() {
    domain::Policies policies{{"places", geo::Policy::everything()}};
    for (auto const& id : counted) policies.emplace(id, geo::Policy::everything());
    return policies;
}

std::uint64_t seed() {
    auto const* const given = std::getenv("DIABAN_SEED");
    return given == nullptr ? std::random_device{}() : std::strtoull(given, nullptr, 10);
}

/// A star around a place: its corners stand in order around it, so no side crosses another.
geo::Geometry star(std::mt19937_64& random, double lon, double lat) {
    std::uniform_real_distribution<double> reach{0.005, 0.12};
    std::uniform_int_distribution<int> corners{3, 9};
    geo::Geometry made;
    made.kind = geo::GeometryKind::polygon;
    made.srid = 4326;
    int const n = corners(random);
    for (int i = 0; i < n; ++i) {
        double const angle = 2 * M_PI * i / n;
        double const r = reach(random);
        made.positions.push_back({lon + r * std::cos(angle), lat + r * std::sin(angle)});
    }
    made.positions.push_back(made.positions.front());
    made.path_ends = {std::uint32_t(made.positions.size())};
    made.part_ends = {1};
    return made;
}

std::string wkt(geo::Geometry const& polygon) {
    std::string text;
    for (auto const& p : polygon.positions)
        text += fmt::format("{}{} {}", text.empty() ? "" : ",", p.x, p.y);
    return "ST_GeomFromText('POLYGON((" + text + "))', 4326)";
}

/// Parts add up to the total, number for number.
void hold_sums(domain::Exposure const& exposure) {
    domain::ExposureTally sum;
    for (auto const& part : exposure.parts) sum += part.tally;
    BOOST_TEST(sum.area_m2 == exposure.total.area_m2);
    BOOST_TEST(sum.people.affected == exposure.total.people.affected);
    BOOST_TEST(sum.people.displaced == exposure.total.people.displaced);
    for (auto const& id : counted) {
        auto const of = [&](domain::ExposureTally const& tally) {
            auto const found = tally.assets.find(id);
            return found == tally.assets.end() ? domain::AssetTally{} : found->second;
        };
        auto const all = of(exposure.total);
        BOOST_TEST(of(sum).ids == all.ids, boost::test_tools::per_element());
        BOOST_TEST(of(sum).amount == all.amount);
        std::uint64_t count = 0;
        double amount = 0;
        for (auto const& [value, one] : all.classes) {
            count += one.count;
            amount += one.amount;
        }
        BOOST_TEST(count == all.ids.size());
        BOOST_TEST(amount == all.amount, boost::test_tools::tolerance(1e-9));
    }
}

/// Ids that PostGIS finds, as text.
std::string found(World& world, std::string const& table, std::string const& condition) {
    return world.database().value("SELECT coalesce(string_agg(fid::text, ',' ORDER BY fid), '') "
                                  "FROM record." +
                                  table + " AS t WHERE " + condition);
}

std::string text_of(domain::Exposure const& exposure, std::string const& collection) {
    auto const at = exposure.total.assets.find(collection);
    return at == exposure.total.assets.end() ? std::string{}
                                             : fmt::format("{}", fmt::join(at->second.ids, ","));
}

double amount_of(domain::Exposure const& exposure, std::string const& collection) {
    auto const at = exposure.total.assets.find(collection);
    return at == exposure.total.assets.end() ? 0 : at->second.amount;
}

geo::exposure::MarkedCells marked(geo::raster::Frame const& frame, std::vector<float> const& depth,
                                  double from) {
    geo::exposure::MarkedCells cells{frame};
    cells.mark(depth, frame.window(), 1, {.from = from});
    return cells;
}

/// Two ways to count the same.
void hold_alike(domain::Exposure const& one, domain::Exposure const& other) {
    auto const near = boost::test_tools::tolerance(1e-9);
    BOOST_REQUIRE(one.parts.size() == other.parts.size());
    for (std::size_t i = 0; i < one.parts.size(); ++i) {
        auto const& a = one.parts[i];
        auto const& b = other.parts[i];
        BOOST_TEST(a.code == b.code);
        BOOST_TEST(a.tally.area_m2 == b.tally.area_m2, near);
        BOOST_TEST(a.tally.people.affected == b.tally.people.affected, near);
        BOOST_TEST(a.tally.people.displaced == b.tally.people.displaced, near);
        for (auto const& [id, asset] : b.tally.assets) {
            BOOST_REQUIRE(a.tally.assets.contains(id));
            BOOST_TEST(a.tally.assets.at(id).ids == asset.ids, boost::test_tools::per_element());
            BOOST_TEST(a.tally.assets.at(id).amount == asset.amount, near);
        }
    }
}

/// A folder that goes with the test.
class Folder {
public:
    explicit Folder(char const* name)
        : m_path{std::filesystem::temp_directory_path() / fmt::format("{}-{}", name, ::getpid())} {}
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return m_path; }

private:
    std::filesystem::path m_path;
};

} // namespace

BOOST_AUTO_TEST_SUITE(exposure)

BOOST_AUTO_TEST_CASE(random_polygons_hold_what_postgis_finds_in_them_and_parts_sum_to_totals) {
    auto& world = World::shared();
    auto const given = seed();
    BOOST_TEST_MESSAGE("DIABAN_SEED=" << given);
    std::mt19937_64 random{given};
    auto const box = world.database().value(
        "SELECT ST_XMin(b) || ' ' || ST_YMin(b) || ' ' || ST_XMax(b) || ' ' || ST_YMax(b) FROM "
        "(SELECT ST_Extent(geom) AS b FROM record.blocks) AS e");
    double west = 0;
    double south = 0;
    double east = 0;
    double north_lat = 0;
    std::istringstream{box} >> west >> south >> east >> north_lat;
    std::uniform_real_distribution<double> lon{west, east};
    std::uniform_real_distribution<double> lat{south, north_lat};
    auto const policies = everything();
    auto const database = database_of(world);
    int const rounds = std::getenv("DIABAN_LONG") != nullptr ? 1000 : 60;
    for (int round = 0; round < rounds; ++round) {
        auto const shape = star(random, lon(random), lat(random));
        domain::PolygonHazard const hazard{shape};
        domain::WorkProgress progress;
        auto const exposure =
            domain::count_exposure({database, policies, counted, hazard}, progress);
        hold_sums(exposure);
        auto const sql = wkt(shape);
        // Two that only touch have nothing in common to be counted.
        BOOST_TEST(text_of(exposure, "blocks") ==
                   found(world, "blocks",
                         "ST_Intersects(geom, " + sql + ") AND ST_Area(ST_Intersection(geom, " +
                             sql + ")) > 0"));
        BOOST_TEST(text_of(exposure, "ways") ==
                   found(world, "ways",
                         "ST_Intersects(geom, " + sql + ") AND ST_Length(ST_Intersection(geom, " +
                             sql + ")) > 0"));
        BOOST_TEST(text_of(exposure, "spots") ==
                   found(world, "spots", "ST_Intersects(geom, " + sql + ")"));
        auto const sum = [&](std::string const& measure, std::string const& table) {
            return std::stod(world.database().value("SELECT coalesce(sum(" + measure +
                                                    "(ST_Intersection(geom, " + sql +
                                                    ")::geography)), 0) FROM record." + table +
                                                    " WHERE ST_Intersects(geom, " + sql + ")"));
        };
        // PostGIS takes sides for geodesics; over these few kilometres that is 1e-5 at most.
        BOOST_TEST(std::abs(amount_of(exposure, "blocks") - sum("ST_Area", "blocks")) <=
                   2e-5 * amount_of(exposure, "blocks") + 1e-3);
        BOOST_TEST(std::abs(amount_of(exposure, "ways") - sum("ST_Length", "ways")) <=
                   1e-6 * amount_of(exposure, "ways") + 1e-3);
    }
}

BOOST_AUTO_TEST_CASE(parts_sum_to_totals_for_a_thousand_random_grids) {
    auto& world = World::shared();
    auto const given = seed();
    BOOST_TEST_MESSAGE("DIABAN_SEED=" << given);
    std::mt19937_64 random{given};
    auto const policies = everything();
    Folder const folder{"targets"};
    geo::raster::Frame const frame{{150, 150}, 535'000, 2'035'000, 200, 200, utm48};
    std::vector<float> depth(frame.shape.cells());
    for (int round = 0; round < 1000; ++round) {
        for (auto& one : depth) one = float(random() % 6) / 4;
        auto const hazard = marked(frame, depth, 1);
        auto const worse = marked(frame, depth, 1.25);
        domain::WorkProgress progress;
        auto const exposure = domain::count_in_cells(
            {database_of(world), folder.path(), policies, counted, hazard, &worse}, progress);
        hold_sums(exposure);
        BOOST_TEST(exposure.total.people.displaced <= exposure.total.people.affected);
        if (round % 100 != 0) continue;
        // Row by row, without footprints.
        domain::GridHazard const outer{hazard};
        domain::GridHazard const inner{worse};
        auto const direct = domain::count_exposure(
            {database_of(world), policies, counted, outer, &inner}, progress);
        hold_alike(exposure, direct);
    }
}

BOOST_AUTO_TEST_CASE(what_is_edited_is_found_anew_and_no_other_row) {
    auto& world = World::shared();
    auto const policies = everything();
    Folder const folder{"edited"};
    geo::raster::Frame const frame{{150, 150}, 535'000, 2'035'000, 200, 200, utm48};
    std::vector<float> const depth(frame.shape.cells(), 2);
    auto const hazard = marked(frame, depth, 1);
    auto const counts = [&] {
        domain::WorkProgress progress;
        return domain::count_in_cells(
            {database_of(world), folder.path(), policies, counted, hazard, nullptr}, progress);
    };
    auto const alike = [&](domain::Exposure const& exposure) {
        domain::WorkProgress progress;
        domain::GridHazard const outer{hazard};
        hold_alike(exposure,
                   domain::count_exposure({database_of(world), policies, counted, outer, nullptr},
                                          progress));
    };
    auto const before = counts();
    auto const fid = before.total.assets.at("blocks").ids.front();
    auto const move = [&](char const* degrees) {
        static_cast<void>(world.database().value(
            fmt::format("UPDATE record.blocks SET geom = ST_Translate(geom, {}, 0) WHERE fid = {} "
                        "RETURNING fid",
                        degrees, fid)));
    };
    move("3"); // far away
    auto const away = counts();
    BOOST_TEST(away.total.assets.at("blocks").ids.size() + 1 ==
               before.total.assets.at("blocks").ids.size());
    alike(away);
    move("-3");
    auto const back = counts();
    BOOST_TEST(back.total.assets.at("blocks").ids == before.total.assets.at("blocks").ids,
               boost::test_tools::per_element());
    alike(back);
    // A policy that sees less is told less, from the same footprints.
    auto blind = policies;
    blind.find("blocks")->second = geo::Policy::limited({"nowhere"}, 0);
    domain::WorkProgress progress;
    auto const less = domain::count_in_cells(
        {database_of(world), folder.path(), blind, counted, hazard, nullptr}, progress);
    BOOST_TEST(!less.total.assets.contains("blocks"));
    BOOST_TEST(less.total.assets.at("spots").ids == before.total.assets.at("spots").ids,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_number_opens_its_list) {
    auto& world = World::shared();
    auto const ring = world.database().value(
        "SELECT ST_AsGeoJSON(ST_Expand(ST_Centroid(ST_Extent(geom)), 0.03)) FROM record.blocks");
    auto const results =
        results_of(world, "exposure",
                   {{"hazard", {{"polygon", json::parse(ring)}}}, {"collections", counted}});
    int opened = 0;
    auto const open = [&](json const& number) {
        std::uint64_t listed = 0;
        for (std::string const link : number["list"])
            listed += world.json(link + "&limit=1")["numberMatched"].get<std::uint64_t>();
        BOOST_TEST(listed == number["count"].get<std::uint64_t>());
        ++opened;
    };
    auto parts = results["parts"];
    parts.push_back(results["total"]);
    for (auto const& part : parts)
        for (auto const& number : part["collections"]) {
            open(number);
            if (!number.contains("classes")) continue;
            for (auto const& [value, one] : number["classes"].items())
                if (!value.empty()) open(one);
        }
    BOOST_TEST(opened > 6);
    BOOST_TEST(results["total"]["collections"]["blocks"]["count"].get<int>() > 0);
    BOOST_TEST(results["details"].contains("people"));
}

BOOST_AUTO_TEST_CASE(a_camera_sees_a_sector_around_its_azimuth_to_its_range) {
    std::vector<geo::Field> fields(3);
    fields[0].name = "azimuth";
    fields[1].name = "field_of_view";
    fields[2].name = "range_m";
    domain::CameraSight const sight{"cameras", fields};
    geo::Geometry const camera = [] {
        geo::Geometry point;
        point.kind = geo::GeometryKind::point;
        point.srid = 4326;
        point.positions = {{105.9, 18.3}};
        return point;
    }();
    auto const seen = [&](double azimuth, double width, double range) {
        std::vector<geo::ValueView> const values{azimuth, width, range};
        auto shape = camera;
        sight.widen({.fid = 1, .scope = {}, .sensitivity = 0, .wkb = {}, .values = values}, shape);
        return shape;
    };
    auto const to_east = seen(90, 60, 100);
    BOOST_TEST((to_east.kind == geo::GeometryKind::polygon));
    double const sector = M_PI * 100 * 100 / 6;
    BOOST_TEST(geo::ops::straight_area(to_east) == sector, boost::test_tools::tolerance(6e-3));
    domain::PolygonHazard const view{to_east};
    double const metre = 1 / 105'900.0; // of longitude there
    BOOST_TEST(view.holds({105.9 + 90 * metre, 18.3}));
    BOOST_TEST(!view.holds({105.9 + 110 * metre, 18.3}));
    BOOST_TEST(!view.holds({105.9 - 20 * metre, 18.3}));
    BOOST_TEST(!view.holds({105.9, 18.3 + 0.0005}));
    BOOST_TEST(geo::ops::straight_area(seen(0, 0, 100)) == 6 * sector,
               boost::test_tools::tolerance(6e-3));
    BOOST_TEST((seen(0, 90, 0).kind == geo::GeometryKind::point));
    auto other = camera;
    std::vector<geo::ValueView> const values{0.0, 90.0, 50.0};
    domain::CameraSight{"spots", fields}.widen(
        {.fid = 1, .scope = {}, .sensitivity = 0, .wkb = {}, .values = values}, other);
    BOOST_TEST((other == camera));
}

BOOST_AUTO_TEST_CASE(a_risk_is_its_factors_to_their_weights) {
    auto& world = World::shared();
    auto const ring = world.database().value(
        "SELECT ST_AsGeoJSON(ST_Expand(ST_Centroid(ST_Extent(geom)), 0.03)) FROM record.blocks");
    auto const ask = [&](json const& weights) {
        return results_of(world, "exposure",
                          {{"hazard", {{"polygon", json::parse(ring)}}},
                           {"collections", counted},
                           {"weights", weights}});
    };
    auto const results = ask({{"hazard", 2}, {"exposure", 0.5}});
    BOOST_TEST(results["details"]["risk"]["weights"]["vulnerability"] == 1.0);
    int found = 0;
    for (auto const& part : results["parts"]) {
        if (part["unit"].is_null()) continue;
        auto const& risk = part["risk"];
        double const hazard = risk["hazard"];
        double const exposed = risk["exposure"];
        BOOST_TEST(hazard > 0);
        BOOST_TEST(hazard <= 1);
        BOOST_TEST(risk["vulnerability"] == 1.0); // a polygon has no worse part
        BOOST_TEST(risk["score"].get<double>() == hazard * hazard * std::sqrt(exposed),
                   boost::test_tools::tolerance(1e-12));
        ++found;
    }
    BOOST_TEST(found > 0);
    auto const wrong =
        ask_process(world.port(), "exposure",
                    {{"hazard", {{"polygon", json::parse(ring)}}}, {"weights", {{"hope", 1}}}});
    BOOST_TEST(wrong.status == 400);
}

BOOST_AUTO_TEST_CASE(ids_are_chosen_by_filters_that_fit_a_request) {
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 1; i < 20'000; i += 2) ids.push_back(9'000'000 + i);
    for (std::int64_t i = 1; i < 1000; ++i) ids.push_back(9'100'000 + i);
    auto const filters = domain::id_filters(ids);
    for (auto const& filter : filters) BOOST_TEST(filter.size() < 3200);
    BOOST_TEST(filters.back().find("id BETWEEN 9100001 AND 9100999") != std::string::npos);
    BOOST_TEST(domain::id_filters({}).empty());
    BOOST_TEST(domain::id_filters({7}).front() == "id IN (7)");
}

BOOST_AUTO_TEST_CASE(a_hazard_that_is_none_is_refused) {
    auto& world = World::shared();
    need_valley(world);
    auto const refused = [&](std::string const& hazard, int status = 400) {
        auto const answer = request(world.port(), "POST", "/processes/exposure/execution",
                                    json_type, R"({"inputs": {"hazard": )" + hazard + "}}");
        BOOST_TEST(answer.status == status, hazard << " " << answer.body);
    };
    refused(R"("all")");
    refused("{}");
    refused(R"({"coverage": "valley"})"); // which heights?
    refused(R"({"coverage": "nothing", "to": 2})", 404);
    refused(R"({"coverage": "valley_hand", "to": 2, "band": "depth"})");
    refused(R"({"coverage": "valley_hand", "to": "two"})");
    refused(R"({"polygon": {"type": "Point", "coordinates": [105, 18]}})");
    refused(R"({"polygon": {"type": "Polygon", "coordinates":
               [[[105, 18], [106, 19], [106, 18], [105, 19], [105, 18]]]}})");
}

BOOST_AUTO_TEST_SUITE_END()
