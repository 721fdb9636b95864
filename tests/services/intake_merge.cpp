#include "geo/error.hpp"
#include "tests/services/intake_zones.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

using namespace diaban;
using namespace diaban::services::domain;
using namespace diaban::tests;
using data::postgis::ImportMode;

namespace {

/// Imports by a child that kills itself when `rows` are read; whether it died so.
bool killed_after(std::uint64_t rows, Database const& database, ImportRequest const& request) {
    pid_t const child = fork();
    if (child == 0) {
        import_file(database.uri(), request, [&](std::uint64_t read, std::int64_t) {
            if (read >= rows) raise(SIGKILL);
        });
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/// Most memory this process held since the last call, in MiB.
double peak_memory() {
    std::ifstream status{"/proc/self/status"};
    double kib = 0;
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) kib = std::stod(line.substr(6));
    std::ofstream{"/proc/self/clear_refs"} << "5";
    return kib / 1024;
}

std::string rows(Database const& database, char const* columns) {
    return database.value("SELECT string_agg(concat_ws('|', " + std::string{columns} +
                          "), ';' ORDER BY code) FROM record.zones");
}

} // namespace

BOOST_AUTO_TEST_SUITE(merge)

BOOST_AUTO_TEST_CASE(upsert_changes_only_what_differs) {
    Folder const folder;
    Database const database;
    make_zones(database);
    import_file(database.uri(), into_zones(zones_file(folder, {zone(square, "01", "a", 1),
                                                               zone(triangle, "02", "b", 2),
                                                               zone(square, "03", "c", 3)})));
    auto const summary = import_file(
        database.uri(),
        into_zones(zones_file(folder, {zone(square, "01", "a", 1), zone(triangle, "02", "B", 2),
                                       zone(square, "04", "d", 4)}),
                   ImportMode::upsert));
    BOOST_TEST(summary.unchanged == 1U);
    BOOST_TEST(summary.updated == 1U);
    BOOST_TEST(summary.inserted == 1U);
    BOOST_TEST(summary.read == 3U);
    BOOST_TEST(summary.written == 3U);
    BOOST_TEST(rows(database, "code, name, fid, version") == "01|a|1|1;02|B|2|2;03|c|3|1;04|d|4|1");
    BOOST_TEST(database.value("SELECT string_agg(code || name || version, ',') "
                              "FROM record.zones_history") == "02b1");
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.change") == "2");
}

BOOST_AUTO_TEST_CASE(upsert_leaves_alone_what_the_file_does_not_speak_of) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto first = into_zones(zones_file(folder, {zone(square, "01", "a", 1)}));
    first.scope = "42";
    first.sensitivity = 3;
    import_file(database.uri(), first);
    auto const table = write(folder / "a.csv", "code,people\n01,99\n");
    auto const summary = import_file(database.uri(), into_zones(table, ImportMode::upsert));
    BOOST_TEST(summary.updated == 1U);
    BOOST_TEST(rows(database, "code, name, people, scope, sensitivity, geom IS NOT NULL") ==
               "01|a|99|42|3|t");
}

BOOST_AUTO_TEST_CASE(replace_by_key_keeps_ids_and_the_history_of_what_went) {
    Folder const folder;
    Database const database;
    make_zones(database);
    import_file(database.uri(), into_zones(zones_file(folder, {zone(square, "01", "a", 1),
                                                               zone(triangle, "02", "b", 2)})));
    auto request =
        into_zones(zones_file(folder, {zone(square, "03", "c", 3), zone(triangle, "02", "b", 2)}),
                   ImportMode::replace);
    request.key = {"code"};
    auto const summary = import_file(database.uri(), request);
    BOOST_TEST(summary.deleted == 1U);
    BOOST_TEST(summary.unchanged == 1U);
    BOOST_TEST(summary.inserted == 1U);
    BOOST_TEST(rows(database, "code, fid, version") == "02|2|1;03|3|1");
    BOOST_TEST(database.value("SELECT string_agg(code, ',') FROM record.zones_history") == "01");
    request.key.clear();
    BOOST_TEST(import_file(database.uri(), request).inserted == 2U);
    BOOST_TEST(database.value("SELECT string_agg(code, ',' ORDER BY code) "
                              "FROM record.zones_history") == "01,02,03");
}

BOOST_AUTO_TEST_CASE(one_row_that_fails_leaves_everything_as_it_was) {
    Folder const folder;
    Database const database;
    make_zones(database);
    import_file(database.uri(), into_zones(zones_file(folder, {zone(square, "01", "a", 1)})));
    auto const before = rows(database, "code, name, people, fid, version");
    std::string table = "code,name\n01,changed\n";
    for (int i = 2; i < 5000; ++i) table += std::to_string(i) + ",new\n";
    auto const bad_text = write(folder / "a.csv", table + "9999,H\xE0\n");
    BOOST_TEST(throws("unreadable-encoding", [&] {
        import_file(database.uri(), into_zones(bad_text, ImportMode::upsert));
    }));
    auto const bad_key = write(folder / "b.csv", table + "2,again\n");
    BOOST_TEST(throws("duplicate-key", [&] {
        import_file(database.uri(), into_zones(bad_key, ImportMode::upsert));
    }));
    BOOST_TEST(throws("missing-key", [&] {
        import_file(database.uri(),
                    into_zones(write(folder / "c.csv", table + ",nobody\n"), ImportMode::upsert));
    }));
    BOOST_TEST(rows(database, "code, name, people, fid, version") == before);
    BOOST_TEST(database.value("SELECT count(*) FROM diaban.import") == "1");
    BOOST_TEST(database.value("SELECT count(*) FROM record.zones_history") == "0");
}

BOOST_AUTO_TEST_CASE(an_import_that_is_killed_was_never_there) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto request = into_zones(parcels(folder / "p.fgb", 60'000));
    BOOST_TEST(killed_after(50'000, database, request));
    BOOST_TEST(untouched(database));
    request.mode = ImportMode::upsert;
    request.key = {"code"};
    BOOST_TEST(killed_after(50'000, database, request));
    BOOST_TEST(untouched(database));
    BOOST_TEST(import_file(database.uri(), request).inserted == 60'000U);
}

BOOST_AUTO_TEST_CASE(memory_does_not_grow_with_the_file) {
    Folder const folder;
    Database const database;
    make_zones(database);
    auto const small = parcels(folder / "small.fgb", 10'000);
    auto const large = parcels(folder / "large.fgb", 200'000);
    auto const peak_of = [&](std::filesystem::path const& file) {
        peak_memory();
        import_file(database.uri(), into_zones(file));
        return peak_memory();
    };
    peak_of(small); // libraries and buffers
    double const least = peak_of(small);
    double const most = peak_of(large);
    BOOST_TEST_MESSAGE("peak: " << least << " MiB for 10,000 rows, " << most << " for 200,000");
    BOOST_TEST(most - least < 16);
    auto const from_geopackage = translate(large, folder / "large.gpkg", {"-f", "GPKG"});
    peak_of(from_geopackage);
    BOOST_TEST(peak_of(from_geopackage) - least < 24);
    peak_memory();
    extract_all(database.uri(), "zones", folder / "out.fgb");
    BOOST_TEST(peak_memory() - least < 32);
}

BOOST_AUTO_TEST_SUITE_END()
