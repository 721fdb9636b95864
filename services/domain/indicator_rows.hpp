#pragma once

#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "services/domain/picture.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// What an indicator is, as the catalogue has it.
struct Indicator {
    std::int64_t fid = 0;
    std::string code;
    std::string sector;
    std::string title;
    std::string title_en;
    std::string unit;
    std::string direction;   ///< up, down, none
    std::string cadence;     ///< year, quarter, month, week, day, live
    std::string aggregation; ///< sum, mean, none
    std::string weight;      ///< of a mean: the indicator it is weighted by
    std::string source;
    std::string owner;
    std::int64_t decimals = 0;
    std::int64_t due_days = 0;      ///< after the end of a period
    std::optional<double> least;    ///< what a value can be
    std::optional<double> most;     ///<
    std::optional<double> warn_at;  ///< from here on, in its worse direction, it is a warning
    std::optional<double> alarm_at; ///< and an alarm
};

/// `good`, `warning` or `alarm`, where the catalogue says from when on; else empty. Worse is lower
/// where higher is better, and higher everywhere else.
[[nodiscard]] std::string_view alert_of(Indicator const& indicator, double value) noexcept;

/// One value, as it was reported. Its texts lie in the mirror: whoever keeps it keeps the view.
struct IndicatorRow {
    std::int64_t fid = 0;
    std::string_view code;
    std::string_view place_code; ///< `-`: the source gave none
    std::string_view place_name; ///< as in the source
    std::string_view within;     ///< code of a unit that surely holds it; may be empty
    geo::Date place_on;          ///< the list the codes are of
    std::string_view period;     ///< 2019, 2019-Q3, 2019-07, 2019-W07, 2019-07-31
    double value = 0;
    std::optional<double> target; ///< what was planned
};

/// The indicators that the policy sees, by code.
/// Read from the mirror: no SQL. `catalogue` is the view of `indicator_catalogue`.
[[nodiscard]] std::vector<Indicator> read_catalogue(View const& catalogue,
                                                    geo::Policy const& policy);
/// The one called `code`; nothing if there is none for the policy.
[[nodiscard]] std::optional<Indicator> find_indicator(View const& catalogue, std::string_view code,
                                                      geo::Policy const& policy);

/// Which values are wanted; what is empty does not choose.
struct IndicatorChoice {
    std::string_view code;
    std::string_view period;
    std::vector<std::string> places; ///< codes, whatever the list
};

/// Values that the policy sees and that the choice means, in no order; rows without a value are
/// left out. Read from the mirror: `indicators` is the view of that collection.
/// Cost   a look at each row's codes: a hundred thousand in under a millisecond.
[[nodiscard]] std::vector<IndicatorRow>
read_rows(View const& indicators, IndicatorChoice const& choice, geo::Policy const& policy);

/// An indicator's code, and one of its periods.
using IndicatorPeriod = std::pair<std::string, std::string>;

/// The same for the whole country, of several at once.
/// Cost   a look at each row's codes, however many are wanted.
[[nodiscard]] std::map<IndicatorPeriod, std::vector<IndicatorRow>>
read_rows_of(View const& indicators, std::set<IndicatorPeriod> const& wanted,
             geo::Policy const& policy);

/// Periods that have values, ascending, by indicator.
[[nodiscard]] std::map<std::string, std::set<std::string>> read_periods(View const& indicators,
                                                                        geo::Policy const& policy);

/// The day a row's codes are of, where it does not say: the first of its period.
[[nodiscard]] std::optional<geo::Date> first_day(std::string_view period);
/// The day after the last of a period; nothing for what is no period.
[[nodiscard]] std::optional<geo::Date> day_after(std::string_view period);

/// Whether a feed delivers.
struct Delivery {
    std::string_view state;       ///< current, late, missing
    std::string last;             ///< the last period that has values
    std::optional<geo::Date> due; ///< of the next one
};
[[nodiscard]] Delivery delivery_of(Indicator const& indicator, std::set<std::string> const& periods,
                                   geo::Date today);

} // namespace diaban::services::domain
