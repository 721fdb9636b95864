// What drainage keeps beside the grids that it is handed: a grid on mapped files may be larger than
// memory only if that is a small part of it.

#include "geo/synthetic/relief.hpp"
#include "geo/terrain/drainage.hpp"
#include "geo/terrain/fill.hpp"

#include <boost/test/unit_test.hpp>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

namespace {

std::atomic<std::size_t> held{0};
std::atomic<std::size_t> most_held{0};

void* take(std::size_t size) {
    void* const memory = std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc{};
    auto const now = held += ::malloc_usable_size(memory);
    auto most = most_held.load();
    while (now > most && !most_held.compare_exchange_weak(most, now)) {
    }
    return memory;
}

void give(void* memory) noexcept {
    if (memory != nullptr) held -= ::malloc_usable_size(memory);
    std::free(memory);
}

} // namespace

// Every allocation of this test program is counted.
void* operator new(std::size_t size) {
    return take(size);
}
void operator delete(void* memory) noexcept {
    give(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    give(memory);
}

namespace {

using namespace diaban;
namespace terrain = geo::terrain;

/// The most that `work` held beyond what was held before.
template <typename Work>
std::size_t kept(Work&& work) {
    std::size_t const before = held;
    most_held = before;
    work();
    return most_held - before;
}

} // namespace

BOOST_AUTO_TEST_SUITE(drainage_memory)

BOOST_AUTO_TEST_CASE(drainage_keeps_a_small_part_of_the_grid_beside_it) {
    geo::raster::Frame const frame{{6000, 2000}, 0, 60'000, 30, 30, 0};
    auto const cells = frame.shape.cells();
    std::vector<float> ground(cells);
    geo::synthetic::make_relief(frame, {.octaves = 7}, 9, ground, 2);
    std::vector<float> filled(cells);
    std::vector<std::uint32_t> counts(cells);
    std::vector<terrain::Direction> ways(cells);
    std::vector<std::uint8_t> streams(cells);
    std::vector<float> height(cells);
    auto const fill = kept([&] { terrain::fill(frame.shape, ground, filled, counts, 1); });
    auto const flow =
        kept([&] { terrain::flow_directions(frame.shape, filled, 30, 30, ways, counts, 1); });
    auto const count = kept([&] { terrain::accumulate(frame.shape, ways, counts, 1); });
    std::ranges::transform(counts, streams.begin(), [](auto n) { return std::uint8_t(n > 500); });
    auto const hand = kept(
        [&] { terrain::height_above_drainage(frame.shape, filled, ways, streams, height, 1); });
    BOOST_TEST_MESSAGE("kept beside " << cells << " cells: " << fill << ", " << flow << ", "
                                      << count << ", " << hand << " bytes");
    // All five grids together are 17 bytes a cell.
    std::size_t const grids = 17 * cells;
    BOOST_TEST(fill < grids / 20);
    BOOST_TEST(flow < grids / 20);
    BOOST_TEST(count < grids / 20);
    BOOST_TEST(hand < grids / 20);
}

BOOST_AUTO_TEST_SUITE_END()
