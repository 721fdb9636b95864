#include "data/blob/blob_store.hpp"
#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

using namespace diaban;
using namespace std::chrono_literals;
using data::blob::BlobStore;
namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path = fs::temp_directory_path() / ("diaban_blobs_" + std::to_string(::getpid()));
    Folder() { fs::remove_all(path); }
    ~Folder() { fs::remove_all(path); }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
};

std::span<std::byte const> bytes(std::string const& text) {
    return std::as_bytes(std::span{text});
}

std::vector<fs::path> files(fs::path const& folder) {
    std::vector<fs::path> found;
    for (auto const& entry : fs::recursive_directory_iterator{folder})
        if (entry.is_regular_file()) found.push_back(entry.path());
    return found;
}

auto const nobody = [](std::string const&) { return false; };

} // namespace

BOOST_AUTO_TEST_SUITE(blobs)

BOOST_FIXTURE_TEST_CASE(a_file_is_named_by_its_sha256_and_stored_once, Folder) {
    BlobStore store{path};
    // FIPS 180-2, appendix B.1.
    auto const blob = store.put(bytes("abc"));
    BOOST_TEST(blob.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_TEST(blob.size == 3U);
    std::istringstream stream{"abc"};
    BOOST_TEST(store.put(stream).sha256 == blob.sha256);
    BOOST_TEST(files(path).size() == 1U);
    BOOST_TEST(store.intact(blob.sha256));
    BOOST_TEST(store.find(blob.sha256)->filename() == blob.sha256);
    BOOST_TEST(store.put(std::span<std::byte const>{}).sha256 ==
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

BOOST_FIXTURE_TEST_CASE(names_that_are_no_digest_find_nothing, Folder) {
    BlobStore const store{path};
    for (auto const* name : {"", "../../../../etc/passwd", "AB", "ba78"})
        BOOST_TEST(!store.find(name), name);
    BOOST_TEST(!store.find(std::string(64, '/')));
    BOOST_TEST(!store.find(std::string(64, 'a')));
}

BOOST_FIXTURE_TEST_CASE(a_flipped_bit_is_noticed, Folder) {
    BlobStore store{path};
    auto const blob = store.put(bytes("some content"));
    std::ofstream{*store.find(blob.sha256), std::ios::in | std::ios::out} << 'S';
    BOOST_TEST(!store.intact(blob.sha256));
}

BOOST_FIXTURE_TEST_CASE(a_sweep_takes_orphans_and_leaves_what_is_owned_or_new, Folder) {
    BlobStore store{path};
    auto const owned = store.put(bytes("owned"));
    auto const orphan = store.put(bytes("orphan"));
    BOOST_TEST(store.sweep(1h, nobody).orphans == 0U);
    std::this_thread::sleep_for(1100ms);           // file times count in seconds here
    auto const fresh = store.put(bytes("orphan")); // again: as new
    auto const swept = store.sweep(1s, [&](auto const& name) { return name == owned.sha256; });
    BOOST_TEST(swept.orphans == 0U);
    BOOST_TEST(fresh.sha256 == orphan.sha256);
    auto const all = store.sweep(-2s, [&](auto const& name) { return name == owned.sha256; });
    BOOST_TEST(all.orphans == 1U);
    BOOST_TEST(all.bytes == 6U);
    BOOST_TEST(store.find(owned.sha256).has_value());
    BOOST_TEST(!store.find(orphan.sha256).has_value());
}

BOOST_FIXTURE_TEST_CASE(a_process_killed_while_writing_leaves_no_half_file_under_a_name, Folder) {
    BlobStore store{path};
    std::mt19937 random{7};
    for (int round = 0; round < 30; ++round) {
        auto const child = ::fork();
        if (child == 0) {
            // Until it is killed: files of 30 KB, all different.
            for (int i = 0;; ++i) {
                std::istringstream stream{std::string(30'000, static_cast<char>('a' + i % 26)) +
                                          std::to_string(round) + "/" + std::to_string(i)};
                BlobStore{path}.put(stream);
            }
        }
        std::this_thread::sleep_for(std::chrono::microseconds{5000 + random() % 60000});
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    std::size_t whole = 0;
    for (auto const& file : files(path)) {
        if (file.parent_path().filename() == "unfinished") continue;
        BOOST_TEST(store.intact(file.filename().string()), file);
        ++whole;
    }
    BOOST_TEST(whole > 0U);
    store.sweep(-2s, [](auto const&) { return true; });
    BOOST_TEST(fs::is_empty(path / "unfinished"));
}

BOOST_FIXTURE_TEST_CASE(rows_own_files, Folder) {
    tests::Database const database;
    BlobStore store{path};
    auto const kept = store.put(bytes("kept"));
    auto const lost = store.put(bytes("its transaction was rolled back"));
    auto const row = [](data::blob::Blob const& blob) {
        return "INSERT INTO diaban.blob (sha256, size, media_type) VALUES ('" + blob.sha256 +
               "', " + std::to_string(blob.size) + ", 'text/plain')";
    };
    database.sql(row(kept));
    database.sql("BEGIN; " + row(lost) + "; ROLLBACK");
    store.sweep(-2s, [&](auto const& name) {
        return database.value("SELECT count(*) FROM diaban.blob WHERE sha256 = '" + name + "'") ==
               "1";
    });
    BOOST_TEST(store.find(kept.sha256).has_value());
    BOOST_TEST(!store.find(lost.sha256).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
