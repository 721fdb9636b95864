// Collections that no map style names: they are drawn plainly, or as a file of the installation
// says.

#include "tests/services/visitors.hpp"

#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace diaban {

namespace {

using nlohmann::json;

/// A server whose visitors read `blocks` without their names, and nothing of `ways`.
struct Survey {
    Survey() {
        for (std::string const name : {"layers", "legends"})
            std::filesystem::create_directories(styles / name);
        for (std::string const name :
             {"light.json", "dark.json", "legends/light.json", "legends/dark.json"})
            std::filesystem::copy_file(std::filesystem::path{DIABAN_SOURCES} / "styles" / name,
                                       styles / name);
        tests::Registrar const people{world.database()};
        people.role({"public",
                     "",
                     false,
                     false,
                     false,
                     {{.collection = "blocks",
                       .action = "read",
                       .everywhere = true,
                       .level = 0,
                       .masked = {"name"},
                       .scopes = {},
                       .units = {}},
                      {.collection = "spots",
                       .action = "read",
                       .everywhere = true,
                       .level = 0,
                       .masked = {},
                       .scopes = {},
                       .units = {}}}});
        narrow = world.start_server("none", [&](auto& settings) { settings.styles = styles; });
    }
    ~Survey() {
        narrow.reset();
        std::error_code ignored;
        std::filesystem::remove_all(styles, ignored);
    }
    Survey(Survey const&) = delete;
    Survey& operator=(Survey const&) = delete;
    [[nodiscard]] json answer(std::string_view target) const {
        auto const got = tests::get(narrow->port(), target, {});
        BOOST_REQUIRE_EQUAL(got.status, 200);
        return json::parse(got.body);
    }
    void write(std::string const& name, std::string const& text) const {
        std::ofstream{styles / "layers" / name, std::ios::binary} << text;
    }

    tests::World world;
    std::filesystem::path styles =
        std::filesystem::temp_directory_path() / ("diaban-styles-" + std::to_string(::getpid()));
    std::unique_ptr<services::Server> narrow;
};

std::set<std::string> layer_ids(json const& style, std::string const& source) {
    std::set<std::string> ids;
    for (auto const& layer : style["layers"])
        if (layer.value("source", "") == source) ids.insert(layer["id"].get<std::string>());
    return ids;
}

json layer_of(json const& style, std::string const& id) {
    for (auto const& layer : style["layers"])
        if (layer["id"] == id) return layer;
    return nullptr;
}

} // namespace

BOOST_AUTO_TEST_SUITE(plain_layers)

BOOST_AUTO_TEST_CASE(collections_that_no_style_names_are_drawn_by_their_kind_each_in_a_colour) {
    auto& world = tests::World::shared();
    for (std::string const theme : {"light", "dark"}) {
        auto const style = world.json("/styles/" + theme);
        using Ids = std::set<std::string>;
        BOOST_TEST(
            (layer_ids(style, "blocks") == Ids{"blocks-fill", "blocks-edge", "blocks-name"}));
        BOOST_TEST((layer_ids(style, "ways") == Ids{"ways-line"}));
        BOOST_TEST((layer_ids(style, "spots") ==
                    Ids{"spots-point", "spots-cluster", "spots-cluster-count"}));
        BOOST_TEST(layer_of(style, "blocks-name")["source-layer"] == "blocks_label");
        BOOST_TEST(layer_of(style, "blocks-name")["layout"]["text-field"] ==
                   json::parse(R"(["to-string", ["get", "name"]])"));
        BOOST_TEST(style["sources"]["ways"]["url"] == "http://localhost/tiles/ways.json");
        std::set<std::string> const colours{
            layer_of(style, "blocks-fill")["paint"]["fill-color"],
            layer_of(style, "ways-line")["paint"]["line-color"],
            layer_of(style, "spots-point")["paint"]["circle-color"]};
        BOOST_TEST(colours.size() == 3U);
        auto const legend = world.json("/styles/" + theme + "/legend")["collections"];
        BOOST_TEST(legend["ways"][0]["titles"]["vi"] == "Lớp ways");
        BOOST_TEST(legend["spots"][0]["shape"] == "circle");
        BOOST_TEST(legend["blocks"][0]["colour"] ==
                   layer_of(style, "blocks-fill")["paint"]["fill-color"]);
    }
}

BOOST_AUTO_TEST_CASE(
    shapes_of_plain_layers_stand_under_every_symbol_and_their_names_under_the_styles_own) {
    auto const style = tests::World::shared().json("/styles/light");
    bool symbols = false;
    std::size_t own_names = 0;
    for (auto const& layer : style["layers"]) {
        auto const source = layer.value("source", "");
        bool const plain = source == "blocks" || source == "ways" || source == "spots";
        if (layer["type"] == "symbol") {
            symbols = true;
            if (!plain) ++own_names;
            if (plain) BOOST_TEST(own_names == 0U, layer["id"].get<std::string>());
        } else if (plain) {
            BOOST_TEST(!symbols, layer["id"].get<std::string>());
        }
    }
    BOOST_TEST(own_names > 0U);
}

BOOST_AUTO_TEST_CASE(who_may_not_read_a_collection_is_not_told_of_it_nor_of_a_masked_name) {
    Survey const survey;
    auto const style = survey.answer("/styles/light");
    BOOST_TEST(layer_ids(style, "ways").empty());
    BOOST_TEST(!style["sources"].contains("ways"));
    BOOST_TEST(!layer_ids(style, "blocks").empty());
    BOOST_TEST(layer_of(style, "blocks-name").is_null());
    auto const legend = survey.answer("/styles/light/legend")["collections"];
    BOOST_TEST(legend.contains("blocks"));
    BOOST_TEST(!legend.contains("ways"));
}

BOOST_AUTO_TEST_CASE(
    a_file_of_the_installation_says_how_a_collection_is_drawn_unless_it_is_no_such_file) {
    Survey const survey;
    survey.write("blocks.json", R"({"layers": [{"type": "fill", "source": "places",
        "paint": {"fill-color": "#123456"}}, {"type": "symbol", "source-layer": "blocks_label",
        "layout": {"text-field": "x"}}], "legend": [{"shape": "fill", "colour": "#123456",
        "titles": {"vi": "Ô", "en": "Block"}}]})");
    auto const style = survey.answer("/styles/dark");
    BOOST_TEST(
        (layer_ids(style, "blocks") == std::set<std::string>{"blocks-own-1", "blocks-own-2"}));
    BOOST_TEST(layer_of(style, "blocks-own-1")["paint"]["fill-color"] == "#123456");
    BOOST_TEST(layer_of(style, "blocks-own-2")["source-layer"] == "blocks_label");
    auto const legend = survey.answer("/styles/dark/legend")["collections"]["blocks"];
    BOOST_TEST(legend[0]["titles"]["vi"] == "Ô");
    for (auto const* const text :
         {"", "[]", "{\"layers\": []}", "{\"layers\": [{\"type\": \"raster\"}]}",
          "{\"layers\": [7]}", "{\"layers\": [{\"type\": 3}]}",
          "{\"layers\": [{\"type\": \"fill\"}], \"legend\": {}}"}) {
        survey.write("blocks.json", text);
        BOOST_TEST(!layer_of(survey.answer("/styles/dark"), "blocks-fill").is_null(), text);
    }
    survey.write("blocks.json", std::string(70'000, ' '));
    BOOST_TEST(!layer_of(survey.answer("/styles/dark"), "blocks-fill").is_null());
}

BOOST_AUTO_TEST_CASE(a_tilejson_under_a_filter_names_tiles_under_it_and_refuses_what_they_would) {
    auto& world = tests::World::shared();
    auto const tiles = world.json("/tiles/blocks.json?filter=kind%3D%27LUC%27")["tiles"][0];
    BOOST_TEST(tiles == "http://localhost/tiles/blocks/{z}/{x}/{y}.mvt?filter=kind%3D%27LUC%27");
    BOOST_TEST(world.get("/tiles/blocks.json?filter=nothing%3D1").status == 400);
    BOOST_TEST(world.get("/tiles/blocks.json?filter=kind%3D").status == 400);
    BOOST_TEST(world.get("/tiles/blocks,ways.json?filter=kind%3D%27LUC%27").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace diaban
