#include "services/domain/indicator_items.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace diaban::services::domain {

namespace {

using nlohmann::json;

constexpr std::size_t most_items = 10'000;
constexpr std::size_t most_faults = 100;

/// What stands there; null where nothing does, or the pointer is none.
json const* find_at(json const& in, std::string const& pointer) {
    try {
        json::json_pointer const where{pointer};
        return in.contains(where) ? &in.at(where) : nullptr;
    } catch (json::exception const&) {
        return nullptr;
    }
}

std::string text_of(json const* value) {
    if (value == nullptr || value->is_null()) return {};
    return value->is_string() ? value->get<std::string>() : value->dump();
}

std::optional<double> number_of(json const* value) {
    if (value == nullptr) return std::nullopt;
    if (value->is_number()) {
        auto const number = value->get<double>();
        return std::isfinite(number) ? std::optional{number} : std::nullopt;
    }
    auto const text = text_of(value);
    double number = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

class ItemReader {
public:
    ItemReader(UnitLists const& lists, Indicator const& indicator, ItemMapping const& mapping,
               SeesUnit const& sees, geo::Date today)
        : m_lists{lists}, m_indicator{indicator}, m_mapping{mapping}, m_sees{sees}, m_today{today} {
    }

    ItemReading read(json const& body) {
        auto const* const list =
            m_mapping.list_at.empty() ? &body : find_at(body, m_mapping.list_at);
        if (list == nullptr || !list->is_array() || list->size() > most_items) {
            note(m_mapping.list_at, "form-cell",
                 {{"value", list == nullptr ? "null" : list->type_name()},
                  {"accepted", fmt::format("[…], 0..{}", most_items)}});
            return std::move(m_reading);
        }
        for (std::size_t i = 0; i < list->size() && m_reading.faults.size() < most_faults; ++i)
            read_item((*list)[i], fmt::format("{}/{}", m_mapping.list_at, i));
        return std::move(m_reading);
    }

private:
    void note(std::string pointer, std::string type, geo::Error::Parameters parameters) {
        m_reading.faults.push_back({std::move(pointer), std::move(type), std::move(parameters)});
    }

    /// The text that the mapping means, and where it stands.
    [[nodiscard]] std::pair<std::string, std::string>
    given(json const& item, std::string const& pointer, std::string const& mapped) const {
        if (!mapped.starts_with('/')) return {mapped, pointer};
        return {text_of(find_at(item, mapped)), pointer + mapped};
    }

    /// The form of a period; null where it is none that this indicator has.
    FormReading* form_of(std::string const& period, std::string const& pointer) {
        if (auto const found = m_reading.forms.find(period); found != m_reading.forms.end())
            return &found->second;
        FormReading form;
        form.question.owner = m_indicator.owner;
        form.question.period = period;
        try {
            form.indicators = form_indicators(std::array{m_indicator}, form.question, m_today);
        } catch (geo::Error const& error) {
            note(pointer, error.type(), error.parameters());
            return nullptr;
        }
        form.question.on = std::min(geo::Date{day_after(period)->days - 1}, m_today);
        return &m_reading.forms.emplace(period, std::move(form)).first->second;
    }

    void read_item(json const& item, std::string const& pointer) {
        auto const [period, period_pointer] = given(item, pointer, m_mapping.period_at);
        auto* const form = form_of(period, period_pointer);
        if (form == nullptr) return;
        auto const [code, code_pointer] = given(item, pointer, m_mapping.place_at);
        auto const vintage = m_lists.vintage_of(form->question.on);
        auto const unit = m_lists.find(vintage, code);
        if (!unit || !m_sees(m_lists.units(vintage)[*unit]))
            return note(code_pointer, "form-unit", {{"value", code}});
        if (!m_met.emplace(period, *unit).second)
            return note(code_pointer, "form-again", {{"value", code}});
        auto const value = number_of(find_at(item, m_mapping.value_at));
        if (!value)
            return note(pointer + m_mapping.value_at, "form-number",
                        {{"value", text_of(find_at(item, m_mapping.value_at))}});
        if (auto fault = fault_of_value(m_indicator, *value))
            return note(pointer + m_mapping.value_at, std::move(fault->first),
                        std::move(fault->second));
        form->values.push_back({0, *unit, *value});
    }

    UnitLists const& m_lists;
    Indicator const& m_indicator;
    ItemMapping const& m_mapping;
    SeesUnit const& m_sees;
    geo::Date m_today;
    std::set<std::pair<std::string, std::uint32_t>> m_met;
    ItemReading m_reading;
};

} // namespace

ItemReading read_items(UnitLists const& lists, Indicator const& indicator,
                       ItemMapping const& mapping, nlohmann::json const& body, SeesUnit const& sees,
                       geo::Date today) {
    return ItemReader{lists, indicator, mapping, sees, today}.read(body);
}

} // namespace diaban::services::domain
