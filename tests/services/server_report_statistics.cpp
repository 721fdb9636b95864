// Numbers of reports beside what PostgreSQL counts of the same rows.

#include "services/http/uri.hpp"
#include "tests/services/job_client.hpp"
#include "tests/services/visitors.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <random>
#include <string>

using namespace diaban::tests;
using nlohmann::json;

namespace {

namespace tt = boost::test_tools;

constexpr char ended[] = "status IN ('fixed','duplicate','not_responsible','unable_to_fix')";

/// Reports of all services and states, in and out of units, some without position or service.
void fill(World& world, int count) {
    std::mt19937_64 random{seed()};
    constexpr char const* services[] = {"road", "waste", "water", "power"};
    constexpr char const* states[] = {"received", "investigating", "in_progress",
                                      "fixed",    "duplicate",     "unable_to_fix"};
    std::string rows;
    for (int i = 0; i < count; ++i) {
        std::string const state = states[random() % 6];
        bool const closed = state == "fixed" || state == "duplicate" || state == "unable_to_fix";
        auto const hours = 1 + random() % 900;
        rows += fmt::format(
            "{}({}, '{}', now() - interval '40 days', now() + ({} - 500) * interval '1 hour', {}, "
            "{}, '{}', {})",
            rows.empty() ? "" : ",",
            random() % 12 == 0 ? "NULL" : fmt::format("'{}'", services[random() % 4]), state,
            random() % 1000,
            closed && random() % 10 != 0
                ? fmt::format("now() - interval '40 days' + {} * interval '1 hour'", hours)
                : "NULL",
            random() % 15 == 0
                ? "NULL"
                : fmt::format("ST_SetSRID(ST_MakePoint({}, {}), 4326)",
                              104.9 + (double(random() % 1000) + 0.37) / 700, // on no border
                              17.8 + (double(random() % 1000) + 0.37) / 900),
            random() % 2 == 0 ? "" : "18739", random() % 20 == 0 ? 2 : 0);
    }
    world.database().sql("INSERT INTO record.reports (category, status, reported_at, due_at, "
                         "closed_at, geom, scope, sensitivity) VALUES " +
                         rows);
}

std::uint64_t asked(World& world, std::string const& what, std::string const& where) {
    return std::stoull(world.database().value(
        "SELECT " + what + " FROM record.reports WHERE sensitivity = 0 AND " + where));
}

json statistics(World& world, std::string const& query = {}, std::string const& fields = {}) {
    auto const answer = world.get("/reports/statistics" + query, fields);
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
    return json::parse(answer.body);
}

void check_numbers(World& world, json const& told, std::string const& where) {
    BOOST_TEST(told["count"] == asked(world, "count(*)", where), where);
    BOOST_TEST(told["closed"] == asked(world, "count(*)", where + " AND " + ended), where);
    BOOST_TEST(told["open"] == asked(world, "count(*)", where + " AND NOT " + ended), where);
    BOOST_TEST(told["overdue"] ==
                   asked(world, "count(*)", where + " AND NOT " + ended + " AND due_at < now()"),
               where);
    BOOST_TEST(told["closed_late"] ==
                   asked(world, "count(*)", where + " AND " + ended + " AND due_at < closed_at"),
               where);
    auto const median = world.database().value(
        "SELECT coalesce((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at "
        "- reported_at)) / 86400)::text, '') FROM record.reports WHERE sensitivity = 0 AND " +
        where + " AND " + ended);
    BOOST_TEST(told["median_days"].is_null() == median.empty(), where);
    if (!median.empty() && told["median_days"].is_number())
        BOOST_TEST(told["median_days"].get<double>() == std::stod(median), tt::tolerance(1e-9));
}

std::uint64_t sum(json const& list, char const* what = "count") {
    std::uint64_t total = 0;
    for (auto const& one : list) total += one[what].get<std::uint64_t>();
    return total;
}

} // namespace

BOOST_AUTO_TEST_SUITE(report_statistics)

BOOST_AUTO_TEST_CASE(numbers_are_those_that_postgresql_counts_and_parts_equal_the_whole) {
    World world;
    fill(world, 800);
    auto const all = asked(world, "count(*)", "true");
    await("the reports", [&] { return statistics(world)["all"]["count"] == all; });
    auto const told = statistics(world, "?lang=en");
    BOOST_TEST(told["least_group"].is_null());
    check_numbers(world, told["all"], "true");
    for (auto const& one : told["services"])
        check_numbers(world, one,
                      one["code"].is_null()
                          ? "category IS NULL"
                          : fmt::format("category = '{}'", one["code"].get<std::string>()));
    for (auto const& one : told["states"])
        check_numbers(world, one, fmt::format("status = '{}'", one["code"].get<std::string>()));
    auto const& areas = told["areas"];
    for (auto const& unit : areas["units"])
        check_numbers(world, unit,
                      fmt::format("ST_Contains((SELECT geom FROM record.places WHERE fid = {}), "
                                  "geom)",
                                  unit["fid"].get<long>()));
    check_numbers(world, areas["unlocated"], "geom IS NULL");
    for (auto const* const what : {"count", "open", "overdue", "closed", "closed_late"}) {
        auto const whole = told["all"][what].get<std::uint64_t>();
        BOOST_TEST(sum(told["services"], what) == whole);
        BOOST_TEST(sum(told["states"], what) == whole);
        BOOST_TEST(sum(areas["units"], what) + areas["elsewhere"][what].get<std::uint64_t>() +
                       areas["unlocated"][what].get<std::uint64_t>() ==
                   whole);
    }
    BOOST_TEST(told["services"].size() == 5U);
    BOOST_TEST(areas["units"].size() >= 2U);
    auto const chosen =
        statistics(world, "?filter=" + diaban::services::http::percent_encode("category = 'road'"));
    check_numbers(world, chosen["all"], "category = 'road'");
    BOOST_TEST(world.get("/reports/statistics?level=village").status == 400);
    BOOST_TEST(statistics(world, "?datetime=2001-01-01/2001-12-31")["all"]["count"] == 0);
}

BOOST_AUTO_TEST_CASE(small_numbers_of_reports_that_one_does_not_see_are_masked) {
    World world;
    Registrar people{world.database()};
    people.role({"public",
                 "",
                 false,
                 false,
                 false,
                 {within("reports", "read", {"18739"}), all_of("reports", "count"),
                  all_of("places", "read")}});
    people.account("lan", {});
    auto const lan = people.token("lan", {"read", "count"});
    fill(world, 300);
    // Three of a service of their own: too few.
    world.database().sql("INSERT INTO record.reports (category, status, reported_at, scope) SELECT "
                         "'tree', 'received', now(), '' FROM generate_series(1, 3)");
    auto const all = asked(world, "count(*)", "true");
    await("the reports and who may see them", [&] {
        auto const answer = world.get("/reports/statistics", lan);
        if (answer.status != 200) return false;
        auto const told = json::parse(answer.body);
        return told["least_group"].is_number() && told["all"]["count"] == all;
    });
    auto const told = statistics(world, "", lan);
    BOOST_TEST(told["least_group"] == 5);
    std::size_t masked = 0;
    for (auto const& one : told["services"]) {
        BOOST_TEST(!one.contains("open"));
        BOOST_TEST(!one.contains("median_days"));
        if (one["code"] == "tree") BOOST_TEST(one["count"].is_null());
        masked += one["count"].is_null();
        if (one["count"].is_number()) BOOST_TEST(one["count"].get<int>() >= 5);
    }
    // The whole without the rest would tell the one.
    BOOST_TEST(masked >= 2U);
    for (auto const& unit : told["areas"]["units"])
        if (unit["count"].is_number()) BOOST_TEST(unit["count"].get<int>() >= 5);
    // What is chosen is counted of what one sees alone.
    auto const chosen = statistics(
        world, "?filter=" + diaban::services::http::percent_encode("category = 'tree'"), lan);
    BOOST_TEST(chosen["all"]["count"] == 0);
}

BOOST_AUTO_TEST_SUITE_END()
