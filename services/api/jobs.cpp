#include "services/api/jobs.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/coverages.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/job_work.hpp"
#include "services/domain/process.hpp"
#include "services/http/byte_range.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <thread>

namespace diaban::services::api {

namespace {

using data::model::Job;
using data::model::JobState;
using domain::Process;

constexpr char results_relation[] = "http://www.opengis.net/def/rel/ogc/1.0/results";
constexpr std::array states{"accepted", "running", "successful", "failed", "dismissed"};

std::string text_of(geo::Instant instant) {
    std::string text;
    geo::codec::append_instant(text, instant);
    return text;
}

std::string login_of(http::Context const& context) {
    return read_author(context).who;
}

Json process_summary(Process const& process, http::Context const& context) {
    auto const here = fmt::format("{}/processes/{}", context.origin, process.id);
    return {{"id", process.id},
            {"version", "1.0.0"},
            {"title", localised(process.title, context.language)},
            {"description", localised(process.description, context.language)},
            {"jobControlOptions", process.quick
                                      ? Json::array({"sync-execute", "async-execute", "dismiss"})
                                      : Json::array({"async-execute", "dismiss"})},
            {"outputTransmission", Json::array({"reference", "value"})},
            {"links", Json::array({link("self", here, "application/json"),
                                   link("http://www.opengis.net/def/rel/ogc/1.0/execute",
                                        here + "/execution", "application/json")})}};
}

http::Response answer_processes(http::Context const& context) {
    check_json_form(context);
    Json list = Json::array();
    for (auto const& process : domain::processes())
        list.push_back(process_summary(process, context));
    return represent(
        context,
        {"application/json",
         dump({{"processes", std::move(list)},
               {"links", Json::array({link("self", fmt::format("{}/processes", context.origin),
                                           "application/json")})}})});
}

http::Response answer_process(http::Context const& context, std::string const& id) {
    check_json_form(context);
    auto const& process = domain::process_named(id);
    auto body = process_summary(process, context);
    body["inputs"] = process.inputs;
    body["outputs"] = process.outputs;
    return represent(context, {"application/json", dump(body)});
}

Json job_links(Job const& job, http::Context const& context) {
    auto const here = fmt::format("{}/jobs/{}", context.origin, job.id);
    Json links =
        Json::array({link("self", here, "application/json"),
                     link("up", fmt::format("{}/jobs", context.origin), "application/json")});
    if (job.state == JobState::successful)
        links.push_back(link(results_relation, here + "/results", "application/json"));
    return links;
}

/// `statusInfo` of the standard. Why a job failed is a member of our own.
Json status_info(Job const& job, http::Context const& context) {
    Json body{{"jobID", job.id},
              {"processID", job.request.process},
              {"type", "process"},
              {"status", to_string(job.state)},
              {"progress", job.progress},
              {"created", text_of(job.created)},
              {"updated", text_of(job.updated)},
              {"inputs", Json::parse(job.request.inputs)}};
    if (job.paused && !is_over(job.state)) body["paused"] = true;
    if (!job.message.empty()) body["message"] = job.message;
    if (job.started) body["started"] = text_of(*job.started);
    if (job.finished) body["finished"] = text_of(*job.finished);
    if (job.state == JobState::failed) {
        auto const error = domain::problem_of(job.problem);
        auto const& sentence = http::sentence_of(error.type());
        bool const english = context.language == http::Language::en;
        body["message"] =
            http::fill(english ? sentence.detail_en : sentence.detail_vi, error.parameters());
        body["problem"] = "urn:diaban:problem:" + std::string{sentence.type};
    }
    body["links"] = job_links(job, context);
    return body;
}

http::Response answer_status(Job const& job, http::Context const& context, int status) {
    auto response = http::answer(status, "application/json", dump(status_info(job, context)));
    response.with("Cache-Control", "no-store")
        .with("Content-Language", std::string{to_string(context.language)});
    return response;
}

Job found(std::optional<Job> job, std::string const& id) {
    if (job) return *std::move(job);
    throw geo::Error{geo::Code::not_found, "no-job", {{"value", id.substr(0, 64)}}};
}

/// Whether the visitor may know of all that the job reads: else there is no such job for them, also
/// where it is their own, by a token that says less.
bool may_know(http::Context const& context, Job const& job) {
    auto const policies = domain::policies_of_text(job.request.policy);
    return std::ranges::all_of(policies, [&](auto const& one) { return context.sees(one.first); });
}

Job known(http::Context const& context, std::optional<Job> job, std::string const& id) {
    if (job && !may_know(context, *job)) job.reset();
    return found(std::move(job), id);
}

/// The inputs of an execute request. What else it may have is not offered.
Json read_inputs(http::Context const& context) {
    Json const body = read_json_body(context, {"application/json"});
    auto const refuse = [](std::string const& name, std::string const& value,
                           char const* accepted) { refuse_parameter(name, value, accepted); };
    if (!body.is_object()) refuse("body", body.dump(), "{\"inputs\": {…}}");
    for (auto const& [name, value] : body.items())
        if (name != "inputs") refuse(name, value.dump(), "inputs");
    auto const inputs = body.find("inputs");
    if (inputs == body.end() || !inputs->is_object())
        refuse("inputs", inputs == body.end() ? "" : inputs->dump(), "{…}");
    return *inputs;
}

/// What a process is to read, under the visitor's policies.
domain::Policies policies_of(Process const& process, http::Context const& context,
                             Json const& inputs) {
    domain::Policies policies;
    auto const names = process.reads(inputs);
    if (process.edits) static_cast<void>(context.edit_policy(names.front()));
    for (auto const& name : names)
        if (name == names.front() || context.sees(name))
            policies.emplace(name, context.policy(name));
    return policies;
}

domain::Registries registries(Backing const& backing, JobDesk const& desk,
                              http::Context const& context) {
    return {[&](std::string const& id) { return backing.atlas.view(id)->collection; },
            [&](std::string const& id) {
                return desk.shelf.find(id, coverage_reader(context))->entry;
            }};
}

/// How the answer is wanted (RFC 7240).
struct Wish {
    bool later = false;                ///< as a job, at once
    std::chrono::seconds patience{20}; ///< that the results may be waited for
};

Wish read_wish(http::Context const& context) {
    Wish wish;
    auto const list = context.request.header_list("prefer");
    for (std::string_view rest = list; !rest.empty();) {
        auto const end = rest.find_first_of(",;");
        auto one = rest.substr(0, end);
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
        while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
        if (http::equal_without_case(one.substr(0, 13), "respond-async")) wish.later = true;
        int seconds = 0;
        if (http::equal_without_case(one.substr(0, 5), "wait=") &&
            std::from_chars(one.data() + 5, one.data() + one.size(), seconds).ec == std::errc{})
            wish.patience =
                std::clamp(std::chrono::seconds{seconds}, std::chrono::seconds{0}, wish.patience);
    }
    return wish;
}

/// The job once it is over; nothing if that takes too long, or too many wait already.
std::optional<Job> await_end(JobDesk const& desk, std::string const& id, std::string const& login,
                             std::chrono::seconds patience) {
    constexpr int most_waiting = 50; // threads of the edge
    constexpr std::chrono::milliseconds pause{10};
    static std::atomic<int> waiting{0};
    struct Place {
        bool taken = ++waiting <= most_waiting;
        ~Place() { --waiting; }
    } const place;
    auto const end = std::chrono::steady_clock::now() + patience;
    while (place.taken && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(pause);
        auto job = desk.queue.find(id, login);
        if (!job || is_over(job->state)) return job;
    }
    return std::nullopt;
}

http::Response answer_results(JobDesk const& desk, http::Context const& context,
                              std::string const& id);

http::Response execute(Backing const& backing, JobDesk const& desk, http::Context const& context,
                       std::string const& id) {
    auto const& process = domain::process_named(id);
    auto const job = submit_job(backing, desk, context, id, read_inputs(context));
    auto const wish = read_wish(context);
    if (process.quick && !wish.later)
        if (auto const over = await_end(desk, job.id, job.request.login, wish.patience))
            return answer_results(desk, context, over->id);
    auto response = answer_job(job, context, 201);
    response.with("Preference-Applied", "respond-async");
    return response;
}

/// Lets a job wait, or go on.
http::Response pause(JobDesk const& desk, http::Context const& context, std::string const& id,
                     bool paused) {
    auto const login = login_of(context);
    auto const& process =
        domain::process_named(found(desk.queue.find(id, login), id).request.process);
    if (!process.rests) {
        std::vector<std::string> names;
        for (auto const& one : domain::processes())
            if (one.rests) names.emplace_back(one.id);
        throw geo::Error{geo::Code::conflict,
                         "job-cannot-rest",
                         {{"value", std::string{process.id}}, {"accepted", http::join(names)}}};
    }
    auto const job = found(desk.queue.pause(id, login, paused), id);
    desk.wake();
    return answer_status(job, context, 200);
}

std::vector<std::string> read_words(http::Query const& query, std::string_view name,
                                    std::span<char const* const> accepted) {
    std::vector<std::string> words;
    auto text = query.find(name);
    while (text) {
        auto const comma = text->find(',');
        std::string word{text->substr(0, comma)};
        if (!accepted.empty() && std::ranges::find(accepted, word) == accepted.end())
            refuse_parameter(name, word, fmt::format("{}", fmt::join(accepted, ", ")));
        words.push_back(std::move(word));
        if (comma == std::string_view::npos) break;
        text->remove_prefix(comma + 1);
    }
    return words;
}

http::Response answer_jobs(JobDesk const& desk, http::Context const& context) {
    check_json_form(context);
    constexpr std::uint32_t usual = 20;
    constexpr std::uint32_t most = 100;
    Json list = Json::array();
    for (auto const& job :
         desk.queue.list(login_of(context), {.states = read_words(context.query, "status", states),
                                            .processes = read_words(context.query, "processID", {}),
                                            .limit = read_limit(context.query, usual, most)}))
        if (may_know(context, job)) list.push_back(status_info(job, context));
    auto response = http::answer(
        200, "application/json",
        dump({{"jobs", std::move(list)},
              {"links", Json::array({link("self", fmt::format("{}/jobs", context.origin),
                                          "application/json")})}}));
    response.with("Cache-Control", "no-store")
        .with("Content-Language", std::string{to_string(context.language)});
    return response;
}

/// A job whose results can be had.
Job finished_job(JobDesk const& desk, http::Context const& context, std::string const& id) {
    auto job = found(desk.queue.find(id, login_of(context)), id);
    if (!still_sees(context, job)) job = found(std::nullopt, id);
    if (job.state == JobState::failed) throw domain::problem_of(job.problem);
    if (job.state != JobState::successful)
        throw geo::Error{geo::Code::not_found,
                         "results-not-ready",
                         {{"value", std::string{to_string(job.state)}}}};
    return job;
}

http::Response answer_results(JobDesk const& desk, http::Context const& context,
                              std::string const& id) {
    check_json_form(context);
    auto const job = finished_job(desk, context, id);
    auto results = Json::parse(job.result);
    if (auto const file = results.find("file"); file != results.end())
        (*file)["href"] = fmt::format("{}/jobs/{}/results/file", context.origin, job.id);
    return represent(context, {"application/json", dump(results)});
}

http::Response answer_output(JobDesk const& desk, http::Context const& context,
                             std::string const& id, std::string const& output) {
    auto const job = finished_job(desk, context, id);
    auto const results = Json::parse(job.result);
    auto const at = results.find(output);
    if (at == results.end()) {
        std::vector<std::string> names;
        for (auto const& [name, value] : results.items()) names.push_back(name);
        throw geo::Error{geo::Code::not_found,
                         "no-output",
                         {{"value", output.substr(0, 64)}, {"accepted", http::join(names)}}};
    }
    if (output != "file") return represent(context, {"application/json", dump(*at)});
    auto const sha256 = job.blob.value_or("");
    auto const path = data::blob::BlobStore{desk.blobs}.find(sha256);
    if (!path) throw geo::Error{geo::Code::unavailable, "result-elsewhere", {}, sha256};
    return http::answer_file(context, {*path, (*at)["name"].get<std::string>(),
                                       (*at)["type"].get<std::string>(), "\"" + sha256 + "\""});
}

void add_processes(http::Router& router, Backing const& backing, JobDesk const& desk) {
    router.get(access::Need::open, "/processes", {"f"}, answer_processes);
    router.get(access::Need::open, "/processes/{processId}", {"f"}, answer_process);
    router.add(http::Method::post, access::Need::read, "/processes/{processId}/execution", {},
               [&backing, desk](http::Context const& context, std::string const& id) {
                   return execute(backing, desk, context, id);
               });
}

} // namespace

Job submit_job(Backing const& backing, JobDesk const& desk, http::Context const& context,
               std::string const& id, Json const& inputs) {
    auto const& process = domain::process_named(id);
    auto const policies = policies_of(process, context, inputs);
    process.check(inputs, registries(backing, desk, context), policies);
    auto const login = login_of(context);
    auto const job = desk.queue.submit({.process = id,
                                        .inputs = dump(inputs),
                                        .login = login,
                                        .policy = domain::policies_text(policies),
                                        .language = std::string{to_string(context.language)}});
    desk.wake();
    return found(desk.queue.find(job, login), job);
}

bool still_sees(http::Context const& context, Job const& job) {
    auto policies = domain::policies_of_text(job.request.policy);
    for (auto& [name, policy] : policies) {
        if (!context.sees(name)) return false;
        policy = context.policy(name);
    }
    return domain::policies_text(policies) == job.request.policy;
}

http::Response answer_job(Job const& job, http::Context const& context, int status) {
    auto response = answer_status(job, context, status);
    response.with("Location", fmt::format("{}/jobs/{}", context.origin, job.id));
    return response;
}

http::Response answer_job_file(JobDesk const& desk, http::Context const& context,
                               std::string const& job) {
    return answer_output(desk, context, job, "file");
}

void add_jobs(http::Router& router, Backing const& backing, JobDesk const& desk) {
    add_processes(router, backing, desk);
    router.get(access::Need::read, "/jobs", {"f", "status", "processID", "limit"},
               [desk](http::Context const& context) { return answer_jobs(desk, context); });
    router.get(access::Need::read, "/jobs/{jobId}", {"f"},
               [desk](http::Context const& context, std::string const& id) {
                   check_json_form(context);
                   auto job = desk.queue.find(id, login_of(context));
                   return answer_status(known(context, std::move(job), id), context, 200);
               });
    router.add(http::Method::remove, access::Need::read, "/jobs/{jobId}", {},
               [desk](http::Context const& context, std::string const& id) {
                   auto const job = found(desk.queue.dismiss(id, login_of(context)), id);
                   desk.wake();
                   return answer_status(job, context, 200);
               });
    for (bool const paused : {true, false})
        router.add(http::Method::post, access::Need::read,
                   paused ? "/jobs/{jobId}/pause" : "/jobs/{jobId}/resume", {},
                   [desk, paused](http::Context const& context, std::string const& id) {
                       return pause(desk, context, id, paused);
                   });
    router.get(access::Need::read, "/jobs/{jobId}/results", {"f"},
               [desk](http::Context const& context, std::string const& id) {
                   return answer_results(desk, context, id);
               });
    router.get(
        access::Need::read, "/jobs/{jobId}/results/{output}", {},
        [desk](http::Context const& context, std::string const& id, std::string const& output) {
            return answer_output(desk, context, id, output);
        });
}

} // namespace diaban::services::api
