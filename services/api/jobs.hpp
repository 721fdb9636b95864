#pragma once

#include "data/blob/blob_store.hpp"
#include "data/postgis/job_queue.hpp"
#include "services/api/backing.hpp"
#include "services/domain/coverage_shelf.hpp"
#include "services/http/router.hpp"

#include <filesystem>
#include <functional>

namespace diaban::services::api {

/// Where jobs are handed in and their results are fetched.
struct JobDesk {
    data::postgis::JobQueue const& queue;
    domain::CoverageShelf const& shelf;
    std::filesystem::path blobs;
    std::function<void()> wake; ///< there is something to do for whoever runs jobs
};

/// OGC API Processes, Part 1, as far as processes are run as jobs: `/processes`,
/// `/processes/{processId}`, its `/execution`, `/jobs`, `/jobs/{jobId}`, its `/results`.
///
/// Who      a job, and all that comes of it, is there for the login that asked for it alone.
/// Policy   a job sees what its asker might see when it was asked for, whenever it runs.
void add_jobs(http::Router& router, Backing const& backing, JobDesk const& desk);

} // namespace diaban::services::api
