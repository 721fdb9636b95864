#include "services/archive/tile_archive.hpp"
#include "services/http/content_coding.hpp"
#include "tests/services/archive_files.hpp"
#include "tests/services/decode.hpp"
#include "tests/services/visitors.hpp"
#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tiles/archive/directory.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

extern char** environ;

using namespace diaban;
using namespace std::chrono_literals;

namespace {

constexpr char both[] = "blocks,ways,spots";

/// `diaban seed` on the database of a world. Killed after `patience`, if it is still at it then.
int run_seed(std::string const& uri, std::vector<std::string> const& flags,
             std::chrono::microseconds patience = 60s) {
    std::vector<std::string> words{DIABAN_PROGRAM, "seed",        "--database", uri,
                                   "--home",       DIABAN_SOURCES};
    words.insert(words.end(), flags.begin(), flags.end());
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t process = 0;
    BOOST_REQUIRE(
        ::posix_spawn(&process, DIABAN_PROGRAM, nullptr, nullptr, arguments.data(), environ) == 0);
    auto const end = std::chrono::steady_clock::now() + patience;
    int status = 0;
    while (::waitpid(process, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > end) ::kill(process, SIGKILL);
        std::this_thread::sleep_for(1ms);
    }
    return status;
}

/// A world whose server serves a folder of archives.
struct ArchiveWorld {
    tests::ArchiveFolder folder;
    tests::World world{[this](services::Settings& settings) { settings.archives = folder.path; }};

    int seed(std::string const& file, std::vector<std::string> flags = {},
             std::chrono::microseconds patience = 60s) const {
        flags.insert(flags.end(), {"--collections", both, "-o", folder.path / file});
        return run_seed(uri(), flags, patience);
    }
    [[nodiscard]] std::string uri() const {
        return const_cast<tests::World&>(world).database().uri();
    }
    /// A node that looked when the archives were there.
    [[nodiscard]] std::unique_ptr<services::Server> node() const {
        return world.start_server(
            "none", [this](services::Settings& settings) { settings.archives = folder.path; });
    }
};

/// All tiles to zoom 6, and to 13 those around where most rows lie.
std::vector<tiles::TileId> every_tile() {
    std::vector<tiles::TileId> all;
    for (std::uint32_t zoom = 0; zoom <= 13; ++zoom) {
        std::uint32_t const side = 1U << zoom;
        for (std::uint32_t x = 0; x < side; ++x)
            for (std::uint32_t y = 0; y < side; ++y) {
                bool const near = x >= side * 284.5 / 360 - 1 && x <= side * 286.5 / 360 + 1 &&
                                  y >= side * 0.447 - 1 && y <= side * 0.451 + 1;
                if (zoom <= 6 || near) all.push_back(*tiles::TileId::make(zoom, x, y));
            }
    }
    return all;
}

std::string path_of(std::string_view id, tiles::TileId tile, std::string_view form = "mvt") {
    return fmt::format("/tiles/{}/{}/{}/{}.{}", id, tile.zoom(), tile.x(), tile.y(), form);
}

} // namespace

BOOST_AUTO_TEST_SUITE(archive_seed)

BOOST_AUTO_TEST_CASE(archives_hold_every_tile_that_the_server_answers_and_no_other) {
    ArchiveWorld ground;
    BOOST_REQUIRE(ground.seed("one.pmtiles", {"--zooms", "0-13"}) == 0);
    BOOST_REQUIRE(ground.seed("two.mbtiles", {"--zooms", "0-13"}) == 0);
    auto const pmtiles = services::archive::open_archive(ground.folder.path / "one.pmtiles");
    auto const mbtiles = services::archive::open_archive(ground.folder.path / "two.mbtiles");
    std::size_t there = 0;
    for (auto const tile : every_tile()) {
        auto const live = ground.world.get(path_of(both, tile), "Accept-Encoding: gzip\r\n");
        BOOST_REQUIRE(live.status == 200 || live.status == 204);
        there += live.status == 200 ? 1 : 0;
        for (auto const& archive : {pmtiles, mbtiles}) {
            auto const kept = archive->tile(tile);
            BOOST_REQUIRE_EQUAL(kept.has_value(), live.status == 200);
            if (kept) BOOST_REQUIRE(*kept == live.body);
        }
    }
    BOOST_TEST(there > 400U);
    std::size_t held = 0;
    for (std::uint64_t number = 0; number < 100'000'000; ++number) {
        auto const tile = tiles::archive::tile_of(number);
        if (tile->zoom() > 8) break;
        held += pmtiles->tile(*tile) ? 1 : 0;
    }
    BOOST_TEST(held > 20U);
}

BOOST_AUTO_TEST_CASE(a_seed_that_is_killed_again_and_again_ends_in_the_same_bytes) {
    ArchiveWorld ground;
    BOOST_REQUIRE(ground.seed("whole.pmtiles", {"--zooms", "0-16", "--threads", "1"}) == 0);
    auto const whole = tests::file_bytes(ground.folder.path / "whole.pmtiles");
    BOOST_REQUIRE(!whole.empty());
    int killed = 0;
    std::chrono::milliseconds patience{300};
    for (int run = 0; run < 40; ++run, patience += 50ms) {
        auto const status =
            ground.seed("broken.pmtiles", {"--zooms", "0-16", "--threads", "2"}, patience);
        if (WIFEXITED(status)) {
            BOOST_TEST(WEXITSTATUS(status) == 0);
            break;
        }
        ++killed;
        // It may have been killed with its last breath: then the file is whole.
        auto const left = tests::file_bytes(ground.folder.path / "broken.pmtiles");
        BOOST_TEST((left.empty() || left == whole));
    }
    BOOST_TEST(killed > 1);
    BOOST_TEST((tests::file_bytes(ground.folder.path / "broken.pmtiles") == whole));
    BOOST_TEST(!std::filesystem::exists(ground.folder.path / "broken.pmtiles.part"));
}

BOOST_AUTO_TEST_CASE(archives_are_served_and_listed_beside_live_layers) {
    ArchiveWorld ground;
    BOOST_REQUIRE(ground.seed("Base-Map.pmtiles", {"--zooms", "3-12", "--name", "Nền"}) == 0);
    auto const node = ground.node();
    auto const get = [&](std::string const& target, std::string_view fields = {}) {
        return tests::get(node->port(), target, fields);
    };
    auto const tile = *tiles::TileId::make(12, 3245, 1838);
    auto const live = get(path_of(both, tile));
    auto const plain = get(path_of("base_map", tile));
    BOOST_TEST(plain.status == 200);
    BOOST_TEST((plain.body == live.body));
    BOOST_TEST(plain.field("content-type") == "application/vnd.mapbox-vector-tile");
    BOOST_TEST(plain.field("content-encoding") == "");
    auto const packed = get(path_of("base_map", tile, "pbf"), "Accept-Encoding: gzip, br\r\n");
    BOOST_TEST(packed.field("content-encoding") == "gzip");
    BOOST_TEST(packed.field("etag") != plain.field("etag"));
    BOOST_TEST((tests::decode(packed.body, services::http::Encoding::gzip) == live.body));
    auto const again =
        get(path_of("base_map", tile), "If-None-Match: " + plain.field("etag") + "\r\n");
    BOOST_TEST(again.status == 304);
    BOOST_TEST(get(path_of("base_map", *tiles::TileId::make(2, 3, 1))).status == 204);
    BOOST_TEST(get(path_of("base_map", tile, "png")).status == 404);
    BOOST_TEST(get(path_of("blocks", tile, "png")).status == 404);
    BOOST_TEST(get(path_of("base_map", tile) + "?datetime=2025-01-01").status == 400);
    BOOST_TEST(get("/tiles/base_map/20/0/0.mvt").status == 404);

    auto const json = nlohmann::json::parse(get("/tiles/base_map.json").body);
    BOOST_TEST(json["name"] == "Nền");
    BOOST_TEST(json["minzoom"] == 3);
    BOOST_TEST(json["maxzoom"] == 12);
    BOOST_TEST(json["tiles"][0] == "http://localhost/tiles/base_map/{z}/{x}/{y}.mvt");
    BOOST_TEST(json["vector_layers"].size() == 4U);
    auto const list = nlohmann::json::parse(get("/tiles").body)["tilesets"];
    std::size_t archives = 0;
    for (auto const& one : list) archives += one.contains("archive") ? 1 : 0;
    BOOST_TEST(archives == 1U);
    BOOST_TEST(list.size() > 4U);
}

BOOST_AUTO_TEST_CASE(an_archive_holds_what_its_role_sees_and_is_there_for_who_sees_that) {
    ArchiveWorld ground;
    auto& database = ground.world.database();
    database.sql("UPDATE record.blocks SET sensitivity = 3, name = 'ALPHA7319' WHERE fid <= 200");
    tests::Registrar const people{database};
    people.role({"public", "", false, false, false, {tests::all_of("*", "read", 0)}});
    people.role({"office", "", false, false, false, {tests::all_of("*", "read", 3)}});
    people.account("clerk", {"office"});
    BOOST_REQUIRE(ground.seed("open.pmtiles", {"--zooms", "14"}) == 0);
    BOOST_REQUIRE(ground.seed("closed.pmtiles", {"--zooms", "14", "--role", "office"}) == 0);
    BOOST_TEST(ground.seed("no.pmtiles", {"--role", "nobody"}) != 0);
    auto const holds_secret = [&](char const* file) {
        auto const archive = services::archive::open_archive(ground.folder.path / file);
        for (std::uint32_t x = 12'900; x < 13'050; ++x)
            for (std::uint32_t y = 7'300; y < 7'400; ++y) {
                auto const body = archive->tile(*tiles::TileId::make(14, x, y));
                if (body && services::http::decode_gzip(*body, 1 << 22)
                                    .value_or("ALPHA7319")
                                    .find("ALPHA7319") != std::string::npos)
                    return true;
            }
        return false;
    };
    BOOST_TEST(!holds_secret("open.pmtiles"));
    BOOST_TEST(holds_secret("closed.pmtiles"));
    auto const node = ground.node();
    auto const clerk = people.token("clerk", {"read"});
    BOOST_TEST(tests::get(node->port(), "/tiles/open.json").status == 200);
    BOOST_TEST(tests::get(node->port(), "/tiles/closed.json").status == 404);
    BOOST_TEST(tests::get(node->port(), "/tiles").body.find("closed") == std::string::npos);
    node->accounts().directory.refresh();
    BOOST_TEST(tests::get(node->port(), "/tiles/closed.json", clerk).status == 200);
    BOOST_TEST(tests::get(node->port(), "/tiles", clerk).body.find("closed") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
