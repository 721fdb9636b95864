#include "tiles/clip.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace diaban::tiles {
namespace {

using Axis = std::int32_t GridPoint::*;

/// One side of the window: what is kept has `along` ≥ `at`, or ≤ `at`.
struct Border {
    Axis along;
    Axis across;
    std::int32_t at;
    bool keep_greater;

    /// Strictly on the near side. Points on the border count as outside: a chain that ends on one
    /// crosses exactly there.
    [[nodiscard]] bool holds(GridPoint p) const noexcept {
        return keep_greater ? p.*along > at : p.*along < at;
    }
    [[nodiscard]] bool beyond(GridPoint p) const noexcept {
        return keep_greater ? p.*along < at : p.*along > at;
    }
    /// With y down and exteriors of positive area, a ring runs along the border towards greater
    /// `across` (east border, north border) or towards lesser (west, south).
    [[nodiscard]] bool ascending() const noexcept {
        return (along == &GridPoint::x) != keep_greater;
    }
};

/// West, east, north, south.
std::array<Border, 4> borders_of(GridBox const& window) noexcept {
    return {{{&GridPoint::x, &GridPoint::y, window.min_x, true},
             {&GridPoint::x, &GridPoint::y, window.max_x, false},
             {&GridPoint::y, &GridPoint::x, window.min_y, true},
             {&GridPoint::y, &GridPoint::x, window.max_y, false}}};
}

/// Where the segment a–b crosses the border; rounded to the nearest point of it.
GridPoint crossing(GridPoint a, GridPoint b, Border const& border) noexcept {
    if (b < a) std::swap(a, b);
    double const run = double(b.*border.along) - double(a.*border.along);
    double const rise = double(b.*border.across) - double(a.*border.across);
    double const share = (double(border.at) - double(a.*border.along)) / run;
    GridPoint p;
    p.*border.along = border.at;
    p.*border.across = std::int32_t(std::floor(double(a.*border.across) + rise * share + 0.5));
    return p;
}

/// Where a chain meets the border.
struct Gate {
    std::int32_t across;
    std::uint32_t chain;
    bool in; // the chain begins here; else it ends here
};

struct Chain {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t next; // the chain that the border leads to
    bool used;
};

/// What a thread keeps between polygons.
struct Bench {
    Shape now;
    Shape next;
    std::vector<GridPoint> points; // of the chains
    std::vector<Chain> chains;
    std::vector<Gate> gates;
    bool gates_differ; // of one ring, at each border
    Shape exteriors;
    Shape holes;
};

Bench& bench() {
    thread_local Bench bench;
    return bench;
}

void append_ring(std::span<GridPoint const> ring, Shape& out) {
    out.points.insert(out.points.end(), ring.begin(), ring.end());
    out.close_path();
}

/// Cuts a ring that crosses the border into chains. It has a point that the border does not hold.
void cut_into_chains(std::span<GridPoint const> ring, Border const& border, Bench& work) {
    std::size_t start = 0;
    while (border.holds(ring[start])) ++start;
    auto previous = ring[start];
    for (std::size_t i = 1; i <= ring.size(); ++i) {
        auto const p = ring[(start + i) % ring.size()];
        bool const was_in = border.holds(previous);
        bool const is_in = border.holds(p);
        auto const chain = std::uint32_t(work.chains.size());
        if (!was_in && is_in) {
            auto const gate = crossing(previous, p, border);
            work.gates.push_back({gate.*border.across, chain, true});
            work.chains.push_back({std::uint32_t(work.points.size()), 0, 0, false});
            work.points.push_back(gate);
        }
        if (is_in) work.points.push_back(p);
        if (was_in && !is_in) {
            auto const gate = crossing(previous, p, border);
            work.points.push_back(gate);
            work.gates.push_back({gate.*border.across, chain - 1, false});
            work.chains.back().end = std::uint32_t(work.points.size());
        }
        previous = p;
    }
}

/// Joins each chain's end to the chain that begins at the next gate along the border.
bool join_gates(Border const& border, Bench& work) {
    bool const ascending = border.ascending();
    auto& gates = work.gates;
    std::sort(gates.begin(), gates.end(), [&](Gate const& a, Gate const& b) {
        return ascending ? a.across < b.across : a.across > b.across;
    });
    for (std::size_t i = 0; i + 1 < gates.size(); ++i)
        if (gates[i].across == gates[i + 1].across) work.gates_differ = false;
    for (std::size_t i = 0; i < gates.size(); ++i) {
        bool const wanted = i % 2 == 1; // out, in, out, in …
        // Gates that rounding has brought to one place may come in either order.
        for (auto j = i + 1; gates[i].in != wanted; ++j) {
            if (j == gates.size() || gates[j].across != gates[i].across) return false;
            if (gates[j].in == wanted) std::swap(gates[i], gates[j]);
        }
        if (wanted) work.chains[gates[i - 1].chain].next = gates[i].chain;
    }
    return gates.size() % 2 == 0;
}

/// Follows the joined chains around; rings without area are left out.
void rings_of_chains(Bench& work, Shape& out) {
    for (std::uint32_t first = 0; first < work.chains.size(); ++first) {
        if (work.chains[first].used) continue;
        auto const start = out.points.size();
        for (auto c = first; !work.chains[c].used; c = work.chains[c].next) {
            work.chains[c].used = true;
            for (auto i = work.chains[c].begin; i < work.chains[c].end; ++i)
                if (out.points.size() == start || out.points.back() != work.points[i])
                    out.points.push_back(work.points[i]);
        }
        while (out.points.size() > start + 1 && out.points.back() == out.points[start])
            out.points.pop_back();
        if (twice_area(std::span{out.points}.subspan(start)) == 0)
            out.points.resize(start);
        else
            out.close_path();
    }
}

/// Appends each exterior with the holes inside it.
void append_part(Shape const& exteriors, Shape const& holes, Shape& out) {
    for (std::size_t e = 0; e < exteriors.path_ends.size(); ++e) {
        append_ring(exteriors.path(e), out);
        for (std::size_t h = 0; h < holes.path_ends.size(); ++h)
            if (exteriors.path_ends.size() == 1 ||
                is_inside(holes.path(h).front(), exteriors.path(e)))
                append_ring(holes.path(h), out);
    }
}

/// Cuts one part, rings [first, last) of `in`, at one border.
bool cut_part(Shape const& in, std::size_t first, std::size_t last, Border const& border,
              Bench& work, Shape& out) {
    work.points.clear();
    work.chains.clear();
    work.gates.clear();
    work.exteriors.clear();
    work.holes.clear();
    for (auto i = first; i < last; ++i) {
        auto const ring = in.path(i);
        bool const crosses =
            std::any_of(ring.begin(), ring.end(), [&](auto p) { return border.beyond(p); });
        bool const near =
            std::any_of(ring.begin(), ring.end(), [&](auto p) { return border.holds(p); });
        if (crosses && near)
            cut_into_chains(ring, border, work);
        else if (!crosses)
            append_ring(ring, i == first ? work.exteriors : work.holes);
        else if (i == first)
            return true; // the exterior lies beyond, and its holes with it
    }
    if (!join_gates(border, work)) return false;
    if (!work.chains.empty() && !work.exteriors.empty()) return false;
    rings_of_chains(work, work.exteriors);
    append_part(work.exteriors, work.holes, out);
    return true;
}

} // namespace

Clipped clip_polygon(Shape const& whole, GridBox const& window, std::uint32_t spare, Shape& out) {
    auto& work = bench();
    work.gates_differ = whole.path_ends.size() == 1;
    std::size_t borders = 0;
    auto const box = box_of(whole.points);
    out.clear();
    Shape const* now = &whole;
    for (auto const& border : borders_of(window)) {
        bool const needed =
            border.beyond({box.min_x, box.min_y}) || border.beyond({box.max_x, box.max_y});
        if (!needed) continue;
        ++borders;
        if (now->path_ends.size() != 1) work.gates_differ = false;
        work.next.clear();
        std::size_t first = 0;
        while (first < now->path_ends.size()) {
            auto last = first + 1;
            while (last < now->path_ends.size() && twice_area(now->path(last)) < 0) ++last;
            if (!cut_part(*now, first, last, border, work, work.next))
                return Clipped::not_a_polygon;
            first = last;
        }
        std::swap(work.now, work.next);
        now = &work.now;
    }
    out.points.assign(now->points.begin(), now->points.end());
    out.path_ends.assign(now->path_ends.begin(), now->path_ends.end());
    bool const enough = (spare >= 1 && borders <= 1) || spare >= 2;
    return enough && work.gates_differ ? Clipped::clean : Clipped::may_touch;
}

void clip_line(std::span<GridPoint const> line, GridBox const& window, Shape& out) {
    auto const borders = borders_of(window);
    auto start = out.points.size();
    auto const end_piece = [&] {
        if (out.points.size() >= start + 2)
            out.close_path();
        else
            out.points.resize(start);
        start = out.points.size();
    };
    auto const add = [&](GridPoint p) {
        if (out.points.size() == start || out.points.back() != p) out.points.push_back(p);
    };
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
        auto a = line[i];
        auto b = line[i + 1];
        bool gone = false;
        for (auto const& border : borders) {
            bool const a_beyond = border.beyond(a);
            bool const b_beyond = border.beyond(b);
            gone = gone || (a_beyond && b_beyond);
            if (gone || a_beyond == b_beyond) continue;
            (a_beyond ? a : b) = crossing(a, b, border);
        }
        if (gone) {
            end_piece();
            continue;
        }
        if (out.points.size() > start && out.points.back() != a) end_piece();
        add(a);
        add(b);
        if (b != line[i + 1]) end_piece();
    }
    end_piece();
}

} // namespace diaban::tiles
