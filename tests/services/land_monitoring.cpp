// Land cover by real communes and over time, samples and areas with intervals, suspect parcels.

#include "data/gdal/raster_source.hpp"
#include "geo/codec/geojson.hpp"
#include "geo/crs.hpp"
#include "services/domain/intake.hpp"
#include "tests/services/valley.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace diaban;
using namespace diaban::tests;
using nlohmann::json;
namespace domain = diaban::services::domain;

namespace {

constexpr int side = 40; // cells
constexpr double metres = 10;
constexpr int crop = 2;
constexpr int built = 5;

geo::raster::Frame field_frame() {
    return {{side, side}, west, north, metres, metres, utm48};
}

using ClassAt = std::function<float(int column, int row)>;

void import_field(World& world, std::string const& id, ClassAt const& class_at) {
    auto const file =
        std::filesystem::temp_directory_path() / fmt::format("{}-{}.tif", id, ::getpid());
    data::gdal::RasterSink sink{file, field_frame(), {.classes = true}};
    std::vector<float> cells;
    for (int row = 0; row < side; ++row)
        for (int column = 0; column < side; ++column) cells.push_back(class_at(column, row));
    sink.write(field_frame().window(), cells);
    sink.finish();
    import_raster(world, {.coverage = id, .file = file, .synthetic = true, .classes = true});
    std::filesystem::remove(file);
}

/// A rectangle in metres from the field's north-western corner, southwards.
std::string box_of(double x, double y, double width, double height) {
    return fmt::format("ST_Multi(ST_Transform(ST_MakeEnvelope({:.3f}, {:.3f}, {:.3f}, {:.3f}, "
                       "32648), 4326))",
                       west + x, north - y - height, west + x + width, north - y);
}

/// Where the n-th parcel stands: 15 × 20 m, its west side a metre within a column of cells, so that
/// it holds 90 m² of each of two cells of that column, and 60 m² of each of two in the next.
struct Plot {
    int column;
    int row;
};
Plot plot(int number) {
    return {4 * (number % 8), 4 * (number / 8)};
}

struct Planted {
    std::string name;
    std::string registered;
    std::string planned;
    int houses; ///< cells of 90 m² that are built
    std::string reason;
    std::string reason_by_plan; ///< where all are planned as ODT by polygons
};

std::vector<Planted> const planted{
    {"built on rice land", "LUC", "LUC", 2, "departs", "change-record-missing"},
    {"planned as homes", "LUC", "ODT", 2, "change-record-missing", "change-record-missing"},
    {"below the mapping area", "LUC", "LUC", 1, "", ""},
    {"rice", "LUC", "LUC", 0, "", ""},
    {"planned, not begun", "LUC", "ODT", 0, "", ""},
    {"homes", "ODT", "ODT", 2, "", ""},
    {"no plan known", "LUC", "", 2, "departs", "change-record-missing"},
    {"planned as another crop", "LUC", "CLN", 2, "departs", "change-record-missing"},
};

float planted_class(int column, int row) {
    for (std::size_t i = 0; i < planted.size(); ++i) {
        auto const at = plot(int(i));
        if (column == at.column && row >= at.row && row < at.row + planted[i].houses) return built;
    }
    return crop;
}

void plant_parcels(World& world) {
    for (std::size_t i = 0; i < planted.size(); ++i) {
        auto const at = plot(int(i));
        world.database().sql(
            fmt::format("INSERT INTO record.parcels (sheet, parcel_number, land_use, planned_use, "
                        "commune_code, geom) VALUES (7, {}, '{}', {}, '18001', {})",
                        i + 1, planted[i].registered,
                        planted[i].planned.empty() ? "NULL" : "'" + planted[i].planned + "'",
                        box_of(at.column * metres + 1, at.row * metres, 15, 20)));
    }
    world.database().sql(
        "SELECT diaban.create_collection('{\"id\": \"land_plan\", \"geometry\": \"polygon\", "
        "\"title\": {\"vi\": \"Quy hoạch\"}, \"class_field\": \"use\", \"fields\": [{\"name\": "
        "\"use\", \"type\": \"text\", \"title\": {\"vi\": \"Loại đất\"}, \"tile\": true}]}')");
    world.database().sql("INSERT INTO record.land_plan (use, geom) VALUES ('ODT', " +
                         box_of(0, 0, 400, 400) + ")");
}

/// A field of two dates with its parcels, made once for all cases.
World& field() {
    static World world;
    static bool const made = [&] {
        import_field(world, "field_cover", planted_class);
        import_field(world, "field_before", [](int column, int) {
            return column < 30 ? float(crop) : geo::raster::no_data;
        });
        plant_parcels(world);
        await("parcels", [&] {
            return world.json("/collections/parcels/items")["numberMatched"] == planted.size() &&
                   world.get("/collections/land_plan").status == 200;
        });
        return true;
    }();
    static_cast<void>(made);
    return world;
}

json suspects(World& world, json inputs) {
    inputs["coverage"] = "field_cover";
    inputs["classes"] = {{"2", "crop"}, {"5", "built"}};
    return json::parse(
        export_of(world.port(), ask_process(world.port(), "land-use-suspects", inputs)));
}

/// Reasons by parcel number.
std::map<std::string, std::string> reasons(json const& found) {
    std::map<std::string, std::string> reasons;
    for (auto const& feature : found["features"])
        reasons[feature["properties"]["number"]] = feature["properties"]["reason"];
    return reasons;
}

} // namespace

BOOST_AUTO_TEST_SUITE(land_monitoring)

BOOST_AUTO_TEST_CASE(planted_parcels_are_suspect_as_each_should_be_and_none_else) {
    auto& world = field();
    std::map<std::string, std::string> expected;
    std::map<std::string, std::string> by_plan;
    for (std::size_t i = 0; i < planted.size(); ++i) {
        auto const number = std::to_string(i + 1);
        if (!planted[i].reason.empty()) expected[number] = planted[i].reason;
        if (!planted[i].reason_by_plan.empty()) by_plan[number] = planted[i].reason_by_plan;
    }
    auto const found = suspects(world, json::object());
    BOOST_TEST((reasons(found) == expected), found.dump());
    for (auto const& feature : found["features"]) {
        auto const& about = feature["properties"];
        BOOST_TEST(std::abs(about["seen_m2"].get<double>() - 180) < 0.01);
        BOOST_TEST(std::abs(about["parcel_m2"].get<double>() - 300) < 0.01);
        BOOST_TEST(about["seen"] == "built");
        BOOST_TEST(about["certainty"] == "high");
    }
    BOOST_TEST((reasons(suspects(world, {{"plan", "land_plan"}})) == by_plan));
    // One cell of 90 m² is enough where less is mapped; half of it is not sure.
    auto const small = suspects(world, {{"least_m2", 80}, {"accuracy", {{"5", 0.5}}}});
    BOOST_TEST(reasons(small).contains("3"));
    for (auto const& feature : small["features"])
        if (feature["properties"]["number"] == "3")
            BOOST_TEST(feature["properties"]["certainty"] == "low");
}

BOOST_AUTO_TEST_CASE(inputs_that_mean_nothing_are_refused_with_what_is_accepted) {
    auto& world = field();
    auto const refused = [&](char const* process, json const& inputs) {
        return ask_process(world.port(), process, inputs).status;
    };
    json const classes{{"2", "crop"}};
    BOOST_TEST(refused("land-use-suspects", {{"coverage", "field_cover"}}) == 400);
    BOOST_TEST(refused("land-use-suspects",
                       {{"coverage", "field_cover"}, {"classes", {{"2", "sand"}}}}) == 400);
    BOOST_TEST(refused("land-use-suspects", {{"coverage", "nothing"}, {"classes", classes}}) ==
               404);
    BOOST_TEST(refused("land-use-suspects", {{"coverage", "field_cover"},
                                             {"classes", classes},
                                             {"collection", "spots"}}) == 400);
    BOOST_TEST(refused("land-cover-areas", {{"coverage", "field_cover"}, {"collection", "ways"}}) ==
               400);
    BOOST_TEST(refused("area-estimate",
                       {{"counts", json::array({{1, 2}, {3, 4}})}, {"mapped", {1, 2, 3}}}) == 400);
    BOOST_TEST(refused("area-estimate", {{"counts", {1, 2}}, {"mapped", {1, 2}}}) == 400);
    BOOST_TEST(refused("sample-design", {{"coverage", "field_cover"}, {"error", 0}}) == 400);
    // Classes are no heights: they have no picture of them.
    BOOST_TEST(world.get("/coverages/field_cover/tiles/terrarium/12/3241/1826.png").status == 400);
}

BOOST_AUTO_TEST_CASE(a_change_matrix_says_what_became_what_and_what_is_not_known) {
    auto& world = field();
    auto const results = results_of(
        world, "land-cover-change",
        {{"collection", "land_plan"}, {"before", "field_before"}, {"after", "field_cover"}});
    // Of 1,600 cells 400 have no class before; eight houses of two cells, one of one, stand there.
    double houses = 0;
    for (int row = 0; row < side; ++row)
        for (int column = 0; column < 30; ++column) houses += planted_class(column, row) == built;
    auto const& total = results["total"];
    BOOST_TEST(std::abs(total["areas_m2"]["2>5"].get<double>() - houses * 100) < 0.01);
    BOOST_TEST(std::abs(total["areas_m2"]["2>2"].get<double>() - (1200 - houses) * 100) < 0.01);
    BOOST_TEST(std::abs(total["unknown_m2"].get<double>() - 40'000) < 0.01);
    BOOST_TEST(total["areas_m2"].size() == 2U);
    BOOST_TEST(total["outside_m2"].get<double>() < 0.01);
}

BOOST_AUTO_TEST_CASE(areas_are_estimated_as_in_the_worked_example) {
    auto& world = field();
    auto const results =
        results_of(world, "area-estimate",
                   {{"counts", {{66, 0, 5, 4}, {0, 55, 8, 12}, {1, 0, 153, 11}, {2, 1, 9, 313}}},
                    {"mapped", {18'000, 13'500, 288'000, 580'500}}});
    BOOST_TEST(std::abs(results["areas"][0]["value"].get<double>() - 21'157.76) < 0.00501);
    BOOST_TEST(std::abs(results["areas"][0]["half_width"].get<double>() - 6'157.63) < 0.00501);
    BOOST_TEST(std::abs(results["overall"]["value"].get<double>() - 0.946512) < 5e-7);
}

BOOST_AUTO_TEST_CASE(a_sample_is_drawn_from_each_class_as_it_was_shared_out) {
    auto& world = field();
    auto const asked = ask_process(world.port(), "sample-design",
                                   {{"coverage", "field_cover"},
                                    {"error", 0.05},
                                    {"least", 10},
                                    {"accuracy", {{"2", 0.9}, {"5", 0.7}}}});
    auto const file = json::parse(export_of(world.port(), asked));
    auto const results =
        world.json("/jobs/" + json::parse(asked.body)["jobID"].get<std::string>() + "/results");
    std::map<int, std::size_t> drawn;
    std::set<std::pair<int, int>> cells;
    auto const to_field = geo::Transform::between(4326, utm48);
    for (auto const& feature : file["features"]) {
        auto const& at = feature["geometry"]["coordinates"];
        std::vector<geo::Position> place{{at[0], at[1]}};
        to_field.apply(place);
        auto const cell = field_frame().cell(place.front());
        BOOST_REQUIRE(cell);
        cells.emplace(cell->column, cell->row);
        int const mapped = feature["properties"]["mapped"];
        BOOST_TEST(float(mapped) == planted_class(cell->column, cell->row));
        ++drawn[mapped];
    }
    BOOST_TEST(cells.size() == file["features"].size());
    for (auto const& one : results["allocation"])
        BOOST_TEST(drawn[one["class"]] == one["points"].get<std::size_t>());
    BOOST_TEST(results["points"] == results["size"]);
}

BOOST_AUTO_TEST_CASE(real_land_cover_of_real_communes_adds_up_and_is_that_of_postgis) {
    auto const cover = real_data("real_land_cover", "vgtb/landcover_2010_30m.tif");
    if (!cover) return;
    auto& world = field();
    import_raster(world, {.coverage = "vgtb", .file = *cover, .no_data = "9", .classes = true});
    domain::ImportRequest wards;
    wards.file = cover->parent_path().parent_path() / "admin" / "vn_communes_2025_30m.fgb.zip";
    wards.collection = "wards";
    wards.create = true;
    domain::import_file(database_of(world), wards);
    await("wards", [&] { return world.get("/collections/wards/items?limit=1").status == 200; });
    auto const asked = ask_process(
        world.port(), "land-cover-areas",
        {{"collection", "wards"}, {"coverage", "vgtb"}, {"filter", "province_code='48'"}});
    auto const file = json::parse(export_of(world.port(), asked));
    auto const total =
        world.json("/jobs/" + json::parse(asked.body)["jobID"].get<std::string>() + "/results");
    std::map<std::string, double> sums;
    double unknown = 0;
    double outside = 0;
    json inner; // a commune of moderate size that lies in the raster
    for (auto const& feature : file["features"]) {
        auto const& about = feature["properties"];
        double sum = about["unknown_m2"].get<double>() + about["outside_m2"].get<double>();
        for (auto const& [name, area] : about["areas_m2"].items()) {
            sums[name] += area.get<double>();
            sum += area.get<double>();
        }
        double const area = about["area_m2"];
        BOOST_REQUIRE_SMALL(sum / area - 1, 1e-12);
        unknown += about["unknown_m2"].get<double>();
        outside += about["outside_m2"].get<double>();
        if (about["outside_m2"] < 1e-3 && about["areas_m2"].size() > 3 && area < 4e7)
            inner = feature;
    }
    BOOST_TEST(file["features"].size() > 60U);
    auto const& all = total["total"];
    for (auto const& [name, area] : all["areas_m2"].items())
        BOOST_REQUIRE_SMALL(sums[name] / area.get<double>() - 1, 1e-12);
    double const whole = all["area_m2"];
    double classes = unknown + outside;
    for (auto const& [name, area] : sums) classes += area;
    BOOST_REQUIRE_SMALL(classes / whole - 1, 1e-12);
    std::cout << "communes " << file["features"].size() << ", km² " << whole / 1e6 << ": "
              << all.dump() << '\n';

    // One of them, cell by cell in PostGIS.
    BOOST_REQUIRE(!inner.is_null());
    auto shape = geo::codec::read_geojson(inner["geometry"].dump());
    geo::Transform::between(4326, 32649).apply(shape.positions);
    shape.srid = 32649;
    auto const source = data::gdal::RasterSource::open(*cover);
    auto const& frame = source.description().frame;
    auto const window = frame.cover(shape.box());
    std::vector<float> cells(window.shape().cells());
    source.read(window, cells);
    std::string listed;
    for (auto const cell :
         cells) // the file has a second value for no data, 15, which reads as none
        listed += (listed.empty() ? "" : ",") + std::to_string(std::isnan(cell) ? 9 : int(cell));
    std::string geojson;
    geo::codec::append_geojson(geojson, shape);
    auto const part = frame.part(window);
    auto const rows = world.database().sql(fmt::format(
        "WITH zone AS (SELECT ST_SetSRID(ST_GeomFromGeoJSON('{}'), 0) AS g), cells AS (SELECT "
        "class, (n - 1) % {} AS c, (n - 1) / {} AS r FROM unnest('{{{}}}'::int[]) WITH ORDINALITY "
        "AS t (class, n)) SELECT class, sum(ST_Area(ST_Intersection(g, "
        "ST_MakeEnvelope({:.12f} + c * 30, {:.12f} - (r + 1) * 30, {:.12f} + (c + 1) * 30, "
        "{:.12f} - r * 30)))) FROM zone, cells GROUP BY 1 ORDER BY 1",
        geojson, window.columns, window.columns, listed, part.west, part.north, part.west,
        part.north));
    for (auto const& row : rows) {
        auto const& areas = inner["properties"]["areas_m2"];
        double ours = 0;
        if (row[0] == "9") ours = inner["properties"]["unknown_m2"];
        if (areas.contains(row[0])) ours = areas[row[0]];
        BOOST_TEST(std::abs(ours - std::stod(row[1])) < 0.5,
                   "class " + row[0] + ": " + std::to_string(ours) + " beside " +
                       row[1]); // outlines come back from degrees
    }
}

BOOST_AUTO_TEST_SUITE_END()
