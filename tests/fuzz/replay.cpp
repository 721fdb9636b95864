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
    replay("wkb", wkb);
    replay("geojson", geojson);
    replay("cql2_text", cql2_text);
    replay("cql2_json", cql2_json);
    replay("sta_query", sta_query);
    replay("pmtiles", pmtiles);
}
