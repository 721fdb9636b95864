#include "geo/cadastre/loose_edges.hpp"

#include "geo/ops/measure.hpp"
#include "geo/parallel.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

namespace diaban::geo::cadastre {

namespace {

constexpr std::size_t buckets = 256;

/// A side by the hash of its two ends, whichever way it runs.
struct Side {
    std::uint64_t hash = 0;
    std::uint32_t position = 0; ///< it runs from there to the next one, or back
    std::uint32_t backwards = 0;
};

std::uint64_t mixed(std::uint64_t h) noexcept { // the finaliser of MurmurHash3
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdULL;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return h ^ (h >> 33);
}

std::uint64_t hash_of(Position p) noexcept {
    // Adding zero makes one zero of both.
    return mixed(std::bit_cast<std::uint64_t>(p.x + 0.0) * 0x9E3779B97F4A7C15ULL +
                 std::bit_cast<std::uint64_t>(p.y + 0.0));
}

bool less(Position a, Position b) noexcept {
    return a.x != b.x ? a.x < b.x : a.y < b.y;
}

using Buckets = std::array<std::vector<Side>, buckets>;

/// The sides of a ring, parcels to the left.
void scatter(ParcelSet const& parcels, std::uint32_t ring, Buckets& into) {
    auto const path = parcels.ring(ring);
    bool const counter_clockwise = ops::planar_ring_area(path) > 0;
    bool const turn = counter_clockwise == (parcels.ring_is_hole[ring] != 0);
    auto hash = path.empty() ? 0 : hash_of(path[0]);
    for (std::size_t i = 1; i < path.size(); ++i) {
        auto const next = hash_of(path[i]);
        if (path[i - 1] != path[i]) {
            auto const both = mixed(hash + next);
            into[both >> 56].push_back(
                {both, parcels.ring_begin[ring] + static_cast<std::uint32_t>(i) - 1,
                 turn ? 1U : 0U});
        }
        hash = next;
    }
}

LooseEdge edge_of(ParcelSet const& parcels, Side const& side) {
    auto const a = parcels.positions[side.position];
    auto const b = parcels.positions[side.position + 1];
    auto const owner = parcels.owner(side.position);
    return side.backwards != 0 ? LooseEdge{b, a, owner} : LooseEdge{a, b, owner};
}

/// Sides of one hash: those with the same ends are held against each other.
void take_loose(ParcelSet const& parcels, std::span<Side const> group,
                std::vector<LooseEdge>& into) {
    if (group.size() == 2) { // nearly always two neighbours
        auto const& p = parcels.positions;
        auto const& [x, y] = std::tie(group[0], group[1]);
        auto const from = [&](Side const& s) { return p[s.position + s.backwards]; };
        auto const to = [&](Side const& s) { return p[s.position + 1 - s.backwards]; };
        if (from(x) == to(y) && to(x) == from(y)) return;
    }
    std::vector<LooseEdge> edges;
    for (auto const& side : group) edges.push_back(edge_of(parcels, side));
    auto const ends = [](LooseEdge const& e) {
        return less(e.from, e.to) ? std::pair{e.from, e.to} : std::pair{e.to, e.from};
    };
    while (!edges.empty()) {
        auto const wanted = ends(edges.front());
        auto const same = std::stable_partition(
            edges.begin(), edges.end(), [&](LooseEdge const& e) { return ends(e) == wanted; });
        std::ptrdiff_t const forwards = std::count_if(
            edges.begin(), same, [](LooseEdge const& e) { return less(e.from, e.to); });
        std::ptrdiff_t const all = same - edges.begin();
        if (2 * forwards != all)
            std::copy_if(edges.begin(), same, std::back_inserter(into), [&](LooseEdge const& e) {
                return less(e.from, e.to) == (2 * forwards > all);
            });
        edges.erase(edges.begin(), same);
    }
}

} // namespace

std::vector<LooseEdge> loose_edges(ParcelSet const& parcels, unsigned threads) {
    std::size_t const slices = std::max(1U, threads);
    std::vector<Buckets> scattered(slices);
    std::size_t const rings = parcels.ring_is_hole.size();
    in_parallel(slices, threads, [&](std::size_t slice) {
        auto const expected = parcels.positions.size() / slices / buckets;
        for (auto& bucket : scattered[slice]) bucket.reserve(expected + expected / 8);
        for (auto r = rings * slice / slices; r < rings * (slice + 1) / slices; ++r)
            scatter(parcels, static_cast<std::uint32_t>(r), scattered[slice]);
    });
    std::array<std::vector<LooseEdge>, buckets> found;
    in_parallel(buckets, threads, [&](std::size_t b) {
        std::vector<Side> sides;
        for (auto& slice : scattered) {
            sides.insert(sides.end(), slice[b].begin(), slice[b].end());
            slice[b] = {};
        }
        std::ranges::sort(sides, {}, [](Side const& s) { return std::pair{s.hash, s.position}; });
        for (std::size_t begin = 0; begin < sides.size();) {
            auto end = begin + 1;
            while (end < sides.size() && sides[end].hash == sides[begin].hash) ++end;
            take_loose(parcels, std::span{sides}.subspan(begin, end - begin), found[b]);
            begin = end;
        }
    });
    std::vector<LooseEdge> all;
    for (auto const& some : found) all.insert(all.end(), some.begin(), some.end());
    std::ranges::sort(all, {}, [](LooseEdge const& e) {
        return std::tuple{e.parcel, e.from.x, e.from.y, e.to.x, e.to.y};
    });
    return all;
}

} // namespace diaban::geo::cadastre
