#pragma once

#include "services/domain/job_runner.hpp"
#include "services/domain/standing_figures.hpp"
#include "services/live/live_edge.hpp"
#include "services/mqtt/observation_intake.hpp"
#include "services/traces/tracer.hpp"

#include <optional>
#include <string>

namespace diaban::services {

/// Parts of `/metrics` (Prometheus text), each from memory.

void write_live(std::string& out, live::LiveEdge::Counters const& live);
void write_jobs(std::string& out, domain::JobRunner::Counters const& jobs);
/// Nothing where nothing has been read yet; their age tells how old they are.
void write_figures(std::string& out, std::optional<domain::StandingFigures::Figures> const& last);
void write_traces(std::string& out, traces::Tracer::Counters const& traces);
void write_mqtt(std::string& out, mqtt::ObservationIntake::Counters const& mqtt);

/// From here on leases of this process's pools are counted, and a request that has one does not
/// count as at work (Crowding).
void count_leases() noexcept;
void write_leases(std::string& out);

} // namespace diaban::services
