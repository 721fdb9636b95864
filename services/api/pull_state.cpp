#include "services/api/pull_state.hpp"

#include "services/api/work_edit.hpp"

namespace diaban::services::api {

void add_pull_state(Json& json, domain::PullSource const& source,
                    std::map<std::int64_t, data::postgis::PullState> const& states,
                    domain::Hosts const& hosts) {
    json["url"] = source.url;
    json["every_minutes"] = source.every_minutes;
    json["allowed"] = domain::may_be_asked(source.url, hosts);
    auto const found = states.find(source.fid);
    bool const asked = found != states.end();
    json["asked_at"] = asked ? instant_json(found->second.asked_at) : Json{};
    json["good_at"] = asked ? instant_json(found->second.good_at) : Json{};
    json["changed"] = asked ? Json(found->second.stored) : Json{};
    json["fault"] = asked ? text_json(found->second.fault) : Json{};
}

} // namespace diaban::services::api
