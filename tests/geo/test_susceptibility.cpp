// Susceptibility overlays, against planted slides and areas counted pair by pair.

#include "geo/hazard/susceptibility.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <random>
#include <vector>

namespace {

using namespace diaban;
using namespace diaban::geo::hazard;

/// A plane whose factor has four classes in patches; slides by class, and none that hang on place.
struct Planted {
    geo::raster::Shape shape{300, 300};
    std::vector<std::uint8_t> factor;
    std::vector<std::uint8_t> noise;
    std::vector<Slides> slides;

    Planted(std::mt19937_64& random, std::array<double, 5> const& share) {
        std::uniform_real_distribution<double> dice{0, 1};
        std::vector<std::uint8_t> patch(30 * 30);
        for (auto& one : patch) one = std::uint8_t(1 + random() % 4);
        for (std::int32_t row = 0; row < shape.rows; ++row)
            for (std::int32_t column = 0; column < shape.columns; ++column) {
                auto const of = patch[std::size_t(row / 10 * 30 + column / 10)];
                factor.push_back(of);
                noise.push_back(std::uint8_t(1 + random() % 6));
                slides.push_back(dice(random) < share[of] ? Slides::some : Slides::none);
            }
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(an_area_under_the_curve_is_that_of_all_pairs) {
    std::mt19937_64 random{tests::seed()};
    for (int round = 0; round < 50; ++round) {
        std::vector<double> positives(1 + random() % 30);
        std::vector<double> negatives(1 + random() % 30);
        for (auto* const list : {&positives, &negatives})
            for (auto& one : *list) one = double(random() % 8);
        double sum = 0;
        for (double const p : positives)
            for (double const n : negatives) sum += p > n ? 1 : p == n ? 0.5 : 0;
        BOOST_TEST(std::abs(area_under_curve(positives, negatives) -
                            sum / double(positives.size() * negatives.size())) < 1e-12);
    }
    BOOST_TEST(std::isnan(area_under_curve({}, std::vector<double>{1})));
}

BOOST_AUTO_TEST_CASE(weights_are_logarithms_of_shares) {
    std::vector<std::uint8_t> const factor{1, 1, 1, 1, 2, 2, 2, 2, 0};
    std::vector<Slides> slides(9, Slides::none);
    slides[0] = slides[1] = slides[4] = Slides::some;
    std::vector<std::uint8_t> const counts(9, 1);
    std::vector<FactorClasses> const factors{factor};
    auto const weights = class_weights(factors, slides, counts);
    BOOST_TEST(std::abs(weights[0][1] - std::log(2.5 / 5 / (3.0 / 8))) < 1e-12);
    BOOST_TEST(std::abs(weights[0][2] - std::log(1.5 / 5 / (3.0 / 8))) < 1e-12);
    BOOST_TEST(weights[0][0] == 0);
    BOOST_TEST(weights[0][3] == 0);
}

BOOST_AUTO_TEST_CASE(planted_slides_are_told_as_well_as_their_shares_allow) {
    std::mt19937_64 random{tests::seed()};
    std::array<double, 5> const share{0, 0.001, 0.002, 0.01, 0.05};
    Planted const ground{random, share};
    std::vector<FactorClasses> const factors{ground.factor, ground.noise};
    ValidationOptions options;
    options.block = 30;
    options.seed = random();
    auto const found = cross_validate(ground.shape, factors, ground.slides, options);
    // What the classes themselves give, were they known: classes in equal parts.
    double sum = 0;
    double with = 0;
    double without = 0;
    for (int a = 1; a < 5; ++a) {
        with += share[std::size_t(a)];
        without += 1 - share[std::size_t(a)];
        for (int b = 1; b < 5; ++b)
            sum += share[std::size_t(a)] * (1 - share[std::size_t(b)]) *
                   (a > b    ? 1
                    : a == b ? 0.5
                             : 0);
    }
    double const best = sum / with / without;
    BOOST_TEST_MESSAGE("planted " << best << ", found " << found.auc << " (" << found.low << " to "
                                  << found.high << ")");
    BOOST_TEST(std::abs(found.auc - best) < 0.04);
    BOOST_TEST(found.low < found.auc);
    BOOST_TEST(found.high > found.auc);
    BOOST_TEST(found.high - found.low < 0.12);
    BOOST_TEST(found.folds.size() == 5U);
    BOOST_TEST(found.blocks == 100U);
    BOOST_TEST(found.cells == 90'000U);
}

BOOST_AUTO_TEST_CASE(slides_that_hang_on_nothing_are_not_told) {
    std::mt19937_64 random{tests::seed()};
    Planted const ground{random, {0, 0.02, 0.02, 0.02, 0.02}};
    std::vector<FactorClasses> const factors{ground.factor, ground.noise};
    ValidationOptions options;
    options.block = 30;
    options.seed = random();
    auto const found = cross_validate(ground.shape, factors, ground.slides, options);
    BOOST_TEST(std::abs(found.auc - 0.5) < 0.06);
}

BOOST_AUTO_TEST_CASE(unsurveyed_cells_and_cells_without_a_factor_do_not_count) {
    std::mt19937_64 random{tests::seed()};
    Planted ground{random, {0, 0.01, 0.01, 0.02, 0.05}};
    for (std::size_t i = 0; i < 1000; ++i) ground.slides[i] = Slides::unsurveyed;
    for (std::size_t i = 1000; i < 1500; ++i) ground.noise[i] = 0;
    std::vector<FactorClasses> const factors{ground.factor, ground.noise};
    ValidationOptions options;
    options.resamples = 0;
    BOOST_TEST(cross_validate(ground.shape, factors, ground.slides, options).cells == 88'500U);
}
