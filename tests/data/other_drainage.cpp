// Drainage of generated ground, beside SAGA and GRASS where they are installed.

#include "data/gdal/raster_sink.hpp"
#include "data/gdal/raster_source.hpp"
#include "geo/synthetic/relief.hpp"
#include "geo/terrain/drainage.hpp"
#include "geo/terrain/fill.hpp"
#include "tests/data/other_programs.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using geo::raster::Frame;
namespace fs = std::filesystem;
namespace terrain = geo::terrain;

using tests::Folder;
using tests::installed;
using tests::run;

void write(fs::path const& file, Frame const& frame, std::span<float const> cells) {
    data::gdal::RasterSink sink{file, frame, {.band_names = {"elevation"}, .unit = "m"}};
    sink.write(frame.window(), cells);
    sink.finish();
}

std::vector<float> relief(Frame const& frame) {
    std::vector<float> ground(frame.shape.cells());
    // Above 0: r.terraflow 8.2 takes ground below it for a border.
    geo::synthetic::make_relief(frame, {.base = 1000}, tests::seed(), ground, 2);
    return ground;
}

std::vector<float> filled(Frame const& frame, std::span<float const> ground) {
    std::vector<float> level(ground.size());
    std::vector<std::uint32_t> scratch(ground.size());
    terrain::fill(frame.shape, ground, level, scratch, 2, 128);
    return level;
}

/// Cells of a file that are not those given.
std::size_t others(fs::path const& file, std::span<float const> cells) {
    auto const read = data::gdal::RasterSource::open(file).read_all(cells.size());
    std::size_t other = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) other += read.cells()[i] != cells[i];
    return other;
}

} // namespace

BOOST_AUTO_TEST_SUITE(other_drainage)

BOOST_AUTO_TEST_CASE(saga_fills_to_the_same_bits) {
    if (!installed("saga_cmd", "SAGA's filling")) return;
    Folder const folder;
    Frame const frame{{700, 500}, 500'000, 2'100'000, 30, 30, 3405};
    auto const ground = relief(frame);
    write(folder.path / "ground.tif", frame, ground);
    auto const at = folder.path.string();
    run("saga_cmd ta_preprocessor 4 -ELEV " + at + "/ground.tif -MINSLOPE 0 -FILLED " + at +
        "/filled.sgrd");
    run("gdal_translate " + at + "/filled.sdat " + at + "/filled.tif");
    BOOST_TEST(others(folder.path / "filled.tif", filled(frame, ground)) == 0u);
}

BOOST_AUTO_TEST_CASE(grass_fills_to_the_same_bits) {
    if (!installed("grass", "GRASS's filling")) return;
    Folder const folder;
    Frame const frame{{240, 200}, 500'000, 2'100'000, 30, 30, 3405};
    auto const ground = relief(frame);
    write(folder.path / "ground.tif", frame, ground);
    auto const at = folder.path.string();
    std::ofstream{folder.path / "fill.sh"}
        << "set -e\nr.in.gdal -o input=" << at << "/ground.tif output=ground\n"
        << "g.region raster=ground\n"
        << "r.terraflow elevation=ground filled=filled direction=way swatershed=basin "
           "accumulation=flow tci=index memory=100 directory="
        << at << " stats=" << at << "/stats.txt\n"
        << "r.out.gdal -c -f input=filled output=" << at << "/filled.tif type=Float32\n";
    run("grass --tmp-location EPSG:3405 --exec bash " + at + "/fill.sh");
    BOOST_TEST(others(folder.path / "filled.tif", filled(frame, ground)) == 0u);
}

BOOST_AUTO_TEST_CASE(saga_finds_a_valley_as_high_above_its_stream) {
    if (!installed("saga_cmd", "SAGA's heights above drainage")) return;
    Folder const folder;
    Frame const frame{{121, 90}, 500'000, 2'100'000, 10, 10, 3405};
    std::vector<float> ground(frame.shape.cells());
    std::vector<float> channel(ground.size(), geo::raster::no_data);
    std::vector<std::uint8_t> streams(ground.size(), 0);
    for (std::int32_t y = 0; y < 90; ++y)
        for (std::int32_t x = 0; x < 121; ++x) {
            auto const i = frame.shape.index(x, y);
            ground[i] = 0.5F * float(std::abs(x - 60)) + 0.0009765625F * float(90 - y);
            if (x != 60) continue;
            channel[i] = 1;
            streams[i] = 1;
        }
    write(folder.path / "ground.tif", frame, ground);
    write(folder.path / "channel.tif", frame, channel);
    auto const at = folder.path.string();
    run("saga_cmd ta_channels 4 -METHOD 0 -ELEVATION " + at + "/ground.tif -CHANNELS " + at +
        "/channel.tif -DISTVERT " + at + "/height.sgrd -DISTANCE " + at + "/d.sgrd -DISTHORZ " +
        at + "/h.sgrd -PASSES " + at + "/p.sgrd");
    run("gdal_translate " + at + "/height.sdat " + at + "/height.tif");
    auto const theirs = data::gdal::RasterSource::open(folder.path / "height.tif").read_all(20'000);
    std::vector<terrain::Direction> ways(ground.size());
    std::vector<std::uint32_t> scratch(ground.size());
    std::vector<float> height(ground.size());
    terrain::flow_directions(frame.shape, ground, 10, 10, ways, scratch, 1);
    terrain::height_above_drainage(frame.shape, ground, ways, streams, height, 1);
    double worst = 0;
    std::size_t compared = 0;
    for (std::size_t i = 0; i < height.size(); ++i) {
        if (std::isnan(theirs.cells()[i])) continue; // SAGA leaves out cells of the edge
        worst = std::max(worst, std::abs(double(height[i]) - double(theirs.cells()[i])));
        ++compared;
    }
    BOOST_TEST(compared > 119u * 87u);
    BOOST_TEST(worst <= 1e-6);
}

BOOST_AUTO_TEST_SUITE_END()
