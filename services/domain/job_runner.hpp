#pragma once

#include "data/blob/blob_store.hpp"
#include "data/postgis/job_queue.hpp"
#include "services/domain/child_process.hpp"
#include "services/traces/tracer.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace diaban::services::domain {

struct JobRunnerOptions {
    std::filesystem::path program;     ///< `diaban`
    std::filesystem::path blobs;       ///< where files of jobs are kept
    ChildProcess::Variables variables; ///< settings of the children
    unsigned slots = 1;                ///< jobs at once on this node; 0: none are run here
    std::chrono::milliseconds poll{1000};
    std::chrono::hours kept{7 * 24};  ///< how long a job that is over is remembered, and its file
    traces::Tracer* tracer = nullptr; ///< told of each job that ended here; outlives the runner
    std::function<void()> also{};     ///< done whenever the runner tidies, about once an hour
};

/// Runs the jobs whose turn it is on this node, each in a child process.
///
/// Restart   jobs under way when the node stops go back into the queue; those of a node that was
/// killed
///           follow when their leases run out (the children die with it).
/// Faults    a child that dies by itself is a failed job; with the database gone the runner waits.
class JobRunner {
public:
    JobRunner(data::postgis::JobQueue const& queue, JobRunnerOptions options);
    ~JobRunner();
    JobRunner(JobRunner const&) = delete;
    JobRunner& operator=(JobRunner const&) = delete;

    /// There may be something to do: a job has come, or was dismissed.
    void wake();
    /// So many jobs at once from now on; those under way go on. Not while it is stopped.
    void allow(unsigned slots);
    /// Ends the children and gives their jobs back.
    void stop();

    struct Counters {
        std::uint64_t running = 0;
        std::uint64_t started = 0;
        std::uint64_t died = 0; ///< children that ended without finishing their job
    };
    [[nodiscard]] Counters counters() const;

private:
    struct Child {
        std::string job;
        ChildProcess process;
        std::string name; ///< of what it runs
        std::chrono::system_clock::time_point begun{};
    };
    using Clock = std::chrono::steady_clock;

    void run();
    void step();
    void reap();
    void end_those_lost();
    void fill();
    void tidy();
    void trace(Child const& child, bool died) const;
    void clear_workshop(std::string const& job);
    void wait();
    /// Made when it is first needed: a node without the folder serves, but runs no jobs.
    [[nodiscard]] data::blob::BlobStore& blobs();

    data::postgis::JobQueue const& m_queue;
    JobRunnerOptions m_options;
    std::atomic<unsigned> m_slots;
    std::string m_node;
    std::optional<data::blob::BlobStore> m_blobs;
    std::vector<Child> m_children; // of the thread alone
    Clock::time_point m_next_tidy;
    bool m_fault = false;

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_woken = false;
    bool m_stop = false;
    Counters m_counters;
    std::thread m_thread;
};

} // namespace diaban::services::domain
