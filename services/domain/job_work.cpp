#include "services/domain/job_work.hpp"

#include "data/blob/blob_store.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace diaban::services::domain {

namespace {

namespace fs = std::filesystem;
using data::model::Job;
using data::postgis::JobQueue;
using geo::Code;

constexpr std::chrono::milliseconds between_beats{1000};

constexpr std::array<std::pair<std::string_view, Code>, 8> codes{{
    {"bad_input", Code::bad_input},
    {"not_found", Code::not_found},
    {"conflict", Code::conflict},
    {"forbidden", Code::forbidden},
    {"unsupported", Code::unsupported},
    {"too_large", Code::too_large},
    {"unavailable", Code::unavailable},
    {"internal", Code::internal},
}};

/// The folder of a job, gone with it.
class Workshop {
public:
    explicit Workshop(fs::path folder) : m_folder{std::move(folder)} {
        std::error_code ignored;
        fs::remove_all(m_folder, ignored); // of an attempt that was killed
        fs::create_directories(m_folder, ignored);
    }
    Workshop(Workshop const&) = delete;
    Workshop& operator=(Workshop const&) = delete;
    ~Workshop() {
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }
    [[nodiscard]] fs::path const& folder() const noexcept { return m_folder; }

private:
    fs::path m_folder;
};

/// Says that the job is alive and how far it is; ends the process when it is ours no more.
class Heart {
public:
    Heart(JobQueue const& queue, std::string job, std::string node, WorkProgress& progress,
          fs::path folder)
        : m_queue{queue}, m_job{std::move(job)}, m_node{std::move(node)}, m_progress{progress},
          m_folder{std::move(folder)}, m_thread{
                                           [this](std::stop_token const& stop) { run(stop); }} {}

private:
    void run(std::stop_token const& stop) {
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock{mutex};
        auto pause = std::chrono::milliseconds{200}; // short work shows its progress too
        while (!wake.wait_for(lock, stop, pause, [] { return false; }) && !stop.stop_requested()) {
            beat();
            pause = std::min<std::chrono::milliseconds>(pause * 2, between_beats);
        }
    }

    void beat() const {
        try {
            if (auto const answer = m_queue.beat(m_job, m_node, job_lease, m_progress.percent(),
                                                 m_progress.words())) {
                m_progress.hold(answer->paused);
                return;
            }
        } catch (geo::Error const& error) { // the lease says how long that may go on
            spdlog::warn("job {}: no heartbeat: {}", m_job, error.what());
            return;
        }
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
        std::_Exit(lost_exit);
    }

    JobQueue const& m_queue;
    std::string m_job;
    std::string m_node;
    WorkProgress& m_progress;
    fs::path m_folder;
    std::jthread m_thread;
};

std::string own_name() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return fmt::format("{}/{}", host.data(), ::getpid());
}

/// The work itself: what is to be kept with the job, and its file.
struct Done {
    std::string result;
    std::optional<data::model::JobFile> file;
};

Done run_process(Job const& job, JobPlace const& place, data::blob::BlobStore& blobs,
                 fs::path const& folder, WorkProgress& progress) {
    Work work{.database = place.database,
              .folder = folder,
              .blobs = place.blobs,
              .job = job.id,
              .login = job.request.login,
              .policies = policies_of_text(job.request.policy),
              .language = http::language_named(job.request.language).value_or(http::Language::vi),
              .inputs = Json::parse(job.request.inputs),
              .progress = progress};
    auto const outcome = process_named(job.request.process).run(work);
    Done done;
    Json result = outcome.values;
    if (outcome.file) {
        auto const blob = blobs.adopt(outcome.file->path);
        done.file = {blob.sha256, blob.size, outcome.file->media_type};
        result["file"] = {{"name", outcome.file->name},
                          {"type", outcome.file->media_type},
                          {"bytes", blob.size},
                          {"sha256", blob.sha256}};
    }
    done.result = result.dump();
    return done;
}

std::optional<geo::Error> attempt(Job const& job, JobPlace const& place,
                                  data::blob::BlobStore& blobs, fs::path const& folder,
                                  WorkProgress& progress, Done& done) {
    try {
        done = run_process(job, place, blobs, folder, progress);
        return std::nullopt;
    } catch (geo::Error const& error) {
        return error;
    } catch (std::bad_alloc const&) {
        return geo::Error{Code::too_large, "job-memory"};
    } catch (std::exception const& fault) {
        return geo::Error{Code::internal, "internal", {}, fault.what()};
    }
}

} // namespace

WorkEnd work_on(std::string const& id, JobPlace const& place) {
    data::postgis::Pool pool{{.uri = place.database,
                              .role = data::postgis::Role::edit,
                              .size = 2,
                              .wait = std::chrono::seconds{5},
                              .statement_timeout = std::chrono::seconds{5}}};
    JobQueue const queue{pool};
    auto const node = place.node.empty() ? own_name() : place.node;
    auto const job =
        place.node.empty() ? queue.take_one(id, node, job_lease) : queue.held(id, node);
    if (!job) return WorkEnd::lost;
    data::blob::BlobStore blobs{place.blobs};
    Workshop const workshop{blobs.workshop("job-" + job->id)};
    WorkProgress progress;
    Done done;
    std::optional<geo::Error> fault;
    {
        Heart const heart{queue, job->id, node, progress, workshop.folder()};
        fault = attempt(*job, place, blobs, workshop.folder(), progress, done);
    }
    if (!fault)
        return queue.finish(job->id, node, done.result, done.file) ? WorkEnd::done : WorkEnd::lost;
    spdlog::error("job {} ({}): {}", job->id, job->request.process, fault->what());
    return queue.fail(job->id, node, problem_text(*fault)) ? WorkEnd::failed : WorkEnd::lost;
}

std::string problem_text(geo::Error const& error) {
    Json problem;
    for (auto const& [name, code] : codes)
        if (code == error.code()) problem["code"] = name;
    problem["type"] = error.type();
    problem["parameters"] = Json::object();
    for (auto const& [name, value] : error.parameters()) problem["parameters"][name] = value;
    return problem.dump(-1, ' ', false, Json::error_handler_t::replace);
}

geo::Error problem_of(std::string const& text) {
    auto const problem = Json::parse(text, nullptr, false);
    if (!problem.is_object() || !problem.contains("type"))
        return {Code::internal, "internal", {}, "a job without a problem"};
    auto known = Code::internal;
    auto const said = problem.find("code");
    for (auto const& [name, code] : codes)
        if (said != problem.end() && *said == name) known = code;
    geo::Error::Parameters parameters;
    if (problem.contains("parameters"))
        for (auto const& [name, value] : problem["parameters"].items())
            parameters.emplace_back(name, value.get<std::string>());
    return {known, problem["type"].get<std::string>(), std::move(parameters)};
}

std::string policies_text(Policies const& policies) {
    auto text = Json::object();
    for (auto const& [name, policy] : policies) {
        text[name] = {{"level", policy.level()}, {"masked", policy.masked()}};
        if (!policy.all_scopes()) text[name]["scopes"] = policy.scopes();
    }
    return text.dump();
}

Policies policies_of_text(std::string const& text) {
    try {
        Policies policies;
        auto const json = Json::parse(text);
        for (auto const& [name, one] : json.items()) {
            auto const level = one.at("level").get<std::uint8_t>();
            auto masked = one.at("masked").get<std::vector<std::string>>();
            policies.emplace(
                name, one.contains("scopes")
                          ? geo::Policy::limited(one["scopes"].get<std::vector<std::string>>(),
                                                 level, std::move(masked))
                          : geo::Policy::everything(level, std::move(masked)));
        }
        // What is not understood to the letter is not guessed: a job sees no more than its asker.
        if (policies_text(policies) == text) return policies;
    } catch (Json::exception const&) { // said below
    }
    throw geo::Error{Code::internal, "internal", {}, "policies of a job: " + text};
}

} // namespace diaban::services::domain
