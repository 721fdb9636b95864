#include "services/api/webhooks.hpp"

#include "geo/error.hpp"
#include "services/access/webhook_signature.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/puller.hpp"

#include <string>
#include <utility>

namespace diaban::services::api {

namespace {

using data::model::Delivery;
using data::model::Subscription;
using data::postgis::PullStore;
using data::postgis::WebhookStore;
using Body = nlohmann::json;

Json describe(Subscription const& one) {
    Json scopes = nullptr;
    if (one.scopes) scopes = *one.scopes;
    return {{"id", one.id},
            {"title", one.title},
            {"url", one.url},
            {"collections", one.collections},
            {"severities", one.severities},
            {"level", one.level},
            {"scopes", std::move(scopes)},
            {"enabled", one.enabled}};
}

Json describe(Delivery const& one) {
    Json status = nullptr;
    if (one.last_status) status = *one.last_status;
    return {{"id", one.id},
            {"message", one.message},
            {"state", one.state},
            {"created", instant_json(one.created)},
            {"attempts", one.attempts},
            {"lastAt", instant_json(one.last_at)},
            {"lastStatus", std::move(status)},
            {"fault", one.last_fault}};
}

Subscription read_subscription(Body const& body, PullStore const& hosts) {
    if (!body.is_object()) refuse_member("url", "", "{url, …}");
    Subscription one;
    one.title = text_in(body, "title", true);
    one.url = text_in(body, "url");
    if (!domain::may_be_asked(one.url, hosts.hosts()))
        refuse_member("url", one.url.substr(0, 200), "diaban.pull_host");
    one.secret = text_in(body, "secret", true);
    constexpr std::size_t least_secret = 16;
    constexpr std::size_t most_secret = 200;
    if (!one.secret.empty() &&
        (one.secret.size() < least_secret || one.secret.size() > most_secret))
        refuse_member("secret", "", "16..200");
    one.collections = words_in(body, "collections");
    one.severities = words_in(body, "severities");
    if (auto const found = body.find("scopes"); found != body.end() && !found->is_null())
        one.scopes = words_in(body, "scopes");
    if (auto const level = body.find("level"); level != body.end()) {
        bool const is_level = level->is_number_unsigned() && level->get<std::uint64_t>() <= 255;
        if (!is_level) refuse_member("level", "", "0..255");
        one.level = level->get<std::uint8_t>();
    }
    if (auto const enabled = body.find("enabled"); enabled != body.end()) {
        if (!enabled->is_boolean()) refuse_member("enabled", "", "true, false");
        one.enabled = enabled->get<bool>();
    }
    return one;
}

http::Response answer_list(WebhookStore const& store) {
    Json answer{{"webhooks", Json::array()}};
    for (auto const& one : store.list()) answer["webhooks"].push_back(describe(one));
    return private_json(200, answer);
}

http::Response answer_add(WebhookStore const& store, PullStore const& hosts,
                          http::Context const& context) {
    auto one = read_subscription(read_json_body(context, {"application/json"}), hosts);
    bool const is_made_here = one.secret.empty();
    if (is_made_here) one.secret = access::webhook_secret();
    one.id = store.add(one, context.visitor.login);
    auto said = describe(one);
    if (is_made_here) said["secret"] = one.secret;
    return private_json(201, said);
}

http::Response answer_set(WebhookStore const& store, PullStore const& hosts,
                          http::Context const& context, std::int64_t id) {
    auto one = read_subscription(read_json_body(context, {"application/json"}), hosts);
    one.id = id;
    store.set(one);
    return private_json(200, describe(one));
}

http::Response answer_deliveries(WebhookStore const& store, http::Context const& context,
                                 std::int64_t id) {
    auto const state = std::string{context.query.find("state").value_or("")};
    if (!state.empty() && state != "waiting" && state != "delivered" && state != "dead")
        throw geo::Error{geo::Code::bad_input,
                         "bad-parameter",
                         {{"parameter", "state"},
                          {"value", state.substr(0, 40)},
                          {"accepted", "waiting, delivered, dead"}}};
    auto all = Json::array();
    for (auto const& one : store.deliveries(id, state)) all.push_back(describe(one));
    return private_json(200, {{"deliveries", std::move(all)}});
}

} // namespace

void add_webhooks(http::Router& router, WebhookStore const& store, PullStore const& hosts,
                  bool writable) {
    using access::Need;
    using http::Context;
    using http::Method;
    router.get(Need::administer, "/webhooks", {},
               [&store](Context const&) { return answer_list(store); });
    router.get(Need::administer, "/webhooks/{webhookId}/deliveries", {"state"},
               [&store](Context const& context, std::int64_t id) {
                   return answer_deliveries(store, context, id);
               });
    if (!writable) return;
    router.add(
        Method::post, Need::administer, "/webhooks", {},
        [&store, &hosts](Context const& context) { return answer_add(store, hosts, context); });
    router.add(Method::put, Need::administer, "/webhooks/{webhookId}", {},
               [&store, &hosts](Context const& context, std::int64_t id) {
                   return answer_set(store, hosts, context, id);
               });
    router.add(Method::remove, Need::administer, "/webhooks/{webhookId}", {},
               [&store](Context const&, std::int64_t id) {
                   store.remove(id);
                   return no_content();
               });
    router.add(Method::post, Need::administer, "/deliveries/{deliveryId}/retry", {},
               [&store](Context const&, std::int64_t id) {
                   store.retry(id);
                   return no_content();
               });
}

} // namespace diaban::services::api
