#include "services/domain/job_runner.hpp"

#include "geo/error.hpp"
#include "services/domain/job_work.hpp"
#include "services/domain/process.hpp"
#include "services/http/request_mark.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace diaban::services::domain {

namespace {

constexpr std::chrono::milliseconds while_busy{200};
constexpr std::chrono::hours between_tidyings{1};
constexpr std::chrono::minutes before_first_tidying{1};
/// Children that rest beside those that work.
constexpr std::size_t most_resting = 8;
/// Longer than any job writes at a file.
constexpr std::chrono::hours orphan_age{24};

/// A name that no other node has, nor this one after a restart.
std::string new_node_name() {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    std::random_device random;
    return fmt::format("{}/{}/{:08x}{:08x}", host.data(), ::getpid(), random(), random());
}

std::vector<std::string> process_names() {
    std::vector<std::string> names;
    for (auto const& process : processes()) names.emplace_back(process.id);
    return names;
}

} // namespace

JobRunner::JobRunner(data::postgis::JobQueue const& queue, JobRunnerOptions options)
    : m_queue{queue}, m_options{std::move(options)}, m_slots{0}, m_node{new_node_name()},
      m_next_tidy{Clock::now() + before_first_tidying} {
    allow(m_options.slots);
}

JobRunner::~JobRunner() {
    stop();
}

void JobRunner::wake() {
    {
        std::lock_guard const lock{m_mutex};
        m_woken = true;
    }
    m_changed.notify_one();
}

void JobRunner::allow(unsigned slots) {
    m_slots = slots;
    if (slots > 0 && !m_thread.joinable()) m_thread = std::thread{[this] { run(); }};
}

void JobRunner::stop() {
    {
        std::lock_guard const lock{m_mutex};
        m_stop = true;
    }
    m_changed.notify_one();
    if (m_thread.joinable()) m_thread.join();
}

JobRunner::Counters JobRunner::counters() const {
    std::lock_guard const lock{m_mutex};
    return m_counters;
}

void JobRunner::run() {
    for (;;) {
        {
            std::lock_guard const lock{m_mutex};
            if (m_stop) break;
        }
        try {
            step();
            m_fault = false;
        } catch (std::exception const& fault) {
            if (!std::exchange(m_fault, true)) spdlog::warn("jobs wait: {}", fault.what());
        }
        wait();
    }
    for (auto& [job, process, name, begun] : m_children) {
        process.kill();
        clear_workshop(job);
        try {
            m_queue.give_back(job, m_node);
        } catch (geo::Error const& error) { // its lease runs out
            spdlog::warn("job {} is not given back: {}", job, error.what());
        }
    }
    m_children.clear();
}

void JobRunner::wait() {
    std::unique_lock lock{m_mutex};
    m_counters.running = m_children.size();
    m_changed.wait_for(lock, m_children.empty() ? m_options.poll : while_busy,
                       [&] { return m_woken || m_stop; });
    m_woken = false;
}

void JobRunner::step() {
    static_cast<void>(blobs());
    reap();
    end_those_lost();
    fill();
    tidy();
}

/// Children that have ended: if the job is still ours, the child did not bring it to an end.
void JobRunner::reap() {
    for (auto child = m_children.begin(); child != m_children.end();) {
        auto const status = child->process.status();
        if (!status) {
            ++child;
            continue;
        }
        bool const died = m_queue.held(child->job, m_node).has_value();
        trace(*child, died);
        if (died) {
            auto const how = end_in_words(*status);
            spdlog::error("job {}: its process ended with {}", child->job, how);
            m_queue.fail(child->job, m_node,
                         problem_text({geo::Code::unavailable, "job-died", {{"value", how}}}));
            std::lock_guard const lock{m_mutex};
            ++m_counters.died;
        }
        clear_workshop(child->job);
        child = m_children.erase(child);
    }
}

/// Those dismissed, or taken over by another node.
void JobRunner::end_those_lost() {
    if (m_children.empty()) return;
    auto const held = m_queue.held(m_node);
    for (auto& [job, process, name, begun] : m_children)
        if (std::ranges::find(held, job) == held.end()) process.kill();
    reap();
}

void JobRunner::fill() {
    static auto const names = process_names();
    m_queue.recover();
    // Jobs that rest hold memory but no turn.
    auto const resting =
        m_children.empty() ? 0 : std::min(most_resting, std::size_t(m_queue.resting(m_node)));
    while (m_children.size() < m_slots + resting) {
        auto const job = m_queue.take(m_node, job_lease, names);
        if (!job) return;
        try {
            m_children.push_back({job->id,
                                  ChildProcess{m_options.program,
                                               {"process", "--job", job->id, "--lease", m_node},
                                               m_options.variables},
                                  job->request.process, std::chrono::system_clock::now()});
        } catch (geo::Error const& error) {
            spdlog::error("job {}: {}", job->id, error.what());
            m_queue.fail(job->id, m_node, problem_text(error));
            continue;
        }
        std::lock_guard const lock{m_mutex};
        ++m_counters.started;
    }
}

void JobRunner::tidy() {
    if (Clock::now() < m_next_tidy) return;
    m_next_tidy = Clock::now() + between_tidyings;
    auto const forgotten = m_queue.forget(m_options.kept);
    auto const swept =
        blobs().sweep(orphan_age, [&](std::string const& name) { return m_queue.owns(name); });
    if (forgotten > 0 || swept.bytes > 0)
        spdlog::info("{} jobs forgotten, {} bytes of files removed", forgotten, swept.bytes);
    if (m_options.also) m_options.also();
}

/// A job is a trace of its own, under the job's number: all or none of its tries are kept.
void JobRunner::trace(Child const& child, bool died) const {
    traces::Span span;
    for (char const c : child.job)
        if (c != '-') span.trace += c;
    auto* const tracer = m_options.tracer;
    if (tracer == nullptr || !tracer->keeps(span.trace)) return;
    span.id = http::random_hex(16);
    span.name = "job " + child.name;
    span.failed = died;
    span.begun = child.begun;
    span.ended = std::chrono::system_clock::now();
    span.attributes = {{"diaban.job", child.job}, {"diaban.node", m_node}};
    tracer->end(std::move(span));
}

/// What a killed child had no time to remove.
void JobRunner::clear_workshop(std::string const& job) {
    std::error_code ignored;
    std::filesystem::remove_all(blobs().workshop("job-" + job), ignored);
}

data::blob::BlobStore& JobRunner::blobs() {
    if (!m_blobs) m_blobs.emplace(m_options.blobs);
    return *m_blobs;
}

} // namespace diaban::services::domain
