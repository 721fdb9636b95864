#pragma once

#include "data/postgis/pool.hpp"
#include "geo/cadastre/topology.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace diaban::data::postgis {

/// Parcels of one CRS side by side, for the check of topology. `fids` follow the set; its sheets
/// are places in `sheets`.
struct Coverage {
    struct Sheet {
        std::string commune; ///< code, as of the sheet
        std::int64_t number = 0;
        friend bool operator==(Sheet const&, Sheet const&) = default;
    };
    std::int32_t srid = 0;
    std::int32_t scale = 0; ///< the coarsest of its sheets
    geo::cadastre::ParcelSet parcels;
    std::vector<std::int64_t> fids;
    std::vector<Sheet> sheets;

    /// Adds a parcel, brought to the coverage's CRS.
    void add(std::int64_t fid, Sheet const& sheet, std::int64_t number, geo::Geometry shape,
             std::optional<geo::Position> label);
};

/// Faults of the cadastre, as they are on the map.
///
/// Pool     of Role::owner or Role::edit.
/// Throws   Error{unavailable, …} if the database is busy, slow or gone.
class TopologyStore {
public:
    explicit TopologyStore(Pool& pool) : m_pool{pool} {}

    /// All parcels in force of a commune in one CRS, that of most of them.
    /// Throws   Error{not_found, "unknown-commune"}.
    [[nodiscard]] Coverage coverage(std::string const& commune) const;

    /// Replaces the faults that are kept of a commune. The first time they become a collection.
    void keep(std::string const& commune, Coverage const& coverage,
              std::span<geo::cadastre::TopologyFinding const> findings) const;

    /// Looks again where parcels are and where they were before their last change, and replaces the
    /// faults that are kept there: how many there are now. Nothing where no commune was checked
    /// yet.
    ///
    /// Missing    numbers are not sought again: that takes the whole sheet.
    /// Cost       the parcels that meet the window.
    /// Throws     Error{too_large, "topology-too-large"} beyond 20,000 of them.
    std::optional<std::size_t> look_again(std::span<std::int64_t const> fids) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
