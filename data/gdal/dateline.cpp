#include "data/gdal/dateline.hpp"

#include "data/gdal/session.hpp"
#include "geo/codec/wkb.hpp"

#include <ogr_geometry.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace diaban::data::gdal {
namespace {

using geo::Geometry;
using geo::GeometryKind;
using geo::Position;

bool beyond(Position p) noexcept {
    return p.x > 180 || p.x < -180;
}

/// The turn a longitude lies in: 0 for [-180, 180), 1 for [180, 540), …
double turn(double longitude) noexcept {
    return std::floor((longitude + 180) / 360);
}

bool split_points(Geometry& points) {
    bool changed = false;
    for (auto& p : points.positions) {
        if (!beyond(p)) continue;
        p.x -= 360 * turn(p.x);
        changed = true;
    }
    return changed;
}

/// One line, its longitudes made continuous, cut at every odd multiple of 180°.
class LineCutter {
public:
    explicit LineCutter(Geometry& into) : m_into{into} {}

    void cut(std::span<Position const> path) {
        if (path.empty()) return;
        Position last = path.front();
        double shift = 0;
        double home = first_home(path);
        put(last, home);
        for (auto const& next : path.subspan(1)) {
            shift = near(last.x, next.x + shift) - next.x;
            Position const p{next.x + shift, next.y};
            home = run(last, p, home);
            last = p;
        }
        close();
    }

private:
    /// `x` moved by whole turns to within half a turn of `from`.
    static double near(double from, double x) noexcept {
        while (x - from > 180) x -= 360;
        while (x - from < -180) x += 360;
        return x;
    }

    /// The turn a path starts in; a start on the border belongs to the side the line runs to.
    static double first_home(std::span<Position const> path) noexcept {
        double const start = path.front().x;
        double const home = turn(start);
        if (start != -180 + 360 * home) return home;
        for (auto const& next : path)
            if (double const x = near(start, next.x); x != start)
                return x < start ? home - 1 : home;
        return home;
    }

    double run(Position a, Position b, double home) {
        while (b.x < -180 + 360 * home || b.x > 180 + 360 * home) {
            double const step = b.x > a.x ? 1 : -1;
            double const border = 360 * home + 180 * step;
            double const at = (border - a.x) / (b.x - a.x);
            Position const on_border{border, a.y + at * (b.y - a.y)};
            put(on_border, home);
            close();
            home += step;
            put(on_border, home);
        }
        put(b, home);
        return home;
    }

    void put(Position p, double home) {
        Position const shifted{p.x - 360 * home, p.y};
        auto const begin = m_into.path_ends.empty() ? 0 : m_into.path_ends.back();
        bool const first = m_into.positions.size() == begin;
        if (first || m_into.positions.back() != shifted) m_into.positions.push_back(shifted);
    }

    void close() {
        auto const begin = m_into.path_ends.empty() ? 0 : m_into.path_ends.back();
        auto const end = static_cast<std::uint32_t>(m_into.positions.size());
        if (end - begin >= 2)
            m_into.path_ends.push_back(end);
        else
            m_into.positions.resize(begin);
    }

    Geometry& m_into;
};

bool crosses(Geometry const& lines) {
    if (std::ranges::any_of(lines.positions, beyond)) return true;
    for (std::size_t i = 0; i < lines.path_ends.size(); ++i) {
        auto const path = lines.path(i);
        for (std::size_t k = 1; k < path.size(); ++k)
            if (std::abs(path[k].x - path[k - 1].x) > 180) return true;
    }
    return false;
}

bool split_lines(Geometry& lines) {
    if (!crosses(lines)) return false;
    Geometry result;
    result.kind = GeometryKind::line;
    result.multi = lines.multi;
    result.srid = lines.srid;
    LineCutter cutter{result};
    for (std::size_t i = 0; i < lines.path_ends.size(); ++i) cutter.cut(lines.path(i));
    result.multi = result.multi || result.path_ends.size() > 1;
    lines = std::move(result);
    return true;
}

using Shape = std::unique_ptr<OGRGeometry>;

Shape world(double home) {
    OGRLinearRing ring;
    double const west = -180 + 360 * home;
    ring.addPoint(west, -90);
    ring.addPoint(west + 360, -90);
    ring.addPoint(west + 360, 90);
    ring.addPoint(west, 90);
    ring.closeRings();
    auto polygon = std::make_unique<OGRPolygon>();
    polygon->addRing(&ring);
    return polygon;
}

void shift(OGRGeometry& shape, double degrees) {
    class Shifter final : public OGRDefaultGeometryVisitor {
    public:
        explicit Shifter(double by) : m_by{by} {}
        using OGRDefaultGeometryVisitor::visit;
        void visit(OGRPoint* point) override { point->setX(point->getX() + m_by); }
        // The ring's default visit hands out temporary points; the closing one moves by itself.
        void visit(OGRLinearRing* ring) override {
            for (int i = 0; i < ring->getNumPoints(); ++i)
                ring->setPoint(i, ring->getX(i) + m_by, ring->getY(i));
        }

    private:
        double m_by;
    };
    Shifter shifter{degrees};
    shape.accept(&shifter);
}

bool split_polygons(Geometry& polygons) {
    if (!std::ranges::any_of(polygons.positions, beyond)) return false;
    std::vector<std::string> remarks;
    Session const session{remarks};
    auto const srid = std::exchange(polygons.srid, 0); // OGR reads no extended header
    std::vector<std::byte> wkb;
    geo::codec::append_ewkb(wkb, polygons);
    polygons.srid = srid;
    OGRGeometry* read = nullptr;
    OGRGeometryFactory::createFromWkb(wkb.data(), nullptr, &read, wkb.size());
    Shape const shape{read};
    if (!shape || shape->IsValid() == FALSE) return false;
    auto const box = polygons.box();
    OGRMultiPolygon all;
    for (double home = turn(box.min_x); home <= turn(box.max_x); ++home) {
        Shape part{shape->Intersection(world(home).get())};
        if (!part) return false;
        part.reset(OGRGeometryFactory::forceToMultiPolygon(part.release()));
        shift(*part, -360 * home);
        for (auto* polygon : *part->toMultiPolygon())
            if (polygon->get_Area() > 0) all.addGeometry(polygon);
    }
    std::vector<std::byte> joined(all.WkbSize());
    all.exportToWkb(wkbNDR, reinterpret_cast<unsigned char*>(joined.data()), wkbVariantIso);
    geo::codec::read_wkb(joined, polygons);
    polygons.srid = srid;
    return true;
}

} // namespace

bool split_at_antimeridian(Geometry& geometry) {
    switch (geometry.kind) {
    case GeometryKind::point: return split_points(geometry);
    case GeometryKind::line: return split_lines(geometry);
    case GeometryKind::polygon: return split_polygons(geometry);
    case GeometryKind::none: return false;
    }
    return false;
}

} // namespace diaban::data::gdal
