#include "services/api/border_gates.hpp"

#include "geo/watch/waiting.hpp"
#include "services/api/access_json.hpp"
#include "services/api/indicator_question.hpp"
#include "services/api/parameters.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/standing.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace diaban::services::api {

namespace {

using data::model::Gate;
using data::model::GateFigure;

constexpr double minute = 60e6; // µs

/// What of a gate the visitor may be told: a mask on what it is made of hides it all.
bool sees_gates(http::Context const& context) {
    if (!context.sees("sensors") || !context.sees("datastreams")) return false;
    auto const& streams = context.policy("datastreams");
    return context.policy("sensors").sees_field("name") && streams.sees_field("sensor") &&
           streams.sees_field("gate_direction") && streams.sees_field("gate_figure");
}

GateFigure const* find(Gate const& gate, std::string_view direction, std::string_view figure) {
    for (auto const& one : gate.figures)
        if (one.direction == direction && one.figure == figure) return &one;
    return nullptr;
}

/// Whether a figure has not come for longer than is expected.
bool silent(GateFigure const& figure, geo::Instant now) {
    return !figure.latest || (figure.expected > 0 &&
                              now.microseconds - figure.latest->at.microseconds > figure.expected);
}

Json latest_json(GateFigure const* figure, geo::Instant now) {
    if (figure == nullptr || !figure->latest) return nullptr;
    return {{"value", plain_number(figure->latest->value)},
            {"at", instant_json(figure->latest->at)},
            {"no_data", silent(*figure, now)}};
}

/// Minutes that what passed was counted in.
double counted_minutes(GateFigure const& passed) {
    if (!passed.from || !passed.latest) return 0;
    return double(passed.latest->at.microseconds - passed.from->microseconds) / minute;
}

Json passed_json(GateFigure const* passed, geo::Instant now) {
    if (passed == nullptr || !passed->latest) return nullptr;
    double const minutes = counted_minutes(*passed);
    Json json{{"count", plain_number(passed->passed)},
              {"minutes", plain_number(minutes)},
              {"per_hour", nullptr},
              {"at", instant_json(passed->latest->at)},
              {"no_data", silent(*passed, now)}};
    if (minutes > 0) json["per_hour"] = plain_number(passed->passed * 60 / minutes);
    return json;
}

Json waiting_json(GateFigure const* queue, GateFigure const* passed, geo::Instant now) {
    if (queue == nullptr || passed == nullptr || silent(*queue, now) || silent(*passed, now))
        return nullptr;
    auto const count = std::uint64_t(std::llround(std::max(passed->passed, 0.0)));
    auto const waiting = geo::watch::waiting(queue->latest->value, count, counted_minutes(*passed));
    if (!waiting) return nullptr;
    return {{"minutes", plain_number(waiting->minutes)},
            {"low", plain_number(waiting->low)},
            {"high", plain_number(waiting->high)},
            {"confidence", 0.95}};
}

Json describe(Gate const& gate, geo::Instant now) {
    Json directions = Json::array();
    for (std::string_view const direction : {"out", "in"}) {
        auto const* const lanes = find(gate, direction, "lanes");
        auto const* const queue = find(gate, direction, "queue");
        auto const* const passed = find(gate, direction, "passed");
        if (lanes == nullptr && queue == nullptr && passed == nullptr) continue;
        directions.push_back({{"direction", direction},
                              {"lanes", latest_json(lanes, now)},
                              {"queue", latest_json(queue, now)},
                              {"passed", passed_json(passed, now)},
                              {"waiting", waiting_json(queue, passed, now)}});
    }
    return {{"id", gate.fid}, {"name", gate.name}, {"directions", std::move(directions)}};
}

http::Response answer_gates(data::postgis::GateStore const& store, http::Context const& context) {
    check_json_form(context);
    geo::Instant const now{domain::now_microseconds()};
    Json gates = Json::array();
    if (sees_gates(context))
        for (auto const& gate :
             store.gates(now, context.policy("sensors"), context.policy("datastreams")))
            gates.push_back(describe(gate, now));
    return private_json(200,
                        {{"gates", std::move(gates)},
                         {"method", "queue / rate (Little 1961); Poisson bounds (Garwood 1936); "
                                    "the queue as counted"}});
}

} // namespace

void add_border_gates(http::Router& router, data::postgis::GateStore const& gates) {
    router.get(access::Need::read, "/border-gates", {"f"},
               [&gates](http::Context const& context) { return answer_gates(gates, context); });
}

} // namespace diaban::services::api
