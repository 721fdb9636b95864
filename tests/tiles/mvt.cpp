#include "tiles/mvt.hpp"

#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"
#include "tiles/cut.hpp"
#include "tiles/mirror/names.hpp"

#include <boost/test/unit_test.hpp>
#include <protozero/pbf_reader.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

using namespace diaban;
using tiles::GridPoint;

namespace {

std::vector<std::uint32_t> commands(tiles::mvt::Geometry const& geometry) {
    std::vector<std::uint32_t> found;
    auto const bytes = geometry.bytes();
    char const* at = bytes.data();
    while (at != bytes.data() + bytes.size())
        found.push_back(std::uint32_t(protozero::decode_varint(&at, bytes.data() + bytes.size())));
    return found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(mvt)

// The expected commands are the examples of vector-tile-spec 2.1, §4.3.5.
BOOST_AUTO_TEST_CASE(geometry_commands_are_those_of_the_specification) {
    tiles::mvt::Geometry geometry;
    std::vector<GridPoint> const one{{25, 17}};
    geometry.points(one);
    BOOST_TEST(commands(geometry) == (std::vector<std::uint32_t>{9, 50, 34}),
               boost::test_tools::per_element());

    geometry.clear();
    std::vector<GridPoint> const two{{5, 7}, {3, 2}};
    geometry.points(two);
    BOOST_TEST(commands(geometry) == (std::vector<std::uint32_t>{17, 10, 14, 3, 9}),
               boost::test_tools::per_element());

    geometry.clear();
    std::vector<GridPoint> const line{{2, 2}, {2, 10}, {10, 10}};
    geometry.line(line);
    BOOST_TEST(commands(geometry) == (std::vector<std::uint32_t>{9, 4, 4, 18, 0, 16, 16, 0}),
               boost::test_tools::per_element());

    geometry.clear();
    std::vector<GridPoint> const first{{2, 2}, {2, 10}, {10, 10}};
    std::vector<GridPoint> const second{{1, 1}, {3, 5}};
    geometry.line(first);
    geometry.line(second);
    BOOST_TEST(commands(geometry) ==
                   (std::vector<std::uint32_t>{9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8}),
               boost::test_tools::per_element());

    geometry.clear();
    std::vector<GridPoint> const ring{{3, 6}, {8, 12}, {20, 34}};
    geometry.ring(ring);
    BOOST_TEST(commands(geometry) == (std::vector<std::uint32_t>{9, 6, 12, 18, 10, 12, 24, 44, 15}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(paths_of_any_length_and_step_are_written_point_by_point) {
    std::mt19937_64 random{tests::seed()};
    auto const number = [&](std::int32_t low, std::int32_t high) {
        return std::uniform_int_distribution<std::int32_t>{low, high}(random);
    };
    auto const zigzag = [](std::int64_t v) { return std::uint32_t(v < 0 ? -2 * v - 1 : 2 * v); };
    for (int round = 0; round < 2'000; ++round) {
        auto const zoom = std::uint32_t(number(0, 19));
        auto const tile = *tiles::TileId::make(zoom, std::uint32_t(number(0, (1 << zoom) - 1)),
                                               std::uint32_t(number(0, (1 << zoom) - 1)));
        tiles::TileFrame const frame{tile};
        std::int32_t const step = 1 << number(0, 30);
        std::vector<GridPoint> path{{number(0, INT32_MAX), number(0, INT32_MAX)}};
        for (auto left = number(1, 200); left > 0; --left) {
            auto const near = [&](std::int32_t v) {
                return std::int32_t(
                    std::clamp<std::int64_t>(std::int64_t{v} + number(-step, step), 0, INT32_MAX));
            };
            path.push_back({near(path.back().x), near(path.back().y)});
        }
        // §4.3: MoveTo 1 is 9, LineTo n is 8 n + 2, ClosePath is 15.
        std::vector<GridPoint> units;
        std::vector<std::uint32_t> expected;
        GridPoint before;
        for (auto const p : path) {
            auto const unit = frame.unit(p);
            if (units.empty()) expected.push_back(9);
            if (units.size() == 1) expected.push_back(std::uint32_t(8 * (path.size() - 1) + 2));
            expected.push_back(zigzag(std::int64_t{unit.x} - before.x));
            expected.push_back(zigzag(std::int64_t{unit.y} - before.y));
            units.push_back(unit);
            before = unit;
        }
        tiles::mvt::Geometry stored;
        stored.line(path, frame);
        BOOST_REQUIRE(commands(stored) == expected);
        tiles::mvt::Geometry rounded;
        rounded.line(units);
        BOOST_REQUIRE(commands(rounded) == expected);
        expected.push_back(15);
        // The second ring of a feature begins where the first one's last point was.
        stored.clear();
        stored.ring(path, frame);
        stored.ring(path, frame);
        auto const both = commands(stored);
        BOOST_REQUIRE(std::equal(expected.begin(), expected.end(), both.begin()));
        BOOST_REQUIRE(both[expected.size() + 1] ==
                      zigzag(std::int64_t{units.front().x} - units.back().x));
        BOOST_REQUIRE(both[expected.size() + 2] ==
                      zigzag(std::int64_t{units.front().y} - units.back().y));
    }
}

BOOST_AUTO_TEST_CASE(every_type_of_value_is_read_back) {
    std::vector<geo::ValueView> const values{true,
                                             std::int64_t{-7},
                                             2.5,
                                             std::string_view{"Cẩm Duệ"},
                                             geo::Date{20270},
                                             geo::Instant{1'751'328'000'000'000},
                                             std::int64_t{1} << 52};
    tiles::mirror::Names encoded;
    for (auto const& value : values) encoded.number(tiles::mvt::encode_value(value));
    BOOST_TEST(tiles::mvt::encode_value({}).empty());
    using geo::FieldType;
    std::array const types{FieldType::boolean, FieldType::integer, FieldType::number,
                           FieldType::text,    FieldType::date,    FieldType::timestamp,
                           FieldType::integer};
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto const bytes = tiles::mvt::encode_value(values[i]);
        BOOST_TEST((tiles::mvt::decode_value(bytes, types[i]) == values[i]), "value " << i);
    }

    tiles::mvt::LayerWriter writer;
    std::array const sources{encoded.texts()};
    writer.begin("things", sources);
    tiles::mvt::Geometry geometry;
    GridPoint const at{1, 2};
    geometry.points({&at, 1});
    writer.begin_feature();
    std::array const names{"flag", "count", "ratio", "name", "day", "instant", "large"};
    for (std::uint32_t i = 0; i < names.size(); ++i) writer.tag(i, names[i], 0, i);
    writer.end_feature((std::uint64_t{1} << 53) - 1, tiles::mvt::GeomType::point, geometry);
    std::string body;
    writer.finish(body);

    auto const layers = tests::read_tile(body);
    BOOST_REQUIRE_EQUAL(layers.size(), 1);
    BOOST_TEST(layers[0].name == "things");
    BOOST_TEST(layers[0].extent == 4096);
    auto const& feature = layers[0].features.at(0);
    BOOST_TEST(feature.id == (std::uint64_t{1} << 53) - 1);
    BOOST_TEST(std::get<bool>(feature.tags.at("flag")));
    BOOST_TEST(std::get<std::int64_t>(feature.tags.at("count")) == -7);
    BOOST_TEST(std::get<double>(feature.tags.at("ratio")) == 2.5);
    BOOST_TEST(std::get<std::string>(feature.tags.at("name")) == "Cẩm Duệ");
    BOOST_TEST(std::get<std::string>(feature.tags.at("day")) == "2025-07-01");
    BOOST_TEST(std::get<std::string>(feature.tags.at("instant")) == "2025-07-01T00:00:00Z");
    BOOST_TEST(std::get<std::int64_t>(feature.tags.at("large")) == std::int64_t{1} << 52);
}

BOOST_AUTO_TEST_CASE(a_layer_of_many_columns_and_values_keeps_them_all) {
    constexpr std::uint32_t columns = 200;
    constexpr std::uint32_t features = 50;
    tiles::mirror::Names encoded;
    for (std::uint32_t i = 0; i < columns * features; ++i)
        encoded.number(tiles::mvt::encode_value(std::int64_t{i}));
    tiles::mvt::LayerWriter writer;
    std::array const sources{encoded.texts()};
    writer.begin("wide", sources);
    tiles::mvt::Geometry geometry;
    GridPoint const at{1, 2};
    geometry.points({&at, 1});
    for (std::uint32_t f = 0; f < features; ++f) {
        writer.begin_feature();
        for (std::uint32_t c = 0; c < columns; ++c)
            writer.tag(c, "c" + std::to_string(c), 0, f * columns + c);
        writer.end_feature(f, tiles::mvt::GeomType::point, geometry);
    }
    std::string body;
    writer.finish(body);
    auto const layers = tests::read_tile(body);
    for (std::uint32_t f = 0; f < features; ++f)
        for (std::uint32_t c = 0; c < columns; ++c)
            BOOST_REQUIRE_EQUAL(std::get<std::int64_t>(
                                    layers.at(0).features.at(f).tags.at("c" + std::to_string(c))),
                                f * columns + c);
}

BOOST_AUTO_TEST_CASE(a_value_that_stands_in_several_sources_enters_the_layer_once) {
    auto const text = [](std::string_view value) { return tiles::mvt::encode_value(value); };
    tiles::mirror::Names one;
    tiles::mirror::Names two;
    for (auto const* const value : {"rice", "forest"}) one.number(text(value));
    for (auto const* const value : {"forest", "water", "rice"}) two.number(text(value));
    std::array const sources{one.texts(), two.texts()};
    tiles::mvt::LayerWriter writer;
    writer.begin("made", sources);
    tiles::mvt::Geometry geometry;
    GridPoint const at{1, 2};
    geometry.points({&at, 1});
    auto const add = [&](std::uint32_t source, std::uint32_t value) {
        writer.begin_feature();
        writer.tag(0, "use", source, value);
        writer.end_feature(1, tiles::mvt::GeomType::point, geometry);
    };
    add(1, 2);
    add(0, 0);
    add(0, 1);
    add(1, 0);
    add(1, 1);
    std::string body;
    writer.finish(body);
    std::vector<std::string> seen;
    for (auto const& feature : tests::read_tile(body).at(0).features)
        seen.push_back(std::get<std::string>(feature.tags.at("use")));
    BOOST_TEST(seen == (std::vector<std::string>{"rice", "rice", "forest", "forest", "water"}),
               boost::test_tools::per_element());
    std::size_t times = 0;
    for (auto from = body.find("rice"); from != std::string::npos;
         from = body.find("rice", from + 1))
        ++times;
    BOOST_TEST(times == 1U);
}

BOOST_AUTO_TEST_CASE(a_layer_without_features_is_not_written) {
    tiles::mvt::LayerWriter writer;
    writer.begin("nothing", {});
    std::string body;
    writer.finish(body);
    BOOST_TEST(body.empty());
}

BOOST_AUTO_TEST_SUITE_END()
