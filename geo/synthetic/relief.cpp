#include "geo/synthetic/relief.hpp"

#include "geo/raster/blocks.hpp"
#include "geo/synthetic/noise.hpp"

#include <cmath>

namespace diaban::geo::synthetic {

void make_relief(raster::Frame const& frame, Relief const& relief, std::uint64_t seed,
                 std::span<float> heights, unsigned threads) {
    constexpr std::uint64_t purpose = 0x7265'6c69'6566; // tells this field from others of one seed
    in_parallel(std::size_t(frame.shape.rows), threads, [&](std::size_t row) {
        for (std::int32_t column = 0; column < frame.shape.columns; ++column) {
            auto const at = frame.centre({column, std::int32_t(row)});
            double height = relief.base;
            double length = relief.longest;
            double share = relief.height;
            for (int octave = 0; octave < relief.octaves; ++octave) {
                height += share * noise(seed, purpose + std::uint64_t(octave), at.x / length,
                                        at.y / length);
                length /= 2;
                share *= relief.roughness;
            }
            heights[frame.shape.index(column, std::int32_t(row))] = float(height);
        }
    });
}

} // namespace diaban::geo::synthetic
