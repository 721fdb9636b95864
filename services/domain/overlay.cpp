#include "services/domain/overlay.hpp"

#include "geo/error.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/overlay.hpp"
#include "services/domain/chosen.hpp"

#include <algorithm>
#include <string>
#include <tuple>

namespace diaban::services::domain {

namespace {

constexpr std::size_t most_polygons = 5000;

std::vector<std::int64_t> fids_near(geo::Geometry const& shape, View const& over,
                                    data::postgis::FeatureStore const& store,
                                    geo::Period const& period, geo::Policy const& policy) {
    Choice choice;
    choice.boxes = {shape.box()};
    choice.period = period;
    std::vector<std::int64_t> fids;
    for (auto const& [live, rows] : choose_rows(over, store, choice, policy))
        for (auto const row : rows) fids.push_back(live.run->fids[row]);
    if (fids.size() > most_polygons)
        throw geo::Error{geo::Code::too_large,
                         "overlay-too-large",
                         {{"collection", over.id()},
                          {"value", std::to_string(fids.size())},
                          {"accepted", std::to_string(most_polygons)}}};
    std::ranges::sort(fids);
    return fids;
}

void add(geo::Geometry& all, geo::Geometry const& shape) {
    auto const positions = static_cast<std::uint32_t>(all.positions.size());
    auto const paths = static_cast<std::uint32_t>(all.path_ends.size());
    all.positions.insert(all.positions.end(), shape.positions.begin(), shape.positions.end());
    for (auto const end : shape.path_ends) all.path_ends.push_back(positions + end);
    for (auto const end : shape.part_ends) all.part_ends.push_back(paths + end);
}

} // namespace

Overlay overlay_of(geo::Geometry const& shape, View const& over,
                   data::postgis::FeatureStore const& store, geo::Period const& period,
                   geo::Policy const& policy) {
    auto const fids = fids_near(shape, over, store, period, policy);
    double const whole = geo::ops::geodesic_area(shape);
    Overlay overlay;
    geo::Geometry covered;
    covered.kind = geo::GeometryKind::polygon;
    covered.multi = true;
    covered.srid = shape.srid;
    for (auto& feature : store.by_fids(over.collection, fids, policy)) {
        auto const common = geo::ops::intersection(shape, feature.geometry);
        double const area = geo::ops::geodesic_area(common);
        if (!(area > 0)) continue;
        add(covered, common);
        feature.geometry = {};
        overlay.parts.push_back({std::move(feature), area, area / whole});
    }
    overlay.covered_m2 = overlay.parts.size() == 1
                             ? overlay.parts[0].area_m2
                             : geo::ops::geodesic_area(geo::ops::united(covered));
    overlay.share = whole > 0 ? overlay.covered_m2 / whole : 0;
    std::ranges::sort(overlay.parts, {}, [](OverlayPart const& part) {
        return std::pair{-part.area_m2, part.feature.fid};
    });
    return overlay;
}

} // namespace diaban::services::domain
