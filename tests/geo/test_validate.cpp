#include "geo/codec/wkb.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/orientation.hpp"
#include "geo/ops/validate.hpp"
#include "geo/synthetic/parcel_grid.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>
#include <geos_c.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

namespace {

using namespace diaban;
using geo::Geometry;
using geo::Position;
using geo::ops::repair;
using geo::ops::validate;
using test::Ring;
__extension__ using Wide = __int128;

/// GEOS's own judgement, by way of its own reader.
class Oracle {
public:
    Oracle() : m_context{GEOS_init_r()} {}
    ~Oracle() { GEOS_finish_r(m_context); }
    Oracle(Oracle const&) = delete;
    Oracle& operator=(Oracle const&) = delete;

    bool valid(Geometry const& geometry) {
        m_bytes.clear();
        geo::codec::append_ewkb(m_bytes, geometry);
        GEOSGeometry* const g = GEOSGeomFromWKB_buf_r(
            m_context, reinterpret_cast<unsigned char const*>(m_bytes.data()), m_bytes.size());
        if (g == nullptr) return false; // not closed, or too few positions
        bool const valid = GEOSisValid_r(m_context, g) == 1;
        GEOSGeom_destroy_r(m_context, g);
        return valid;
    }

private:
    GEOSContextHandle_t m_context;
    std::vector<std::byte> m_bytes;
};

/// A closed ring on few lattice points: touches, spikes and repeated points galore.
Ring lattice_ring(std::mt19937_64& random, std::size_t corners, std::uint64_t size) {
    Ring ring;
    for (std::size_t i = 0; i < corners; ++i)
        ring.push_back(
            {static_cast<double>(random() % size), static_cast<double>(random() % size)});
    ring.push_back(Position{ring.front()});
    return ring;
}

Ring rectangle(double x0, double y0, double x1, double y1) {
    return {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}};
}

Ring moved(Ring ring, double scale, Position by) {
    for (auto& p : ring) p = {p.x * scale + by.x, p.y * scale + by.y};
    return ring;
}

std::string reason(Geometry const& geometry) {
    auto const verdict = validate(geometry);
    BOOST_TEST(verdict.valid == verdict.reason.empty());
    return verdict.reason;
}

Geometry line(Ring const& path) {
    Geometry result;
    result.kind = geo::GeometryKind::line;
    result.positions = path;
    result.path_ends = {static_cast<std::uint32_t>(path.size())};
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(validity)

BOOST_AUTO_TEST_CASE(orientation_is_exact_where_doubles_alone_are_not) {
    // Kettner et al., "Classroom examples of robustness problems in geometric computations" (2008):
    // points around (0.5, 0.5) against the line (12,12)–(24,24). Only the diagonal lies on it.
    double const step = std::numeric_limits<double>::epsilon() / 2;
    for (int i = 0; i < 256; ++i)
        for (int k = 0; k < 256; ++k) {
            Position const p{0.5 + i * step, 0.5 + k * step};
            int const expected = (k > i) - (k < i);
            BOOST_REQUIRE(geo::ops::orientation({12, 12}, {24, 24}, p) == expected);
            BOOST_REQUIRE(geo::ops::orientation({24, 24}, {12, 12}, p) == -expected);
            BOOST_REQUIRE(geo::ops::orientation(p, {12, 12}, {24, 24}) == expected);
        }
}

BOOST_AUTO_TEST_CASE(orientation_equals_integer_arithmetic_on_a_fine_grid) {
    std::mt19937_64 random{tests::seed()};
    auto const number = [&] { return static_cast<std::int64_t>(random() % (1ULL << 50)); };
    for (int i = 0; i < 200'000; ++i) {
        std::int64_t const ax = number(), ay = number(), bx = number(), by = number();
        // Half of the third points lie within a unit of the middle of a and b.
        bool const near = i % 2 == 0;
        std::int64_t const cx = near ? (ax + bx) / 2 : number();
        std::int64_t const cy =
            near ? (ay + by) / 2 + static_cast<int>(random() % 3) - 1 : number();
        Wide const left = static_cast<Wide>(ax - cx) * (by - cy);
        Wide const right = static_cast<Wide>(ay - cy) * (bx - cx);
        auto const p = [](std::int64_t x, std::int64_t y) {
            return Position{static_cast<double>(x), static_cast<double>(y)};
        };
        int const expected = (left > right) - (left < right);
        BOOST_REQUIRE(geo::ops::orientation(p(ax, ay), p(bx, by), p(cx, cy)) == expected);
    }
}

BOOST_AUTO_TEST_CASE(the_verdict_is_that_of_geos_for_rings_on_few_lattice_points) {
    std::mt19937_64 random{tests::seed()};
    Oracle oracle;
    std::size_t valid = 0;
    for (int i = 0; i < 60'000; ++i) {
        Geometry const g =
            test::polygon({lattice_ring(random, 3 + random() % 6, 3 + random() % 5)});
        bool const expected = oracle.valid(g);
        valid += expected ? 1 : 0;
        BOOST_REQUIRE(validate(g).valid == expected);
    }
    BOOST_TEST_MESSAGE(valid << " of 60000 are valid");
    BOOST_TEST(valid > 5'000u);
    BOOST_TEST(valid < 55'000u);
}

BOOST_AUTO_TEST_CASE(the_verdict_is_that_of_geos_for_stars_of_any_size_with_and_without_a_fault) {
    std::mt19937_64 random{tests::seed()};
    Oracle oracle;
    for (int i = 0; i < 6'000; ++i) {
        Ring ring = test::star(random, 3 + random() % 120);
        ring = moved(ring, 1e-4, {105.9, 18.3});
        if (i % 3 == 0) std::swap(ring[1], ring[1 + random() % (ring.size() - 2)]);
        if (i % 5 == 0) ring[2] = ring[1];
        Geometry const g = test::polygon({ring});
        BOOST_REQUIRE(validate(g).valid == oracle.valid(g));
    }
}

BOOST_AUTO_TEST_CASE(the_verdict_is_that_of_geos_for_nearly_touching_edges) {
    std::mt19937_64 random{tests::seed()};
    Oracle oracle;
    std::size_t valid = 0;
    for (int i = 0; i < 30'000; ++i) {
        // A notch whose tip falls on the opposite edge, or one rounding step beside it.
        Position const a{105.9 + 1e-3 * static_cast<double>(random() % 1000), 18.3};
        Position const b{a.x + 1e-3, a.y + 1e-4 * static_cast<double>(random() % 17)};
        double const t = static_cast<double>(1 + random() % 99) / 100;
        Position tip{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
        double const away = random() % 2 == 0 ? 1e9 : -1e9;
        for (std::uint64_t steps = random() % 3; steps > 0; --steps)
            tip.y = std::nextafter(tip.y, away);
        Geometry const g = test::polygon({{a, b, {b.x, b.y + 1e-3}, tip, {a.x, a.y + 1e-3}, a}});
        bool const expected = oracle.valid(g);
        valid += expected ? 1 : 0;
        BOOST_REQUIRE(validate(g).valid == expected);
    }
    BOOST_TEST(valid > 3'000u);
    BOOST_TEST(valid < 27'000u);
}

BOOST_AUTO_TEST_CASE(the_verdict_is_that_of_geos_for_holes_and_parts_thrown_together) {
    std::mt19937_64 random{tests::seed()};
    Oracle oracle;
    std::size_t valid = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto const box = [&](double reach) {
            auto const at = [&] {
                return std::floor(reach * static_cast<double>(random() % 100) / 100);
            };
            double const x = at(), y = at();
            return rectangle(x, y, x + 1 + std::floor(at() / 2), y + 1 + std::floor(at() / 2));
        };
        Geometry const g =
            i % 2 == 0
                ? test::polygon({rectangle(0, 0, 12, 12), box(10), box(10)})
                : test::multi_polygon({{box(20)}, {rectangle(0, 0, 9, 9), box(8)}, {box(20)}});
        bool const expected = oracle.valid(g);
        valid += expected ? 1 : 0;
        BOOST_REQUIRE(validate(g).valid == expected);
    }
    BOOST_TEST(valid > 1'000u);
    BOOST_TEST(valid < 19'000u);
}

BOOST_AUTO_TEST_CASE(each_fault_is_named_and_located) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    Ring const square = rectangle(0, 0, 9, 9);
    BOOST_TEST(reason(test::polygon({square})) == "");
    BOOST_TEST(reason(test::polygon({{{0, 0}, {nan, 0}, {1, 1}, {0, 0}}})) ==
               "non-finite-coordinate");
    BOOST_TEST(reason(test::polygon({{{0, 0}, {1, 0}, {0, 0}}})) == "too-few-points");
    BOOST_TEST(reason(test::polygon({{{0, 0}, {1, 0}, {1, 1}, {0, 1}}})) == "ring-not-closed");
    BOOST_TEST(reason(test::polygon({{{0, 0}, {1, 1}, {0, 1}, {1, 0}, {0, 0}}})) ==
               "self-intersection");
    BOOST_TEST(reason(test::polygon({{{0, 0}, {4, 0}, {2, 2}, {4, 4}, {0, 4}, {2, 2}, {0, 0}}})) ==
               "ring-self-intersection");
    BOOST_TEST(reason(test::polygon({square, rectangle(20, 20, 21, 21)})) == "hole-outside-shell");
    BOOST_TEST(reason(test::polygon({square, rectangle(1, 1, 8, 8), rectangle(2, 2, 3, 3)})) ==
               "nested-holes");
    BOOST_TEST(reason(test::polygon({square, {{0, 0}, {9, 9}, {5, 6}, {0, 0}}})) ==
               "disconnected-interior");
    BOOST_TEST(reason(test::multi_polygon({{square}, {rectangle(1, 1, 2, 2)}})) == "nested-shells");

    auto const bow = validate(test::polygon({{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}));
    BOOST_TEST(bow.where.x == 1.0);
    BOOST_TEST(bow.where.y == 1.0);
}

BOOST_AUTO_TEST_CASE(points_and_lines_are_judged_and_empty_is_valid) {
    BOOST_TEST(validate(Geometry{}).valid);
    BOOST_TEST(reason(line({{0, 0}, {1, 1}, {0, 0}})) == "");
    BOOST_TEST(reason(line({{0, 0}, {0, 0}})) == "too-few-points");
    BOOST_TEST(reason(line({{0, 0}})) == "too-few-points");
    Geometry point;
    point.kind = geo::GeometryKind::point;
    point.positions = {{std::numeric_limits<double>::infinity(), 0}};
    BOOST_TEST(reason(point) == "non-finite-coordinate");
}

BOOST_AUTO_TEST_CASE(a_repair_that_keeps_the_area_is_made_and_valid) {
    // A spike of no area, a repeated point, and an unclosed ring.
    for (auto const& ring : {Ring{{0, 0}, {9, 0}, {12, 0}, {9, 0}, {9, 9}, {0, 9}, {0, 0}},
                             Ring{{0, 0}, {9, 0}, {9, 9}, {9, 12}, {9, 9}, {9, 9}, {0, 9}, {0, 0}},
                             Ring{{0, 0}, {9, 0}, {9, 9}, {0, 9}}}) {
        auto const repaired = repair(test::polygon({ring}), 1e-4);
        BOOST_REQUIRE(repaired.has_value());
        BOOST_TEST(validate(*repaired).valid);
        BOOST_TEST(std::abs(geo::ops::planar_ring_area(repaired->path(0))) == 81.0);
        BOOST_TEST(repaired->srid == 4326);
    }
}

BOOST_AUTO_TEST_CASE(a_ring_that_touches_itself_becomes_a_hole_or_two_parts_of_the_same_area) {
    // An 8 through one point: two squares. A ring that walks into itself and back: a hole.
    auto const eight = repair(
        test::polygon({{{0, 0}, {2, 0}, {2, 2}, {4, 2}, {4, 4}, {2, 4}, {2, 2}, {0, 2}, {0, 0}}}),
        1e-9);
    BOOST_REQUIRE(eight.has_value());
    BOOST_TEST(eight->part_ends.size() == 2u);
    BOOST_TEST(eight->multi);
    auto const inverted = repair(
        test::polygon({{{0, 0}, {9, 0}, {9, 9}, {0, 9}, {0, 0}, {2, 3}, {3, 2}, {0, 0}}}), 1e-9);
    BOOST_REQUIRE(inverted.has_value());
    BOOST_TEST(inverted->path_ends.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_repair_that_changes_the_area_is_refused) {
    Geometry const bow = test::polygon({{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}});
    BOOST_TEST(!repair(bow, 1e-4).has_value());
    // A small loop at a large square: 1 in 162 of its area.
    Geometry const loop =
        test::polygon({{{0, 0}, {9, 0}, {9, 4}, {10, 5}, {10, 4}, {9, 5}, {9, 9}, {0, 9}, {0, 0}}});
    BOOST_TEST(!repair(loop, 1e-4).has_value());
    BOOST_TEST(repair(loop, 0.01).has_value());
    // Overlapping parts: counted twice before, once after.
    Geometry const twice = test::multi_polygon({{rectangle(0, 0, 2, 2)}, {rectangle(1, 0, 3, 2)}});
    BOOST_TEST(!repair(twice, 1e-4).has_value());
}

BOOST_AUTO_TEST_CASE(what_encloses_nothing_cannot_be_repaired) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(!repair(test::polygon({{{0, 0}, {1, 1}, {2, 2}, {0, 0}}}), 1).has_value());
    BOOST_TEST(!repair(test::polygon({{{0, 0}, {1, 0}, {0, 0}}}), 1).has_value());
    BOOST_TEST(!repair(test::polygon({{{0, 0}, {nan, 0}, {1, 1}, {0, 0}}}), 1).has_value());
    BOOST_TEST(!repair(line({{0, 0}, {0, 0}}), 1).has_value());
}

BOOST_AUTO_TEST_CASE(repairs_of_random_rings_are_valid_and_keep_the_area_or_are_not_made) {
    std::mt19937_64 random{tests::seed()};
    Oracle oracle;
    std::size_t made = 0;
    for (int i = 0; i < 20'000; ++i) {
        Geometry const g = test::polygon({lattice_ring(random, 4 + random() % 6, 4)});
        auto const repaired = repair(g, 1e-4);
        if (!repaired) continue;
        ++made;
        BOOST_REQUIRE(oracle.valid(*repaired));
        double area = 0;
        for (std::size_t k = 0, ring = 0; k < repaired->part_ends.size(); ++k)
            for (std::size_t const exterior = ring; ring < repaired->part_ends[k]; ++ring)
                area += (ring == exterior ? 1 : -1) *
                        std::abs(geo::ops::planar_ring_area(repaired->path(ring)));
        double const before = std::abs(geo::ops::planar_ring_area(g.path(0)));
        BOOST_REQUIRE(std::abs(area - before) <= 1e-4 * before + 1e-9);
    }
    BOOST_TEST(made > 1'000u);
}

BOOST_AUTO_TEST_CASE(many_threads_judge_at_once) {
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&wrong, t] {
            std::mt19937_64 random{static_cast<std::uint64_t>(t)};
            Oracle oracle;
            for (int i = 0; i < 2'000; ++i) {
                Geometry const g = test::polygon({lattice_ring(random, 4 + random() % 90, 50)});
                if (validate(g).valid != oracle.valid(g)) ++wrong;
            }
        });
    for (auto& thread : threads) thread.join();
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(parcels_of_17_positions_are_proven_valid_in_about_a_microsecond) {
    geo::synthetic::ParcelGrid const grid{{.count = 20'000, .seed = 7}};
    std::vector<Geometry> parcels;
    geo::synthetic::Parcel parcel;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        grid.parcel(i, parcel);
        parcels.push_back(parcel.outline);
    }
    auto best = std::chrono::nanoseconds::max();
    std::size_t valid = 0;
    for (int round = 0; round < 5; ++round) {
        auto const start = std::chrono::steady_clock::now();
        for (auto const& g : parcels) valid += validate(g).valid ? 1 : 0;
        best = std::min(best, std::chrono::nanoseconds{std::chrono::steady_clock::now() - start});
    }
    BOOST_TEST(valid == 5 * parcels.size());
    auto const each = best.count() / static_cast<long>(parcels.size());
    BOOST_TEST_MESSAGE("validate: " << each << " ns a parcel of 17 positions");
    BOOST_WARN(each < 1'500); // a bound on time is no proof on a busy machine
}

BOOST_AUTO_TEST_SUITE_END()
