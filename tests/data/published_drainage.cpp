// Drainage of real ground, beside what others published of it: TauDEM's reference results for the
// Eno river (dtarb/TauDEM-Test-Data, ReferenceResult/Geographic) and pysheds' catchment near Fort
// Worth (mdbartos/pysheds).

#include "data/gdal/raster_source.hpp"
#include "geo/terrain/catchment.hpp"
#include "geo/terrain/drainage.hpp"
#include "geo/terrain/fill.hpp"
#include "geo/terrain/streams.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <set>
#include <vector>

namespace {

using namespace diaban;
using geo::raster::Grid;
using geo::raster::Shape;
namespace fs = std::filesystem;
namespace terrain = geo::terrain;

std::optional<fs::path> elevation(char const* what) {
    char const* const data = std::getenv("DIABAN_DATA");
    if (data == nullptr) {
        std::cout << "SKIPPED (DIABAN_DATA not set): " << what << '\n';
        return {};
    }
    return fs::path{data} / "elevation";
}

Grid<float> read(fs::path const& file) {
    return data::gdal::RasterSource::open(file).read_all(1'000'000);
}

Grid<float> eno(fs::path const& folder, std::string const& name) {
    return read(folder / "taudem_enogeo" / ("enogeo" + name + ".tif"));
}

/// TauDEM counts from east counter-clockwise, 1 to 8.
std::vector<terrain::Direction> from_taudem(std::span<float const> codes) {
    constexpr terrain::Direction of[] = {0, 1, 128, 64, 32, 16, 8, 4, 2};
    std::vector<terrain::Direction> ways;
    for (float const code : codes)
        ways.push_back(std::isnan(code) ? terrain::unknown : of[int(code)]);
    return ways;
}

std::vector<std::uint8_t> marked(std::span<float const> cells) {
    std::vector<std::uint8_t> marks;
    for (float const cell : cells) marks.push_back(cell > 0);
    return marks;
}

/// The valleys of Peuker and Douglas (1975) as TauDEM finds them: smoothed by a kernel of weights
/// 0.4, 0.1 and 0.05, the highest of each four cells is crossed out, what stays is valley.
std::vector<float> valleys(Shape shape, std::span<float const> ground) {
    std::vector<float> smooth(ground.begin(), ground.end());
    auto const known = [&](std::int32_t x, std::int32_t y) {
        return shape.holds(x, y) && !std::isnan(ground[shape.index(x, y)]);
    };
    for (std::int32_t y = 0; y < shape.rows; ++y)
        for (std::int32_t x = 0; x < shape.columns; ++x) {
            if (!known(x, y)) continue;
            float sum = 0.4F * ground[shape.index(x, y)];
            float weights = 0.4F;
            // The sides first, then the corners, both from the east counter-clockwise.
            for (std::size_t const k : {0U, 6U, 4U, 2U, 7U, 5U, 3U, 1U}) {
                auto const& step = terrain::steps[k];
                if (!known(x + step.column, y + step.row)) continue;
                float const weight = step.diagonal ? 0.05F : 0.1F;
                sum += weight * ground[shape.index(x + step.column, y + step.row)];
                weights += weight;
            }
            smooth[shape.index(x, y)] = sum / weights;
        }
    std::vector<float> valley(shape.cells(), 1);
    for (std::int32_t y = 0; y + 1 < shape.rows; ++y)
        for (std::int32_t x = 0; x + 1 < shape.columns; ++x) {
            std::size_t const four[] = {shape.index(x, y), shape.index(x + 1, y),
                                        shape.index(x, y + 1), shape.index(x + 1, y + 1)};
            float highest = -1e30F;
            for (auto const i : four) highest = std::max(highest, smooth[i]);
            for (auto const i : four)
                if (smooth[i] == highest) valley[i] = 0;
        }
    for (std::size_t i = 0; i < valley.size(); ++i)
        if (std::isnan(ground[i])) valley[i] = 0;
    return valley;
}

} // namespace

BOOST_AUTO_TEST_SUITE(published_drainage)

BOOST_AUTO_TEST_CASE(filling_the_eno_river_gives_the_published_ground_in_every_cell) {
    auto const folder = elevation("filling of the Eno river");
    if (!folder) return;
    auto const ground = eno(*folder, "");
    auto const published = eno(*folder, "fel");
    for (std::int32_t const side : {512, 100, 4096}) {
        std::vector<float> filled(ground.cells().size());
        std::vector<std::uint32_t> scratch(filled.size());
        terrain::fill(ground.shape(), ground.cells(), filled, scratch, 2, side);
        std::size_t equal = 0;
        std::size_t other = 0;
        for (std::size_t i = 0; i < filled.size(); ++i) {
            equal += filled[i] == published.cells()[i];
            other += filled[i] != published.cells()[i] &&
                     !(std::isnan(filled[i]) && std::isnan(published.cells()[i]));
        }
        BOOST_TEST(equal == 603'460u);
        BOOST_TEST(other == 0u);
    }
}

BOOST_AUTO_TEST_CASE(the_published_directions_give_the_published_accumulation_in_every_cell) {
    auto const folder = elevation("accumulation of the Eno river");
    if (!folder) return;
    auto const ways = from_taudem(eno(*folder, "p").cells());
    auto const published = eno(*folder, "ad8");
    std::vector<std::uint32_t> cells(ways.size());
    terrain::accumulate(published.shape(), ways, cells, 2, 128);
    std::size_t equal = 0;
    std::size_t other = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (std::isnan(published.cells()[i])) continue; // fed from beyond the edge: no answer
        (float(cells[i]) == published.cells()[i] ? equal : other) += 1;
    }
    BOOST_TEST(equal == 589'313u);
    BOOST_TEST(other == 0u);
}

BOOST_AUTO_TEST_CASE(valleys_added_up_along_the_published_directions_give_the_published_streams) {
    auto const folder = elevation("streams of the Eno river");
    if (!folder) return;
    auto const filled = eno(*folder, "fel");
    auto const ways = from_taudem(eno(*folder, "p").cells());
    auto const published = eno(*folder, "src");
    std::vector<double> sums(ways.size());
    terrain::accumulate(filled.shape(), ways, valleys(filled.shape(), filled.cells()), sums, 2);
    std::size_t equal = 0;
    std::size_t only_ours = 0;
    std::size_t only_theirs = 0;
    auto const basin = eno(*folder, "w");
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (std::isnan(basin.cells()[i])) continue; // published above the outlet alone
        bool const ours = sums[i] >= 180;
        bool const theirs = published.cells()[i] > 0;
        equal += ours && theirs;
        only_ours += ours && !theirs;
        only_theirs += !ours && theirs;
    }
    BOOST_TEST(equal == 2'345u);
    BOOST_TEST(only_ours == 0u);
    BOOST_TEST(only_theirs == 0u);
}

BOOST_AUTO_TEST_CASE(the_published_streams_have_the_published_order_and_basins) {
    auto const folder = elevation("order and basins of the Eno river");
    if (!folder) return;
    auto const ways = from_taudem(eno(*folder, "p").cells());
    auto const source = eno(*folder, "src");
    auto const order = eno(*folder, "ord3");
    auto const basin = eno(*folder, "w");
    auto const links = terrain::stream_links(source.shape(), ways, marked(source.cells()));
    std::size_t right = 0;
    std::size_t wrong = 0;
    for (auto const& link : links)
        for (auto const cell : link.cells)
            (order.cells()[cell] == float(link.order) ? right : wrong) += 1;
    BOOST_TEST(links.size() == 53u);
    BOOST_TEST(right == 2'345u);
    BOOST_TEST(wrong == 0u);
    std::vector<std::uint32_t> numbers(ways.size());
    terrain::basins(source.shape(), ways, links, numbers, 2);
    // Numbered otherwise, but each of ours is one of theirs, cell for cell.
    std::set<std::pair<std::uint32_t, float>> pairs;
    std::size_t cells = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (std::isnan(basin.cells()[i])) continue;
        pairs.emplace(numbers[i], basin.cells()[i]);
        ++cells;
    }
    std::set<std::uint32_t> ours;
    std::set<float> theirs;
    for (auto const& [number, other] : pairs) {
        ours.insert(number);
        theirs.insert(other);
    }
    BOOST_TEST(cells == 154'269u);
    BOOST_TEST(pairs.size() == 53u);
    BOOST_TEST(ours.size() == 53u);
    BOOST_TEST(theirs.size() == 53u);
}

BOOST_AUTO_TEST_CASE(a_catchment_has_the_published_cells_and_extent) {
    auto const folder = elevation("pysheds' catchment");
    if (!folder) return;
    auto const codes = read(*folder / "pysheds" / "dir.tif");
    std::vector<terrain::Direction> ways;
    for (float const code : codes.cells())
        ways.push_back(std::isnan(code) ? terrain::unknown : terrain::Direction(code));
    terrain::CatchmentIndex const index{codes.shape(), ways, 2};
    auto const cells = index.cells({229, 101});
    BOOST_TEST(cells.size() == 11'422u);
    std::set<std::uint32_t> columns;
    std::set<std::uint32_t> rows;
    for (auto const cell : cells) {
        columns.insert(cell % std::uint32_t(codes.shape().columns));
        rows.insert(cell / std::uint32_t(codes.shape().columns));
    }
    BOOST_TEST(*rows.rbegin() - *rows.begin() + 1 == 159u);
    BOOST_TEST(*columns.rbegin() - *columns.begin() + 1 == 169u);
    std::vector<std::uint32_t> counts(ways.size());
    terrain::accumulate(codes.shape(), ways, counts, 2, 64);
    // 77,261 where what leaves the frame is counted as one cell more; here it is outside.
    BOOST_TEST(*std::ranges::max_element(counts) == 77'260u);
}

BOOST_AUTO_TEST_SUITE_END()
