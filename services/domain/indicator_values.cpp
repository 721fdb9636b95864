#include "services/domain/indicator_values.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace diaban::services::domain {

namespace {

namespace statistics = geo::statistics;
using statistics::UnitLink;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Reported rows that are of one level and one list, by unit; empty where there is none.
struct Reported {
    std::vector<double> values; ///< NaN: none
    std::vector<IndicatorRow const*> rows;
    std::size_t count = 0;

    void put(std::uint32_t unit, IndicatorRow const& row, std::size_t units) {
        if (values.empty()) {
            values.resize(units, nothing);
            rows.resize(units);
        }
        count += rows[unit] == nullptr;
        values[unit] = row.value;
        rows[unit] = &row;
    }
};

/// The level that a code's length tells; what came without a code is of communes.
UnitLevel level_of(std::string_view code) {
    if (code.size() == 2) return UnitLevel::province;
    return code.size() == 3 ? UnitLevel::district : UnitLevel::commune;
}

Vintage other_than(Vintage vintage) noexcept {
    return vintage == Vintage::former ? Vintage::present : Vintage::former;
}

/// Rows sorted to where they belong.
class Sorted {
public:
    Sorted(UnitLists const& lists, std::span<IndicatorRow const> rows) : m_lists{lists} {
        for (auto const& row : rows) take(row);
    }

    [[nodiscard]] Reported const& of(Vintage vintage, UnitLevel level) const {
        return m_reported[3 * std::size_t(vintage) + std::size_t(level)];
    }
    /// The values of all units, whether anything was reported or not.
    [[nodiscard]] std::vector<double> values(Vintage vintage, UnitLevel level) const {
        auto const& reported = of(vintage, level).values;
        return reported.empty() ? std::vector<double>(m_lists.units(vintage).size(), nothing)
                                : reported;
    }
    struct Lost {
        IndicatorRow const* row;
        Vintage vintage;
        std::string_view reason;
    };
    [[nodiscard]] std::vector<Lost> const& lost() const noexcept { return m_lost; }

private:
    void take(IndicatorRow const& row) {
        auto const vintage = m_lists.vintage_of(row.place_on);
        auto const unit = m_lists.find(vintage, row.place_code);
        if (!unit) {
            m_lost.push_back({&row, vintage, row.place_code == "-" ? "no-code" : "code-ended"});
            return;
        }
        auto const units = m_lists.units(vintage);
        m_reported[3 * std::size_t(vintage) + std::size_t(units[*unit].level)].put(*unit, row,
                                                                                   units.size());
    }

    UnitLists const& m_lists;
    std::array<Reported, 6> m_reported; ///< by list, then level
    std::vector<Lost> m_lost;
};

/// Carries one period.
class Carrying {
public:
    Carrying(UnitLists const& lists, Indicator const& indicator, CarryRequest const& request,
             Sorted const& sorted, std::span<IndicatorRow const> weights,
             ReceivingWeights const& receiving)
        : m_lists{lists}, m_indicator{indicator}, m_request{request}, m_sorted{sorted},
          m_weights{weights}, m_receiving{receiving},
          m_targets(lists.units(request.vintage).size()) {}

    CarriedValues done() {
        state_own();
        for (auto level = std::size_t(m_request.level); level < 3 && m_stated_count == 0; ++level)
            if (carry_from(UnitLevel(level))) break;
        wait();
        check();
        return std::move(m_result);
    }

private:
    [[nodiscard]] bool sums() const noexcept { return m_indicator.aggregation == "sum"; }

    [[nodiscard]] bool inside(std::uint32_t target) const {
        if (m_request.within.empty()) return true;
        auto const& unit = m_lists.units(m_request.vintage)[target];
        auto const province = unit.up[std::size_t(UnitLevel::province)];
        return province && m_lists.units(m_request.vintage)[*province].code() == m_request.within;
    }

    /// From the list asked for, or else the other; whether anything is reported at that level.
    bool carry_from(UnitLevel level) {
        for (auto const vintage : {m_request.vintage, other_than(m_request.vintage)}) {
            auto const& reported = m_sorted.of(vintage, level);
            if (reported.count == 0 || (vintage == m_request.vintage && level == m_request.level))
                continue;
            m_result.from = level;
            auto const& links = m_lists.links(vintage, level, m_request.vintage, m_request.level);
            auto const values = chosen(vintage, reported);
            if (sums())
                add_sums(reported, values, links);
            else
                add_means(vintage, level, values, links);
            return true;
        }
        return false;
    }

    void state_own() {
        auto const& reported = m_sorted.of(m_request.vintage, m_request.level);
        m_result.from = m_request.level;
        CarriedValues::Totals totals;
        for (std::uint32_t unit = 0; unit < reported.rows.size(); ++unit) {
            auto const* const row = reported.rows[unit];
            if (row == nullptr || !inside(unit)) continue;
            ++m_stated_count;
            m_result.values.push_back({unit, row->value, row->value, row->value, Standing::stated,
                                       1, row->target, row->fid});
            totals.exact += row->value;
        }
        if (sums()) m_result.totals = totals;
    }

    /// Where the province that surely holds a row is, in the list asked for.
    [[nodiscard]] std::optional<std::uint32_t> province_of(Vintage vintage,
                                                           std::string_view code) const {
        auto const unit = m_lists.find(vintage, code);
        if (!unit) return std::nullopt;
        if (vintage == m_request.vintage) return unit;
        auto const there = std::ranges::equal_range(
            m_lists.links(vintage, UnitLevel::province, m_request.vintage, UnitLevel::province),
            *unit, {}, &UnitLink::from);
        return there.size() == 1 ? std::optional{there.front().to} : std::nullopt;
    }

    /// Strikes out sources of another province than the one asked for.
    [[nodiscard]] std::vector<double> chosen(Vintage vintage, Reported const& reported) const {
        auto values = reported.values;
        if (m_request.within.empty()) return values;
        auto const units = m_lists.units(vintage);
        auto const wanted = m_lists.find(m_request.vintage, m_request.within);
        for (std::uint32_t i = 0; i < values.size(); ++i) {
            if (std::isnan(values[i])) continue;
            auto const up = units[i].up[std::size_t(UnitLevel::province)];
            if (!up || province_of(vintage, units[*up].code()) != wanted) values[i] = nothing;
        }
        return values;
    }

    /// What was planned for a unit: the sum of its parts' plans, where all are whole and have one.
    [[nodiscard]] std::vector<std::optional<double>>
    targets_of(Reported const& reported, std::span<double const> values,
               std::span<UnitLink const> links) const {
        std::vector<bool> lacks(m_targets);
        std::vector<std::uint32_t> ways(values.size());
        for (auto const& link : links) ++ways[link.from];
        std::vector<std::optional<double>> targets(m_targets);
        for (auto const& link : links) {
            if (std::isnan(values[link.from])) continue;
            auto const& target = reported.rows[link.from]->target;
            if (!target || ways[link.from] > 1)
                lacks[link.to] = true;
            else
                targets[link.to] = targets[link.to].value_or(0) + *target;
        }
        for (std::size_t i = 0; i < m_targets; ++i)
            if (lacks[i]) targets[i].reset();
        return targets;
    }

    void add_sums(Reported const& reported, std::span<double const> values,
                  std::span<UnitLink const> links) {
        auto const carried = statistics::carry_sum(values, links, m_targets, m_receiving.get());
        auto const targets = targets_of(reported, values, links);
        for (std::uint32_t to = 0; to < m_targets; ++to) {
            auto const& unit = carried.units[to];
            if (!unit.known() || !inside(to)) continue;
            UnitValue made{to,
                           unit.value(),
                           unit.low,
                           unit.high,
                           Standing::exact,
                           unit.whole + unit.parts,
                           targets[to],
                           0};
            if (unit.parts > 0 && m_request.transfer == Transfer::exact) {
                made.value.reset();
                made.standing = Standing::range;
            } else if (unit.parts > 0) {
                made.standing = Standing::estimated;
            }
            m_result.values.push_back(made);
        }
        for (auto const from : carried.waiting)
            m_result.waiting.push_back({*reported.rows[from], "not-converted"});
        if (!m_result.totals) m_result.totals.emplace();
        m_result.totals->exact += carried.exact;
        m_result.totals->estimated += carried.estimated;
        m_result.totals->waiting += carried.waiting_sum;
    }

    void add_means(Vintage vintage, UnitLevel level, std::span<double const> values,
                   std::span<UnitLink const> links) {
        std::vector<double> weights;
        if (m_indicator.aggregation == "mean") {
            weights = Sorted{m_lists, m_weights}.values(vintage, level);
        }
        auto const averaged = statistics::carry_mean(values, links, m_targets, weights);
        for (std::uint32_t to = 0; to < m_targets; ++to) {
            auto const& unit = averaged[to];
            if (unit.parts == 0 || !inside(to)) continue;
            m_result.values.push_back({to, unit.value, unit.low, unit.high,
                                       unit.exact   ? Standing::exact
                                       : unit.value ? Standing::estimated
                                                    : Standing::range,
                                       unit.parts, std::nullopt, 0});
        }
    }

    void wait() {
        auto const wanted = m_lists.find(m_request.vintage, m_request.within);
        for (auto const& [row, vintage, reason] : m_sorted.lost()) {
            if (level_of(row->place_code) != m_result.from) continue;
            auto const province = province_of(vintage, row->within);
            if (!m_request.within.empty() && province != wanted) continue;
            if (sums() && province && m_request.level == UnitLevel::province) {
                put(*province, *row);
                continue;
            }
            m_result.waiting.push_back({*row, reason});
            if (m_result.totals) m_result.totals->waiting += row->value;
        }
    }

    /// What surely lies in a province, though not where in it.
    void put(std::uint32_t province, IndicatorRow const& row) {
        auto at = std::ranges::lower_bound(m_result.values, province, {}, &UnitValue::unit);
        if (at == m_result.values.end() || at->unit != province)
            at = m_result.values.insert(at, {province, 0.0, 0, 0, Standing::exact, 0, {}, 0});
        if (at->value) *at->value += row.value;
        at->low += row.value;
        at->high += row.value;
        ++at->parts;
        m_result.totals->exact += row.value;
    }

    /// What each unit states for itself, beside the sum of the level below it in the same list.
    void check() {
        if (!sums()) return;
        for (auto const vintage : {Vintage::former, Vintage::present})
            for (std::size_t level = 0; level < 2; ++level) {
                auto const& above = m_sorted.of(vintage, UnitLevel(level));
                if (above.count == 0) continue;
                for (auto below = level + 1; below < 3; ++below)
                    if (m_sorted.of(vintage, UnitLevel(below)).count > 0) {
                        compare(vintage, UnitLevel(level), above, UnitLevel(below));
                        break;
                    }
            }
    }

    void compare(Vintage vintage, UnitLevel level, Reported const& above, UnitLevel below) {
        auto const& parts = m_sorted.of(vintage, below);
        auto const& links = m_lists.links(vintage, below, vintage, level);
        auto carried = statistics::carry_sum(parts.values, links, above.values.size(), {});
        if (level == UnitLevel::province)
            for (auto const& lost : m_sorted.lost())
                if (lost.vintage == vintage && level_of(lost.row->place_code) == below)
                    if (auto const unit = m_lists.find(vintage, lost.row->within))
                        carried.units[*unit].exact += lost.row->value;
        for (std::uint32_t unit = 0; unit < above.values.size(); ++unit) {
            if (above.rows[unit] == nullptr || !carried.units[unit].known()) continue;
            ++m_result.checked;
            double const sum = carried.units[unit].exact;
            double const off = std::abs(sum - above.values[unit]);
            if (off > 1e-9 * std::max(1.0, std::abs(sum)))
                m_result.checks.push_back({unit, vintage, above.values[unit], sum});
        }
    }

    UnitLists const& m_lists;
    Indicator const& m_indicator;
    CarryRequest const& m_request;
    Sorted const& m_sorted;
    std::span<IndicatorRow const> m_weights;
    ReceivingWeights const& m_receiving;
    std::size_t m_targets;
    std::size_t m_stated_count = 0;
    CarriedValues m_result;
};

} // namespace

std::optional<Transfer> transfer_named(std::string_view name) noexcept {
    if (name == "exact") return Transfer::exact;
    if (name == "area") return Transfer::area;
    if (name == "population") return Transfer::population;
    return std::nullopt;
}

std::string_view to_string(Transfer transfer) noexcept {
    if (transfer == Transfer::exact) return "exact";
    return transfer == Transfer::area ? "area" : "population";
}

std::string_view to_string(Standing standing) noexcept {
    constexpr std::array<std::string_view, 4> names{"stated", "exact", "estimated", "range"};
    return names[std::size_t(standing)];
}

std::span<double const> ReceivingWeights::get() const {
    std::call_once(m_once, [this] { m_made = make(); });
    return m_made;
}

std::vector<double> ReceivingWeights::make() const {
    auto const units = m_lists.units(m_request.vintage);
    std::vector<double> weights(units.size(), nothing);
    if (m_request.transfer == Transfer::area)
        for (std::size_t i = 0; i < units.size(); ++i)
            weights[i] = units[i].place().area_km2.value_or(nothing);
    if (m_request.transfer != Transfer::population) return weights;
    Sorted const sorted{m_lists, m_people};
    for (auto const vintage : {m_request.vintage, other_than(m_request.vintage)}) {
        auto const level =
            m_request.level == UnitLevel::province ? UnitLevel::province : UnitLevel::commune;
        auto const& links = m_lists.links(vintage, level, m_request.vintage, m_request.level);
        auto const carried =
            statistics::carry_sum(sorted.values(vintage, level), links, units.size(), {});
        for (std::size_t i = 0; i < units.size(); ++i)
            if (std::isnan(weights[i]) && carried.units[i].whole > 0)
                weights[i] = carried.units[i].exact;
    }
    return weights;
}

CarriedValues carry_values(UnitLists const& lists, Indicator const& indicator,
                           std::span<IndicatorRow const> rows,
                           std::span<IndicatorRow const> weights, ReceivingWeights const& receiving,
                           CarryRequest const& request) {
    Sorted const sorted{lists, rows};
    return Carrying{lists, indicator, request, sorted, weights, receiving}.done();
}

} // namespace diaban::services::domain
