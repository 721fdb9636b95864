#include "services/api/wall.hpp"

#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/walls.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diaban::services::api {

namespace {

using data::model::WallBeat;
using data::model::WallState;
using domain::Wall;

constexpr char walls[] = "walls";
constexpr char scenes[] = "wall_scenes";
constexpr std::int64_t longest_clock = 9'007'199'254'740'991;

/// The wall of that number, among those of a policy.
Wall find_wall(Backing const& backing, geo::Policy const& policy, std::uint32_t number) {
    auto all = domain::read_walls(*backing.atlas.view(walls), policy);
    auto const found = std::ranges::find(
        all, number, [](Wall const& wall) { return static_cast<std::uint32_t>(wall.number); });
    if (found == all.end())
        throw geo::Error{geo::Code::not_found, "no-wall", {{"value", std::to_string(number)}}};
    return std::move(*found);
}

Wall seen_wall(Backing const& backing, http::Context const& context, std::uint32_t number) {
    return find_wall(backing, context.policy(walls), number);
}

/// The wall, for who operates it.
Wall operated_wall(Backing const& backing, http::Context const& context, std::uint32_t number) {
    auto const& policy = context.edit_policy(walls);
    (void)seen_wall(backing, context, number);
    return find_wall(backing, policy, number);
}

/// Milliseconds of the epoch, of the clock that all screens go by.
double clock_of(geo::Instant instant) {
    return static_cast<double>(instant.microseconds) / 1000;
}
Json clock_of(std::optional<geo::Instant> const& instant) {
    return instant ? Json(clock_of(*instant)) : Json();
}

Json json_of(std::string const& text) {
    return Json::parse(text, nullptr, false);
}

Json describe(WallState const& state, bool with_content) {
    Json told{{"revision", state.revision},
              {"scene", state.scene ? Json(*state.scene) : Json()},
              {"begun_at", clock_of(state.begun_at)},
              {"switch_at", clock_of(state.switch_at)},
              {"stands_in", json_of(state.stands_in)},
              {"view", state.view ? json_of(*state.view) : Json()},
              {"view_at", clock_of(state.view_at)},
              {"locked_by", state.locked_by ? Json(*state.locked_by) : Json()},
              {"carousel", state.carousel},
              {"undoable", state.undoable}};
    if (with_content) told["content"] = json_of(state.content);
    return told;
}

Json describe(Wall const& wall) {
    return {{"number", wall.number},
            {"title", wall.title},
            {"rows", wall.rows},
            {"columns", wall.columns},
            {"pixels", Json::array({wall.pixel_width, wall.pixel_height})},
            {"pitch_mm", wall.pitch},
            {"gaps_mm", Json::array({wall.gap_across, wall.gap_down})}};
}

Json describe(data::model::WallScreen const& screen, geo::Instant now) {
    auto const& cells = screen.cells;
    return {
        {"client", screen.client},
        {"rows", Json::array({cells.first_row, cells.last_row})},
        {"columns", Json::array({cells.first_column, cells.last_column})},
        {"prepared", screen.prepared},
        {"shown", screen.shown},
        {"switched_at", clock_of(screen.switched_at)},
        {"painted_at", clock_of(screen.painted_at)},
        {"heard_ms", static_cast<double>(now.microseconds - screen.seen_at.microseconds) / 1000}};
}

Json describe(domain::WallScene const& scene) {
    return {{"id", scene.fid},
            {"position", scene.position},
            {"titles",
             {{"vi", scene.title}, {"en", scene.title_en.empty() ? scene.title : scene.title_en}}},
            {"seconds", scene.seconds ? Json(*scene.seconds) : Json()},
            {"content", json_of(scene.content)}};
}

std::vector<domain::WallScene> scenes_of(Backing const& backing, http::Context const& context,
                                         Wall const& wall) {
    if (!context.sees(scenes)) return {};
    return domain::read_wall_scenes(*backing.atlas.view(scenes), context.policy(scenes),
                                    wall.number);
}

http::Response answer_list(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    Json list = Json::array();
    for (auto const& wall : domain::read_walls(*backing.atlas.view(walls), context.policy(walls)))
        list.push_back(describe(wall));
    return http::represent(context, {"application/json", dump({{"walls", std::move(list)}})});
}

bool may_operate(Backing const& backing, http::Context const& context, Wall const& wall) {
    auto const* const policy = context.visitor.rights->find(walls, access::Action::edit);
    if (policy == nullptr || backing.settings.read_only) return false;
    auto const all = domain::read_walls(*backing.atlas.view(walls), *policy);
    return std::ranges::find(all, wall.fid, &Wall::fid) != all.end();
}

http::Response answer_wall(Backing const& backing, data::postgis::WallStore const& store,
                           http::Context const& context, std::uint32_t number) {
    check_json_form(context);
    auto const wall = seen_wall(backing, context, number);
    auto told = describe(wall);
    told["operable"] = may_operate(backing, context, wall);
    told["scenes"] = Json::array();
    for (auto const& scene : scenes_of(backing, context, wall))
        told["scenes"].push_back(describe(scene));
    auto const state = store.state(wall.number);
    told["state"] = state ? describe(*state, true) : Json();
    told["screens"] = Json::array();
    if (state)
        for (auto const& screen : store.screens(wall.number))
            told["screens"].push_back(describe(screen, state->now));
    return private_json(200, told);
}

std::int64_t whole_in(nlohmann::json const& body, char const* name) {
    auto const at = body.is_object() ? body.find(name) : body.end();
    if (at == body.end() || !at->is_number_integer() || *at < 0 || *at > longest_clock)
        refuse_member(name, at == body.end() ? "" : at->dump(), "0..9007199254740991");
    return at->get<std::int64_t>();
}

std::optional<geo::Instant> clock_in(nlohmann::json const& body, char const* name) {
    auto const at = body.find(name);
    if (at == body.end() || at->is_null()) return std::nullopt;
    if (!at->is_number() || !(at->get<double>() >= 0) || at->get<double>() > 4e12)
        refuse_member(name, at->dump(), "ms");
    return geo::Instant{std::llround(at->get<double>() * 1000)};
}

std::pair<std::int32_t, std::int32_t> span_in(nlohmann::json const& body, char const* name,
                                              std::int32_t most) {
    auto const text = text_in(body, name);
    auto const span = domain::read_span(text, most);
    if (!span) refuse_member(name, text, fmt::format("1..{}, 1-{}", most, most));
    return *span;
}

http::Response take_beat(Backing const& backing, data::postgis::WallStore const& store,
                         http::Context const& context, std::uint32_t number) {
    auto const wall = seen_wall(backing, context, number);
    auto const body = read_json_body(context, {"application/json"});
    auto const rows = span_in(body, "rows", wall.rows);
    auto const columns = span_in(body, "columns", wall.columns);
    auto const client = text_in(body, "client");
    if (client.size() < 8 || client.size() > 64) refuse_member("client", client, "8..64 bytes");
    WallBeat const beat{.client = client,
                        .cells = {rows.first, rows.second, columns.first, columns.second},
                        .prepared = whole_in(body, "prepared"),
                        .shown = whole_in(body, "shown"),
                        .switched_at = clock_in(body, "switched_at"),
                        .painted_at = clock_in(body, "painted_at")};
    auto const known = whole_in(body, "known");
    auto const state = store.beat(wall.number, beat);
    auto told = describe(state, known != state.revision);
    told["standby_number"] = state.standby_number;
    if (!body.contains("standby") || whole_in(body, "standby") != state.standby_number)
        told["standby"] = state.standby ? json_of(*state.standby) : Json();
    told["fed"] = backing.atlas.follower_counters().seq;
    told["now"] = clock_of(state.now);
    return private_json(200, told);
}

/// What an operator's act came to.
http::Response answer_act(std::string const& outcome, Wall const& wall) {
    if (outcome == "done") return no_content();
    auto const refusal = [](std::string type, std::string value) {
        return geo::Error{geo::Code::conflict, std::move(type), {{"value", std::move(value)}}};
    };
    if (outcome == "locked") throw refusal("wall-locked", std::to_string(wall.number));
    if (outcome == "busy") throw refusal("wall-busy", wall.title);
    if (outcome == "dead") throw refusal("wall-dead", wall.title);
    if (outcome == "lives") throw refusal("wall-lives", wall.title);
    throw refusal("wall-nothing", wall.title);
}

/// The kept scene that a body names, one that the wall can show.
domain::WallScene scene_in(nlohmann::json const& body, Backing const& backing,
                           http::Context const& context, Wall const& wall) {
    auto const fid = whole_in(body, "scene");
    auto all = scenes_of(backing, context, wall);
    auto const scene = std::ranges::find(all, fid, &domain::WallScene::fid);
    if (scene == all.end())
        throw geo::Error{geo::Code::not_found, "no-scene", {{"value", std::to_string(fid)}}};
    domain::check_wall_content(nlohmann::json::parse(scene->content, nullptr, false), wall);
    return std::move(*scene);
}

http::Response put_on_air(Backing const& backing, data::postgis::WallStore const& store,
                          http::Context const& context, std::uint32_t number) {
    auto const wall = operated_wall(backing, context, number);
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object() || body.contains("scene") == body.contains("content"))
        refuse_member("scene", "", "scene, or content");
    if (body.contains("content")) {
        domain::check_wall_content(body["content"], wall);
        return answer_act(store.air(wall.number, std::nullopt, body["content"].dump()), wall);
    }
    auto const scene = scene_in(body, backing, context, wall);
    return answer_act(store.air(wall.number, scene.fid, scene.content), wall);
}

http::Response stand_by(Backing const& backing, data::postgis::WallStore const& store,
                        http::Context const& context, std::uint32_t number) {
    auto const wall = operated_wall(backing, context, number);
    auto const body = read_json_body(context, {"application/json"});
    auto const scene = scene_in(body, backing, context, wall);
    return answer_act(store.stand_by(wall.number, scene.fid), wall);
}

http::Response lock_wall(Backing const& backing, data::postgis::WallStore const& store,
                         http::Context const& context, std::uint32_t number) {
    auto const wall = operated_wall(backing, context, number);
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object() || !body.contains("locked") || !body["locked"].is_boolean())
        refuse_member("locked", "", "true, false");
    std::optional<std::string> by;
    if (body["locked"] == true) by = read_author(context).who;
    return answer_act(store.lock(wall.number, by), wall);
}

http::Response move_view(Backing const& backing, data::postgis::WallStore const& store,
                         http::Context const& context, std::uint32_t number) {
    auto const wall = operated_wall(backing, context, number);
    auto const body = read_json_body(context, {"application/json"});
    auto const number_in = [&](char const* name, double least, double most) {
        auto const at = body.is_object() ? body.find(name) : body.end();
        bool const good = at != body.end() && at->is_number() && at->get<double>() >= least &&
                          at->get<double>() <= most;
        if (!good) refuse_member(name, "", fmt::format("{}..{}", least, most));
        return at->get<double>();
    };
    nlohmann::json const view{{"centre", {number_in("lon", -180, 180), number_in("lat", -85, 85)}},
                              {"zoom", number_in("zoom", 0, 21)}};
    return answer_act(store.look_at(wall.number, view.dump()), wall);
}

http::Response stand_in(Backing const& backing, data::postgis::WallStore const& store,
                        http::Context const& context, std::uint32_t number) {
    auto const wall = operated_wall(backing, context, number);
    auto const body = read_json_body(context, {"application/json"});
    auto const cell_in = [&](char const* name) {
        auto const text = text_in(body, name);
        auto cell = domain::read_wall_cell(text, wall);
        if (!cell) refuse_member(name, text, fmt::format("1/1..{}/{}", wall.rows, wall.columns));
        return *cell;
    };
    auto const cell = cell_in("cell");
    std::optional<std::string> by;
    if (body.contains("by") && !body["by"].is_null()) by = cell_in("by");
    return answer_act(store.stand_in(wall.number, cell, by), wall);
}

http::Response turn_carousel(Backing const& backing, data::postgis::WallStore const& store,
                             http::Context const& context, std::uint32_t number) {
    auto const wall = operated_wall(backing, context, number);
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object() || !body.contains("going") || !body["going"].is_boolean())
        refuse_member("going", "", "true, false");
    return answer_act(store.carousel(wall.number, body["going"].get<bool>()), wall);
}

} // namespace

void add_wall(http::Router& router, Backing const& backing, data::postgis::WallStore const& store) {
    using access::Need;
    using http::Context;
    router.get(Need::read, "/wall", {"f"},
               [&backing](Context const& context) { return answer_list(backing, context); });
    router.get(Need::read, "/wall/{wallId}", {"f"},
               [&backing, &store](Context const& context, std::uint32_t number) {
                   return answer_wall(backing, store, context, number);
               });
    if (backing.settings.read_only) return;
    using Handler = http::Response (*)(Backing const&, data::postgis::WallStore const&,
                                       Context const&, std::uint32_t);
    auto const add = [&](Need need, char const* pattern, Handler handler) {
        router.add(http::Method::post, need, pattern, {},
                   [&backing, &store, handler](Context const& context, std::uint32_t number) {
                       return handler(backing, store, context, number);
                   });
    };
    add(Need::read, "/wall/{wallId}/beats", take_beat);
    add(Need::edit, "/wall/{wallId}/air", put_on_air);
    add(Need::edit, "/wall/{wallId}/standby", stand_by);
    add(Need::edit, "/wall/{wallId}/undo",
        [](Backing const& held, data::postgis::WallStore const& kept, Context const& context,
           std::uint32_t number) {
            auto const wall = operated_wall(held, context, number);
            return answer_act(kept.undo(wall.number), wall);
        });
    add(Need::edit, "/wall/{wallId}/lock", lock_wall);
    add(Need::edit, "/wall/{wallId}/view", move_view);
    add(Need::edit, "/wall/{wallId}/stand-ins", stand_in);
    add(Need::edit, "/wall/{wallId}/carousel", turn_carousel);
}

} // namespace diaban::services::api
