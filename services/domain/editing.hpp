#pragma once

#include "data/model/edit.hpp"
#include "data/postgis/announcement.hpp"
#include "data/postgis/edit_store.hpp"
#include "services/domain/atlas.hpp"

#include <chrono>

namespace diaban::services::domain {

/// From edits that were found in order to edits that everyone sees: writes them, tells the other
/// nodes, and waits until this node's mirror holds them.
class Editing {
public:
    /// How long an edit that stands already waits for the mirror.
    static constexpr std::chrono::seconds patience{3};

    Editing(Atlas& atlas, data::postgis::EditStore const& store,
            data::postgis::Announcer& announcer)
        : m_atlas{atlas}, m_store{store}, m_announcer{announcer} {}

    struct Outcome : data::postgis::EditStore::Outcome {
        bool shown = true; ///< whoever asks this node from here on sees the edits
    };
    /// Throws  as EditStore.
    [[nodiscard]] Outcome apply(data::postgis::EditStore::Request const& request) const;

private:
    Atlas& m_atlas;
    data::postgis::EditStore const& m_store;
    data::postgis::Announcer& m_announcer;
};

} // namespace diaban::services::domain
