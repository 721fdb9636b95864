#include "services/commands/process.hpp"

#include "data/postgis/job_queue.hpp"
#include "geo/error.hpp"
#include "services/domain/job_work.hpp"
#include "services/domain/process.hpp"

#include <CLI/CLI.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace diaban::services::commands {

namespace {

constexpr int niceness = 10;
/// Who did not sign in, as `read_author` has it.
constexpr char at_the_machine[] = "local";
/// A sanitizer's own memory is beyond any bound.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

/// A job stands back behind whoever serves, and may not take the machine's memory.
void stand_back(Settings const& settings) {
    ::setpriority(PRIO_PROCESS, 0, niceness);
    if (settings.job_memory_mb == 0 || sanitized) return;
    rlimit limit{};
    limit.rlim_cur = limit.rlim_max = rlim_t{settings.job_memory_mb} << 20U;
    ::setrlimit(RLIMIT_DATA, &limit);
}

/// Whoever leases the job for us watches over us: without it we are alone. The lease names its
/// process (domain/job_runner).
void die_with_parent(std::string_view lease) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto const first = std::min(lease.find('/'), lease.size());
    auto const second = std::min(lease.find('/', first + 1), lease.size());
    pid_t parent = 0;
    std::from_chars(lease.data() + std::min(first + 1, second), lease.data() + second, parent);
    if (::getppid() != parent) std::_Exit(domain::lost_exit); // it went before we could ask
}

void process(Settings const& settings, std::string const& job, std::string const& lease) {
    if (!lease.empty()) die_with_parent(lease);
    stand_back(settings);
    auto const end = domain::work_on(job, {settings.database, settings.blobs, lease});
    if (end == domain::WorkEnd::done) return;
    if (end == domain::WorkEnd::failed) throw CLI::RuntimeError(EXIT_FAILURE);
    if (!lease.empty()) throw CLI::RuntimeError(domain::lost_exit);
    throw geo::Error{geo::Code::not_found, "no-job", {{"value", job}}};
}

/// Somebody's answer to it: whoever works on the job.
data::model::Job await_end(data::postgis::JobQueue const& queue, std::string const& id) {
    constexpr std::chrono::milliseconds pause{100};
    for (;;) {
        auto const job = queue.find(id, at_the_machine);
        if (!job) throw geo::Error{geo::Code::not_found, "no-job", {{"value", id}}};
        if (is_over(job->state)) return *job;
        std::this_thread::sleep_for(pause);
    }
}

/// A process run at once, as a job of whoever sits at the machine, who may see everything.
void run_now(Settings const& settings, std::string const& name, std::string const& text) {
    auto const& wanted = domain::process_named(name);
    auto const inputs = domain::Json::parse(text, nullptr, false);
    if (!inputs.is_object())
        throw geo::Error{
            geo::Code::bad_input,
            "bad-parameter",
            {{"parameter", "--inputs"}, {"value", text.substr(0, 64)}, {"accepted", "{…}"}}};
    domain::Policies policies;
    for (auto const& one : wanted.reads(inputs)) policies.emplace(one, geo::Policy::everything());
    data::postgis::Pool pool{{.uri = settings.database,
                              .role = data::postgis::Role::edit,
                              .size = 1,
                              .wait = std::chrono::seconds{5},
                              .statement_timeout = std::chrono::seconds{5}}};
    data::postgis::JobQueue const queue{pool};
    auto const id = queue.submit({.process = name,
                                  .inputs = inputs.dump(),
                                  .login = at_the_machine,
                                  .policy = domain::policies_text(policies),
                                  .language = "vi"});
    stand_back(settings);
    domain::work_on(id, {settings.database, settings.blobs, {}});
    auto const job = await_end(queue, id); // a server may have taken it before us
    if (job.state == data::model::JobState::failed) throw domain::problem_of(job.problem);
    std::puts(job.result.c_str());
}

} // namespace

void add_process(CLI::App& app, Settings& settings) {
    auto job = std::make_shared<std::string>();
    auto lease = std::make_shared<std::string>();
    auto name = std::make_shared<std::string>();
    auto inputs = std::make_shared<std::string>("{}");
    auto* const command = app.add_subcommand("process", "Run a process, or a job that waits");
    auto* const id = command->add_option("--job", *job, "id, as /jobs has it");
    command->add_option("--lease", *lease, "in whose name it is held; set by serve")->needs(id);
    auto* const which = command->add_option("process", *name, "as /processes has it")->excludes(id);
    command->add_option("--inputs", *inputs, "as its execution takes them")
        ->type_name("JSON")
        ->needs(which);
    command->callback([job, lease, name, inputs, which, id, &settings] {
        if (which->count() > 0) return run_now(settings, *name, *inputs);
        if (id->count() == 0) throw CLI::RequiredError("PROCESS or --job");
        process(settings, *job, *lease);
    });
}

} // namespace diaban::services::commands
