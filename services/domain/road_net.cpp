#include "services/domain/road_net.hpp"

#include "geo/codec/wkb.hpp"
#include "geo/filter/fold.hpp"
#include "geo/ops/overlay.hpp"
#include "geo/route/loose_ends.hpp"
#include "services/domain/record_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace diaban::services::domain {

namespace {

using geo::Geometry;
using geo::GeometryKind;
using geo::route::Footing;
using geo::route::Passage;

/// Metres between positions of a road at most: places and shelters join it at one of them.
constexpr double step = 200;
/// km/h on a dry road, outside towns for the upper classes; 0: nobody drives there.
constexpr float other_speed = 30;
struct UsualSpeed {
    std::string_view kind;
    float speed;
};
constexpr std::array usual_speeds{
    UsualSpeed{"motorway", 80},    UsualSpeed{"national", 60},   UsualSpeed{"trunk", 60},
    UsualSpeed{"primary", 60},     UsualSpeed{"provincial", 50}, UsualSpeed{"secondary", 50},
    UsualSpeed{"arterial", 40},    UsualSpeed{"tertiary", 40},   UsualSpeed{"local", 30},
    UsualSpeed{"residential", 25}, UsualSpeed{"rural", 20},      UsualSpeed{"track", 10},
    UsualSpeed{"railway", 0},      UsualSpeed{"footway", 0},     UsualSpeed{"steps", 0}};
constexpr std::array<std::string_view, 3> ford_words{"cầu tràn", "ngầm tràn", "đường tràn"};
constexpr std::string_view ford_begin = "ngầm";

std::optional<double> number(geo::ValueView const& value) {
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return double(*whole);
    if (auto const* const real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
}

std::string text(geo::ValueView const& value) {
    return std::string{held<std::string_view>(value)};
}

/// yes, true, 1, any other word but no; -1 gives -1.
int flag(geo::ValueView const& value) {
    if (auto const* const truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
    if (auto const given = number(value)) return *given < 0 ? -1 : *given > 0 ? 1 : 0;
    auto const word = held<std::string_view>(value);
    if (word.empty() || word == "no" || word == "false" || word == "0") return 0;
    return word == "-1" || word == "reverse" ? -1 : 1;
}

template <class Value>
Footing footing_of(Value const& value, std::string_view kind, std::string_view name) {
    if (flag(value("ford")) != 0 || kind == "ford") return Footing::ford;
    std::string lower;
    geo::filter::lower_case(name, lower);
    if (lower.starts_with(ford_begin)) return Footing::ford;
    for (auto const word : ford_words)
        if (lower.find(word) != std::string::npos) return Footing::ford;
    return flag(value("bridge")) != 0 || kind == "bridge" ? Footing::bridge : Footing::ground;
}

float speed_of(CutOffInputs const& inputs, std::string_view kind) {
    if (auto const given = inputs.speeds.find(kind); given != inputs.speeds.end())
        return float(given->second);
    auto const* const usual = std::ranges::find(usual_speeds, kind, &UsualSpeed::kind);
    return usual == usual_speeds.end() ? other_speed : usual->speed;
}

Passage passage_of(int oneway) {
    if (oneway == 0) return Passage::both;
    return oneway > 0 ? Passage::forward : Passage::backward;
}

/// Calls `visit(shape, row, value)` for rows with a geometry that are so at that instant.
template <class Visit>
void each_now(RecordRows const& rows, std::string const& id, std::int64_t now, Visit const& visit) {
    geo::Period const moment{now, now};
    Geometry shape;
    rows.each(id, [&](geo::RowView const& row, auto const& value) {
        if (row.wkb.empty() || !row.period.meets(moment)) return;
        geo::codec::read_wkb(row.wkb, shape);
        if (!shape.empty()) visit(shape, row, value);
    });
}

using RoadNumbers = std::map<std::string, std::uint32_t>; ///< by value of the road's field

void read_net(RecordRows const& rows, std::string const& id, CutOffInputs const& inputs,
              std::int64_t now, RoadNumbers& numbers, RoadNet& net) {
    auto const collection = rows.registry().find(id);
    auto const& schema = collection ? collection->schema : geo::Schema{};
    auto const label = schema.label_field.empty() ? "name" : schema.label_field;
    each_now(rows, id, now, [&](Geometry const& shape, auto const& row, auto const& value) {
        if (shape.kind != GeometryKind::line) return;
        auto const kind = text(value(schema.class_field));
        float const speed = speed_of(inputs, kind);
        if (!(speed > 0)) return;
        auto const name = text(value(label));
        auto road = std::uint32_t(net.names.size());
        auto const together =
            inputs.road_field.empty() ? std::string{} : text(value(inputs.road_field));
        if (!together.empty()) road = numbers.emplace(together, road).first->second;
        if (road == net.names.size()) net.names.push_back(together.empty() ? name : together);
        auto const footing = footing_of(value, kind, name);
        auto const deck = number(value("deck_m"));
        for (std::size_t path = 0; path < shape.path_ends.size(); ++path) {
            net.lines.add(geo::route::in_steps(shape.path(path), step), speed,
                          passage_of(flag(value("oneway"))));
            net.footings.kinds.push_back(footing);
            net.footings.decks.push_back(deck ? float(*deck) : geo::route::RoadFootings::no_deck);
            net.fids.push_back(row.fid);
            net.roads.push_back(road);
        }
    });
}

/// Links lie on the ground and belong to the road that they lengthen.
void join_ends(RoadNet& net, double gap) {
    for (auto const line : geo::route::join_loose_ends(net.lines, gap)) {
        net.footings.kinds.push_back(Footing::ground);
        net.footings.decks.push_back(geo::route::RoadFootings::no_deck);
        net.fids.push_back(net.fids[line]);
        net.roads.push_back(net.roads[line]);
        ++net.links;
    }
}

geo::Position inside(Geometry const& shape) {
    if (shape.kind == GeometryKind::polygon)
        if (auto const found = geo::ops::point_inside(shape)) return *found;
    return shape.positions.front();
}

} // namespace

RoadNet read_roads(Work const& work, CutOffInputs const& inputs, std::int64_t now) {
    RecordRows const rows{work};
    RoadNet net;
    RoadNumbers numbers;
    for (auto const& id : inputs.roads) read_net(rows, id, inputs, now, numbers, net);
    if (inputs.gap > 0) join_ends(net, inputs.gap);
    return net;
}

std::vector<PeopledPlace> read_peopled(Work const& work, CutOffInputs const& inputs,
                                       std::int64_t now) {
    std::map<std::string, std::vector<PeopledPlace>, std::less<>> by_level;
    each_now(RecordRows{work}, inputs.units, now,
             [&](Geometry const& shape, auto const& row, auto const& value) {
                 auto const people = number(value("population"));
                 auto const level = text(value("level"));
                 bool const wanted = inputs.level.empty()
                                         ? level.empty() || level == "hamlet" || level == "commune"
                                         : level == inputs.level;
                 if (!wanted || !people || *people <= 0) return;
                 auto name = text(value("full_name"));
                 if (name.empty()) name = text(value("name"));
                 by_level[level].push_back({row.fid, text(value("code")), std::move(name),
                                            std::int64_t(std::llround(*people)), inside(shape)});
             });
    for (std::string_view const level : {std::string_view{inputs.level}, std::string_view{"hamlet"},
                                         std::string_view{"commune"}, std::string_view{}}) {
        auto const found = by_level.find(level);
        if (found == by_level.end()) continue;
        std::ranges::sort(found->second, {},
                          [](PeopledPlace const& one) { return std::tie(one.code, one.fid); });
        return std::move(found->second);
    }
    return {};
}

std::vector<Shelter> read_shelters(Work const& work, CutOffInputs const& inputs, std::int64_t now) {
    auto const& wanted = inputs.shelters;
    std::vector<Shelter> found;
    each_now(RecordRows{work}, wanted.collection, now,
             [&](Geometry const& shape, auto const& row, auto const& value) {
                 auto kind = text(value("kind"));
                 if (std::ranges::find(wanted.kinds, kind) == wanted.kinds.end()) return;
                 auto const capacity = number(value("capacity"));
                 if (capacity.value_or(wanted.capacity) < wanted.capacity) return;
                 Shelter one{row.fid, text(value("name")), std::move(kind), {}, inside(shape)};
                 if (capacity) one.capacity = std::int64_t(std::llround(std::max(0.0, *capacity)));
                 found.push_back(std::move(one));
             });
    std::ranges::sort(found, {}, &Shelter::fid);
    return found;
}

} // namespace diaban::services::domain
