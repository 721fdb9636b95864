#include "geo/synthetic/mosaic.hpp"

#include "geo/synthetic/random.hpp"

#include <algorithm>
#include <cmath>

namespace diaban::geo::synthetic {

namespace {

constexpr std::int32_t min_side = 3;
constexpr double min_area = 10; // nodes a piece; what is asked for is more

std::uint64_t key(std::int32_t major, std::int32_t minor) noexcept {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(major)) << 32) |
           static_cast<std::uint32_t>(minor);
}

std::int32_t minor_of(std::uint64_t key) noexcept {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(key));
}

void keep_each_once(std::vector<std::uint64_t>& keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    keys.shrink_to_fit();
}

void cut(Rect const& whole, std::uint32_t pieces, Random& random, std::vector<Rect>& into) {
    if (pieces == 1) {
        into.push_back(whole);
        return;
    }
    std::int32_t const width = whole.u1 - whole.u0;
    std::int32_t const height = whole.v1 - whole.v0;
    bool const across = width != height ? width > height : random.chance(0.5);
    std::int32_t const length = across ? width : height;
    std::int32_t const breadth = across ? height : width;

    double const n = pieces;
    double const uneven = pieces > 3 ? 0.12 * (2 * random.unit() - 1) : 0;
    double const near = std::clamp(std::round(n * (0.5 + uneven)), 1.0, n - 1);
    double const share = near / n * random.between(0.9, 1.1);
    auto const room = [&](double count) {
        return std::max<std::int32_t>(
            min_side, static_cast<std::int32_t>(std::ceil(count * min_area / breadth)));
    };
    std::int32_t const at = std::clamp(static_cast<std::int32_t>(std::lround(length * share)),
                                       room(near), std::max(room(near), length - room(n - near)));
    Rect first = whole;
    Rect second = whole;
    (across ? first.u1 : first.v1) = (across ? whole.u0 : whole.v0) + at;
    (across ? second.u0 : second.v0) = (across ? whole.u0 : whole.v0) + at;
    auto const first_pieces = static_cast<std::uint32_t>(near);
    cut(first, first_pieces, random, into);
    cut(second, pieces - first_pieces, random, into);
}

} // namespace

void cut(Rect const& whole, std::uint32_t pieces, std::uint64_t seed, std::vector<Rect>& into) {
    Random random{seed};
    cut(whole, pieces, random, into);
}

Mosaic::Mosaic(std::span<Rect const> rects, std::int32_t step) {
    auto const add = [&](std::int32_t u, std::int32_t v) {
        m_by_row.push_back(key(v, u));
        m_by_column.push_back(key(u, v));
    };
    for (auto const& r : rects) {
        add(r.u0, r.v0);
        add(r.u1, r.v0);
        add(r.u0, r.v1);
        add(r.u1, r.v1);
        if (step == 0) continue;
        for (std::int32_t u = (r.u0 / step + 1) * step; u < r.u1; u += step) {
            add(u, r.v0);
            add(u, r.v1);
        }
        for (std::int32_t v = (r.v0 / step + 1) * step; v < r.v1; v += step) {
            add(r.u0, v);
            add(r.u1, v);
        }
    }
    keep_each_once(m_by_row);
    keep_each_once(m_by_column);
}

void Mosaic::walk(Node from, Node to, std::vector<Node>& into) const {
    bool const across = from.v == to.v;
    auto const& keys = across ? m_by_row : m_by_column;
    std::int32_t const major = across ? from.v : from.u;
    std::int32_t const a = across ? from.u : from.v;
    std::int32_t const b = across ? to.u : to.v;
    auto const begin = std::lower_bound(keys.begin(), keys.end(), key(major, std::min(a, b)));
    auto const end = std::upper_bound(begin, keys.end(), key(major, std::max(a, b)));
    std::size_t const before = into.size();
    for (auto at = begin; at != end; ++at)
        into.push_back(across ? Node{minor_of(*at), major} : Node{major, minor_of(*at)});
    if (a > b) std::reverse(into.begin() + static_cast<std::ptrdiff_t>(before), into.end());
}

void Mosaic::ring(Rect const& rect, std::vector<Node>& into) const {
    Node const corners[] = {{rect.u0, rect.v0},
                            {rect.u1, rect.v0},
                            {rect.u1, rect.v1},
                            {rect.u0, rect.v1},
                            {rect.u0, rect.v0}};
    into.clear();
    for (int side = 0; side < 4; ++side) {
        if (!into.empty()) into.pop_back(); // each side begins where the one before ended
        walk(corners[side], corners[side + 1], into);
    }
}

} // namespace diaban::geo::synthetic
