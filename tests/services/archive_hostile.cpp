#include "data/sqlite/mbtiles.hpp"
#include "geo/error.hpp"
#include "services/archive/seed.hpp"
#include "services/archive/shelf.hpp"
#include "services/http/content_coding.hpp"
#include "tests/services/archive_files.hpp"
#include "tiles/archive/directory.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <random>
#include <string>
#include <vector>

using namespace diaban;
using services::archive::open_archive;

namespace {

/// A small archive as it is written.
std::string small_pmtiles(std::filesystem::path const& folder) {
    auto const file = folder / "small.pmtiles";
    services::archive::Spool spool{file, "small"};
    for (std::uint64_t i = 0; i < 21; ++i)
        spool.add(i, services::http::encode("tile " + std::to_string(i / 2),
                                            services::http::Encoding::gzip));
    spool.commit(21);
    services::archive::About about;
    about.name = "Nhỏ";
    about.max_zoom = 2;
    about.layers = R"([{"id": "blocks", "fields": {}}])";
    about.reads.emplace("blocks", geo::Policy::limited({"18739"}, 1, {"owner"}));
    write_archive(spool, about, file);
    spool.remove();
    return tests::file_bytes(file);
}

/// Opens it and reads every tile: whatever it is, that ends, and in nothing but an Error.
std::string fault_of(std::filesystem::path const& file) {
    try {
        auto const archive = open_archive(file);
        for (std::uint64_t i = 0; i < 21; ++i)
            static_cast<void>(archive->tile(*tiles::archive::tile_of(i)));
        return {};
    } catch (geo::Error const& fault) {
        return fault.type();
    }
}

/// The archive with another root directory, which is packed by gzip.
std::string with_root(std::string const& whole, std::string const& root) {
    auto header = tiles::archive::decode_header(std::as_bytes(std::span{whole}), whole.size());
    auto const metadata = whole.substr(header.metadata.offset, header.metadata.length);
    auto const bodies = whole.substr(header.tiles.offset);
    header.root.length = root.size();
    header.metadata.offset = 127 + root.size();
    header.leaves = {127, root.size()}; // leaves are where the root is
    header.tiles.offset = header.metadata.offset + metadata.size();
    auto const bytes = tiles::archive::encode(header);
    return std::string{reinterpret_cast<char const*>(bytes.data()), bytes.size()} + root +
           metadata + bodies;
}

std::string packed_directory(std::vector<tiles::archive::Entry> const& entries) {
    auto const bytes = tiles::archive::encode(entries);
    return services::http::encode({reinterpret_cast<char const*>(bytes.data()), bytes.size()},
                                  services::http::Encoding::gzip);
}

void run_sql(std::filesystem::path const& file, char const* sql) {
    sqlite3* database = nullptr;
    BOOST_REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
    BOOST_REQUIRE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
}

} // namespace

BOOST_AUTO_TEST_SUITE(archive_hostile)

BOOST_AUTO_TEST_CASE(an_archive_says_again_what_it_was_written_with) {
    tests::ArchiveFolder const folder;
    small_pmtiles(folder.path);
    auto const archive = open_archive(folder.path / "small.pmtiles");
    BOOST_TEST(archive->about().name == "Nhỏ");
    BOOST_TEST(archive->about().max_zoom == 2U);
    auto const& policy = archive->about().reads.at("blocks");
    BOOST_TEST(policy.key() == geo::Policy::limited({"18739"}, 1, {"owner"}).key());
    for (std::uint64_t i = 0; i < 21; ++i)
        BOOST_TEST(services::http::decode_gzip(*archive->tile(*tiles::archive::tile_of(i)), 100)
                       .value_or("") == "tile " + std::to_string(i / 2));
    BOOST_TEST(!archive->tile(*tiles::archive::tile_of(21)));
}

BOOST_AUTO_TEST_CASE(an_archive_cut_short_anywhere_is_refused_and_damage_never_reads_beyond) {
    tests::ArchiveFolder const folder;
    auto const whole = small_pmtiles(folder.path);
    auto const file = folder.path / "bad.pmtiles";
    for (std::size_t size = 0; size < whole.size(); size += 5) {
        tests::put_bytes(file, whole.substr(0, size));
        BOOST_REQUIRE_EQUAL(fault_of(file), "bad-archive");
    }
    std::mt19937 random{5};
    for (int i = 0; i < 500; ++i) {
        auto damaged = whole;
        for (int n = 0; n < 3; ++n)
            damaged[random() % (whole.size() - 50)] = static_cast<char>(random());
        tests::put_bytes(file, damaged);
        auto const fault = fault_of(file);
        BOOST_REQUIRE(fault.empty() || fault == "bad-archive" || fault == "archive-unreadable");
    }
}

BOOST_AUTO_TEST_CASE(directories_that_lead_in_a_circle_or_outside_and_bombs_are_refused) {
    tests::ArchiveFolder const folder;
    auto const whole = small_pmtiles(folder.path);
    auto const file = folder.path / "bad.pmtiles";
    // A leaf that is the root itself: its length is found by trying.
    for (std::uint32_t length = 20; length < 60; ++length) {
        auto const root = packed_directory({{0, 0, length, 0}});
        if (root.size() != length) continue;
        tests::put_bytes(file, with_root(whole, root));
        BOOST_TEST(fault_of(file) == "bad-archive");
    }
    for (auto const& entry :
         {tiles::archive::Entry{0, 1'000'000, 10, 1}, tiles::archive::Entry{0, 0, 1'000'000, 1},
          tiles::archive::Entry{0, 1'000'000, 10, 0},
          tiles::archive::Entry{0, ~0ULL - 20, 10, 1}}) {
        tests::put_bytes(file, with_root(whole, packed_directory({entry})));
        BOOST_TEST(fault_of(file) == "bad-archive");
    }
    auto const bomb =
        services::http::encode(std::string(9 << 20, '\0'), services::http::Encoding::gzip);
    BOOST_REQUIRE(bomb.size() < 16'000U);
    tests::put_bytes(file, with_root(whole, bomb));
    BOOST_TEST(fault_of(file) == "bad-archive");
    BOOST_TEST(!services::http::decode_gzip(bomb, 8 << 20));
}

BOOST_AUTO_TEST_CASE(a_database_that_is_no_mbtiles_or_does_more_than_hold_tiles_is_refused) {
    tests::ArchiveFolder const folder;
    auto const file = folder.path / "bad.mbtiles";
    auto const refused = [&](char const* sql) {
        std::filesystem::remove(file);
        run_sql(file, sql);
        return fault_of(file);
    };
    BOOST_TEST(refused("CREATE TABLE a (b)") == "bad-archive");
    BOOST_TEST(refused("CREATE TABLE metadata (name, value); CREATE TABLE tiles (zoom_level)") ==
               "bad-archive");
    // A view without end, and one that calls a function.
    BOOST_TEST(refused("CREATE TABLE metadata (name, value); INSERT INTO metadata VALUES "
                       "('format', 'pbf'); CREATE VIEW tiles AS WITH RECURSIVE n(zoom_level) AS "
                       "(SELECT 1 UNION ALL SELECT zoom_level + 1 FROM n) SELECT zoom_level, 1 AS "
                       "tile_column, 1 AS tile_row, 'x' AS tile_data FROM n") != "");
    BOOST_TEST(refused("CREATE TABLE metadata (name, value); INSERT INTO metadata VALUES "
                       "('format', 'pbf'); CREATE VIEW tiles AS SELECT 0 AS zoom_level, 0 AS "
                       "tile_column, 0 AS tile_row, zeroblob(1000000000) AS tile_data") != "");
    BOOST_TEST(refused("CREATE TABLE metadata (name, value); INSERT INTO metadata VALUES "
                       "('format', 'exe'); CREATE TABLE tiles (zoom_level, tile_column, tile_row, "
                       "tile_data)") == "bad-archive");
    tests::put_bytes(file, "SQLite format 3" + std::string(1, '\0') + std::string(200, 'x'));
    BOOST_TEST(fault_of(file) == "bad-archive");
    tests::put_bytes(file, "<html>");
    BOOST_TEST(fault_of(file) == "bad-archive");
}

BOOST_AUTO_TEST_CASE(a_shelf_shows_what_comes_goes_and_is_replaced_and_leaves_out_what_is_bad) {
    tests::ArchiveFolder const folder;
    auto const whole = small_pmtiles(folder.path);
    std::filesystem::rename(folder.path / "small.pmtiles", folder.path / "Hà Nội-1.pmtiles");
    tests::put_bytes(folder.path / "bad.mbtiles", "x");
    services::archive::Shelf shelf{folder.path};
    BOOST_REQUIRE(shelf.all()->size() == 1U);
    BOOST_TEST(shelf.all()->begin()->first == "h___n___i_1");
    services::archive::Shelf one{folder.path / "Hà Nội-1.pmtiles"};
    BOOST_TEST(one.find("h___n___i_1") != nullptr);
    services::archive::Shelf const none{folder.path / "nowhere"};
    auto const& about = shelf.all()->begin()->second->about();
    auto const may = [&](services::access::Reach reach) {
        services::access::Role role{
            "public", {{"blocks", services::access::Action::read, reach}}, {}};
        return services::archive::may_read(services::access::Rights{{}, role}, "any", about);
    };
    BOOST_TEST(may({true, {}, 1, {}}));
    BOOST_TEST(may({false, {"1", "18739"}, 2, {"owner"}}));
    BOOST_TEST(!may({true, {}, 0, {}}));         // level
    BOOST_TEST(!may({false, {"18740"}, 1, {}})); // scope
    BOOST_TEST(!may({true, {}, 1, {"kind"}}));   // a field that is in it
    BOOST_TEST(!services::archive::may_read(services::access::Rights{}, "any", about));
}

BOOST_AUTO_TEST_SUITE_END()
