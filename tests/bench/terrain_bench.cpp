// Drainage of 16 million generated cells in memory: each step apart and all together, on one thread
// and on two; and the same ground as a file for others to be measured on.

#include "data/gdal/raster_sink.hpp"
#include "data/gdal/raster_source.hpp"
#include "geo/raster/outline.hpp"
#include "geo/synthetic/relief.hpp"
#include "geo/terrain/catchment.hpp"
#include "geo/terrain/drainage.hpp"
#include "geo/terrain/fill.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using geo::raster::Frame;
namespace terrain = geo::terrain;

/// Seconds of each step.
struct Seconds {
    double fill = 0;
    double flow = 0;
    double accumulation = 0;
    double height = 0;

    double processor = 0; ///< of all threads, in all

    [[nodiscard]] double all() const noexcept { return fill + flow + accumulation + height; }
};

class Drainage {
public:
    Drainage(Frame const& frame, std::uint64_t seed) : m_frame{frame}, m_ground(cells()) {
        geo::synthetic::make_relief(frame, {.base = 1000}, seed, m_ground,
                                    2); // r.terraflow wants it above 0
    }

    Seconds run(unsigned threads) {
        Seconds took;
        m_processor = 0;
        auto const& shape = m_frame.shape;
        took.fill = seconds([&] { terrain::fill(shape, m_ground, m_filled, m_scratch, threads); });
        took.flow = seconds([&] {
            terrain::flow_directions(shape, m_filled, m_frame.width, m_frame.height, m_ways,
                                     m_scratch, threads);
        });
        took.accumulation =
            seconds([&] { terrain::accumulate(shape, m_ways, m_scratch, threads); });
        took.height = seconds([&] {
            constexpr std::uint32_t stream = 1000;
            std::ranges::transform(m_scratch, m_streams.begin(), [](std::uint32_t count) {
                return std::uint8_t(count >= stream);
            });
            terrain::height_above_drainage(shape, m_filled, m_ways, m_streams, m_height, threads);
        });
        took.processor = m_processor;
        return took;
    }

    /// The largest catchment of all, as cells and as a polygon.
    struct Upstream {
        double prepared = 0;   ///< s that the index takes
        double cells = 0;      ///< ms until its cells are at hand
        double polygon = 0;    ///< ms until it is a polygon as well
        std::size_t count = 0; ///< of cells
    };
    Upstream upstream(unsigned threads) {
        Upstream took;
        auto const& shape = m_frame.shape;
        std::optional<terrain::CatchmentIndex> index;
        took.prepared = seconds([&] { index.emplace(shape, m_ways, threads); });
        terrain::accumulate(shape, m_ways, m_scratch, threads);
        auto const most = std::size_t(std::ranges::max_element(m_scratch) - m_scratch.begin());
        geo::raster::Cell const point{std::int32_t(most % std::size_t(shape.columns)),
                                      std::int32_t(most / std::size_t(shape.columns))};
        std::vector<std::uint8_t> marked(cells(), 0);
        took.cells = 1e3 * seconds([&] {
                         for (auto const cell : index->cells(point)) marked[cell] = 1;
                     });
        took.count = index->cells(point).size();
        took.polygon =
            took.cells + 1e3 * seconds([&] { (void)geo::raster::outline(m_frame, marked); });
        return took;
    }

    void write(std::string const& file) const {
        data::gdal::RasterSink sink{file, m_frame, {.band_names = {"elevation"}, .unit = "m"}};
        sink.write(m_frame.window(), m_ground);
        sink.finish();
    }

    /// Cells of another's filled ground that are not bit for bit ours.
    [[nodiscard]] std::size_t other_than(std::string const& file) const {
        auto const theirs = data::gdal::RasterSource::open(file).read_all(cells());
        std::size_t other = 0;
        for (std::size_t i = 0; i < cells(); ++i) other += theirs.cells()[i] != m_filled[i];
        return other;
    }

private:
    [[nodiscard]] std::size_t cells() const noexcept { return m_frame.shape.cells(); }
    template <typename Work>
    double seconds(Work&& work) {
        auto const took = bench::measured(bench::process_time, work);
        m_processor += took.cpu / 1e3;
        return took.wall / 1e3;
    }

    Frame m_frame;
    double m_processor = 0;
    std::vector<float> m_ground;
    std::vector<float> m_filled = std::vector<float>(cells());
    std::vector<std::uint32_t> m_scratch = std::vector<std::uint32_t>(cells());
    std::vector<terrain::Direction> m_ways = std::vector<terrain::Direction>(cells());
    std::vector<std::uint8_t> m_streams = std::vector<std::uint8_t>(cells());
    std::vector<float> m_height = std::vector<float>(cells());
};

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Drainage of generated ground"};
    std::int32_t side = 4000;
    int rounds = 3;
    std::string ground;
    std::vector<std::string> filled;
    app.add_option("--side", side, "Cells along each side")->capture_default_str();
    app.add_option("--rounds", rounds, "Times each")->capture_default_str();
    app.add_option("--ground", ground, "A GeoTIFF that the ground is written to");
    app.add_option("--filled", filled, "Filled by others: how many cells are other than ours");
    CLI11_PARSE(app, argc, argv);

    Frame const frame{{side, side}, 500'000, 2'100'000, 30, 30, 3405};
    Drainage drainage{frame, 9};
    if (!ground.empty()) drainage.write(ground);
    for (unsigned const threads : {1U, 2U}) {
        std::vector<Seconds> took;
        for (int round = 0; round < rounds; ++round) took.push_back(drainage.run(threads));
        auto const best = *std::ranges::min_element(took, {}, &Seconds::all);
        fmt::print("{}\t{:.3f}\t{:.3f}\t{:.3f}\t{:.3f}\t{:.3f}\t{:.3f}\n", threads, best.fill,
                   best.flow, best.accumulation, best.height, best.all(), best.processor);
    }
    auto const upstream = drainage.upstream(2);
    fmt::print("upstream\t{:.3f}\t{:.3f}\t{:.3f}\t{}\n", upstream.prepared, upstream.cells,
               upstream.polygon, upstream.count);
    std::size_t wrong = 0;
    for (auto const& file : filled) {
        auto const other = drainage.other_than(file);
        wrong += other;
        fmt::print(stderr, "{}: {} of {} cells other than ours\n", file, other,
                   frame.shape.cells());
    }
    return wrong == 0 ? 0 : 1;
}
