#include "services/api/questions.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/question.hpp"
#include "services/domain/field_numbers.hpp"
#include "services/domain/masking.hpp"
#include "services/domain/nearest.hpp"
#include "services/domain/tally.hpp"
#include "services/domain/time_fields.hpp"
#include "services/domain/units.hpp"
#include "services/domain/value_counts.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace diaban::services::api {

namespace {

constexpr std::uint32_t usual_nearest = 10;
constexpr std::uint32_t most_nearest = 100;
constexpr double farthest = 20'100'000; // m: beyond half the Earth
constexpr std::uint32_t usual_values = 100;
constexpr std::uint32_t most_values = 1000;
constexpr std::uint32_t usual_bins = 20;
constexpr std::uint32_t most_bins = 200;
constexpr std::size_t most_parts = 10'000;
constexpr std::size_t most_sums = 10;
constexpr double day = 86'400e6; // microseconds
constexpr std::array shares{0.05, 0.25, 0.5, 0.75, 0.95};

/// A question is answered as JSON alone.
Question read(Backing const& backing, http::Context const& context, std::string const& id) {
    check_json_form(context);
    return read_question(backing, context, id);
}

void need_geometry(domain::View const& view) {
    if (!view.has_geometry())
        throw geo::Error{geo::Code::bad_input, "unlocated-collection", {{"collection", view.id()}}};
}

/// A number as JSON: whole ones without a point.
Json number(double value, geo::FieldType type) {
    constexpr double exact = 9007199254740992; // 2^53
    if (type == geo::FieldType::integer && std::abs(value) < exact && value == std::floor(value))
        return std::int64_t(value);
    return value;
}

/// What a number stands for in a field of that type; between two days it is an instant.
Json value_of(double value, geo::FieldType type) {
    if (type == geo::FieldType::date && std::fmod(value, day) == 0)
        return geo::codec::date_text(geo::Date{std::int32_t(value / day)});
    if (type == geo::FieldType::date || type == geo::FieldType::timestamp) {
        std::string text;
        geo::codec::append_instant(text, geo::Instant{std::llround(value)});
        return text;
    }
    return value;
}

Json describe_field(geo::Field const& field, http::Language language) {
    Json json{{"name", field.name}, {"title", localised(field.title, language)}};
    if (!field.unit.empty()) json["unit"] = field.unit;
    return json;
}

// --- nearest

double read_within(http::Query const& query) {
    auto const text = query.find("within");
    if (!text) return farthest;
    auto const metres = finite_number(*text);
    if (!metres || *metres < 0 || *metres > farthest)
        refuse_parameter("within", *text, "0..20100000 (m)");
    return *metres;
}

http::Response answer_nearest(Backing const& backing, http::Context const& context,
                              std::string const& id) {
    auto const question = read(backing, context, id);
    auto const& view = *question.view;
    need_geometry(view);
    domain::NearestQuery query;
    query.from = read_position(context.query);
    query.limit = read_limit(context.query, usual_nearest, most_nearest);
    query.within = read_within(context.query);
    query.choice = question.choice;
    auto const found = domain::nearest_features(view, backing.store, query, context.policy(id));
    auto const fields = data::model::visible(view.collection.schema, context.policy(id)).fields;
    std::string body = R"({"type":"FeatureCollection","from":)";
    body += dump(Json::array({query.from.x, query.from.y}));
    body += fmt::format(R"(,"numberReturned":{},"features":[)", found.size());
    for (auto const& [feature, nearest] : found) {
        if (body.back() == '}') body += ',';
        append_feature(body, feature, fields);
        body.pop_back(); // the feature goes on
        body += fmt::format(R"(,"distance_m":{:.3f},"bearing_deg":{},"nearest":[{},{}]}})",
                            nearest.metres,
                            nearest.bearing ? fmt::format("{:.4f}", *nearest.bearing) : "null",
                            nearest.position.x, nearest.position.y);
    }
    body += "]}";
    return represent(context, {"application/geo+json", std::move(body)});
}

// --- count

/// What is summed: a field, or with null the area of the geometry.
struct Summed {
    std::string name;
    geo::Field const* field = nullptr;
};
using Sums = std::vector<Summed>;

constexpr std::string_view geometry_area = "geometry_area_m2";

Json describe_tally(domain::Tally const& tally, Sums const& sums) {
    if (tally.masked) return {{"count", nullptr}};
    Json json{{"count", tally.count}};
    if (sums.empty()) return json;
    auto& described = json["sums"] = Json::object();
    for (std::size_t i = 0; i < sums.size(); ++i) {
        auto const type = sums[i].field ? sums[i].field->type : geo::FieldType::number;
        described[sums[i].name] = {{"sum", number(tally.sums[i].sum, type)},
                                   {"of", tally.sums[i].counted}};
    }
    return json;
}

Sums read_sums(domain::View const& view, http::Context const& context, geo::Policy const& policy) {
    Sums sums;
    auto const list = context.query.find("sum");
    if (!list) return sums;
    for (auto rest = *list;;) {
        auto const comma = rest.find(',');
        auto const name = rest.substr(0, comma);
        bool const area = name == geometry_area && domain::keeps_areas(view);
        if (std::ranges::find(sums, name, &Summed::name) == sums.end())
            sums.push_back(
                {std::string{name}, area ? nullptr : &read_field(view, policy, name, is_number)});
        if (sums.size() > most_sums)
            refuse_parameter("sum", *list, fmt::format("1..{} fields", most_sums));
        if (comma == std::string_view::npos) return sums;
        rest.remove_prefix(comma + 1);
    }
}

domain::Tallies tally(std::span<domain::ChosenRows const> chosen, Sums const& sums,
                      tiles::mirror::Partition const* partition) {
    std::vector<geo::Field const*> fields;
    for (auto const& summed : sums) fields.push_back(summed.field);
    return domain::tally(chosen, fields, partition, most_parts);
}

std::uint32_t read_zoom(http::Query const& query) {
    constexpr auto most = tiles::mirror::Cells::max_zoom;
    auto const zoom = read_whole(query, "zoom", 0, most);
    if (!zoom) refuse_parameter("zoom", "", fmt::format("0..{}", most));
    return *zoom;
}

/// What does not lie in any part, or nowhere at all, stands beside the parts: they sum to the
/// whole.
void add_rest(Json& body, domain::Tallies const& tallies, Sums const& sums) {
    body["elsewhere"] = describe_tally(tallies.nowhere, sums);
    body["unlocated"] = describe_tally(tallies.unlocated, sums);
}

void count_by_cell(Json& body, std::span<domain::ChosenRows const> chosen,
                   http::Context const& context, Sums const& sums, bool masks) {
    auto const zoom = read_zoom(context.query);
    tiles::mirror::Cells const cells{zoom};
    auto tallies = tally(chosen, sums, &cells);
    if (masks) domain::mask_small(tallies);
    body.update(describe_tally(tallies.all, sums));
    body["zoom"] = zoom;
    auto& groups = body["groups"] = Json::array();
    for (auto const& [part, tally] : tallies.parts) {
        auto const column = part & ((1U << zoom) - 1);
        auto const row = part >> zoom;
        Json group{{"tile", fmt::format("{}/{}/{}", zoom, column, row)},
                   {"bbox", box(tiles::tile_bounds(*tiles::TileId::make(zoom, column, row)))}};
        group.update(describe_tally(tally, sums));
        groups.push_back(std::move(group));
    }
    add_rest(body, tallies, sums);
}

void count_by_unit(Json& body, Backing const& backing, domain::UnitAreas& kept,
                   std::span<domain::ChosenRows const> chosen, http::Context const& context,
                   std::string_view level, Sums const& sums, bool masks) {
    auto const on = read_day(context.query, "on").value_or(domain::local_today());
    auto const units = kept.of(backing.atlas.view("places"), level, on, context.policy("places"));
    auto const on_day = geo::codec::date_text(on);
    if (units->places.empty())
        throw geo::Error{
            geo::Code::not_found, "no-units", {{"value", std::string{level}}, {"on", on_day}}};
    auto tallies = tally(chosen, sums, units->areas.get());
    if (masks) domain::mask_small(tallies);
    body.update(describe_tally(tallies.all, sums));
    body["on"] = on_day;
    std::vector<std::pair<data::model::Place const*, domain::Tally const*>> ordered;
    for (auto const& [part, tally] : tallies.parts)
        ordered.emplace_back(units->places[part], &tally);
    std::ranges::sort(ordered, {}, [](auto const& one) {
        return std::pair{std::string_view{one.first->code}, one.first->fid};
    });
    auto& groups = body["groups"] = Json::array();
    for (auto const& [place, tally] : ordered) {
        Json group{{"code", place->code}, {"name", place->full_name}, {"fid", place->fid}};
        group.update(describe_tally(*tally, sums));
        groups.push_back(std::move(group));
    }
    add_rest(body, tallies, sums);
}

/// What counting keeps from one question to the next.
struct KeptForCounting {
    domain::UnitAreas areas;
    domain::ValueCounts values;
};

http::Response answer_count(Backing const& backing, KeptForCounting& kept,
                            http::Context const& context, std::string const& id) {
    auto const question = read(backing, context, id);
    auto const by = context.query.find("by").value_or("");
    auto const counting = counting_of(question, context);
    auto const sums = read_sums(*question.view, context, counting.policy);
    Json body{{"collection", id}};
    if (by.empty() && sums.empty())
        if (auto const count =
                kept.values.count(*question.view, question.choice, counting.policy)) {
            domain::Tally whole{*count};
            if (counting.masks) domain::mask_small(whole);
            body.update(describe_tally(whole, sums));
            return represent(context, {"application/json", dump(body)});
        }
    auto const chosen =
        domain::choose_rows(*question.view, backing.store, question.choice, counting.policy);
    if (!by.empty()) body["by"] = by;
    if (by == "commune" || by == "district" || by == "province")
        count_by_unit(body, backing, kept.areas, chosen, context, by, sums, counting.masks);
    else if (by == "grid")
        count_by_cell(body, chosen, context, sums, counting.masks);
    else if (by.empty()) {
        auto whole = tally(chosen, sums, nullptr).all;
        if (counting.masks) domain::mask_small(whole);
        body.update(describe_tally(whole, sums));
    } else
        refuse_parameter("by", by, "commune, district, province, grid");
    return represent(context, {"application/json", dump(body)});
}

// --- values

http::Response answer_values(Backing const& backing, http::Context const& context,
                             std::string const& id, std::string const& name) {
    auto const question = read(backing, context, id);
    auto const& field = read_field(*question.view, context.policy(id), name,
                                   [](geo::Field const&) { return true; });
    auto const limit = read_limit(context.query, usual_values, most_values);
    auto const chosen =
        domain::choose_rows(*question.view, backing.store, question.choice, context.policy(id));
    auto const found = domain::distinct_values(chosen, field, limit);
    Json values = Json::array();
    std::uint64_t shown = 0;
    for (auto const& [value, count] : found.values) {
        std::string text;
        append_value(text, value);
        Json entry{{"value", Json::parse(text)}, {"count", count}};
        auto const* const code = std::get_if<std::string>(&value);
        auto const known = code == nullptr
                               ? field.codes.end()
                               : std::ranges::find(field.codes, *code, &geo::CodeEntry::code);
        if (known != field.codes.end()) entry["title"] = localised(known->title, context.language);
        values.push_back(std::move(entry));
        shown += count;
    }
    Json const body{{"collection", id},
                    {"field", describe_field(field, context.language)},
                    {"count", found.rows},
                    {"without", found.without},
                    {"distinct", found.distinct},
                    {"values", std::move(values)},
                    {"others",
                     {{"distinct", found.distinct - found.values.size()},
                      {"count", found.rows - found.without - shown}}}};
    return represent(context, {"application/json", dump(body)});
}

// --- histogram

/// An end of the histogram, in the field's own type.
std::optional<double> read_end(http::Query const& query, std::string_view name,
                               geo::FieldType type) {
    auto const text = query.find(name);
    if (!text) return std::nullopt;
    if (type == geo::FieldType::date) return read_day(query, name)->days * day;
    if (type == geo::FieldType::timestamp) {
        auto const instant = geo::codec::read_instant(*text);
        if (!instant) refuse_parameter(name, *text, "2025-07-01T07:00:00Z");
        return double(instant->microseconds);
    }
    auto const value = finite_number(*text);
    if (!value) refuse_parameter(name, *text, "a number");
    return value;
}

domain::HistogramQuery read_histogram(http::Query const& query, geo::FieldType type) {
    domain::HistogramQuery wanted;
    wanted.shares = shares;
    wanted.bins = read_whole(query, "bins", 1, most_bins).value_or(usual_bins);
    wanted.from = read_end(query, "from", type);
    wanted.to = read_end(query, "to", type);
    if (wanted.from && wanted.to && *wanted.from >= *wanted.to)
        refuse_parameter("to", *query.find("to"), "more than from");
    return wanted;
}

http::Response answer_histogram(Backing const& backing, http::Context const& context,
                                std::string const& id, std::string const& name) {
    auto const question = read(backing, context, id);
    auto const& field =
        read_field(*question.view, context.policy(id), name,
                   [](geo::Field const& one) { return domain::has_numbers(one.type); });
    auto const query = read_histogram(context.query, field.type);
    auto const chosen =
        domain::choose_rows(*question.view, backing.store, question.choice, context.policy(id));
    auto const found = domain::histogram(chosen, field, query);
    auto const end = [&](std::optional<double> value) {
        return value ? value_of(*value, field.type) : Json{};
    };
    Json bins = Json::array();
    for (auto const& bin : found.bins)
        bins.push_back({{"from", end(bin.from)}, {"to", end(bin.to)}, {"count", bin.count}});
    Json quantiles = Json::array();
    for (std::size_t i = 0; i < found.quantiles.size(); ++i)
        quantiles.push_back({{"share", shares[i]}, {"value", end(found.quantiles[i])}});
    Json const body{{"collection", id},          {"field", describe_field(field, context.language)},
                    {"count", found.rows},       {"without", found.without},
                    {"least", end(found.least)}, {"most", end(found.most)},
                    {"mean", end(found.mean)},   {"quantiles", std::move(quantiles)},
                    {"below", found.below},      {"above", found.above},
                    {"bins", std::move(bins)}};
    return represent(context, {"application/json", dump(body)});
}

} // namespace

void add_questions(http::Router& router, Backing const& backing) {
    auto const kept = std::make_shared<KeptForCounting>();
    router.get(access::Need::read, "/collections/{collectionId}/nearest",
               question_parameters({"lon", "lat", "within", "limit"}),
               [&backing](http::Context const& context, std::string const& id) {
                   return answer_nearest(backing, context, id);
               });
    router.get(access::Need::read, "/collections/{collectionId}/count",
               question_parameters({"by", "on", "zoom", "sum"}),
               [&backing, kept](http::Context const& context, std::string const& id) {
                   return answer_count(backing, *kept, context, id);
               });
    router.get(
        access::Need::read, "/collections/{collectionId}/values/{field}",
        question_parameters({"limit"}),
        [&backing](http::Context const& context, std::string const& id, std::string const& field) {
            return answer_values(backing, context, id, field);
        });
    router.get(
        access::Need::read, "/collections/{collectionId}/histogram/{field}",
        question_parameters({"bins", "from", "to"}),
        [&backing](http::Context const& context, std::string const& id, std::string const& field) {
            return answer_histogram(backing, context, id, field);
        });
}

} // namespace diaban::services::api
