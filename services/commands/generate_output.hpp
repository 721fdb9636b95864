#pragma once

#include "geo/synthetic/parcel_map.hpp"
#include "geo/synthetic/streets.hpp"
#include "geo/synthetic/territory.hpp"
#include "geo/synthetic/town.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace diaban::services::commands {

/// Writes the layers of a generated province into one folder, each as a FlatGeobuf file, and says
/// on standard output what was written. Every file but the lines of nature has `commune_code`,
/// which is the scope of its rows.
class ProvinceFiles {
public:
    /// Creates `folder` where it is missing.
    /// Throws    Error{bad_input, "unwritable-file"}.
    explicit ProvinceFiles(std::filesystem::path folder);

    void parcels(geo::synthetic::ParcelMap const& map) const;
    void streets(std::vector<geo::synthetic::Commune> const& communes,
                 std::vector<geo::synthetic::Street> const& streets) const;
    void facilities(std::vector<geo::synthetic::Commune> const& communes,
                    std::vector<geo::synthetic::Facility> const& facilities) const;
    void cameras(std::vector<geo::synthetic::Commune> const& communes,
                 std::vector<geo::synthetic::Camera> const& cameras) const;
    void reports(std::vector<geo::synthetic::Commune> const& communes,
                 std::vector<geo::synthetic::Report> const& reports) const;
    /// `population.csv`: code, population.
    void population(std::vector<geo::synthetic::Commune> const& communes,
                    std::vector<std::int64_t> const& people) const;

    /// `places.fgb`: units in force until 2025-06-30; communes follow `people`, and wholes have the
    /// sum of their parts.
    void places(std::vector<geo::synthetic::TerritoryUnit> const& units,
                std::vector<std::int64_t> const& people) const;
    void roads(std::vector<geo::synthetic::Road> const& roads) const;
    /// `coast.fgb` and `rivers.fgb`: one row a path.
    void lines(char const* layer, geo::Geometry const& lines) const;

private:
    [[nodiscard]] std::filesystem::path file(char const* layer) const;

    std::filesystem::path m_folder;
};

} // namespace diaban::services::commands
