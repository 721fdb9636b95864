#include "services/domain/editing.hpp"

#include "geo/error.hpp"

#include <spdlog/spdlog.h>

#include <vector>

namespace diaban::services::domain {

Editing::Outcome Editing::apply(data::postgis::EditStore::Request const& request) const {
    Outcome outcome{m_store.apply(request)};
    if (outcome.seq == 0) return outcome;
    m_announcer.announce();
    look_again(request, outcome);
    auto const end = std::chrono::steady_clock::now() + patience;
    for (auto const& edit : request.edits)
        outcome.shown &= m_atlas.await_change(edit.collection->schema.id, outcome.seq, end);
    return outcome;
}

std::vector<std::int64_t> Editing::write_all(std::span<data::model::Edit const> edits,
                                             data::model::Author const& author,
                                             std::span<geo::Policy const* const> policies) const {
    auto const outcome = apply({.edits = edits,
                                .author = author,
                                .policies = policies,
                                .features = false,
                                .key = std::nullopt,
                                .describe = {}});
    if (!outcome.refused.empty()) throw geo::Error{geo::Code::conflict, "work-changed"};
    std::vector<std::int64_t> fids;
    for (auto const& edited : outcome.edited) fids.push_back(edited.fid);
    return fids;
}

void Editing::look_again(data::postgis::EditStore::Request const& request,
                         Outcome const& outcome) const {
    std::vector<std::int64_t> parcels;
    for (std::size_t i = 0; i < request.edits.size() && i < outcome.edited.size(); ++i)
        if (request.edits[i].collection->schema.id == "parcels")
            parcels.push_back(outcome.edited[i].fid);
    // No commune was checked yet: no statement is spent on it.
    if (parcels.empty() || !m_atlas.picture()->find("topology_faults")) return;
    try {
        if (m_topology.look_again(parcels)) m_announcer.announce();
    } catch (geo::Error const& fault) { // the edit stands; the next check of the commune finds it
        spdlog::warn("faults of edited parcels were not looked for: {}", fault.type());
    }
}

} // namespace diaban::services::domain
