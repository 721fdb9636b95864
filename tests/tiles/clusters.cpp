#include "tests/support/mvt_reader.hpp"
#include "tests/support/parcel_rows.hpp"
#include "tests/support/seed.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <set>

using namespace diaban;
using namespace tiles::pyramid;
using tiles::GridPoint;
using tiles::TileId;

namespace {

geo::Policy const everything = geo::Policy::everything();

/// Points in memory, each with one whole number to sum.
class PointRows : public RowSource {
public:
    struct Point {
        GridPoint at;
        std::uint32_t key = 0;
        tiles::Wide people = 0;
        bool gone = false;
    };
    std::vector<Point> points;

    void visit(tiles::GridBox const& box,
               std::function<void(Row const&)> const& visit) const override {
        for (auto const& point : points) {
            if (point.gone || !box.contains(point.at)) continue;
            Row row;
            row.key = point.key;
            row.box = {point.at.x, point.at.y, point.at.x, point.at.y};
            row.centre = point.at;
            row.sums = {&point.people, 1};
            visit(row);
        }
    }
    [[nodiscard]] tiles::GridBox bounds() const override {
        tiles::GridBox box;
        for (auto const& point : points) box.extend(point.at);
        return box;
    }
};

Plan plan_of() {
    return {"reports", geo::GeometryKind::point, "kind", {{"people", 2}}, 12, 4, 512};
}

struct Made {
    std::shared_ptr<Keys> keys = std::make_shared<Keys>();
    PointRows rows;
};

void make(Made& made, std::mt19937_64& random, std::size_t count) {
    for (auto const* kind : {"flood", "road", "tree"})
        for (auto const* scope : {"1", "2"})
            for (auto const level : {std::uint8_t{0}, std::uint8_t{2}})
                made.keys->number({tiles::mvt::encode_value(std::string_view{kind}), scope, level});
    auto const middle = tiles::to_grid({105.9, 18.34});
    std::normal_distribution<double> spread{0, 4e5};
    for (std::size_t i = 0; i < count; ++i)
        made.rows.points.push_back(
            {{middle.x + std::int32_t(spread(random)), middle.y + std::int32_t(spread(random))},
             std::uint32_t(random() % made.keys->size()),
             std::int64_t(random() % 9)});
}

std::vector<tests::ReadFeature> features_of(Pyramid const& pyramid, TileId tile,
                                            geo::Policy const& policy = everything) {
    std::string body;
    pyramid.cut(tile, {}, policy, body);
    auto const layers = tests::read_tile(body);
    return layers.empty() ? std::vector<tests::ReadFeature>{} : layers.at(0).features;
}

} // namespace

BOOST_AUTO_TEST_SUITE(clusters)

BOOST_AUTO_TEST_CASE(clusters_of_a_zoom_add_up_to_the_points_and_their_sums) {
    std::mt19937_64 random{tests::seed()};
    Made made;
    make(made, random, 5000);
    std::map<std::string, std::pair<std::int64_t, double>> expected;
    for (auto const& point : made.rows.points) {
        auto& sum = expected[(*made.keys)[point.key].class_value];
        ++sum.first;
        sum.second += double(point.people) * 0.5;
    }
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    for (std::uint32_t zoom = 4; zoom <= 12; ++zoom) {
        std::map<std::string, std::pair<std::int64_t, double>> found;
        for (auto const tile : pyramid->tiles(zoom))
            for (auto const& feature : features_of(*pyramid, tile)) {
                BOOST_TEST(feature.type == 1);
                BOOST_TEST(feature.id == 0U);
                auto& sum = found[tiles::mvt::encode_value(
                    std::string_view{std::get<std::string>(feature.tags.at("kind"))})];
                sum.first += std::get<std::int64_t>(feature.tags.at("count"));
                sum.second += std::get<double>(feature.tags.at("people"));
            }
        BOOST_TEST((found == expected));
    }
}

BOOST_AUTO_TEST_CASE(a_cluster_stands_at_the_mean_of_the_points_of_its_cell) {
    std::mt19937_64 random{tests::seed()};
    Made made;
    make(made, random, 3000);
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    for (std::uint32_t const zoom : {6U, 9U, 12U}) {
        struct Mean {
            double x = 0;
            double y = 0;
            std::int64_t count = 0;
        };
        // By cell of 32 pixels, straight from the points.
        std::map<std::tuple<std::int32_t, std::int32_t, std::uint32_t>, Mean> means;
        for (auto const& point : made.rows.points) {
            auto& mean =
                means[{point.at.x >> (31 - zoom - 3), point.at.y >> (31 - zoom - 3), point.key}];
            mean.x += point.at.x;
            mean.y += point.at.y;
            ++mean.count;
        }
        std::size_t found = 0;
        for (auto const tile : pyramid->tiles(zoom))
            for (auto const& feature : features_of(*pyramid, tile)) {
                ++found;
                auto const at = feature.paths.at(0).at(0);
                double const unit = double(1U << (19 - zoom));
                auto const count = std::get<std::int64_t>(feature.tags.at("count"));
                BOOST_TEST(std::any_of(means.begin(), means.end(), [&](auto const& entry) {
                    auto const& mean = entry.second;
                    auto const off = [&](double sum, double origin, std::int64_t v) {
                        return std::abs(sum / double(mean.count) / unit - origin * 4096 -
                                        double(v));
                    };
                    return mean.count == count && off(mean.x, tile.x(), at.x) <= 1.01 &&
                           off(mean.y, tile.y(), at.y) <= 1.01;
                }));
            }
        BOOST_TEST(found == means.size());
    }
}

BOOST_AUTO_TEST_CASE(a_level_and_a_scope_that_a_policy_lacks_are_in_no_count) {
    std::mt19937_64 random{tests::seed()};
    Made made;
    make(made, random, 3000);
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    std::int64_t expected = 0;
    for (auto const& point : made.rows.points) {
        auto const& key = (*made.keys)[point.key];
        expected += key.scope == "1" && key.sensitivity <= 1 ? 1 : 0;
    }
    std::int64_t found = 0;
    for (auto const tile : pyramid->tiles(8))
        for (auto const& feature :
             features_of(*pyramid, tile, geo::Policy::limited({"1"}, 1, {"people"}))) {
            found += std::get<std::int64_t>(feature.tags.at("count"));
            BOOST_TEST(!feature.tags.contains("people"));
        }
    BOOST_TEST(found == expected);
}

BOOST_AUTO_TEST_CASE(after_edits_clusters_equal_those_built_from_scratch) {
    std::mt19937_64 random{tests::seed()};
    Made made;
    make(made, random, 2000);
    auto pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    for (int batch = 0; batch < 20; ++batch) {
        std::vector<tiles::GridBox> dirty;
        for (int edit = 0; edit < 10; ++edit) {
            auto& point = made.rows.points[random() % made.rows.points.size()];
            dirty.push_back({point.at.x, point.at.y, point.at.x, point.at.y});
            if (random() % 2 == 0)
                point.gone = !point.gone;
            else
                point.at.x += std::int32_t(random() % 100'000);
            dirty.push_back({point.at.x, point.at.y, point.at.x, point.at.y});
        }
        auto const after = pyramid->rebuild(made.keys, made.rows, dirty, 2);
        for (std::uint32_t zoom = 4; zoom <= 12; ++zoom)
            for (auto const tile : pyramid->tiles(zoom)) {
                std::string old_body;
                std::string new_body;
                pyramid->cut(tile, {}, everything, old_body);
                after.pyramid->cut(tile, {}, everything, new_body);
                bool const named =
                    std::binary_search(after.changed.begin(), after.changed.end(), tile);
                BOOST_TEST((named || old_body == new_body));
            }
        pyramid = after.pyramid;
    }
    BOOST_TEST((*pyramid == *Pyramid::build(plan_of(), made.keys, made.rows, 2)));
}

BOOST_AUTO_TEST_SUITE_END()
