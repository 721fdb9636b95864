#pragma once

#include "geo/feature.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::data::model {

/// How far a job has come (OGC API Processes, Part 1).
enum class JobState : std::uint8_t { accepted, running, successful, failed, dismissed };

[[nodiscard]] constexpr std::string_view to_string(JobState state) noexcept {
    switch (state) {
    case JobState::accepted: return "accepted";
    case JobState::running: return "running";
    case JobState::successful: return "successful";
    case JobState::failed: return "failed";
    case JobState::dismissed: return "dismissed";
    }
    return "failed";
}

/// Whether nothing will happen to it any more.
[[nodiscard]] constexpr bool is_over(JobState state) noexcept {
    return state != JobState::accepted && state != JobState::running;
}

/// What somebody wants to be done.
struct JobRequest {
    std::string process;
    std::string inputs; ///< JSON object
    std::string login;
    std::string policy;   ///< what the asker may see: the job sees no more
    std::string language; ///< `vi` or `en`
    std::int32_t priority = 0;
};

/// A job as it stands.
struct Job {
    std::string id; ///< UUID
    JobRequest request;
    JobState state = JobState::accepted;
    bool paused = false; ///< somebody wants it to wait
    std::int32_t attempts = 0;
    std::int32_t progress = 0; ///< percent
    std::string message;
    std::string result;  ///< JSON; empty: none yet
    std::string problem; ///< JSON; empty: it did not fail
    std::optional<std::string> blob;
    geo::Instant created;
    geo::Instant updated;
    std::optional<geo::Instant> started;
    std::optional<geo::Instant> finished;
};

/// A file that a job leaves, already in the blob folder.
struct JobFile {
    std::string sha256;
    std::uint64_t size = 0;
    std::string media_type;
};

} // namespace diaban::data::model
