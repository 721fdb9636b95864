#pragma once

#include "data/model/collection.hpp"
#include "geo/feature.hpp"
#include "geo/geometry.hpp"
#include "services/domain/exposure_tally.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// A part of the country.
struct ExposurePart {
    std::string code; ///< of the commune; empty: in none
    std::string name;
    ExposureTally tally;
};

struct Exposure {
    std::vector<ExposurePart> parts; ///< by code; those with nothing in the hazard are left out
    ExposureTally total;             ///< added up from the parts, in their order
    std::vector<AssetKind> kinds;    ///< collections that were counted
};

/// A commune while it is counted in.
struct CommuneSheet {
    std::string code;
    std::string name;
    double population = 0;
    double whole_m2 = 0;
    double worse_m2 = 0; ///< of the hazard's worse part
    ExposureTally tally;
    double homes = 0; ///< m² of residential parcels
    double homes_hit = 0;
    double homes_worse = 0;

    /// People, from what is known of its homes, or else of its ground.
    void settle();
};

/// Notes a feature that is in the hazard, with how much of it.
void note_exposed(ExposureTally& tally, std::string const& collection, std::string_view class_value,
                  std::int64_t fid, double amount);

/// Parts in the order of communes, then what lies in none; and their total.
[[nodiscard]] Exposure collect_exposure(std::vector<AssetKind> kinds,
                                        std::vector<CommuneSheet*> const& communes,
                                        ExposureTally& elsewhere);

/// How a collection is counted.
[[nodiscard]] AssetKind asset_kind(geo::Schema const& schema);

/// Whether people live on it: a parcel of ONT or ODT.
[[nodiscard]] bool is_home(std::string_view collection, std::string_view class_value) noexcept;

/// Turns a camera into what it sees: a sector around its azimuth as wide as its field of view, to
/// its range; a circle where it says no width, its place alone where it says no range.
///
/// Accuracy  of the sector: 1e-4 of its range; arcs in steps of 10°.
/// Left out  what stands in the way: hills, houses, trees.
class CameraSight {
public:
    CameraSight(std::string_view collection, std::vector<geo::Field> const& fields);
    ~CameraSight();
    CameraSight(CameraSight&&) noexcept;
    CameraSight& operator=(CameraSight&&) noexcept;

    /// Of other collections it leaves the shape as it is. EPSG:4326.
    void widen(geo::RowView const& row, geo::Geometry& shape) const;

private:
    struct Columns;
    std::unique_ptr<Columns const> m_columns; ///< null: no cameras
};

/// Where a feature belongs: the middle of its first ring, of its first line, its first point.
[[nodiscard]] geo::Position middle_of(geo::Geometry const& shape);

/// A value of a row by the name of its field.
class RowColumn {
public:
    RowColumn(std::vector<geo::Field> const& fields, std::string_view name);

    [[nodiscard]] std::string_view text(geo::RowView const& row) const; ///< empty: none
    [[nodiscard]] double number(geo::RowView const& row) const;         ///< 0: none

private:
    std::optional<std::size_t> m_index;
};

} // namespace diaban::services::domain
