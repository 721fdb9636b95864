#include "services/domain/event_points.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "services/api/local_times.hpp"
#include "services/domain/process_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <variant>

namespace diaban::services::domain {

namespace {

constexpr std::size_t most_events = 2'000'000;
constexpr double widest = 4; // degrees from a zone's meridian where metres are metres

/// A number of a field; nothing if it has none.
std::optional<double> number_of(geo::Value const& value) {
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return double(*whole);
    if (auto const* const real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
}

/// The UTM zone on WGS 84 around a position.
int utm_srid(geo::Position at) noexcept {
    auto const zone = std::clamp(int(std::floor((at.x + 180) / 6)) + 1, 1, 60);
    return (at.y < 0 ? 32700 : 32600) + zone;
}

geo::Position middle_of(std::vector<geo::Position> positions) {
    auto const half = positions.begin() + std::ptrdiff_t(positions.size() / 2);
    std::ranges::nth_element(positions, half, {}, &geo::Position::x);
    double const x = half->x;
    std::ranges::nth_element(positions, half, {}, &geo::Position::y);
    return {x, half->y};
}

/// Leaves out what lies too far from the middle, and brings the rest to metres.
void to_metres(Events& events) {
    if (events.metres.empty()) return;
    auto const middle = middle_of(events.metres);
    events.srid = utm_srid(middle);
    double const meridian = (events.srid % 100 - 1) * 6 - 177;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < events.metres.size(); ++i) {
        if (std::abs(events.metres[i].x - meridian) > widest || std::abs(events.metres[i].y) > 84) {
            ++events.beyond;
            continue;
        }
        events.metres[kept] = events.metres[i];
        events.begins[kept] = events.begins[i];
        events.weights[kept] = events.weights[i];
        ++kept;
    }
    events.metres.resize(kept);
    events.begins.resize(kept);
    events.weights.resize(kept);
    geo::Transform::between(4326, events.srid).apply(events.metres);
}

ExtractRequest read_request(Json const& inputs, data::model::Collection const& collection,
                            geo::Policy const& policy) {
    return read_extract(query_input(inputs, event_parameters), collection, policy);
}

/// The place of a weight among the fields that the policy sees.
std::optional<std::size_t> weight_field(data::model::Collection const& collection,
                                        geo::Policy const& policy,
                                        std::optional<std::string> const& weight) {
    if (!weight) return std::nullopt;
    auto const fields = data::model::visible(collection.schema, policy).fields;
    std::string accepted;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        bool const number =
            fields[i].type == geo::FieldType::integer || fields[i].type == geo::FieldType::number;
        if (!number || fields[i].personal) continue;
        if (fields[i].name == *weight) return i;
        accepted += (accepted.empty() ? "" : ", ") + fields[i].name;
    }
    refuse_input("weight", *weight, accepted.empty() ? "—" : accepted);
}

void check_points(data::model::Collection const& collection) {
    if (collection.schema.geometry != geo::GeometryKind::point)
        throw geo::Error{
            geo::Code::bad_input, "heat-of-points", {{"collection", collection.schema.id}}};
}

} // namespace

std::vector<std::string_view> event_inputs(std::span<std::string_view const> own) {
    std::vector<std::string_view> names{"collection"};
    names.insert(names.end(), std::begin(event_parameters), std::end(event_parameters));
    names.insert(names.end(), own.begin(), own.end());
    return names;
}

Json describe_event_inputs() {
    Json inputs{
        {"collection", described_input("A collection of points", {{"type", "string"}}, true)}};
    for (auto const* const name : event_parameters)
        inputs[name] = described_input(fmt::format("As the parameter {} of items and heat", name),
                                       {{"type", "string"}});
    inputs["filter"]["schema"] = {
        {"oneOf", Json::array({{{"type", "string"}}, {{"type", "object"}}})}};
    inputs["bbox"]["schema"] = {{"oneOf", Json::array({{{"type", "string"}},
                                                       {{"type", "array"},
                                                        {"items", {{"type", "number"}}},
                                                        {"minItems", 4},
                                                        {"maxItems", 6}}})}};
    return inputs;
}

Events read_events(Work& work, std::string const& collection,
                   std::optional<std::string> const& weight) {
    auto const& policy = work.policies.at(collection);
    auto const entry = extracted_collection(work.database, collection);
    auto const request = read_request(work.inputs, entry, policy);
    auto const field = weight_field(entry, policy, weight);
    auto const times = api::read_local_times(query_input(work.inputs, event_parameters));
    Events events;
    auto const take = [&](geo::Feature& feature, geo::Period const& period) {
        if (feature.geometry.empty()) {
            ++events.unlocated;
            return;
        }
        auto const counts = field ? number_of(feature.values[*field]) : 1.0;
        if (!counts || !(*counts > 0)) {
            ++events.weightless;
            return;
        }
        std::optional<std::int64_t> begin;
        if (period.begin != geo::Period::open_begin && period != geo::Period::never())
            begin = period.begin;
        if (!times.everything() && !(begin && times.holds(*begin))) return;
        for (auto const& at : feature.geometry.positions) {
            events.metres.push_back(at);
            events.begins.push_back(begin);
            events.weights.push_back(*counts);
        }
        if (events.metres.size() > most_events)
            throw geo::Error{geo::Code::too_large,
                             "too-many-events",
                             {{"accepted", std::to_string(most_events)}}};
    };
    chosen_features(work.database, request, take, [&](std::uint64_t read, std::int64_t of) {
        work.progress.at(read / 2, of > 0 ? std::uint64_t(of) : 0);
    });
    to_metres(events);
    return events;
}

void check_events(Json const& inputs, Registries const& registries, Policies const& policies,
                  std::optional<std::string> const& weight) {
    auto const id = text_input(inputs, "collection", "a collection of points");
    auto const collection = registries.collection(id);
    check_points(collection);
    static_cast<void>(read_request(inputs, collection, policies.at(id)));
    static_cast<void>(api::read_local_times(query_input(inputs, event_parameters)));
    static_cast<void>(weight_field(collection, policies.at(id), weight));
}

Json events_json(Events const& events, Json const& inputs) {
    auto const now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    std::string read_at;
    geo::codec::append_instant(read_at, {now.count()});
    return {{"inputs", inputs},
            {"read_at", read_at},
            {"events", events.metres.size()},
            {"unlocated", events.unlocated},
            {"beyond_4_degrees", events.beyond},
            {"weightless", events.weightless},
            {"plane", fmt::format("EPSG:{} (metres off by 0.1 % at most)", events.srid)}};
}

} // namespace diaban::services::domain
