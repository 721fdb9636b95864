// What cameras see: over a valley of a known shape, and over real ground, held against lines of
// sight drawn one by one.

#include "data/gdal/raster_source.hpp"
#include "tests/services/valley.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <ogr_api.h>
#include <ogr_geometry.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace diaban::tests;
using nlohmann::json;

namespace {

namespace tt = boost::test_tools;

/// A camera of the test; its direction in degrees.
struct Stand {
    double column = 0; // of the valley, whole numbers at corners of cells
    double row = 0;
    double height = 8;
    double range = 1500;
    double azimuth = 0;
    double opening = 360;
};

std::string add_seeing(World& world, Stand const& stand, std::string const& status = "active") {
    auto const [lon, lat] = degrees(stand.column, stand.row);
    auto const sides = stand.opening < 360 ? fmt::format("{}, {}", stand.azimuth, stand.opening)
                                           : std::string{"NULL, NULL"};
    return world.database().value(fmt::format(
        "INSERT INTO record.cameras (name, kind, height_m, range_m, azimuth, field_of_view, "
        "status, "
        "geom) VALUES ('thử', 'fixed', {}, {}, {}, '{}', ST_SetSRID(ST_MakePoint({:.12f}, "
        "{:.12f}), 4326)) RETURNING fid",
        stand.height, stand.range, sides, status, lon, lat));
}

/// The valley between centres of its cells.
double ground(double column, double row) {
    double const c = std::clamp(column - 0.5, 0.0, columns - 1.0);
    double const r = std::clamp(row - 0.5, 0.0, rows - 1.0);
    int const left = int(c);
    int const top = int(r);
    int const right = std::min(left + 1, columns - 1);
    int const bottom = std::min(top + 1, rows - 1);
    double const s = c - left;
    double const t = r - top;
    return (1 - t) * ((1 - s) * valley(left, top) + s * valley(right, top)) +
           t * ((1 - s) * valley(left, bottom) + s * valley(right, bottom));
}

/// Whether the line from a camera to a place passes the ground, looked at every metre; how far it
/// passes above or below: near 0 the cells decide.
double clearance(Stand const& from, double column, double row, double target) {
    double const distance = std::hypot(column - from.column, row - from.row) * cell;
    constexpr double bend = (1 - 1.0 / 7) / (2 * 6'371'008.8);
    double const eye = ground(from.column, from.row) + from.height;
    double const end = ground(column, row) + target - bend * distance * distance;
    double least = 1e9;
    for (double d = 1; d < distance; ++d) {
        double const s = d / distance;
        double const here =
            ground(from.column + s * (column - from.column), from.row + s * (row - from.row)) -
            bend * d * d;
        least = std::min(least, eye + s * (end - eye) - here);
    }
    return least;
}

/// The features of a view, by part.
json const& part_of(json const& view, std::string const& part) {
    for (auto const& feature : view["features"])
        if (feature["properties"]["part"] == part) return feature;
    throw std::runtime_error{"no part " + part};
}

bool holds(json const& geometry, double lon, double lat) {
    if (geometry.is_null()) return false;
    auto const text = geometry.dump();
    std::unique_ptr<OGRGeometry> const shape{
        OGRGeometry::FromHandle(OGR_G_CreateGeometryFromJson(text.c_str()))};
    OGRPoint const point{lon, lat};
    return shape && shape->Contains(&point);
}

json await_view(World& world, std::string const& fid, std::string const& more = "&target=2") {
    json view;
    await("camera " + fid, [&] {
        auto const answer = world.get("/cameras/" + fid + "/view?f=json" + more);
        if (answer.status != 200) return false;
        view = json::parse(answer.body);
        return true;
    });
    return view;
}

} // namespace

BOOST_AUTO_TEST_SUITE(cameras)

BOOST_AUTO_TEST_CASE(a_camera_sees_what_lines_of_sight_over_the_valley_say) {
    auto& world = World::shared();
    need_valley(world);
    // On the western side, 30 m above the bottom: the far slope is seen, ground behind is not.
    for (Stand const& stand : {Stand{30.5, 40.5}, Stand{60.5, 40.5, 4, 3000, 90, 80},
                               Stand{45.5, 20.5, 20, 2500, 200, 120}, Stand{15.5, 60.5, 3, 1200}}) {
        auto const view = await_view(world, add_seeing(world, stand));
        auto const& seen = part_of(view, "seen");
        auto const& hidden = part_of(view, "hidden");
        std::mt19937 random{7};
        int asked = 0;
        for (int i = 0; i < 300; ++i) {
            double const bearing =
                stand.azimuth + (double(random() % 1000) / 1000 - 0.5) * (stand.opening - 4);
            double const distance = double(random() % 900) / 1000 * stand.range + 60;
            double const column = stand.column + distance / cell * std::sin(bearing * M_PI / 180);
            double const row = stand.row - distance / cell * std::cos(bearing * M_PI / 180);
            if (column < 1 || row < 1 || column > columns - 1 || row > rows - 1) continue;
            double const aside = stand.opening / 2 - std::abs(bearing - stand.azimuth);
            // Beside a side of the sector the cell's middle decides.
            if (stand.opening < 360 && distance * std::sin(std::min(aside, 90.0) * M_PI / 180) < 40)
                continue;
            double const above = clearance(stand, column, row, 2);
            if (std::abs(above) < 1.2) continue; // a cell may decide otherwise than its point
            auto const [lon, lat] = degrees(column, row);
            BOOST_TEST(holds(seen["geometry"], lon, lat) == (above > 0));
            BOOST_TEST(holds(hidden["geometry"], lon, lat) == (above < 0));
            ++asked;
        }
        BOOST_TEST(asked > 20);
        double const sector = M_PI * stand.range * stand.range * stand.opening / 360;
        double const told = seen["properties"]["area_m2"].get<double>() +
                            hidden["properties"]["area_m2"].get<double>() +
                            view["unknown_m2"].get<double>();
        BOOST_TEST(told == sector, tt::tolerance(0.03));
        BOOST_TEST(view["camera"]["terrain"]["coverage"] == "valley");
        BOOST_TEST(view["camera"]["terrain"]["origin"] == "synthetic");
    }
}

BOOST_AUTO_TEST_CASE(who_sees_a_point_is_who_has_it_in_view) {
    World world;
    auto const file = write_valley("valley-seeing", hon_dau, "m");
    import_raster(world, {.coverage = "valley", .file = file, .synthetic = true});
    std::filesystem::remove(file);
    std::mt19937 random{11};
    std::vector<std::string> fids;
    for (int i = 0; i < 40; ++i)
        fids.push_back(
            add_seeing(world, {2 + double(random() % 1160) / 10, 2 + double(random() % 760) / 10,
                               4 + double(random() % 20), 300 + double(random() % 2500),
                               double(random() % 360), 40 + double(random() % 300)}));
    std::vector<json> views;
    for (auto const& fid : fids) views.push_back(await_view(world, fid));
    std::size_t same = 0;
    std::size_t asked = 0;
    std::size_t sees = 0;
    for (int i = 0; i < 40; ++i) {
        double const column = 2 + double(random() % 1160) / 10;
        double const row = 2 + double(random() % 760) / 10;
        auto const [lon, lat] = degrees(column, row);
        auto const seeing = world.json("/cameras/seeing?target=2&" + at(column, row));
        for (std::size_t c = 0; c < fids.size(); ++c) {
            bool const told = std::ranges::any_of(seeing["cameras"], [&](json const& one) {
                return std::to_string(one["fid"].get<long>()) == fids[c];
            });
            bool const in_view = holds(part_of(views[c], "seen")["geometry"], lon, lat);
            same += told == in_view;
            sees += told;
            ++asked;
        }
    }
    // They differ only where the point's cell does not speak for the point.
    BOOST_TEST(double(same) >= 0.99 * double(asked));
    BOOST_TEST(sees > 20U);
}

BOOST_AUTO_TEST_CASE(two_hundred_cameras_cover_what_each_of_them_sees) {
    World world;
    auto const file = write_valley("valley-cover", hon_dau, "m");
    import_raster(world, {.coverage = "valley", .file = file, .synthetic = true});
    std::filesystem::remove(file);
    std::mt19937 random{13};
    std::vector<Stand> stands;
    for (int i = 0; i < 200; ++i) {
        stands.push_back({10 + double(random() % 1000) / 10, 10 + double(random() % 600) / 10,
                          4 + double(random() % 12), 200 + double(random() % 800),
                          double(random() % 360), 30 + double(random() % 200)});
        static_cast<void>(add_seeing(world, stands.back()));
    }
    static_cast<void>(add_seeing(world, {60, 40, 50, 5000}, "inactive")); // sees nothing
    auto const [west_lon, south_lat] = degrees(20, 70);
    auto const [east_lon, north_lat] = degrees(100, 10);
    json const inputs{{"terrain", "valley"},
                      {"bbox", {west_lon, south_lat, east_lon, north_lat}},
                      {"cell", 25},
                      {"target", 2},
                      {"of", "spots"}};
    auto const results = results_of(world, "camera-coverage", inputs);
    BOOST_TEST(results["cameras"].get<int>() > 100);
    BOOST_TEST(results["cameras"].get<int>() <= 200);
    double area = 0;
    for (auto const& one : results["areas"]) area += one["area_m2"].get<double>();
    BOOST_TEST(area == 8000.0 * 6000, tt::tolerance(0.01));
    auto const answered = ask_process(world.port(), "camera-coverage", inputs);
    auto const cover = json::parse(export_of(world.port(), answered));
    BOOST_REQUIRE(cover["features"].size() == 4U);
    std::size_t same = 0;
    std::size_t asked = 0;
    std::size_t gaps = 0;
    for (int i = 0; i < 300; ++i) {
        double const column = 21 + double(random() % 780) / 10;
        double const row = 11 + double(random() % 580) / 10;
        std::size_t times = 0;
        bool sure = true;
        for (auto const& stand : stands) {
            double const distance = std::hypot(column - stand.column, row - stand.row) * cell;
            double const bearing =
                std::atan2(column - stand.column, stand.row - row) * 180 / M_PI - stand.azimuth;
            double const off = std::abs(std::remainder(bearing, 360.0));
            // Convergence of the zone is below 0.04° here.
            if (distance > stand.range + 25 || off > stand.opening / 2 + 2) continue;
            double const above = clearance(stand, column, row, 2);
            sure &=
                distance < stand.range - 25 && off < stand.opening / 2 - 2 && std::abs(above) > 1;
            times += above > 0 ? 1 : 0;
        }
        if (!sure) continue;
        auto const [lon, lat] = degrees(column, row);
        auto const shown = std::min<std::size_t>(times, 3);
        same += holds(cover["features"][shown]["geometry"], lon, lat);
        gaps += times == 0;
        ++asked;
    }
    BOOST_TEST(asked > 60U);
    BOOST_TEST(gaps > 5U);
    BOOST_TEST(double(same) >= 0.98 * double(asked), same << " of " << asked);
}

BOOST_AUTO_TEST_CASE(addresses_of_pictures_are_in_no_public_answer) {
    World world;
    auto const fid = add_seeing(world, {30, 30});
    world.database().sql("UPDATE record.cameras SET snapshot_url = 'http://secret-eye/7319.jpg', "
                         "stream_url = 'rtsp://secret-eye/7319'");
    await("camera", [&] { return world.get("/collections/cameras/items/" + fid).status == 200; });
    std::vector<std::string> const targets{
        "/collections/cameras/items",        "/collections/cameras/schema",
        "/collections/cameras/queryables",   "/cameras/" + fid + "/view",
        "/collections/cameras/items/" + fid, "/collections/cameras/items?f=csv"};
    for (auto const& target : targets)
        BOOST_TEST(world.get(target).body.find("secret-eye") == std::string::npos, target);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_looked_at_is_refused_by_name) {
    auto& world = World::shared();
    need_valley(world);
    auto const refused = [&](std::string const& target, std::string const& type) {
        auto const answer = world.get(target);
        BOOST_TEST(answer.status >= 400);
        BOOST_TEST(answer.status < 500);
        BOOST_TEST(answer.body.find(type) != std::string::npos, answer.body);
    };
    refused("/cameras/999999/view", "unknown-camera");
    refused("/cameras/x/view", "bad-path-parameter");
    refused("/cameras/seeing", "bad-parameter");
    refused("/cameras/seeing?lon=0&lat=0", "no-terrain");
    refused("/cameras/seeing?" + at(10, 10) + "&target=-1", "bad-parameter");
    refused("/cameras/seeing?" + at(10, 10) + "&terrain=nothing", "unknown-coverage");
    refused("/cameras/seeing?" + at(10, 10) + "&terrain=valley_hand", "bad-parameter");
    for (json const& inputs :
         {json{{"terrain", "valley"}}, json{{"terrain", "valley"}, {"bbox", {1, 2, 3}}},
          json{{"terrain", "valley"}, {"bbox", {105, 18.3, 105.1, 18.35}}, {"cell", 0.5}},
          json{{"terrain", "nothing"}, {"bbox", {105, 18.3, 105.1, 18.35}}},
          json{{"terrain", "valley"}, {"bbox", {105, 18.3, 105.1, 18.35}}, {"filter", "no = 1"}}}) {
        auto const answer = ask_process(world.port(), "camera-coverage", inputs);
        BOOST_TEST(answer.status >= 400);
        BOOST_TEST(answer.status < 500);
    }
}

// Real ground: the Eno's DEM, cells of a third of an arc second.
BOOST_AUTO_TEST_CASE(a_watcher_over_the_eno_sees_what_brute_force_says_cell_by_cell) {
    auto const file = real_data("a_watcher_over_the_eno_sees_what_brute_force_says_cell_by_cell",
                                "elevation/taudem_enogeo/enogeo.tif");
    if (!file) return;
    World world;
    import_raster(world, {.coverage = "eno", .file = *file, .unit = "m", .vertical = 5703});
    auto const source = diaban::data::gdal::RasterSource::open(*file);
    auto const grid = source.read_all(1'000'000);
    auto const& frame = grid.frame();
    std::mt19937 random{17};
    for (int round = 0; round < 4; ++round) {
        int const column = 150 + int(random() % 400);
        int const row = 150 + int(random() % 500);
        auto const stand = frame.centre({column, row});
        double const range = 900;
        auto const fid = world.database().value(fmt::format(
            "INSERT INTO record.cameras (name, height_m, range_m, geom) VALUES ('Eno', 6, {}, "
            "ST_SetSRID(ST_MakePoint({:.15f}, {:.15f}), 4326)) RETURNING fid",
            range, stand.x, stand.y));
        auto const view = await_view(world, fid, "&target=0&terrain=eno");
        // Metres of a degree on WGS 84 at the camera.
        constexpr double e2 = 0.00669437999014;
        double const sine = std::sin(stand.y * M_PI / 180);
        double const w = std::sqrt(1 - e2 * sine * sine);
        double const east =
            6'378'137 / w * std::cos(stand.y * M_PI / 180) * M_PI / 180 * frame.width;
        double const north = 6'378'137 * (1 - e2) / (w * w * w) * M_PI / 180 * frame.height;
        std::size_t seen = 0;
        std::size_t hidden = 0;
        std::vector<std::pair<diaban::geo::Position, bool>> sure;
        auto const height = [&](int c, int r) { return double(grid.at(c, r)); };
        double const eye = height(column, row) + 6;
        constexpr double bend = (1 - 1.0 / 7) / (2 * 6'371'008.8);
        for (int r = row - 100; r <= row + 100; ++r)
            for (int c = column - 120; c <= column + 120; ++c) {
                double const dx = c - column;
                double const dy = r - row;
                double const d = std::hypot(dx * east, dy * north);
                if (d > range) continue;
                double const rise = height(c, r) - bend * d * d - eye;
                double most = -1e9; // of ground above the line
                for (int k = std::min(c, column) + 1; k < std::max(c, column); ++k) {
                    double const s = (k - column) / dx;
                    double const y = row + s * dy;
                    int const top = int(std::floor(y));
                    double const f = y - top;
                    double const h =
                        f == 0 ? height(k, top) : (1 - f) * height(k, top) + f * height(k, top + 1);
                    most = std::max(most, h - bend * d * d * s * s - eye - s * rise);
                }
                for (int k = std::min(r, row) + 1; k < std::max(r, row); ++k) {
                    double const s = (k - row) / dy;
                    double const x = column + s * dx;
                    int const left = int(std::floor(x));
                    double const f = x - left;
                    double const h = f == 0 ? height(left, k)
                                            : (1 - f) * height(left, k) + f * height(left + 1, k);
                    most = std::max(most, h - bend * d * d * s * s - eye - s * rise);
                }
                ++(most > 0 ? hidden : seen);
                if (std::abs(most) > 0.01 && d < range - 20)
                    sure.emplace_back(frame.centre({c, r}), most <= 0);
            }
        double const cell_m2 = east * north;
        double const told = part_of(view, "seen")["properties"]["area_m2"].get<double>() / cell_m2;
        double const behind =
            part_of(view, "hidden")["properties"]["area_m2"].get<double>() / cell_m2;
        // Ties of a millimetre, and cells on the rim, may fall to either side.
        BOOST_TEST(std::abs(told - double(seen)) <= 0.002 * double(seen + hidden) + 3);
        BOOST_TEST(std::abs(behind - double(hidden)) <= 0.002 * double(seen + hidden) + 3);
        std::shuffle(sure.begin(), sure.end(), random);
        for (std::size_t i = 0; i < std::min<std::size_t>(200, sure.size()); ++i) {
            auto const& [place, is_seen] = sure[i];
            BOOST_TEST(holds(part_of(view, "seen")["geometry"], place.x, place.y) == is_seen);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
