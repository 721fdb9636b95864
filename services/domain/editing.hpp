#pragma once

#include "data/model/edit.hpp"
#include "data/postgis/announcement.hpp"
#include "data/postgis/edit_store.hpp"
#include "data/postgis/topology_store.hpp"
#include "services/domain/atlas.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::services::domain {

/// From edits that were found in order to edits that everyone sees: writes them, tells the other
/// nodes, and waits until this node's mirror holds them.
class Editing {
public:
    /// How long an edit that stands already waits for the mirror.
    static constexpr std::chrono::seconds patience{3};

    /// `topology`: where parcels were edited, their faults are looked for again.
    Editing(Atlas& atlas, data::postgis::EditStore const& store,
            data::postgis::Announcer& announcer, data::postgis::TopologyStore const& topology)
        : m_atlas{atlas}, m_store{store}, m_announcer{announcer}, m_topology{topology} {}

    struct Outcome : data::postgis::EditStore::Outcome {
        bool shown = true; ///< whoever asks this node from here on sees the edits
    };
    /// Throws  as EditStore.
    [[nodiscard]] Outcome apply(data::postgis::EditStore::Request const& request) const;

    /// Writes edits of rows that were read before, all or none; their numbers.
    /// Throws  Error{conflict, "work-changed"} if a row changed since.
    std::vector<std::int64_t> write_all(std::span<data::model::Edit const> edits,
                                        data::model::Author const& author,
                                        std::span<geo::Policy const* const> policies) const;

private:
    void look_again(data::postgis::EditStore::Request const& request, Outcome const& outcome) const;

    Atlas& m_atlas;
    data::postgis::EditStore const& m_store;
    data::postgis::Announcer& m_announcer;
    data::postgis::TopologyStore const& m_topology;
};

} // namespace diaban::services::domain
