// Classes of a raster by zone, accuracy of maps, and parcels whose use is not what it should be.

#include "geo/error.hpp"
#include "geo/landuse/area_estimate.hpp"
#include "geo/landuse/class_areas.hpp"
#include "geo/landuse/sample_draw.hpp"
#include "geo/landuse/suspect.hpp"
#include "tests/geo/support.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace diaban;
using geo::Position;
using geo::raster::Frame;
using geo::raster::Window;
namespace landuse = geo::landuse;
using landuse::Label;

/// The label of a cell, from its place alone.
Label label_at(std::int32_t column, std::int32_t row) {
    auto const mixed =
        std::uint32_t(column / 3) * 2'654'435'761U ^ std::uint32_t(row / 5) * 40'503U;
    auto const label = (mixed >> 7U) % 8;
    return label == 7 ? landuse::unknown : Label(label);
}

void read_labels(Window const& window, std::span<Label> into) {
    std::size_t i = 0;
    for (auto row = window.row; row < window.row + window.rows; ++row)
        for (auto column = window.column; column < window.column + window.columns; ++column)
            into[i++] = label_at(column, row);
}

/// A star somewhere in a box, between `least` and `most` units wide.
geo::Geometry zone_in(std::mt19937_64& random, geo::Box const& box, double least, double most) {
    std::uniform_real_distribution<double> share{0, 1};
    double const size = least * std::pow(most / least, share(random));
    auto ring = test::star(random, 4 + random() % 40);
    double reach = 0;
    for (auto const& p : ring) reach = std::max({reach, std::abs(p.x), std::abs(p.y)});
    Position const at{box.min_x + size + (box.max_x - box.min_x - 2 * size) * share(random),
                      box.min_y + size + (box.max_y - box.min_y - 2 * size) * share(random)};
    for (auto& p : ring) p = {at.x + p.x / reach * size, at.y + p.y / reach * size};
    return test::polygon({ring});
}

/// By the shoelace formula about its first corner, in extended precision.
long double area_of(geo::Geometry const& zone) {
    auto const ring = zone.path(0);
    long double sum = 0;
    auto const x = [&](std::size_t i) { return static_cast<long double>(ring[i].x) - ring[0].x; };
    auto const y = [&](std::size_t i) { return static_cast<long double>(ring[i].y) - ring[0].y; };
    for (std::size_t i = 1; i < ring.size(); ++i) sum += x(i - 1) * y(i) - x(i) * y(i - 1);
    return std::abs(sum) / 2;
}

Frame const province{{900, 1100}, 540'000, 2'030'000, 10, 10, 0};

std::vector<geo::Geometry> zones_in(Frame const& frame, std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random{seed};
    std::vector<geo::Geometry> zones;
    for (std::size_t i = 0; i < count; ++i)
        zones.push_back(zone_in(random, frame.box(), 0.3, 4'000));
    return zones;
}

std::array<landuse::LabelReader, 3> const readers{read_labels, read_labels, read_labels};

bool refused(auto const& action, std::string const& type) {
    try {
        action();
    } catch (geo::Error const& error) {
        return error.type() == type;
    }
    return false;
}

/// Olofsson et al. 2014, table 8 and section 5: deforestation, forest gain, stable forest, stable
/// non-forest; pixels of 30 m.
std::array<std::uint64_t, 16> const olofsson_counts{66, 0, 5,   4,  0, 55, 8, 12,
                                                    1,  0, 153, 11, 2, 1,  9, 313};
std::array<double, 4> const olofsson_mapped{200'000 * 0.09, 150'000 * 0.09, 3'200'000 * 0.09,
                                            6'450'000 * 0.09}; // ha

} // namespace

BOOST_AUTO_TEST_SUITE(land_use)

BOOST_AUTO_TEST_CASE(classes_of_a_zone_sum_to_its_area_to_a_millionth_of_a_millionth) {
    auto const zones = zones_in(province, 300, tests::seed());
    auto const found = landuse::class_areas(province, zones, readers);
    BOOST_REQUIRE_EQUAL(found.size(), zones.size());
    for (std::size_t i = 0; i < zones.size(); ++i) {
        auto const area = double(area_of(zones[i]));
        double sum = 0;
        for (auto const& share : found[i].classes) {
            sum += share.cells * 100;
            BOOST_REQUIRE(share.core <= share.cells);
        }
        BOOST_REQUIRE_SMALL(sum / area - 1, 1e-12);
        BOOST_REQUIRE_SMALL(found[i].cells * 100 / area - 1, 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(each_class_is_the_sum_of_what_clipping_leaves_of_its_cells) {
    std::mt19937_64 random{tests::seed()};
    Frame const frame{{40, 700}, 0, 7'000, 10, 10, 0}; // three strips
    for (int round = 0; round < 20; ++round) {
        // Triangles: the share of a cell is the least of a plain clip at its four sides.
        std::uniform_real_distribution<double> x{0, 400};
        std::uniform_real_distribution<double> y{0, 7'000};
        Position const a{x(random), y(random)};
        Position const b{x(random), y(random)};
        Position const c{x(random), y(random)};
        std::vector const zones{test::polygon({{a, b, c, a}})};
        std::map<Label, double> expected;
        for (std::int32_t row = 0; row < frame.shape.rows; ++row)
            for (std::int32_t column = 0; column < frame.shape.columns; ++column) {
                std::vector<Position> ring{a, b, c};
                auto const box = frame.box(geo::raster::Cell{column, row});
                auto const clip = [&](auto const& depth) { // keeps what has depth of at least 0
                    std::vector<Position> kept;
                    for (std::size_t i = 0; i < ring.size(); ++i) {
                        auto const p = ring[i];
                        auto const q = ring[(i + 1) % ring.size()];
                        double const s = depth(p);
                        double const t = depth(q);
                        if (s >= 0) kept.push_back(p);
                        if ((s >= 0) != (t >= 0)) {
                            double const u = s / (s - t);
                            kept.push_back({p.x + u * (q.x - p.x), p.y + u * (q.y - p.y)});
                        }
                    }
                    ring = kept;
                };
                clip([&](Position p) { return p.x - box.min_x; });
                clip([&](Position p) { return box.max_x - p.x; });
                clip([&](Position p) { return p.y - box.min_y; });
                clip([&](Position p) { return box.max_y - p.y; });
                double twice = 0;
                for (std::size_t i = 0; i < ring.size(); ++i) {
                    auto const& p = ring[i];
                    auto const& q = ring[(i + 1) % ring.size()];
                    twice += (p.x - box.min_x) * (q.y - box.min_y) -
                             (q.x - box.min_x) * (p.y - box.min_y);
                }
                if (twice != 0) expected[label_at(column, row)] += std::abs(twice) / 2 / 100;
            }
        auto const found = landuse::class_areas(frame, zones, readers);
        for (auto const& [label, cells] : expected)
            BOOST_REQUIRE_SMALL(found[0].cells_of(label) - cells, 1e-7);
    }
}

BOOST_AUTO_TEST_CASE(threads_leave_no_trace_and_each_zone_is_as_if_alone) {
    auto const zones = zones_in(province, 60, tests::seed());
    auto const together = landuse::class_areas(province, zones, readers);
    for (std::size_t i = 0; i < zones.size(); ++i) {
        auto const alone = landuse::class_areas(province, {&zones[i], 1}, {readers.data(), 1});
        BOOST_REQUIRE_EQUAL(alone[0].cells, together[i].cells);
        BOOST_REQUIRE_EQUAL(alone[0].classes.size(), together[i].classes.size());
        for (std::size_t k = 0; k < alone[0].classes.size(); ++k) {
            BOOST_REQUIRE_EQUAL(alone[0].classes[k].label, together[i].classes[k].label);
            BOOST_REQUIRE_EQUAL(alone[0].classes[k].cells, together[i].classes[k].cells);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_told_to_stop_stops_after_the_strip_under_way) {
    auto const zones = zones_in(province, 60, tests::seed());
    int told = 0;
    BOOST_TEST(refused(
        [&] {
            static_cast<void>(landuse::class_areas(province, zones, {readers.data(), 1},
                                                   [&](std::uint64_t, std::uint64_t) {
                                                       ++told;
                                                       return false;
                                                   }));
        },
        "stopped"));
    BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_CASE(progress_ends_with_all_rows) {
    std::uint64_t last = 0;
    auto const zones = zones_in(province, 5, tests::seed());
    static_cast<void>(
        landuse::class_areas(province, zones, readers, [&](std::uint64_t done, std::uint64_t of) {
            BOOST_TEST(done > last);
            BOOST_TEST(of == 1100);
            last = done;
            return true;
        }));
    BOOST_TEST(last == 1100);
}

BOOST_AUTO_TEST_CASE(a_change_is_two_classes_in_one_label) {
    BOOST_TEST(landuse::before_of(landuse::change_label(2, 5)) == 2);
    BOOST_TEST(landuse::after_of(landuse::change_label(2, 5)) == 5);
    BOOST_TEST(landuse::change_label(2, landuse::unknown) == landuse::unknown);
    BOOST_TEST(landuse::change_label(landuse::unknown, 2) == landuse::unknown);
}

BOOST_AUTO_TEST_CASE(the_worked_example_of_olofsson_comes_out_to_all_printed_digits) {
    auto const found = landuse::map_accuracy(olofsson_counts, olofsson_mapped);
    BOOST_TEST(std::abs(found.overall.value - 0.946512) < 5e-7);
    BOOST_TEST(std::abs(found.overall.half_width - 0.018484) < 5e-7);
    std::array const users{0.880000, 0.733333, 0.927273, 0.963077};
    std::array const areas{21'157.76, 11'686.15, 285'769.93, 581'386.15};
    std::array const widths{6'157.63, 3'755.83, 15'509.84, 16'281.66};
    for (std::size_t i = 0; i < 4; ++i) {
        BOOST_TEST(std::abs(found.users[i].value - users[i]) < 5e-7);
        BOOST_TEST(std::abs(found.areas[i].value - areas[i]) < 0.005001);
        BOOST_TEST(std::abs(found.areas[i].half_width - widths[i]) < 0.005001);
    }
}

BOOST_AUTO_TEST_CASE(estimated_areas_sum_to_the_map_and_intervals_are_those_of_small_changes) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 100; ++round) {
        std::size_t const classes = 2 + random() % 5;
        std::vector<std::uint64_t> counts(classes * classes);
        for (auto& count : counts) count = random() % 60;
        for (std::size_t i = 0; i < classes; ++i) counts[i * classes + i] += 5;
        std::vector<double> mapped(classes);
        for (auto& area : mapped) area = 1 + double(random() % 100'000);
        auto const found = landuse::map_accuracy(counts, mapped, 1);
        double const whole = std::reduce(mapped.begin(), mapped.end());
        double sum = 0;
        for (auto const& area : found.areas) sum += area.value;
        BOOST_REQUIRE_SMALL(sum / whole - 1, 1e-12);
        // The delta method with slopes by differences, rates of each row being multinomial.
        std::vector<double> rates(counts.begin(), counts.end());
        std::vector<double> drawn(classes, 0);
        for (std::size_t i = 0; i < counts.size(); ++i) drawn[i / classes] += rates[i];
        for (std::size_t i = 0; i < counts.size(); ++i) rates[i] /= drawn[i / classes];
        auto const producers = [&](std::vector<double> const& p, std::size_t j) {
            double all = 0;
            for (std::size_t i = 0; i < classes; ++i) all += mapped[i] * p[i * classes + j];
            return mapped[j] * p[j * classes + j] / all;
        };
        for (std::size_t j = 0; j < classes; ++j) {
            double variance = 0;
            for (std::size_t i = 0; i < classes; ++i) {
                double mean = 0;
                double squares = 0;
                for (std::size_t k = 0; k < classes; ++k) {
                    constexpr double step = 1e-6;
                    auto up = rates;
                    auto down = rates;
                    up[i * classes + k] += step;
                    down[i * classes + k] -= step;
                    double const slope = (producers(up, j) - producers(down, j)) / (2 * step);
                    mean += rates[i * classes + k] * slope;
                    squares += rates[i * classes + k] * slope * slope;
                }
                variance += (squares - mean * mean) / (drawn[i] - 1);
            }
            BOOST_REQUIRE_SMALL(found.producers[j].value - producers(rates, j), 1e-12);
            BOOST_REQUIRE_SMALL(found.producers[j].half_width - std::sqrt(variance), 1e-6);
        }
    }
}

BOOST_AUTO_TEST_CASE(samples_that_say_nothing_are_refused) {
    auto const asked = [](std::vector<std::uint64_t> const& counts,
                          std::vector<double> const& mapped) {
        return refused([&] { static_cast<void>(landuse::map_accuracy(counts, mapped)); },
                       "bad-sample");
    };
    BOOST_TEST(asked({1, 2, 3}, {1, 1}));
    BOOST_TEST(asked({5}, {1}));
    BOOST_TEST(asked({1, 0, 3, 4}, {1, 1}));
    BOOST_TEST(asked({4, 1, 3, 4}, {0, 0}));
    BOOST_TEST(asked({4, 1, 3, 4}, {-1, 2}));
    BOOST_TEST(!asked({0, 0, 3, 4}, {0, 2})); // nothing is mapped as the first
}

BOOST_AUTO_TEST_CASE(sample_sizes_are_those_of_olofsson) {
    // Section 5.1: user's accuracies .70, .60, .90, .95 are conjectured, S(Ô) = .01 gives 641.
    std::array<landuse::Stratum, 4> const strata{
        {{0.02, 0.70}, {0.015, 0.60}, {0.32, 0.90}, {0.645, 0.95}}};
    auto const found = landuse::sample_size(strata, 0.01, 75);
    BOOST_TEST(found.total == 641U);
    BOOST_TEST(std::reduce(found.by_stratum.begin(), found.by_stratum.end()) == 641U);
    for (auto const units : found.by_stratum) BOOST_TEST(units >= 75U);
    BOOST_TEST(found.expected_error > 0.0099);
    BOOST_TEST(found.expected_error < 0.012);
    auto const by_area = landuse::sample_size(strata, 0.01, 0);
    BOOST_TEST(by_area.by_stratum[3] == 413U); // 641 × .645 = 413.4
    BOOST_TEST(by_area.by_stratum[2] == 205U); // 205.1
}

BOOST_AUTO_TEST_CASE(a_sample_is_shared_out_whole) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> share{0, 1};
    for (int round = 0; round < 200; ++round) {
        std::vector<landuse::Stratum> strata(2 + random() % 8);
        for (auto& stratum : strata)
            stratum = {random() % 5 == 0 ? 0 : share(random), share(random)};
        strata[0].mapped += 0.1;
        auto const found = landuse::sample_size(strata, 0.02, random() % 60);
        BOOST_REQUIRE_EQUAL(std::reduce(found.by_stratum.begin(), found.by_stratum.end()),
                            found.total);
        for (std::size_t i = 0; i < strata.size(); ++i)
            BOOST_REQUIRE(strata[i].mapped > 0 || found.by_stratum[i] == 0);
    }
}

BOOST_AUTO_TEST_CASE(cells_are_drawn_once_each_of_the_class_they_are_drawn_for) {
    auto const seed = tests::seed();
    Frame const frame{{70, 200}, 0, 2'000, 10, 10, 0};
    auto const there = landuse::count_labels(frame, read_labels);
    std::uint64_t all = 0;
    for (auto const& [label, count] : there) all += count;
    BOOST_REQUIRE_EQUAL(all, frame.shape.cells());
    std::map<Label, std::uint64_t> const wanted{{0, 40}, {1, 1}, {2, 1'000'000}, {3, 0}, {99, 5}};
    auto const drawn = landuse::draw_cells(frame, read_labels, there, wanted, seed);
    std::map<Label, std::uint64_t> counts;
    std::set<std::size_t> cells;
    for (auto const& one : drawn) {
        BOOST_REQUIRE_EQUAL(one.label, label_at(one.cell.column, one.cell.row));
        cells.insert(frame.shape.index(one.cell.column, one.cell.row));
        ++counts[one.label];
    }
    BOOST_TEST(cells.size() == drawn.size());
    BOOST_TEST((counts == std::map<Label, std::uint64_t>{{0, 40}, {1, 1}, {2, there.at(2)}}));
    auto const again = landuse::draw_cells(frame, read_labels, there, wanted, seed);
    BOOST_REQUIRE_EQUAL(again.size(), drawn.size());
    for (std::size_t i = 0; i < drawn.size(); ++i) BOOST_TEST((again[i].cell == drawn[i].cell));
}

BOOST_AUTO_TEST_CASE(every_cell_of_a_class_is_as_likely_as_any_other) {
    Frame const frame{{30, 1}, 0, 1, 1, 1, 0};
    auto const alike = [](Window const&, std::span<Label> into) { std::ranges::fill(into, 1); };
    std::array<int, 30> times{};
    for (std::uint64_t seed = 0; seed < 2'000; ++seed)
        for (auto const& one : landuse::draw_cells(frame, alike, {{1, 30}}, {{1, 3}}, seed))
            ++times[std::size_t(one.cell.column)];
    // 200 each, with a standard deviation of 13.4; the seeds are the same in every run.
    for (int const count : times) BOOST_TEST(std::abs(count - 200) < 55);
}

BOOST_AUTO_TEST_CASE(parcels_are_suspect_for_what_neither_register_nor_plan_allows) {
    std::array<landuse::CoverRules::Rule, 3> const known{
        {{"LUC", "crop"}, {"LUC", "water"}, {"ODT", "built"}}};
    landuse::CoverRules const rules{known};
    std::vector<landuse::SeenCover> const rice{{"crop", 300, 250, 0.9}};
    std::vector<landuse::SeenCover> const house{{"built", 180, 100, 0.9}, {"crop", 120, 50, 0.9}};
    std::vector<landuse::SeenCover> const shed{{"built", 90, 0, 0.9}, {"crop", 210, 150, 0.9}};
    auto const planned_rice = landuse::judge({"LUC", "LUC"}, house, rules, 100);
    BOOST_REQUIRE(planned_rice);
    BOOST_TEST((planned_rice->reason == landuse::SuspectReason::departs));
    BOOST_TEST((planned_rice->certainty == landuse::Certainty::medium)); // 162 m², core 90 m²
    BOOST_TEST(planned_rice->cover == "built");
    BOOST_TEST(planned_rice->area_m2 == 180);
    auto const planned_home = landuse::judge({"LUC", "ODT"}, house, rules, 100);
    BOOST_REQUIRE(planned_home);
    BOOST_TEST((planned_home->reason == landuse::SuspectReason::change_record_missing));
    BOOST_TEST(!landuse::judge({"LUC", "LUC"}, shed, rules, 100)); // below the mapping area
    BOOST_TEST(!landuse::judge({"LUC", "LUC"}, rice, rules, 100));
    BOOST_TEST(!landuse::judge({"LUC", "ODT"}, rice, rules, 100)); // not carried out yet
    BOOST_TEST(!landuse::judge({"NCS", ""}, house, rules, 100));   // nothing is said of it
    auto const unplanned = landuse::judge({"LUC", ""}, house, rules, 100);
    BOOST_REQUIRE(unplanned);
    BOOST_TEST((unplanned->reason == landuse::SuspectReason::departs));
    BOOST_TEST(
        (landuse::judge({"LUC", "LUC"}, house, rules, 90)->certainty == landuse::Certainty::high));
    BOOST_TEST(
        (landuse::judge({"LUC", "LUC"}, house, rules, 170)->certainty == landuse::Certainty::low));
}

BOOST_AUTO_TEST_SUITE_END()
