#include "geo/cadastre/editions.hpp"

#include "geo/cadastre/parcel_index.hpp"
#include "geo/ops/label.hpp"
#include "geo/ops/overlay.hpp"
#include "geo/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <tuple>

namespace diaban::geo::cadastre {

namespace {

constexpr double half = 0.5; // of a lot: what decides whose successor it is

/// What one edition is asked: where its lots are, how large, and which were settled.
struct Side {
    explicit Side(std::span<Lot const> of)
        : lots{of}, boxes(of.size()), areas(of.size()), settled(of.size()) {
        for (std::size_t i = 0; i < of.size(); ++i) {
            boxes[i] = of[i].shape.box();
            areas[i] = ops::planar_area(of[i].shape);
        }
    }
    std::span<Lot const> lots;
    std::vector<Box> boxes;
    std::vector<double> areas;
    std::vector<char> settled;
};

bool same_name(Lot const& a, Lot const& b) {
    return !a.id.empty() && a.id == b.id;
}

/// m, from the farthest corner of either to the other's border; no farther than `enough` is told
/// exactly.
double distance(Geometry const& a, Geometry const& b, double enough) {
    double farthest = 0;
    for (auto const& [from, to] : {std::pair{&a, &b}, std::pair{&b, &a}})
        for (auto const& corner : from->positions) {
            farthest = std::max(farthest, std::abs(ops::signed_distance(*to, corner)));
            if (farthest > enough) return farthest;
        }
    return farthest;
}

double farthest_corner(Geometry const& a, Geometry const& b) {
    return distance(a, b, std::numeric_limits<double>::infinity());
}

bool boxes_agree(Box const& a, Box const& b, double noise) {
    return std::abs(a.min_x - b.min_x) <= noise && std::abs(a.min_y - b.min_y) <= noise &&
           std::abs(a.max_x - b.max_x) <= noise && std::abs(a.max_y - b.max_y) <= noise;
}

/// Pairs on the same ground, each lot in one at most.
std::vector<LotLink> same_ground(Side& before, Side& after, BoxIndex const& index, double noise,
                                 unsigned threads) {
    std::vector<std::vector<LotLink>> found(before.lots.size());
    in_parallel(before.lots.size(), threads, [&](std::size_t i) {
        index.search(before.boxes[i], [&](std::uint32_t j) {
            if (!boxes_agree(before.boxes[i], after.boxes[j], noise)) return;
            auto const moved = distance(before.lots[i].shape, after.lots[j].shape, noise);
            if (moved <= noise)
                found[i].push_back({static_cast<std::uint32_t>(i), j, 0, 0, moved,
                                    same_name(before.lots[i], after.lots[j])});
        });
    });
    std::vector<LotLink> all;
    for (auto const& some : found) all.insert(all.end(), some.begin(), some.end());
    std::ranges::sort(all, {}, [](LotLink const& link) {
        return std::tuple{!link.same_id, *link.moved, link.before, link.after};
    });
    std::erase_if(all, [&](LotLink const& link) {
        if (before.settled[link.before] || after.settled[link.after]) return true;
        before.settled[link.before] = after.settled[link.after] = 1;
        return false;
    });
    return all;
}

/// Area of the parts of `common` that are wider than `noise`, or all of it where it is half of a
/// lot.
double true_overlap(Geometry const& common, double least_area, double noise) {
    double whole = 0;
    double wide = 0;
    for (std::size_t k = 0, ring = 0; k < common.part_ends.size();
         ring = common.part_ends[k], ++k) {
        Geometry part;
        part.kind = GeometryKind::polygon;
        for (auto r = ring; r < common.part_ends[k]; ++r) {
            auto const path = common.path(r);
            part.positions.insert(part.positions.end(), path.begin(), path.end());
            part.path_ends.push_back(static_cast<std::uint32_t>(part.positions.size()));
        }
        part.part_ends = {static_cast<std::uint32_t>(part.path_ends.size())};
        double const area = ops::planar_area(part);
        whole += area;
        if (2 * area > noise * ops::planar_perimeter(part)) wide += area;
    }
    return whole >= half * least_area ? whole : wide;
}

void measure(Side const& before, Side const& after, LotLink& link, double area) {
    link.of_before = std::min(1.0, area / before.areas[link.before]);
    link.of_after = std::min(1.0, area / after.areas[link.after]);
}

/// Common ground of what is not settled with anything.
std::vector<LotLink> overlaps(Side const& before, Side const& after, BoxIndex const& index,
                              double noise, unsigned threads) {
    std::vector<std::vector<LotLink>> found(before.lots.size());
    in_parallel(before.lots.size(), threads, [&](std::size_t i) {
        index.search(before.boxes[i], [&](std::uint32_t j) {
            if (before.settled[i] && after.settled[j]) return;
            auto const common = ops::intersection(before.lots[i].shape, after.lots[j].shape);
            auto const area =
                true_overlap(common, std::min(before.areas[i], after.areas[j]), noise);
            if (!(area > 0)) return;
            LotLink link{static_cast<std::uint32_t>(i),           j, 0, 0, {},
                         same_name(before.lots[i], after.lots[j])};
            measure(before, after, link, area);
            found[i].push_back(link);
        });
    });
    std::vector<LotLink> all;
    for (auto const& some : found) all.insert(all.end(), some.begin(), some.end());
    std::ranges::sort(all, {}, [](LotLink const& link) {
        return std::pair{link.before, link.after};
    });
    return all;
}

/// Sets of lots of both sides: those of `after` count on from those of `before`.
class Groups {
public:
    explicit Groups(std::size_t size) : m_parent(size) {
        std::iota(m_parent.begin(), m_parent.end(), std::size_t{0});
    }
    std::size_t of(std::size_t i) {
        while (m_parent[i] != i) i = m_parent[i] = m_parent[m_parent[i]];
        return i;
    }
    void join(std::size_t a, std::size_t b) { m_parent[of(a)] = of(b); }

private:
    std::vector<std::size_t> m_parent;
};

LotChange kind_of(LotEvent const& event) {
    if (event.before.empty()) return LotChange::appeared;
    if (event.after.empty()) return LotChange::ended;
    if (event.before.size() == 1)
        return event.after.size() == 1 ? LotChange::boundary : LotChange::split;
    return event.after.size() == 1 ? LotChange::merge : LotChange::rearranged;
}

/// Takes out what appeared, then what ended; the links that are left are between the others.
std::vector<LotLink> accounted(Side const& before, Side const& after, std::vector<LotLink> links) {
    std::erase_if(links, [&](LotLink const& link) {
        return before.settled[link.before] || after.settled[link.after];
    });
    std::vector<double> covered(after.lots.size());
    for (auto const& link : links) covered[link.after] += link.of_after;
    std::erase_if(links, [&](LotLink const& link) { return covered[link.after] < half; });
    covered.assign(before.lots.size(), 0);
    for (auto const& link : links) covered[link.before] += link.of_before;
    std::erase_if(links, [&](LotLink const& link) { return covered[link.before] < half; });
    return links;
}

/// The larger share that a link is of either lot.
double weight(LotLink const& link) {
    return std::max(link.of_before, link.of_after);
}

void join_all(Groups& groups, Side const& before, Side const& after,
              std::vector<LotLink> const& links) {
    std::vector<LotLink const*> of_before(before.lots.size()), of_after(after.lots.size());
    for (auto const& link : links) {
        auto& first = of_before[link.before];
        auto& second = of_after[link.after];
        if (first == nullptr || link.of_before > first->of_before) first = &link;
        if (second == nullptr || link.of_after > second->of_after) second = &link;
    }
    auto const join = [&](LotLink const& link) {
        groups.join(link.before, before.lots.size() + link.after);
    };
    for (auto const& link : links)
        if (weight(link) >= half) join(link);
    for (auto const* const link : of_before)
        if (link != nullptr) join(*link);
    for (auto const* const link : of_after)
        if (link != nullptr) join(*link);
}

/// Least share of the lots that the event's own links cover.
void measure_cover(LotEvent& event) {
    std::map<std::uint32_t, double> before, after;
    for (auto const i : event.before) before[i] = 0;
    for (auto const j : event.after) after[j] = 0;
    for (auto const& link : event.links) {
        auto const first = before.find(link.before);
        auto const second = after.find(link.after);
        if (first == before.end() || second == after.end()) continue;
        first->second += link.of_before;
        second->second += link.of_after;
    }
    auto const least = [](std::map<std::uint32_t, double> const& shares) {
        double result = shares.empty() ? 0 : 1;
        for (auto const& [_, share] : shares) result = std::min(result, share);
        return result;
    };
    event.covered_before = least(before);
    event.covered_after = least(after);
}

std::vector<LotEvent> changes(Side const& before, Side const& after,
                              std::vector<LotLink> const& links) {
    Groups groups{before.lots.size() + after.lots.size()};
    join_all(groups, before, after, accounted(before, after, links));
    std::map<std::size_t, LotEvent> events;
    for (std::uint32_t i = 0; i < before.lots.size(); ++i)
        if (!before.settled[i]) events[groups.of(i)].before.push_back(i);
    for (std::uint32_t j = 0; j < after.lots.size(); ++j)
        if (!after.settled[j]) events[groups.of(before.lots.size() + j)].after.push_back(j);
    for (auto const& link : links) {
        auto const first = groups.of(link.before);
        auto const second = groups.of(before.lots.size() + link.after);
        if (!before.settled[link.before]) events[first].links.push_back(link);
        if (!after.settled[link.after] && (before.settled[link.before] || first != second))
            events[second].links.push_back(link);
    }
    std::vector<LotEvent> all;
    for (auto& [_, event] : events) {
        event.kind = kind_of(event);
        measure_cover(event);
        if (event.kind == LotChange::boundary)
            for (auto& link : event.links)
                if (link.before == event.before[0] && link.after == event.after[0])
                    link.moved = farthest_corner(before.lots[link.before].shape,
                                                 after.lots[link.after].shape);
        all.push_back(std::move(event));
    }
    return all;
}

std::vector<LotEvent> settled_events(Side const& before, Side const& after,
                                     std::vector<LotLink> links, unsigned threads) {
    std::vector<LotEvent> events(links.size());
    in_parallel(links.size(), threads, [&](std::size_t k) {
        auto& link = links[k];
        auto const& old_lot = before.lots[link.before];
        auto const& new_lot = after.lots[link.after];
        auto const common = ops::intersection(old_lot.shape, new_lot.shape);
        measure(before, after, link, ops::planar_area(common));
        bool const renamed = !link.same_id && !old_lot.id.empty() && !new_lot.id.empty();
        events[k] = {renamed ? LotChange::renumbered : LotChange::same_ground,
                     {link.before},
                     {link.after},
                     {link},
                     link.of_before,
                     link.of_after};
    });
    return events;
}

/// Ids that exactly one lot has.
std::map<std::string_view, std::uint32_t> single_ids(std::span<Lot const> lots) {
    std::map<std::string_view, std::uint32_t> found;
    std::map<std::string_view, int> count;
    for (std::uint32_t i = 0; i < lots.size(); ++i) {
        found[lots[i].id] = i;
        ++count[lots[i].id];
    }
    std::erase_if(found,
                  [&](auto const& one) { return one.first.empty() || count[one.first] > 1; });
    return found;
}

std::vector<PurposeChange> purpose_changes(std::span<Lot const> before,
                                           std::span<Lot const> after) {
    std::vector<PurposeChange> found;
    auto const later = single_ids(after);
    for (auto const& [id, i] : single_ids(before)) {
        auto const there = later.find(id);
        if (there == later.end()) continue;
        auto const& was = before[i].use;
        auto const& is = after[there->second].use;
        if (!was.empty() && !is.empty() && was != is) found.push_back({i, there->second});
    }
    return found;
}

} // namespace

std::string_view name_of(LotChange change) noexcept {
    switch (change) {
    case LotChange::same_ground: return "same_ground";
    case LotChange::renumbered: return "renumbered";
    case LotChange::boundary: return "boundary";
    case LotChange::split: return "split";
    case LotChange::merge: return "merge";
    case LotChange::rearranged: return "rearranged";
    case LotChange::appeared: return "appeared";
    case LotChange::ended: return "ended";
    }
    return "same_ground";
}

EditionComparison compare_editions(std::span<Lot const> before, std::span<Lot const> after,
                                   double noise, unsigned threads) {
    Side earlier{before};
    Side later{after};
    BoxIndex const index{later.boxes};
    auto same = same_ground(earlier, later, index, noise, threads);
    EditionComparison result;
    for (auto const& link : same)
        result.farthest_same = std::max(result.farthest_same, *link.moved);
    auto const links = overlaps(earlier, later, index, noise, threads);
    result.events = settled_events(earlier, later, std::move(same), threads);
    for (auto& event : changes(earlier, later, links)) {
        if (event.kind == LotChange::boundary)
            for (auto const& link : event.links)
                if (link.moved && (!result.nearest_change || *link.moved < *result.nearest_change))
                    result.nearest_change = link.moved;
        result.events.push_back(std::move(event));
    }
    std::ranges::sort(result.events, {}, [](LotEvent const& event) {
        return std::tuple{event.kind, event.before, event.after};
    });
    result.purposes = purpose_changes(before, after);
    return result;
}

std::optional<double> grid_step(std::vector<double> numbers) {
    constexpr std::size_t enough = 1000;
    constexpr double off = 0.02; // of a step
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    if (numbers.size() < enough) return std::nullopt;
    std::vector<double> gaps;
    for (std::size_t i = 1; i < numbers.size(); ++i) gaps.push_back(numbers[i] - numbers[i - 1]);
    std::ranges::nth_element(gaps, gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2));
    double const step = gaps[gaps.size() / 2];
    auto const on_grid = std::ranges::count_if(
        gaps, [&](double gap) { return std::abs(gap / step - std::round(gap / step)) <= off; });
    constexpr double share = 0.95;
    return static_cast<double>(on_grid) >= share * static_cast<double>(gaps.size())
               ? std::optional{step}
               : std::nullopt;
}

} // namespace diaban::geo::cadastre
