#include "geo/cadastre/topology.hpp"

#include "geo/cadastre/faces.hpp"
#include "geo/cadastre/loose_edges.hpp"
#include "geo/ops/label.hpp"
#include "geo/ops/validate.hpp"
#include "geo/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <tuple>

namespace diaban::geo::cadastre {

namespace {

bool told(TopologyOptions const& options, Box const& box) {
    return !options.window || box.intersects(*options.window);
}

/// Rings that touch themselves and labels outside: each parcel by itself.
std::vector<TopologyFinding> parcel_faults(ParcelSet const& parcels,
                                           TopologyOptions const& options) {
    constexpr std::size_t step = 4096;
    std::vector<TopologyFinding> all;
    std::mutex mutex;
    in_parallel((parcels.size() + step - 1) / step, options.threads, [&](std::size_t block) {
        std::vector<TopologyFinding> found;
        Geometry shape;
        auto const end = std::min(parcels.size(), (block + 1) * step);
        for (auto i = static_cast<std::uint32_t>(block * step); i < end; ++i) {
            if (!told(options, parcels.box(i))) continue;
            parcels.geometry(i, shape);
            auto const verdict = ops::validate(shape);
            if (!verdict.valid)
                found.push_back({TopologyFault::self_touch,
                                 static_cast<double>(shape.positions.size()),
                                 parcels.sheet[i],
                                 {i},
                                 point_geometry(verdict.where)});
            auto const label = parcels.label[i];
            if (verdict.valid && !std::isnan(label.x) && !parcels.holds(i, label))
                found.push_back({TopologyFault::label_outside,
                                 -ops::signed_distance(shape, label),
                                 parcels.sheet[i],
                                 {i},
                                 point_geometry(label)});
        }
        if (found.empty()) return;
        std::scoped_lock const lock{mutex};
        std::ranges::move(found, std::back_inserter(all));
    });
    return all;
}

Position middle(ParcelSet const& parcels, std::uint32_t parcel) {
    auto const box = parcels.box(parcel);
    return {(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
}

/// Numbers between two parcels of a sheet that nobody has, each told where the next one lies.
void add_missing(ParcelSet const& parcels, TopologyOptions const& options, std::int64_t after,
                 std::uint32_t next, std::vector<TopologyFinding>& into) {
    constexpr std::int64_t most = 1000; // a hole that wide is another numbering, told by its rim
    auto const end = parcels.number[next];
    auto const begin = end - after > most ? end - 1 : after + 1;
    for (auto number = begin; number < end; ++number)
        if (number > after && !(options.retired && options.retired(parcels.sheet[next], number)))
            into.push_back({TopologyFault::missing_number,
                            static_cast<double>(number),
                            parcels.sheet[next],
                            {next},
                            point_geometry(middle(parcels, next))});
}

std::vector<TopologyFinding> number_faults(ParcelSet const& parcels,
                                           TopologyOptions const& options) {
    std::vector<std::uint32_t> order(parcels.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [&](std::uint32_t i) {
        return std::tuple{parcels.sheet[i], parcels.number[i], i};
    });
    std::vector<TopologyFinding> found;
    std::int64_t last = 0;
    for (std::size_t begin = 0; begin < order.size();) {
        auto const first = order[begin];
        auto end = begin + 1;
        while (end < order.size() && parcels.sheet[order[end]] == parcels.sheet[first] &&
               parcels.number[order[end]] == parcels.number[first])
            ++end;
        if (begin == 0 || parcels.sheet[order[begin - 1]] != parcels.sheet[first]) last = 0;
        if (!options.window) add_missing(parcels, options, last, first, found);
        last = parcels.number[first];
        if (end - begin > 1) {
            std::vector<std::uint32_t> same(order.begin() + static_cast<std::ptrdiff_t>(begin),
                                            order.begin() + static_cast<std::ptrdiff_t>(end));
            found.push_back({TopologyFault::duplicate_number, static_cast<double>(end - begin),
                             parcels.sheet[first], std::move(same),
                             point_geometry(middle(parcels, first))});
        }
        begin = end;
    }
    return found;
}

} // namespace

std::string_view name_of(TopologyFault fault) noexcept {
    switch (fault) {
    case TopologyFault::overlap: return "overlap";
    case TopologyFault::gap: return "gap";
    case TopologyFault::sliver: return "sliver";
    case TopologyFault::edge_mismatch: return "edge_mismatch";
    case TopologyFault::self_touch: return "self_touch";
    case TopologyFault::duplicate_number: return "duplicate_number";
    case TopologyFault::missing_number: return "missing_number";
    case TopologyFault::label_outside: return "label_outside";
    }
    return "overlap";
}

TopologyTolerance tolerance_at(double scale) noexcept {
    constexpr double line = 0.0002; // m on the sheet
    constexpr double patch = 2e-4;  // m² on the sheet
    return {
        .least_area = 0.001, .sliver_width = line * scale, .largest_gap = patch * scale * scale};
}

std::vector<TopologyFinding> check_topology(ParcelSet const& parcels,
                                            TopologyOptions const& options) {
    std::vector<TopologyFinding> all;
    {
        auto const edges = loose_edges(parcels, options.threads);
        ParcelIndex const index{parcels};
        all = area_faults(parcels, index, edges, options);
        std::ranges::move(unmatched_corners(parcels, edges), std::back_inserter(all));
    }
    std::ranges::move(parcel_faults(parcels, options), std::back_inserter(all));
    std::ranges::move(number_faults(parcels, options), std::back_inserter(all));
    if (options.window)
        std::erase_if(all,
                      [&](auto const& f) { return !f.place.box().intersects(*options.window); });
    std::ranges::sort(all, {}, [](TopologyFinding const& f) {
        auto const box = f.place.box();
        return std::tuple{f.fault, f.parcels, box.min_x, box.min_y, f.size};
    });
    return all;
}

} // namespace diaban::geo::cadastre
