#pragma once

#include "data/model/collection.hpp"
#include "data/model/edit.hpp"
#include "data/postgis/pool.hpp"
#include "geo/feature.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace diaban::data::postgis {

/// Rows of any collection with their exact doubles.
///
/// Policy   an argument of every read; a row it does not see is as if it were not there.
/// Values   follow `model::visible(collection.schema, policy, personal).fields`.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class FeatureStore {
public:
    explicit FeatureStore(Pool& pool) : m_pool{pool} {}

    /// The rows named, in the order given; those not there are left out.
    [[nodiscard]] std::vector<geo::Feature>
    by_fids(model::Collection const& collection, std::span<std::int64_t const> fids,
            geo::Policy const& policy, model::Personal personal = model::Personal::masked) const;

    /// All rows from `first` to `last`, by ascending fid, by binary COPY: what many rows are read
    /// by. Values of personal fields are masked.
    [[nodiscard]] std::vector<geo::Feature> from_to(model::Collection const& collection,
                                                    std::int64_t first, std::int64_t last,
                                                    geo::Policy const& policy) const;

    struct Item {
        geo::Feature feature;
        model::Stamp stamp;
    };
    /// One row, and which state of it this is.
    [[nodiscard]] std::optional<Item>
    item(model::Collection const& collection, std::int64_t fid, geo::Policy const& policy,
         model::Personal personal = model::Personal::masked) const;

    struct Count {
        std::uint64_t rows = 0;
        std::uint64_t located = 0; ///< rows with a geometry
    };
    /// Exact, by looking at every row.
    [[nodiscard]] Count count(model::Collection const& collection, geo::Policy const& policy) const;

    /// Which of `fids` meet the closed `box` (EPSG:4326), decided on the doubles; ascending.
    [[nodiscard]] std::vector<std::int64_t> meets_box(model::Collection const& collection,
                                                      std::span<std::int64_t const> fids,
                                                      geo::Box const& box,
                                                      geo::Policy const& policy) const;

    /// Rows whose geometry holds the point (EPSG:4326), its border included, by ascending fid.
    [[nodiscard]] std::vector<geo::Feature>
    containing(model::Collection const& collection, geo::Position point, std::uint32_t limit,
               geo::Policy const& policy, model::Personal personal = model::Personal::masked) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
