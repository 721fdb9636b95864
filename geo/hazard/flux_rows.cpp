#include "geo/hazard/flux_rows.hpp"

#include <bit>
#include <cmath>

// One binary for every machine: the loops are compiled for several instruction sets and the fitting
// one is chosen when the program starts. Sanitizers start too late for that. Where a product is
// added without rounding it first, `std::fma` says so; a processor that cannot do it computes the
// same bits slowly.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DIABAN_EVERY_MACHINE __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define DIABAN_EVERY_MACHINE
#endif

namespace diaban::geo::hazard {

namespace {

// By value: references to the greater keep loops from becoming vectors.
[[gnu::always_inline]] inline float greater(float a, float b) noexcept {
    return a < b ? b : a;
}
[[gnu::always_inline]] inline float less(float a, float b) noexcept {
    return b < a ? b : a;
}

/// x^(-1/3) for positive x, to some 2e-7: a guess from the exponent, then a step of the third order
/// and one of Newton's.
[[gnu::always_inline]] inline float inverse_cube_root(float x) noexcept {
    constexpr float third = 1.0F / 3.0F;
    constexpr float two_ninths = 2.0F / 9.0F;
    auto const bits = float(std::bit_cast<std::int32_t>(x));
    float const r = std::bit_cast<float>(0x54a21d2a - std::int32_t(bits * third));
    float const e = std::fma(-(x * r), r * r, 1.0F);
    float const s = std::fma(r * e, std::fma(two_ninths, e, third), r);
    return std::fma(s * third, std::fma(-(x * s), s * s, 1.0F), s);
}

/// What meets at a face: the two cells, the discharge through it and across it.
struct Face {
    float bed_before;
    float bed_behind;
    float depth_before;
    float depth_behind;
    float drag;    ///< of both cells together
    float carried; ///< the old discharge, weighted with its neighbours along the flow
    float old;
    float across; ///< the old discharge at right angles, averaged
};

/// Bates, Horritt and Fewtrell (2010), eq. 11, with the weighted discharge of de Almeida et al.
/// (2012), eq. 8. Ours takes friction from the length of the discharge vector, not from its part
/// across the face. Levels are taken above the higher bed, where their difference is exact.
[[gnu::always_inline]] inline float through(FaceStep const& step, Face const& face) noexcept {
    float const sill = greater(face.bed_before, face.bed_behind);
    float const before = (face.bed_before - sill) + face.depth_before;
    float const behind = (face.bed_behind - sill) + face.depth_behind;
    float const depth = greater(before, behind);
    float const h = greater(depth, still_depth);
    float const r = inverse_cube_root(h);
    float const square = r * r;
    float const thin = (square * square) * (square * r); // h^(-7/3)
    float const speed = std::sqrt(std::fma(face.old, face.old, face.across * face.across));
    float const driven = std::fma(step.pull * h, before - behind, face.carried);
    float const flux = driven / std::fma((step.drag * face.drag) * speed, thin, 1.0F);
    return depth > still_depth ? flux : 0.0F;
}

/// a + b rounded, and what the rounding lost (Knuth 1969).
[[gnu::always_inline]] inline float sum(float a, float b, float& lost) noexcept {
    float const s = a + b;
    float const t = s - a;
    lost += (a - (s - t)) + (b - t);
    return s;
}

} // namespace

DIABAN_EVERY_MACHINE
void flux_east(FaceStep const& step, float const* __restrict bed, float const* __restrict depth,
               float const* __restrict drag, float const* __restrict old,
               float const* __restrict north, float const* __restrict south, float* __restrict flux,
               std::int32_t begin, std::int32_t end) noexcept {
    FaceStep const s = step;
    for (std::int32_t i = begin; i < end; ++i) {
        Face const face{bed[i - 1],
                        bed[i],
                        depth[i - 1],
                        depth[i],
                        drag[i - 1] + drag[i],
                        std::fma(s.own, old[i], s.sides * (old[i - 1] + old[i + 1])),
                        old[i],
                        0.25F * ((north[i - 1] + north[i]) + (south[i - 1] + south[i]))};
        flux[i] = through(s, face);
    }
}

DIABAN_EVERY_MACHINE
void flux_south(FaceStep const& step, TwoRows const& rows, float* __restrict flux,
                std::int32_t begin, std::int32_t end) noexcept {
    FaceStep const s = step;
    TwoRows const r = rows;
    for (std::int32_t i = begin; i < end; ++i) {
        Face const face{
            r.bed[0][i],
            r.bed[1][i],
            r.depth[0][i],
            r.depth[1][i],
            r.drag[0][i] + r.drag[1][i],
            std::fma(s.own, r.old[i], s.sides * (r.before[i] + r.after[i])),
            r.old[i],
            0.25F * ((r.cross[0][i] + r.cross[0][i + 1]) + (r.cross[1][i] + r.cross[1][i + 1]))};
        flux[i] = through(s, face);
    }
}

namespace {

/// What would leave a cell in one step, as a depth.
[[gnu::always_inline]] inline float leaving(float advance, RowFaces const& faces,
                                            std::int32_t i) noexcept {
    return advance * ((greater(faces.east[i + 1], 0.0F) - less(faces.east[i], 0.0F)) +
                      (greater(faces.south[i], 0.0F) - less(faces.north[i], 0.0F)));
}

} // namespace

DIABAN_EVERY_MACHINE
bool overdrawn(float advance, float const* __restrict depth, RowFaces const& faces,
               std::int32_t begin, std::int32_t end) noexcept {
    RowFaces const f = faces;
    std::int32_t count = 0;
    for (std::int32_t i = begin; i < end; ++i) count += leaving(advance, f, i) > depth[i];
    return count != 0;
}

DIABAN_EVERY_MACHINE
void shares(float advance, float const* __restrict depth, RowFaces const& faces,
            float* __restrict share, std::int32_t begin, std::int32_t end) noexcept {
    constexpr float almost_all = 1.0F - 0x1p-20F; // so that rounding leaves no cell below 0
    RowFaces const f = faces;
    for (std::int32_t i = begin; i < end; ++i) {
        float const out = leaving(advance, f, i);
        share[i] = out > depth[i] ? almost_all * depth[i] / out : 1.0F;
    }
}

DIABAN_EVERY_MACHINE
void cut_fluxes(float const* __restrict share_before, float const* __restrict share_behind,
                float* __restrict flux, std::int32_t begin, std::int32_t end) noexcept {
    for (std::int32_t i = begin; i < end; ++i)
        flux[i] *= flux[i] > 0.0F ? share_before[i] : share_behind[i];
}

namespace {

/// The greatest of a row, lane by lane: a single running maximum would be no vector.
[[gnu::always_inline]] inline float greatest(float const* __restrict row, std::int32_t begin,
                                             std::int32_t end) noexcept {
    constexpr std::int32_t lanes = 16;
    float most[lanes] = {};
    std::int32_t i = begin;
    for (; i + lanes <= end; i += lanes)
        for (std::int32_t lane = 0; lane < lanes; ++lane)
            most[lane] = greater(most[lane], row[i + lane]);
    float all = 0;
    for (; i < end; ++i) all = greater(all, row[i]);
    for (float const one : most) all = greater(all, one);
    return all;
}

} // namespace

DIABAN_EVERY_MACHINE
float balance(float advance, float const* __restrict rain, RowFaces const& faces,
              RowState const& state, std::int32_t begin, std::int32_t end) noexcept {
    float const* __restrict const from_east = faces.east;
    float const* __restrict const from_north = faces.north;
    float const* __restrict const from_south = faces.south;
    float* __restrict const depth = state.depth;
    float* __restrict const rest = state.rest;
    float* __restrict const east = state.east;
    float* __restrict const south = state.south;
#pragma GCC ivdep
    for (std::int32_t i = begin; i < end; ++i) {
        float lost = rest[i];
        float const along = sum(advance * from_east[i], -(advance * from_east[i + 1]), lost);
        float const across = sum(advance * from_north[i], -(advance * from_south[i]), lost);
        float const gain = sum(sum(along, across, lost), rain[i], lost);
        float const full = sum(depth[i], gain, lost);
        float const level = greater(full + lost, 0.0F);
        rest[i] = lost - (level - full);
        depth[i] = level;
        east[i] = from_east[i];
        south[i] = from_north[i];
    }
    return greatest(depth, begin, end);
}

DIABAN_EVERY_MACHINE
void rain_on(float metres, std::uint8_t const* __restrict zone, float* __restrict rain,
             std::int32_t begin, std::int32_t end) noexcept {
    for (std::int32_t i = begin; i < end; ++i) rain[i] = zone[i] != 0 ? metres : 0.0F;
}

DIABAN_EVERY_MACHINE
double soak(float most, float* __restrict rest, float* __restrict depth, std::int32_t begin,
            std::int32_t end) noexcept {
    double taken = 0;
    for (std::int32_t i = begin; i < end; ++i) {
        float const gone = less(depth[i], most);
        float lost = rest[i];
        depth[i] = sum(depth[i], -gone, lost);
        rest[i] = lost;
        taken += double(gone);
    }
    return taken;
}

DIABAN_EVERY_MACHINE
void remember(float seconds, float arrived, float const* __restrict depth, RowFaces const& faces,
              RowMemory const& memory, std::int32_t begin, std::int32_t end) noexcept {
    float const* __restrict const east = faces.east;
    float const* __restrict const north = faces.north;
    float const* __restrict const south = faces.south;
    float* __restrict const arrival = memory.arrival;
    float* __restrict const deepest = memory.deepest;
    float* __restrict const hazard = memory.hazard;
#pragma GCC ivdep
    for (std::int32_t i = begin; i < end; ++i) {
        float const x = 0.5F * (east[i] + east[i + 1]);
        float const y = 0.5F * (north[i] + south[i]);
        float const since = less(arrival[i], seconds);
        arrival[i] = depth[i] > arrived ? since : arrival[i];
        deepest[i] = greater(deepest[i], depth[i]);
        hazard[i] = greater(hazard[i], std::sqrt(x * x + y * y));
    }
}

} // namespace diaban::geo::hazard
