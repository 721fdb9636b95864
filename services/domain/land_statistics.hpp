#pragma once

#include "data/model/land_statistics.hpp"
#include "data/xlsx/marked_sheet.hpp"
#include "geo/statistics/controlled_rounding.hpp"
#include "services/http/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// What is printed of land statistics: hectares to two decimals, that add up as printed.

inline constexpr double printed_m2 = 100; ///< a hundredth of a hectare
[[nodiscard]] inline double hectares(std::int64_t hundredths) noexcept {
    return double(hundredths) / 100;
}

/// Communes (rows) by uses (columns): those that occur, in the order of codes and of the list; what
/// is not known comes last.
struct LandUseTable {
    std::vector<std::string> communes; ///< codes
    std::vector<data::model::LandUse> uses;
    geo::statistics::RoundedTable hundredths;
    struct Sum {
        std::int64_t parcels = 0;
        std::int64_t without_area = 0; ///< of them
        double area_m2 = 0;            ///< unrounded
    };
    std::vector<Sum> sums; ///< by commune

    /// Which row a commune is.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view commune) const noexcept;
    /// Hundredths by use: of a commune, or of all.
    [[nodiscard]] std::vector<std::int64_t> line(std::optional<std::size_t> commune) const;
    [[nodiscard]] Sum sum(std::optional<std::size_t> commune) const;
};
[[nodiscard]] LandUseTable tabulate(std::span<data::model::LandUseArea const> areas,
                                    std::span<data::model::LandUse const> known);

/// Uses before (rows, the last one: new) by uses after (columns, the last one: gone).
struct LandUseChanges {
    std::vector<data::model::LandUse> uses; ///< of either side
    geo::statistics::RoundedTable hundredths;
};
[[nodiscard]] LandUseChanges tabulate(std::span<data::model::LandUseChange const> changes,
                                      std::span<data::model::LandUse const> known);

/// The groups of uses that a form has, in order; the last one, without a name, is of none.
inline constexpr std::string_view use_groups[] = {"agricultural", "other", "unused", ""};
/// Hundredths of the uses of a group.
[[nodiscard]] std::int64_t sum_of_group(std::string_view group,
                                        std::span<data::model::LandUse const> uses,
                                        std::span<std::int64_t const> hundredths);

/// A form of land statistics on one sheet.
struct LandStatisticsForm {
    data::model::LandStatistics statistics;
    LandUseTable table;
    std::optional<std::size_t> commune;       ///< of the table; absent: all
    std::map<std::string, std::string> names; ///< of communes, by code
    std::optional<LandUseChanges> changes;
    geo::Date changed_since{}; ///< the day of the statistics before
    bool synthetic = false;    ///< the parcels are made up
    bool partial = false;      ///< its reader may not see all units
};

/// Rows above the table, which stay in sight.
inline constexpr std::uint32_t land_statistics_heads = 6;

/// The form as cells: what it is of, then uses under their groups by communes, then what became of
/// the uses of the statistics before. Every number is a number, in hectares.
[[nodiscard]] std::vector<std::vector<data::xlsx::MarkedCell>>
draw_land_statistics(LandStatisticsForm const& form, http::Language language);

} // namespace diaban::services::domain
