// What is drawn below the native zoom after edits: equal to a fresh merging, stale nowhere, and
// with sums as brute force finds them.

#include "tests/support/layers.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/random_rows.hpp"
#include "tests/support/seed.hpp"
#include "tiles/pyramid/layer_rows.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

using namespace diaban;
using namespace tiles::pyramid;
using tests::MadeRow;
using tests::RandomRows;
using tiles::TileId;
using tiles::mirror::Layer;
using tiles::mirror::LayerBuilder;

namespace {

constexpr std::uint32_t native_zoom = 13;
std::array const kinds{geo::GeometryKind::point, geo::GeometryKind::line,
                       geo::GeometryKind::polygon};
std::array const policies{geo::Policy::everything(), geo::Policy::everything(1),
                          geo::Policy::limited({"42"}, 2, {"floors"}),
                          geo::Policy::limited({"20", ""}, 2, {"name"})};

geo::Schema schema_of(RandomRows const& made) {
    auto schema = made.schema();
    schema.class_field = "name";
    for (auto& field : schema.fields) field.sum = field.type != geo::FieldType::text;
    return schema;
}

using Rows = std::map<std::int64_t, MadeRow>;

struct Merged {
    std::shared_ptr<LayerRows const> rows;
    std::shared_ptr<Pyramid const> pyramid;
};

std::shared_ptr<Layer const> loaded(geo::Schema const& schema, Rows const& rows) {
    std::vector<LayerBuilder> parts;
    parts.emplace_back(schema);
    for (auto const& [fid, row] : rows) tests::append(parts[0], row);
    return Layer::build(std::move(parts), 1, native_zoom);
}

Merged merged(std::shared_ptr<Layer const> const& layer, std::vector<LineCut> cuts = {}) {
    Merged made;
    made.rows = std::make_shared<LayerRows const>(layer, nullptr);
    auto plan = plan_of(layer->schema(), native_zoom);
    plan.line_cuts = std::move(cuts);
    made.pyramid = Pyramid::build(plan, made.rows->keys(), *made.rows, 1);
    return made;
}

std::string cut(Pyramid const& pyramid, TileId tile, geo::Policy const& policy) {
    std::string body;
    pyramid.cut(tile, {}, policy, body);
    return body;
}

std::set<TileId> tiles_around(std::initializer_list<Pyramid const*> pyramids) {
    std::set<TileId> around;
    for (auto const* pyramid : pyramids)
        for (std::uint32_t zoom = 0; zoom < native_zoom; ++zoom)
            for (auto const tile : pyramid->tiles(zoom))
                for (std::uint32_t i = 0; i < 9; ++i)
                    if (auto const near =
                            TileId::make(zoom, tile.x() + i % 3 - 1, tile.y() + i / 3 - 1))
                        around.insert(*near);
    return around;
}

Rows some_rows(RandomRows& made) {
    Rows rows;
    for (std::int64_t fid = 1; fid <= 700; ++fid) rows[fid] = made.row(fid);
    return rows;
}

/// Changes some rows in the record and the layer; adds their old and new boxes to `dirty`.
std::shared_ptr<Layer const> changed(std::shared_ptr<Layer const> const& layer, Rows& rows,
                                     RandomRows& made, std::size_t changes,
                                     std::vector<tiles::GridBox>& dirty) {
    LayerBuilder builder{layer->shared_schema()};
    std::vector<std::int64_t> fids;
    for (std::size_t i = 0; i < changes; ++i) {
        auto const fid = std::int64_t(1 + made.below(900));
        if (std::find(fids.begin(), fids.end(), fid) != fids.end()) continue;
        fids.push_back(fid);
        if (rows.contains(fid) && made.one_in(4)) {
            rows.erase(fid);
            continue;
        }
        auto fresh = made.row(fid);
        if (rows.contains(fid) && made.one_in(3)) fresh.geometry = rows.at(fid).geometry;
        rows[fid] = fresh;
        tests::append(builder, fresh);
    }
    auto const after = layer->with(std::move(builder), fids);
    for (auto const* of : {layer.get(), after.get()})
        for (auto const fid : fids)
            if (auto const at = of->find(fid); at && at->row < at->run->located())
                dirty.push_back(at->run->boxes[at->row]);
    return after;
}

Merged rebuilt(Merged const& before, std::shared_ptr<Layer const> const& layer,
               std::vector<tiles::GridBox> const& dirty, std::vector<TileId>& stale) {
    Merged after;
    after.rows = std::make_shared<LayerRows const>(layer, before.rows.get());
    auto made =
        before.pyramid->rebuild(after.rows->keys(), *after.rows, dirty, 1, before.rows.get());
    after.pyramid = std::move(made.pyramid);
    stale = std::move(made.changed);
    return after;
}

double number(tests::ReadFeature const& feature, char const* name) {
    auto const& value = feature.tags.at(name);
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return double(*whole);
    return std::get<double>(value);
}

} // namespace

BOOST_AUTO_TEST_SUITE(low_edits)

BOOST_DATA_TEST_CASE(after_a_thousand_edits_low_tiles_are_those_of_a_fresh_merging,
                     boost::unit_test::data::xrange(kinds.size()), kind) {
    RandomRows made{kinds[kind], tests::seed()};
    auto const schema = schema_of(made);
    auto rows = some_rows(made);
    auto layer = loaded(schema, rows);
    auto now = merged(layer);
    for (int batch = 0; batch < 50; ++batch) {
        std::vector<tiles::GridBox> dirty;
        std::vector<TileId> stale;
        layer = changed(layer, rows, made, 20, dirty);
        now = rebuilt(now, layer, dirty, stale);
    }
    auto const fresh = merged(loaded(schema, rows), now.pyramid->plan().line_cuts);
    for (auto const tile : tiles_around({now.pyramid.get(), fresh.pyramid.get()}))
        for (auto const& policy : policies)
            BOOST_REQUIRE(cut(*now.pyramid, tile, policy) == cut(*fresh.pyramid, tile, policy));
}

BOOST_DATA_TEST_CASE(the_low_tiles_named_stale_are_those_whose_bytes_differ_for_someone,
                     boost::unit_test::data::xrange(kinds.size()), kind) {
    RandomRows made{kinds[kind], tests::seed()};
    auto const schema = schema_of(made);
    auto rows = some_rows(made);
    auto layer = loaded(schema, rows);
    auto now = merged(layer);
    // Whoever sees everything may not see what only others do: it can be merged away.
    std::vector<geo::Policy> viewers{policies.begin(), policies.end()};
    for (auto const* const scope : {"42", "20", ""})
        for (std::uint8_t level = 0; level < 3; ++level)
            viewers.push_back(geo::Policy::limited({scope}, level));
    for (int round = 0; round < 60; ++round) {
        std::vector<tiles::GridBox> dirty;
        std::vector<TileId> stale;
        layer = changed(layer, rows, made, 1, dirty);
        auto const after = rebuilt(now, layer, dirty, stale);
        std::set<TileId> differ;
        for (auto const tile : tiles_around({now.pyramid.get(), after.pyramid.get()}))
            for (auto const& policy : viewers)
                if (cut(*now.pyramid, tile, policy) != cut(*after.pyramid, tile, policy))
                    differ.insert(tile);
        BOOST_REQUIRE((std::set<TileId>(stale.begin(), stale.end()) == differ));
        now = after;
    }
}

BOOST_DATA_TEST_CASE(merged_features_carry_the_sums_that_brute_force_finds,
                     boost::unit_test::data::xrange(kinds.size()), kind) {
    RandomRows made{kinds[kind], tests::seed()};
    auto const schema = schema_of(made);
    Rows rows;
    for (std::int64_t fid = 1; fid <= 2'000; ++fid) rows[fid] = made.row(fid);
    auto const low = merged(loaded(schema, rows)).pyramid;
    for (auto const& policy : policies) {
        std::map<std::string, std::array<double, 3>> expected; // by class: rows, floors, height
        bool const classes = policy.sees_field("name");
        for (auto const& [fid, row] : rows) {
            if (row.geometry.empty() || !policy.sees(row.scope, row.sensitivity)) continue;
            auto const* const name = std::get_if<std::string_view>(&row.values[0]);
            auto& sum = expected[classes && name != nullptr ? std::string{*name} : ""];
            sum[0] += 1;
            if (auto const* const floors = std::get_if<std::int64_t>(&row.values[1]))
                sum[1] += double(*floors);
            if (auto const* const height = std::get_if<double>(&row.values[2])) sum[2] += *height;
        }
        for (std::uint32_t zoom = 0; zoom < native_zoom; ++zoom) {
            std::map<std::string, std::array<double, 3>> found;
            for (auto const tile : low->tiles(zoom))
                for (auto const& layer : tests::read_tile(cut(*low, tile, policy)))
                    for (auto const& feature : layer.features) {
                        auto const name = feature.tags.contains("name")
                                              ? std::get<std::string>(feature.tags.at("name"))
                                              : "";
                        auto& sum = found[name];
                        sum[0] += number(feature, "count");
                        BOOST_REQUIRE(feature.tags.contains("floors") ==
                                      policy.sees_field("floors"));
                        if (policy.sees_field("floors")) sum[1] += number(feature, "floors");
                        sum[2] += number(feature, "height");
                    }
            BOOST_REQUIRE(found.size() == expected.size());
            for (auto const& [name, sum] : expected) {
                BOOST_TEST(found[name][0] == sum[0]);
                if (policy.sees_field("floors")) BOOST_TEST(found[name][1] == sum[1]);
                BOOST_TEST(found[name][2] == sum[2]); // eighths are exact in doubles and millionths
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(only_numbers_in_tiles_under_a_name_of_their_own_are_summed) {
    geo::Field field{"people", geo::FieldType::integer, {}, {}, true, false, true, false, {}};
    BOOST_TEST(field.is_summed());
    for (auto const* name : {"count", "area_m2", "length_m", "drawn"}) {
        auto taken = field;
        taken.name = name;
        BOOST_TEST(!taken.is_summed());
    }
    auto hidden = field;
    hidden.tile = false;
    BOOST_TEST(!hidden.is_summed());
    auto text = field;
    text.type = geo::FieldType::text;
    BOOST_TEST(!text.is_summed());
}

BOOST_AUTO_TEST_SUITE_END()
