// A layer that followed changes is the layer that would have been loaded afterwards.

#include "tests/support/layers.hpp"
#include "tests/support/random_rows.hpp"
#include "tests/support/seed.hpp"
#include "tiles/cut.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>

using namespace diaban;
using tests::MadeRow;
using tests::RandomRows;
using tiles::TileId;
using tiles::mirror::Layer;
using tiles::mirror::LayerBuilder;

namespace {

using Rows = std::map<std::int64_t, MadeRow>;
using LayerPtr = std::shared_ptr<Layer const>;

constexpr std::uint32_t native_zoom = 9;
std::array const policies{geo::Policy::everything(), geo::Policy::everything(1),
                          geo::Policy::limited({"42"}, 2, {"floors"})};

LayerPtr loaded(geo::Schema const& schema, Rows const& rows) {
    std::vector<LayerBuilder> parts;
    for (int i = 0; i < 2; ++i) parts.emplace_back(schema);
    std::size_t i = 0;
    for (auto const& [fid, row] : rows) tests::append(parts[i++ % 2], row);
    return Layer::build(std::move(parts), 2, native_zoom);
}

/// Changes some rows at once, in the record and in the layer.
LayerPtr changed(LayerPtr const& layer, Rows& rows, RandomRows& made, std::size_t changes,
                 std::size_t fids, std::size_t kept) {
    LayerBuilder builder{layer->shared_schema()};
    std::map<std::int64_t, bool> touched; // each row once, as the follower hands them
    for (std::size_t i = 0; i < changes; ++i) {
        auto const fid = std::int64_t(1 + made.below(fids));
        if (!touched.emplace(fid, true).second) continue;
        if (rows.contains(fid) && made.one_in(3)) {
            rows.erase(fid);
            continue;
        }
        rows[fid] = made.row(fid);
        tests::append(builder, rows[fid]);
    }
    std::vector<std::int64_t> gone;
    for (auto const& [fid, once] : touched) gone.push_back(fid);
    return layer->with(std::move(builder), gone, kept);
}

std::string tile_of(Layer const& layer, TileId tile, geo::Policy const& policy) {
    std::string body;
    tiles::cut(layer, tile, {}, policy, body);
    return body;
}

/// Tiles over the rows of a layer: all of the low zooms, some of the others.
std::vector<TileId> some_tiles(Layer const& layer, RandomRows& made, std::size_t count) {
    auto const& base = layer.base();
    std::vector<TileId> found;
    while (found.size() < count && base.located() > 0) {
        auto const p = base.points[made.below(base.points.size())];
        auto const zoom =
            std::uint32_t(native_zoom + made.below(TileId::max_zoom - native_zoom + 1));
        found.push_back(*TileId::make(zoom, std::uint32_t(p.x) >> (31 - zoom),
                                      std::uint32_t(p.y) >> (31 - zoom)));
    }
    return found;
}

void check_equal(Layer const& followed, Layer const& fresh, RandomRows& made, std::size_t tiles) {
    BOOST_REQUIRE_EQUAL(followed.size(), fresh.size());
    for (auto const& policy : policies) {
        auto const mine = followed.count(policy);
        auto const theirs = fresh.count(policy);
        BOOST_REQUIRE_EQUAL(mine.rows, theirs.rows);
        BOOST_REQUIRE_EQUAL(mine.located, theirs.located);
        BOOST_REQUIRE((followed.extent(policy) == fresh.extent(policy)));
        auto const found = followed.find({105.82, 18.22, 105.84, 18.26}, policy);
        auto const wanted = fresh.find({105.82, 18.22, 105.84, 18.26}, policy);
        BOOST_REQUIRE(found.matched == wanted.matched);
        BOOST_REQUIRE(found.doubtful == wanted.doubtful);
        for (auto const tile : some_tiles(fresh, made, tiles))
            BOOST_REQUIRE(tile_of(followed, tile, policy) == tile_of(fresh, tile, policy));
    }
}

std::array const kinds{geo::GeometryKind::point, geo::GeometryKind::line,
                       geo::GeometryKind::polygon};

std::size_t edits_to_make() {
    return std::getenv("DIABAN_LONG") != nullptr ? 1'000'000 / kinds.size() : 20'000;
}

} // namespace

BOOST_AUTO_TEST_SUITE(edits)

BOOST_DATA_TEST_CASE(a_layer_that_followed_random_edits_is_byte_for_byte_a_fresh_load,
                     boost::unit_test::data::xrange(kinds.size()), kind) {
    RandomRows made{kinds[kind], tests::seed()};
    auto const schema = made.schema();
    constexpr std::size_t fids = 3'000;
    Rows rows;
    for (std::int64_t fid = 1; fid <= 2'000; ++fid) rows[fid] = made.row(fid);
    auto layer = loaded(schema, rows);
    std::size_t done = 0;
    std::size_t most_runs = 0;
    while (done < edits_to_make()) {
        auto const changes = 1 + made.below(made.one_in(10) ? 300 : 8);
        layer = changed(layer, rows, made, changes, fids, 1);
        done += changes;
        most_runs = std::max(most_runs, layer->runs().size());
        if (made.one_in(400)) check_equal(*layer, *loaded(schema, rows), made, 20);
    }
    check_equal(*layer, *loaded(schema, rows), made, 300);
    BOOST_TEST(most_runs > 2U);
    BOOST_TEST(most_runs < 12U); // they grow by fours
}

BOOST_AUTO_TEST_CASE(a_compaction_that_ran_beside_edits_changes_nothing_that_is_seen) {
    RandomRows made{geo::GeometryKind::polygon, tests::seed()};
    auto const schema = made.schema();
    Rows rows;
    for (std::int64_t fid = 1; fid <= 500; ++fid) rows[fid] = made.row(fid);
    auto layer = loaded(schema, rows);
    for (int round = 0; round < 30; ++round) {
        for (int i = 0; i < 20; ++i) layer = changed(layer, rows, made, 5, 800, 1);
        auto const before = layer;
        auto const base = before->compacted(2);
        for (int i = 0; i < 20; ++i)
            layer = changed(layer, rows, made, 5, 800, before->runs().size());
        layer = layer->rebased(*before, base, native_zoom);
        BOOST_REQUIRE(layer->runs().front().run == base);
        check_equal(*layer, *loaded(schema, rows), made, 20);
    }
}

BOOST_AUTO_TEST_CASE(pages_of_an_edited_layer_lead_once_to_every_row_that_is_seen) {
    RandomRows made{geo::GeometryKind::line, tests::seed()};
    auto const schema = made.schema();
    Rows rows;
    for (std::int64_t fid = 1; fid <= 500; ++fid) rows[fid] = made.row(fid);
    auto layer = loaded(schema, rows);
    for (int i = 0; i < 50; ++i) layer = changed(layer, rows, made, 5, 800, 1);
    BOOST_REQUIRE(layer->runs().size() > 1);
    for (auto const& policy : policies) {
        std::vector<std::int64_t> seen;
        for (auto const& [fid, row] : rows)
            if (policy.sees(row.scope, row.sensitivity)) seen.push_back(fid);
        std::vector<std::int64_t> walked;
        for (std::int64_t last = -1;;) {
            auto const page = layer->behind(last, 7, policy);
            walked.insert(walked.end(), page.begin(), page.end());
            if (page.size() < 7) break;
            last = page.back();
        }
        BOOST_TEST(walked == seen, boost::test_tools::per_element());
        BOOST_TEST(layer->behind(800, 7, policy).empty());
    }
}

BOOST_AUTO_TEST_CASE(a_snapshot_that_is_held_stays_as_it_was) {
    RandomRows made{geo::GeometryKind::polygon, tests::seed()};
    auto const schema = made.schema();
    Rows rows;
    for (std::int64_t fid = 1; fid <= 500; ++fid) rows[fid] = made.row(fid);
    auto layer = loaded(schema, rows);
    auto const held = layer;
    auto const as_loaded = loaded(schema, rows);
    for (int i = 0; i < 100; ++i) layer = changed(layer, rows, made, 10, 800, 1);
    check_equal(*held, *as_loaded, made, 100);
}

BOOST_AUTO_TEST_CASE(the_memory_of_a_snapshot_goes_with_its_last_reader) {
    RandomRows made{geo::GeometryKind::point, tests::seed()};
    auto const schema = made.schema();
    Rows rows;
    for (std::int64_t fid = 1; fid <= 100; ++fid) rows[fid] = made.row(fid);
    auto layer = loaded(schema, rows);
    std::weak_ptr<tiles::mirror::Run const> const base = layer->runs().front().run;
    auto reader = layer;
    layer = Layer::of(layer->compacted(1), native_zoom);
    BOOST_TEST(!base.expired());
    reader.reset();
    BOOST_TEST(base.expired());
}

BOOST_AUTO_TEST_CASE(values_that_no_row_has_any_more_leave_with_the_compaction) {
    geo::Field name;
    name.name = "name";
    name.tile = true;
    auto const schema = tests::make_schema(geo::GeometryKind::point, {name});
    auto layer = tests::make_layer(schema, {{1, tests::make_point(105, 18), {{}}}});
    for (int i = 0; i < 1000; ++i) {
        LayerBuilder builder{layer->shared_schema()};
        auto const text = "name " + std::to_string(i);
        tests::append(builder, {1, tests::make_point(105, 18), {std::string_view{text}}});
        layer = layer->with(std::move(builder), {});
    }
    BOOST_TEST(layer->compacted(1)->tile_values.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
