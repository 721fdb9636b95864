#include "services/server_metrics.hpp"

#include "data/postgis/lease_watch.hpp"
#include "services/http/crowding.hpp"
#include "services/http/metrics.hpp"
#include "services/traces/tracer.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <iterator>

namespace diaban::services {

namespace {

using data::postgis::Role;

constexpr std::array all_roles{Role::owner, Role::feed, Role::serve, Role::edit, Role::access};

struct LeasesOfRole {
    http::Histogram wait;
    http::Histogram held;
    std::atomic<std::uint64_t> refused{0};
};

/// By number of the role. Pools belong to the process, as these do.
std::array<LeasesOfRole, all_roles.size()> leases;

void count_lease(data::postgis::Lease const& lease) noexcept {
    http::Crowding::end_wait();
    auto& counted = leases[static_cast<std::size_t>(lease.role)];
    counted.wait.count(lease.begun - lease.asked);
    constexpr std::chrono::milliseconds noticed{1};
    if (lease.begun - lease.asked > noticed)
        traces::add_past("wait for SQL", lease.asked, lease.begun);
    if (!lease.refused)
        traces::add_past("SQL", lease.begun, lease.ended,
                         {{"db.system", "postgresql"},
                          {"diaban.role", std::string{data::postgis::role_name(lease.role)}}});
    if (lease.refused)
        ++counted.refused;
    else
        counted.held.count(lease.ended - lease.begun);
}

/// `diaban_serve` as `role="serve"`.
std::string label_of(Role role) {
    auto name = data::postgis::role_name(role);
    name.remove_prefix(name.find('_') + 1);
    return fmt::format("role=\"{}\"", name);
}

} // namespace

void count_leases() noexcept {
    data::postgis::watch_leases({.asked = http::Crowding::begin_wait, .ended = count_lease});
}

void write_leases(std::string& out) {
    auto const family = [&](char const* name, char const* help, http::Histogram LeasesOfRole::*of) {
        http::begin_family(out, name, "histogram", help);
        for (auto const role : all_roles)
            if (auto const& counted = leases[static_cast<std::size_t>(role)].*of; !counted.empty())
                counted.write(out, name, label_of(role));
    };
    family("diaban_sql_wait_seconds", "Time until a connection was free, by role.",
           &LeasesOfRole::wait);
    family("diaban_sql_lease_seconds", "Time that a connection was held, by role.",
           &LeasesOfRole::held);
    http::begin_family(out, "diaban_sql_refused_total", "counter",
                       "Waits for a connection that were in vain, by role.");
    for (auto const role : all_roles)
        fmt::format_to(std::back_inserter(out), "diaban_sql_refused_total{{{}}} {}\n",
                       label_of(role), leases[static_cast<std::size_t>(role)].refused.load());
}

void write_live(std::string& out, live::LiveEdge::Counters const& live) {
    using http::write_metric;
    auto const value = [](auto number) { return static_cast<double>(number); };
    write_metric(out, "diaban_live_subscribers", "gauge", "Subscribers of the live channel.",
                 value(live.channel.subscribers));
    write_metric(out, "diaban_live_connections", "gauge", "Connections to the live port.",
                 value(live.connections));
    write_metric(out, "diaban_live_refused_total", "counter",
                 "Subscribers turned away because there were too many.", value(live.refused));
    write_metric(out, "diaban_live_messages_total", "counter", "Messages given to subscribers.",
                 value(live.channel.messages));
    write_metric(out, "diaban_live_resyncs_total", "counter",
                 "Times a subscriber was told to fetch everything again.",
                 value(live.channel.resyncs));
    write_metric(out, "diaban_live_drops_total", "counter",
                 "Subscribers dropped because they took nothing.", value(live.channel.drops));
    write_metric(out, "diaban_live_behind", "gauge",
                 "Entries of the log that the slowest subscriber has before it.",
                 value(live.channel.behind));
    write_metric(out, "diaban_live_waiting", "gauge",
                 "Connections that have not yet taken what was given to them.",
                 value(live.waiting));
    write_metric(out, "diaban_live_queued_bytes", "gauge",
                 "Bytes given to connections and not yet taken by them.", value(live.queued));
    write_metric(out, "diaban_live_held_bytes", "gauge",
                 "Memory of the connections and of what they asked for.", value(live.held));
    write_metric(out, "diaban_live_log_entries", "gauge",
                 "Entries kept for those who are behind or come back.",
                 value(live.channel.log_entries));
    write_metric(out, "diaban_live_log_bytes", "gauge", "Bytes of messages among them.",
                 value(live.channel.log_bytes));
    write_metric(out, "diaban_live_lag_seconds", "gauge",
                 "Commit to the live channel, of the last change told.", live.channel.lag_seconds);
}

void write_jobs(std::string& out, domain::JobRunner::Counters const& jobs) {
    using http::write_metric;
    write_metric(out, "diaban_jobs_running", "gauge", "Jobs that this node runs.",
                 static_cast<double>(jobs.running));
    write_metric(out, "diaban_jobs_started_total", "counter", "Jobs that this node has begun.",
                 static_cast<double>(jobs.started));
    write_metric(out, "diaban_jobs_died_total", "counter",
                 "Jobs whose process ended without finishing them.",
                 static_cast<double>(jobs.died));
}

void write_traces(std::string& out, traces::Tracer::Counters const& traces) {
    using http::write_metric;
    write_metric(out, "diaban_traces_sent_total", "counter", "Spans that arrived.",
                 static_cast<double>(traces.sent));
    write_metric(out, "diaban_traces_dropped_total", "counter",
                 "Spans dropped because too many waited to be sent.",
                 static_cast<double>(traces.dropped));
    write_metric(out, "diaban_traces_failed_total", "counter", "Spans sent in vain.",
                 static_cast<double>(traces.failed));
    write_metric(out, "diaban_traces_queued", "gauge", "Spans that wait to be sent.",
                 static_cast<double>(traces.queued));
}

void write_mqtt(std::string& out, mqtt::ObservationIntake::Counters const& mqtt) {
    using http::write_metric;
    write_metric(out, "diaban_mqtt_connected", "gauge", "Whether the broker is there.",
                 mqtt.connected ? 1 : 0);
    write_metric(out, "diaban_mqtt_taken_total", "counter", "Messages that were committed.",
                 static_cast<double>(mqtt.taken));
    write_metric(out, "diaban_mqtt_refused_total", "counter", "Messages that mean nothing.",
                 static_cast<double>(mqtt.refused));
}

void write_figures(std::string& out, std::optional<domain::StandingFigures::Figures> const& last) {
    if (!last) return;
    using http::write_metric;
    auto const to = std::back_inserter(out);
    auto const age = std::chrono::steady_clock::now() - last->read;
    write_metric(out, "diaban_figures_age_seconds", "gauge",
                 "How old the figures of the record are: queue of jobs and alerts.",
                 std::chrono::duration<double>(age).count());
    http::begin_family(out, "diaban_jobs_queued", "gauge",
                       "Jobs of all nodes that are not over, by state.");
    fmt::format_to(to,
                   "diaban_jobs_queued{{state=\"waiting\"}} {}\n"
                   "diaban_jobs_queued{{state=\"running\"}} {}\n"
                   "diaban_jobs_queued{{state=\"paused\"}} {}\n",
                   last->jobs.waiting, last->jobs.running, last->jobs.paused);
    write_metric(out, "diaban_jobs_oldest_seconds", "gauge",
                 "Since the oldest job that waits was asked for.", last->jobs.oldest_seconds);
    http::begin_family(out, "diaban_alerts_standing", "gauge",
                       "Alerts that are not over, by level (0: of none) and state.");
    for (auto const& alerts : last->alerts)
        fmt::format_to(to,
                       "diaban_alerts_standing{{level=\"{0}\",state=\"open\"}} {1}\n"
                       "diaban_alerts_standing{{level=\"{0}\",state=\"acknowledged\"}} {2}\n",
                       alerts.level, alerts.open, alerts.acknowledged);
    if (last->alerts.empty()) out += "diaban_alerts_standing{level=\"0\",state=\"open\"} 0\n";
}

} // namespace diaban::services
