#include "services/config.hpp"

#include "geo/error.hpp"

#include <CLI/CLI.hpp>
#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace services = diaban::services;

namespace {

services::Environment environment(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](std::string const& name) {
        auto const it = variables.find(name);
        return it == variables.end() ? std::nullopt : std::optional{it->second};
    };
}

struct File {
    explicit File(std::string const& text)
        : path{std::filesystem::temp_directory_path() /
               ("diaban-" + std::to_string(::getpid()) + ".toml")} {
        std::ofstream{path} << text;
    }
    ~File() { std::filesystem::remove(path); }
    std::filesystem::path path;
};

std::string refusal(std::string const& text) {
    File const file{text};
    try {
        services::read_settings(file.path, environment({}));
    } catch (diaban::geo::Error const& error) {
        return error.type() + " " + error.parameters()[1].second;
    }
    return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(flags_win_over_environment_over_file_over_defaults) {
    File const file{"port = 1\nlive_port = 2\ncache_mb = 3\nserver_timing = true\n"};
    auto settings = services::read_settings(
        file.path, environment({{"DIABAN_LIVE_PORT", "20"}, {"DIABAN_CACHE_MB", "30"}}));
    CLI::App app;
    services::add_settings(app, settings);
    app.parse("--cache-mb 300");
    BOOST_TEST(settings.port == 1);
    BOOST_TEST(settings.live_port == 20);
    BOOST_TEST(settings.cache_mb == 300u);
    BOOST_TEST(settings.server_timing);
    BOOST_TEST(settings.edge_threads == 250u);
}

BOOST_AUTO_TEST_CASE(a_setting_that_cannot_be_is_named) {
    BOOST_TEST(refusal("port = 65536\n") == "bad-setting 65536");
    BOOST_TEST(refusal("port = \"x\"\n") == "bad-setting x");
    BOOST_TEST(refusal("edge_threads = 256\n") == "bad-setting 256");
    BOOST_TEST(refusal("prot = 80\n") == "bad-setting prot");
    BOOST_TEST(refusal("log_level = \"debgu\"\n") == "bad-setting debgu");
    BOOST_TEST(refusal("port = [1]\n") == "bad-setting ?");
    BOOST_TEST(refusal("port = \n").starts_with("bad-setting"));
    BOOST_CHECK_THROW(services::read_settings("/no/such.toml", environment({})),
                      diaban::geo::Error);
}

BOOST_AUTO_TEST_CASE(another_reading_says_what_is_taken_at_once_and_keeps_secrets_to_itself) {
    auto const running = services::read_settings({}, environment({}));
    File const file{"port = 1\nlog_level = \"debug\"\ndrain_s = 5\ndatabase = \"host=a\"\n"};
    auto const now = services::read_settings(file.path, environment({}));
    std::string said;
    for (auto const& setting : services::changed_settings(running, now))
        said += setting.name + '=' + setting.value + (setting.at_once ? "! " : " ");
    BOOST_TEST(said == "database= port=1 drain_s=5! log_level=debug! ");
    auto taken = running;
    services::take_at_once(taken, now);
    BOOST_TEST(taken.log_level == "debug");
    BOOST_TEST(taken.drain_s == 5u);
    BOOST_TEST(taken.port == running.port);
    BOOST_TEST(services::changed_settings(running, running).empty());
}

BOOST_AUTO_TEST_CASE(folders_follow_home_unless_they_are_given) {
    auto settings =
        services::read_settings({}, environment({{"DIABAN_HOME", "/x"}, {"DIABAN_STYLES", "/y"}}));
    services::complete(settings);
    BOOST_TEST(settings.migrations == "/x/data/migrations");
    BOOST_TEST(settings.styles == "/y");
    BOOST_TEST(settings.load_threads > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
