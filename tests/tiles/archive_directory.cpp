#include "geo/error.hpp"
#include "tiles/archive/directory.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <memory>
#include <random>
#include <vector>

using namespace diaban::tiles;

namespace {

std::vector<std::byte> bytes_of(std::initializer_list<unsigned> values) {
    std::vector<std::byte> bytes;
    for (auto const value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

/// Runs and gaps of all sizes; some tiles lie where an earlier one does.
std::vector<archive::Entry> random_entries(std::size_t count) {
    std::mt19937_64 random{7};
    std::vector<archive::Entry> entries;
    std::uint64_t number = 0;
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < count; ++i) {
        auto const run = static_cast<std::uint32_t>(1 + random() % 5);
        auto const length = static_cast<std::uint32_t>(1 + random() % 70'000);
        bool const again = !entries.empty() && random() % 4 == 0;
        archive::Entry entry{.number = number, .offset = end, .length = length, .run = run};
        if (again) {
            auto const& earlier = entries[random() % entries.size()];
            entry.offset = earlier.offset;
            entry.length = earlier.length;
        } else {
            end += length;
        }
        entries.push_back(entry);
        number += run + random() % 300;
    }
    return entries;
}

std::vector<std::byte> as_it_is(std::span<std::byte const> bytes) {
    return {bytes.begin(), bytes.end()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(archive_directory)

BOOST_AUTO_TEST_CASE(tiles_have_the_numbers_of_the_published_table) {
    struct Row {
        std::uint32_t zoom, x, y;
        std::uint64_t number;
    };
    // The first seven: specification, 4.1; the others: zxyToTileId of the npm package
    // pmtiles 4.5.0.
    for (auto const& [zoom, x, y, number] :
         {Row{0, 0, 0, 0}, Row{1, 0, 0, 1}, Row{1, 0, 1, 2}, Row{1, 1, 1, 3}, Row{1, 1, 0, 4},
          Row{2, 0, 0, 5}, Row{12, 3423, 1763, 19'078'479}, Row{7, 101, 57, 18'733},
          Row{14, 12'978, 7'362, 306'935'031}, Row{19, 524'287, 0, 366'503'875'924},
          Row{19, 415'296, 235'612, 314'301'473'093}})
        BOOST_TEST(archive::number_of(*TileId::make(zoom, x, y)) == number);
}

BOOST_AUTO_TEST_CASE(every_number_is_one_tile_and_the_next_is_its_neighbour) {
    for (std::uint64_t number = 0; number < 21'845; ++number) {
        auto const tile = archive::tile_of(number);
        BOOST_REQUIRE(tile);
        BOOST_REQUIRE_EQUAL(archive::number_of(*tile), number);
        auto const next = archive::tile_of(number + 1);
        if (next->zoom() != tile->zoom()) continue;
        auto const apart = [](std::uint32_t a, std::uint32_t b) { return a > b ? a - b : b - a; };
        BOOST_REQUIRE_EQUAL(apart(tile->x(), next->x()) + apart(tile->y(), next->y()), 1);
    }
    auto const last = *TileId::make(19, 524'287, 0);
    BOOST_TEST((archive::tile_of(archive::number_of(last)) == last));
    BOOST_TEST(!archive::tile_of(archive::number_of(last) + 1));
}

BOOST_AUTO_TEST_CASE(the_four_tiles_below_a_tile_follow_one_another) {
    for (std::uint64_t number = 0; number < 5'461; ++number) {
        auto const tile = *archive::tile_of(number);
        auto const first = archive::first_child(number);
        for (std::uint64_t i = 0; i < 4; ++i) {
            auto const child = *archive::tile_of(first + i);
            BOOST_REQUIRE_EQUAL(child.zoom(), tile.zoom() + 1);
            BOOST_REQUIRE_EQUAL(child.x() / 2, tile.x());
            BOOST_REQUIRE_EQUAL(child.y() / 2, tile.y());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_directory_has_the_bytes_that_the_format_asks_for) {
    std::vector<archive::Entry> const entries{{5, 0, 300, 2}, {9, 300, 10, 1}, {10, 0, 300, 1}};
    auto const expected = bytes_of({3, 5, 4, 1, 2, 1, 1, 0xac, 2, 10, 0xac, 2, 1, 0, 1});
    BOOST_TEST((archive::encode(entries) == expected));
    BOOST_TEST((archive::decode(expected) == entries));
}

BOOST_AUTO_TEST_CASE(every_tile_is_found_again_through_leaves_and_no_other_is) {
    auto const entries = random_entries(20'000);
    auto const directories = archive::arrange(entries, as_it_is, 100);
    BOOST_TEST(directories.root.size() <= 100U);
    auto const root = archive::decode(directories.root);
    BOOST_REQUIRE(root);
    std::vector<archive::Entry> together;
    for (auto const& leaf : *root) {
        BOOST_REQUIRE_EQUAL(leaf.run, 0);
        auto const part =
            archive::decode(std::span{directories.leaves}.subspan(leaf.offset, leaf.length));
        BOOST_REQUIRE(part);
        BOOST_REQUIRE((archive::find(*root, part->back().number) == leaf));
        together.insert(together.end(), part->begin(), part->end());
    }
    BOOST_TEST((together == entries));
    for (auto const& entry : entries) {
        BOOST_REQUIRE((archive::find(entries, entry.number + entry.run - 1) == entry));
        auto const after = archive::find(entries, entry.number + entry.run);
        BOOST_REQUIRE((!after || after->number == entry.number + entry.run));
    }
}

BOOST_AUTO_TEST_CASE(a_small_directory_needs_no_leaves) {
    auto const entries = random_entries(1'000);
    auto const directories = archive::arrange(entries, as_it_is);
    BOOST_TEST(directories.leaves.empty());
    BOOST_TEST((archive::decode(directories.root) == entries));
}

BOOST_AUTO_TEST_CASE(a_tile_is_sought_through_leaves_and_leaves_that_lead_in_a_circle_are_left) {
    std::vector<archive::Entry> const root{{0, 0, 10, 1}, {5, 0, 20, 0}};
    auto const leaf = std::make_shared<std::vector<archive::Entry> const>(
        std::vector<archive::Entry>{{5, 0, 10, 2}, {9, 10, 10, 1}});
    auto const in_leaf = [&](archive::Entry const& entry) {
        BOOST_TEST(entry.run == 0U);
        return leaf;
    };
    BOOST_TEST((archive::locate(root, 0, in_leaf) == root.front()));
    BOOST_TEST((archive::locate(root, 6, in_leaf) == leaf->front()));
    BOOST_TEST(!archive::locate(root, 7, in_leaf));
    BOOST_TEST(!archive::locate(root, 1, in_leaf));
    auto const circle = std::make_shared<std::vector<archive::Entry> const>(root);
    int asked = 0;
    auto const again = [&](archive::Entry const&) {
        ++asked;
        return circle;
    };
    BOOST_CHECK_EXCEPTION(static_cast<void>(archive::locate(root, 6, again)), diaban::geo::Error,
                          [](auto const& fault) { return fault.type() == "bad-archive"; });
    BOOST_TEST(asked == 3);
}

BOOST_AUTO_TEST_CASE(hostile_directories_are_refused) {
    for (auto const& bytes : {
             bytes_of({}), bytes_of({0}),                                               // empty
             bytes_of({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0}), // count
             bytes_of(
                 {1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2, 1, 1, 1}), // 65 bits
             bytes_of({1, 5, 1, 0, 1}),                                                  // length 0
             bytes_of({1, 5, 1, 1, 0}),             // after nothing
             bytes_of({2, 5, 0, 1, 1, 1, 1, 1, 0}), // number twice
             bytes_of({2, 5, 1, 2, 1, 1, 1, 1, 0}), // runs overlap
             bytes_of({1, 5, 1, 1, 1, 0}),          // goes on
         })
        BOOST_TEST(!archive::decode(bytes));
}

BOOST_AUTO_TEST_CASE(a_directory_cut_short_anywhere_is_refused_and_damage_never_reads_beyond) {
    auto const whole = archive::encode(random_entries(60));
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_REQUIRE(!archive::decode(std::span{whole}.first(size)));
    std::mt19937_64 random{11};
    for (int i = 0; i < 20'000; ++i) {
        auto damaged = whole;
        damaged[random() % damaged.size()] = static_cast<std::byte>(random());
        auto const entries = archive::decode(damaged);
        if (entries) BOOST_REQUIRE((archive::decode(archive::encode(*entries)) == entries));
    }
}

BOOST_AUTO_TEST_SUITE_END()
