#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/change_feed.hpp"
#include "data/postgis/copy.hpp"
#include "data/postgis/copy_rows.hpp"
#include "services/domain/place_index.hpp"
#include "services/domain/time_fields.hpp"
#include "tiles/mirror/layer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// The fields that must leave the record for a mirror: those of tiles, and the time field.
[[nodiscard]] data::postgis::Fields mirrored(geo::Schema const& schema);

/// Takes rows with all fields that leave, for a mirror.
class MirrorRows {
public:
    /// `fields` are what the rows' values follow.
    MirrorRows(std::shared_ptr<geo::Schema const> schema, std::vector<geo::Field> const& fields);

    void take(geo::RowView const& row);
    /// What was taken; nothing is left.
    [[nodiscard]] tiles::mirror::LayerBuilder release() { return std::move(m_layer); }

private:
    std::optional<std::size_t> m_time; // of the time field
    tiles::mirror::LayerBuilder m_layer;
    std::vector<std::size_t> m_columns; // of the tile fields
    std::vector<geo::ValueView> m_values;
};

/// A collection as copied from the record in one consistent picture.
struct Copied {
    std::shared_ptr<tiles::mirror::Layer const> layer;
    data::postgis::Cursor cursor; ///< place in the change feed the copy belongs to
};

/// Copies a collection by parallel binary COPY, one part a thread, and builds its mirror. The
/// native zoom is that of the registry, or is measured where that has none.
Copied copy_collection(data::postgis::CopyLine& line, data::model::Collection const& collection,
                       unsigned threads);

/// Reads the administrative units anew; `layer` is their mirror.
std::shared_ptr<PlaceIndex const> read_places(std::string const& database,
                                              data::model::Collection const& places,
                                              tiles::mirror::Layer const& layer);

} // namespace diaban::services::domain
