// Jobs over HTTP: their states, their ends, their files. A job is held up where a test wants it to
// last: another session locks the table that it reads.

#include "data/blob/sha256.hpp"
#include "tests/services/job_client.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

using diaban::tests::ask_export;
using diaban::tests::await;
using diaban::tests::await_job;
using diaban::tests::get;
using diaban::tests::job;
using diaban::tests::request;
using diaban::tests::World;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

json const spots{{"collection", "spots"}, {"format", "csv"}};

void no_jobs(diaban::services::Settings& settings) {
    settings.job_slots = 0;
}

std::string asked(std::uint16_t port, json const& inputs) {
    auto const answer = ask_export(port, inputs);
    BOOST_REQUIRE_MESSAGE(answer.status == 201, answer.body);
    std::string const id = json::parse(answer.body)["jobID"];
    BOOST_TEST(answer.field("location") == "http://localhost/jobs/" + id);
    return id;
}

/// Holds a table so that whoever wants to read it waits.
class Held {
public:
    Held(World& world, std::string const& table) : m_world{world} {
        m_session = std::jthread{[&world, table] {
            try {
                world.database().sql("BEGIN; LOCK TABLE record." + table +
                                     " IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(120); COMMIT");
            } catch (std::exception const&) { // released
            }
        }};
        await("the lock is had", [&] {
            return world.database().value("SELECT count(*) FROM pg_locks WHERE granted AND mode = "
                                          "'AccessExclusiveLock' AND relation = 'record." +
                                          table + "'::regclass") == "1";
        });
    }
    ~Held() { release(); }
    void release() {
        if (!m_session.joinable()) return;
        m_world.database().sql(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE "
            "'%pg_sleep(120)%' AND pid <> pg_backend_pid() AND datname = "
            "current_database()");
        m_session.join();
    }

private:
    World& m_world;
    std::jthread m_session;
};

/// The process that works on a job: its command line names it.
std::optional<pid_t> process_of(std::string const& id) {
    for (auto const& entry : fs::directory_iterator{"/proc"}) {
        std::ifstream file{entry.path() / "cmdline", std::ios::binary};
        std::ostringstream text;
        text << file.rdbuf();
        if (text.str().find(id) != std::string::npos)
            return static_cast<pid_t>(std::stol(entry.path().filename().string()));
    }
    return std::nullopt;
}

bool workshop_is_empty(World const& world) {
    std::error_code ignored;
    return fs::is_empty(world.blobs() / "unfinished", ignored) || ignored;
}

} // namespace

BOOST_AUTO_TEST_SUITE(jobs)

BOOST_AUTO_TEST_CASE(a_job_goes_from_accepted_to_successful_and_links_to_its_results) {
    auto& world = World::shared();
    auto const id = asked(world.port(), spots);
    auto const done = await_job(world.port(), id, "successful");
    BOOST_TEST(done["progress"] == 100);
    BOOST_TEST(done["type"] == "process");
    BOOST_TEST(done["processID"] == "export");
    for (auto const* const name : {"created", "started", "finished", "updated"})
        BOOST_TEST(done[name].get<std::string>().ends_with("Z"), name);
    auto const results = world.json("/jobs/" + id + "/results");
    BOOST_TEST(results["features"] == 1002);
    BOOST_TEST(results["file"]["href"] == "http://localhost/jobs/" + id + "/results/file");
    auto const file = world.get("/jobs/" + id + "/results/file");
    BOOST_TEST(file.field("content-type") == "text/csv; charset=utf-8");
    BOOST_TEST(file.field("content-disposition") == "attachment; filename=\"spots.csv\"");
    BOOST_TEST(results["file"]["bytes"] == file.body.size());
    BOOST_TEST(diaban::data::blob::hex(diaban::data::blob::sha256(std::as_bytes(
                   std::span{file.body}))) == results["file"]["sha256"].get<std::string>());
    BOOST_TEST(world.get("/jobs/" + id + "/results/features").body == "1002");
    BOOST_TEST(world.get("/jobs/" + id + "/results/nothing").status == 404);
    auto const listed = [&](std::string const& query) {
        auto const list = world.json("/jobs?limit=100&" + query);
        return std::ranges::any_of(list["jobs"],
                                   [&](json const& one) { return one["jobID"] == id; });
    };
    BOOST_TEST(listed("status=successful&processID=export"));
    BOOST_TEST(!listed("status=failed,running"));
    BOOST_TEST(!listed("processID=another"));
    BOOST_TEST(world.get("/jobs?status=lost").status == 400);
}

BOOST_AUTO_TEST_CASE(a_download_goes_on_where_it_broke_and_only_in_the_same_file) {
    auto& world = World::shared();
    auto const id = asked(world.port(), {{"collection", "blocks"}, {"format", "gpkg"}});
    await_job(world.port(), id, "successful");
    auto const target = "/jobs/" + id + "/results/file";
    auto const whole = world.get(target);
    BOOST_TEST(whole.field("accept-ranges") == "bytes");
    auto const tag = whole.field("etag");
    std::string pieces;
    constexpr std::size_t step = 100'000;
    while (pieces.size() < whole.body.size()) {
        auto const part =
            world.get(target, fmt::format("Range: bytes={}-{}\r\nIf-Range: {}\r\n", pieces.size(),
                                          pieces.size() + step - 1, tag));
        BOOST_REQUIRE(part.status == 206);
        auto const end = std::min(pieces.size() + step, whole.body.size());
        BOOST_TEST(part.field("content-range") ==
                   fmt::format("bytes {}-{}/{}", pieces.size(), end - 1, whole.body.size()));
        BOOST_TEST(part.field("etag") == tag);
        pieces += part.body;
    }
    BOOST_TEST((pieces == whole.body));
    auto const other = world.get(target, "Range: bytes=5-\r\nIf-Range: \"another\"\r\n");
    BOOST_TEST(other.status == 200);
    BOOST_TEST((other.body == whole.body));
    auto const beyond = world.get(target, "Range: bytes=999999999-\r\n");
    BOOST_TEST(beyond.status == 416);
    BOOST_TEST(beyond.field("content-range") == fmt::format("bytes */{}", whole.body.size()));
    BOOST_TEST(world.get(target, "If-None-Match: " + tag + "\r\n").status == 304);
    diaban::tests::RawClient client{world.port()};
    client.send("HEAD " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    auto const head = client.read(std::chrono::seconds{10}, true);
    BOOST_REQUIRE(head.has_value());
    BOOST_TEST(head->field("content-length") == std::to_string(whole.body.size()));
}

BOOST_AUTO_TEST_CASE(a_dismissed_job_ends_with_its_process_and_leaves_nothing) {
    World world;
    Held held{world, "spots"};
    auto const id = asked(world.port(), spots);
    await_job(world.port(), id, "running");
    await("its process", [&] { return process_of(id).has_value(); });
    BOOST_TEST(world.get("/jobs/" + id + "/results").status == 404);
    auto const answer = request(world.port(), "DELETE", "/jobs/" + id);
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(json::parse(answer.body)["status"] == "dismissed");
    await("its end", [&] { return !process_of(id).has_value(); });
    await("an empty workshop", [&] { return workshop_is_empty(world); });
    BOOST_TEST(job(world.port(), id)["status"] == "dismissed");
    held.release();
    // Dismissed once more, it is forgotten; so is one that is over, with its file.
    BOOST_TEST(request(world.port(), "DELETE", "/jobs/" + id).status == 200);
    BOOST_TEST(world.get("/jobs/" + id).status == 404);
    BOOST_TEST(request(world.port(), "DELETE", "/jobs/" + id).status == 404);
    auto const next = asked(world.port(), spots);
    await_job(world.port(), next, "successful");
    BOOST_TEST(request(world.port(), "DELETE", "/jobs/" + next).status == 200);
    BOOST_TEST(world.get("/jobs/" + next + "/results/file").status == 404);
    BOOST_TEST(world.database().value("SELECT count(*) FROM diaban.blob") == "0");
}

BOOST_AUTO_TEST_CASE(a_job_survives_the_restart_of_its_node_and_runs_on_another) {
    World world{no_jobs};
    auto const node = world.start_server("none");
    Held held{world, "spots"};
    auto const id = asked(world.port(), spots);
    await_job(world.port(), id, "running");
    await("its process", [&] { return process_of(id).has_value(); });
    node->stop();
    BOOST_TEST(job(world.port(), id)["status"] == "accepted");
    BOOST_TEST(!process_of(id).has_value());
    held.release();
    auto const next = world.start_server("none");
    await_job(world.port(), id, "successful");
    BOOST_TEST(world.database().value("SELECT attempts FROM diaban.job") == "1");
}

BOOST_AUTO_TEST_CASE(a_job_whose_node_was_killed_is_taken_over_when_its_lease_has_run_out) {
    World world{no_jobs};
    auto const id = asked(world.port(), spots);
    world.database().sql("UPDATE diaban.job SET state = 'running', node = 'gone', attempts = 1, "
                         "leased_until = clock_timestamp() + interval '1 second'");
    auto const node = world.start_server("none");
    auto const done = await_job(world.port(), id, "successful");
    BOOST_TEST(world.database().value("SELECT attempts FROM diaban.job") == "2");
}

BOOST_AUTO_TEST_CASE(a_process_that_is_killed_is_a_failed_job_and_nothing_else) {
    World world;
    Held held{world, "spots"};
    auto const id = asked(world.port(), spots);
    std::optional<pid_t> process;
    await("its process", [&] { return (process = process_of(id)).has_value(); });
    await_job(world.port(), id, "running");
    ::kill(*process, SIGKILL);
    auto const failed = await_job(world.port(), id, "failed");
    BOOST_TEST(failed["problem"] == "urn:diaban:problem:job-died");
    BOOST_TEST(failed["message"].get<std::string>().find("signal 9") != std::string::npos);
    BOOST_TEST(world.get("/jobs/" + id + "/results").status == 503);
    BOOST_TEST(world.get("/tiles/blocks/12/3245/1838.mvt").status == 200);
    await("an empty workshop", [&] { return workshop_is_empty(world); });
}

// Under a sanitizer jobs have no bound.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
BOOST_AUTO_TEST_CASE(a_job_out_of_memory_fails_and_the_server_goes_on) {
    World world{[](diaban::services::Settings& settings) { settings.job_memory_mb = 48; }};
    world.database().sql(
        "INSERT INTO record.ways (number, geom) SELECT 1, ST_MakeLine(ARRAY(SELECT "
        "ST_SetSRID(ST_MakePoint(105 + i * 1e-7, 18), 4326) FROM "
        "generate_series(1, 3000000) i))");
    auto const id = asked(world.port(), {{"collection", "ways"}, {"format", "geojson"}});
    auto const failed = await_job(world.port(), id, "failed");
    BOOST_TEST(failed["problem"] == "urn:diaban:problem:job-memory");
    BOOST_TEST(world.get("/tiles/blocks/12/3245/1838.mvt").status == 200);
    auto const small = asked(world.port(), spots);
    await_job(world.port(), small, "successful");
}
#endif

BOOST_AUTO_TEST_CASE(a_job_sees_what_its_asker_sees_and_is_nobody_elses) {
    World world;
    world.database().sql("UPDATE record.spots SET sensitivity = 1 WHERE fid % 3 = 0");
    int visible = 0;
    await("the mirror knows", [&] {
        visible = world.json("/collections/spots/count")["count"].get<int>();
        return visible < 1002;
    });
    auto const id = asked(world.port(), spots);
    await_job(world.port(), id, "successful");
    BOOST_TEST(world.json("/jobs/" + id + "/results/features") == visible);
    world.database().sql("UPDATE diaban.job SET login = 'someone'");
    for (auto const* const path : {"", "/results", "/results/file"})
        BOOST_TEST(world.get("/jobs/" + id + path).status == 404, path);
    BOOST_TEST(request(world.port(), "DELETE", "/jobs/" + id).status == 404);
    BOOST_TEST(world.json("/jobs")["jobs"].empty());
}

BOOST_AUTO_TEST_CASE(more_jobs_than_one_may_have_are_told_to_wait) {
    World world{no_jobs};
    std::string last;
    for (int i = 0; i < 20; ++i) last = asked(world.port(), spots);
    auto const refused = ask_export(world.port(), spots);
    BOOST_TEST(refused.status == 429);
    BOOST_TEST(!refused.field("retry-after").empty());
    BOOST_TEST(request(world.port(), "DELETE", "/jobs/" + last).status == 200);
    BOOST_TEST(ask_export(world.port(), spots).status == 201);
}

BOOST_AUTO_TEST_CASE(processes_are_listed_and_described) {
    auto& world = World::shared();
    auto const list = world.json("/processes")["processes"];
    BOOST_REQUIRE(!list.empty());
    for (auto const& one : list) {
        auto const process = world.json("/processes/" + one["id"].get<std::string>());
        BOOST_TEST(process["title"] == one["title"]);
        BOOST_TEST(!process["inputs"].empty());
        BOOST_TEST(!process["outputs"].empty());
    }
    BOOST_TEST(world.get("/processes/no-such").status == 404);
    BOOST_TEST(world.get("/jobs/no-such").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
