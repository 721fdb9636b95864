#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/land.hpp"
#include "services/api/parameters.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

namespace diaban::services::api {

namespace {

using data::model::Dossier;
using data::model::DossierDraft;

constexpr std::size_t most_parcels = 20;
constexpr std::size_t most_corners = 200;

Json describe(Dossier const& dossier) {
    auto children = Json::array();
    auto const proposal = Json::parse(dossier.proposal);
    for (auto const& child : proposal["children"])
        children.push_back({{"number", child["number"]},
                            {"land_use", child["use"]},
                            {"legal_area_m2", child["legal"]},
                            {"projected_area_m2", child["projected"]}});
    auto const or_null = [](std::string const& text) { return text.empty() ? Json{} : Json(text); };
    return {{"id", dossier.id},
            {"kind", dossier.kind},
            {"state", dossier.state},
            {"parcels", dossier.parents},
            {"children", std::move(children)},
            {"document", dossier.document},
            {"issued_on", geo::codec::date_text(dossier.issued_on)},
            {"change", dossier.change ? Json(*dossier.change) : Json{}},
            {"drafted_by", dossier.drafted_by},
            {"checked_by", or_null(dossier.checked_by)},
            {"approved_by", or_null(dossier.approved_by)},
            {"reason", or_null(dossier.reason)}};
}

/// Dossiers have names under them.
std::string const& signed_in(http::Context const& context) {
    if (context.visitor.login.empty()) throw geo::Error{geo::Code::forbidden, "sign-in-needed"};
    return context.visitor.login;
}

double number_in(nlohmann::json const& value, char const* name) {
    if (!value.is_number() || !std::isfinite(value.get<double>()))
        refuse_member(name, value.dump().substr(0, 40), "a number");
    return value.get<double>();
}

std::vector<double> numbers_in(nlohmann::json const& body, char const* name, std::size_t most) {
    std::vector<double> numbers;
    auto const found = body.find(name);
    if (found == body.end()) return numbers;
    if (!found->is_array() || found->size() > most)
        refuse_member(name, found->dump().substr(0, 40), "numbers");
    for (auto const& one : *found) numbers.push_back(number_in(one, name));
    return numbers;
}

std::vector<std::int64_t> whole_numbers_in(nlohmann::json const& body, char const* name) {
    std::vector<std::int64_t> numbers;
    for (double const one : numbers_in(body, name, most_parcels)) {
        if (one < 1 || one > 9e15 || one != std::floor(one))
            refuse_member(name, std::to_string(one), "whole numbers from 1");
        numbers.push_back(static_cast<std::int64_t>(one));
    }
    return numbers;
}

std::vector<geo::Position> line_in(nlohmann::json const& body) {
    std::vector<geo::Position> line;
    auto const found = body.find("cut");
    if (found == body.end()) return line;
    if (!found->is_array() || found->size() < 2 || found->size() > most_corners)
        refuse_member("cut", found->dump().substr(0, 40), "[[E, N], [E, N], …]");
    for (auto const& corner : *found) {
        if (!corner.is_array() || corner.size() != 2)
            refuse_member("cut", corner.dump().substr(0, 40), "[E, N]");
        line.push_back({number_in(corner[0], "cut"), number_in(corner[1], "cut")});
    }
    return line;
}

DossierDraft read_draft(http::Context const& context) {
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("kind", "", "split, merge, undo");
    DossierDraft draft;
    draft.kind = text_in(body, "kind");
    if (draft.kind != "split" && draft.kind != "merge" && draft.kind != "undo")
        refuse_member("kind", draft.kind, "split, merge, undo");
    draft.document = text_in(body, "document");
    if (draft.document.empty()) refuse_member("document", "", "the number of the document");
    auto const issued = geo::codec::read_date(text_in(body, "issued_on"));
    if (!issued) refuse_member("issued_on", text_in(body, "issued_on"), "2025-07-01");
    draft.issued_on = *issued;
    draft.parcels = whole_numbers_in(body, "parcels");
    draft.cut = line_in(body);
    draft.legal_areas = numbers_in(body, "legal_areas", most_parcels);
    draft.numbers = whole_numbers_in(body, "numbers");
    if (body.contains("area_m2")) draft.area_m2 = number_in(body["area_m2"], "area_m2");
    if (body.contains("azimuth")) draft.azimuth = number_in(body["azimuth"], "azimuth");
    if (body.contains("undoes")) {
        auto const changes = number_in(body["undoes"], "undoes");
        draft.undoes = static_cast<std::int64_t>(std::clamp(changes, 0.0, 9e15));
    }
    if (draft.kind == "split" && draft.cut.empty() && !draft.area_m2)
        refuse_member("cut", "", "cut or area_m2");
    if (draft.kind == "undo" && !draft.undoes) refuse_member("undoes", "", "a change");
    return draft;
}

/// The change stands; where its faults cannot be looked for, the next check of the commune does.
void look_again(LandBacking const& land, data::postgis::TopologyStore const& topology,
                Dossier const& approved, geo::Policy const& policy) {
    try {
        auto fids = approved.parents;
        for (auto const parent : approved.parents)
            if (auto const file = land.land.file(parent, policy))
                for (auto const& child : file->children) fids.push_back(child.fid);
        topology.look_again(fids);
    } catch (geo::Error const& fault) {
        spdlog::warn("faults of changed parcels were not looked for: {}", fault.type());
    }
}

http::Response answer_list(LandBacking const& land, http::Context const& context) {
    auto const state = context.query.find("state").value_or("");
    if (!state.empty() && state != "drafted" && state != "checked" && state != "approved" &&
        state != "returned")
        refuse_parameter("state", state, "drafted, checked, approved, returned");
    auto dossiers = Json::array();
    for (auto const& dossier : land.dossiers.dossiers(state, read_limit(context.query, 50, 200),
                                                      context.edit_policy("parcels")))
        dossiers.push_back(describe(dossier));
    return private_json(200, {{"dossiers", std::move(dossiers)}});
}

} // namespace

void add_dossiers(http::Router& router, LandBacking const& land,
                  data::postgis::TopologyStore const& topology) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::edit, "/land/dossiers", {"state", "limit"},
               [land](Context const& context) { return answer_list(land, context); });
    router.get(Need::edit, "/land/dossiers/{dossierId}", {},
               [land](Context const& context, std::int64_t id) {
                   return private_json(
                       200, describe(land.dossiers.dossier(id, context.edit_policy("parcels"))));
               });
    router.add(Method::post, Need::edit, "/land/dossiers", {}, [land](Context const& context) {
        auto const& policy = context.edit_policy("parcels");
        auto const& who = signed_in(context);
        return private_json(201, describe(land.dossiers.draft(read_draft(context), who, policy)));
    });
    router.add(Method::post, Need::edit, "/land/dossiers/{dossierId}/check", {},
               [land](Context const& context, std::int64_t id) {
                   auto const& policy = context.edit_policy("parcels");
                   return private_json(
                       200, describe(land.dossiers.check(id, signed_in(context), policy)));
               });
    router.add(Method::post, Need::edit, "/land/dossiers/{dossierId}/approve", {},
               [land, &topology](Context const& context, std::int64_t id) {
                   auto const& policy = context.edit_policy("parcels");
                   auto const approved = land.dossiers.approve(id, signed_in(context), policy);
                   look_again(land, topology, approved, policy);
                   return private_json(200, describe(approved));
               });
    router.add(Method::post, Need::edit, "/land/dossiers/{dossierId}/return", {},
               [land](Context const& context, std::int64_t id) {
                   auto const& policy = context.edit_policy("parcels");
                   auto const body = read_json_body(context, {"application/json"});
                   auto const reason = text_in(body, "reason");
                   return private_json(200, describe(land.dossiers.give_back(id, signed_in(context),
                                                                             reason, policy)));
               });
}

} // namespace diaban::services::api
