// Classes of 60 million generated cells in 400 generated communes, from a file, window by window;
// the same as files for others to be measured on, and how soon it stops when it is told to.

#include "data/gdal/raster_sink.hpp"
#include "data/gdal/raster_source.hpp"
#include "geo/codec/geojson.hpp"
#include "geo/landuse/class_areas.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using geo::landuse::Label;
using geo::raster::Frame;
using geo::raster::Window;

constexpr std::int32_t side = 7746; // 60 M cells
constexpr int communes = 20;        // along each side
constexpr int steps = 200;          // sides of a commune's border with a neighbour
Frame const province{{side, side}, 500'000, 2'100'000, 10, 10, 32648};

/// Patches of some hundred metres, as fields and villages are; ragged where they meet.
float class_at(std::int32_t column, std::int32_t row) {
    auto const mixed = [](std::uint32_t a, std::uint32_t b) {
        auto h = a * 0x9E3779B1U ^ (b + 0x7F4A7C15U) * 0x85EBCA77U;
        h ^= h >> 15U;
        h *= 0x2C1B3C6DU;
        return h ^ h >> 12U;
    };
    auto const ragged = mixed(std::uint32_t(column), std::uint32_t(row)) % 4;
    return float(
        1 + mixed((std::uint32_t(column) + ragged) / 25, (std::uint32_t(row) + ragged) / 25) % 7);
}

void make_raster(std::string const& file) {
    data::gdal::RasterSink sink{file, province, {.band_names = {"land_cover"}, .classes = true}};
    constexpr std::int32_t strip = 512;
    std::vector<float> cells;
    for (std::int32_t top = 0; top < side; top += strip) {
        Window const window{0, top, side, std::min(strip, side - top)};
        cells.clear();
        for (auto row = top; row < top + window.rows; ++row)
            for (std::int32_t column = 0; column < side; ++column)
                cells.push_back(class_at(column, row));
        sink.write(window, cells);
    }
    sink.finish();
}

/// A corner or a place along a border: the lattice, bent the same way for both neighbours; straight
/// at the province's outline.
geo::Position place(double i, double j) {
    constexpr double margin = 500; // m within the raster
    auto const box = province.box();
    double const width = (box.max_x - box.min_x - 2 * margin) / communes;
    double const height = (box.max_y - box.min_y - 2 * margin) / communes;
    double const bent =
        0.3 * std::sin(std::numbers::pi * i / communes) * std::sin(std::numbers::pi * j / communes);
    return {box.min_x + margin + width * (i + bent * std::sin(9 * j + 3 * i)),
            box.min_y + margin + height * (j + bent * std::cos(7 * i - 2 * j))};
}

std::vector<geo::Geometry> make_communes() {
    std::vector<geo::Geometry> made;
    for (int j = 0; j < communes; ++j)
        for (int i = 0; i < communes; ++i) {
            geo::Geometry commune;
            commune.kind = geo::GeometryKind::polygon;
            commune.srid = province.srid;
            auto const along = [&](int di, int dj, int from_i, int from_j) {
                for (int step = 0; step < steps; ++step)
                    commune.positions.push_back(place(from_i + di * double(step) / steps,
                                                      from_j + dj * double(step) / steps));
            };
            along(1, 0, i, j);
            along(0, 1, i + 1, j);
            along(-1, 0, i + 1, j + 1);
            along(0, -1, i, j + 1);
            commune.positions.push_back(commune.positions.front());
            commune.path_ends = {std::uint32_t(commune.positions.size())};
            commune.part_ends = {1};
            made.push_back(std::move(commune));
        }
    return made;
}

void write_communes(std::string const& file) {
    std::ofstream out{file};
    out << R"({"type":"FeatureCollection","crs":{"type":"name","properties":{"name":)"
        << R"("urn:ogc:def:crs:EPSG::32648"}},"features":[)";
    int number = 0;
    for (auto const& commune : make_communes()) {
        std::string shape;
        geo::codec::append_geojson(shape, commune);
        ++number;
        out << (number == 1 ? "\n" : ",\n") << R"({"type":"Feature","properties":{"commune":)"
            << number << R"(},"geometry":)" << shape << "}";
    }
    out << "]}\n";
}

std::vector<geo::landuse::LabelReader> readers_of(std::string const& file, unsigned threads) {
    std::vector<geo::landuse::LabelReader> readers;
    for (unsigned i = 0; i < threads; ++i) {
        auto const source =
            std::make_shared<data::gdal::RasterSource>(data::gdal::RasterSource::open(file));
        readers.emplace_back([source, cells = std::vector<float>{}](Window const& window,
                                                                    std::span<Label> into) mutable {
            cells.resize(into.size());
            source->read(window, cells);
            for (std::size_t k = 0; k < into.size(); ++k)
                into[k] = std::isnan(cells[k]) ? geo::landuse::unknown : Label(cells[k]);
        });
    }
    return readers;
}

double peak_megabytes() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return double(used.ru_maxrss) / 1024;
}

/// Seconds from being told until it has stopped, in the middle of the work.
double seconds_to_stop(std::string const& file, std::vector<geo::Geometry> const& zones) {
    auto const readers = readers_of(file, 2);
    std::chrono::steady_clock::time_point told;
    try {
        static_cast<void>(geo::landuse::class_areas(province, zones, readers,
                                                    [&](std::uint64_t done, std::uint64_t of) {
                                                        told = std::chrono::steady_clock::now();
                                                        return done < of / 2;
                                                    }));
    } catch (std::exception const&) { // that it stopped
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - told).count();
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Classes of land cover by commune"};
    std::string raster;
    std::string zones_file;
    bool make = false;
    app.add_option("--raster", raster, "GeoTIFF of classes")->required();
    app.add_option("--zones", zones_file, "GeoJSON that the communes are written to");
    app.add_flag("--make", make, "Writes the files and measures nothing");
    CLI11_PARSE(app, argc, argv);
    if (make) {
        make_raster(raster);
        write_communes(zones_file);
        return 0;
    }
    auto const zones = make_communes();
    for (unsigned const threads : {1U, 2U}) {
        auto const readers = readers_of(raster, threads);
        std::array<double, 8> sums{};
        auto const took = bench::measured(bench::process_time, [&] {
            for (auto const& zone : geo::landuse::class_areas(province, zones, readers))
                for (auto const& share : zone.classes)
                    if (share.label < sums.size()) sums[share.label] += share.cells;
        });
        fmt::print("{}\t{:.3f}\t{:.3f}\t{:.1f}\t{}\n", threads, took.wall / 1e3, took.cpu / 1e3,
                   peak_megabytes(), fmt::join(sums, " "));
    }
    fmt::print("stop\t{:.3f}\n", seconds_to_stop(raster, zones));
    return 0;
}
