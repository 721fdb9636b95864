#include "services/domain/filtered_low.hpp"

#include "geo/error.hpp"
#include "geo/filter/cql2_text.hpp"
#include "tests/support/layers.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/random_rows.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>

using namespace diaban;
using services::domain::FilteredLow;
using services::domain::View;
using tests::MadeRow;
using tiles::TileId;

namespace {

constexpr std::uint32_t native_zoom = 16;
std::array const kinds{geo::GeometryKind::point, geo::GeometryKind::line,
                       geo::GeometryKind::polygon};
std::array const policies{geo::Policy::everything(), geo::Policy::everything(1),
                          geo::Policy::limited({"42", ""}, 2)};

View view_of(geo::Schema const& schema, std::vector<MadeRow> const& rows) {
    std::vector<tiles::mirror::LayerBuilder> parts;
    parts.emplace_back(schema);
    for (auto const& row : rows) tests::append(parts[0], row);
    View view;
    view.collection.schema = schema;
    view.layer = tiles::mirror::Layer::build(std::move(parts), 1, native_zoom);
    view.merged = std::make_shared<tiles::pyramid::LayerRows const>(view.layer, nullptr);
    view.pyramid = tiles::pyramid::Pyramid::build(tiles::pyramid::plan_of(schema, native_zoom),
                                                  view.merged->keys(), *view.merged, 1);
    return view;
}

std::int64_t floors_of(MadeRow const& row) {
    auto const* const floors = std::get_if<std::int64_t>(&row.values[1]);
    return floors == nullptr ? -1 : *floors;
}

struct Ground {
    explicit Ground(geo::GeometryKind kind, std::size_t count) {
        tests::RandomRows made{kind, tests::seed()};
        schema = made.schema();
        schema.class_field = "name";
        for (std::size_t i = 1; i <= count; ++i) rows.push_back(made.row(std::int64_t(i)));
        view = view_of(schema, rows);
    }
    [[nodiscard]] View alone(std::function<bool(MadeRow const&)> const& wanted) const {
        std::vector<MadeRow> matching;
        for (auto const& row : rows)
            if (wanted(row)) matching.push_back(row);
        return view_of(schema, matching);
    }
    [[nodiscard]] std::vector<TileId> low_tiles() const {
        std::vector<TileId> tiles;
        for (std::uint32_t zoom = 0; zoom < native_zoom; ++zoom)
            for (auto const tile : view.pyramid->tiles(zoom)) tiles.push_back(tile);
        return tiles;
    }

    geo::Schema schema;
    std::vector<MadeRow> rows;
    View view;
};

geo::filter::Filter filter_of(geo::Schema const& schema, std::string const& text,
                              geo::Policy const& policy) {
    return geo::filter::Filter::make(geo::filter::read_text(text), schema, policy);
}

std::string cut(FilteredLow& low, View const& view, std::string const& text, TileId tile,
                geo::Policy const& policy) {
    std::string body;
    low.cut(view, filter_of(view.layer->schema(), text, policy), tile, policy, body);
    return body;
}

std::string cut(View const& view, TileId tile, geo::Policy const& policy) {
    std::string body;
    view.pyramid->cut(tile, {}, policy, body);
    return body;
}

} // namespace

BOOST_AUTO_TEST_SUITE(filtered_low)

BOOST_DATA_TEST_CASE(a_filtered_low_tile_is_that_of_a_layer_of_the_matching_rows_alone,
                     boost::unit_test::data::xrange(kinds.size()), kind) {
    // Polygons cover one another many times over, and cost as much.
    Ground const ground{kinds[kind], kinds[kind] == geo::GeometryKind::polygon ? 300U : 1'500U};
    auto const alone = ground.alone([](MadeRow const& row) { return floors_of(row) > 400; });
    FilteredLow low{{}};
    for (auto const tile : ground.low_tiles())
        for (auto const& policy : policies)
            BOOST_REQUIRE(cut(low, ground.view, "floors > 400", tile, policy) ==
                          cut(alone, tile, policy));
    BOOST_TEST(low.bytes() > 0U);
}

BOOST_AUTO_TEST_CASE(of_too_many_rows_those_around_the_tile_give_the_same_bytes) {
    for (auto const kind : {geo::GeometryKind::point, geo::GeometryKind::polygon}) {
        Ground const ground{kind, 1'500};
        auto const alone = ground.alone([](MadeRow const& row) { return floors_of(row) > 400; });
        FilteredLow low{{600, 1'000'000, 1 << 20}}; // some 850 match
        std::size_t answered = 0;
        std::size_t refused = 0;
        for (auto const tile : ground.low_tiles()) {
            try {
                BOOST_REQUIRE(cut(low, ground.view, "floors > 400", tile, policies[0]) ==
                              cut(alone, tile, policies[0]));
                ++answered;
            } catch (geo::Error const& error) {
                BOOST_TEST(error.type() == "filter-zoom");
                ++refused;
            }
        }
        BOOST_TEST(answered > 0U);
        BOOST_TEST(refused > 0U);
        FilteredLow none{{600, 10, 1 << 20}};
        BOOST_CHECK_THROW(
            cut(none, ground.view, "floors > 400", *TileId::make(0, 0, 0), policies[0]),
            geo::Error);
    }
}

BOOST_DATA_TEST_CASE(a_filter_of_the_class_alone_takes_whole_features_of_the_unfiltered_tile,
                     boost::unit_test::data::xrange(kinds.size()), kind) {
    Ground const ground{kinds[kind], 1'500};
    FilteredLow low{{0, 0, 0}}; // nothing is merged anew for it
    struct Asked {
        char const* filter;
        std::set<std::string> classes;
    };
    for (auto const& asked :
         {Asked{"name IN ('chùa','chợ')", {"chùa", "chợ"}},
          Asked{"name IS NULL OR name = 'nhà'", {"", "nhà"}},
          Asked{"NOT name LIKE 'ch%'", {"nhà", "đình", "trường"}}, Asked{"name = 'kho'", {}}})
        for (auto const tile : ground.low_tiles())
            for (auto const& policy : policies) {
                auto const shown =
                    tests::read_tile(cut(low, ground.view, asked.filter, tile, policy));
                auto const whole = tests::read_tile(cut(ground.view, tile, policy));
                std::size_t place = 0;
                for (auto const& layer : whole)
                    for (auto const& feature : layer.features) {
                        auto const name = feature.tags.contains("name")
                                              ? std::get<std::string>(feature.tags.at("name"))
                                              : "";
                        if (!asked.classes.contains(name)) continue;
                        BOOST_REQUIRE(!shown.empty());
                        BOOST_REQUIRE(place < shown[0].features.size());
                        auto const& mine = shown[0].features[place++];
                        BOOST_TEST((mine.tags == feature.tags));
                        BOOST_TEST(mine.paths.size() == feature.paths.size());
                        for (std::size_t i = 0; i < mine.paths.size(); ++i)
                            BOOST_TEST(mine.paths[i].size() == feature.paths[i].size());
                    }
                BOOST_TEST((shown.empty() ? 0 : shown[0].features.size()) == place);
            }
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_of_one_state_of_the_rows_and_bounded) {
    Ground ground{geo::GeometryKind::polygon, 400};
    FilteredLow low{{1'000, 1'000'000, 1}}; // one filter at a time
    auto const tile = ground.low_tiles().front();
    auto const before = cut(low, ground.view, "floors > 400", tile, policies[0]);
    auto const one = low.bytes();
    for (int i = 0; i < 20; ++i)
        cut(low, ground.view, "floors > " + std::to_string(i), tile, policies[0]);
    BOOST_TEST(low.bytes() < 4 * one);
    for (auto& row : ground.rows) row.values[1] = std::int64_t{500};
    ground.view = view_of(ground.schema, ground.rows);
    auto const after = cut(low, ground.view, "floors > 400", tile, policies[0]);
    BOOST_TEST((after != before));
    BOOST_TEST((after == cut(ground.view, tile, policies[0])));
}

BOOST_AUTO_TEST_SUITE_END()
