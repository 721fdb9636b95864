#include "services/api/personal.hpp"

#include "geo/error.hpp"
#include "services/access/accounts.hpp"
#include "services/api/access_json.hpp"
#include "services/api/account.hpp"
#include "services/http/uri.hpp"

#include <fmt/format.h>

namespace diaban::services::api {

namespace {

constexpr std::size_t longest_reason = 1000;
constexpr char reason_field[] = "Access-Reason";

/// Noted before it is answered: without the record of who asked there is no answer.
http::Response answer(Backing const& backing, http::Context const& context, std::string const& id,
                      std::int64_t fid) {
    auto const& policy = personal_policy(context, id);
    auto const reason = read_access_reason(context.request);
    auto const view = backing.atlas.view(id);
    auto const& schema = view->collection.schema;
    auto const shown = data::model::Personal::shown;
    auto const item = backing.store.item(view->collection, fid, policy, shown);
    if (!item)
        throw geo::Error{
            geo::Code::not_found, "no-item", {{"collection", id}, {"value", std::to_string(fid)}}};
    auto const fields = data::model::visible(schema, policy, shown).fields;
    auto values = Json::object();
    auto names = Json::array();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!fields[i].personal) continue;
        std::string text;
        append_value(text, item->feature.values[i]);
        values[fields[i].name] = Json::parse(text);
        names.push_back(fields[i].name);
    }
    backing.accounts.audit.note({context.visitor.login, "read-personal", id, fid, reason,
                                 dump({{"fields", std::move(names)}})});
    return private_json(200, {{"collection", id}, {"fid", fid}, {"personal", std::move(values)}});
}

} // namespace

std::string read_access_reason(http::Request const& request) {
    auto const sent = request.header("access-reason");
    auto reason = http::percent_decode(sent, false);
    if (!reason || reason->empty() || reason->size() > longest_reason)
        throw geo::Error{geo::Code::bad_input,
                         "bad-header",
                         {{"parameter", reason_field},
                          {"value", http::percent_encode(sent.substr(0, 20))},
                          {"accepted", fmt::format("UTF-8, %XX, 1..{}", longest_reason)}}};
    return *std::move(reason);
}

geo::Policy const& personal_policy(http::Context const& context, std::string const& id) {
    static_cast<void>(context.policy(id)); // or the collection is not there
    auto const* const policy = context.visitor.rights->find(id, access::Action::personal);
    if (policy != nullptr) return *policy;
    bool const anonymous = context.visitor.way == access::Visitor::Way::anonymous;
    throw geo::Error{geo::Code::forbidden, anonymous ? "sign-in-needed" : "not-allowed"};
}

void add_personal(http::Router& router, Backing const& backing) {
    router.get(access::Need::read, "/collections/{collectionId}/items/{featureId}/personal", {},
               [&backing](http::Context const& context, std::string const& id, std::int64_t fid) {
                   return answer(backing, context, id, fid);
               });
}

} // namespace diaban::services::api
