#include "services/api/land.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/filter/fold.hpp"
#include "services/api/access_json.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/time_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace diaban::services::api {

namespace {

using data::model::Parcel;
using data::model::ParcelQuery;

constexpr std::uint32_t usual_limit = 20;
constexpr std::uint32_t most_limit = 100;
constexpr std::size_t longest_text = 200;

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t number = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

std::optional<std::int64_t> read_number(http::Query const& query, std::string_view name) {
    auto const text = query.find(name);
    if (!text) return std::nullopt;
    auto const number = whole(*text);
    if (!number) refuse_parameter(name, *text, "0..9007199254740991");
    return number;
}

std::optional<double> read_area(http::Query const& query, std::string_view name) {
    auto const text = query.find(name);
    if (!text) return std::nullopt;
    auto const area = finite_number(*text);
    if (!area || *area < 0) refuse_parameter(name, *text, "m², 0 or more");
    return area;
}

std::optional<std::string> read_text(http::Query const& query, std::string_view name) {
    auto const text = query.find(name);
    if (text && (text->empty() || text->size() > longest_text))
        refuse_parameter(name, *text, "1..200 bytes of text");
    return text ? std::optional{std::string{*text}} : std::nullopt;
}

/// `tờ 2 thửa 15 cẩm duệ`: sheet and number by their words, what is left is a place.
struct Spoken {
    std::optional<std::int64_t> sheet, number;
    std::string place;
};

Spoken read_spoken(std::string_view text) {
    std::string plain;
    std::string folded;
    geo::filter::lower_case(text, plain);
    geo::filter::fold_accents(plain, folded);
    Spoken spoken;
    std::string_view rest{folded};
    std::optional<std::int64_t>* next = nullptr;
    while (!rest.empty()) {
        auto const end = std::min(rest.find_first_of(" ,;"), rest.size());
        auto const word = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        auto const number = whole(word);
        if (word == "to")
            next = &spoken.sheet;
        else if (word == "thua")
            next = &spoken.number;
        else if (number && next != nullptr)
            *std::exchange(next, nullptr) = number;
        else if (!word.empty() && word != "so" && word != "ban" && word != "do" && word != "dat")
            spoken.place += (spoken.place.empty() ? "" : " ") + std::string{word};
    }
    return spoken;
}

/// The communes that a text names.
std::vector<std::string> communes_named(Backing const& backing, LandBacking const& land,
                                        http::Context const& context, std::string const& text) {
    std::vector<std::string> codes;
    auto const view = backing.atlas.view("places");
    domain::PlaceSearch search;
    search.text = text;
    search.level = "commune";
    search.limit = 5;
    if (view->places)
        for (auto const* const place : view->places->search(search, context.policy("places")))
            for (auto& code : land.land.communes_of(place->code)) codes.push_back(std::move(code));
    std::ranges::sort(codes);
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    return codes;
}

void check_personal(http::Context const& context) {
    if (context.visitor.rights->find("parcels", access::Action::personal) != nullptr) return;
    bool const anonymous = context.visitor.way == access::Visitor::Way::anonymous;
    throw geo::Error{geo::Code::forbidden, anonymous ? "sign-in-needed" : "not-allowed"};
}

/// Nothing if the text names a place that is not there.
std::optional<ParcelQuery> read_query(Backing const& backing, LandBacking const& land,
                                      http::Context const& context) {
    auto const& sent = context.query;
    ParcelQuery query;
    query.sheet = read_number(sent, "sheet");
    query.number = read_number(sent, "number");
    query.identifier = read_text(sent, "identifier");
    query.certificate = read_text(sent, "certificate");
    query.holder = read_text(sent, "holder");
    query.address = read_text(sent, "address");
    query.land_use = read_text(sent, "use");
    query.area_from = read_area(sent, "area-from");
    query.area_to = read_area(sent, "area-to");
    auto const moment = read_moment(sent);
    query.at_time = moment.in_force;
    query.recorded = moment.recorded;
    query.limit = read_limit(sent, usual_limit, most_limit);
    if (query.holder) check_personal(context);
    if (sent.find("lon") || sent.find("lat")) query.at = read_position(sent);
    if (auto const commune = read_text(sent, "commune"))
        query.communes = land.land.communes_of(*commune);
    if (auto const text = read_text(sent, "q")) {
        auto const spoken = read_spoken(*text);
        if (spoken.sheet) query.sheet = spoken.sheet;
        if (spoken.number) query.number = spoken.number;
        if (!spoken.place.empty()) {
            query.communes = communes_named(backing, land, context, spoken.place);
            if (query.communes.empty()) return std::nullopt;
        }
    }
    return query;
}

Json instant(std::optional<geo::Instant> const& at) {
    if (!at) return nullptr;
    std::string text;
    geo::codec::append_instant(text, *at);
    return text;
}

Json area(std::optional<double> const& metres) {
    return metres ? Json(*metres) : Json{};
}

/// Name of the commune of that code; the code where it is not known.
std::string commune_name(Backing const& backing, std::string const& code) {
    auto const view = backing.atlas.view("places");
    std::string name = code;
    if (view->places)
        for (auto const* const place :
             view->places->search({.text = code, .level = "commune", .on = {}, .limit = 5},
                                  geo::Policy::everything()))
            if (place->code == code) return place->full_name;
    return name;
}

Json describe(Backing const& backing, Parcel const& parcel) {
    return {{"fid", parcel.fid},
            {"identifier", parcel.identifier},
            {"commune_code", parcel.commune_code},
            {"commune_name", commune_name(backing, parcel.commune_code)},
            {"sheet", parcel.sheet},
            {"number", parcel.number},
            {"land_use", parcel.land_use},
            {"address", parcel.address.empty() ? Json{} : Json(parcel.address)},
            {"legal_area_m2", area(parcel.legal_area_m2)},
            {"projected_area_m2", area(parcel.projected_area_m2)},
            {"ellipsoidal_area_m2", area(parcel.ellipsoidal_area_m2)},
            {"valid_from", instant(parcel.valid_from)},
            {"valid_to", instant(parcel.valid_to)},
            {"bbox", box(parcel.place.box())}};
}

Json describe(std::vector<data::model::LineageStep> const& steps) {
    auto all = Json::array();
    for (auto const& step : steps)
        all.push_back({{"change", step.change},
                       {"kind", step.kind},
                       {"at", instant(step.at)},
                       {"document", step.document},
                       {"issued_on", geo::codec::date_text(step.issued_on)},
                       {"undone_by", step.undone_by ? Json(*step.undone_by) : Json{}},
                       {"fid", step.fid},
                       {"identifier", step.identifier},
                       {"sheet", step.sheet},
                       {"number", step.number}});
    return all;
}

Json ring_json(geo::Geometry const& shape) {
    auto rings = Json::array();
    for (std::size_t i = 0; i < shape.path_ends.size(); ++i) {
        auto ring = Json::array();
        for (auto const& p : shape.path(i)) ring.push_back(Json::array({p.x, p.y}));
        rings.push_back(std::move(ring));
    }
    return rings;
}

http::Response answer_search(Backing const& backing, LandBacking const& land,
                             http::Context const& context) {
    auto const& policy = context.policy("parcels");
    auto const query = read_query(backing, land, context);
    auto parcels = Json::array();
    if (query)
        for (auto const& parcel : land.land.search(*query, policy))
            parcels.push_back(describe(backing, parcel));
    bool const nothing = parcels.empty();
    auto response = private_json(200, {{"parcels", std::move(parcels)}});
    response.nothing = nothing;
    return response;
}

http::Response answer_parcel(Backing const& backing, LandBacking const& land,
                             http::Context const& context, std::string const& id) {
    auto const file = parcel_of(land, id, context.policy("parcels"), read_moment(context.query));
    auto body = describe(backing, file.parcel);
    std::string geometry;
    geo::codec::append_geojson(geometry, file.parcel.place);
    body["geometry"] = Json::parse(geometry);
    body["crs"] = file.srid != 0 ? Json(fmt::format("EPSG:{}", file.srid)) : Json{};
    body["scale"] = file.scale != 0 ? Json(file.scale) : Json{};
    body["drawn_on"] = file.srid != 0 ? Json(geo::codec::date_text(file.drawn_on)) : Json{};
    body["corners"] = ring_json(file.source);
    body["restrictions"] = file.restrictions;
    body["correction_case"] = file.correction_case;
    body["parents"] = describe(file.parents);
    body["children"] = describe(file.children);
    return private_json(200, body);
}

} // namespace

data::postgis::LandStore::Moment read_moment(http::Query const& query) {
    data::postgis::LandStore::Moment moment;
    moment.recorded = read_as_of(query);
    constexpr std::int64_t half_a_day = 43'200'000'000;
    if (auto const day = read_day(query, "on"))
        moment.in_force = geo::Instant{domain::local_midnight(*day).microseconds + half_a_day};
    if (auto const period = read_datetime(query)) {
        bool const open = period->begin == geo::Period::open_begin;
        auto const at = open ? period->end : period->begin;
        if (at == geo::Period::open_end) // from .. to ..
            refuse_parameter("datetime", query.find("datetime").value_or(""),
                             "an instant or a day");
        moment.in_force = geo::Instant{at};
    }
    return moment;
}

data::model::ParcelFile parcel_of(LandBacking const& land, std::string const& id,
                                  geo::Policy const& policy,
                                  data::postgis::LandStore::Moment const& moment) {
    constexpr std::size_t identifier_length = 12;
    std::optional<std::int64_t> fid = whole(id);
    if (id.size() == identifier_length) {
        ParcelQuery query;
        query.identifier = id;
        query.recorded = moment.recorded;
        auto found = land.land.search(query, policy);
        if (!found.empty()) fid = found[0].fid;
    }
    auto file = fid ? land.land.file(*fid, policy, moment.recorded) : std::nullopt;
    if (!file) throw geo::Error{geo::Code::not_found, "no-parcel", {{"value", id.substr(0, 64)}}};
    return *std::move(file);
}

void add_land(http::Router& router, Backing const& backing, LandBacking const& land) {
    router.get(access::Need::read, "/land/parcels",
               {"q", "sheet", "number", "commune", "identifier", "certificate", "holder", "address",
                "use", "area-from", "area-to", "lon", "lat", "on", "datetime", "as-of", "limit"},
               [&backing, land](http::Context const& context) {
                   return answer_search(backing, land, context);
               });
    router.get(access::Need::read, "/land/parcels/{parcelId}", {"as-of"},
               [&backing, land](http::Context const& context, std::string const& id) {
                   return answer_parcel(backing, land, context, id);
               });
}

} // namespace diaban::services::api
