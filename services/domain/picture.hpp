#pragma once

#include "data/model/collection.hpp"
#include "services/domain/place_index.hpp"
#include "tiles/mirror/layer.hpp"
#include "tiles/pyramid/layer_rows.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// One collection as every reader of one moment sees it. Immutable.
struct View {
    data::model::Collection collection;
    std::shared_ptr<tiles::mirror::Layer const> layer;
    /// Its tiles below the native zoom; null if it has none, or not yet.
    std::shared_ptr<tiles::pyramid::Pyramid const> pyramid;
    /// The rows that it was made of; null without it.
    std::shared_ptr<tiles::pyramid::LayerRows const> merged;
    std::shared_ptr<PlaceIndex const> places; ///< of the collection `places` alone
    std::chrono::system_clock::time_point loaded_at;
    std::chrono::milliseconds load_time{0};

    [[nodiscard]] std::string const& id() const noexcept { return collection.schema.id; }
    /// Whether rows of it can have a geometry at all.
    [[nodiscard]] bool has_geometry() const noexcept {
        return collection.schema.geometry != geo::GeometryKind::none;
    }
    /// Whether it is drawn merged below its native zoom.
    [[nodiscard]] bool merges() const noexcept {
        return collection.schema.merges() && layer->size() > 0 && layer->native_zoom() > 0;
    }
    /// The lowest zoom that has tiles.
    [[nodiscard]] std::uint32_t min_zoom() const noexcept {
        return merges() ? 0 : layer->min_zoom();
    }
    [[nodiscard]] bool has_tiles() const noexcept { return has_geometry() && layer->size() > 0; }
};

/// All collections at one moment, in the registry's order. A collection that is not loaded yet has
/// its registry entry in `waiting`.
struct Picture {
    std::vector<std::shared_ptr<View const>> views;
    std::vector<data::model::Collection> waiting;
    bool registry_read = false;

    /// Null if there is none.
    [[nodiscard]] std::shared_ptr<View const> find(std::string_view id) const noexcept;
};

} // namespace diaban::services::domain
