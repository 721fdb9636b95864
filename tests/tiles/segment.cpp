#include "tiles/mirror/segment.hpp"

#include "geo/error.hpp"
#include "tests/support/layers.hpp"
#include "tests/support/random_rows.hpp"
#include "tests/support/seed.hpp"
#include "tiles/cut.hpp"
#include "tiles/mirror/layer.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace diaban;
using namespace diaban::tiles::mirror;
using tests::RandomRows;
using tiles::TileId;

namespace {

constexpr SegmentStamp stamp{77, 12, 3456, 9};

/// A folder that goes with the test.
struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "segment-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

std::shared_ptr<Layer const> some_layer(RandomRows& made, std::size_t count) {
    auto const schema = made.schema();
    std::vector<LayerBuilder> parts;
    parts.emplace_back(schema);
    for (std::size_t i = 1; i <= count; ++i) {
        auto const row = made.row(std::int64_t(i) * 7);
        std::vector<std::byte> wkb;
        if (!row.geometry.empty()) geo::codec::append_ewkb(wkb, row.geometry);
        parts.back().append(
            {row.fid, row.scope, row.sensitivity, wkb, row.values,
             i % 3 == 0 ? geo::Period{} : geo::Period{std::int64_t(i), std::int64_t(2 * i)}});
    }
    return Layer::build(std::move(parts), 1, stamp.native_zoom);
}

std::variant<Segment, std::string> opened(std::filesystem::path const& file, Layer const& layer) {
    return open_segment(file, layer.shared_schema(), stamp.record, stamp.generation);
}

std::string reason(std::variant<Segment, std::string> const& result) {
    auto const* const why = std::get_if<std::string>(&result);
    return why == nullptr ? "accepted" : *why;
}

std::string bytes_of(std::filesystem::path const& file) {
    std::ostringstream bytes;
    bytes << std::ifstream{file, std::ios::binary}.rdbuf();
    return bytes.str();
}

void put(std::filesystem::path const& file, std::string const& bytes) {
    std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

std::array const kinds{geo::GeometryKind::none, geo::GeometryKind::point, geo::GeometryKind::line,
                       geo::GeometryKind::polygon};

} // namespace

BOOST_AUTO_TEST_SUITE(segment)

BOOST_DATA_TEST_CASE(a_mapped_run_shows_what_the_run_shows,
                     boost::unit_test::data::xrange(kinds.size()) *
                         boost::unit_test::data::make({0, 1, 3'000}),
                     kind, count) {
    Folder const folder;
    RandomRows made{kinds[kind], tests::seed()};
    auto const layer = some_layer(made, std::size_t(count));
    auto const file = folder.path / "made.segment";
    write_segment(file, layer->base(), stamp);
    auto result = open_segment(file, layer->shared_schema(), stamp.record, stamp.generation);
    BOOST_REQUIRE_EQUAL(reason(result), "accepted");
    auto const& segment = std::get<Segment>(result);
    BOOST_TEST(segment.stamp.seq == stamp.seq);
    BOOST_TEST(segment.stamp.native_zoom == stamp.native_zoom);
    auto const mapped = Layer::of(segment.run, segment.stamp.native_zoom);
    auto const everything = geo::Policy::everything();
    BOOST_TEST(mapped->count(everything).rows == std::size_t(count));
    BOOST_TEST(mapped->size() == layer->size());
    BOOST_TEST((mapped->extent(everything) == layer->extent(everything)));
    BOOST_TEST(mapped->during({5, 10}, everything) == layer->during({5, 10}, everything),
               boost::test_tools::per_element());
    for (auto const zoom : {9U, 12U, 15U})
        for (std::size_t i = 0; i < 50 && layer->size() > 0; ++i) {
            auto const p = layer->base().points[made.below(layer->base().points.size())];
            auto const tile = *TileId::make(zoom, std::uint32_t(p.x) >> (31 - zoom),
                                            std::uint32_t(p.y) >> (31 - zoom));
            std::string one;
            std::string other;
            tiles::cut(*layer, tile, {}, everything, one);
            tiles::cut(*mapped, tile, {}, everything, other);
            BOOST_REQUIRE(one == other);
        }
}

BOOST_AUTO_TEST_CASE(a_segment_of_another_record_generation_or_schema_is_refused) {
    Folder const folder;
    RandomRows made{geo::GeometryKind::polygon, tests::seed()};
    auto const layer = some_layer(made, 100);
    auto const file = folder.path / "made.segment";
    BOOST_TEST(reason(opened(file, *layer)) == "absent");
    write_segment(file, layer->base(), stamp);
    auto const schema = layer->shared_schema();
    BOOST_TEST(reason(open_segment(file, schema, 78, 12)) == "record");
    BOOST_TEST(reason(open_segment(file, schema, 77, 13)) == "generation");
    auto changed = *schema;
    changed.fields[1].name = "storeys";
    BOOST_TEST(reason(open_segment(file, std::make_shared<geo::Schema const>(changed), 77, 12)) ==
               "schema");
    BOOST_TEST(reason(opened(file, *layer)) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_segment_can_be_said_to_be_of_a_later_moment) {
    Folder const folder;
    RandomRows made{geo::GeometryKind::line, tests::seed()};
    auto const layer = some_layer(made, 100);
    auto const file = folder.path / "made.segment";
    BOOST_TEST(!restamp_segment(file, stamp));
    write_segment(file, layer->base(), stamp);
    BOOST_TEST(restamp_segment(file, {77, 12, 9999, 9}));
    auto const later = opened(file, *layer);
    BOOST_REQUIRE_EQUAL(reason(later), "accepted");
    BOOST_TEST(std::get<Segment>(later).stamp.seq == 9999);
}

BOOST_AUTO_TEST_CASE(a_truncated_segment_is_refused_at_whatever_byte_it_ends) {
    Folder const folder;
    RandomRows made{geo::GeometryKind::polygon, tests::seed()};
    auto const layer = some_layer(made, 50);
    auto const file = folder.path / "made.segment";
    write_segment(file, layer->base(), stamp);
    auto const whole = bytes_of(file);
    for (std::size_t size = 0; size < whole.size(); size += 1 + size / 50) {
        put(file, whole.substr(0, size));
        auto const why = reason(opened(file, *layer));
        BOOST_REQUIRE_MESSAGE(why == "truncated" || why == "absent", size << " bytes: " << why);
    }
    put(file, whole + "more");
    BOOST_TEST(reason(opened(file, *layer)) == "truncated");
}

BOOST_AUTO_TEST_CASE(a_segment_with_any_bit_flipped_is_refused) {
    Folder const folder;
    RandomRows made{geo::GeometryKind::polygon, tests::seed()};
    auto const layer = some_layer(made, 20);
    auto const file = folder.path / "made.segment";
    write_segment(file, layer->base(), stamp);
    auto const whole = bytes_of(file);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto harmed = whole;
        harmed[at] = char(harmed[at] ^ (1 << made.below(8)));
        put(file, harmed);
        BOOST_REQUIRE_MESSAGE(reason(opened(file, *layer)) != "accepted", "byte " << at);
    }
}

BOOST_AUTO_TEST_CASE(where_a_segment_cannot_be_written_the_old_one_stays) {
    Folder const folder;
    RandomRows made{geo::GeometryKind::point, tests::seed()};
    auto const layer = some_layer(made, 20);
    auto const file = folder.path / "made.segment";
    write_segment(file, layer->base(), stamp);
    std::filesystem::create_directory(file.string() + ".new"); // in the draft's way
    BOOST_CHECK_THROW(write_segment(file, layer->base(), {77, 12, 9999, 9}), geo::Error);
    auto const still = opened(file, *layer);
    BOOST_REQUIRE_EQUAL(reason(still), "accepted");
    BOOST_TEST(std::get<Segment>(still).stamp.seq == stamp.seq);
}

BOOST_AUTO_TEST_CASE(a_run_stays_readable_when_its_file_is_replaced) {
    Folder const folder;
    RandomRows made{geo::GeometryKind::polygon, tests::seed()};
    auto const layer = some_layer(made, 500);
    auto const file = folder.path / "made.segment";
    write_segment(file, layer->base(), stamp);
    auto const run = std::get<Segment>(opened(file, *layer)).run;
    auto const other = some_layer(made, 5);
    write_segment(file, other->base(), stamp);
    BOOST_TEST(run->size() == 500U);
    BOOST_TEST(std::equal(run->points.begin(), run->points.end(), layer->base().points.begin()));
}

BOOST_AUTO_TEST_SUITE_END()
