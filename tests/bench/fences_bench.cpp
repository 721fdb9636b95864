// Positions of vehicles held against fences, beside PostGIS, which is only asked where they are.

#include "geo/synthetic/random.hpp"
#include "geo/watch/fences.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <cmath>
#include <numbers>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace diaban;
using geo::watch::Fences;
using geo::watch::Movement;
using geo::watch::Zone;

constexpr std::size_t fence_count = 10'000;
constexpr std::size_t vehicle_count = 5'000;
constexpr std::size_t corners = 48;
constexpr geo::Box province{105.1, 17.9, 106.5, 18.8};

/// Fences of 100 m to 3 km about places of a province; many overlap.
std::vector<Zone> make_fences() {
    geo::synthetic::Random random{7};
    std::vector<Zone> zones;
    for (std::size_t id = 1; id <= fence_count; ++id) {
        geo::Position const at{random.between(province.min_x, province.max_x),
                               random.between(province.min_y, province.max_y)};
        double const size = 0.001 * std::pow(30, random.unit());
        Zone zone{std::int64_t(id), {}};
        zone.shape.kind = geo::GeometryKind::polygon;
        zone.shape.srid = 4326;
        for (std::size_t i = 0; i < corners; ++i) {
            double const angle = 2 * std::numbers::pi * double(i) / double(corners);
            double const reach = size * random.between(0.6, 1);
            zone.shape.positions.push_back(
                {at.x + reach * std::cos(angle), at.y + reach * std::sin(angle)});
        }
        zone.shape.positions.push_back(zone.shape.positions.front());
        zone.shape.path_ends = {std::uint32_t(zone.shape.positions.size())};
        zone.shape.part_ends = {1};
        zones.push_back(std::move(zone));
    }
    return zones;
}

/// A second of every vehicle's way, at up to 20 m/s.
void drive(std::vector<geo::Position>& vehicles, geo::synthetic::Random& random) {
    constexpr double metre = 9e-6;
    for (auto& p : vehicles) {
        p.x += 20 * metre * random.between(-1, 1);
        p.y += 20 * metre * random.between(-1, 1);
    }
}

struct Drive {
    double milliseconds = 0; ///< for a second of all vehicles, at the 99th percentile
    std::size_t movements = 0;
};

Drive run(std::vector<Zone> const& zones, unsigned threads, int seconds) {
    geo::synthetic::Random random{11};
    std::vector<geo::Position> vehicles(vehicle_count);
    for (auto& p : vehicles)
        p = {random.between(province.min_x, province.max_x),
             random.between(province.min_y, province.max_y)};
    geo::watch::FenceRule rule;
    rule.crossings = true;
    rule.dwell = 60'000'000;
    std::vector<Fences> parts;
    for (unsigned i = 0; i < threads; ++i) parts.emplace_back(zones, rule);
    std::vector<std::vector<Movement>> done(threads);
    std::vector<double> took;
    for (int second = 0; second < seconds; ++second) {
        drive(vehicles, random);
        geo::Instant const at{second * std::int64_t{1'000'000}};
        auto const part = [&](unsigned number) {
            for (std::size_t i = number; i < vehicles.size(); i += threads)
                parts[number].move(std::int64_t(i), vehicles[i], at, done[number]);
        };
        took.push_back(bench::measured(bench::process_time, [&] {
                           std::vector<std::jthread> others;
                           for (unsigned number = 1; number < threads; ++number)
                               others.emplace_back(part, number);
                           part(0);
                       }).wall);
    }
    Drive result{bench::quantile(took, 0.99), 0};
    for (auto const& one : done) result.movements += one.size();
    return result;
}

std::string text_of(Zone const& zone) {
    std::string text = "POLYGON((";
    for (auto const& p : zone.shape.positions)
        text += fmt::format("{}{} {}", text.back() == '(' ? "" : ",", p.x, p.y);
    return text + "))";
}

/// Milliseconds in which PostGIS says which zones 5,000 positions lie in; the best of three.
double ask_postgis(std::string const& uri, std::vector<Zone> const& zones) {
    pqxx::connection connection{uri};
    pqxx::work sql{connection};
    sql.exec0("CREATE TEMP TABLE fence (id bigint, geom geometry(Polygon, 4326)) ON COMMIT DROP");
    for (auto const& zone : zones)
        sql.exec_params0("INSERT INTO fence VALUES ($1, ST_GeomFromText($2, 4326))", zone.id,
                         text_of(zone));
    sql.exec0("CREATE INDEX ON fence USING gist (geom)");
    sql.exec0("CREATE TEMP TABLE place (geom geometry(Point, 4326)) ON COMMIT DROP");
    geo::synthetic::Random random{11};
    for (std::size_t i = 0; i < vehicle_count; ++i) {
        auto const x = random.between(province.min_x, province.max_x);
        auto const y = random.between(province.min_y, province.max_y);
        sql.exec_params0("INSERT INTO place VALUES (ST_Point($1, $2, 4326))", x, y);
    }
    sql.exec0("ANALYZE fence");
    sql.exec0("ANALYZE place");
    double best = 1e300;
    for (int round = 0; round < 3; ++round)
        best = std::min(best, bench::measured(bench::thread_time, [&] {
                                  sql.exec("SELECT count(*) FROM place JOIN fence ON "
                                           "ST_Covers(fence.geom, place.geom)");
                              }).wall);
    return best;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Fences"};
    std::string lines;
    std::string database;
    int seconds = 120;
    app.add_option("--lines", lines, "File that lines of the table are added to");
    app.add_option("--database", database, "Where PostGIS is asked; none: it is not");
    app.add_option("--seconds", seconds, "Seconds that vehicles drive")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    auto const zones = make_fences();
    double const theirs = database.empty() ? 0 : ask_postgis(database, zones);
    bench::Table table{lines};
    for (unsigned const threads : {1U, 2U}) {
        auto const drive = run(zones, threads, seconds);
        table.line(fmt::format("5,000 positions among 10,000 fences, {} thread{}, p99 of {} s",
                               threads, threads == 1 ? "" : "s", seconds),
                   drive.milliseconds, theirs, "PostGIS ST_Covers by GiST, without stays",
                   "<= 1000 ms");
        fmt::print(stderr, "movements {}\n", drive.movements);
    }
    return 0;
}
