#pragma once

#include "data/postgis/job_queue.hpp"
#include "geo/error.hpp"
#include "services/domain/process.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace diaban::services::domain {

/// How long a job may be without a sign of life.
inline constexpr std::chrono::seconds job_lease{20};

/// Where the work of a job goes on.
struct JobPlace {
    std::string database;
    std::filesystem::path blobs;
    std::string node; ///< who holds the job for us; empty: we take it ourselves
};

enum class WorkEnd : std::uint8_t {
    done,
    failed, ///< the job says why
    lost,   ///< it was not ours, or is not any more
};

/// Does the work of one job in this process, with a heartbeat beside it.
/// Throws   Error{unavailable, …} if the record cannot be reached: the lease runs out by itself.
/// Ends     the process at once (exit code `lost_exit`) when the job is dismissed or taken over.
WorkEnd work_on(std::string const& job, JobPlace const& place);

inline constexpr int lost_exit = 4;

/// Why a job failed, to be kept with it.
[[nodiscard]] std::string problem_text(geo::Error const& error);
/// The error that `problem_text` wrote; "internal" for what it did not.
[[nodiscard]] geo::Error problem_of(std::string const& text);

/// Policies as a text to be kept with a job: equal policies have equal texts.
[[nodiscard]] std::string policies_text(Policies const& policies);
/// The policies that `policies_text` wrote.
/// Throws   Error{internal} for any other text.
[[nodiscard]] Policies policies_of_text(std::string const& text);

} // namespace diaban::services::domain
