#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/work.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/time_fields.hpp"
#include "services/domain/work.hpp"
#include "services/http/representation.hpp"

#include <map>
#include <string>
#include <string_view>

namespace diaban::services::api {

namespace {

using domain::Directive;

constexpr std::uint32_t usual_limit = 100;
constexpr std::uint32_t most_limit = 1000;
constexpr std::size_t longest_text = 200;

/// `18801, 18739` as a list.
Json listed(std::string_view text) {
    Json list = Json::array();
    while (!text.empty()) {
        auto const end = std::min(text.find(','), text.size());
        auto const first = text.find_first_not_of(' ');
        if (first < end) {
            auto word = text.substr(first, end - first);
            word = word.substr(0, word.find_last_not_of(' ') + 1);
            list.push_back(std::string{word});
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return list;
}

Json describe(Directive const& one, geo::Date today) {
    return {{"id", one.fid},
            {"number", one.number},
            {"issued_on", day_json(one.issued_on)},
            {"issuer", text_json(one.issuer)},
            {"office", one.office},
            {"subject", one.subject},
            {"deadline", day_json(one.deadline)},
            {"state", one.state},
            {"done_on", day_json(one.done_on)},
            {"overdue", is_overdue(one, today)},
            {"places", listed(one.places)},
            {"parcels", listed(one.parcels)},
            {"events", listed(one.events)}};
}

bool concerns(Directive const& one, std::string_view place) {
    for (auto const& code : listed(one.places))
        if (code == place) return true;
    return false;
}

http::Response answer(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto const& query = context.query;
    auto const text = query.find("text").value_or("");
    if (text.size() > longest_text) refuse_parameter("text", text.substr(0, 64), "1..200 bytes");
    auto const state = query.find("state").value_or("");
    if (!state.empty() && state != "open" && state != "done" && state != "overdue")
        refuse_parameter("state", state, "open, done, overdue");
    auto const office = query.find("office");
    auto const place = query.find("place");
    auto const limit = read_limit(query, usual_limit, most_limit);
    auto const today = domain::local_today();
    auto const& policy = context.policy("directives");
    auto const view = backing.atlas.view("directives");
    struct Count {
        int open = 0, done = 0, overdue = 0;
    };
    std::map<std::string, Count> offices;
    Json list = Json::array();
    std::size_t matched = 0;
    for (auto const& one : domain::find_directives(*view, text, policy)) {
        if ((office && one.office != *office) || (place && !concerns(one, *place))) continue;
        bool const late = is_overdue(one, today);
        auto& count = offices[one.office];
        ++(one.state == "done" ? count.done : count.open);
        count.overdue += late;
        if (!state.empty() && (state == "overdue" ? !late : one.state != state)) continue;
        if (matched++ < limit) list.push_back(describe(one, today));
    }
    Json by_office = Json::array();
    for (auto const& [name, count] : offices)
        by_office.push_back({{"office", name},
                             {"open", count.open},
                             {"done", count.done},
                             {"overdue", count.overdue}});
    return http::represent(context,
                           {"application/json", dump({{"directives", std::move(list)},
                                                      {"matched", matched},
                                                      {"offices", std::move(by_office)}})});
}

} // namespace

void add_directives(http::Router& router, Backing const& backing) {
    router.get(access::Need::read, "/directives",
               {"text", "state", "office", "place", "limit", "f"},
               [&backing](http::Context const& context) { return answer(backing, context); });
}

} // namespace diaban::services::api
