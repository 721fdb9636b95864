#include "tests/support/layers.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

// The reentrant interface only.
#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <set>

using namespace diaban;

namespace {

geo::Policy const everything = geo::Policy::everything();

/// The other decision: GEOS on the degrees themselves, as the record's ST_Intersects decides.
class InDegrees {
public:
    explicit InDegrees(geo::Geometry const& geometry) {
        std::vector<std::byte> wkb;
        geo::codec::append_ewkb(wkb, geometry);
        m_shape = own(GEOSGeomFromWKB_buf_r(
            handle(), reinterpret_cast<unsigned char const*>(wkb.data()), wkb.size()));
        m_lines = geometry.kind == geo::GeometryKind::polygon
                      ? own(GEOSBoundary_r(handle(), m_shape.get()))
                      : own(GEOSGeom_clone_r(handle(), m_shape.get()));
    }
    [[nodiscard]] bool meets(geo::Box const& box) const {
        auto const square =
            own(GEOSGeom_createRectangle_r(handle(), box.min_x, box.min_y, box.max_x, box.max_y));
        return GEOSIntersects_r(handle(), m_shape.get(), square.get()) == 1;
    }
    /// How far the shape's own lines are from the box's border, in degrees.
    [[nodiscard]] double off_border(geo::Box const& box) const {
        auto const square =
            own(GEOSGeom_createRectangle_r(handle(), box.min_x, box.min_y, box.max_x, box.max_y));
        auto const border = own(GEOSBoundary_r(handle(), square.get()));
        double distance = 0;
        BOOST_REQUIRE(GEOSDistance_r(handle(), m_lines.get(), border.get(), &distance) == 1);
        return distance;
    }

private:
    static GEOSContextHandle_t handle() {
        static std::unique_ptr<GEOSContextHandle_HS, decltype(&GEOS_finish_r)> const context{
            GEOS_init_r(), &GEOS_finish_r};
        return context.get();
    }
    struct Destroy {
        void operator()(GEOSGeometry* shape) const { GEOSGeom_destroy_r(handle(), shape); }
    };
    using Owned = std::unique_ptr<GEOSGeometry, Destroy>;
    static Owned own(GEOSGeometry* shape) {
        BOOST_REQUIRE(shape != nullptr);
        return Owned{shape};
    }
    Owned m_shape;
    Owned m_lines;
};

/// Rows whose sides are about `shortest` to `longest` degrees long, between two latitudes.
struct LongSides {
    double shortest;
    double longest;
    double south;
    double north;
};

std::vector<tests::MadeRow> long_rows(std::mt19937_64& random, LongSides const& plan,
                                      geo::GeometryKind kind) {
    std::uniform_real_distribution<double> lon{100.0, 120.0};
    std::uniform_real_distribution<double> lat{plan.south, plan.north};
    std::uniform_real_distribution<double> share{-1.0, 1.0};
    std::uniform_real_distribution<double> power{std::log(plan.shortest), std::log(plan.longest)};
    std::vector<tests::MadeRow> rows;
    for (int i = 0; i < 200; ++i) {
        double const size = std::exp(power(random));
        auto const start = geo::Position{lon(random), lat(random)};
        std::vector<geo::Position> positions{start};
        if (kind == geo::GeometryKind::line) {
            for (int j = 0; j < 6; ++j)
                positions.push_back({positions.back().x + size * share(random),
                                     positions.back().y + size * share(random)});
            rows.push_back({i + 1, tests::make_line(positions), {}});
        } else {
            // A triangle with a hole, both wide enough that their sides never meet.
            auto const ring = [&](double radius) {
                double const turn = share(random);
                std::vector<geo::Position> corners;
                for (int j = 0; j < 3; ++j) {
                    double const angle = turn + j * 2.0943951023931953;
                    corners.push_back(
                        {start.x + radius * std::cos(angle), start.y + radius * std::sin(angle)});
                }
                return corners;
            };
            rows.push_back({i + 1, tests::make_polygon({ring(size), ring(size * 0.4)}), {}});
        }
    }
    return rows;
}

/// Asks for boxes of 100 m to 500 km with a corner on a row's side or up to 1 km off it. What is
/// not doubtful must be as in degrees; what is doubtful must lie on the border.
void require_as_in_degrees(LongSides const& plan, geo::GeometryKind kind) {
    std::mt19937_64 random{tests::seed()};
    auto const rows = long_rows(random, plan, kind);
    auto const layer = tests::make_layer(tests::make_schema(kind), rows);
    std::vector<InDegrees> oracle;
    for (auto const& row : rows) oracle.emplace_back(row.geometry);

    std::uniform_int_distribution<std::size_t> any_row{0, rows.size() - 1};
    std::uniform_real_distribution<double> part{0.0, 1.0};
    auto const between = [&](double low, double high) {
        return std::exp(std::lerp(std::log(low), std::log(high), part(random)));
    };
    auto const sign = [&] { return part(random) < 0.5 ? -1.0 : 1.0; };
    std::size_t met = 0;
    std::size_t doubted = 0;
    for (int round = 0; round < 400; ++round) {
        auto const& at = rows[any_row(random)].geometry.positions;
        auto const i = any_row(random) % (at.size() - 1);
        double const t = part(random);
        double const width = between(0.001, 5.0);
        double const height = between(0.001, 5.0);
        double const x = std::lerp(at[i].x, at[i + 1].x, t) + sign() * between(1e-7, 1e-2);
        double const y = std::lerp(at[i].y, at[i + 1].y, t) + sign() * between(1e-7, 1e-2);
        geo::Box const box{x - (round % 2) * width, y - (round / 2 % 2) * height,
                           x + (1 - round % 2) * width, y + (1 - round / 2 % 2) * height};
        auto const found = layer->find(box, everything);
        std::set<std::int64_t> const matched(found.matched.begin(), found.matched.end());
        std::set<std::int64_t> const doubtful(found.doubtful.begin(), found.doubtful.end());
        for (std::size_t r = 0; r < rows.size(); ++r) {
            if (doubtful.contains(rows[r].fid)) {
                ++doubted;
                BOOST_REQUIRE_LT(oracle[r].off_border(box), 4e-7); // two steps of 1.87 cm
                continue;
            }
            bool const meets = oracle[r].meets(box);
            met += meets ? 1 : 0;
            BOOST_REQUIRE_MESSAGE(matched.contains(rows[r].fid) == meets,
                                  "row " << rows[r].fid << ", box " << box.min_x << "," << box.min_y
                                         << "," << box.max_x << "," << box.max_y);
        }
    }
    BOOST_TEST(met > 200U);
    BOOST_TEST(doubted < 60U);
}

} // namespace

BOOST_AUTO_TEST_SUITE(find)

BOOST_AUTO_TEST_CASE(points_found_by_box_are_those_of_a_scan_and_only_border_points_are_doubtful) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> lon{105.0, 106.0};
    std::uniform_real_distribution<double> lat{18.0, 19.0};
    std::vector<tests::MadeRow> rows;
    for (int i = 0; i < 5'000; ++i)
        rows.push_back({i + 1, tests::make_point(lon(random), lat(random)), {}});
    auto const layer = tests::make_layer(tests::make_schema(geo::GeometryKind::point), rows);
    for (int round = 0; round < 300; ++round) {
        // Every tenth box has a corner on a point: the border belongs to the box.
        auto const corner = rows[std::size_t(round)].geometry.positions[0];
        geo::Box box{lon(random), lat(random), lon(random), lat(random)};
        if (round % 10 == 0) box = {corner.x, corner.y, corner.x + 0.1, corner.y + 0.1};
        if (box.min_x > box.max_x) std::swap(box.min_x, box.max_x);
        if (box.min_y > box.max_y) std::swap(box.min_y, box.max_y);
        auto const found = layer->find(box, everything);
        BOOST_REQUIRE(std::is_sorted(found.matched.begin(), found.matched.end()));
        std::set<std::int64_t> const matched(found.matched.begin(), found.matched.end());
        std::set<std::int64_t> const doubtful(found.doubtful.begin(), found.doubtful.end());
        for (auto const& row : rows) {
            auto const p = row.geometry.positions[0];
            bool const inside =
                box.min_x <= p.x && p.x <= box.max_x && box.min_y <= p.y && p.y <= box.max_y;
            if (doubtful.contains(row.fid)) {
                double const off = std::min({std::abs(p.x - box.min_x), std::abs(p.x - box.max_x),
                                             std::abs(p.y - box.min_y), std::abs(p.y - box.max_y)});
                BOOST_REQUIRE(off < 4e-7); // two steps of 1.87 cm
            } else {
                BOOST_REQUIRE_EQUAL(matched.contains(row.fid), inside);
            }
        }
        if (round % 10 == 0)
            BOOST_REQUIRE(doubtful.contains(std::int64_t(round) + 1) ||
                          matched.contains(std::int64_t(round) + 1));
    }
}

BOOST_AUTO_TEST_CASE(a_polygon_is_found_by_a_box_in_its_middle_and_not_by_one_in_its_hole) {
    auto const square = [](double cx, double cy, double r) {
        return std::vector<geo::Position>{
            {cx - r, cy - r}, {cx + r, cy - r}, {cx + r, cy + r}, {cx - r, cy + r}};
    };
    auto const layer = tests::make_layer(
        tests::make_schema(geo::GeometryKind::polygon),
        {{1, tests::make_polygon({square(105.5, 18.5, 0.2), square(105.5, 18.5, 0.1)}), {}}});
    auto const finds = [&](geo::Box const& box) {
        return layer->find(box, everything).matched.size();
    };
    BOOST_TEST(finds({105.34, 18.49, 105.36, 18.51}) == 1U);
    BOOST_TEST(finds({105.49, 18.49, 105.51, 18.51}) == 0U);
    BOOST_TEST(finds({105.0, 18.0, 106.0, 19.0}) == 1U);
    BOOST_TEST(finds({105.2, 18.2, 105.25, 18.25}) == 0U);
    BOOST_TEST(finds({105.55, 18.49, 105.65, 18.51}) == 1U);
}

BOOST_AUTO_TEST_CASE(a_row_that_the_grid_had_to_mend_is_found_by_what_the_grid_lost) {
    // A parcel with a path of 2 mm to the east: less than a step, so the grid has only the parcel.
    auto const parcel = tests::make_polygon({{{105.5, 18.5},
                                              {105.501, 18.5},
                                              {105.501, 18.50099999},
                                              {105.51, 18.50099999},
                                              {105.51, 18.501},
                                              {105.5, 18.501}}});
    auto const layer = tests::make_layer(
        tests::make_schema(geo::GeometryKind::polygon),
        {{1, parcel, {}},
         {2, tests::make_polygon({{{105.6, 18.5}, {105.601, 18.5}, {105.6, 18.501}}}), {}}});
    InDegrees const oracle{parcel};
    geo::Box const path{105.504, 18.5009, 105.506, 18.5011};
    BOOST_REQUIRE(oracle.meets(path));
    BOOST_TEST(layer->find(path, everything).doubtful == std::vector<std::int64_t>{1},
               boost::test_tools::per_element());
    // All of it in the box: there is nothing to doubt.
    auto const all = layer->find({105.4, 18.4, 105.7, 18.6}, everything);
    BOOST_TEST(all.matched == (std::vector<std::int64_t>{1, 2}), boost::test_tools::per_element());
    BOOST_TEST(all.doubtful.empty());
    BOOST_TEST(layer->find({105.52, 18.4, 105.53, 18.6}, everything).doubtful.empty());
}

BOOST_AUTO_TEST_CASE(a_line_is_found_where_it_runs_and_not_beside_it_in_its_box) {
    auto const layer =
        tests::make_layer(tests::make_schema(geo::GeometryKind::line),
                          {{1, tests::make_line({{105.0, 18.0}, {106.0, 19.0}}), {}}});
    BOOST_TEST(layer->find({105.4, 18.4, 105.6, 18.6}, everything).matched.size() == 1U);
    BOOST_TEST(layer->find({105.1, 18.8, 105.2, 18.9}, everything).matched.empty());
    BOOST_TEST(
        layer->find({105.4, 18.4, 105.6, 18.6}, geo::Policy::limited({"1"}, 9)).matched.empty());
}

BOOST_AUTO_TEST_CASE(lines_of_long_sides_are_found_straight_in_degrees) {
    require_as_in_degrees({0.5, 5.0, 5.0, 25.0}, geo::GeometryKind::line);
    require_as_in_degrees({0.5, 2.0, -70.0, 70.0}, geo::GeometryKind::line);
}

BOOST_AUTO_TEST_CASE(lines_of_sides_around_a_kilometre_are_found_straight_in_degrees) {
    require_as_in_degrees({0.003, 0.05, 60.0, 84.0}, geo::GeometryKind::line);
}

BOOST_AUTO_TEST_CASE(polygons_of_long_sides_are_found_straight_in_degrees) {
    require_as_in_degrees({0.02, 4.0, 5.0, 25.0}, geo::GeometryKind::polygon);
    require_as_in_degrees({0.02, 4.0, -75.0, 75.0}, geo::GeometryKind::polygon);
}

BOOST_AUTO_TEST_SUITE_END()
