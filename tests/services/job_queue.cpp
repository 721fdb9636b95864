// Whose turn it is, and who holds what: the queue by itself, without anybody who works.

#include "data/postgis/job_queue.hpp"

#include "tests/support/database.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

using diaban::data::model::JobRequest;
using diaban::data::model::JobState;
using diaban::data::postgis::JobQueue;
using diaban::tests::Database;
using diaban::tests::throws;
using namespace std::chrono_literals;

namespace {

struct Queue {
    Database database;
    diaban::data::postgis::Pool pool{database.options(diaban::data::postgis::Role::edit)};
    JobQueue jobs{pool};
    std::vector<std::string> const processes{"export"};

    std::string submit(std::string const& login, int priority = 0) {
        return jobs.submit({.process = "export",
                            .inputs = R"({"name": "cẩm"})",
                            .login = login,
                            .policy = "*/0/",
                            .language = "vi",
                            .priority = priority});
    }
    std::string take(std::string const& node = "one") {
        auto const job = jobs.take(node, 20s, processes);
        return job ? job->id : "";
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(job_queue)

BOOST_AUTO_TEST_CASE(nobody_waits_for_all_that_another_has_asked_for) {
    Queue queue;
    std::vector<std::string> an;
    for (int i = 0; i < 4; ++i) an.push_back(queue.submit("an"));
    auto const binh = queue.submit("bình");
    auto const chi = queue.submit("chi");
    std::vector<std::string> const wanted{an[0], binh, chi, an[1], an[2], an[3]};
    for (auto const& id : wanted) {
        BOOST_TEST(queue.take() == id);
        BOOST_TEST(queue.jobs.finish(id, "one", "{}", {}));
    }
    BOOST_TEST(queue.take() == "");
}

BOOST_AUTO_TEST_CASE(who_has_less_running_is_served_first_and_priority_before_all) {
    Queue queue;
    auto const first = queue.submit("an");
    auto const second = queue.submit("an");
    BOOST_TEST(queue.take() == first); // still running
    auto const other = queue.submit("bình");
    auto const urgent = queue.submit("an", 5);
    BOOST_TEST(queue.take() == urgent);
    BOOST_TEST(queue.take() == other);
    BOOST_TEST(queue.take() == second);
}

BOOST_AUTO_TEST_CASE(a_job_is_taken_once_and_only_its_holder_moves_it) {
    Queue queue;
    auto const id = queue.submit("an");
    BOOST_TEST(queue.take("one") == id);
    BOOST_TEST(queue.take("two") == "");
    BOOST_TEST(!queue.jobs.take_one(id, "two", 20s).has_value());
    BOOST_TEST(queue.jobs.beat(id, "one", 20s, 40, "4 / 10").has_value());
    BOOST_TEST(!queue.jobs.beat(id, "two", 20s, 90, "").has_value());
    BOOST_TEST(!queue.jobs.finish(id, "two", "{}", {}));
    BOOST_TEST(!queue.jobs.fail(id, "two", "{}"));
    BOOST_TEST(!queue.jobs.give_back(id, "two"));
    auto const job = queue.jobs.find(id, "an");
    BOOST_REQUIRE(job.has_value());
    BOOST_TEST(job->progress == 40);
    BOOST_TEST(job->message == "4 / 10");
    BOOST_TEST(job->request.inputs == R"({"name": "cẩm"})");
    BOOST_TEST((queue.jobs.held("one") == std::vector{id}));
    BOOST_TEST(queue.jobs.finish(id, "one", R"({"features": 3})", {}));
    BOOST_TEST(!queue.jobs.beat(id, "one", 20s, 50, "").has_value());
    BOOST_TEST((queue.jobs.find(id, "an")->state == JobState::successful));
}

BOOST_AUTO_TEST_CASE(a_lease_that_ran_out_is_another_try_and_three_are_enough) {
    Queue queue;
    auto const id = queue.submit("an");
    for (int i = 0; i < JobQueue::most_attempts; ++i) {
        BOOST_TEST(queue.take() == id);
        BOOST_TEST(queue.jobs.recover() == 0);
        queue.database.sql(
            "UPDATE diaban.job SET leased_until = clock_timestamp() - interval '1 s'");
        BOOST_TEST(queue.jobs.recover() == 1);
        BOOST_TEST(!queue.jobs.beat(id, "one", 20s, 1, "").has_value());
    }
    BOOST_TEST(queue.take() == "");
    auto const job = queue.jobs.find(id, "an");
    BOOST_TEST((job->state == JobState::failed));
    BOOST_TEST(job->problem.find("job-abandoned") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_given_back_was_never_tried) {
    Queue queue;
    auto const id = queue.submit("an");
    BOOST_TEST(queue.take() == id);
    BOOST_TEST(queue.jobs.give_back(id, "one"));
    BOOST_TEST(queue.jobs.find(id, "an")->attempts == 0);
    BOOST_TEST(queue.take("two") == id);
}

BOOST_AUTO_TEST_CASE(a_login_has_twenty_at_once_and_sees_its_own_alone) {
    Queue queue;
    std::string last;
    for (int i = 0; i < 20; ++i) last = queue.submit("an");
    BOOST_TEST(throws("too-many-jobs", [&] { queue.submit("an"); }));
    queue.submit("bình");
    BOOST_TEST(queue.jobs.list("an", {}).size() == 20U);
    BOOST_TEST(queue.jobs.list("an", {.states = {"failed"}, .processes = {}}).empty());
    BOOST_TEST(queue.jobs.list("bình", {}).size() == 1U);
    BOOST_TEST(!queue.jobs.find(last, "bình").has_value());
    BOOST_TEST(!queue.jobs.dismiss(last, "bình").has_value());
    BOOST_TEST((queue.jobs.dismiss(last, "an")->state == JobState::dismissed));
    queue.submit("an");
    for (auto const* const no_id :
         {"", "x", "'; DROP TABLE diaban.job", "00000000-0000-0000-0000-"})
        BOOST_TEST(!queue.jobs.find(no_id, "an").has_value());
}

BOOST_AUTO_TEST_CASE(a_file_goes_with_the_last_job_that_has_it) {
    Queue queue;
    std::string const sha256(64, 'a');
    std::set<std::string> ids;
    for (int i = 0; i < 2; ++i) {
        auto const id = queue.submit("an");
        BOOST_TEST(queue.take() == id);
        BOOST_TEST(queue.jobs.finish(id, "one", "{}", {{sha256, 5, "text/csv"}}));
        ids.insert(id);
    }
    BOOST_TEST(queue.jobs.owns(sha256));
    BOOST_TEST(queue.jobs.dismiss(*ids.begin(), "an").has_value());
    BOOST_TEST(queue.jobs.owns(sha256));
    BOOST_TEST(queue.jobs.forget(3600s) == 0);
    queue.database.sql("UPDATE diaban.job SET finished_at = now() - interval '2 hours'");
    BOOST_TEST(queue.jobs.forget(3600s) == 1);
    BOOST_TEST(!queue.jobs.owns(sha256));
    BOOST_TEST(queue.jobs.list("an", {}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
