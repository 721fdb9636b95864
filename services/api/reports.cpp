#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/ops/measure.hpp"
#include "services/access/secret.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/open311.hpp"
#include "services/api/parameters.hpp"
#include "services/api/report_row.hpp"
#include "services/domain/chosen.hpp"
#include "services/domain/similar_text.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diaban::services::api {

namespace {

constexpr double same_place = 50; // m
constexpr double alike = 0.3;     // what pg_trgm takes for similar
constexpr std::size_t most_similar = 10;
constexpr std::size_t most_words = 2000; // bytes

/// Who speaks: the reporter, by the secret they hold, or an office, by its right to edit.
struct Speaker {
    bool citizen = false;
    bool office = false;
};

struct Report {
    std::shared_ptr<domain::View const> view;
    data::postgis::FeatureStore::Item item;
    std::vector<geo::Field> fields; ///< those about persons too: never answered from here
    Speaker speaker;

    [[nodiscard]] std::string text(std::string_view name) const {
        return ReportRow{item.feature, fields}.text(name).value_or("");
    }
};

[[noreturn]] void no_report(std::int64_t fid) {
    throw geo::Error{geo::Code::not_found, "no-report", {{"value", std::to_string(fid)}}};
}

/// The report, for whoever sees it or holds its secret.
Report find_report(Backing const& backing, http::Context const& context, std::int64_t fid) {
    auto const& seen = context.policy(reports_collection);
    auto const view = backing.atlas.view(reports_collection);
    auto const all = geo::Policy::everything();
    auto const shown = data::model::Personal::shown;
    auto item = backing.store.item(view->collection, fid, all, shown);
    if (!item) no_report(fid);
    Report report{view,
                  std::move(*item),
                  data::model::visible(view->collection.schema, all, shown).fields,
                  {}};
    auto const token = context.request.header("report-token");
    auto const kept = report.text("reporter_token");
    report.speaker.citizen =
        !token.empty() && !kept.empty() && access::equal_secrets(access::sha256_of(token), kept);
    auto const* const edit = context.visitor.rights->find(reports_collection, access::Action::edit);
    bool const visible = backing.store.item(view->collection, fid, seen).has_value();
    report.speaker.office = !context.visitor.login.empty() && edit != nullptr &&
                            backing.store.item(view->collection, fid, *edit).has_value();
    if (!visible && !report.speaker.citizen) no_report(fid);
    return report;
}

std::string words_in(nlohmann::json const& body, char const* name, bool needed) {
    if (!body.is_object()) refuse_member(name, "", "an object");
    auto const found = body.find(name);
    if (found == body.end() && !needed) return {};
    if (found == body.end() || !found->is_string() || found->get<std::string>().empty() ||
        found->get<std::string>().size() > most_words)
        refuse_member(name, "", fmt::format("1..{} bytes", most_words));
    return found->get<std::string>();
}

void need_citizen(Report const& report) {
    if (!report.speaker.citizen)
        throw geo::Error{geo::Code::forbidden, "report-token", {{"parameter", "Report-Token"}}};
}

void change(Backing const& backing, Report const& report, std::string why,
            std::map<std::string, geo::Value> values) {
    data::model::Edit const edit{.collection = &report.view->collection,
                                 .kind = data::model::EditKind::change,
                                 .fid = report.item.feature.fid,
                                 .expected = std::vector{report.item.stamp},
                                 .values = report_values(*report.view, std::move(values)),
                                 .geometry = {}};
    auto const all = geo::Policy::everything();
    auto const* const policy = &all;
    backing.editing.write_all(std::span{&edit, 1}, {"citizen", std::move(why)},
                              std::span{&policy, 1});
}

http::Response list_messages(Backing const& backing, ReportBacking const& reports,
                             http::Context const& context, std::int64_t fid) {
    auto const report = find_report(backing, context, fid);
    // What is said between a reporter and an office is theirs.
    if (!report.speaker.citizen && !report.speaker.office)
        throw geo::Error{geo::Code::forbidden, "report-token", {{"parameter", "Report-Token"}}};
    Json list = Json::array();
    for (auto const& message : reports.store.messages(fid)) {
        std::string at;
        geo::codec::append_instant(at, message.at);
        list.push_back({{"id", message.id},
                        {"at", at},
                        {"from", message.office ? "office" : "citizen"},
                        {"author", report.speaker.office ? Json(message.author) : Json()},
                        {"text", message.text}});
    }
    return private_json(200, {{"messages", std::move(list)}});
}

http::Response say(Backing const& backing, ReportBacking const& reports,
                   http::Context const& context, std::int64_t fid) {
    auto const report = find_report(backing, context, fid);
    auto const text = words_in(read_json_body(context, {"application/json"}), "text", true);
    if (!report.speaker.citizen && !report.speaker.office) need_citizen(report);
    data::postgis::SendLimit const limit{access::sha256_of(fmt::format("say|{}", fid)),
                                         std::chrono::hours{1}, 30};
    reports.store.count_sent(std::span{&limit, 1});
    bool const office = report.speaker.office && !report.speaker.citizen;
    reports.store.add_message(fid, {0, {}, office, office ? context.visitor.login : "", text});
    return private_json(201, {{"from", office ? "office" : "citizen"}, {"text", text}});
}

http::Response rate(Backing const& backing, http::Context const& context, std::int64_t fid) {
    auto const report = find_report(backing, context, fid);
    need_citizen(report);
    auto const body = read_json_body(context, {"application/json"});
    auto const found = body.is_object() ? body.find("rating") : body.end();
    if (found == body.end() || !found->is_number_integer() || *found < 1 || *found > 5)
        refuse_member("rating", "", "1..5");
    if (!is_closed(report.text("status")))
        throw geo::Error{geo::Code::conflict, "report-open", {{"value", std::to_string(fid)}}};
    auto const rating = found->get<std::int64_t>();
    change(backing, report, "rated", {{"rating", rating}});
    return private_json(200, {{"rating", rating}});
}

http::Response reopen(Backing const& backing, ReportBacking const& reports,
                      http::Context const& context, std::int64_t fid) {
    auto const report = find_report(backing, context, fid);
    need_citizen(report);
    auto const text = words_in(read_json_body(context, {"application/json"}), "text", true);
    if (!is_closed(report.text("status")))
        throw geo::Error{geo::Code::conflict, "report-open", {{"value", std::to_string(fid)}}};
    change(backing, report, "reopened",
           {{"status", std::string{"received"}}, {"closed_at", std::monostate{}}});
    reports.store.add_message(fid, {0, {}, false, "", text});
    return private_json(200, {{"state", "received"}});
}

/// Open reports within fifty metres that are of the category or say alike, the likest first.
http::Response answer_similar(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto const& policy = context.policy(reports_collection);
    auto const view = backing.atlas.view(reports_collection);
    auto const at = read_position(context.query);
    auto const words = context.query.find("text").value_or("");
    auto const category = context.query.find("category").value_or("");
    if (words.size() > most_words) refuse_parameter("text", words, "at most 2000 bytes");
    double const north = same_place / 110'500;
    double const east = north / std::max(std::cos(at.y * M_PI / 180), 0.01);
    domain::Choice choice;
    choice.boxes = {{at.x - east, at.y - north, at.x + east, at.y + north}};
    std::vector<std::int64_t> fids;
    for (auto const& [live, rows] : domain::choose_rows(*view, backing.store, choice, policy))
        for (auto const row : rows)
            if (fids.size() < 1000) fids.push_back(live.run->fids[row]);
    auto const fields = data::model::visible(view->collection.schema, policy).fields;
    std::vector<std::pair<double, Json>> found;
    for (auto const& feature : backing.store.by_fids(view->collection, fids, policy)) {
        ReportRow const row{feature, fields};
        auto const metres = geo::ops::geodesic_distance(at, feature.geometry.positions.front());
        auto const of = row.text("category").value_or("");
        auto const said = row.text("description").value_or("");
        double const likeness = domain::text_likeness(words, said);
        bool const same = likeness >= alike || (!category.empty() && of == category);
        if (metres > same_place || is_closed(row.text("status").value_or("")) || !same) continue;
        auto const reported = row.instant("reported_at");
        found.emplace_back(-likeness, Json{{"fid", feature.fid},
                                           {"code", row.text("code").value_or("")},
                                           {"category", of},
                                           {"title", row.text("title").value_or("")},
                                           {"status", row.text("status").value_or("")},
                                           {"reported_at", reported ? Json(*reported) : Json()},
                                           {"distance_m", metres},
                                           {"likeness", likeness}});
    }
    std::ranges::stable_sort(found, {}, [](auto const& one) { return one.first; });
    Json list = Json::array();
    for (auto const& [order, one] : found)
        if (list.size() < most_similar) list.push_back(one);
    return represent(context, {"application/json",
                               dump({{"within_m", same_place}, {"reports", std::move(list)}})});
}

} // namespace

void add_reports(http::Router& router, Backing const& backing, ReportBacking const& reports,
                 bool read_only) {
    using access::Need;
    using http::Method;
    router.get(
        Need::read, "/reports/similar", {"f", "lon", "lat", "text", "category"},
        [&backing](http::Context const& context) { return answer_similar(backing, context); });
    router.get(Need::read, "/reports/{reportId}/messages", {},
               [&backing, reports](http::Context const& context, std::int64_t fid) {
                   return list_messages(backing, reports, context, fid);
               });
    if (read_only) return;
    router.add(Method::post, Need::read, "/reports/{reportId}/messages", {},
               [&backing, reports](http::Context const& context, std::int64_t fid) {
                   return say(backing, reports, context, fid);
               });
    router.add(Method::post, Need::read, "/reports/{reportId}/rating", {},
               [&backing](http::Context const& context, std::int64_t fid) {
                   return rate(backing, context, fid);
               });
    router.add(Method::post, Need::read, "/reports/{reportId}/reopen", {},
               [&backing, reports](http::Context const& context, std::int64_t fid) {
                   return reopen(backing, reports, context, fid);
               });
}

} // namespace diaban::services::api
