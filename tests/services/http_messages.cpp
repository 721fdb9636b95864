#include "services/http/messages.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace http = diaban::services::http;
namespace fs = std::filesystem;
using diaban::geo::Code;
using diaban::geo::Error;

namespace {

std::string text_of(fs::path const& path) {
    std::string text(fs::file_size(path), '\0');
    std::ifstream{path, std::ios::binary}.read(text.data(),
                                               static_cast<std::streamsize>(text.size()));
    return text;
}

/// Every type of error thrown, or said to be thrown in a comment, with one file that does.
std::map<std::string, std::string> types_thrown() {
    std::regex const thrown{R"(Code::\w+,\s*"([a-z0-9-]+)\")"};
    std::regex const documented{R"(Error\{(?:\w+::)*\w+,\s*(?:///\s*)?"([a-z0-9-]+)\")"};
    std::regex const refused{R"(refuse\(\d{3}, "([a-z0-9-]+)\")"};
    std::map<std::string, std::string> types;
    for (auto const* const floor : {"geo", "tiles", "data", "services"})
        for (auto const& entry :
             fs::recursive_directory_iterator{fs::path{DIABAN_SOURCES} / floor}) {
            auto const& path = entry.path();
            bool const source = path.extension() == ".cpp" || path.extension() == ".hpp";
            bool const elsewhere = path.string().find("node_modules") != std::string::npos;
            if (!source || elsewhere) continue;
            auto const text = text_of(path);
            for (auto const& pattern : {thrown, documented, refused})
                for (auto it = std::sregex_iterator{text.begin(), text.end(), pattern};
                     it != std::sregex_iterator{}; ++it)
                    types.emplace((*it)[1], path.filename().string());
        }
    return types;
}

/// The names in braces.
std::set<std::string> places_of(std::string_view pattern) {
    std::set<std::string> names;
    std::string const text{pattern};
    std::regex const place{R"(\{([a-z_]+)\})"};
    for (auto it = std::sregex_iterator{text.begin(), text.end(), place};
         it != std::sregex_iterator{}; ++it)
        names.insert((*it)[1]);
    return names;
}

} // namespace

BOOST_AUTO_TEST_SUITE(messages)

BOOST_AUTO_TEST_CASE(every_error_thrown_anywhere_has_its_sentences) {
    auto const types = types_thrown();
    BOOST_TEST(types.size() > 60u);
    for (auto const& [type, file] : types)
        BOOST_TEST((http::sentence_of(type).type == type), type << " of " << file);
}

BOOST_AUTO_TEST_CASE(both_languages_say_something_and_name_the_same_parts) {
    std::string previous;
    for (auto const& sentence : http::sentences()) {
        std::string const type{sentence.type};
        BOOST_TEST((previous < type), type);
        previous = type;
        BOOST_TEST(!sentence.title_vi.empty(), type);
        BOOST_TEST(!sentence.title_en.empty(), type);
        BOOST_TEST(!sentence.detail_vi.empty(), type);
        BOOST_TEST(!sentence.detail_en.empty(), type);
        BOOST_TEST((places_of(sentence.detail_vi) == places_of(sentence.detail_en)), type);
    }
}

BOOST_AUTO_TEST_CASE(a_problem_body_holds_what_rfc_7807_and_the_console_expect) {
    Error const error{Code::bad_input,
                      "bad-bbox",
                      {{"parameter", "bbox"}, {"value", "1,2\"\xff"}, {"accepted", "four numbers"}},
                      "for the log"};
    auto const response = http::problem(error, 400, http::Language::en, "/collections/x/items");
    BOOST_TEST(response.status == 400);
    BOOST_TEST(response.header("content-type") == "application/problem+json");
    auto const body = nlohmann::json::parse(response.body.bytes());
    BOOST_TEST(body["type"] == "urn:diaban:problem:bad-bbox");
    BOOST_TEST(body["title"] == "Bad bounding box");
    BOOST_TEST(body["status"] == 400);
    BOOST_TEST(body["instance"] == "/collections/x/items");
    BOOST_TEST(body["parameter"] == "bbox");
    BOOST_TEST(body["accepted"] == "four numbers");
    BOOST_TEST(body["detail"].get<std::string>().find("four numbers") != std::string::npos);
    BOOST_TEST(response.body.bytes().find("for the log") == std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(a_type_without_sentence_says_nothing_of_itself) {
    auto const response = http::problem(Error{Code::internal, "no-such-type", {{"secret", "x"}}},
                                        500, http::Language::vi, "/");
    auto const body = nlohmann::json::parse(response.body.bytes());
    BOOST_TEST(body["type"] == "urn:diaban:problem:internal");
    BOOST_TEST(!body.contains("secret"));
}

BOOST_AUTO_TEST_SUITE_END()
