#include "geo/ops/geodesic.hpp"

#include "geo/ops/ellipsoid.hpp"

#include <geodesic.h>

namespace diaban::geo::ops {

namespace {

/// A geodesic from one position to another.
class Line {
public:
    Line(Position from, Position to) {
        geod_inverseline(&m_line, &wgs84(), from.y, from.x, to.y, to.x,
                         GEOD_LATITUDE | GEOD_LONGITUDE | GEOD_DISTANCE_IN);
    }
    [[nodiscard]] Position at(double share) const {
        Position p;
        geod_genposition(&m_line, GEOD_LONG_UNROLL, m_line.s13 * share, &p.y, &p.x, nullptr,
                         nullptr, nullptr, nullptr, nullptr, nullptr);
        return p;
    }

private:
    geod_geodesicline m_line;
};

} // namespace

Way geodesic_way(Position from, Position to) {
    Way way;
    geod_inverse(&wgs84(), from.y, from.x, to.y, to.x, &way.metres, &way.azimuth, nullptr);
    if (way.azimuth < 0) way.azimuth += 360;
    return way;
}

Position geodesic_between(Position from, Position to, double share) {
    return Line{from, to}.at(share);
}

std::vector<Position> geodesic_pieces(Position from, Position to, std::size_t count) {
    Line const line{from, to};
    std::vector<Position> pieces;
    pieces.reserve(count);
    for (std::size_t k = 1; k < count; ++k) pieces.push_back(line.at(double(k) / double(count)));
    pieces.push_back(to);
    return pieces;
}

} // namespace diaban::geo::ops
