#include "geo/error.hpp"
#include "services/access/accounts.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/open311.hpp"
#include "services/api/report_row.hpp"
#include "services/api/work_edit.hpp"

#include <algorithm>
#include <array>

namespace diaban::services::api {

namespace {

ReportVisibility read_visibility(nlohmann::json const& body) {
    auto const name = text_in(body, "visibility");
    for (auto const& one : report_visibilities)
        if (one.name == name) return one;
    refuse_member("visibility", name, "public, personal, hidden");
}

/// The sensitivity that the mirror has of it.
std::uint8_t sensitivity_of(domain::View const& view, std::int64_t fid) {
    auto const at = view.layer->find(fid);
    return at ? at->run->class_table[at->run->classes[at->row]].sensitivity : 0;
}

/// Noted before it is done: without the record of who did it nothing is hidden or shown.
http::Response set_visibility(Backing const& backing, http::Context const& context,
                              std::int64_t fid) {
    auto const& policy = context.edit_policy(reports_collection);
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("visibility", "", "an object");
    auto const wanted = read_visibility(body);
    auto const reason = text_in(body, "reason");
    if (reason.empty()) refuse_member("reason", "", "1..2000 bytes");
    auto const row = stored_row(backing, context, reports_collection, fid);
    if (wanted.sensitivity > policy.level())
        throw geo::Error{geo::Code::forbidden,
                         "visibility-level",
                         {{"value", std::string{wanted.name}},
                          {"accepted", std::to_string(int{wanted.sensitivity})}}};
    Json const change{{"from", visibility_of(sensitivity_of(*row.view, fid))}, {"to", wanted.name}};
    backing.accounts.audit.note(
        {context.visitor.login, "set-visibility", reports_collection, fid, reason, dump(change)});
    auto const edit = change_of(row, {{"visibility", std::string{wanted.name}}});
    auto const* const one = &policy;
    // The reason may tell what is to be hidden: the history says what was done alone.
    backing.editing.write_all(std::span{&edit, 1},
                              {read_author(context).who, "visibility: " + std::string{wanted.name}},
                              std::span{&one, 1});
    return private_json(200, {{"visibility", wanted.name}});
}

} // namespace

void add_moderation(http::Router& router, Backing const& backing) {
    router.add(http::Method::post, access::Need::edit, "/reports/{reportId}/visibility", {},
               [&backing](http::Context const& context, std::int64_t fid) {
                   return set_visibility(backing, context, fid);
               });
}

} // namespace diaban::services::api
