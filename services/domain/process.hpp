#pragma once

#include "data/model/collection.hpp"
#include "data/model/coverage.hpp"
#include "geo/policy.hpp"
#include "geo/schema.hpp"
#include "services/http/messages.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

using Json = nlohmann::ordered_json;

/// How far a piece of work is; told from one thread, looked at from others.
class WorkProgress {
public:
    /// `done` of `of` (0: unknown) of what the work counts.
    void at(std::uint64_t done, std::uint64_t of) noexcept {
        m_done = done;
        m_of = of;
    }
    /// 0 to 99: the hundredth is the end itself.
    [[nodiscard]] std::int32_t percent() const noexcept {
        auto const of = m_of.load();
        if (of == 0) return 0;
        return static_cast<std::int32_t>(std::min<std::uint64_t>(99, m_done.load() * 100 / of));
    }
    [[nodiscard]] std::string words() const {
        auto const of = m_of.load();
        if (m_done == 0) return {};
        return std::to_string(m_done) + (of == 0 ? "" : " / " + std::to_string(of));
    }

    /// Somebody wants the work to wait, or to go on.
    void hold(bool held) noexcept {
        m_held = held;
        m_held.notify_all();
    }
    /// Returns once nobody wants it to wait: to be called where it may.
    void rest() const noexcept { m_held.wait(true); }

private:
    std::atomic<std::uint64_t> m_done{0};
    std::atomic<std::uint64_t> m_of{0};
    std::atomic<bool> m_held{false};
};

/// What may be seen of collections and coverages, by name; what is not named may not be seen.
using Policies = std::map<std::string, geo::Policy, std::less<>>;

/// What a process works with.
struct Work {
    std::string database;         ///< URI of the record
    std::filesystem::path folder; ///< its own, gone with it
    std::filesystem::path blobs;  ///< the blob folder
    std::string job;              ///< its id
    std::string login;            ///< who asked
    Policies policies;            ///< what it may see
    http::Language language = http::Language::vi;
    Json inputs;
    WorkProgress& progress;
};

/// What a process leaves.
struct Outcome {
    struct File {
        std::filesystem::path path; ///< in the work's folder
        std::string name;           ///< that it is offered under
        std::string media_type;
    };
    Json values = Json::object(); ///< by output
    std::optional<File> file;     ///< the output `file`
};

/// Finds entries of the registries, as whoever asks sees them.
struct Registries {
    std::function<data::model::Collection(std::string const& id)> collection;
    std::function<data::model::Coverage(std::string const& id)> coverage;
};

/// Something that takes longer than a request may: run as a job, in a process of its own.
struct Process {
    std::string_view id;
    geo::Title title;
    geo::Title description;
    Json inputs;  ///< description of each by name (OGC API Processes, Part 1)
    Json outputs; ///< JSON Schema of each by name
    /// The collections and coverages that it reads, each under the asker's policy. The first it
    /// cannot do without; of others it reads what the asker sees. Throws as `check`.
    std::function<std::vector<std::string>(Json const& inputs)> reads;
    /// Refuses inputs that it does not take, before there is a job.
    std::function<void(Json const& inputs, Registries const& registries, Policies const& policies)>
        check;
    std::function<Outcome(Work&)> run;
    bool edits = false; ///< what it reads first it also changes: the asker must be one who may
    bool quick = false; ///< seconds at most: it may be waited for
    bool rests = false; ///< it can be paused
};

/// All that there are.
[[nodiscard]] std::span<Process const> processes();

/// Throws  Error{not_found, "unknown-process"}.
[[nodiscard]] Process const& process_named(std::string_view id);

} // namespace diaban::services::domain
