#include "services/api/filters.hpp"

#include "geo/error.hpp"
#include "geo/filter/cql2_json.hpp"
#include "geo/filter/cql2_text.hpp"
#include "services/api/crs.hpp"
#include "services/api/html.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/http/negotiation.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace diaban::services::api {

namespace {

using geo::filter::Expression;
using geo::filter::Queryable;
using Type = Queryable::Type;

/// Degrees lie on the world: else the positions are of another CRS than is said.
void check_degrees(Expression const& expression) {
    static_cast<void>(geo::filter::moved(expression, [](std::span<geo::Position const> positions) {
        for (auto const& p : positions)
            if (!(std::abs(p.x) <= 180 && std::abs(p.y) <= 90))
                throw geo::Error{geo::Code::bad_input,
                                 "filter-outside-world",
                                 {{"parameter", "filter"},
                                  {"value", fmt::format("{} {}", p.x, p.y)},
                                  {"accepted", "-180..180, -90..90"}}};
    }));
}

/// `expression` with its positions, which are in `crs`, brought to EPSG:4326, longitude first.
Expression from_crs(Expression expression, NamedCrs const& crs) {
    if (crs.srid == 4326) {
        if (!crs.is_crs84()) expression = geo::filter::with_axes_swapped(std::move(expression));
        check_degrees(expression);
        return expression;
    }
    return geo::filter::moved(std::move(expression),
                              [&](std::span<geo::Position> positions) { crs.read(positions); });
}

/// That the geometry meets the window's shape, and what else is asked.
Expression within_window(std::optional<Expression> expression, geo::Geometry shape) {
    geo::filter::Call meets{geo::filter::Op::s_intersects, {}, {}};
    meets.arguments.push_back({geo::filter::Property{"geometry"}});
    meets.arguments.push_back({geo::filter::Shape{{std::move(shape)}, false}});
    Expression window{std::move(meets)};
    window.depth = 2;
    if (!expression) return window;
    geo::filter::Call both{geo::filter::Op::conjunction, {}, {}};
    auto const depth = std::max(window.depth, expression->depth) + 1;
    both.arguments.push_back(std::move(*expression));
    both.arguments.push_back(std::move(window));
    Expression joined{std::move(both)};
    joined.depth = depth;
    return joined;
}

Expression read_expression(std::string_view text, std::string_view language,
                           geo::Schema const& schema) {
    if (language == "cql2-json") return geo::filter::read_json(text);
    if (language == "cql2-text") return geo::filter::read_text(text);
    return geo::filter::with_draft_times(geo::filter::read_draft_text(text), schema);
}

/// A type in JSON Schema.
std::string_view json_type(Type type) noexcept {
    switch (type) {
    case Type::integer: return "integer";
    case Type::number: return "number";
    case Type::boolean: return "boolean";
    default: return "string";
    }
}

http::Response answer_functions(http::Context const& context) {
    check_json_form(context);
    Json functions = Json::array();
    for (auto const& known : geo::filter::functions())
        functions.push_back(
            {{"name", known.name},
             {"description", localised(known.title, context.language)},
             {"arguments", Json::array({{{"type", Json::array({json_type(known.argument)})}}})},
             {"returns", Json::array({json_type(known.result)})}});
    return represent(context, {"application/json", dump({{"functions", std::move(functions)}})});
}

} // namespace

std::optional<geo::filter::Filter> read_filter(http::Query const& query, geo::Schema const& schema,
                                               geo::Policy const& policy,
                                               std::optional<geo::Geometry> window) {
    auto const language = query.find("filter-lang").value_or("cql2-text");
    if (language != "cql2-text" && language != "cql2-json" && language != "cql-text")
        refuse_parameter("filter-lang", language, "cql2-text, cql2-json");
    auto const crs = read_crs(query, "filter-crs");
    std::optional<Expression> expression;
    if (auto const text = query.find("filter"))
        expression = from_crs(read_expression(*text, language, schema), crs);
    if (window && schema.geometry != geo::GeometryKind::none)
        expression = within_window(std::move(expression), std::move(*window));
    if (!expression) return std::nullopt;
    return geo::filter::Filter::make(std::move(*expression), schema, policy);
}

void refuse_filter_of_past() {
    throw geo::Error{geo::Code::bad_input, "filter-past", {{"parameter", "filter"}}};
}

void add_filters(http::Router& router) {
    router.get(access::Need::open, "/functions", {"f"}, answer_functions);
}

} // namespace diaban::services::api
