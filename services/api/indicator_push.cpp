#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/indicator_question.hpp"
#include "services/api/parameters.hpp"
#include "services/api/pull_state.hpp"
#include "services/api/work.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/indicator_items.hpp"
#include "services/domain/indicator_pull.hpp"
#include "services/domain/time_fields.hpp"
#include "services/http/representation.hpp"

namespace diaban::services::api {

namespace {

constexpr std::size_t most_values = 2000; ///< written in one transaction

/// `{"values": [{"place": "42", "period": "2026", "value": 7}, …]}`.
http::Response answer_push(Backing const& backing, http::Context const& context,
                           domain::UnitListCache& cache, std::string const& code) {
    auto const& edit_policy = context.edit_policy("indicators");
    auto const body = read_json_body(context, {"application/json"});
    auto const ground = stand(backing, context, cache);
    auto const indicator =
        domain::find_indicator(*ground.catalogue, code, context.policy("indicator_catalogue"));
    if (!indicator)
        throw geo::Error{
            geo::Code::not_found, "unknown-indicator", {{"value", code.substr(0, 64)}}};
    auto const& places = context.policy("places");
    auto const reading = domain::read_items(
        *ground.lists, *indicator, {"/values", "/place", "/period", "/value"}, body,
        [&](domain::ListedUnit const& unit) {
            return places.sees(unit.entry->scope, unit.entry->sensitivity);
        },
        domain::local_today());
    if (!reading.faults.empty()) {
        geo::Error const error{geo::Code::bad_input,
                               "form-faults",
                               {{"value", std::to_string(reading.faults.size())}}};
        return http::problem(error, 422, context.language, context.request.path, reading.faults);
    }
    std::vector<data::model::Edit> edits;
    std::size_t values = 0;
    for (auto const& [period, form] : reading.forms) {
        values += form.values.size();
        for (auto& edit :
             domain::form_edits(ground.values->collection, *ground.lists, form,
                                domain::read_rows(*ground.values, {code, period, {}}, edit_policy)))
            edits.push_back(std::move(edit));
    }
    if (edits.size() > most_values)
        throw geo::Error{
            geo::Code::too_large, "form-too-large", {{"accepted", std::to_string(most_values)}}};
    if (!edits.empty()) write_all(backing, context, edits);
    return private_json(200, {{"indicator", code}, {"values", values}, {"changed", edits.size()}});
}

http::Response answer_sources(Backing const& backing, data::postgis::PullStore const& store,
                              http::Context const& context) {
    check_json_form(context);
    auto const& policy = context.policy("indicator_sources");
    auto const view = backing.atlas.view("indicator_sources");
    auto const states = store.states("indicator_sources");
    auto const hosts = store.hosts();
    Json list = Json::array();
    for (auto const& source : domain::read_sources(*view, policy)) {
        Json json{{"id", source.pull.fid}, {"indicator", source.indicator}};
        add_pull_state(json, source.pull, states, hosts);
        list.push_back(std::move(json));
    }
    return http::represent(context, {"application/json", dump({{"sources", std::move(list)}})});
}

} // namespace

void add_indicator_push(http::Router& router, Backing const& backing,
                        std::shared_ptr<domain::UnitListCache> const& lists, bool writable) {
    using access::Need;
    auto const store = std::make_shared<data::postgis::PullStore>(backing.pool);
    router.get(Need::read, "/indicator-sources", {"f"},
               [&backing, store](http::Context const& context) {
                   return answer_sources(backing, *store, context);
               });
    if (!writable) return;
    router.add(http::Method::post, Need::edit, "/indicators/{indicatorId}/values", {},
               [&backing, lists](http::Context const& context, std::string const& code) {
                   return answer_push(backing, context, *lists, code);
               });
}

} // namespace diaban::services::api
