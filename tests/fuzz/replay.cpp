#define BOOST_TEST_MODULE fuzz
#include "tests/fuzz/targets.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace diaban::tests::fuzz;

/// Hands each file of the target's corpus to it.
void replay(std::string const& name, void (*target)(Bytes)) {
    std::size_t files = 0;
    for (auto const& entry :
         std::filesystem::directory_iterator(std::filesystem::path(DIABAN_CORPUS) / name)) {
        std::ifstream file(entry.path(), std::ios::binary);
        std::vector<char> const read{std::istreambuf_iterator<char>(file), {}};
        std::vector<std::uint8_t> const bytes(read.begin(), read.end());
        BOOST_TEST_CONTEXT(entry.path()) {
            BOOST_CHECK_NO_THROW(target(bytes));
        }
        ++files;
    }
    BOOST_TEST(files > 0U, "no corpus of " << name);
}

} // namespace

BOOST_AUTO_TEST_CASE(each_parser_reads_or_refuses_what_fuzzing_began_with_and_found) {
    replay("bulletin", bulletin);
    replay("cadastre_text", cadastre_text);
    replay("cap", cap);
    replay("cql2_json", cql2_json);
    replay("cql2_text", cql2_text);
    replay("feed", feed);
    replay("form", form);
    replay("geojson", geojson);
    replay("gzip", gzip);
    replay("http_request", http_request);
    replay("jpeg", jpeg);
    replay("mbtiles", mbtiles);
    replay("mvt", mvt);
    replay("observation", observation);
    replay("pack", pack);
    replay("photo", photo);
    replay("pmtiles", pmtiles);
    replay("segment", segment);
    replay("settings", settings);
    replay("sta_query", sta_query);
    replay("tile_path", tile_path);
    replay("times", times);
    replay("wkb", wkb);
    replay("workbook", workbook);
}
