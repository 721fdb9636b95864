#include "geo/error.hpp"
#include "services/archive/seed.hpp"
#include "services/archive/spool.hpp"
#include "tests/services/archive_files.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace diaban;
using services::archive::Spool;

namespace {

/// What is added as tile `i`; nothing for an empty one. Some come again.
std::string spooled_body(std::uint64_t i) {
    if (i % 7 == 3) return {};
    return "body " + std::to_string(i % 5 == 0 ? 0 : i) + std::string(i % 11, '.');
}

/// Goes on from where the spool is, in portions, to `end`; as if it was killed if not committed.
void spool_on(Spool& spool, std::uint64_t end, bool last = true) {
    for (auto i = spool.done(); i < end;) {
        auto const stop = std::min(end, i + 9);
        for (; i < stop; ++i)
            if (auto const body = spooled_body(i); !body.empty()) spool.add(100 + i, body);
        if (last || i < end) spool.commit(i);
    }
}

services::archive::About about_spooled() {
    services::archive::About about;
    about.name = "Thử";
    about.max_zoom = 5;
    about.layers = "[]";
    about.reads.emplace("blocks", geo::Policy::everything(0));
    return about;
}

/// The archive that is made without a break.
std::string whole_archive(std::filesystem::path const& folder, std::uint64_t tiles) {
    auto const file = folder / "whole.pmtiles";
    Spool spool{file, "purpose"};
    spool_on(spool, tiles);
    write_archive(spool, about_spooled(), file);
    spool.remove();
    return tests::file_bytes(file);
}

} // namespace

BOOST_AUTO_TEST_SUITE(archive_spool)

BOOST_AUTO_TEST_CASE(a_log_cut_or_damaged_anywhere_goes_on_to_the_same_archive) {
    tests::ArchiveFolder const folder;
    constexpr std::uint64_t tiles = 60;
    auto const expected = whole_archive(folder.path, tiles);
    auto const file = folder.path / "broken.pmtiles";
    auto const log = folder.path / "broken.pmtiles.part.log";
    auto const bodies = folder.path / "broken.pmtiles.part";
    {
        Spool spool{file, "purpose"};
        spool_on(spool, 40);
    }
    auto const log_bytes = tests::file_bytes(log);
    auto const body_bytes = tests::file_bytes(bodies);
    std::uint64_t most_kept = 0;
    auto const finish = [&] {
        Spool spool{file, "purpose"};
        most_kept = std::max(most_kept, spool.done());
        spool_on(spool, tiles);
        write_archive(spool, about_spooled(), file);
        return tests::file_bytes(file);
    };
    for (std::size_t size = 0; size < log_bytes.size(); size += 67) {
        tests::put_bytes(log, std::string_view{log_bytes}.substr(0, size));
        tests::put_bytes(bodies, body_bytes + "what was not committed");
        BOOST_REQUIRE(finish() == expected);
    }
    for (std::size_t at = 0; at < log_bytes.size(); at += 101) {
        auto damaged = log_bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
        tests::put_bytes(log, damaged);
        tests::put_bytes(bodies, body_bytes);
        BOOST_REQUIRE(finish() == expected);
    }
    BOOST_TEST(most_kept == 36U); // all but the last commit
    tests::put_bytes(log, log_bytes);
    tests::put_bytes(bodies, body_bytes);
    BOOST_TEST((finish() == expected));
    BOOST_TEST(most_kept == 40U);
    tests::put_bytes(log, log_bytes);
    tests::put_bytes(bodies, body_bytes.substr(0, body_bytes.size() - 1)); // lost with the disk
    BOOST_TEST(finish() == expected);
}

BOOST_AUTO_TEST_CASE(what_is_made_otherwise_begins_anew_and_two_do_not_make_the_same) {
    tests::ArchiveFolder const folder;
    auto const file = folder.path / "one.pmtiles";
    {
        Spool spool{file, "purpose"};
        spool_on(spool, 20);
        BOOST_TEST(Spool::purpose_at(file) == "purpose");
        BOOST_CHECK_EXCEPTION((Spool{file, "purpose"}), geo::Error,
                              [](auto const& fault) { return fault.type() == "seed-busy"; });
    }
    {
        Spool const again{file, "purpose"};
        BOOST_TEST(again.done() == 20U);
    }
    Spool const other{file, "another"};
    BOOST_TEST(other.done() == 0U);
    BOOST_TEST(other.made().empty());
    BOOST_TEST(other.bodies() == 0U);
}

BOOST_AUTO_TEST_CASE(nothing_is_written_for_no_tiles) {
    tests::ArchiveFolder const folder;
    Spool const spool{folder.path / "none.pmtiles", "purpose"};
    BOOST_CHECK_EXCEPTION(write_archive(spool, about_spooled(), folder.path / "none.pmtiles"),
                          geo::Error,
                          [](auto const& fault) { return fault.type() == "nothing-to-seed"; });
    BOOST_TEST(!std::filesystem::exists(folder.path / "none.pmtiles"));
}

BOOST_AUTO_TEST_SUITE_END()
