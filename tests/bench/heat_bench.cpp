// Cold tiles of heat over a million incidents, and a screen of them after the filter has changed.
// Prints lines of the table of ./run bench.

#include "data/postgis/pool.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/filter/cql2_text.hpp"
#include "services/domain/heat_cells.hpp"
#include "services/domain/heat_shelf.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

using namespace diaban;
using services::domain::HeatQuestion;
using services::domain::HeatShelf;
using services::domain::View;
using tiles::TileId;

namespace {

constexpr std::array kinds{"theft", "burglary", "robbery", "assault", "fire", "traffic", "other"};

geo::Field tile_field(char const* name, geo::FieldType type) {
    geo::Field field;
    field.name = name;
    field.type = type;
    field.tile = true;
    return field;
}

/// Incidents of a year: about two hundred places of a province, at hours of their own.
View incidents(std::size_t count) {
    View view;
    auto& schema = view.collection.schema;
    schema.id = "incidents";
    schema.geometry = geo::GeometryKind::point;
    schema.fields = {tile_field("kind", geo::FieldType::text),
                     tile_field("severity", geo::FieldType::integer)};
    schema.class_field = "kind";
    std::mt19937_64 random{5};
    std::uniform_real_distribution<double> lon{105.2, 106.4};
    std::uniform_real_distribution<double> lat{17.9, 18.8};
    std::vector<geo::Position> places(200);
    for (auto& place : places) place = {lon(random), lat(random)};
    std::normal_distribution<double> about{0, 0.02};
    std::vector<tiles::mirror::LayerBuilder> parts;
    parts.emplace_back(schema);
    std::vector<std::byte> wkb;
    geo::Geometry point;
    point.kind = geo::GeometryKind::point;
    point.srid = 4326;
    for (std::size_t i = 0; i < count; ++i) {
        auto const& place = places[random() % places.size()];
        point.positions = {i % 3 == 0
                               ? geo::Position{lon(random), lat(random)}
                               : geo::Position{place.x + about(random), place.y + about(random)}};
        wkb.clear();
        geo::codec::append_ewkb(wkb, point);
        std::vector<geo::ValueView> const values{std::string_view{kinds[random() % kinds.size()]},
                                                 std::int64_t(1 + random() % 5)};
        auto const at = std::int64_t(1'735'689'600'000'000 + random() % 31'536'000'000'000);
        parts[0].append({std::int64_t(i + 1), "42", 0, wkb, values, {at, at}});
    }
    view.layer = tiles::mirror::Layer::build(std::move(parts), 2);
    return view;
}

TileId any_tile(View const& view, std::uint32_t zoom, std::mt19937_64& random) {
    auto const& run = view.layer->base();
    auto const p = run.points[random() % run.points.size()];
    return *TileId::make(zoom, std::uint32_t(p.x) >> (31 - zoom),
                         std::uint32_t(p.y) >> (31 - zoom));
}

/// About twenty pixels, as the server chooses where nothing is asked.
double radius_of(std::uint32_t zoom) {
    return std::clamp(20 * 156'543.034 / double(1U << zoom), 10.0, 200'000.0);
}

std::size_t draw(HeatShelf& shelf, View const& view, data::postgis::FeatureStore const& store,
                 HeatQuestion const& question, TileId tile, double radius) {
    auto const set = shelf.points(view, store, question, geo::Policy::everything());
    return tiles::heat_picture(tiles::heat_of(set->points, tile, radius),
                               std::max(set->top(radius), 1e-9))
        .size();
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Heat of a million incidents"};
    std::string database;
    std::string lines;
    std::size_t rows = 1'000'000;
    std::size_t rounds = 60;
    app.add_option("--database", database, "URI, asked for nothing")->required();
    app.add_option("--lines", lines, "File that lines of the table are added to");
    app.add_option("--rows", rows, "How many")->capture_default_str();
    app.add_option("--rounds", rounds, "Tiles a zoom")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    bench::Table table{lines};
    data::postgis::Pool pool{{.uri = database, .role = data::postgis::Role::serve, .size = 1}};
    data::postgis::FeatureStore const store{pool};
    auto const view = incidents(rows);
    std::mt19937_64 random{3};
    std::size_t bytes = 0;

    HeatShelf shelf;
    auto const first = bench::measured(bench::thread_time, [&] {
        bytes += draw(shelf, view, store, {}, any_tile(view, 9, random), radius_of(9));
    });
    table.line("heat: the first tile of a million incidents", first.cpu, 0, "", "");
    std::vector<double> all;
    for (std::uint32_t zoom = 4; zoom <= 18; zoom += 2) {
        bytes += draw(shelf, view, store, {}, any_tile(view, zoom, random), radius_of(zoom));
        std::vector<double> took;
        for (std::size_t i = 0; i < rounds; ++i) {
            auto const tile = any_tile(view, zoom, random);
            took.push_back(bench::measured(bench::thread_time, [&] {
                               bytes += draw(shelf, view, store, {}, tile, radius_of(zoom));
                           }).cpu);
        }
        fmt::print("  z{}: {:.1f} ms in the middle, {:.1f} at most\n", zoom,
                   bench::quantile(took, 0.5), bench::quantile(took, 1));
        all.insert(all.end(), took.begin(), took.end());
    }
    table.line("heat: cold tile of a million incidents, z4 to z18, p99", bench::quantile(all, 0.99),
               0, "", "<= 20 ms");
    std::vector<double> fixed;
    for (std::uint32_t zoom = 8; zoom <= 18; zoom += 2)
        for (std::size_t i = 0; i < rounds / 4; ++i) {
            auto const tile = any_tile(view, zoom, random);
            fixed.push_back(bench::measured(bench::thread_time, [&] {
                                bytes += draw(shelf, view, store, {}, tile, 1000);
                            }).cpu);
        }
    table.line("heat: the same with a radius of 1 km at every zoom, p99",
               bench::quantile(fixed, 0.99), 0, "", "<= 20 ms");

    // Twelve tiles of 256 pixels, one after the other: a server draws them side by side.
    std::vector<double> changes;
    for (std::string const text : {"kind = 'robbery'", "kind IN ('theft', 'fire') AND severity > 2",
                                   "severity < 4", "kind <> 'other'"}) {
        HeatQuestion question;
        question.choice.filter = geo::filter::Filter::make(
            geo::filter::read_text(text), view.layer->schema(), geo::Policy::everything());
        question.times.hours = 0xfc0000; // the evening
        auto const zoom = 10U;
        auto const corner = any_tile(view, zoom, random);
        changes.push_back(bench::measured(bench::process_time, [&] {
                              for (std::uint32_t i = 0; i < 12; ++i)
                                  bytes += draw(
                                      shelf, view, store, question,
                                      *TileId::make(zoom, corner.x() + i % 4, corner.y() + i / 4),
                                      radius_of(zoom));
                          }).cpu);
    }
    table.line("heat: a screen of 12 tiles after a filter has changed, one thread, slowest",
               bench::quantile(changes, 1), 0, "", "<= 200 ms");

    auto const chosen = services::domain::choose_rows(view, store, {}, geo::Policy::everything());
    geo::hotspot::Lattice const hexagons{geo::hotspot::CellKind::hexagon, 2000};
    auto const counted = bench::measured(bench::thread_time, [&] {
        constexpr std::size_t most = 100'000;
        bytes += services::domain::cells_of(chosen, nullptr, hexagons, most).cells.size();
    });
    table.line("heat: a million incidents counted by hexagons of 2 km", counted.cpu, 0, "", "");
    return bytes == 0 ? 1 : 0;
}
