#pragma once

#include "data/blob/blob_store.hpp"
#include "data/postgis/job_queue.hpp"
#include "services/api/backing.hpp"
#include "services/domain/coverage_shelf.hpp"
#include "services/http/router.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <functional>
#include <string>

namespace diaban::services::api {

/// Where jobs are handed in and their results are fetched.
struct JobDesk {
    data::postgis::JobQueue const& queue;
    domain::CoverageShelf const& shelf;
    std::filesystem::path blobs;
    std::function<void()> wake; ///< there is something to do for whoever runs jobs
};

/// Hands in what `/processes/{process}/execution` would, for the visitor.
/// Throws   as the process's check; Error{unavailable, "too-many-jobs"}.
[[nodiscard]] data::model::Job submit_job(Backing const& backing, JobDesk const& desk,
                                          http::Context const& context, std::string const& process,
                                          nlohmann::ordered_json const& inputs);
/// Whether the visitor still sees what the job saw: else its results are not theirs.
[[nodiscard]] bool still_sees(http::Context const& context, data::model::Job const& job);
/// A job as `/jobs/{jobId}` has it, with its place in `Location`.
[[nodiscard]] http::Response answer_job(data::model::Job const& job, http::Context const& context,
                                        int status);
/// The file of a job, as `/jobs/{jobId}/results/file`.
/// Throws   Error{not_found, "no-job"}, what the job failed of, …
[[nodiscard]] http::Response answer_job_file(JobDesk const& desk, http::Context const& context,
                                             std::string const& job);

/// OGC API Processes, Part 1, as far as processes are run as jobs: `/processes`,
/// `/processes/{processId}`, its `/execution`, `/jobs`, `/jobs/{jobId}`, its `/results`.
///
/// Who      a job, and all that comes of it, is there for the login that asked for it alone.
/// Policy   a job sees what its asker might see when it was asked for, whenever it runs.
void add_jobs(http::Router& router, Backing const& backing, JobDesk const& desk);

} // namespace diaban::services::api
