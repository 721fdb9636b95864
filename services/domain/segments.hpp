#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/change_feed.hpp"
#include "tiles/mirror/layer.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace diaban::services::domain {

/// The folder where one node keeps the bases of its mirrors, so that a restart need not copy them.
/// Nothing in it is needed: whatever cannot be used is loaded from the record.
///
/// Owner    one process at a time (a lock on the file `lock`); a second one goes without.
/// Faults   what cannot be written or read is said in the log, never thrown.
class Segments {
public:
    /// An empty path: no segments.
    explicit Segments(std::filesystem::path folder);
    ~Segments();
    Segments(Segments const&) = delete;
    Segments& operator=(Segments const&) = delete;

    struct Opened {
        std::shared_ptr<tiles::mirror::Layer const> layer;
        data::postgis::Cursor cursor;
    };
    /// The base of a collection as it was at a place of the feed, if there is one of this record.
    [[nodiscard]] std::optional<Opened> open(data::model::Collection const& collection,
                                             std::uint64_t record, std::int64_t generation) const;
    /// Keeps the base of `layer`, to which all changes up to `cursor` had been brought home.
    void save(tiles::mirror::Layer const& layer, std::uint64_t record,
              data::postgis::Cursor cursor) const;
    /// Says that a base which was saved holds up to `cursor`.
    void restamp(tiles::mirror::Layer const& layer, std::uint64_t record,
                 data::postgis::Cursor cursor) const;

private:
    [[nodiscard]] std::filesystem::path file_of(std::string const& collection) const;

    std::filesystem::path m_folder; // empty: none, or another's
    int m_lock = -1;
};

} // namespace diaban::services::domain
