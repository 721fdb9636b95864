#include "services/domain/indicator_rows.hpp"

#include "services/domain/field_numbers.hpp"
#include "tiles/mirror/visibility.hpp"
#include "tiles/mvt.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace diaban::services::domain {

namespace {

using tiles::mirror::LiveRun;

/// A column of one run, decoded value by value. Absent where the policy masks the field.
class Values {
public:
    Values(LiveRun const& live, std::string_view name, geo::Policy const& policy) {
        for (auto const& column : live.run->columns)
            if (column.field->name == name && policy.sees_field(name)) m_column = &column;
        m_values = live.run->tile_values;
    }
    [[nodiscard]] explicit operator bool() const noexcept { return m_column != nullptr; }
    [[nodiscard]] std::uint32_t code(std::size_t row) const noexcept {
        return m_column->codes[row];
    }
    [[nodiscard]] std::size_t size() const noexcept {
        return m_column == nullptr ? 0 : m_column->places.size();
    }
    [[nodiscard]] geo::ValueView of_code(std::size_t code) const {
        if (code == 0) return {};
        return tiles::mvt::decode_value(m_values[m_column->places[code]], m_column->field->type);
    }
    [[nodiscard]] geo::ValueView at(std::size_t row) const {
        return m_column == nullptr ? geo::ValueView{} : of_code(code(row));
    }
    [[nodiscard]] std::string text(std::size_t row) const {
        auto const value = at(row);
        auto const* const held = std::get_if<std::string_view>(&value);
        return held == nullptr ? std::string{} : std::string{*held};
    }
    [[nodiscard]] std::optional<double> number(std::size_t row) const {
        auto const value = at(row);
        if (auto const* const held = std::get_if<double>(&value)) return *held;
        if (auto const* const held = std::get_if<std::int64_t>(&value)) return double(*held);
        return std::nullopt;
    }
    /// Which codes stand for a wanted text; everything where nothing is wanted.
    template <class Wanted>
    [[nodiscard]] std::vector<bool> matching(bool any, Wanted const& wanted) const {
        std::vector<bool> codes(std::max<std::size_t>(size(), 1), any);
        for (std::size_t c = 1; !any && c < size(); ++c) {
            auto const value = of_code(c);
            auto const* const held = std::get_if<std::string_view>(&value);
            codes[c] = held != nullptr && wanted(*held);
        }
        return codes;
    }

private:
    tiles::mirror::Column const* m_column = nullptr;
    tiles::Texts m_values;
};

std::int64_t whole(std::optional<double> number) {
    return number ? std::int64_t(*number) : 0;
}

std::optional<int> digits(std::string_view text) {
    int value = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size() || text.empty() || text[0] == '-')
        return std::nullopt;
    return value;
}

geo::Date date_of(std::chrono::sys_days day) {
    return {std::int32_t(day.time_since_epoch().count())};
}

/// First day of a period and of the next one.
std::optional<std::pair<geo::Date, geo::Date>> days_of(std::string_view period) {
    using namespace std::chrono;
    auto const y = period.size() >= 4 ? digits(period.substr(0, 4)) : std::nullopt;
    if (!y || *y < 1900 || *y > 2200) return std::nullopt;
    auto const begin_of = [](year_month month) { return sys_days{month / day{1}}; };
    auto const january = year{*y} / month{1};
    auto const span = [&](sys_days from, sys_days to) {
        return std::pair{date_of(from), date_of(to)};
    };
    if (period.size() == 4) return span(begin_of(january), begin_of(january + years{1}));
    auto const rest = period.substr(5);
    if (period[4] != '-') return std::nullopt;
    if (rest.size() == 2 && rest[0] == 'Q' && rest[1] >= '1' && rest[1] <= '4') {
        auto const first = january + months{3 * (rest[1] - '1')};
        return span(begin_of(first), begin_of(first + months{3}));
    }
    if (rest.size() == 3 && rest[0] == 'W') {
        auto const week = digits(rest.substr(1));
        if (!week || *week < 1 || *week > 53) return std::nullopt;
        // ISO 8601: week 1 holds the fourth of January; weeks begin on Monday.
        auto const fourth = sys_days{january / day{4}};
        auto const monday = fourth - (weekday{fourth} - Monday) + weeks{*week - 1};
        return span(monday, monday + weeks{1});
    }
    auto const m = digits(rest.substr(0, 2));
    if (!m || *m < 1 || *m > 12) return std::nullopt;
    auto const first = year{*y} / month{unsigned(*m)};
    if (rest.size() == 2) return span(begin_of(first), begin_of(first + months{1}));
    auto const d = rest.size() == 5 && rest[2] == '-' ? digits(rest.substr(3)) : std::nullopt;
    auto const date = first / day{unsigned(d.value_or(0))};
    if (!d || !date.ok()) return std::nullopt;
    return span(sys_days{date}, sys_days{date} + days{1});
}

} // namespace

std::optional<geo::Date> first_day(std::string_view period) {
    auto const days = days_of(period);
    return days ? std::optional{days->first} : std::nullopt;
}

std::optional<geo::Date> day_after(std::string_view period) {
    auto const days = days_of(period);
    return days ? std::optional{days->second} : std::nullopt;
}

std::vector<Indicator> read_catalogue(View const& catalogue, geo::Policy const& policy) {
    std::vector<Indicator> found;
    for (auto const& live : catalogue.layer->runs()) {
        tiles::mirror::Visibility const sees{live, policy};
        std::array<std::pair<std::string_view, std::string Indicator::*>, 11> const texts{{
            {"code", &Indicator::code},
            {"sector", &Indicator::sector},
            {"title", &Indicator::title},
            {"title_en", &Indicator::title_en},
            {"unit", &Indicator::unit},
            {"direction", &Indicator::direction},
            {"cadence", &Indicator::cadence},
            {"aggregation", &Indicator::aggregation},
            {"weight", &Indicator::weight},
            {"source", &Indicator::source},
            {"owner", &Indicator::owner},
        }};
        Values const decimals{live, "decimals", policy};
        Values const due{live, "due_days", policy};
        auto const first = found.size();
        std::vector<std::uint32_t> rows;
        for (std::uint32_t row = 0; row < live.run->size(); ++row) {
            if (!sees(row)) continue;
            rows.push_back(row);
            auto& indicator = found.emplace_back();
            indicator.fid = live.run->fids[row];
            indicator.decimals = whole(decimals.number(row));
            indicator.due_days = whole(due.number(row));
        }
        for (auto const& [name, member] : texts) {
            Values const values{live, name, policy};
            for (std::size_t i = 0; i < rows.size(); ++i)
                found[first + i].*member = values.text(rows[i]);
        }
    }
    std::erase_if(found, [](Indicator const& indicator) { return indicator.code.empty(); });
    std::ranges::sort(found, {}, &Indicator::code);
    return found;
}

std::optional<Indicator> find_indicator(View const& catalogue, std::string_view code,
                                        geo::Policy const& policy) {
    for (auto& indicator : read_catalogue(catalogue, policy))
        if (indicator.code == code) return std::move(indicator);
    return std::nullopt;
}

std::vector<IndicatorRow> read_rows(View const& indicators, IndicatorChoice const& choice,
                                    geo::Policy const& policy) {
    std::vector<IndicatorRow> found;
    for (auto const& live : indicators.layer->runs()) {
        tiles::mirror::Visibility const sees{live, policy};
        Values const code{live, "code", policy};
        Values const place{live, "place_code", policy};
        Values const period{live, "period", policy};
        Values const value{live, "value", policy};
        if (!code || !place || !period || !value) continue;
        auto const codes = code.matching(
            choice.code.empty(), [&](std::string_view text) { return text == choice.code; });
        auto const periods = period.matching(
            choice.period.empty(), [&](std::string_view text) { return text == choice.period; });
        auto const places = place.matching(choice.places.empty(), [&](std::string_view text) {
            return std::ranges::find(choice.places, text) != choice.places.end();
        });
        Values const name{live, "place_name", policy};
        Values const within{live, "within", policy};
        Values const on{live, "place_on", policy};
        Values const target{live, "target", policy};
        for (std::uint32_t row = 0; row < live.run->size(); ++row) {
            if (!codes[code.code(row)] || !periods[period.code(row)] || !places[place.code(row)] ||
                !sees(row))
                continue;
            auto const number = value.number(row);
            if (!number) continue;
            IndicatorRow made{live.run->fids[row], code.text(row),   place.text(row),
                              name.text(row),      within.text(row), {},
                              period.text(row),    *number,          target.number(row)};
            auto const day = on.at(row);
            if (auto const* const date = std::get_if<geo::Date>(&day))
                made.place_on = *date;
            else
                made.place_on = first_day(made.period).value_or(geo::Date{});
            found.push_back(std::move(made));
        }
    }
    return found;
}

std::map<std::string, std::set<std::string>> read_periods(View const& indicators,
                                                          geo::Policy const& policy) {
    std::map<std::string, std::set<std::string>> found;
    for (auto const& live : indicators.layer->runs()) {
        tiles::mirror::Visibility const sees{live, policy};
        Values const code{live, "code", policy};
        Values const period{live, "period", policy};
        if (!code || !period) continue;
        auto const periods = std::max<std::size_t>(period.size(), 1);
        std::vector<bool> seen(std::max<std::size_t>(code.size(), 1) * periods);
        for (std::uint32_t row = 0; row < live.run->size(); ++row)
            if (sees(row)) seen[code.code(row) * periods + period.code(row)] = true;
        for (std::size_t at = 0; at < seen.size(); ++at) {
            if (!seen[at]) continue;
            auto const c = code.of_code(at / periods);
            auto const p = period.of_code(at % periods);
            auto const* const name = std::get_if<std::string_view>(&c);
            auto const* const text = std::get_if<std::string_view>(&p);
            if (name != nullptr && text != nullptr) found[std::string{*name}].emplace(*text);
        }
    }
    return found;
}

} // namespace diaban::services::domain
