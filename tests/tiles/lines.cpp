// Lines below the native zoom: joined end to end, chosen by rank and length, and kept true.

#include "tests/support/line_rows.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"
#include "tiles/pyramid/chains.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>

using namespace diaban;
using namespace tiles::pyramid;
using tests::LineRows;
using tests::StreetMaker;
using tiles::GridPoint;
using tiles::TileId;

namespace {

constexpr std::uint32_t lowest = 4;
constexpr std::uint32_t finest = 13;
constexpr std::size_t side = 40;

Plan plan_of(std::vector<LineCut> cuts = {}) {
    Plan plan{"roads", geo::GeometryKind::line, "kind", {}, finest, lowest, 32, {}, {}};
    for (auto const* kind : {"road", "street"}) // tracks are not ranked: last
        plan.classes.push_back(tiles::mvt::encode_value(std::string_view{kind}));
    plan.line_cuts = std::move(cuts);
    return plan;
}

struct Made {
    StreetMaker maker{tests::seed()};
    std::shared_ptr<Keys> keys = std::make_shared<Keys>();
    LineRows rows;

    explicit Made(std::size_t count) {
        for (auto const& key : maker.keys()) keys->number(key);
        for (std::size_t i = 0; i < count; ++i) rows.lines.push_back(maker.line(side));
    }

    /// Changes a row at random; its boxes, before and after.
    void edit(std::vector<tiles::GridBox>& dirty) {
        auto& line = rows.lines[maker.below(rows.lines.size())];
        dirty.push_back(line.box);
        switch (maker.below(4)) {
        case 0: line.gone = !line.gone; break;
        case 1: line.key = std::uint32_t(maker.below(keys->size())); break;
        default: line = maker.line(side);
        }
        dirty.push_back(line.box);
    }
};

std::vector const policies{geo::Policy::everything(), geo::Policy::everything(0),
                           geo::Policy::limited({"1"}, 2), geo::Policy::limited({"2", "3"}, 0),
                           geo::Policy::limited({"1", "3"}, 2, {"kind"})};

std::string cut(Pyramid const& pyramid, TileId tile,
                geo::Policy const& policy = geo::Policy::everything()) {
    std::string body;
    pyramid.cut(tile, {}, policy, body);
    return body;
}

/// All tiles from the lowest zoom to the finest over the ground of the streets, and around it.
std::vector<TileId> tiles_around(Pyramid const& pyramid) {
    std::set<TileId> around;
    for (auto zoom = lowest; zoom <= finest; ++zoom)
        for (auto const tile : pyramid.tiles(zoom))
            for (std::uint32_t i = 0; i < 9; ++i)
                if (auto const near =
                        TileId::make(zoom, tile.x() + i % 3 - 1, tile.y() + i / 3 - 1))
                    around.insert(*near);
    return {around.begin(), around.end()};
}

std::int64_t whole(tests::ReadFeature const& feature, char const* name) {
    return std::get<std::int64_t>(feature.tags.at(name));
}

/// The sides of a line, whichever way it runs.
using Sides = std::multiset<std::pair<GridPoint, GridPoint>>;
void add_sides(std::vector<GridPoint> const& line, Sides& sides) {
    for (std::size_t i = 1; i < line.size(); ++i) sides.insert(std::minmax(line[i - 1], line[i]));
}

} // namespace

BOOST_AUTO_TEST_SUITE(lines)

BOOST_AUTO_TEST_CASE(paths_are_joined_where_exactly_two_ends_of_their_key_meet) {
    Made made{3'000};
    std::array const all{made.rows.bounds()};
    auto const change = find_line_change(nullptr, made.rows, all);
    // Brute force: paths are joined by a table of all ends.
    struct Path {
        std::uint32_t key;
        std::vector<GridPoint> points;
    };
    std::vector<Path> paths;
    std::map<std::pair<std::uint32_t, GridPoint>, std::vector<std::size_t>> ends;
    for (auto const& line : made.rows.lines)
        for (std::size_t p = 0; p + 1 < line.path_begin.size(); ++p) {
            paths.push_back({line.key, line.path(p)});
            ends[{line.key, paths.back().points.front()}].push_back(paths.size() - 1);
            ends[{line.key, paths.back().points.back()}].push_back(paths.size() - 1);
        }
    std::vector<std::size_t> leader(paths.size());
    std::iota(leader.begin(), leader.end(), 0U);
    auto const lead = [&](std::size_t i) {
        while (leader[i] != i) i = leader[i];
        return i;
    };
    std::size_t joints = 0;
    for (auto const& [node, of] : ends)
        if (of.size() == 2) {
            leader[lead(of[0])] = lead(of[1]);
            ++joints;
        }
    BOOST_TEST(joints > 100U);
    std::map<std::size_t, std::pair<std::uint32_t, Sides>> groups;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        groups[lead(i)].first = paths[i].key;
        add_sides(paths[i].points, groups[lead(i)].second);
    }
    std::multiset<std::pair<std::uint32_t, Sides>> expected;
    for (auto const& [name, group] : groups) expected.insert(group);
    std::multiset<std::pair<std::uint32_t, Sides>> found;
    std::size_t rows = 0;
    for (auto const& chain : change.come) {
        Sides sides;
        add_sides(chain.points, sides);
        found.emplace(chain.key, std::move(sides));
        rows += chain.centres.size();
    }
    BOOST_TEST((found == expected));
    BOOST_TEST(rows == made.rows.lines.size());
    BOOST_TEST(change.rows_come.size() == made.rows.lines.size());
}

BOOST_AUTO_TEST_CASE(counts_and_lengths_of_a_zooms_tiles_add_up_whatever_is_drawn) {
    Made made{4'000};
    auto plan = plan_of();
    for (std::uint32_t zoom = 0; zoom <= finest; ++zoom)
        plan.line_cuts.push_back({1, StreetMaker::spacing << (finest - zoom)});
    auto const pyramid = Pyramid::build(plan, made.keys, made.rows, 2);
    for (auto const& policy : policies) {
        auto const seen = made.keys->seen_by(policy);
        std::int64_t rows = 0;
        double length = 0;
        for (auto const& line : made.rows.lines)
            if (seen[line.key]) {
                ++rows;
                length += line.length_m;
            }
        for (auto zoom = lowest; zoom <= finest; ++zoom) {
            std::int64_t merged = 0;
            std::int64_t counted = 0;
            std::int64_t drawn = 0;
            double metres = 0;
            for (auto const tile : pyramid->tiles(zoom)) {
                std::string body;
                auto const summary = pyramid->cut(tile, {}, policy, body);
                merged += summary.merged;
                drawn += summary.drawn;
                for (auto const& layer : tests::read_tile(body))
                    for (auto const& feature : layer.features) {
                        BOOST_TEST(feature.id == 0U);
                        counted += whole(feature, "count");
                        drawn -= whole(feature, "drawn");
                        metres += std::get<double>(feature.tags.at("length_m"));
                    }
            }
            BOOST_TEST(merged == rows);
            BOOST_TEST(counted == rows);
            BOOST_TEST(drawn == 0);
            BOOST_TEST(std::abs(metres / length - 1) < 1e-6); // centimetres are whole
        }
    }
}

BOOST_AUTO_TEST_CASE(a_zoom_draws_what_the_one_above_it_drew_and_no_tile_is_over_its_budget) {
    Made made{60'000};
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    std::int64_t above = 0;
    bool thinned = false;
    for (auto zoom = lowest; zoom <= finest; ++zoom) {
        std::int64_t drawn = 0;
        for (auto const tile : pyramid->tiles(zoom)) {
            std::string body;
            drawn += pyramid->cut(tile, {}, geo::Policy::everything(), body).drawn;
            BOOST_TEST(body.size() <= 500'000U);
        }
        BOOST_TEST(drawn >= above);
        thinned |= !(pyramid->plan().line_cuts[zoom] == LineCut{});
        above = drawn;
    }
    BOOST_TEST(thinned);
}

BOOST_AUTO_TEST_CASE(a_line_is_drawn_within_a_pixel_of_where_it_is) {
    Made made{2'000};
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    for (auto const zoom : {10U, finest}) {
        double const unit = double(1U << (19 - zoom));
        for (auto const tile : pyramid->tiles(zoom))
            for (auto const& layer : tests::read_tile(cut(*pyramid, tile)))
                for (auto const& feature : layer.features) {
                    if (feature.type != 2) continue;
                    for (auto const& path : feature.paths)
                        for (auto const& p : path) {
                            double const x = (tile.x() * 4096.0 + double(p.x)) * unit;
                            double const y = (tile.y() * 4096.0 + double(p.y)) * unit;
                            double nearest = INFINITY;
                            for (auto const& line : made.rows.lines) {
                                auto const grown = [&](double v, double low, double high) {
                                    return v >= low - 16 * unit && v <= high + 16 * unit;
                                };
                                if (!grown(x, line.box.min_x, line.box.max_x) ||
                                    !grown(y, line.box.min_y, line.box.max_y))
                                    continue;
                                for (std::size_t i = 1; i < line.points.size(); ++i) {
                                    double const ax = line.points[i - 1].x;
                                    double const ay = line.points[i - 1].y;
                                    double const dx = line.points[i].x - ax;
                                    double const dy = line.points[i].y - ay;
                                    double const along =
                                        std::clamp(((x - ax) * dx + (y - ay) * dy) /
                                                       std::max(1.0, dx * dx + dy * dy),
                                                   0.0, 1.0);
                                    nearest = std::min(nearest, std::hypot(x - ax - along * dx,
                                                                           y - ay - along * dy));
                                }
                            }
                            BOOST_REQUIRE(nearest <= 16 * unit);
                        }
                }
    }
}

BOOST_AUTO_TEST_CASE(after_a_thousand_edits_it_equals_one_built_from_scratch) {
    Made made{4'000};
    auto pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    for (int batch = 0; batch < 50; ++batch) {
        auto const before = made.rows;
        std::vector<tiles::GridBox> dirty;
        for (int edit = 0; edit < 20; ++edit) made.edit(dirty);
        pyramid = pyramid->rebuild(made.keys, made.rows, dirty, 2, &before).pyramid;
    }
    auto const scratch =
        Pyramid::build(plan_of(pyramid->plan().line_cuts), made.keys, made.rows, 1);
    BOOST_TEST((*pyramid == *scratch));
    BOOST_TEST(!(*pyramid == *Pyramid::build(plan_of(), made.keys, LineRows{}, 1)));
    for (auto const tile : tiles_around(*pyramid))
        for (auto const& policy : policies)
            BOOST_TEST((cut(*pyramid, tile, policy) == cut(*scratch, tile, policy)));
}

BOOST_AUTO_TEST_CASE(the_tiles_named_changed_are_those_whose_bytes_differ_for_someone) {
    Made made{1'500};
    auto pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    // Whoever sees everything may not see what only others do: it can be merged away.
    std::vector<geo::Policy> viewers{policies.begin(), policies.end()};
    for (auto const& key : made.maker.keys())
        for (std::uint8_t level = 0; level < 3; ++level)
            viewers.push_back(geo::Policy::limited({key.scope}, level));
    for (int round = 0; round < 15; ++round) {
        auto const before = made.rows;
        std::vector<tiles::GridBox> dirty;
        made.edit(dirty);
        auto const after = pyramid->rebuild(made.keys, made.rows, dirty, 2, &before);
        std::set<TileId> differ;
        std::set<TileId> around;
        for (auto const& of : {pyramid, after.pyramid})
            for (auto const tile : tiles_around(*of)) around.insert(tile);
        for (auto const tile : around)
            for (auto const& policy : viewers)
                if (cut(*pyramid, tile, policy) != cut(*after.pyramid, tile, policy))
                    differ.insert(tile);
        BOOST_TEST((std::set<TileId>(after.changed.begin(), after.changed.end()) == differ));
        pyramid = after.pyramid;
    }
}

BOOST_AUTO_TEST_CASE(a_line_around_the_world_is_cut_into_the_tiles_along_it_alone) {
    std::array const line{GridPoint{1'000, 2'000'000'000}, GridPoint{2'147'000'000, 3'000}};
    for (std::uint32_t const zoom : {0U, 5U, 13U}) {
        auto const pieces = tile_line(line, zoom, 64);
        auto const along = std::size_t{1} << zoom;
        BOOST_TEST(pieces.size() >= along);
        BOOST_TEST(pieces.size() <= 3 * along);
        for (auto const& piece : pieces)
            for (auto const& path : piece.paths)
                for (auto const p : path)
                    BOOST_TEST((p.x >= -64 && p.x <= 4160 && p.y >= -64 && p.y <= 4160));
    }
}

BOOST_AUTO_TEST_CASE(rows_that_come_in_another_order_give_the_same_tiles) {
    Made made{3'000};
    auto const pyramid = Pyramid::build(plan_of(), made.keys, made.rows, 2);
    auto turned = made.rows;
    std::reverse(turned.lines.begin(), turned.lines.end());
    for (auto& line : turned.lines) { // and each path runs the other way
        for (std::size_t p = 0; p + 1 < line.path_begin.size(); ++p)
            std::reverse(line.points.begin() + line.path_begin[p],
                         line.points.begin() + line.path_begin[p + 1]);
    }
    auto const other = Pyramid::build(plan_of(), made.keys, turned, 1);
    for (auto const tile : tiles_around(*pyramid))
        BOOST_TEST((cut(*pyramid, tile) == cut(*other, tile)));
}

BOOST_AUTO_TEST_SUITE_END()
