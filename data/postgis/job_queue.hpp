#pragma once

#include "data/model/job.hpp"
#include "data/postgis/pool.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// How much may wait at once.
struct QueueLimits {
    std::int64_t of_login = 20; ///< waiting or running, of one login
    std::int64_t of_all = 1000;
};

/// The jobs of all nodes, in the record: who asked, whose turn it is, how far each has come.
///
/// Lease    a job runs under a lease in the name of a node, moved on by a heartbeat. A job whose
/// lease
///          has run out was left by its node: it waits again, at most `most_attempts` times in all.
/// Turns    by priority; then the login with the fewest jobs running, then the one that was served
///          longest ago, then the oldest job: nobody waits for all that another has asked for.
/// Times    the database's clock, so that nodes need not agree on theirs.
/// Pool     of Role::edit.
/// Threads  any number; of any number of nodes.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class JobQueue {
public:
    static constexpr std::int32_t most_attempts = 3;

    explicit JobQueue(Pool& pool) : m_pool{pool} {}

    /// Adds a job; gives its id.
    /// Throws  Error{unavailable, "too-many-jobs"} beyond the limits.
    std::string submit(model::JobRequest const& request, QueueLimits const& limits = {}) const;

    /// A job of that login; nothing if there is none, whatever the text `id` holds.
    [[nodiscard]] std::optional<model::Job> find(std::string_view id, std::string_view login) const;

    struct Query {
        std::vector<std::string> states;    ///< empty: all
        std::vector<std::string> processes; ///< empty: all
        std::int64_t limit = 100;
    };
    /// The jobs of a login, the newest first.
    [[nodiscard]] std::vector<model::Job> list(std::string_view login, Query const& query) const;

    /// Takes the job whose turn it is among those of `processes`, for `lease`.
    [[nodiscard]] std::optional<model::Job> take(std::string_view node, std::chrono::seconds lease,
                                                 std::span<std::string const> processes) const;
    /// Takes one job, if it waits.
    [[nodiscard]] std::optional<model::Job> take_one(std::string_view id, std::string_view node,
                                                     std::chrono::seconds lease) const;
    /// The job, if `node` holds it.
    [[nodiscard]] std::optional<model::Job> held(std::string_view id, std::string_view node) const;
    /// Ids of the jobs that `node` holds.
    [[nodiscard]] std::vector<std::string> held(std::string_view node) const;

    /// How many of the jobs that `node` holds are to wait.
    [[nodiscard]] std::int64_t resting(std::string_view node) const;

    /// The following say whether `node` held the job; nothing happens if not.

    /// What a heartbeat is answered.
    struct Beat {
        bool paused = false; ///< the job is to wait
    };
    /// Moves the lease on, and tells how far the job is. Nothing if `node` does not hold it.
    [[nodiscard]] std::optional<Beat> beat(std::string_view id, std::string_view node,
                                           std::chrono::seconds lease, std::int32_t progress,
                                           std::string_view message) const;
    /// `result` is JSON. The file's row and the end of the job are one transaction.
    bool finish(std::string_view id, std::string_view node, std::string const& result,
                std::optional<model::JobFile> const& file) const;
    /// `problem` is JSON.
    bool fail(std::string_view id, std::string_view node, std::string const& problem) const;
    /// Back into the queue, as if it had not been tried.
    bool give_back(std::string_view id, std::string_view node) const;

    /// Lets a job of the login that is not over wait, or go on; nothing if there is none.
    [[nodiscard]] std::optional<model::Job> pause(std::string_view id, std::string_view login,
                                                  bool paused) const;

    /// Ends a job that waits or runs; forgets one that is over, and its file. What it was, as
    /// dismissed; nothing if the login has no such job.
    [[nodiscard]] std::optional<model::Job> dismiss(std::string_view id,
                                                    std::string_view login) const;

    /// Jobs whose leases have run out wait again; those tried too often have failed. Gives how
    /// many.
    std::int64_t recover() const;
    /// Forgets jobs that were over that long ago, and their files. Gives how many jobs.
    std::int64_t forget(std::chrono::seconds age) const;
    /// Whether a row of the record owns the file.
    [[nodiscard]] bool owns(std::string_view sha256) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
