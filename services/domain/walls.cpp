#include "services/domain/walls.hpp"

#include "geo/error.hpp"
#include "services/domain/column_values.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace diaban::services::domain {

namespace {

using Columns = std::span<ColumnValues const>;
using nlohmann::json;

constexpr std::size_t most_zones = 64;
constexpr std::size_t most_layers = 40;
constexpr std::size_t most_text = 400; // bytes
constexpr double most_zoom = 21;

std::int32_t whole(ColumnValues const& column, std::size_t row) {
    return static_cast<std::int32_t>(column.number(row).value_or(0));
}

[[noreturn]] void refuse(std::string const& where, json const& value, std::string accepted) {
    throw geo::Error{
        geo::Code::bad_input,
        "wall-content",
        {{"parameter", where},
         {"value", value.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 64)},
         {"accepted", std::move(accepted)}}};
}

json const& member(json const& object, char const* name) {
    static json const none;
    auto const at = object.find(name);
    return at == object.end() ? none : *at;
}

bool is_text(json const& value, std::size_t least) {
    if (!value.is_string()) return false;
    auto const& text = value.get_ref<std::string const&>();
    return text.size() >= least && text.size() <= most_text;
}

bool is_number(json const& value, double least, double most) {
    return value.is_number() && value.get<double>() >= least && value.get<double>() <= most;
}

/// `[1, 3]`, from 1 to `most`.
std::pair<std::int32_t, std::int32_t> span_in(json const& zone, char const* name,
                                              std::string const& where, std::int32_t most) {
    auto const& span = member(zone, name);
    bool const two = span.is_array() && span.size() == 2 && span[0].is_number_integer() &&
                     span[1].is_number_integer();
    if (!two || !is_number(span[0], 1, most) || !is_number(span[1], 1, most) || span[0] > span[1])
        refuse(where + "/" + name, span, fmt::format("[1, {}]", most));
    return {span[0].get<std::int32_t>(), span[1].get<std::int32_t>()};
}

void check_map(json const& zone, std::string const& where) {
    auto const& centre = member(zone, "centre");
    if (!centre.is_array() || centre.size() != 2 || !is_number(centre[0], -180, 180) ||
        !is_number(centre[1], -85, 85))
        refuse(where + "/centre", centre, "[105.9, 18.34]");
    auto const& zoom = member(zone, "zoom");
    if (!is_number(zoom, 0, most_zoom)) refuse(where + "/zoom", zoom, "0..21");
    auto const& layers = member(zone, "layers");
    if (layers.is_null()) return;
    if (!layers.is_array() || layers.size() > most_layers ||
        !std::all_of(layers.begin(), layers.end(), [](json const& one) { return is_text(one, 1); }))
        refuse(where + "/layers", layers, "[\"places\", …]");
}

void check_zone(json const& zone, std::string const& where) {
    auto const& kind = member(zone, "kind");
    auto const needs = [&](char const* name) {
        if (!is_text(member(zone, name), 1)) refuse(where + "/" + name, member(zone, name), "text");
    };
    if (kind == "map") return check_map(zone, where);
    if (kind == "indicator") return needs("indicator");
    if (kind == "text") return needs("text");
    if (kind == "clock") return;
    if (kind != "list") refuse(where + "/kind", kind, "map, indicator, list, clock, text");
    needs("collection");
    for (auto const* const name : {"filter", "sort"})
        if (zone.contains(name)) needs(name);
}

} // namespace

std::vector<Wall> read_walls(View const& walls, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 9> names{
        "number",       "title", "screen_rows", "screen_columns", "pixel_width",
        "pixel_height", "pitch", "gap_across",  "gap_down"};
    std::vector<Wall> found;
    for_each_row(walls, policy, names, [&](std::int64_t fid, Columns at, std::size_t row) {
        found.push_back({fid, whole(at[0], row), at[1].text(row), whole(at[2], row),
                         whole(at[3], row), whole(at[4], row), whole(at[5], row),
                         at[6].number(row).value_or(1), at[7].number(row).value_or(0),
                         at[8].number(row).value_or(0)});
    });
    std::ranges::sort(found, {}, &Wall::number);
    return found;
}

std::vector<WallScene> read_wall_scenes(View const& scenes, geo::Policy const& policy,
                                        std::int32_t wall) {
    static constexpr std::array<std::string_view, 6> names{"wall",     "position", "title",
                                                           "title_en", "seconds",  "content"};
    std::vector<WallScene> found;
    for_each_row(scenes, policy, names, [&](std::int64_t fid, Columns at, std::size_t row) {
        if (whole(at[0], row) != wall) return;
        auto& scene = found.emplace_back(
            WallScene{fid, whole(at[1], row), at[2].text(row), at[3].text(row), {}, {}});
        if (at[4].number(row)) scene.seconds = whole(at[4], row);
        scene.content = at[5].text(row);
    });
    std::ranges::sort(found, {}, [](WallScene const& one) {
        return std::tuple{one.position, one.fid};
    });
    return found;
}

std::optional<std::pair<std::int32_t, std::int32_t>> read_span(std::string_view text,
                                                               std::int32_t most) noexcept {
    auto const number = [&](std::string_view part) -> std::int32_t {
        std::int32_t value = 0;
        auto const [end, fault] = std::from_chars(part.data(), part.data() + part.size(), value);
        return fault == std::errc{} && end == part.data() + part.size() && part.front() != '-'
                   ? value
                   : 0;
    };
    auto const dash = text.find('-');
    auto const first = number(text.substr(0, dash));
    auto const last = dash == std::string_view::npos ? first : number(text.substr(dash + 1));
    if (first < 1 || last < first || last > most) return std::nullopt;
    return std::pair{first, last};
}

std::optional<std::string> read_wall_cell(std::string_view text, Wall const& wall) {
    auto const slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    auto const row = read_span(text.substr(0, slash), wall.rows);
    auto const column = read_span(text.substr(slash + 1), wall.columns);
    if (!row || !column || row->first != row->second || column->first != column->second)
        return std::nullopt;
    return fmt::format("{}/{}", row->first, column->first);
}

void check_wall_content(json const& content, Wall const& wall) {
    auto const& zones = content.is_object() ? member(content, "zones") : content;
    if (!content.is_object() || !zones.is_array() || zones.size() > most_zones)
        refuse("/zones", zones, "[{rows, columns, kind, …}, …]");
    auto const& exercise = member(content, "exercise");
    if (!exercise.is_null() && !exercise.is_boolean()) refuse("/exercise", exercise, "true, false");
    std::vector<bool> taken(static_cast<std::size_t>(wall.rows) *
                            static_cast<std::size_t>(wall.columns));
    for (std::size_t i = 0; i < zones.size(); ++i) {
        auto const& zone = zones[i];
        auto const where = fmt::format("/zones/{}", i);
        if (!zone.is_object()) refuse(where, zone, "{rows, columns, kind, …}");
        auto const rows = span_in(zone, "rows", where, wall.rows);
        auto const columns = span_in(zone, "columns", where, wall.columns);
        for (auto row = rows.first; row <= rows.second; ++row)
            for (auto column = columns.first; column <= columns.second; ++column) {
                auto const cell = static_cast<std::size_t>((row - 1) * wall.columns + column - 1);
                if (taken[cell])
                    refuse(where, json(fmt::format("{}/{}", row, column)),
                           "a cell of no other zone");
                taken[cell] = true;
            }
        check_zone(zone, where);
    }
}

} // namespace diaban::services::domain
