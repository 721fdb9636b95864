#include "geo/error.hpp"
#include "tiles/archive/contents.hpp"
#include "tiles/archive/header.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace diaban::tiles;

namespace {

/// Sections one after another, as a writer puts them.
archive::Header usual_header() {
    archive::Header header;
    header.root = {127, 300};
    header.metadata = {427, 100};
    header.leaves = {527, 0};
    header.tiles = {527, 1'000};
    header.addressed = 9;
    header.entries = 8;
    header.contents = 7;
    header.clustered = true;
    header.min_zoom = 3;
    header.max_zoom = 14;
    header.bounds = {102.1446, -8.5, 109.4692, 23.3926};
    header.centre_zoom = 5;
    header.centre = {105.8, 21.03};
    return header;
}

bool is_refused(std::vector<std::byte> const& bytes, std::uint64_t file_size) {
    try {
        static_cast<void>(archive::decode_header(bytes, file_size));
        return false;
    } catch (diaban::geo::Error const& fault) {
        return fault.type() == "bad-archive" && !fault.parameters().empty();
    }
}

std::vector<std::byte> bytes_of(archive::Header const& header) {
    auto const bytes = archive::encode(header);
    return {bytes.begin(), bytes.end()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(archive_header)

BOOST_AUTO_TEST_CASE(a_header_has_its_fields_where_the_specification_puts_them) {
    auto const bytes = bytes_of(usual_header());
    auto const number = [&](std::size_t at, std::size_t size) {
        std::uint64_t value = 0;
        for (std::size_t i = size; i-- > 0;)
            value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i]);
        return value;
    };
    BOOST_TEST(number(0, 7) == 0x73656c69544d50ULL); // PMTiles
    BOOST_TEST(number(7, 1) == 3U);
    std::vector<std::uint64_t> const fields{127, 300, 427, 100, 527, 0, 527, 1'000, 9, 8, 7};
    for (std::size_t i = 0; i < fields.size(); ++i) BOOST_TEST(number(8 + 8 * i, 8) == fields[i]);
    BOOST_TEST(number(96, 1) == 1U); // clustered
    BOOST_TEST(number(97, 1) == 2U); // gzip
    BOOST_TEST(number(98, 1) == 2U);
    BOOST_TEST(number(99, 1) == 1U); // MVT
    BOOST_TEST(number(100, 1) == 3U);
    BOOST_TEST(number(101, 1) == 14U);
    BOOST_TEST(static_cast<std::int32_t>(number(102, 4)) == 1'021'446'000);
    BOOST_TEST(static_cast<std::int32_t>(number(106, 4)) == -85'000'000);
    BOOST_TEST(static_cast<std::int32_t>(number(114, 4)) == 233'926'000);
    BOOST_TEST(number(118, 1) == 5U);
    BOOST_TEST(static_cast<std::int32_t>(number(119, 4)) == 1'058'000'000);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
    auto const header = usual_header();
    auto const read = archive::decode_header(bytes_of(header), 1'527);
    BOOST_TEST((archive::encode(read) == archive::encode(header)));
    BOOST_TEST((read.bounds == header.bounds));
    BOOST_TEST((read.tiles == header.tiles));
}

BOOST_AUTO_TEST_CASE(what_is_no_header_or_points_outside_the_file_is_refused_with_a_reason) {
    auto const whole = bytes_of(usual_header());
    BOOST_TEST(!is_refused(whole, 1'527));
    BOOST_TEST(is_refused(whole, 1'526)); // cut short
    BOOST_TEST(is_refused({whole.begin(), whole.end() - 1}, 1'527));
    BOOST_TEST(is_refused({}, 0));
    auto const changed = [&](auto const& change) {
        auto header = usual_header();
        change(header);
        return bytes_of(header);
    };
    BOOST_TEST(is_refused(changed([](auto& it) { it.root = {16'000, 500}; }), 100'000));
    BOOST_TEST(is_refused(changed([](auto& it) { it.root = {127, 0}; }), 100'000));
    BOOST_TEST(is_refused(changed([](auto& it) { it.root = {0, 300}; }), 100'000));
    BOOST_TEST(is_refused(changed([](auto& it) { it.leaves = {~0ULL, 2}; }), 100'000));
    BOOST_TEST(is_refused(changed([](auto& it) { it.tiles = {527, ~0ULL}; }), 100'000));
    BOOST_TEST(is_refused(changed([](auto& it) { it.metadata = {427, 600'000}; }), 1 << 20));
    BOOST_TEST(is_refused(changed([](auto& it) { it.min_zoom = 15; }), 100'000));
    BOOST_TEST(is_refused(changed([](auto& it) { it.min_zoom = it.max_zoom = 32; }), 100'000));
    auto magic = whole;
    magic[0] = std::byte{'p'};
    BOOST_TEST(is_refused(magic, 1'527));
    auto version = whole;
    version[7] = std::byte{2};
    BOOST_TEST(is_refused(version, 1'527));
}

BOOST_AUTO_TEST_CASE(equal_bodies_are_one_and_equal_neighbours_one_line) {
    std::mt19937 random{3};
    std::string stored;
    archive::Contents contents;
    archive::Lines lines;
    std::map<std::uint64_t, std::string> truth;
    std::uint64_t number = 0;
    for (int i = 0; i < 5'000; ++i) {
        number += 1 + (random() % 8 == 0 ? random() % 50 : 0);
        auto const body = std::string(1 + random() % 3, 'a') + std::to_string(random() % 4);
        truth[number] = body;
        // A hash that often is the same for others: bytes decide.
        auto const hash = body.size();
        auto place = contents.find(hash, body, [&](archive::Place const& at, std::string_view one) {
            return std::string_view{stored}.substr(at.offset, at.length) == one;
        });
        if (!place) {
            place = archive::Place{stored.size(), static_cast<std::uint32_t>(body.size())};
            contents.add(hash, *place);
            stored += body;
        }
        lines.add(number, *place);
    }
    BOOST_TEST(contents.size() == 12U); // three lengths, four digits
    BOOST_TEST(lines.tiles() == truth.size());
    BOOST_TEST(lines.entries().size() < truth.size());
    for (std::uint64_t i = 0; i <= number + 1; ++i) {
        auto const found = archive::find(lines.entries(), i);
        BOOST_REQUIRE_EQUAL(found.has_value(), truth.contains(i));
        if (found) BOOST_REQUIRE_EQUAL(stored.substr(found->offset, found->length), truth[i]);
    }
}

BOOST_AUTO_TEST_SUITE_END()
