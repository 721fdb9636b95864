#include "geo/route/loose_ends.hpp"

#include "geo/index/hilbert.hpp"
#include "geo/index/packed_rtree.hpp"
#include "geo/route/ground_scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace diaban::geo::route {

namespace {

/// Of each place that lines come to, with the lines that do: sorted, each once.
std::vector<std::pair<std::uint64_t, std::uint32_t>>
visitors_of(RoadLines const& lines, std::vector<std::uint32_t> const& line_of) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> all(lines.positions.size());
    for (std::uint32_t p = 0; p < all.size(); ++p)
        all[p] = {place_key(lines.positions[p]), line_of[p]};
    std::ranges::sort(all);
    auto const again = std::ranges::unique(all);
    all.erase(again.begin(), again.end());
    return all;
}

/// The nearest place on a segment.
struct Foot {
    std::uint32_t segment = none; ///< the position that it begins with
    double share = 0;             ///< of the segment, 0 … 1
    Position at;
    double metres = std::numeric_limits<double>::infinity();
};

/// Segments of lines, asked for the nearest one.
class Segments {
public:
    Segments(RoadLines const& lines, std::vector<std::uint32_t> const& line_of)
        : m_lines{lines}, m_line_of{line_of} {
        Box all;
        for (auto const& p : lines.positions) all.extend(p);
        std::vector<std::pair<std::uint32_t, std::uint32_t>> order; // along the curve; segment
        for (std::uint32_t p = 0; p + 1 < line_of.size(); ++p)
            if (line_of[p] == line_of[p + 1]) order.emplace_back(along_curve(all, box(p)), p);
        std::ranges::sort(order);
        for (auto const& [at, segment] : order) {
            m_segments.push_back(segment);
            m_boxes.push_back(box(segment));
        }
        m_tree = index::PackedRtree<Box>{m_boxes};
    }

    /// On a line other than `line`; of equals the first segment.
    [[nodiscard]] Foot nearest(Position from, double within, std::uint32_t line) const {
        GroundScale const scale{from.y};
        double const x = within / scale.east;
        double const y = within / scale.north;
        Foot best;
        m_tree.search({from.x - x, from.y - y, from.x + x, from.y + y}, [&](std::size_t i) {
            auto const segment = m_segments[i];
            if (m_line_of[segment] == line) return;
            auto const foot = on(segment, from, scale);
            if (foot.metres < best.metres || (foot.metres == best.metres && segment < best.segment))
                best = foot;
        });
        return best.metres <= within ? best : Foot{};
    }

private:
    [[nodiscard]] Box box(std::uint32_t segment) const {
        Box box;
        box.extend(m_lines.positions[segment]);
        box.extend(m_lines.positions[segment + 1]);
        return box;
    }
    static std::uint32_t along_curve(Box const& all, Box const& box) {
        auto const step = [](double at, double from, double to) {
            return to > from ? std::uint32_t((at - from) / (to - from) * 65'535) : 0U;
        };
        return index::hilbert(step((box.min_x + box.max_x) / 2, all.min_x, all.max_x),
                              step((box.min_y + box.max_y) / 2, all.min_y, all.max_y));
    }
    [[nodiscard]] Foot on(std::uint32_t segment, Position from, GroundScale const& scale) const {
        auto const a = m_lines.positions[segment];
        auto const b = m_lines.positions[segment + 1];
        double const x = (b.x - a.x) * scale.east;
        double const y = (b.y - a.y) * scale.north;
        double const square = x * x + y * y;
        double const dot = (from.x - a.x) * scale.east * x + (from.y - a.y) * scale.north * y;
        Foot foot{.segment = segment, .share = 0, .at = a};
        if (square > 0) foot.share = std::clamp(dot / square, 0.0, 1.0);
        if (foot.share > 0)
            foot.at = foot.share < 1 ? Position{std::lerp(a.x, b.x, foot.share),
                                                std::lerp(a.y, b.y, foot.share)}
                                     : b;
        foot.metres = scale.distance(from, foot.at);
        return foot;
    }

    RoadLines const& m_lines;
    std::vector<std::uint32_t> const& m_line_of;
    std::vector<std::uint32_t> m_segments; ///< along the Hilbert curve
    std::vector<Box> m_boxes;
    index::PackedRtree<Box> m_tree;
};

/// A link from the end of a line to its foot on another.
struct Link {
    std::uint32_t line = 0;
    Position end;
    Foot foot;
};

/// The same lines with the feet among their positions.
RoadLines with_feet(RoadLines const& lines, std::vector<Link> const& links) {
    std::vector<Foot> feet;
    for (auto const& link : links)
        if (link.foot.share > 0 && link.foot.share < 1) feet.push_back(link.foot);
    std::ranges::sort(feet, [](Foot const& a, Foot const& b) {
        return std::pair{a.segment, a.share} < std::pair{b.segment, b.share};
    });
    RoadLines made;
    std::vector<Position> line;
    std::size_t next = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        line.clear();
        for (auto p = lines.begin(i); p < lines.ends[i]; ++p) {
            line.push_back(lines.positions[p]);
            for (; next < feet.size() && feet[next].segment == p; ++next)
                line.push_back(feet[next].at);
        }
        made.add(line, lines.speeds[i], lines.passages[i]);
    }
    return made;
}

} // namespace

std::vector<std::uint32_t> join_loose_ends(RoadLines& lines, double within) {
    std::vector<std::uint32_t> line_of(lines.positions.size());
    for (std::uint32_t i = 0; i < lines.size(); ++i)
        for (auto p = lines.begin(i); p < lines.ends[i]; ++p) line_of[p] = i;
    auto const visitors = visitors_of(lines, line_of);
    auto const loose = [&](Position end) {
        auto const key = place_key(end);
        auto const first = std::ranges::lower_bound(visitors, std::pair{key, 0U});
        return std::next(first) == visitors.end() || std::next(first)->first != key;
    };
    std::vector<Link> links;
    Segments const segments{lines, line_of};
    for (std::uint32_t i = 0; i < lines.size(); ++i) {
        if (lines.ends[i] - lines.begin(i) < 2) continue;
        for (auto const end : {lines.begin(i), lines.ends[i] - 1}) {
            auto const at = lines.positions[end];
            if (!loose(at)) continue;
            auto const foot = segments.nearest(at, within, i);
            if (foot.segment != none) links.push_back({i, at, foot});
        }
    }
    lines = with_feet(lines, links);
    std::vector<std::uint32_t> lengthened;
    for (auto const& link : links) {
        lines.add(std::array{link.end, link.foot.at}, lines.speeds[link.line]);
        lengthened.push_back(link.line);
    }
    return lengthened;
}

} // namespace diaban::geo::route
