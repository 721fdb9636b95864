#include "tiles/mirror/row_geometry.hpp"

#include "tiles/shape.hpp"

namespace diaban::tiles::mirror {
namespace {

geo::Position degrees(GridPoint p) noexcept {
    return from_grid({double(p.x), double(p.y)});
}

/// Reads the points of the row for whose number `keeps` says true.
template <typename Keeps>
void read(Run const& run, std::uint32_t row, geo::Geometry& into, Keeps const& keeps) {
    into.kind = run.schema->geometry;
    into.srid = 4326;
    into.positions.clear();
    into.path_ends.clear();
    into.part_ends.clear();
    bool const rings = into.kind == geo::GeometryKind::polygon;
    for (auto p = run.path_begin[row]; p < run.path_begin[row + 1]; ++p) {
        // A ring of positive area begins the next polygon.
        if (rings && !into.path_ends.empty() && twice_area(run.path(p)) > 0)
            into.part_ends.push_back(std::uint32_t(into.path_ends.size()));
        auto const begin = into.positions.size();
        for (auto point = run.point_begin[p]; point < run.point_begin[p + 1]; ++point)
            if (keeps(point)) into.positions.push_back(degrees(run.points[point]));
        if (rings) into.positions.push_back(geo::Position{into.positions[begin]});
        if (into.kind != geo::GeometryKind::point)
            into.path_ends.push_back(std::uint32_t(into.positions.size()));
    }
    if (rings) into.part_ends.push_back(std::uint32_t(into.path_ends.size()));
    into.multi = into.kind == geo::GeometryKind::point  ? into.positions.size() > 1
                 : into.kind == geo::GeometryKind::line ? into.path_ends.size() > 1
                                                        : into.part_ends.size() > 1;
}

} // namespace

void read_geometry(Run const& run, std::uint32_t row, geo::Geometry& into) {
    read(run, row, into, [](std::uint32_t) { return true; });
}

void read_geometry_at(Run const& run, std::uint32_t row, std::uint32_t zoom, geo::Geometry& into) {
    read(run, row, into, [&](std::uint32_t point) { return run.first_zooms[point] <= zoom; });
}

} // namespace diaban::tiles::mirror
