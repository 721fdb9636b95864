#include "tests/house/tree.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <regex>
#include <set>

namespace {

using namespace diaban::tests::house;

std::vector<std::string_view> const floors{"geo", "tiles", "data", "services"};
std::vector<std::string_view> const everything{"geo",    "tiles", "data",   "services",
                                               "styles", "tests", "docker", "bench"};
std::vector<std::string_view> const texts{".hpp", ".cpp", ".ts", ".svelte", ".mjs", ".css",
                                          ".sql", ".sh",  ".md", ".toml",   ".txt", ".yaml"};

/// Lines beyond which a file wants a second room.
constexpr std::size_t long_file = 500;

/// The first line of `text` that holds `pattern`, or 0.
std::size_t line_with(std::string const& text, std::regex const& pattern) {
    std::smatch match;
    if (!std::regex_search(text, match, pattern)) return 0;
    return 1 + static_cast<std::size_t>(
                   std::count(text.begin(), text.begin() + match.position(0), '\n'));
}

} // namespace

BOOST_AUTO_TEST_CASE(the_top_of_the_checkout_holds_only_what_the_house_names) {
    std::set<std::string> const named{"geo",
                                      "tiles",
                                      "data",
                                      "services",
                                      "styles",
                                      "tests",
                                      "docker",
                                      "CMakeLists.txt",
                                      "README.md",
                                      "CHANGELOG.md",
                                      "LICENSE",
                                      "run",
                                      "CMakePresets.json",
                                      "build",
                                      "var",
                                      "bench"};
    for (auto const& entry : std::filesystem::directory_iterator(checkout())) {
        std::string const name = entry.path().filename().string();
        BOOST_TEST((name.starts_with('.') || named.contains(name)),
                   name << " has no place at the top");
    }
}

BOOST_AUTO_TEST_CASE(every_header_is_guarded_and_every_source_is_listed) {
    for (auto floor : floors) {
        std::string lists;
        for (auto const& list : sources(floor, {"CMakeLists.txt"})) lists += list.text;
        BOOST_TEST(lists.find("file(GLOB") == std::string::npos, floor << " globs its sources");
        for (auto const& source : sources(floor, {".hpp", ".cpp"})) {
            if (source.is_header()) {
                BOOST_TEST(source.text.starts_with("#pragma once\n"), source.path);
            } else {
                // Lists name a source from their own folder: its last segment is enough to know it.
                std::string const name = std::filesystem::path(source.path).filename().string();
                BOOST_TEST(lists.find(name) != std::string::npos, source.path << " is not built");
            }
        }
    }
}

// Compiling the source so proves that the header needs nothing before it; those without a source
// are compiled alone (CMakeLists.txt beside this file).
BOOST_AUTO_TEST_CASE(a_source_includes_its_own_header_before_anything_else) {
    for (auto floor : floors) {
        std::set<std::string> headers;
        for (auto const& header : sources(floor, {".hpp"})) headers.insert(header.path);
        for (auto const& source : sources(floor, {".cpp"})) {
            auto const own = source.path.substr(0, source.path.size() - 4) + ".hpp";
            if (!headers.contains(own)) continue;
            auto const all = includes(source.text);
            BOOST_TEST((!all.empty() && all.front().quoted && all.front().target == own),
                       source.path << " does not begin with " << own);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_header_keeps_to_the_namespace_of_its_folder) {
    for (auto floor : floors) {
        for (auto const& source : sources(floor, {".hpp"})) {
            std::string const name = "diaban::" + std::string(floor);
            BOOST_TEST(source.text.find("namespace " + name) != std::string::npos,
                       source.path << " opens no namespace " << name);
        }
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_left_for_later_and_no_text_names_a_machine) {
    // Written apart, so that this file does not hold what it looks for.
    std::regex const later(std::string("\\b(TO") + "DO|FIX" + "ME|XX" + "X|HA" + "CK)\\b");
    std::regex const machine(std::string("/wo") + "rk/(main|steering|shared|\\.library)|/tm" +
                             "p/w/|/far" + "m/|bash_job" + "s");
    for (auto folder : everything) {
        for (auto const& source : sources(folder, texts)) {
            BOOST_TEST(line_with(source.text, later) == 0U,
                       source.path << ':' << line_with(source.text, later) << " is left for later");
            BOOST_TEST(line_with(source.text, machine) == 0U,
                       source.path << ':' << line_with(source.text, machine) << " names a machine");
        }
    }
}

BOOST_AUTO_TEST_CASE(names_say_what_a_thing_is) {
    std::regex const empty_word(R"(\b(class|struct) \w*(Manager|Helper|Util|Utils)\b)");
    for (auto floor : floors) {
        for (auto const& source : sources(floor, {".hpp", ".cpp"})) {
            std::size_t const line = line_with(source.text, empty_word);
            BOOST_TEST(line == 0U, source.path << ':' << line);
        }
    }
}

BOOST_AUTO_TEST_CASE(long_files_are_named) {
    for (auto folder : everything) {
        for (auto const& source :
             sources(folder, {".hpp", ".cpp", ".ts", ".svelte", ".mjs", ".css", ".sql", ".sh"})) {
            BOOST_WARN_MESSAGE(source.lines() <= long_file,
                               source.path << " has " << source.lines() << " lines");
            if (source.lines() > long_file)
                BOOST_TEST_MESSAGE("over " << long_file << " lines: " << source.path << " ("
                                           << source.lines() << ')');
        }
    }
}
