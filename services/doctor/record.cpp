#include "services/doctor/record.hpp"

#include "data/postgis/migrate.hpp"
#include "data/postgis/record_health.hpp"
#include "services/doctor/blobs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace diaban::services::doctor {

namespace {

using data::postgis::Migration;
using data::postgis::RecordHealth;
using namespace std::chrono_literals;

constexpr int oldest_server = 150'000; // tests and the launcher run on 15
/// What the feed keeps too long may be that much over its bounds: trimming goes in batches.
constexpr std::chrono::seconds trimming_delay = 6h;
constexpr std::chrono::seconds long_commit = 10s;
constexpr std::chrono::seconds long_behind = 60s;
/// A node's lease of a job (see domain/job_runner.cpp): clocks that differ more take jobs from each
/// other.
constexpr double lease_seconds = 20;
constexpr double noticed_skew_seconds = 2;

/// Runs one check; what it throws is what it found.
template <class Check>
void attempt(Findings& findings, std::string const& name, Check const& check) {
    try {
        check();
    } catch (geo::Error const& error) {
        findings.push_back(unfinished(name, error));
    }
}

void check_server(Findings& findings, RecordHealth::Server const& server) {
    if (server.number < oldest_server)
        findings.push_back(
            {"database", Level::fail, "server-old", {{"version", server.version}}, {}});
    else if (server.encoding != "UTF8")
        findings.push_back(
            {"database", Level::fail, "server-encoding", {{"encoding", server.encoding}}, {}});
    else if (server.standby)
        findings.push_back(
            {"database", Level::warn, "server-standby", {{"version", server.version}}, {}});
    else
        findings.push_back({"database", Level::ok, "server", {{"version", server.version}}, {}});
    findings.push_back({"time-zone",
                        server.local_zone ? Level::ok : Level::fail,
                        server.local_zone ? "time-zone" : "time-zone-unknown",
                        {},
                        {}});
}

void check_clock(Findings& findings, RecordHealth const& record, Surroundings const& surroundings) {
    // Between two looks at our clock; what the answer takes is not known better than by half.
    auto const before = surroundings.now().microseconds;
    auto const there = record.clock().microseconds;
    auto const after = surroundings.now().microseconds;
    constexpr double million = 1e6;
    double const skew = static_cast<double>(there - before - (after - before) / 2) / million;
    double const doubt = static_cast<double>(std::abs(after - before)) / 2 / million;
    double const certain = std::abs(skew) - doubt;
    auto const level = certain <= noticed_skew_seconds ? Level::ok
                       : certain <= lease_seconds      ? Level::warn
                                                       : Level::fail;
    findings.push_back({"clock",
                        level,
                        level == Level::ok ? "clock" : "clock-skew",
                        {{"seconds", fmt::format("{:+.1f}", skew)}},
                        {}});
}

void check_extensions(Findings& findings, RecordHealth const& record) {
    std::vector<std::string> good;
    for (auto const& [name, installed, available] : record.extensions()) {
        geo::Error::Parameters const told{
            {"name", name}, {"version", installed}, {"available", available}};
        if (installed.empty())
            findings.push_back({"extensions",
                                Level::fail,
                                available.empty() ? "extension-not-on-server" : "extension-missing",
                                told,
                                {}});
        else if (!available.empty() && installed != available)
            findings.push_back({"extensions", Level::warn, "extension-behind", told, {}});
        else
            good.push_back(name + " " + installed);
    }
    if (!good.empty())
        findings.push_back({"extensions",
                            Level::ok,
                            "extensions",
                            {{"names", fmt::format("{}", fmt::join(good, ", "))}},
                            {}});
}

/// Whether the database stands where the program's migrations end.
bool check_migrations(Findings& findings, Settings const& settings) {
    auto const known = data::postgis::list_migrations(settings.migrations);
    auto const applied = data::postgis::applied_migrations(settings.database);
    auto const [one, other] =
        std::ranges::mismatch(applied, known, [](Migration const& a, Migration const& b) {
            return a.sha256 == b.sha256;
        });
    geo::Error::Parameters const told{{"applied", std::to_string(applied.size())},
                                      {"known", std::to_string(known.size())}};
    auto const say = [&](Level level, std::string code, geo::Error::Parameters parameters) {
        findings.push_back({"migrations", level, std::move(code), std::move(parameters), {}});
        return level == Level::ok;
    };
    if (one != applied.end() && other != known.end())
        return say(Level::fail, "migration-differs",
                   {{"migration", fmt::format("{:04}_{}", one->number, one->name)}});
    if (applied.size() > known.size()) return say(Level::fail, "migrations-ahead", told);
    if (applied.empty()) return say(Level::fail, "migrations-none", told);
    if (applied.size() < known.size()) return say(Level::fail, "migrations-behind", told);
    return say(Level::ok, "migrations", told);
}

/// Whether the login may ask on, in the roles' names.
bool check_rights(Findings& findings, RecordHealth const& record) {
    auto const rights = record.rights();
    auto const say = [&](Level level, std::string code, std::vector<std::string> const& names) {
        findings.push_back({"roles",
                            level,
                            std::move(code),
                            {{"names", fmt::format("{}", fmt::join(names, ", "))}},
                            {}});
    };
    if (!rights.absent.empty()) say(Level::fail, "roles-missing", rights.absent);
    if (!rights.closed.empty()) say(Level::fail, "roles-closed", rights.closed);
    if (!rights.absent.empty() || !rights.closed.empty()) return false;
    if (!rights.feed_sees_all) say(Level::fail, "feed-bound", {"diaban_feed"});
    if (!rights.serve_reads) say(Level::fail, "serve-cannot-read", {"diaban_serve"});
    if (!rights.leakproof) say(Level::warn, "not-leakproof", {});
    if (rights.feed_sees_all && rights.serve_reads && rights.leakproof) say(Level::ok, "roles", {});
    return true;
}

void check_systems(Findings& findings, RecordHealth const& record) {
    constexpr int all = 20;
    auto const known = record.vietnamese_systems();
    findings.push_back({"vn-2000",
                        known == all ? Level::ok : Level::fail,
                        known == all ? "systems" : "systems-missing",
                        {{"known", std::to_string(known)}},
                        {}});
}

void check_feed(Findings& findings, RecordHealth const& record) {
    auto const feed = record.feed();
    constexpr double day = 86'400;
    auto const seconds = [](std::chrono::seconds time) { return std::to_string(time.count()); };
    auto const say = [&](Level level, std::string code, std::chrono::seconds time) {
        findings.push_back(
            {"feed",
             level,
             std::move(code),
             {{"generation", std::to_string(feed.generation)},
              {"head", std::to_string(feed.head)},
              {"kept", std::to_string(feed.head - feed.trimmed)},
              {"rows", std::to_string(feed.keep_rows)},
              {"days", fmt::format("{:.3g}", static_cast<double>(feed.keep_age.count()) / day)},
              {"oldest", fmt::format("{:.1f}", static_cast<double>(feed.oldest.count()) / day)},
              {"seconds", seconds(time)}},
             {}});
    };
    bool const too_old = feed.oldest > feed.keep_age + trimming_delay;
    bool const too_many = feed.head - feed.trimmed > feed.keep_rows + feed.keep_rows / 10 + 10'000;
    bool const held = feed.held > long_commit;
    bool const behind = feed.behind > long_behind;
    if (too_old || too_many) say(Level::warn, "feed-untrimmed", feed.oldest);
    if (held) say(Level::warn, "feed-held", feed.held);
    if (behind) say(Level::warn, "feed-behind", feed.behind);
    if (!too_old && !too_many && !held && !behind) say(Level::ok, "feed", feed.behind);
}

} // namespace

Findings examine_record(Settings const& settings, Surroundings const& surroundings) {
    Findings findings;
    attempt(findings, "database", [&] {
        RecordHealth const record{settings.database};
        auto const server = record.server();
        check_server(findings, server);
        attempt(findings, "clock", [&] { check_clock(findings, record, surroundings); });
        attempt(findings, "extensions", [&] { check_extensions(findings, record); });
        // Whoever may not read the migrations lacks a role: that is looked at all the same.
        std::optional<bool> whole;
        attempt(findings, "migrations", [&] { whole = check_migrations(findings, settings); });
        bool entered = false;
        if (whole.value_or(true))
            attempt(findings, "roles", [&] { entered = check_rights(findings, record); });
        if (!whole.value_or(false) || !entered) return;
        attempt(findings, "vn-2000", [&] { check_systems(findings, record); });
        if (!server.standby) attempt(findings, "feed", [&] { check_feed(findings, record); });
        attempt(findings, "blobs",
                [&] { check_blobs(findings, record, settings.blobs, surroundings); });
    });
    return findings;
}

} // namespace diaban::services::doctor
