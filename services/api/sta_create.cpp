#include "services/api/sta_create.hpp"

#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/sta_json.hpp"
#include "services/api/sta_observation.hpp"
#include "services/api/work_edit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace diaban::services::api {

namespace {

using data::model::Observation;
using geo::sta::Entity;
using Body = nlohmann::json;

constexpr std::string_view root = "/sta/v1.1";
constexpr std::size_t most_text = 10'000; // bytes of a text of an entity

/// A member of a body: text of a field.
struct TextMember {
    std::string_view member; ///< in its parts: `unitOfMeasurement/name`
    std::string_view field;
    bool needed = false;
};
struct NumberMember {
    std::string_view member;
    std::string_view field;
};

constexpr TextMember thing_texts[] = {{"name", "name", true},
                                      {"description", "description"},
                                      {"properties/kind", "kind", true},
                                      {"properties/stationCode", "station_code"},
                                      {"properties/status", "status"}};
constexpr NumberMember thing_numbers[] = {{"properties/elevation", "elevation_m"}};
constexpr TextMember sensor_texts[] = {{"name", "name", true},
                                       {"description", "description"},
                                       {"encodingType", "encoding_type"},
                                       {"metadata", "metadata"}};
constexpr TextMember property_texts[] = {
    {"name", "name", true}, {"definition", "definition"}, {"description", "description"}};
constexpr TextMember stream_texts[] = {{"name", "name", true},
                                       {"description", "description"},
                                       {"observationType", "observation_type"},
                                       {"unitOfMeasurement/name", "unit_name"},
                                       {"unitOfMeasurement/symbol", "unit_symbol"},
                                       {"unitOfMeasurement/definition", "unit_definition"},
                                       {"properties/gateDirection", "gate_direction"},
                                       {"properties/gateFigure", "gate_figure"}};
constexpr NumberMember stream_numbers[] = {{"properties/expectedSeconds", "expected_seconds"},
                                           {"properties/level1", "level_1"},
                                           {"properties/level2", "level_2"},
                                           {"properties/level3", "level_3"},
                                           {"properties/hysteresis", "hysteresis"}};

/// The members that an entity is made of; others are refused, so that nothing is lost in silence.
struct Form {
    std::string_view collection;
    std::span<TextMember const> texts;
    std::span<NumberMember const> numbers;
    std::vector<std::pair<std::string_view, std::string_view>> links; ///< relation, field
};

Form form_of(Entity entity) {
    switch (entity) {
    case Entity::thing: return {"sensors", thing_texts, thing_numbers, {}};
    case Entity::sensor: return {"instruments", sensor_texts, {}, {}};
    case Entity::observed_property: return {"observed_properties", property_texts, {}, {}};
    default:
        return {"datastreams",
                stream_texts,
                stream_numbers,
                {{"Thing", "sensor"},
                 {"Sensor", "instrument"},
                 {"ObservedProperty", "observed_property"}}};
    }
}

/// Refuses members that nothing is made of.
void check_members(Body const& body, std::string const& prefix,
                   std::vector<std::string> const& known) {
    for (auto const& [name, value] : body.items()) {
        auto const path = prefix + name;
        if (std::ranges::find(known, path) != known.end()) continue;
        bool const holds = std::ranges::any_of(
            known, [&](std::string const& one) { return one.starts_with(path + "/"); });
        if (!holds || !value.is_object()) {
            std::string accepted;
            for (auto const& one : known) accepted += (accepted.empty() ? "" : ", ") + one;
            refuse_member(path, "", accepted);
        }
        check_members(value, path + "/", known);
    }
}

std::size_t field_of(geo::Schema const& schema, std::string_view name) {
    return std::size_t(std::ranges::find(schema.fields, name, &geo::Field::name) -
                       schema.fields.begin());
}

void check_code(geo::Field const& field, std::string_view member, std::string const& text) {
    if (field.codes.empty()) return;
    std::string accepted;
    for (auto const& one : field.codes) {
        if (one.code == text) return;
        if (one.in_force) accepted += (accepted.empty() ? "" : ", ") + one.code;
    }
    refuse_member(member, text, accepted);
}

geo::Geometry place_in(Body const& body, std::string_view member) {
    auto const* const location = member_at(body, member);
    std::optional<geo::Geometry> shape;
    if (location != nullptr && location->is_object()) {
        auto const type = location->find("type");
        auto const at = location->find("coordinates");
        bool const is_point = type != location->end() && *type == "Point" &&
                              at != location->end() && at->is_array() && at->size() >= 2 &&
                              (*at)[0].is_number() && (*at)[1].is_number();
        if (is_point) {
            geo::Position const p{(*at)[0].get<double>(), (*at)[1].get<double>()};
            if (std::abs(p.x) <= 180 && std::abs(p.y) <= 90) {
                shape.emplace();
                shape->kind = geo::GeometryKind::point;
                shape->srid = 4326;
                shape->positions = {p};
            }
        }
    }
    if (!shape) refuse_member(member, "", R"({"type": "Point", "coordinates": [lon, lat]})");
    return *std::move(shape);
}

/// Whether the visitor sees an entity that another is linked to.
void check_link(StaBacking const& sta, http::Context const& context, std::string_view member,
                Entity entity, std::int64_t id) {
    auto const found = sta.store.read(
        {.entity = entity, .ids = {{id}}}, {}, 1, {}, [&](std::string_view collection) {
            return context.visitor.rights->find(collection, access::Action::read);
        });
    if (found.rows.empty()) refuse_member(member, std::to_string(id), "an id that is there");
}

http::Response created(StaBacking const& sta, http::Context const& context, Entity entity,
                       std::int64_t id) {
    auto const base = std::string{context.origin} + std::string{root};
    StaWriter writer{sta.store,
                     [&](std::string_view collection) {
                         return context.visitor.rights->find(collection, access::Action::read);
                     },
                     base};
    auto const found = writer.entities({.entity = entity, .ids = {{id}}}, {});
    auto answer = private_json(201, found.empty() ? Json::object() : found.front());
    answer.with("Location", writer.address(entity, id));
    return answer;
}

http::Response create_entity(Backing const& backing, StaBacking const& sta,
                             http::Context const& context, Entity entity, Body const& body) {
    auto const form = form_of(entity);
    (void)context.edit_policy(form.collection);
    auto const view = backing.atlas.view(std::string{form.collection});
    auto const& schema = view->collection.schema;
    auto edit = new_row(*view, {});
    std::vector<std::string> known;
    for (auto const& [member, field, needed] : form.texts) {
        known.emplace_back(member);
        auto const* const value = member_at(body, member);
        if (value == nullptr && !needed) continue;
        if (value == nullptr || !value->is_string() || value->get<std::string>().empty() ||
            value->get<std::string>().size() > most_text)
            refuse_member(member, "", fmt::format("1..{} bytes", most_text));
        auto const text = value->get<std::string>();
        auto const at = field_of(schema, field);
        check_code(schema.fields[at], member, text);
        edit.values.emplace_back(at, text);
    }
    for (auto const& [member, field] : form.numbers) {
        known.emplace_back(member);
        auto const* const value = member_at(body, member);
        if (value == nullptr) continue;
        if (!value->is_number()) refuse_member(member, "", "a number");
        auto const at = field_of(schema, field);
        if (schema.fields[at].type == geo::FieldType::integer) {
            if (!value->is_number_integer()) refuse_member(member, "", "a whole number");
            edit.values.emplace_back(at, value->get<std::int64_t>());
        } else {
            edit.values.emplace_back(at, value->get<double>());
        }
    }
    for (auto const& [member, field] : form.links) {
        known.push_back(std::string{member} + "/@iot.id");
        auto const id = id_in(body, member);
        check_link(sta, context, member, geo::sta::find_relation(entity, member)->to, id);
        edit.values.emplace_back(field_of(schema, field), id);
    }
    auto rest = body;
    if (entity == Entity::thing && rest.contains("Locations")) {
        auto const& places = rest["Locations"];
        if (!places.is_array() || places.size() != 1) refuse_member("Locations", "", "[{…}]");
        edit.geometry = place_in(places[0], "location");
        rest.erase("Locations");
    }
    check_members(rest, "", known);
    auto const id = write_all(backing, context, std::span{&edit, 1}).front();
    return created(sta, context, entity, id);
}

http::Response create_observation(StaBacking const& sta, http::Context const& context,
                                  std::optional<std::int64_t> datastream, Body const& body) {
    auto const& policy = context.edit_policy("datastreams");
    auto const one = read_observation(body, datastream, now());
    auto const taken = sta.observations.take(std::span{&one, 1}, policy);
    return created(sta, context, Entity::observation, taken.ids.front());
}

/// The extension for many observations: `[{"Datastream", "components", "dataArray"}, …]`.
std::vector<Observation> read_arrays(Body const& body) {
    std::vector<Observation> all;
    if (!body.is_array() || body.empty())
        refuse_member("", "", R"([{"Datastream", "components", "dataArray"}])");
    for (auto const& group : body) {
        auto const datastream = id_in(group, "Datastream");
        auto const* const components = member_at(group, "components");
        auto const* const rows = member_at(group, "dataArray");
        if (components == nullptr || !components->is_array())
            refuse_member("components", "", "[…]");
        if (rows == nullptr || !rows->is_array()) refuse_member("dataArray", "", "[[…], …]");
        for (auto const& row : *rows) {
            if (!row.is_array() || row.size() != components->size())
                refuse_member("dataArray", "", fmt::format("[…{}]", components->size()));
            auto one = Body::object();
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (!(*components)[i].is_string()) refuse_member("components", "", "[…]");
                one[(*components)[i].get<std::string>()] = row[i];
            }
            all.push_back(read_observation(one, datastream, now()));
        }
    }
    return all;
}

http::Response create_observations(StaBacking const& sta, http::Context const& context,
                                   Body const& body) {
    auto const& policy = context.edit_policy("datastreams");
    auto const all = read_arrays(body);
    auto const taken = sta.observations.take(all, policy);
    Json addresses = Json::array();
    for (auto const id : taken.ids)
        addresses.push_back(fmt::format("{}{}/Observations({})", context.origin, root, id));
    return private_json(201, addresses);
}

} // namespace

http::Response create_sta(Backing const& backing, StaBacking const& sta,
                          http::Context const& context, std::string const& text) {
    auto const body = read_json_body(context, {"application/json"});
    if (text == "CreateObservations") return create_observations(sta, context, body);
    auto const path = geo::sta::read_path(text);
    auto const cannot = [&] {
        throw geo::Error{geo::Code::not_found, "sta-no-entity", {{"value", text.substr(0, 80)}}};
    };
    if (!path || path->is_one() || path->references || !path->property.empty()) cannot();
    auto const entity = path->steps.back().entity;
    if (!body.is_object()) refuse_member("", "", "{…}");
    if (entity == Entity::observation) {
        if (path->steps.size() == 1) return create_observation(sta, context, std::nullopt, body);
        auto const& before = path->steps[path->steps.size() - 2];
        if (path->steps.size() != 2 || before.entity != Entity::datastream) cannot();
        return create_observation(sta, context, before.id, body);
    }
    bool const made_here = entity == Entity::thing || entity == Entity::sensor ||
                           entity == Entity::observed_property || entity == Entity::datastream;
    if (!made_here || path->steps.size() != 1) cannot();
    return create_entity(backing, sta, context, entity, body);
}

} // namespace diaban::services::api
