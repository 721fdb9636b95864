#pragma once

#include "geo/error.hpp"
#include "services/http/messages.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::doctor {

/// How bad it is; also the exit code of `diaban doctor`.
enum class Level : std::uint8_t { ok = 0, warn = 1, fail = 2 };

[[nodiscard]] std::string_view to_string(Level level) noexcept;

/// What one check came to.
struct Finding {
    std::string check; ///< what was looked at: `database`, `clock`, …
    Level level = Level::ok;
    std::string code;                  ///< entry of this room's catalogue, or of the one of errors
    geo::Error::Parameters parameters; ///< what stands in its sentences
    std::string detail;                ///< for us: what a library or a server said
};

using Findings = std::vector<Finding>;

/// The worst of them; ok of none.
[[nodiscard]] Level worst(std::span<Finding const> findings) noexcept;

/// What was found, as one sentence.
[[nodiscard]] std::string found(Finding const& finding, http::Language language);
/// What to do about it; empty where nothing is to be done.
[[nodiscard]] std::string remedy(Finding const& finding, http::Language language);

/// A check that could not be finished.
[[nodiscard]] Finding unfinished(std::string check, geo::Error const& error);

/// What is said of one outcome. `{name}` stands for the finding's parameter.
struct Words {
    std::string_view code;
    std::string_view found_vi;
    std::string_view found_en;
    std::string_view remedy_vi;
    std::string_view remedy_en;
};

/// The room's catalogue, sorted by code.
[[nodiscard]] std::span<Words const> words() noexcept;

} // namespace diaban::services::doctor
