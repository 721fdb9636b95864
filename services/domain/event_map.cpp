#include "services/domain/event_map.hpp"

#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "services/domain/local_clock.hpp"
#include "services/domain/place_index.hpp"
#include "services/domain/time_fields.hpp"
#include "tiles/mirror/row_geometry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::services::domain {

namespace {

using print::SituationMap;
using print::Symbol;

constexpr double least_metres = 2000;
constexpr double pad = 0.06;          // of the longer side, around everything
constexpr double edge_of_zones = 108; // degrees east, between UTM 48 and 49
constexpr double metres_a_degree = 111'320;
constexpr std::size_t most_communes = 400;
constexpr std::uint32_t rows_a_page = 10'000;

struct Say {
    bool english;
    std::string operator()(char const* vi, char const* en) const { return english ? en : vi; }
};

/// Whether one of the event's calls waits for the team that was sent.
bool sent(EventRecord const& record, EventTeam const& team) {
    return record.calls && std::ranges::any_of(*record.calls, [&](EventCall const& one) {
               return one.state == "assigned" && one.team == team.fid;
           });
}

/// EPSG:4326 box of what happens; empty where nothing has a place.
geo::Box box_of(EventRecord const& record) {
    geo::Box box = record.area.box();
    if (record.calls)
        for (auto const& one : *record.calls)
            if (one.place) box.extend(*one.place);
    if (!record.teams) return box;
    bool const only_teams = box.empty();
    for (auto const& one : *record.teams)
        if (one.place && (only_teams || sent(record, one))) box.extend(*one.place);
    return box;
}

/// The box of the plane that is shown, and how it is reached.
struct Plane {
    int srid;
    geo::Transform change;
    geo::Box extent;  ///< metres
    geo::Box degrees; ///< around it, with what the frame shows beside it
};

Plane plane_of(geo::Box const& box) {
    int const srid = (box.min_x + box.max_x) / 2 < edge_of_zones ? 3405 : 3406;
    auto change = geo::Transform::between(4326, srid);
    auto extent = geo::box_after(change, box, 8);
    double const longer =
        std::max({extent.max_x - extent.min_x, extent.max_y - extent.min_y, least_metres});
    double const around = longer * pad;
    double const x = std::max(0.0, least_metres - (extent.max_x - extent.min_x)) / 2 + around;
    double const y = std::max(0.0, least_metres - (extent.max_y - extent.min_y)) / 2 + around;
    extent = {extent.min_x - x, extent.min_y - y, extent.max_x + x, extent.max_y + y};
    double const beside = longer * 1.5 / metres_a_degree; // the scale is rounded up to 2.5 times
    return {srid,
            std::move(change),
            extent,
            {box.min_x - beside, box.min_y - beside, box.max_x + beside, box.max_y + beside}};
}

/// The zoom whose pixels are about as fine as a third of a point of paper.
std::uint32_t zoom_of(geo::Box const& extent) {
    double const metres = std::max(extent.max_x - extent.min_x, extent.max_y - extent.min_y);
    double const pixel = metres / 1500;
    return std::uint32_t(std::clamp(std::log2(156'543 / pixel), 5.0, 16.0));
}

geo::Geometry outline_of(View const& places, std::int64_t fid, std::uint32_t zoom) {
    geo::Geometry outline;
    auto const at = places.layer->find(fid);
    if (!at || at->row >= at->run->located()) return outline;
    if (at->run->first_zooms.empty())
        tiles::mirror::read_geometry(*at->run, at->row, outline);
    else
        tiles::mirror::read_geometry_at(*at->run, at->row, zoom, outline);
    return outline;
}

std::vector<data::model::Place const*> units_in(View const& places, std::string_view level,
                                                geo::Date day, geo::Box const& box,
                                                geo::Policy const& policy) {
    std::vector<data::model::Place const*> found;
    for (auto const& entry : places.places->entries())
        if (entry.place.level == level && entry.place.box.intersects(box) &&
            existed(entry.place, day) && policy.sees(entry.scope, entry.sensitivity))
            found.push_back(&entry.place);
    return found;
}

void add_units(SituationMap& map, Atlas const& atlas, Plane const& plane, geo::Instant at,
               geo::Policy const& policy) {
    auto const view = atlas.view("places");
    if (!view->places) return;
    auto const day = local_day(at);
    auto units = units_in(*view, "commune", day, plane.degrees, policy);
    if (units.size() > most_communes)
        units = units_in(*view, "province", day, plane.degrees, policy);
    auto const zoom = zoom_of(plane.extent);
    for (auto const* const unit : units) {
        auto outline = outline_of(*view, unit->fid, zoom);
        if (outline.empty() || !unit->centre) continue;
        SituationMap::Unit drawn{std::move(outline), unit->name, *unit->centre};
        plane.change.apply(drawn.outline.positions);
        plane.change.apply({&drawn.label, 1});
        map.units.push_back(std::move(drawn));
    }
}

void add_mark(SituationMap& map, Plane const& plane, std::optional<geo::Position> place,
              Symbol symbol, std::string figure = {}) {
    if (!place) return;
    plane.change.apply({&*place, 1});
    map.marks.push_back({*place, symbol, std::move(figure)});
}

/// Whether all shelters are there.
bool add_shelters(SituationMap& map, Atlas const& atlas, data::postgis::PastStore const& past,
                  Plane const& plane, geo::Instant at, geo::Policy const& policy) {
    auto const view = atlas.view("facilities");
    auto const fields = data::model::visible(view->collection.schema, policy).fields;
    auto const kind =
        std::size_t(std::ranges::find(fields, "kind", &geo::Field::name) - fields.begin());
    try {
        std::int64_t after = 0;
        for (bool more = true; more;) {
            auto const page = past.page(view->collection, {.recorded = at, .valid = {}},
                                        {plane.degrees}, after, rows_a_page, policy);
            for (auto const& one : page.features)
                if (kind < one.values.size() &&
                    one.values[kind] == geo::Value{std::string{"shelter"}} && !one.geometry.empty())
                    add_mark(map, plane, one.geometry.positions.front(), Symbol::shelter);
            more = page.more && !page.features.empty();
            if (more) after = page.features.back().fid;
        }
        return true;
    } catch (geo::Error const& error) {
        if (error.code() != geo::Code::too_large) throw;
        return false;
    }
}

std::optional<Symbol> call_symbol(std::string const& state) {
    if (state == "new") return Symbol::call_new;
    if (state == "assigned") return Symbol::call_assigned;
    if (state == "done") return Symbol::call_done;
    return std::nullopt; // merged: told of by another
}

Symbol team_symbol(std::string const& state) {
    if (state == "free") return Symbol::team_free;
    return state == "busy" ? Symbol::team_busy : Symbol::team_off;
}

/// What is done lies below, what waits on top, the most pressing last.
void add_calls(SituationMap& map, Plane const& plane, std::vector<EventCall> calls) {
    auto const rank = [](EventCall const& one) {
        int const state = one.state == "done" ? 0 : one.state == "assigned" ? 1 : 2;
        return std::pair{state, -one.priority};
    };
    std::ranges::stable_sort(calls, {}, rank);
    for (auto const& one : calls)
        if (auto const symbol = call_symbol(one.state))
            add_mark(map, plane, one.place, *symbol, std::to_string(one.priority));
}

void name_symbols(SituationMap& map, EventRecord const& record, bool shelters, Say const& say) {
    auto const name = [&](Symbol symbol, std::string words) {
        map.symbol_words[std::size_t(symbol)] = std::move(words);
    };
    if (record.calls) {
        name(Symbol::call_new,
             say("Cuộc gọi chờ đội (số: ưu tiên)", "Call waiting (figure: priority)"));
        name(Symbol::call_assigned, say("Cuộc gọi đã điều đội", "Call with a team sent"));
        name(Symbol::call_done, say("Cuộc gọi đã cứu", "Call rescued"));
    }
    if (record.teams) {
        name(Symbol::team_free, say("Đội sẵn sàng", "Team free"));
        name(Symbol::team_busy, say("Đội đang làm nhiệm vụ", "Team busy"));
        name(Symbol::team_off, say("Đội nghỉ", "Team off"));
    }
    if (shelters) name(Symbol::shelter, say("Nơi sơ tán", "Shelter"));
}

/// Of the layers that are drawn: those that hold data made up.
std::string synthetic_layers(Atlas const& atlas, EventRecord const& record,
                             MapPolicies const& policies, Say const& say) {
    std::string names;
    auto const add = [&](char const* id, bool drawn) {
        if (!drawn) return;
        auto const& collection = atlas.view(id)->collection;
        if (!collection.synthetic) return;
        names +=
            (names.empty() ? "" : ", ") + (say.english ? collection.title.en : collection.title.vi);
    };
    add("places", policies.places != nullptr);
    add("disaster_events", !record.area.empty());
    add("rescue_calls", record.calls.has_value());
    add("rescue_teams", record.teams.has_value());
    add("facilities", policies.shelters != nullptr);
    return names;
}

void add_notes(SituationMap& map, Atlas const& atlas, EventRecord const& record, Plane const& plane,
               MapPolicies const& policies, Say const& say) {
    map.notes.push_back(fmt::format("{} {} (UTC+7). {} VN-2000 / UTM {}N (EPSG:{}).",
                                    say("Tình hình theo số liệu ghi nhận đến", "As recorded until"),
                                    local_clock(record.at), say("Hệ tọa độ", "CRS"),
                                    plane.srid == 3405 ? 48 : 49, plane.srid));
    if (policies.places != nullptr) {
        auto const& source = atlas.view("places")->collection.attribution;
        if (!source.empty())
            map.notes.push_back(
                fmt::format("{}: {}.", say("Ranh giới đơn vị hành chính", "Boundaries"), source));
    }
    auto const synthetic = synthetic_layers(atlas, record, policies, say);
    if (!synthetic.empty())
        map.notes.push_back(
            fmt::format("{}: {}.", say("DỮ LIỆU GIẢ LẬP", "SYNTHETIC DATA"), synthetic));
}

} // namespace

std::optional<SituationMap> event_map(Atlas const& atlas, data::postgis::PastStore const& past,
                                      EventRecord const& record, MapPolicies const& policies,
                                      bool english) {
    Say const say{english};
    auto const box = box_of(record);
    if (box.empty()) return std::nullopt;
    auto const plane = plane_of(box);
    SituationMap map;
    map.title = say("BẢN ĐỒ TÌNH HÌNH", "SITUATION MAP");
    map.unit_word = say("Đơn vị hành chính", "Administrative unit");
    map.area_word = say("Vùng ảnh hưởng của sự kiện", "Area of the event");
    map.scale_word = say("Tỷ lệ", "Scale");
    map.north_word = say("B", "N");
    map.extent = plane.extent;
    map.area = record.area;
    plane.change.apply(map.area.positions);
    if (policies.places != nullptr) add_units(map, atlas, plane, record.at, *policies.places);
    bool const all = policies.shelters == nullptr ||
                     add_shelters(map, atlas, past, plane, record.at, *policies.shelters);
    if (!all)
        std::erase_if(map.marks, [](auto const& mark) { return mark.symbol == Symbol::shelter; });
    if (record.teams)
        for (auto const& one : *record.teams)
            add_mark(map, plane, one.place, team_symbol(one.state));
    if (record.calls) add_calls(map, plane, *record.calls);
    name_symbols(map, record, policies.shelters != nullptr && all, say);
    add_notes(map, atlas, record, plane, policies, say);
    if (!all)
        map.notes.push_back(say("Quá nhiều cơ sở trong khung để vẽ nơi sơ tán.",
                                "Too many facilities in the frame to draw its shelters."));
    return map;
}

} // namespace diaban::services::domain
