// What is seen over the ground of the Eno river, beside gdal_viewshed and GRASS where they are
// installed. Neither draws lines of sight to centres of cells over ground that lies straight
// between them: gdal_viewshed carries a least visible height over from the cells next to each
// (Wang, Robinson and White 2000); r.viewshed sweeps a ray around and takes ground to stand at its
// own height over a whole cell's angle (Van Kreveld 1996). So cells near the line between seen and
// hidden come out either way, and others may not: what ours sees even of less, and hides even of
// more, is what they must see and hide.

#include "data/gdal/raster_source.hpp"
#include "geo/terrain/viewshed.hpp"
#include "tests/data/other_programs.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using geo::raster::Grid;
using geo::terrain::Sight;
using geo::terrain::Watcher;
using tests::Folder;
using tests::installed;
using tests::run;
namespace fs = std::filesystem;

constexpr double eye = 10;     // m above ground
constexpr double target = 3;   // m
constexpr double more = 1;     // m above and below the target that cells must be clear by
constexpr double range = 2000; // m
constexpr unsigned threads = 2;

/// Cells where cameras might stand: on a spur, in the valley, on a slope, on the plateau.
constexpr geo::raster::Cell stands[] = {{270, 410}, {150, 250}, {380, 600}, {240, 640}};

/// The Eno's ground on cells of 10 m, UTM 17N: one grid that all three programs read.
std::optional<Grid<float>> eno(Folder const& folder, char const* what) {
    char const* const data = std::getenv("DIABAN_DATA");
    if (data == nullptr) {
        std::cout << "SKIPPED (DIABAN_DATA not set): " << what << '\n';
        return {};
    }
    auto const file = folder.path / "ground.tif";
    run(fmt::format("gdalwarp -q -t_srs EPSG:32617 -tr 10 10 -te 666000 4003800 671400 4011800 -r "
                    "bilinear {}/elevation/taudem_enogeo/enogeo.tif {}",
                    data, file.string()));
    auto ground = data::gdal::RasterSource::open(file).read_all(1'000'000);
    BOOST_REQUIRE((ground.shape() == geo::raster::Shape{540, 800}));
    return ground;
}

std::vector<Sight> seen_by_ours(Grid<float> const& ground, geo::raster::Cell stand, double high) {
    Watcher watcher;
    watcher.at = {double(stand.column), double(stand.row)};
    watcher.eye = eye;
    watcher.target = high;
    watcher.range = range;
    return geo::terrain::viewshed({ground.shape(), ground.cells(), 10, 10}, watcher, threads);
}

/// How two judgements of the same cells agree.
struct Agreement {
    std::size_t asked = 0;
    std::size_t equal = 0;
    std::size_t both = 0;
    std::size_t either = 0;
    std::size_t clear = 0;   ///< ours decides alike for a target `more` lower and higher
    std::size_t against = 0; ///< of those, they decide otherwise

    [[nodiscard]] double share() const { return double(equal) / double(asked); }
    [[nodiscard]] double jaccard() const { return double(both) / double(either); }
    [[nodiscard]] double contradicted() const { return double(against) / double(clear); }
};

/// `seen`: of the other program, cell by cell of our grid.
void compare(Agreement& sum, Grid<float> const& ground, geo::raster::Cell stand,
             std::vector<bool> const& seen) {
    auto const ours = seen_by_ours(ground, stand, target);
    auto const lower = seen_by_ours(ground, stand, target - more);
    auto const higher = seen_by_ours(ground, stand, target + more);
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (ours[i] == Sight::unasked) continue;
        bool const mine = ours[i] == Sight::seen;
        ++sum.asked;
        sum.equal += mine == seen[i];
        sum.both += mine && seen[i];
        sum.either += mine || seen[i];
        if (lower[i] != higher[i]) continue;
        ++sum.clear;
        sum.against += mine != seen[i];
    }
}

/// A raster of theirs, of the whole grid or of a part of it.
std::vector<bool> seen_in(fs::path const& file, Grid<float> const& ground) {
    auto const source = data::gdal::RasterSource::open(file);
    auto const& frame = source.description().frame;
    auto const theirs = source.read_all(1'000'000);
    auto const left = std::int32_t(std::lround((frame.west - 666'000) / 10));
    auto const top = std::int32_t(std::lround((4'011'800 - frame.north) / 10));
    std::vector<bool> seen(ground.cells().size(), false);
    for (std::int32_t row = 0; row < theirs.shape().rows; ++row)
        for (std::int32_t column = 0; column < theirs.shape().columns; ++column)
            if (ground.shape().holds(column + left, row + top))
                seen[ground.shape().index(column + left, row + top)] =
                    theirs.cells()[theirs.shape().index(column, row)] > 0;
    return seen;
}

std::string easting(geo::raster::Cell stand) {
    return std::to_string(666'000 + stand.column * 10 + 5);
}
std::string northing(geo::raster::Cell stand) {
    return std::to_string(4'011'800 - stand.row * 10 - 5);
}

void tell(char const* program, Agreement const& sum) {
    std::cout << fmt::format("{}: {} cells, {:.4f} alike, Jaccard of the seen {:.4f}; of {} that "
                             "are clear by {} m {:.5f} decided otherwise\n",
                             program, sum.asked, sum.share(), sum.jaccard(), sum.clear, more,
                             sum.contradicted());
}

} // namespace

BOOST_AUTO_TEST_SUITE(other_sight)

BOOST_AUTO_TEST_CASE(gdal_viewshed_sees_what_is_clearly_seen_and_hides_what_is_clearly_hidden) {
    if (!installed("gdal_viewshed", "GDAL's viewshed")) return;
    Folder const folder;
    auto const ground = eno(folder, "GDAL's viewshed");
    if (!ground) return;
    auto const at = folder.path.string();
    Agreement sum;
    for (auto const stand : stands) {
        // -cc 6/7: curvature less a seventh of it, as ours.
        run(fmt::format("gdal_viewshed -q -ox {} -oy {} -oz {} -tz {} -md {} -cc {} {}/ground.tif "
                        "{}/seen.tif",
                        easting(stand), northing(stand), eye, target, range, 6.0 / 7, at, at));
        compare(sum, *ground, stand, seen_in(folder.path / "seen.tif", *ground));
    }
    tell("gdal_viewshed", sum);
    BOOST_TEST(sum.asked > 400'000U);
    BOOST_TEST(sum.share() >= 0.99); // .9926 with GDAL 3.6; a watcher one cell aside gives .986
    BOOST_TEST(sum.jaccard() >= 0.985);
    BOOST_TEST(sum.contradicted() <= 0.0005);
}

BOOST_AUTO_TEST_CASE(grass_sees_what_is_clearly_seen_and_hides_what_is_clearly_hidden) {
    if (!installed("grass", "GRASS's viewshed")) return;
    Folder const folder;
    auto const ground = eno(folder, "GRASS's viewshed");
    if (!ground) return;
    auto const at = folder.path.string();
    std::ofstream script{folder.path / "sight.sh"};
    script << "set -e\nr.in.gdal -o input=" << at << "/ground.tif output=ground\n"
           << "g.region raster=ground\n";
    for (std::size_t i = 0; i < std::size(stands); ++i)
        script << fmt::format("r.viewshed -b -c -r input=ground output=seen{0} coordinates={1},{2} "
                              "observer_elevation={3} target_elevation={4} max_distance={5} "
                              "refraction_coeff=0.1428571428571 memory=500\n"
                              "r.out.gdal -f input=seen{0} output={6}/seen{0}.tif type=Byte "
                              "nodata=255\n",
                              i, easting(stands[i]), northing(stands[i]), eye, target, range, at);
    script.close();
    run("grass --tmp-location EPSG:32617 --exec bash " + at + "/sight.sh");
    Agreement sum;
    for (std::size_t i = 0; i < std::size(stands); ++i)
        compare(sum, *ground, stands[i],
                seen_in(folder.path / ("seen" + std::to_string(i) + ".tif"), *ground));
    tell("r.viewshed", sum);
    BOOST_TEST(sum.asked > 400'000U);
    BOOST_TEST(sum.share() >= 0.9985); // .9990 with GRASS 8.2; without curvature .9979
    BOOST_TEST(sum.jaccard() >= 0.9975);
    BOOST_TEST(sum.contradicted() <= 0.0001);
}

BOOST_AUTO_TEST_SUITE_END()
