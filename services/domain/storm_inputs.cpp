#include "services/domain/storm_inputs.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "services/domain/process_inputs.hpp"
#include "services/domain/record_rows.hpp"
#include "services/domain/time_fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace diaban::services::domain {

namespace {

using geo::hazard::Fix;
using geo::hazard::WindLevel;

constexpr std::size_t most_fixes = 40;
constexpr std::size_t most_collections = 20;
constexpr double longest_step = 48; // hours between fixes
constexpr std::array<std::string_view, 12> known{
    "bulletin", "fixes", "swath",        "level",      "wind_factor", "b",
    "radius",   "share", "outer_radius", "outer_wind", "cone",        "collections"};
constexpr std::array<std::string_view, 4> fix_known{"at", "lon", "lat", "wind_ms"};
constexpr std::array usual{"facilities", "cameras"};
constexpr char fixes_accepted[] = R"(2 to 40 of {"at", "lon", "lat", "wind_ms"}, by time)";

Fix read_fix(Json const& one) {
    if (!one.is_object()) refuse_input("fixes", one.dump(), fixes_accepted);
    check_input_names(one, fix_known);
    auto const text = text_input(one, "at", "an instant (RFC 3339)");
    auto const at = geo::codec::read_instant(text);
    if (!at) refuse_input("at", text, "an instant (RFC 3339)");
    auto const lon = number_input(one, "lon", -180, 180);
    auto const lat = number_input(one, "lat", -60, 60);
    auto const wind = number_input(one, "wind_ms", 0, 120);
    if (!lon || !lat || !wind) refuse_input("fixes", one.dump(), fixes_accepted);
    return {*at, {*lon, *lat}, *wind};
}

std::vector<Fix> read_fixes(Json const& list) {
    if (!list.is_array() || list.size() < 2 || list.size() > most_fixes)
        refuse_input("fixes", list.dump(), fixes_accepted);
    std::vector<Fix> fixes;
    for (auto const& one : list) {
        fixes.push_back(read_fix(one));
        if (fixes.size() < 2) continue;
        double const hours =
            geo::hazard::seconds_between(fixes[fixes.size() - 2].at, fixes.back().at) / 3600;
        if (hours <= 0 || hours > longest_step)
            refuse_input("fixes", one.dump(), "at: later than the one before, by 48 h at most");
    }
    return fixes;
}

std::vector<double> read_cone(Json const& list) {
    if (!list.is_array() || list.size() > most_fixes)
        refuse_input("cone", list.dump(), "a radius in metres for each fix");
    std::vector<double> radii;
    for (auto const& one : list) {
        double const radius = one.is_number() ? one.get<double>() : -1;
        if (!(radius >= 0 && radius <= 1'500'000))
            refuse_input("cone", one.dump(), "0 … 1500000 m");
        radii.push_back(radius);
    }
    return radii;
}

std::vector<std::string> read_collections(Json const& inputs) {
    auto const list = inputs.find("collections");
    if (list == inputs.end()) return {usual.begin(), usual.end()};
    if (!list->is_array() || list->size() > most_collections)
        refuse_input("collections", list->dump(), "a list of 20 ids at most");
    std::vector<std::string> ids;
    for (auto const& one : *list) {
        if (!one.is_string()) refuse_input("collections", one.dump(), "ids");
        ids.push_back(one.get<std::string>());
    }
    return ids;
}

/// The middle of the winds that levels have; of the highest, what it begins with.
double wind_of(std::vector<WindLevel> const& scale, std::int64_t from, std::int64_t until) {
    double least = 0;
    double most = 0;
    for (auto const& one : scale) {
        if (one.level == from) least = one.from;
        if (one.level == until) most = std::max(most, one.from);
        if (one.level == until + 1) most = one.from;
    }
    return (least + most) / 2;
}

} // namespace

StormInputs read_storm_inputs(Json const& inputs) {
    check_input_names(inputs, known);
    StormInputs read;
    bool const drawn = inputs.contains("fixes");
    if (drawn == inputs.contains("bulletin"))
        refuse_input("bulletin", "", "the key of a confirmed bulletin, or else fixes");
    if (drawn)
        read.fixes = read_fixes(inputs["fixes"]);
    else
        read.bulletin = text_input(inputs, "bulletin", "the key of a confirmed bulletin");
    read.swath = number_input(inputs, "swath", read.swath, 1000, 300'000);
    read.level = int(number_input(inputs, "level", read.level, 6, 17));
    read.wind_factor = number_input(inputs, "wind_factor", 1, 0.5, 1.5);
    read.shape.b = number_input(inputs, "b", read.shape.b, 1, 2.5);
    read.shape.radius = number_input(inputs, "radius", 5000, 200'000);
    read.shape.share = number_input(inputs, "share", read.shape.share, 0, 1);
    read.shape.outer_radius = number_input(inputs, "outer_radius", 0, 0, 1'000'000);
    read.shape.outer_wind = number_input(inputs, "outer_wind", read.shape.outer_wind, 5, 50);
    if (inputs.contains("cone")) read.cone = read_cone(inputs["cone"]);
    if (drawn && !read.cone.empty() && read.cone.size() != read.fixes.size())
        refuse_input("cone", inputs["cone"].dump(), "a radius in metres for each fix");
    read.collections = read_collections(inputs);
    return read;
}

Json described_storm_inputs() {
    auto const number = [](double least, double most) {
        return Json{{"type", "number"}, {"minimum", least}, {"maximum", most}};
    };
    return {
        {"bulletin", described_input("Key of a confirmed bulletin", {{"type", "string"}})},
        {"fixes", described_input("Instead of a bulletin: centres by time, with the mean wind",
                                  {{"type", "array"}, {"items", {{"type", "object"}}}})},
        {"swath", described_input("Metres beside the track that are counted; else 40000",
                                  number(1000, 300'000))},
        {"level", described_input("Wind level whose arrival is told; else 8", number(6, 17))},
        {"wind_factor",
         described_input("Turns the storm's mean winds into those of the scale's period; else 1",
                         number(0.5, 1.5))},
        {"b", described_input("Holland's B; else 1.75", number(1, 2.5))},
        {"radius", described_input("Metres to the highest wind; else by strength and latitude "
                                   "(Willoughby et al. 2006)",
                                   number(5000, 200'000))},
        {"share",
         described_input("Of the movement that adds to the wind; else 0.55", number(0, 1))},
        {"outer_radius",
         described_input("Metres where outer_wind blows; else not known", number(0, 1'000'000))},
        {"outer_wind", described_input("m/s at outer_radius; else 17", number(5, 50))},
        {"cone", described_input("Metres by which each centre may be off",
                                 {{"type", "array"}, {"items", {{"type", "number"}}}})},
        {"collections",
         described_input("What is counted beside people; else facilities and cameras",
                         {{"type", "array"}, {"items", {{"type", "string"}}}})}};
}

std::vector<std::string> storm_collections(StormInputs const& inputs) {
    std::vector<std::string> names;
    if (!inputs.bulletin.empty()) names.emplace_back("storm_fixes");
    names.emplace_back("wind_levels");
    names.emplace_back("places");
    names.insert(names.end(), inputs.collections.begin(), inputs.collections.end());
    return names;
}

std::vector<WindLevel> scale_of(Work const& work) {
    std::vector<WindLevel> all;
    RecordRows{work}.each("wind_levels", [&](geo::RowView const&, auto const& value) {
        all.push_back({int(held<std::int64_t>(value("level"))), held<double>(value("from_ms")),
                       std::string{held<std::string_view>(value("kind"))},
                       held<geo::Date>(value("since"))});
    });
    auto scale = geo::hazard::in_force<WindLevel>(all, local_today());
    std::ranges::sort(scale, {}, &WindLevel::level);
    return scale;
}

std::vector<Fix> fixes_of_bulletin(Work const& work, std::string_view key,
                                   std::vector<WindLevel> const& scale) {
    std::vector<Fix> fixes;
    geo::Geometry shape;
    RecordRows{work}.each("storm_fixes", [&](geo::RowView const& row, auto const& value) {
        if (held<std::string_view>(value("bulletin")) != key || row.wkb.empty()) return;
        geo::codec::read_wkb(row.wkb, shape);
        fixes.push_back({held<geo::Instant>(value("at")), shape.positions.front(),
                         wind_of(scale, held<std::int64_t>(value("level_from")),
                                 held<std::int64_t>(value("level_until")))});
    });
    if (fixes.empty())
        throw geo::Error{
            geo::Code::not_found, "no-bulletin", {{"value", std::string{key.substr(0, 64)}}}};
    std::ranges::sort(fixes, {}, &Fix::at);
    return fixes;
}

} // namespace diaban::services::domain
