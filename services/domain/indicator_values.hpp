#pragma once

#include "services/domain/indicator_rows.hpp"
#include "services/domain/unit_lists.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// By what a split unit's value is divided where no share is published.
enum class Transfer : std::uint8_t {
    exact,      ///< by nothing: what is split stays a range
    area,       ///< the official areas of the units that receive it
    population, ///< the people of the last census in them, of those that are surely placed
};
[[nodiscard]] std::optional<Transfer> transfer_named(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(Transfer transfer) noexcept;

/// How a value of a unit was come by.
enum class Standing : std::uint8_t {
    stated,    ///< reported for this very unit
    exact,     ///< summed of units that lie in it whole
    estimated, ///< partly divided by the transfer's weights
    range,     ///< only known to lie between low and high
};
[[nodiscard]] std::string_view to_string(Standing standing) noexcept;

struct UnitValue {
    std::uint32_t unit = 0;      ///< of the list that was asked for
    std::optional<double> value; ///< absent: a range
    double low = 0;
    double high = 0;
    Standing standing = Standing::stated;
    std::uint32_t parts = 1; ///< reported values that went into it, whole or in part
    std::optional<double> target;
    std::int64_t fid = 0; ///< of the row where it was stated
};

/// What is not in any unit of the list, and why.
struct WaitingValue {
    IndicatorRow row;
    std::string_view reason; ///< no-code, code-ended, not-converted
};

/// The reported values of one period, carried to the units of a level and list.
struct CarriedValues {
    UnitLevel from = UnitLevel::commune; ///< the level they were reported for
    std::vector<UnitValue> values;       ///< by unit, ascending
    std::vector<WaitingValue> waiting;
    struct Totals {
        double exact = 0;
        double estimated = 0;
        double waiting = 0;
        [[nodiscard]] double all() const noexcept { return exact + estimated + waiting; }
    };
    std::optional<Totals> totals; ///< of a quantity that is summed

    /// What a level above it states beside the sum of its parts.
    struct Check {
        std::uint32_t unit = 0; ///< of `list`
        Vintage list = Vintage::present;
        double stated = 0;
        double of_parts = 0;
    };
    std::vector<Check> checks; ///< those that differ
    std::uint64_t checked = 0; ///< units that were compared
};

/// What to carry to.
struct CarryRequest {
    Vintage vintage = Vintage::present;
    UnitLevel level = UnitLevel::province;
    Transfer transfer = Transfer::population;
    std::string within{}; ///< code of a province of that list: only what lies in it; empty: all
};

/// What divides a split unit's value among those that receive parts of it, by unit of the list
/// asked for; the same for all indicators of a request.
///
/// Borrows  lists and `people`, the rows of census_population.
/// Threads  any number.
class ReceivingWeights {
public:
    ReceivingWeights(UnitLists const& lists, std::span<IndicatorRow const> people,
                     CarryRequest const& request)
        : m_lists{lists}, m_people{people}, m_request{request} {}

    /// NaN where nothing is known. Made when it is first asked for.
    [[nodiscard]] std::span<double const> get() const;

private:
    [[nodiscard]] std::vector<double> make() const;

    UnitLists const& m_lists;
    std::span<IndicatorRow const> m_people;
    CarryRequest m_request;
    mutable std::once_flag m_once;
    mutable std::vector<double> m_made;
};

/// Carries `rows`, values of one indicator and one period, as its aggregation says.
///
/// From     the level asked for where anything is reported for it, else the nearest below. What
///          is only reported above it is not divided downward.
/// Sum      geo/statistics/carry: exact, estimated and waiting sum to what was reported. At the
///          level of provinces nothing waits whose province is known.
/// Mean     by the weights of the indicator it names (`weights`, of the same or the last period
///          before), each of its own unit; a range where one has none.
/// None     a unit that is made of one alone keeps its value; of several, their range.
/// Split    by `receiving`, of the same request.
[[nodiscard]] CarriedValues carry_values(UnitLists const& lists, Indicator const& indicator,
                                         std::span<IndicatorRow const> rows,
                                         std::span<IndicatorRow const> weights,
                                         ReceivingWeights const& receiving,
                                         CarryRequest const& request);

} // namespace diaban::services::domain
