#pragma once

#include "data/model/cadastre.hpp"
#include "data/postgis/pool.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// Cadastral sheets in the record. Pool of Role::owner.
class SheetStore {
public:
    explicit SheetStore(Pool& pool) : m_pool{pool} {}

    /// The commune of that code on that day, and the ground that it had.
    struct Commune {
        geo::Date from{};
        geo::Geometry boundary;     ///< EPSG:4326; empty: not known
        bool of_successors = false; ///< what became of it, as it has no boundary of its own
    };
    /// Throws   Error{not_found, "unknown-commune"} naming code and day.
    [[nodiscard]] Commune commune(std::string const& code, geo::Date on) const;

    /// Corners of parcels of other sheets in a box of EPSG:4326, at most 50,000.
    [[nodiscard]] std::vector<geo::Position> corners_near(geo::Box const& box) const;

    struct Stored {
        std::size_t parcels = 0;
        std::size_t correction_cases = 0;
    };
    /// Writes the sheet, its parcels, their holders and certificates in one transaction; opens a
    /// case for each parcel whose area by its corners is beyond the dated tolerance. Throws
    /// Error{conflict, "sheet-exists"}; Error{conflict, "identifier-taken"}.
    Stored store(model::Sheet const& sheet, std::span<model::SheetParcel const> parcels,
                 std::string const& who) const;

    struct Kept {
        model::Sheet sheet;
        std::vector<model::SheetParcel> parcels; ///< by number
    };
    /// A sheet as it stands today, source coordinates double for double.
    /// Throws   Error{not_found, "unknown-sheet"}.
    [[nodiscard]] Kept sheet(std::string const& commune, std::int64_t number) const;

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
