#include "services/domain/editing.hpp"

namespace diaban::services::domain {

Editing::Outcome Editing::apply(data::postgis::EditStore::Request const& request) const {
    Outcome outcome{m_store.apply(request)};
    if (outcome.seq == 0) return outcome;
    m_announcer.announce();
    auto const end = std::chrono::steady_clock::now() + patience;
    for (auto const& edit : request.edits)
        outcome.shown &= m_atlas.await_change(edit.collection->schema.id, outcome.seq, end);
    return outcome;
}

} // namespace diaban::services::domain
