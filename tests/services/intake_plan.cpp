#include "services/domain/intake_plan.hpp"

#include "geo/error.hpp"
#include "tests/services/intake_files.hpp"

#include <boost/test/unit_test.hpp>

using namespace diaban;
using namespace diaban::services::domain;
using tests::Folder;
using tests::parameter;

namespace {

constexpr auto collection = R"(
[[collection]]
id = "roads"
geometry = "line"
title = { vi = "Đường", en = "Roads" }
attribution = "a"
licence = "b"
label_field = "name"

[[collection.field]]
name = "name"
type = "text"
title = { vi = "Tên" }
tile = true
codes = [ { code = "x", vi = "X" } ]
)";

ImportPlan read(std::string const& text, Folder const& folder) {
    return read_plan(tests::write(folder / "plan.toml", text), folder.path());
}

} // namespace

BOOST_AUTO_TEST_SUITE(plan)

BOOST_AUTO_TEST_CASE(all_that_may_be_written_is_read) {
    Folder const folder;
    auto const text = std::string{collection} + R"(
[[import]]
file = "a/roads.fgb"
collection = "roads"
mode = "upsert"
key = ["name"]
layer = "l"
crs = "EPSG:9209"
encoding = "CP1258"
where = "x > 1"
scope_field = "ma"
sensitivity = 3
utc_offset = "+07:00"
optional = true

[import.map]
name = "ten"

[import.constants]
valid_from = 2025-07-01

[import.values.name]
"a" = "b"
"*" = ""

[[import]]
kind = "units"
file = "u.csv"
valid_from = 2025-03-01
valid_to = 2025-06-30

[[import]]
kind = "crosswalk"
file = "c.csv"
on = 2025-07-01
)";
    auto const plan = read(text, folder);
    BOOST_REQUIRE_EQUAL(plan.collections.size(), 1);
    auto const& roads = plan.collections[0];
    BOOST_TEST(roads.title.vi == "Đường");
    BOOST_TEST((roads.schema.geometry == geo::GeometryKind::line));
    BOOST_TEST(roads.schema.fields.at(0).tile);
    BOOST_TEST(roads.schema.fields.at(0).codes.at(0).title.vi == "X");
    BOOST_REQUIRE_EQUAL(plan.entries.size(), 3);
    auto const& request = std::get<ImportRequest>(plan.entries[0].what);
    BOOST_TEST(plan.entries[0].optional);
    BOOST_TEST(request.file == folder / "a/roads.fgb");
    BOOST_TEST((request.mode == data::postgis::ImportMode::upsert));
    BOOST_TEST(request.srid.value() == 9209);
    BOOST_TEST(int{request.sensitivity.value()} == 3);
    BOOST_TEST(request.utc_offset.value() == 420);
    BOOST_TEST(request.constants.at("valid_from") == "2025-07-01");
    BOOST_TEST(request.values.at("name").at("*").empty());
    auto const& units = std::get<UnitsEntry>(plan.entries[1].what);
    BOOST_TEST(units.valid_from.days == 20148);
    BOOST_TEST(units.valid_to.value().days == 20269);
    BOOST_TEST(std::get<CrosswalkEntry>(plan.entries[2].what).on.days == 20270);
}

BOOST_AUTO_TEST_CASE(a_wrong_plan_is_refused_with_line_and_key) {
    struct Case {
        char const* text;
        char const* key;
        char const* line;
    };
    Folder const folder;
    for (auto const& [text, key, line] : std::initializer_list<Case>{
             {"[[import]]\nfile = \"a\"\ncollection = \"b\"\ncolour = 1\n", "import.colour", "4"},
             {"[[import]]\ncollection = \"b\"\n", "import.file", "1"},
             {"[[import]]\nfile = \"a\"\n", "import.collection", "1"},
             {"[[import]]\nfile = 3\n", "import.file", "2"},
             {"[[import]]\nfile = \"a\"\ncollection = \"b\"\nmode = \"merge\"\n", "import.mode",
              "4"},
             {"[[import]]\nfile = \"a\"\ncollection = \"b\"\nmode = \"upsert\"\n", "import.key",
              "1"},
             {"[[import]]\nfile = \"a\"\ncollection = \"b\"\ncrs = \"VN-2000\"\n", "import.crs",
              "4"},
             {"[[import]]\nfile = \"a\"\nkind = \"magic\"\n", "import.kind", "3"},
             {"[[import]]\nfile = \"a\"\nkind = \"units\"\n", "import.valid_from", "1"},
             {"[[import]]\nfile = \"a\"\nkind = \"units\"\nvalid_from = \"soon\"\n",
              "import.valid_from", "4"},
             {"[[collection]]\nid = \"a\"\ngeometry = \"blob\"\n", "collection.geometry", "3"},
             {"[[collection]]\nid = \"a\"\ngeometry = \"line\"\n", "collection.title", "1"},
             {"[[collection]]\nid = \"a\"\ngeometry = \"line\"\ntitle = { vi = \"A\" }\n",
              "collection.attribution", "1"},
             {"x = 1\n", ".x", "1"},
             {"[[import\n", "TOML", "1"},
         }) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_CHECK_EXCEPTION(read(text, folder), geo::Error, [&](geo::Error const& error) {
                BOOST_TEST(error.type() == "bad-plan");
                BOOST_TEST(parameter(error, "key") == key);
                BOOST_TEST(parameter(error, "line") == line);
                BOOST_TEST(parameter(error, "file") == "plan.toml");
                return true;
            });
        }
    }
    auto const personal = std::string{collection} + "personal = true\n";
    BOOST_CHECK_EXCEPTION(read(personal, folder), geo::Error, [](geo::Error const& error) {
        return parameter(error, "key") == "collection.field.tile";
    });
    BOOST_CHECK_EXCEPTION(read_plan(folder / "none.toml", folder.path()), geo::Error,
                          [](geo::Error const& error) { return error.type() == "no-file"; });
}

BOOST_AUTO_TEST_CASE(wildcards_stand_for_every_file_in_order) {
    Folder const folder;
    tests::write(folder / "b.csv", "");
    tests::write(folder / "a.csv", "");
    tests::write(folder / "c.txt", "");
    auto const text = "[[import]]\nfile = \"*.csv\"\ncollection = \"x\"\nmultiple = true\n";
    auto const plan = read(text, folder);
    BOOST_REQUIRE_EQUAL(plan.entries.size(), 2);
    BOOST_TEST(std::get<ImportRequest>(plan.entries[0].what).file == folder / "a.csv");
    BOOST_TEST(std::get<ImportRequest>(plan.entries[1].what).file == folder / "b.csv");
}

BOOST_AUTO_TEST_SUITE_END()
