// What /metrics tells, and that dashboard and alert rules ask for nothing else.

#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <thread>

using namespace diaban;
using nlohmann::json;
using tests::World;

namespace {

std::filesystem::path const sources{DIABAN_SOURCES};

std::string text_of(std::filesystem::path const& file) {
    std::ifstream in{file};
    BOOST_REQUIRE_MESSAGE(in, file);
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// Names of the families that a running server tells, with what a histogram makes of its own.
std::set<std::string> told(std::string const& metrics) {
    std::set<std::string> names{"up"}; // Prometheus's own
    std::regex const type{"# TYPE (\\S+) (\\S+)"};
    for (std::sregex_iterator it{metrics.begin(), metrics.end(), type}, end; it != end; ++it) {
        auto const name = (*it)[1].str();
        if ((*it)[2] != "histogram")
            names.insert(name);
        else
            for (auto const* const part : {"_bucket", "_sum", "_count"}) names.insert(name + part);
    }
    return names;
}

/// Names of metrics in PromQL: words that are no label, function or number, with ours' beginnings.
std::set<std::string> asked(std::string const& expression) {
    std::set<std::string> names;
    std::regex const word{"\\b(diaban_\\w+|process_\\w+|up|go_\\w+|node_\\w+)\\b"};
    for (std::sregex_iterator it{expression.begin(), expression.end(), word}, end; it != end; ++it)
        names.insert((*it)[1].str());
    return names;
}

/// /metrics of a server that has met everything once and has read its figures.
std::string metrics_of(World const& world) {
    static_cast<void>(world.get("/collections/blocks/items?limit=1"));
    for (int i = 0; i < 200; ++i) {
        auto body = world.get("/metrics").body;
        if (body.find("diaban_jobs_queued") != std::string::npos) return body;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    BOOST_FAIL("the figures of the record are not told");
    return {};
}

double value_of(std::string const& metrics, std::string const& series) {
    auto const at = metrics.find("\n" + series + " ");
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, series);
    return std::stod(metrics.substr(at + series.size() + 2));
}

bool has_promtool() {
    if (std::system("promtool --version >/dev/null 2>&1") == 0) return true;
    BOOST_TEST_MESSAGE("SKIPPED (promtool not installed): "
                       << boost::unit_test::framework::current_test_case().p_name);
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(seeing_metrics)

BOOST_AUTO_TEST_CASE(every_expression_of_the_dashboard_names_what_a_server_tells) {
    auto const known = told(metrics_of(World::shared()));
    auto const dashboard = json::parse(text_of(sources / "docker/grafana/diaban.json"));
    std::size_t expressions = 0;
    for (auto const& panel : dashboard["panels"])
        for (auto const& target : panel["targets"]) {
            auto const expression = target["expr"].get<std::string>();
            auto const names = asked(expression);
            BOOST_TEST(!names.empty(), expression);
            for (auto const& name : names)
                BOOST_TEST(known.contains(name), panel["title"] << ": " << name);
            ++expressions;
        }
    BOOST_TEST(expressions > 40);
}

BOOST_AUTO_TEST_CASE(every_alert_rule_names_what_a_server_tells) {
    auto const known = told(metrics_of(World::shared()));
    auto const rules = text_of(sources / "docker/prometheus/alerts.yaml");
    std::regex const line{"expr: (.*)"};
    std::size_t expressions = 0;
    for (std::sregex_iterator it{rules.begin(), rules.end(), line}, end; it != end; ++it) {
        for (auto const& name : asked((*it)[1])) BOOST_TEST(known.contains(name), name);
        ++expressions;
    }
    BOOST_TEST(expressions > 10);
}

BOOST_AUTO_TEST_CASE(promtool_finds_no_fault_in_metrics_rules_and_configuration) {
    if (!has_promtool()) return;
    auto const folder = std::filesystem::temp_directory_path() /
                        ("diaban-metrics-" + std::to_string(World::shared().port()));
    std::filesystem::create_directories(folder);
    std::ofstream{folder / "metrics"} << metrics_of(World::shared());
    auto const run = [](std::string const& command) { return std::system(command.c_str()); };
    BOOST_TEST(run("promtool check metrics < " + (folder / "metrics").string() + " >&2") == 0);
    auto const rules = (sources / "docker/prometheus/alerts.yaml").string();
    BOOST_TEST(run("promtool check rules " + rules + " >&2") == 0);
    auto const config = (sources / "docker/prometheus/prometheus.yaml").string();
    BOOST_TEST(run("promtool check config --syntax-only " + config + " >&2") == 0);
    std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(requests_are_counted_by_route_and_by_collections_that_are_there) {
    auto const& world = World::shared();
    auto const series = std::string{"diaban_http_collection_seconds_count{collection=\"ways\"}"};
    static_cast<void>(world.get("/collections/ways"));
    auto const before = value_of(metrics_of(world), series);
    for (int i = 0; i < 3; ++i) static_cast<void>(world.get("/collections/ways/items?limit=1"));
    static_cast<void>(world.get("/collections/nowhere/items"));
    auto const after = metrics_of(world);
    BOOST_TEST(value_of(after, series) - before == 3);
    BOOST_TEST(after.find("nowhere") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_waits_and_what_stands_is_told_from_the_record) {
    World world{[](services::Settings& settings) { settings.job_slots = 0; }};
    world.database().sql(
        "INSERT INTO diaban.job (process, inputs, login, policy, language, created_at) "
        "VALUES ('heat', '{}', 'x', '{}', 'vi', now() - interval '1 hour')");
    world.database().sql(
        "INSERT INTO record.alerts (kind, state, level, source_kind) VALUES "
        "('level', 'open', 2, 'person'), ('level', 'open', 2, 'person'), "
        "('level', 'acknowledged', 3, 'person'), ('level', 'closed', 3, 'person')");
    std::string metrics;
    for (int i = 0; i < 300; ++i) {
        metrics = world.get("/metrics").body;
        if (metrics.find("diaban_alerts_standing{level=\"3\"") != std::string::npos) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    BOOST_TEST(value_of(metrics, "diaban_jobs_queued{state=\"waiting\"}") == 1);
    BOOST_TEST(value_of(metrics, "diaban_jobs_oldest_seconds") >= 3600);
    BOOST_TEST(value_of(metrics, "diaban_alerts_standing{level=\"2\",state=\"open\"}") == 2);
    BOOST_TEST(value_of(metrics, "diaban_alerts_standing{level=\"3\",state=\"acknowledged\"}") ==
               1);
    BOOST_TEST(value_of(metrics, "diaban_alerts_standing{level=\"3\",state=\"open\"}") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
