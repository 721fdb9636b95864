#include "services/commands/process.hpp"

#include "geo/error.hpp"
#include "services/domain/job_work.hpp"

#include <CLI/CLI.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace diaban::services::commands {

namespace {

constexpr int niceness = 10;
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

} // namespace

void add_process(CLI::App& app, Settings& settings) {
    auto job = std::make_shared<std::string>();
    auto lease = std::make_shared<std::string>();
    auto* const command = app.add_subcommand("process", "Do the work of a job that waits");
    command->add_option("--job", *job, "id, as /jobs has it")->required();
    command->add_option("--lease", *lease, "in whose name it is held; set by serve");
    command->callback([job, lease, &settings] { process(settings, *job, *lease); });
}

} // namespace diaban::services::commands
