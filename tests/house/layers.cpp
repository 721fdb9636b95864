#include "tests/house/tree.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <regex>
#include <set>

namespace {

using namespace diaban::tests::house;

/// Which floors a floor may include. Reason: house.md, "The floors".
std::map<std::string_view, std::set<std::string_view>> const arrows{
    {"geo", {"geo"}},
    {"tiles", {"geo", "tiles"}},
    {"data", {"geo", "data"}},
    {"services", {"geo", "tiles", "data", "services"}},
};

std::vector<std::string_view> const cpp{".hpp", ".cpp"};

/// What an include of a file says against the floors; empty if nothing.
std::string objection(std::string_view path, Include const& include) {
    std::string_view const from = floor_of(path);
    std::string_view const to = floor_of(include.target);
    bool const ours = arrows.contains(to) && include.target.find('/') != std::string::npos;
    if (include.quoted && !ours && to != "tests")
        return "quotes are for our own files, from the top";
    if (!include.quoted && ours) return "our own files are included with quotes";
    if (to == "tests" && from != "tests" && include.quoted) return "a floor includes no test";
    if (ours && arrows.contains(from) && !arrows.at(from).contains(to))
        return std::string(from) + " does not include " + std::string(to);
    return {};
}

/// A library and the only places that may know it.
struct Wrapped {
    char const* library;
    std::regex include;
    std::regex where;
};

std::vector<Wrapped> const& wrapped() {
    static std::vector<Wrapped> const all{
        {"Mosquitto", std::regex("^mosquitto"),
         std::regex("^services/mqtt/observation_intake\\.cpp$")},
        {"Pistache", std::regex("^pistache/"),
         std::regex("^(services/http/pistache_edge\\.(cpp|hpp)|tests/bench/bare_pistache\\.cpp)$")},
        {"Boost.Beast", std::regex("^boost/(beast|asio)"),
         std::regex("^(services/live/live_edge\\.(cpp|hpp)|tests/)")},
        {"SQLite", std::regex("^sqlite3\\.h$"), std::regex("^(data/(packs|sqlite)/|tests/)")},
        {"libpqxx", std::regex("^pqxx/"), std::regex("^(data/postgis/|tests/|bench/)")},
        {"libpq", std::regex("^(postgresql/)?libpq-fe\\.h$"),
         std::regex("^(data/postgis/(copy[a-z_]*|wire)\\.(cpp|hpp)|tests/)")},
        {"GEOS", std::regex("^(geos_c\\.h|geos/)"), std::regex("^(geo/ops/.*\\.cpp|tests/)")},
        {"ICU", std::regex("^unicode/"),
         std::regex("^(data/gdal/text\\.cpp|geo/alphabet\\.cpp|geo/filter/fold\\.cpp|tests/)")},
        {"PROJ", std::regex("^proj\\.h$"), std::regex("^(geo/crs\\.cpp|geo/ops/.*\\.cpp|tests/)")},
        {"cairo and Pango", std::regex("^(cairo|pango)"),
         std::regex("^services/print/(.*\\.cpp|page\\.hpp)$")},
        {"GDAL", std::regex("^(gdal|ogr|cpl)[a-z_]*\\.h$"), std::regex("^(data/gdal/|tests/)")},
    };
    return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_arrow_that_the_floors_forbid_is_found) {
    BOOST_TEST(!objection("geo/crs.cpp", {"tiles/cut.hpp", true, 1}).empty());
    BOOST_TEST(!objection("tiles/cut.cpp", {"data/postgis/pool.hpp", true, 1}).empty());
    BOOST_TEST(!objection("data/postgis/pool.cpp", {"tiles/cut.hpp", true, 1}).empty());
    BOOST_TEST(!objection("data/postgis/pool.cpp", {"pool.hpp", true, 1}).empty());
    BOOST_TEST(!objection("geo/crs.cpp", {"geo/error.hpp", false, 1}).empty());
    BOOST_TEST(!objection("geo/crs.cpp", {"tests/support/layers.hpp", true, 1}).empty());
    BOOST_TEST(objection("services/main.cpp", {"tiles/cut.hpp", true, 1}).empty());
    BOOST_TEST(objection("tests/geo/wkb.cpp", {"data/postgis/pool.hpp", true, 1}).empty());
    BOOST_TEST(objection("geo/crs.cpp", {"proj.h", false, 1}).empty());
}

BOOST_AUTO_TEST_CASE(a_directive_is_read_with_its_line_and_a_comment_is_not) {
    auto const found =
        includes("// #include \"a.hpp\"\n#include \"geo/b.hpp\"\n  # include <c>\nx");
    BOOST_REQUIRE_EQUAL(found.size(), 2U);
    BOOST_TEST(found[0].target == "geo/b.hpp");
    BOOST_TEST(found[0].quoted);
    BOOST_TEST(found[0].line == 2U);
    BOOST_TEST(found[1].target == "c");
}

BOOST_AUTO_TEST_CASE(every_include_follows_the_floors) {
    for (std::string_view folder : {"geo", "tiles", "data", "services", "tests", "bench"}) {
        for (auto const& source : sources(folder, cpp)) {
            for (auto const& include : includes(source.text)) {
                std::string const why = objection(source.path, include);
                BOOST_TEST(why.empty(), source.path << ':' << include.line << ": " << why << " ("
                                                    << include.target << ')');
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(headers_of_geo_include_only_the_standard_library) {
    for (auto const& source : sources("geo", {".hpp"})) {
        for (auto const& include : includes(source.text)) {
            bool const standard =
                !include.quoted && include.target.find('/') == std::string::npos &&
                !include.target.ends_with(".h") && !include.target.ends_with(".hpp");
            BOOST_TEST((include.quoted || standard),
                       source.path << ':' << include.line << ": " << include.target);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_library_is_known_only_where_it_is_wrapped) {
    for (std::string_view folder : {"geo", "tiles", "data", "services", "tests", "bench"}) {
        for (auto const& source : sources(folder, cpp)) {
            for (auto const& include : includes(source.text)) {
                for (auto const& rule : wrapped()) {
                    bool const uses = std::regex_search(include.target, rule.include);
                    BOOST_TEST((!uses || std::regex_search(source.path, rule.where)),
                               source.path << ':' << include.line << ": " << rule.library
                                           << " is wrapped elsewhere");
                }
            }
        }
    }
}
