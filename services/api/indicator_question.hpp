#pragma once

#include "services/api/backing.hpp"
#include "services/api/json.hpp"
#include "services/domain/indicator_rows.hpp"
#include "services/domain/indicator_values.hpp"
#include "services/domain/unit_lists.hpp"
#include "services/http/router.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::api {

/// What questions about indicators stand on: values and catalogue as mirrored, and unit lists.
struct IndicatorGround {
    std::shared_ptr<domain::View const> catalogue;
    std::shared_ptr<domain::View const> values;
    std::shared_ptr<domain::UnitLists const> lists;
};

/// Throws   as Context::policy for who may not read indicators or places; Error{unavailable,
///          "not-ready"}.
[[nodiscard]] IndicatorGround stand(Backing const& backing, http::Context const& context,
                                    domain::UnitListCache& cache);

/// An indicator, and to which units its values are to be carried.
struct IndicatorQuestion {
    IndicatorGround ground;
    domain::Indicator indicator;
    std::vector<std::string> periods; ///< that have values, ascending
    geo::Date on;
    domain::CarryRequest request;

    /// The values of a period, carried.
    [[nodiscard]] domain::CarriedValues carried(http::Context const& context,
                                                std::string_view period) const;
    /// Of every period, those that have any.
    [[nodiscard]] std::map<std::string, domain::CarriedValues>
    carried_all(http::Context const& context) const;
    [[nodiscard]] domain::ListedUnit const& unit(std::uint32_t number) const {
        return ground.lists->units(request.vintage)[number];
    }
};

/// Reads `on` (a day of the list, today), `level` (province), `transfer` (population), `province`.
/// Throws   Error{not_found, "unknown-indicator"}; Error{bad_input, "bad-parameter"}.
[[nodiscard]] IndicatorQuestion read_indicator_question(Backing const& backing,
                                                        http::Context const& context,
                                                        domain::UnitListCache& cache,
                                                        std::string const& code);

/// `period`, or the last that has values. Throws Error{bad_input, "bad-parameter"}.
[[nodiscard]] std::string read_period(http::Context const& context,
                                      IndicatorQuestion const& question);

[[nodiscard]] Json describe_indicator(domain::Indicator const& indicator, http::Language language);

/// Full name of a unit; empty where the visitor may not know it.
[[nodiscard]] std::string_view name_of(http::Context const& context,
                                       domain::ListedUnit const& unit);

/// What the question is about, as it stands at the head of each answer.
[[nodiscard]] Json describe_question(IndicatorQuestion const& question, http::Language language);

/// A number without a fraction as a whole one, so that people are not counted in decimals.
[[nodiscard]] Json plain_number(double value);
[[nodiscard]] Json plain_number(std::optional<double> const& value);

/// `{code, name, value, low, high, standing, …}`.
[[nodiscard]] Json describe_value(http::Context const& context, IndicatorQuestion const& question,
                                  domain::UnitValue const& value);

} // namespace diaban::services::api
