#include "services/api/place_file.hpp"

#include "geo/error.hpp"
#include "services/api/filters.hpp"
#include "services/api/indicator_question.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/place_json.hpp"
#include "services/domain/chosen.hpp"
#include "services/domain/generalised.hpp"
#include "services/domain/kept_by_views.hpp"
#include "services/domain/latest_values.hpp"
#include "services/domain/rounds.hpp"
#include "services/domain/time_fields.hpp"
#include "services/domain/units.hpp"
#include "services/http/representation.hpp"
#include "tiles/mirror/partition.hpp"
#include "tiles/mvt.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace diaban::services::api {

namespace {

constexpr std::size_t most_shown = 10; ///< features of a collection that are named
constexpr std::uint32_t outline_zoom = 10;
constexpr double most_radius = 5000; // m
constexpr int circle_sides = 64;     ///< area 0.2 % short of the circle's
constexpr std::size_t most_corners = 500;
constexpr std::size_t most_kept = 2000; ///< a hundred places with twenty collections each

/// What a place file stands on besides the record.
struct Desk {
    std::shared_ptr<domain::UnitListCache> lists;
    domain::LatestValues latest;
    domain::UnitAreas areas;
    domain::KeptByViews<Json> contents{most_kept};        ///< of a unit and collection
    domain::KeptByViews<std::string> outlines{most_kept}; ///< as JSON
    domain::Rounds rounds{"files of places"};             ///< last: ends before what it uses
};

/// No more than a tenth of one processor's time goes into what nobody has asked for yet.
constexpr domain::Rest beforehand{std::chrono::milliseconds{100}, 9};

/// Values of today's provinces and communes, for those who see everything that is not sensitive,
/// as most do: made anew when they changed, so that nobody waits for them.
void prepare(Backing const& backing, Desk& desk) {
    auto const picture = backing.atlas.picture();
    auto const values = picture->find("indicators");
    auto const catalogue = picture->find("indicator_catalogue");
    auto const places = picture->find("places");
    if (!values || !catalogue || !places || !places->places) return;
    auto const lists = desk.lists->of(places->places);
    access::Reach reach;
    reach.everywhere = true;
    auto const policy = reach.policy();
    auto const vintage = lists->vintage_of(domain::local_today());
    for (auto const level : {domain::UnitLevel::province, domain::UnitLevel::commune})
        (void)desk.latest.of(values, catalogue, lists, vintage, level, policy, policy);
}

std::string title_at(tiles::mirror::Run const& run, std::uint32_t row, geo::Policy const& policy) {
    for (std::string_view const name : {std::string_view{run.schema->label_field},
                                        std::string_view{"name"}, std::string_view{"headline"}})
        for (auto const& column : run.columns) {
            if (column.field->name != name || !policy.sees_field(name) || column.codes[row] == 0)
                continue;
            auto const value = tiles::mvt::decode_value(
                run.tile_values[column.places[column.codes[row]]], column.field->type);
            if (auto const* const text = std::get_if<std::string_view>(&value))
                return std::string{*text};
        }
    return {};
}

/// Rows of a collection, counted, the first of them named.
Json describe_rows(domain::View const& view, std::span<domain::ChosenRows const> chosen,
                   geo::Policy const& policy) {
    std::size_t count = 0;
    Json features = Json::array();
    for (auto const& [live, rows] : chosen) {
        count += rows.size();
        for (auto const row : rows) {
            if (features.size() == most_shown) break;
            features.push_back(
                {{"fid", live.run->fids[row]}, {"title", title_at(*live.run, row, policy)}});
        }
    }
    return {{"collection", view.id()}, {"count", count}, {"features", std::move(features)}};
}

/// What `describe` says of every collection that the visitor sees and that is drawn.
template <class Describe>
Json contents(Backing const& backing, http::Context const& context, Describe const& describe) {
    Json list = Json::array();
    auto const picture = backing.atlas.picture();
    for (auto const& view : picture->views) {
        if (view->id() == "places" || !view->has_geometry() || !context.sees(view->id())) continue;
        list.push_back(describe(view, context.policy(view->id())));
    }
    return list;
}

/// Rows whose middle lies in the unit.
std::vector<domain::ChosenRows> rows_in_unit(domain::View const& view, Backing const& backing,
                                             domain::Units const& units, std::uint32_t part,
                                             geo::Policy const& policy) {
    domain::Choice choice;
    choice.boxes = {units.places[part]->box};
    auto chosen = domain::choose_rows(view, backing.store, choice, policy);
    for (auto& [live, rows] : chosen) {
        auto const parts = tiles::mirror::parts_of(*live.run, rows, *units.areas);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < rows.size(); ++i)
            if (parts[i] == part) rows[kept++] = rows[i];
        rows.resize(kept);
    }
    return chosen;
}

void add_contents(Json& json, Desk& desk, Backing const& backing, http::Context const& context,
                  data::model::Place const& place, geo::Date on) {
    json["contents"] = nullptr;
    if (place.box.empty()) return;
    auto const places = backing.atlas.view("places");
    auto const units = desk.areas.of(places, place.level, on, context.policy("places"));
    auto const at = std::ranges::find(units->places, place.fid, &data::model::Place::fid);
    if (at == units->places.end()) return;
    auto const part = std::uint32_t(at - units->places.begin());
    auto const unit = std::to_string(place.fid) + "/" + std::to_string(on.days) + "/" +
                      context.policy("places").key() + "/";
    using Seen = std::shared_ptr<domain::View const>;
    json["contents"] = contents(backing, context, [&](Seen const& view, geo::Policy const& policy) {
        return *desk.contents.of({view, places}, unit + view->id() + "/" + policy.key(), [&] {
            return describe_rows(*view, rows_in_unit(*view, backing, *units, part, policy), policy);
        });
    });
}

/// Outline as fine as a map of the province shows it, as JSON.
std::string outline(Backing const& backing, domain::View const& places,
                    data::model::Place const& place, geo::Policy const& policy) {
    if (place.box.empty()) return "null";
    auto features = backing.store.by_fids(places.collection, std::array{place.fid}, policy);
    if (features.empty()) return "null";
    domain::generalise(&places, features, outline_zoom);
    std::string text;
    append_feature(text, geo::Feature{place.fid, std::move(features.front().geometry), {}}, {});
    return dump(Json::parse(text)["geometry"]);
}

/// Where a value stands among units of its level that share its province; provinces among all.
Json among_peers(domain::UnitLists const& lists, domain::Vintage vintage,
                 domain::LatestValue const& latest, domain::UnitValue const& own) {
    auto const units = lists.units(vintage);
    auto const& unit = units[own.unit];
    std::vector<double> peers;
    std::size_t better = 0;
    bool const least = latest.indicator.direction == "down";
    for (auto const& value : latest.carried.values) {
        auto const& other = units[value.unit];
        if (!value.value ||
            (unit.level != domain::UnitLevel::province && other.up[0] != unit.up[0]))
            continue;
        peers.push_back(*value.value);
        if (own.value) better += least ? *value.value < *own.value : *value.value > *own.value;
    }
    if (peers.empty() || !own.value) return nullptr;
    auto const middle = peers.begin() + std::ptrdiff_t(peers.size() / 2);
    std::ranges::nth_element(peers, middle);
    return {{"of", peers.size()}, {"rank", better + 1}, {"median", plain_number(*middle)}};
}

Json indicators_of(Desk& desk, IndicatorGround const& ground, http::Context const& context,
                   domain::Vintage vintage, std::uint32_t unit) {
    auto const level = ground.lists->units(vintage)[unit].level;
    auto const latest =
        desk.latest.of(ground.values, ground.catalogue, ground.lists, vintage, level,
                       context.policy("indicators"), context.policy("indicator_catalogue"));
    Json list = Json::array();
    for (auto const& one : *latest) {
        auto const at =
            std::ranges::lower_bound(one.carried.values, unit, {}, &domain::UnitValue::unit);
        if (at == one.carried.values.end() || at->unit != unit) continue;
        Json json{{"code", one.indicator.code},
                  {"title", describe_indicator(one.indicator, context.language)["title"]},
                  {"sector", one.indicator.sector},
                  {"unit", one.indicator.unit},
                  {"decimals", one.indicator.decimals},
                  {"direction", one.indicator.direction},
                  {"period", one.period},
                  {"value", plain_number(at->value)},
                  {"low", plain_number(at->low)},
                  {"high", plain_number(at->high)},
                  {"standing", domain::to_string(at->standing)},
                  {"target", plain_number(at->target)},
                  {"peers", among_peers(*ground.lists, vintage, one, *at)}};
        list.push_back(std::move(json));
    }
    return list;
}

Json relatives_of(http::Context const& context, domain::UnitLists const& lists,
                  domain::Vintage vintage, std::uint32_t unit) {
    auto const other =
        vintage == domain::Vintage::former ? domain::Vintage::present : domain::Vintage::former;
    Json list = Json::array();
    for (auto const& relative : lists.relatives(vintage, unit)) {
        auto const& there = lists.units(other)[relative.unit];
        if (!context.policy("places").sees(there.entry->scope, there.entry->sensitivity)) continue;
        auto json = describe_place(there.place());
        json["whole"] = relative.whole;
        list.push_back(std::move(json));
    }
    return list;
}

/// How many communes of its own list a province has, and in how many of the other list they are.
Json communes_of(http::Context const& context, domain::UnitLists const& lists,
                 domain::Vintage vintage, std::uint32_t unit) {
    using domain::UnitLevel;
    auto const other =
        vintage == domain::Vintage::former ? domain::Vintage::present : domain::Vintage::former;
    auto const sees = [&](domain::ListedUnit const& one) {
        return context.policy("places").sees(one.entry->scope, one.entry->sensitivity);
    };
    auto const own = std::ranges::count_if(lists.units(vintage), [&](auto const& one) {
        return one.level == UnitLevel::commune && one.up[0] == unit && sees(one);
    });
    auto const& links = lists.links(vintage, UnitLevel::province, other, UnitLevel::commune);
    auto const there = std::ranges::count_if(links, [&](auto const& link) {
        return link.from == unit && sees(lists.units(other)[link.to]);
    });
    return {{"own", own}, {"other", there}};
}

/// The day that is asked about: the first of a period.
geo::Date read_place_day(http::Query const& query) {
    auto const text = query.find("datetime");
    if (!text) return domain::local_today();
    auto const period = read_datetime(query);
    constexpr std::int64_t day_long = 86'400'000'000;
    auto const begin = period ? period->begin : 0;
    if (begin < -day_long * 200'000) refuse_parameter("datetime", *text, "a day, or an instant");
    return domain::local_day({begin});
}

http::Response answer_place(Backing const& backing, http::Context const& context, Desk& desk,
                            std::string const& code) {
    check_json_form(context);
    auto on = read_place_day(context.query);
    auto const ground = stand(backing, context, *desk.lists);
    auto vintage = ground.lists->vintage_of(on);
    auto unit = ground.lists->find(vintage, code);
    bool const dated = context.query.find("datetime").has_value();
    if (!unit && !dated && ground.lists->effective()) { // what was, where nothing is
        vintage = domain::Vintage::former;
        unit = ground.lists->find(vintage, code);
        on = geo::Date{ground.lists->effective()->days - 1};
    }
    auto const& policy = context.policy("places");
    if (!unit || !policy.sees(ground.lists->units(vintage)[*unit].entry->scope,
                              ground.lists->units(vintage)[*unit].entry->sensitivity))
        throw geo::Error{geo::Code::not_found, "unknown-place", {{"value", code.substr(0, 64)}}};
    auto const& place = ground.lists->units(vintage)[*unit].place();
    Json json{{"on", day(on)}, {"place", describe_place(place)}};
    json["place"]["area_km2"] = plain_number(place.area_km2);
    bool const former = vintage == domain::Vintage::former;
    json[former ? "became" : "made_of"] = relatives_of(context, *ground.lists, vintage, *unit);
    if (place.level == "province" && ground.lists->effective())
        json["communes"] = communes_of(context, *ground.lists, vintage, *unit);
    json["indicators"] = indicators_of(desk, ground, context, vintage, *unit);
    auto const view = backing.atlas.view("places");
    add_contents(json, desk, backing, context, place, on);
    auto const drawn = desk.outlines.of({view, view}, std::to_string(place.fid),
                                        [&] { return outline(backing, *view, place, policy); });
    auto text = dump(json);
    text.back() = ',';
    text += R"("outline":)" + *drawn + "}";
    return represent(context, {"application/json", std::move(text)});
}

// --- a point with a radius, a polygon

geo::Geometry polygon_of(std::vector<geo::Position> ring) {
    geo::Geometry shape;
    shape.kind = geo::GeometryKind::polygon;
    shape.srid = 4326;
    shape.path_ends = {std::uint32_t(ring.size())};
    shape.part_ends = {1};
    shape.positions = std::move(ring);
    return shape;
}

/// A circle on the sphere of the Earth's mean radius: 0.3 % of the radius off at most.
geo::Geometry circle(geo::Position middle, double radius) {
    constexpr double earth = 6'371'008.8; // m
    constexpr double degree = std::numbers::pi / 180;
    std::vector<geo::Position> ring;
    double const arc = radius / earth;
    double const latitude = middle.y * degree;
    for (int i = 0; i <= circle_sides; ++i) {
        double const bearing = 2 * std::numbers::pi * (i % circle_sides) / circle_sides;
        double const y = std::asin(std::sin(latitude) * std::cos(arc) +
                                   std::cos(latitude) * std::sin(arc) * std::cos(bearing));
        double const x = std::atan2(std::sin(bearing) * std::sin(arc) * std::cos(latitude),
                                    std::cos(arc) - std::sin(latitude) * std::sin(y));
        ring.push_back({middle.x + x / degree, y / degree});
    }
    return polygon_of(std::move(ring));
}

/// The next number of a list, which is taken off it; nothing for what is none.
std::optional<double> next_number(std::string_view& list) {
    auto const comma = list.find(',');
    auto const number = finite_number(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    return number;
}

/// `lon,lat,lon,lat,…`: corners in order, not closed.
geo::Geometry read_polygon(std::string_view text) {
    constexpr auto accepted = "lon,lat,lon,lat,… of 3 to 500 corners";
    std::vector<geo::Position> ring;
    for (auto rest = text; !rest.empty();) {
        auto const x = next_number(rest);
        auto const y = next_number(rest);
        if (!x || !y || std::abs(*x) > 180 || std::abs(*y) > 90 || ring.size() == most_corners)
            refuse_parameter("polygon", text.substr(0, 64), accepted);
        ring.push_back({*x, *y});
    }
    if (ring.size() < 3) refuse_parameter("polygon", text.substr(0, 64), accepted);
    auto const first = ring.front();
    ring.push_back(first);
    return polygon_of(std::move(ring));
}

geo::Geometry read_shape(http::Query const& query) {
    if (auto const polygon = query.find("polygon")) return read_polygon(*polygon);
    auto const middle = read_position(query);
    auto const text = query.find("radius").value_or("1000");
    auto const radius = finite_number(text);
    if (!radius || *radius < 1 || *radius > most_radius)
        refuse_parameter("radius", text, "1..5000 (m)");
    return circle(middle, *radius);
}

http::Response answer_around(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto const shape = read_shape(context.query);
    auto const inside = contents(
        backing, context,
        [&](std::shared_ptr<domain::View const> const& view, geo::Policy const& policy) {
            domain::Choice choice;
            choice.filter = read_filter(http::Query{}, view->layer->schema(), policy, shape);
            return describe_rows(*view, domain::choose_rows(*view, backing.store, choice, policy),
                                 policy);
        });
    Json places = Json::array();
    auto const picture = backing.atlas.picture();
    auto const view = picture->find("places");
    if (view != nullptr && view->places && context.sees("places")) {
        auto const& policy = context.policy("places");
        auto const today = domain::local_today();
        domain::Choice choice;
        choice.filter = read_filter(http::Query{}, view->layer->schema(), policy, shape);
        for (auto const& [live, rows] : domain::choose_rows(*view, backing.store, choice, policy))
            for (auto const row : rows) {
                auto const* const place = view->places->find(live.run->fids[row]);
                if (place != nullptr && domain::existed(*place, today) && places.size() < 100)
                    places.push_back(describe_place(*place));
            }
    }
    auto const box_of = shape.box();
    return represent(
        context,
        {"application/json",
         dump({{"bbox", box(box_of)}, {"places", std::move(places)}, {"contents", inside}})});
}

} // namespace

void add_place_file(http::Router& router, Backing const& backing,
                    std::shared_ptr<domain::UnitListCache> const& lists) {
    auto const desk = std::make_shared<Desk>();
    desk->lists = lists;
    desk->rounds.start(
        beforehand, [&backing, &desk = *desk](std::stop_token const&) { prepare(backing, desk); });
    router.get(
        access::Need::read, "/places/around", {"lon", "lat", "radius", "polygon", "f"},
        [&backing](http::Context const& context) { return answer_around(backing, context); });
    router.get(access::Need::read, "/places/{placeCode}", {"datetime", "f"},
               [&backing, desk](http::Context const& context, std::string const& code) {
                   return answer_place(backing, context, *desk, code);
               });
}

} // namespace diaban::services::api
