// Grids larger than the memory that may be had.

#include "data/gdal/scratch_cells.hpp"

#include "geo/error.hpp"
#include "geo/synthetic/relief.hpp"
#include "geo/terrain/drainage.hpp"
#include "geo/terrain/fill.hpp"
#include "geo/terrain/streams.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using data::gdal::ScratchCells;
namespace fs = std::filesystem;
namespace terrain = geo::terrain;

/// While it lives, this process may hold only so much more private memory.
class LittleMemory {
public:
    explicit LittleMemory(std::size_t more) {
        ::getrlimit(RLIMIT_DATA, &m_before);
        limit(0);
        take_what_lies_free();
        limit(more);
    }
    LittleMemory(LittleMemory const&) = delete;
    LittleMemory& operator=(LittleMemory const&) = delete;
    ~LittleMemory() { ::setrlimit(RLIMIT_DATA, &m_before); }

private:
    void limit(std::size_t more) const {
        rlimit little = m_before;
        little.rlim_cur = held() + more;
        ::setrlimit(RLIMIT_DATA, &little);
    }

    /// Earlier cases leave large holes in the heap, which would be had beyond any limit.
    void take_what_lies_free() {
        constexpr std::size_t block = 1 << 20;
        m_taken.reserve(1 << 14);
        try {
            while (m_taken.size() < m_taken.capacity())
                m_taken.push_back(std::make_unique_for_overwrite<char[]>(block));
        } catch (std::bad_alloc const&) { // as meant: nothing more is free
        }
    }

    static std::size_t held() {
        std::ifstream status{"/proc/self/status"};
        for (std::string line; std::getline(status, line);)
            if (line.starts_with("VmData:")) return std::stoull(line.substr(7)) * 1024;
        return 0;
    }

    rlimit m_before{};
    std::vector<std::unique_ptr<char[]>> m_taken;
};

} // namespace

BOOST_AUTO_TEST_SUITE(scratch_cells)

BOOST_AUTO_TEST_CASE(grids_larger_than_memory_are_drained_as_they_are_in_memory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return; // whose own memory the limit would meet
#endif
    geo::raster::Frame const frame{{4000, 2500}, 0, 75'000, 30, 30, 0};
    auto const cells = frame.shape.cells();
    constexpr std::size_t little = 32 << 20;
    auto const drain = [&](auto ground, auto filled, auto scratch, auto ways, auto streams,
                           auto height) {
        geo::synthetic::make_relief(frame, {.octaves = 6}, 9, ground, 1);
        terrain::fill(frame.shape, ground, filled, scratch, 1);
        terrain::flow_directions(frame.shape, filled, 30, 30, ways, scratch, 1);
        terrain::accumulate(frame.shape, ways, scratch, 1);
        terrain::mark_streams(scratch, 500, streams);
        terrain::height_above_drainage(frame.shape, filled, ways, streams, height, 1);
    };
    auto const here = fs::temp_directory_path();
    ScratchCells<float> const ground{here, cells};
    ScratchCells<float> const filled{here, cells};
    ScratchCells<std::uint32_t> const counts{here, cells};
    ScratchCells<terrain::Direction> const ways{here, cells};
    ScratchCells<std::uint8_t> const streams{here, cells};
    ScratchCells<float> const height{here, cells};
    {
        LittleMemory const limit{little};
        BOOST_CHECK_THROW((void)std::vector<float>(cells).size(),
                          std::bad_alloc); // one grid alone is too much
        drain(ground.cells(), filled.cells(), counts.cells(), ways.cells(), streams.cells(),
              height.cells());
    }
    std::vector<float> ground_too(cells);
    std::vector<float> filled_too(cells);
    std::vector<std::uint32_t> counts_too(cells);
    std::vector<terrain::Direction> ways_too(cells);
    std::vector<std::uint8_t> streams_too(cells);
    std::vector<float> height_too(cells);
    drain(std::span{ground_too}, std::span{filled_too}, std::span{counts_too}, std::span{ways_too},
          std::span{streams_too}, std::span{height_too});
    BOOST_TEST(std::ranges::equal(filled.cells(), filled_too));
    BOOST_TEST(std::ranges::equal(ways.cells(), ways_too));
    BOOST_TEST(std::ranges::equal(counts.cells(), counts_too));
}

BOOST_AUTO_TEST_CASE(scratch_without_a_folder_is_refused) {
    BOOST_CHECK_THROW((ScratchCells<float>{"/no/such/folder", 10}), geo::Error);
    BOOST_TEST((ScratchCells<float>{fs::temp_directory_path(), 0}.cells().empty()));
}

BOOST_AUTO_TEST_SUITE_END()
