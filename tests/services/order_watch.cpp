// Orders that nobody acknowledges: when they go to the superior, to whom, and how often.

#include "services/domain/order_watch.hpp"

#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace diaban;
using data::postgis::OrderStore;
using data::postgis::Pool;
using data::postgis::Role;
using services::domain::OrderWatch;

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t issued = 1'795'000'000 * second;

data::postgis::PoolOptions patient(tests::Database const& database) {
    auto options = database.options(Role::edit);
    options.wait = options.statement_timeout = std::chrono::seconds{30};
    return options;
}

/// A commune whose officer on duty has a superior, and a clock that is said.
struct Post {
    tests::Database database;
    Pool pool{patient(database)};
    OrderStore store{pool};

    Post() {
        database.sql("INSERT INTO record.duty_roster (unit, name, superior, scope) VALUES "
                     "('18739', 'Anh Ba', 'Chị Tư', '18739')");
    }
    void order(int due_minutes = 10, std::string const& unit = "18739", int count = 1) const {
        database.sql(fmt::format(
            "INSERT INTO record.event_orders (event, unit, to_whom, superior, text, issued_at, "
            "due_minutes, state, scope) SELECT 1, '{0}', 'Anh Ba', 'Ông Năm', 'Sơ tán', "
            "to_timestamp({1}), {2}, 'issued', '{0}' FROM generate_series(1, {3})",
            unit, issued / second, due_minutes, count));
    }
    void acknowledge() const {
        database.sql("UPDATE record.event_orders SET state = 'acknowledged', acknowledged_at = "
                     "now(), acknowledged_by = 'Anh Ba'");
    }
    /// A watch that has just been started looks.
    void looks(std::int64_t after) const { OrderWatch{store}.look({issued + after}); }
    [[nodiscard]] std::string stands() const {
        return database.value(
            "SELECT string_agg(concat_ws(' ', unit, state, escalated_to, extract(epoch FROM "
            "escalated_at - issued_at)::int), '; ' ORDER BY fid) FROM record.event_orders");
    }
    [[nodiscard]] std::string versions() const {
        return database.value("SELECT sum(version) FROM record.event_orders");
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(orders_watched)

BOOST_AUTO_TEST_CASE(an_order_goes_to_the_superior_by_name_at_ten_minutes_and_not_before) {
    Post const post;
    post.order();
    post.looks(10 * minute - second);
    BOOST_TEST(post.stands() == "18739 issued");
    post.looks(10 * minute);
    BOOST_TEST(post.stands() == "18739 escalated Chị Tư 600");
}

BOOST_AUTO_TEST_CASE(it_goes_there_once_whatever_is_restarted) {
    Post const post;
    post.order();
    post.looks(10 * minute);
    auto const versions = post.versions();
    OrderWatch const watch{post.store};
    for (int i = 0; i < 3; ++i) watch.look({issued + (11 + i) * minute});
    post.looks(60 * minute);
    BOOST_TEST(post.stands() == "18739 escalated Chị Tư 600");
    BOOST_TEST(post.versions() == versions);
}

BOOST_AUTO_TEST_CASE(what_fell_due_while_no_node_ran_is_escalated_by_the_next) {
    Post const post;
    post.order();
    post.looks(3 * 60 * minute);
    BOOST_TEST(post.stands() == "18739 escalated Chị Tư 10800");
}

BOOST_AUTO_TEST_CASE(an_acknowledged_order_never_goes_to_the_superior) {
    Post const post;
    post.order();
    post.acknowledge();
    for (std::int64_t const after : {10 * minute, 11 * minute, 600 * minute}) post.looks(after);
    BOOST_TEST(post.stands() == "18739 acknowledged");
}

BOOST_AUTO_TEST_CASE(each_order_has_its_own_minutes_and_the_superior_it_was_issued_under) {
    Post const post;
    post.order(5, "18740"); // nobody of that unit is on the roster any more
    post.order(30);
    post.looks(5 * minute);
    BOOST_TEST(post.stands() == "18740 escalated Ông Năm 300; 18739 issued");
    post.looks(30 * minute);
    BOOST_TEST(post.stands() == "18740 escalated Ông Năm 300; 18739 escalated Chị Tư 1800");
}

BOOST_AUTO_TEST_CASE(four_nodes_at_once_escalate_each_of_two_hundred_orders_once) {
    Post const post;
    post.order(10, "18739", 200);
    std::vector<std::thread> nodes;
    for (int i = 0; i < 4; ++i)
        nodes.emplace_back([&] {
            for (int turn = 0; turn < 3; ++turn) post.looks(10 * minute);
        });
    for (auto& node : nodes) node.join();
    BOOST_TEST(post.database.value("SELECT count(*) FROM record.event_orders WHERE state = "
                                   "'escalated' AND version = 2") == "200");
}

BOOST_AUTO_TEST_SUITE_END()
