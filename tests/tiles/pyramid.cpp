#include "tiles/pyramid/pyramid.hpp"

#include "geo/synthetic/random.hpp"
#include "tests/support/drawn_area.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/parcel_rows.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

using namespace diaban;
using namespace tiles::pyramid;
using tiles::TileId;

namespace {

geo::Policy const everything = geo::Policy::everything();
geo::Box const ground{105.8, 18.2, 106.0, 18.4};

Plan plan_of(std::uint32_t block_units = 32) {
    return {"parcels", geo::GeometryKind::polygon, "land_use", {}, 13, 5, block_units};
}

struct Made {
    std::shared_ptr<Keys> keys = std::make_shared<Keys>();
    tests::PolygonRows rows;
};

void make(Made& made, std::uint64_t count, std::uint32_t scopes = 3) {
    geo::synthetic::ParcelGridPlan plan;
    plan.count = count;
    plan.box = ground;
    tests::add_parcels(plan, scopes, *made.keys, made.rows);
}

std::string cut(Pyramid const& pyramid, TileId tile, geo::Policy const& policy = everything,
                CutQuestion const& question = {}) {
    std::string body;
    pyramid.cut(tile, question, policy, body);
    return body;
}

std::string text(tests::ReadFeature const& feature, char const* name) {
    return feature.tags.contains(name) ? std::get<std::string>(feature.tags.at(name)) : "";
}
std::int64_t count_of(tests::ReadFeature const& feature) {
    return std::get<std::int64_t>(feature.tags.at("count"));
}

/// The rows' areas in a tile by class, in square units.
std::map<std::string, double> exact_areas(Made const& made, TileId tile) {
    double const side = double(1U << (31 - tile.zoom()));
    std::array const box{tile.x() * side, tile.y() * side, (tile.x() + 1) * side,
                         (tile.y() + 1) * side};
    double const unit = side / 4096;
    std::map<std::string, double> areas;
    for (std::size_t i = 0; i < made.rows.size(); ++i) {
        if (made.rows.gone[i]) continue;
        auto const row = made.rows.row(i);
        auto const ring =
            row.points.subspan(row.path_begin[0], row.path_begin[1] - row.path_begin[0]);
        areas[(*made.keys)[row.key].class_value] += tests::area_within(ring, box) / (unit * unit);
    }
    return areas;
}

/// A shade of grey for each class.
double shade_of(std::string const& class_value) {
    return 20 + double(geo::synthetic::mix(std::hash<std::string>{}(class_value)) % 216);
}

/// Wang, Bovik, Sheikh and Simoncelli (2004), equation 13, over the whole of two pictures of 8
/// bits.
double structural_similarity(std::vector<double> const& a, std::vector<double> const& b) {
    auto const n = double(a.size());
    double const mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
    double const mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
    double var_a = 0;
    double var_b = 0;
    double both = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        var_a += (a[i] - mean_a) * (a[i] - mean_a) / n;
        var_b += (b[i] - mean_b) * (b[i] - mean_b) / n;
        both += (a[i] - mean_a) * (b[i] - mean_b) / n;
    }
    constexpr double c1 = (0.01 * 255) * (0.01 * 255);
    constexpr double c2 = (0.03 * 255) * (0.03 * 255);
    return (2 * mean_a * mean_b + c1) * (2 * both + c2) /
           ((mean_a * mean_a + mean_b * mean_b + c1) * (var_a + var_b + c2));
}

} // namespace

BOOST_AUTO_TEST_SUITE(pyramid)

BOOST_AUTO_TEST_CASE(means_over_16_pixels_are_those_of_the_full_picture) {
    Made made;
    make(made, 20'000);
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    constexpr int across = 16;
    constexpr double cell = 4096.0 / across;
    for (std::uint32_t zoom = 9; zoom <= 13; ++zoom) {
        // The means of all tiles of a zoom: what nothing covers is white.
        std::vector<double> full;
        std::vector<double> low;
        for (auto const tile : pyramid->tiles(zoom)) {
            auto const first = full.size();
            full.resize(first + across * across, 255);
            low.resize(first + across * across, 255);
            auto const add = [&](std::vector<double>& into, std::span<tiles::GridPoint const> ring,
                                 double west, double north, double unit, double shade) {
                auto const box = tiles::box_of(ring);
                auto const from = [&](double low_edge, double origin) {
                    return std::clamp(int((low_edge - origin) / unit / cell), 0, across - 1);
                };
                for (int y = from(box.min_y, north); y <= from(box.max_y, north); ++y)
                    for (int x = from(box.min_x, west); x <= from(box.max_x, west); ++x) {
                        double const area = tests::area_within(
                            ring, {west + x * cell * unit, north + y * cell * unit,
                                   west + (x + 1) * cell * unit, north + (y + 1) * cell * unit});
                        into[first + std::size_t(y * across + x)] +=
                            area / (cell * unit * cell * unit) * (shade - 255);
                    }
            };
            double const side = double(1U << (31 - zoom));
            for (std::size_t i = 0; i < made.rows.size(); ++i) {
                auto const row = made.rows.row(i);
                auto const ring =
                    row.points.subspan(row.path_begin[0], row.path_begin[1] - row.path_begin[0]);
                add(full, ring, tile.x() * side, tile.y() * side, side / 4096,
                    shade_of((*made.keys)[row.key].class_value));
            }
            for (auto const& layer : tests::read_tile(cut(*pyramid, tile)))
                for (auto const& feature : layer.features) {
                    if (feature.type != 3) continue;
                    auto const shade = shade_of(
                        tiles::mvt::encode_value(std::string_view{text(feature, "land_use")}));
                    for (auto const& path : feature.paths) {
                        std::vector<tiles::GridPoint> ring;
                        for (auto const& p : path)
                            ring.push_back({std::int32_t(p.x), std::int32_t(p.y)});
                        add(low, ring, 0, 0, 1, shade);
                    }
                }
        }
        auto const similarity = structural_similarity(full, low);
        BOOST_TEST_MESSAGE("z" << zoom << ": structural similarity " << similarity);
        BOOST_TEST(similarity >= 0.95);
    }
}

BOOST_AUTO_TEST_CASE(each_tile_draws_each_class_with_its_area) {
    Made made;
    make(made, 20'000);
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    double const block = double(32 * 32);
    for (std::uint32_t zoom = 5; zoom <= 12; ++zoom)
        for (auto const tile : pyramid->tiles(zoom)) {
            auto exact = exact_areas(made, tile);
            std::map<std::string, double> drawn;
            for (auto const& layer : tests::read_tile(cut(*pyramid, tile)))
                for (auto const& feature : layer.features)
                    if (feature.type == 3)
                        drawn[tiles::mvt::encode_value(std::string_view{
                            text(feature, "land_use")})] += tests::drawn_within(feature);
            for (auto const& [name, area] : exact)
                BOOST_TEST(std::abs(drawn[name] - area) <= 0.01 * area + block);
            for (auto const& [name, area] : drawn) BOOST_TEST((area == 0 || exact[name] > 0));
        }
}

BOOST_AUTO_TEST_CASE(the_tiles_of_a_zoom_add_up_to_the_collection) {
    Made made;
    make(made, 30'000);
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    std::map<std::string, std::pair<std::int64_t, double>> expected;
    for (std::size_t i = 0; i < made.rows.size(); ++i) {
        auto const row = made.rows.row(i);
        auto& sum = expected[(*made.keys)[row.key].class_value];
        ++sum.first;
        sum.second += row.measure;
    }
    for (std::uint32_t zoom = 5; zoom <= 13; ++zoom) {
        std::map<std::string, std::pair<std::int64_t, double>> found;
        for (auto const tile : pyramid->tiles(zoom)) {
            std::string body;
            auto const summary = pyramid->cut(tile, {}, everything, body);
            std::int64_t merged = 0;
            for (auto const& layer : tests::read_tile(body))
                for (auto const& feature : layer.features) {
                    auto& sum = found[tiles::mvt::encode_value(
                        std::string_view{text(feature, "land_use")})];
                    sum.first += count_of(feature);
                    sum.second += std::get<double>(feature.tags.at("area_m2"));
                    merged += count_of(feature);
                    BOOST_TEST(feature.id == 0U);
                }
            BOOST_TEST(merged == summary.merged);
        }
        BOOST_REQUIRE_EQUAL(found.size(), expected.size());
        for (auto const& [name, sum] : expected) {
            BOOST_TEST(found[name].first == sum.first);
            BOOST_TEST(std::abs(found[name].second / sum.second - 1) <= 1e-12);
        }
    }
}

BOOST_AUTO_TEST_CASE(low_tiles_are_small_valid_and_their_blocks_never_overlap) {
    Made made;
    make(made, 60'000, 40);
    for (std::uint32_t const units : {16U, 32U, 64U}) {
        auto const pyramid = Pyramid::build(plan_of(units), made.keys, made.rows, 2);
        for (std::uint32_t zoom = 5; zoom <= 13; ++zoom)
            for (auto const tile : pyramid->tiles(zoom)) {
                auto const body = cut(*pyramid, tile);
                BOOST_TEST(body.size() <= 500'000U);
                std::set<std::pair<std::int64_t, std::int64_t>> taken;
                for (auto const& layer : tests::read_tile(body))
                    for (auto const& feature : layer.features) {
                        if (feature.type != 3) continue;
                        BOOST_TEST(tests::polygon_fault(feature) == "");
                        // A block is inside if a ray from its middle crosses the rings an odd
                        // number of times; no two features may claim it.
                        std::map<std::int64_t, std::vector<std::int64_t>> crossings; // by row
                        for (auto const& path : feature.paths)
                            for (std::size_t i = 0; i < path.size(); ++i) {
                                auto const a = path[i];
                                auto const b = path[(i + 1) % path.size()];
                                if (a.x != b.x) continue;
                                for (auto y = std::min(a.y, b.y); y < std::max(a.y, b.y);
                                     y += units)
                                    crossings[y].push_back(a.x);
                            }
                        for (auto& [y, xs] : crossings) {
                            std::sort(xs.begin(), xs.end());
                            for (std::size_t i = 0; i + 1 < xs.size(); i += 2)
                                for (auto x = xs[i]; x < xs[i + 1]; x += units)
                                    BOOST_REQUIRE(taken.emplace(x, y).second);
                        }
                    }
            }
    }
}

BOOST_AUTO_TEST_CASE(a_policy_sees_its_own_rows_and_nothing_of_others) {
    Made made;
    make(made, 20'000, 4);
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    // The same ground, but for the rows of two scopes.
    Made own;
    make(own, 20'000, 4);
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < own.rows.size(); ++i) {
        auto const& scope = (*own.keys)[own.rows.keys[i]].scope;
        own.rows.gone[i] = scope != "1" && scope != "2";
        rows += own.rows.gone[i] ? 0 : 1;
    }
    auto const two = geo::Policy::limited({"1", "2"}, 0);
    for (std::uint32_t const zoom : {6U, 9U, 12U}) {
        std::int64_t seen = 0;
        for (auto const tile : pyramid->tiles(zoom)) {
            std::string body;
            seen += pyramid->cut(tile, {}, two, body).merged;
            auto exact = exact_areas(own, tile);
            for (auto const& layer : tests::read_tile(body))
                for (auto const& feature : layer.features)
                    BOOST_TEST(exact[tiles::mvt::encode_value(
                                   std::string_view{text(feature, "land_use")})] > 0);
        }
        BOOST_TEST(seen == rows);
    }
    BOOST_TEST(cut(*pyramid, pyramid->tiles(6)[0], geo::Policy::limited({"9"}, 0)).empty());
}

BOOST_AUTO_TEST_CASE(a_masked_class_is_neither_named_nor_drawn_apart) {
    Made made;
    make(made, 5'000, 1);
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    auto const masked = geo::Policy::limited({"0"}, 0, {"land_use"});
    for (auto const tile : pyramid->tiles(9)) {
        auto const layers = tests::read_tile(cut(*pyramid, tile, masked));
        BOOST_REQUIRE_EQUAL(layers.size(), 1U);
        BOOST_TEST(layers[0].features.size() == 1U);
        for (auto const& feature : layers[0].features)
            BOOST_TEST(!feature.tags.contains("land_use"));
    }
}

BOOST_AUTO_TEST_CASE(a_class_that_is_asked_for_comes_alone_and_whole) {
    Made made;
    make(made, 20'000, 2);
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    auto const wanted = tiles::mvt::encode_value(std::string_view{"LUC"});
    std::int64_t expected = 0;
    for (auto const key : made.rows.keys)
        expected += (*made.keys)[key].class_value == wanted ? 1 : 0;
    std::int64_t found = 0;
    for (auto const tile : pyramid->tiles(10))
        for (auto const& layer : tests::read_tile(cut(*pyramid, tile, everything, {{wanted}})))
            for (auto const& feature : layer.features) {
                BOOST_TEST(text(feature, "land_use") == "LUC");
                found += count_of(feature);
            }
    BOOST_TEST(found == expected);
}

BOOST_AUTO_TEST_CASE(after_a_thousand_edits_it_equals_one_built_from_scratch) {
    std::mt19937_64 random{tests::seed()};
    Made made;
    make(made, 20'000);
    auto pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    for (int batch = 0; batch < 50; ++batch) {
        std::vector<tiles::GridBox> dirty;
        for (int edit = 0; edit < 20; ++edit) {
            auto const row = random() % made.rows.size();
            if (random() % 2 == 0)
                made.rows.gone[row] = !made.rows.gone[row];
            else
                made.rows.keys[row] = std::uint32_t(random() % made.keys->size());
            dirty.push_back(made.rows.boxes[row]);
        }
        pyramid = pyramid->rebuild(made.keys, made.rows, dirty, 2).pyramid;
    }
    auto const scratch = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    BOOST_TEST((*pyramid == *scratch));
}

BOOST_AUTO_TEST_CASE(the_tiles_named_changed_are_those_whose_bytes_differ) {
    std::mt19937_64 random{tests::seed()};
    Made made;
    make(made, 20'000);
    auto pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    for (int edit = 0; edit < 20; ++edit) {
        auto const row = random() % made.rows.size();
        made.rows.gone[row] = !made.rows.gone[row];
        std::vector const dirty{made.rows.boxes[row]};
        auto const after = pyramid->rebuild(made.keys, made.rows, dirty, 2);
        std::set<TileId> differ;
        for (std::uint32_t zoom = 5; zoom <= 13; ++zoom)
            for (auto const tile : pyramid->tiles(zoom))
                for (std::uint32_t i = 0; i < 9; ++i)
                    if (auto const near =
                            TileId::make(zoom, tile.x() + i % 3 - 1, tile.y() + i / 3 - 1))
                        if (cut(*pyramid, *near) != cut(*after.pyramid, *near))
                            differ.insert(*near);
        BOOST_TEST((std::set<TileId>(after.changed.begin(), after.changed.end()) == differ));
        pyramid = after.pyramid;
    }
}

BOOST_AUTO_TEST_CASE(rows_that_come_first_or_last_give_the_same_tiles) {
    Made made;
    make(made, 5'000);
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 1);
    Made turned; // keys numbered in the opposite order, rows likewise
    for (std::size_t i = made.keys->size(); i-- > 0;)
        turned.keys->number((*made.keys)[std::uint32_t(i)]);
    for (std::size_t i = made.rows.size(); i-- > 0;) {
        auto const row = made.rows.row(i);
        auto const ring =
            row.points.subspan(row.path_begin[0], row.path_begin[1] - row.path_begin[0]);
        turned.rows.add_ring({ring.begin(), ring.end()});
        turned.rows.end_row(turned.keys->number((*made.keys)[row.key]), row.measure);
    }
    turned.rows.finish();
    auto const other = Pyramid::build(plan_of(), turned.keys, turned.rows, 2);
    for (std::uint32_t zoom = 5; zoom <= 13; ++zoom)
        for (auto const tile : pyramid->tiles(zoom))
            BOOST_TEST((cut(*pyramid, tile) == cut(*other, tile)));
}

BOOST_AUTO_TEST_SUITE_END()
