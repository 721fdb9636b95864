// Vehicles in and out of zones.

#include "geo/watch/fences.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <ostream>
#include <set>
#include <tuple>

namespace diaban::geo::watch {

std::ostream& operator<<(std::ostream& out, Movement const& one) {
    return out << "vehicle " << one.vehicle << " zone " << one.zone << " does " << int(one.passage)
               << " at " << one.at.microseconds;
}

} // namespace diaban::geo::watch

namespace {

using namespace diaban::geo;
using watch::FenceRule;
using watch::Fences;
using watch::Movement;
using watch::Passage;
using watch::Zone;

constexpr std::int64_t second = 1'000'000;
constexpr double metres_a_degree = 6'371'008.8 * std::numbers::pi / 180;

Geometry square(double west, double south, double side) {
    auto shape = diaban::test::polygon({{{west, south},
                                         {west + side, south},
                                         {west + side, south + side},
                                         {west, south + side},
                                         {west, south}}});
    shape.srid = 4326;
    return shape;
}

/// As many metres north of a position.
Position north(Position p, double metres) {
    return {p.x, p.y + metres / metres_a_degree};
}

double distance(Position p, Position a, Position b) {
    double const dx = b.x - a.x;
    double const dy = b.y - a.y;
    double const t =
        std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy), 0.0, 1.0);
    return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

bool properly_cross(Position a, Position b, Position c, Position d) {
    auto const side = [](Position p, Position q, Position r) {
        return (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    };
    return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/// One zone after the other, each edge by itself, inside by the sum of angles; in a plane of its
/// own.
class Oracle {
public:
    Oracle(std::vector<Zone> const& zones, FenceRule rule, double middle)
        : m_rule{rule}, m_scale{metres_a_degree * std::cos(middle * std::numbers::pi / 180)} {
        for (auto const& zone : zones) {
            m_zones.push_back(zone);
            for (auto& p : m_zones.back().shape.positions) p = plane(p);
        }
    }

    std::vector<Movement> move(std::int64_t vehicle, Position position, Instant at) {
        std::vector<Movement> done;
        auto const p = plane(position);
        auto const before = m_last.find(vehicle);
        if (before != m_last.end() && at <= before->second.second) return done;
        for (auto const& zone : m_zones) {
            auto const [depth, crossed] =
                look(zone.shape, p, before == m_last.end() ? p : before->second.first);
            auto const key = std::pair{vehicle, zone.id};
            auto const stay = m_stays.find(key);
            if (stay == m_stays.end()) {
                if (depth >= 0) {
                    m_stays[key] = {at, false};
                    done.push_back({vehicle, zone.id, Passage::enter, at});
                } else if (m_rule.crossings && crossed && before != m_last.end() &&
                           at.microseconds - before->second.second.microseconds <=
                               m_rule.longest_gap) {
                    done.push_back({vehicle, zone.id, Passage::cross, at});
                }
            } else if (depth < -m_rule.margin) {
                m_stays.erase(stay);
                done.push_back({vehicle, zone.id, Passage::exit, at});
            } else if (m_rule.dwell > 0 && !stay->second.second &&
                       at.microseconds - stay->second.first.microseconds >= m_rule.dwell) {
                stay->second.second = true;
                done.push_back({vehicle, zone.id, Passage::dwell, at});
            }
        }
        std::ranges::sort(done, {}, &Movement::zone);
        m_last[vehicle] = {p, at};
        return done;
    }

private:
    [[nodiscard]] Position plane(Position p) const {
        return {p.x * m_scale, p.y * metres_a_degree};
    }

    [[nodiscard]] static std::pair<double, bool> look(Geometry const& shape, Position p,
                                                      Position before) {
        double nearest = 1e300;
        double angle = 0;
        bool crossed = false;
        for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
            auto const ring = shape.path(i);
            for (std::size_t k = 1; k < ring.size(); ++k) {
                auto const a = ring[k - 1];
                auto const b = ring[k];
                nearest = std::min(nearest, distance(p, a, b));
                crossed |= properly_cross(before, p, a, b);
                angle += std::remainder(std::atan2(b.y - p.y, b.x - p.x) -
                                            std::atan2(a.y - p.y, a.x - p.x),
                                        2 * std::numbers::pi);
            }
        }
        bool const inside = std::abs(angle) > std::numbers::pi;
        return {inside ? nearest : -nearest, crossed};
    }

    FenceRule m_rule;
    double m_scale;
    std::vector<Zone> m_zones;
    std::map<std::pair<std::int64_t, std::int64_t>, std::pair<Instant, bool>> m_stays;
    std::map<std::int64_t, std::pair<Position, Instant>> m_last;
};

} // namespace

BOOST_AUTO_TEST_SUITE(fences)

BOOST_AUTO_TEST_CASE(a_vehicle_that_hovers_on_a_border_for_ten_minutes_enters_once) {
    std::mt19937_64 random{diaban::tests::seed()};
    std::normal_distribution<double> noise{0, 6}; // metres, as of a receiver
    Fences fences{{{7, square(105.9, 18.3, 0.01)}}, {.margin = 40}};
    std::vector<Movement> done;
    for (int i = 0; i <= 600; ++i)
        fences.move(1, north({105.905, 18.31}, noise(random)), {i * second}, done);
    BOOST_REQUIRE(done.size() == 1U);
    BOOST_TEST((done[0].passage == Passage::enter));
    fences.move(1, north({105.905, 18.31}, 39), {601 * second}, done);
    BOOST_TEST(done.size() == 1U);
    fences.move(1, north({105.905, 18.31}, 41), {602 * second}, done);
    BOOST_REQUIRE(done.size() == 2U);
    BOOST_TEST((done[1].passage == Passage::exit));
    BOOST_TEST(fences.zones_of(1).empty());
}

BOOST_AUTO_TEST_CASE(a_stay_is_told_once_when_it_lasts) {
    Fences fences{{{7, square(105.9, 18.3, 0.01)}}, {.margin = 10, .dwell = 60 * second}};
    std::vector<Movement> done;
    for (int i = 0; i <= 200; i += 20) fences.move(1, {105.905, 18.305}, {i * second}, done);
    BOOST_REQUIRE(done.size() == 2U);
    BOOST_TEST((done[1].passage == Passage::dwell));
    BOOST_TEST(done[1].at.microseconds == 60 * second);
}

BOOST_AUTO_TEST_CASE(passing_through_between_two_positions_is_told_unless_they_lie_too_far_apart) {
    FenceRule rule;
    rule.crossings = true;
    rule.longest_gap = 60 * second;
    Fences fences{{{7, square(105.9, 18.3, 0.01)}}, rule};
    std::vector<Movement> done;
    fences.move(1, {105.89, 18.305}, {0}, done);
    fences.move(1, {105.92, 18.305}, {60 * second}, done);
    BOOST_REQUIRE(done.size() == 1U);
    BOOST_TEST((done[0].passage == Passage::cross));
    fences.move(1, {105.89, 18.305}, {121 * second}, done); // a second too long
    fences.move(1, {105.89, 18.295}, {122 * second}, done); // beside it
    fences.move(1, {105.92, 18.295}, {123 * second}, done);
    BOOST_TEST(done.size() == 1U);
    fences.move(1, {105.905, 18.305}, {124 * second}, done); // in, and out again: no crossing
    fences.move(1, {105.92, 18.305}, {125 * second}, done);
    BOOST_REQUIRE(done.size() == 3U);
    BOOST_TEST((done[2].passage == Passage::exit));
}

BOOST_AUTO_TEST_CASE(positions_that_are_late_or_none_change_nothing) {
    Fences fences{{{7, square(105.9, 18.3, 0.01)}}, {}};
    std::vector<Movement> done;
    fences.move(1, {105.8, 18.305}, {10}, done);
    fences.move(1, {105.905, 18.305}, {10}, done);
    fences.move(1, {105.905, 18.305}, {9}, done);
    fences.move(1, {std::nan(""), 18.305}, {11}, done);
    BOOST_TEST(done.empty());
    fences.move(1, {105.905, 18.305}, {11}, done);
    BOOST_TEST(done.size() == 1U);
}

BOOST_AUTO_TEST_CASE(stays_outlive_other_zones_and_end_with_their_own) {
    Fences fences{{{7, square(105.9, 18.3, 0.01)}, {8, square(105.9, 18.3, 0.02)}}, {}};
    std::vector<Movement> done;
    fences.move(1, {105.905, 18.305}, {1}, done);
    BOOST_TEST(fences.zones_of(1) == (std::vector<std::int64_t>{7, 8}),
               boost::test_tools::per_element());
    done.clear();
    fences.replace({{8, square(105.9, 18.3, 0.02)}, {9, square(100, 10, 1)}}, {2}, done);
    BOOST_REQUIRE(done.size() == 1U);
    BOOST_TEST((done[0] == Movement{1, 7, Passage::ended, {2}}));
    done.clear();
    fences.move(1, {105.905, 18.306}, {3}, done);
    BOOST_TEST(done.empty());
    fences.move(1, {105.95, 18.306}, {4}, done);
    BOOST_REQUIRE(done.size() == 1U);
    BOOST_TEST((done[0].passage == Passage::exit));
    BOOST_TEST(fences.forget({4}) == 0U);
    BOOST_TEST(fences.forget({5}) == 1U);
    BOOST_TEST(fences.vehicles() == 0U);
}

BOOST_AUTO_TEST_CASE(a_watch_that_begins_anew_goes_on_with_stays_as_they_were) {
    std::vector<Zone> const zones{{7, square(105.9, 18.3, 0.01)}};
    Fences fences{zones, {.margin = 10, .dwell = 60 * second}};
    fences.place(1, {105.905, 18.305}, {0});
    fences.place(2, {105.905, 18.305}, {0});
    BOOST_TEST(fences.resume(1, 7, {0}, false));
    BOOST_TEST(!fences.resume(1, 8, {0}, false)); // no such zone
    BOOST_TEST(!fences.resume(3, 7, {0}, false)); // no such vehicle
    std::vector<Movement> done;
    fences.move(1, {105.906, 18.305}, {second}, done);
    BOOST_TEST(done.empty());
    fences.look({2 * second}, done); // who stood there without a stay enters
    BOOST_REQUIRE(done.size() == 1U);
    BOOST_TEST((done[0] == Movement{2, 7, Passage::enter, {2 * second}}));
    done.clear();
    fences.wait({59 * second}, done);
    BOOST_TEST(done.empty());
    fences.wait({60 * second}, done);
    fences.wait({61 * second}, done); // once a stay
    BOOST_REQUIRE(done.size() == 1U);
    BOOST_TEST((done[0] == Movement{1, 7, Passage::dwell, {60 * second}}));
    done.clear();
    fences.remove(1, {70 * second}, done);
    BOOST_REQUIRE(done.size() == 1U);
    BOOST_TEST((done[0] == Movement{1, 7, Passage::ended, {70 * second}}));
}

BOOST_AUTO_TEST_CASE(who_stands_still_leaves_a_zone_that_moves_away_and_enters_one_that_comes) {
    Fences fences{{{7, square(105.9, 18.3, 0.01)}, {8, square(106, 18.3, 0.01)}}, {.margin = 10}};
    std::vector<Movement> done;
    fences.move(1, {105.905, 18.305}, {1}, done);
    done.clear();
    fences.replace({{7, square(106, 18.3, 0.01)}, {8, square(105.9, 18.3, 0.01)}}, {2}, done);
    BOOST_TEST(done.empty());
    fences.look({2}, done);
    BOOST_REQUIRE(done.size() == 2U);
    BOOST_TEST((done[0] == Movement{1, 7, Passage::exit, {2}}));
    BOOST_TEST((done[1] == Movement{1, 8, Passage::enter, {2}}));
}

BOOST_AUTO_TEST_CASE(what_is_no_polygon_is_never_entered) {
    Geometry point;
    point.kind = GeometryKind::point;
    point.positions = {{105.9, 18.3}};
    Fences fences{{{1, point}, {2, {}}}, {}};
    std::vector<Movement> done;
    fences.move(1, {105.9, 18.3}, {1}, done);
    BOOST_TEST(done.empty());
}

BOOST_AUTO_TEST_CASE(every_movement_is_that_of_a_look_at_each_zone_by_itself) {
    std::mt19937_64 random{diaban::tests::seed()};
    std::uniform_real_distribution<double> unit{0, 1};
    std::map<Passage, std::size_t> counts;
    for (int round = 0; round < 40; ++round) {
        FenceRule rule;
        rule.margin = round % 4 == 0 ? 0 : 100 * unit(random);
        rule.crossings = round % 2 == 0;
        rule.dwell = round % 3 == 0 ? 0 : std::int64_t(1 + random() % 40) * second;
        rule.longest_gap = 8 * second;
        std::vector<Zone> zones;
        Box all;
        for (std::int64_t id = 1; id <= 60; ++id) {
            auto const corners = id == 60 ? std::size_t{400} : 3 + random() % 90;
            auto ring = diaban::test::star(random, corners);
            double reach = 0;
            for (auto const& p : ring) reach = std::max({reach, std::abs(p.x), std::abs(p.y)});
            double const size = 0.001 + 0.03 * unit(random);
            Position const at{105.8 + 0.2 * unit(random), 18.2 + 0.2 * unit(random)};
            for (auto& p : ring) p = {at.x + p.x / reach * size, at.y + p.y / reach * size};
            zones.push_back({id, diaban::test::polygon({ring})});
            all.extend(zones.back().shape.box());
        }
        Oracle oracle{zones, rule, (all.min_y + all.max_y) / 2};
        Fences fences{zones, rule};
        std::map<std::int64_t, Position> where;
        for (std::int64_t i = 0; i < 3000; ++i) {
            auto const vehicle = std::int64_t(random() % 20);
            auto& p = where
                          .try_emplace(vehicle, Position{105.8 + 0.2 * unit(random),
                                                         18.2 + 0.2 * unit(random)})
                          .first->second;
            double const step = random() % 4 == 0 ? 0.05 : 0.002;
            p = {std::clamp(p.x + step * (unit(random) - 0.5), 105.75, 106.05),
                 std::clamp(p.y + step * (unit(random) - 0.5), 18.15, 18.45)};
            Instant const at{i * second / 2};
            std::vector<Movement> done;
            fences.move(vehicle, p, at, done);
            auto const expected = oracle.move(vehicle, p, at);
            BOOST_TEST_REQUIRE(done == expected, boost::test_tools::per_element());
            for (auto const& one : done) ++counts[one.passage];
        }
    }
    for (auto const passage : {Passage::enter, Passage::exit, Passage::cross, Passage::dwell})
        BOOST_TEST(counts[passage] > 100U);
}

BOOST_AUTO_TEST_SUITE_END()
