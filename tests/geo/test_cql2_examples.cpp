// The examples of OGC 21-065r2 (CQL2), as its repository opengeospatial/ogcapi-features has them in
// cql2/standard/schema/examples: folders text and json. They are not ours to copy:
// DIABAN_CQL2_EXAMPLES names the folder.

#include "geo/error.hpp"
#include "geo/filter/cql2_json.hpp"
#include "geo/filter/cql2_text.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

namespace {

using namespace diaban::geo;
namespace files = std::filesystem;

std::optional<files::path> examples(char const* test) {
    if (char const* const folder = std::getenv("DIABAN_CQL2_EXAMPLES")) return files::path{folder};
    std::cout << "SKIPPED (DIABAN_CQL2_EXAMPLES not set): " << test << '\n';
    return std::nullopt;
}

std::string content(files::path const& file) {
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
}

/// The JSON twin: some texts are alternative spellings, "…-alt01".
files::path twin(files::path const& folder, files::path const& text) {
    std::string const stem = text.stem();
    return folder / "json" / (stem.substr(0, stem.find("-alt")) + ".json");
}

std::optional<filter::Expression> read(files::path const& file) {
    auto const text = content(file);
    try {
        return file.extension() == ".json" ? filter::read_json(text) : filter::read_text(text);
    } catch (Error const& error) {
        BOOST_ERROR(file.filename() << ": " << error.what());
        return std::nullopt;
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(every_example_of_cql2_reads_and_twins_give_the_same_tree) {
    auto const folder = examples("every_example_of_cql2_reads_and_twins_give_the_same_tree");
    if (!folder) return;
    std::size_t pairs = 0;
    for (auto const& entry : files::directory_iterator{*folder / "text"}) {
        auto const text = read(entry.path());
        auto const json = read(twin(*folder, entry.path()));
        if (!text || !json) continue;
        BOOST_TEST((*text == *json), entry.path().filename()
                                         << ": " << filter::to_json(*text) << " is not "
                                         << filter::to_json(*json));
        ++pairs;
    }
    BOOST_TEST(pairs >= 107U);
    std::cout << pairs << " pairs\n";
}

BOOST_AUTO_TEST_CASE(every_example_of_cql2_is_written_in_both_encodings_and_read_back_unchanged) {
    auto const folder =
        examples("every_example_of_cql2_is_written_in_both_encodings_and_read_back_unchanged");
    if (!folder) return;
    for (auto const& entry : files::directory_iterator{*folder / "json"}) {
        if (entry.path().extension() != ".json") continue;
        auto const expression = read(entry.path());
        if (!expression) continue;
        BOOST_TEST((filter::read_text(filter::to_text(*expression)) == *expression),
                   entry.path().filename());
        BOOST_TEST((filter::read_json(filter::to_json(*expression)) == *expression),
                   entry.path().filename());
    }
}
