#pragma once

#include "geo/geometry.hpp"
#include "tests/support/seed.hpp"

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace diaban::test {

using Ring = std::vector<geo::Position>;

/// A polygon of rings, the first its exterior; rings are taken as they are.
geo::Geometry polygon(std::initializer_list<Ring> rings);

/// A multipolygon of such polygons.
geo::Geometry multi_polygon(std::initializer_list<std::vector<Ring>> parts);

/// Any kind, any nesting, any finite doubles; closed rings, but nothing else about them is sound.
geo::Geometry any_geometry(std::mt19937_64& random);

/// A star-shaped ring around (0, 0) of `corners` corners: simple, closed, counter-clockwise.
Ring star(std::mt19937_64& random, std::size_t corners);

} // namespace diaban::test
