#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/change_feed.hpp"
#include "data/postgis/collections.hpp"
#include "data/postgis/pool.hpp"
#include "services/domain/exposure_sheet.hpp"
#include "services/domain/target_file.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// A commune of the record, whoever may see it.
struct KnownCommune {
    std::int64_t fid = 0;
    std::string code;
    std::string name;
    double population = 0;
};

/// The rows of a collection on a grid, as they are now.
struct Targets {
    TargetView base;
    std::unordered_set<std::int64_t> changed; ///< of the base, that are not so any more
    std::optional<TargetView> since;          ///< what they are now, and new ones
    std::vector<KnownCommune> communes;       ///< of `places`: by row of `base`
    std::shared_ptr<void const> held;         ///< what the views look at

    /// Calls `visit(view, row)` for each row.
    template <typename Visit>
    void each(Visit&& visit) const {
        for (std::size_t row = 0; row < base.rows.size(); ++row)
            if (changed.empty() || !changed.contains(base.rows[row].fid)) visit(base, row);
        if (!since) return;
        for (std::size_t row = 0; row < since->rows.size(); ++row) visit(*since, row);
    }
};

/// Where rows lie on a grid, found once for each collection and kept in a file; the change feed
/// says which are found anew. After an import, and when communes change, all are.
///
/// Method    see Footprints; a row belongs to the commune that holds its middle.
/// Fresh     holds every change that was committed before it was asked, of the whole record: which
///           rows count is for the caller and their policy.
/// Cost      some 10 µs a row the first time; then what has changed since.
class TargetShelf {
public:
    TargetShelf(std::string database, std::filesystem::path folder, geo::raster::Frame frame,
                std::int64_t now);

    [[nodiscard]] data::postgis::Collections const& registry() const noexcept { return m_registry; }
    /// Communes as rows.
    [[nodiscard]] Targets communes(data::model::Collection const& places) const;
    /// Any other collection. `communes` as they were given.
    [[nodiscard]] Targets rows(data::model::Collection const& collection,
                               data::model::Collection const& places,
                               Targets const& communes) const;

private:
    class Maker;
    /// The fid of the commune that holds a place; 0: none does.
    using Holder = std::function<std::int64_t(geo::Position)>;

    using Changes = std::vector<data::postgis::Change>;

    [[nodiscard]] std::optional<Changes> changes_after(data::postgis::Cursor cursor) const;
    [[nodiscard]] std::filesystem::path file_of(std::string const& collection) const;
    /// What a file must have been made of to be of use.
    [[nodiscard]] Json key_of(data::model::Collection const& collection, Json communes) const;
    /// What was kept, where it still holds but for `changed`.
    [[nodiscard]] std::optional<Targets> kept(data::model::Collection const& collection,
                                              Json const& key) const;
    [[nodiscard]] Targets made(data::model::Collection const& collection, Json const& key,
                               Holder const& holder) const;
    void renew(Targets& targets, data::model::Collection const& collection,
               Holder const& holder) const;
    [[nodiscard]] Holder holder(data::model::Collection const& places,
                                std::vector<std::int64_t> const& fids) const;

    std::string m_database;
    std::filesystem::path m_folder;
    geo::raster::Frame m_frame;
    std::int64_t m_now;
    mutable data::postgis::Pool m_pool;
    data::postgis::Collections m_registry;
    data::postgis::ChangeFeed m_feed;
    mutable std::optional<std::pair<data::postgis::Cursor, Changes>> m_look;
};

} // namespace diaban::services::domain
