#include "services/api/press.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/access_json.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/pull_state.hpp"
#include "services/api/report_row.hpp"
#include "services/api/work_edit.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace diaban::services::api {

namespace {

using domain::PressItem;
using domain::Vintage;

constexpr char items_collection[] = "press_items";
constexpr char sources_collection[] = "press_sources";
constexpr std::uint32_t usual_limit = 50;
constexpr std::uint32_t most_limit = 500;
constexpr std::size_t longest_text = 200;
constexpr std::size_t most_pushed = 200;
constexpr std::size_t most_reports = 50; ///< tied to one item

/// What items are told with: units by their codes, topics by their titles, reports that are seen.
class Telling {
public:
    Telling(Backing const& backing, http::Context const& context, domain::UnitListCache& cache)
        : m_context{context}, m_picture{backing.atlas.picture()} {
        auto const items = m_picture->find(items_collection);
        m_topics = report_field(*items, "topic").codes;
        if (auto const places = m_picture->find("places");
            places != nullptr && places->places && context.sees("places"))
            m_lists = cache.of(places->places);
    }

    [[nodiscard]] domain::ListedUnit const* unit(std::string const& code) const {
        if (m_lists == nullptr) return nullptr;
        auto const found = m_lists->find(Vintage::present, code);
        if (!found) return nullptr;
        auto const& unit = m_lists->units(Vintage::present)[*found];
        auto const& policy = m_context.policy("places");
        return policy.sees(unit.entry->scope, unit.entry->sensitivity) ? &unit : nullptr;
    }

    /// Whether an item names a unit, or one within it.
    [[nodiscard]] bool lies_in(PressItem const& item, std::string_view code) const {
        return std::ranges::any_of(item.places, [&](auto const& place) {
            auto const* const named = unit(place.code);
            return named != nullptr &&
                   (named->code() == code || named->place().province_code == code);
        });
    }

    [[nodiscard]] std::string topic(std::string const& code) const {
        auto const found = std::ranges::find(m_topics, code, &geo::CodeEntry::code);
        return found == m_topics.end() ? code : localised(found->title, m_context.language);
    }

    [[nodiscard]] bool sees_report(std::int64_t fid) const {
        auto const reports = m_picture->find(reports_collection);
        if (reports == nullptr || !m_context.sees(reports_collection)) return false;
        auto const at = reports->layer->find(fid);
        if (!at) return false;
        auto const& of = at->run->class_table[at->run->classes[at->row]];
        return m_context.policy(reports_collection).sees(of.scope, of.sensitivity);
    }

    [[nodiscard]] Json describe(PressItem const& item) const {
        Json places = Json::array();
        for (auto const& [code, certainty] : item.places)
            if (auto const* const named = unit(code))
                places.push_back({{"code", code},
                                  {"name", named->place().full_name},
                                  {"level", named->place().level},
                                  {"certainty", certainty}});
        Json reports = Json::array();
        for (auto const fid : item.reports)
            if (sees_report(fid)) reports.push_back(fid);
        return {{"id", item.fid},
                {"title", item.title},
                {"summary", text_json(item.summary)},
                {"link", item.link},
                {"source", item.source},
                {"published_at", instant_json(item.published_at)},
                {"arrived_at", instant_json(item.arrived_at)},
                {"topic", {{"code", item.topic}, {"name", topic(item.topic)}}},
                {"places", std::move(places)},
                {"reports", std::move(reports)}};
    }

private:
    http::Context const& m_context;
    std::shared_ptr<domain::Picture const> m_picture;
    std::shared_ptr<domain::UnitLists const> m_lists;
    std::vector<geo::CodeEntry> m_topics;
};

std::optional<std::int64_t> read_report(http::Query const& query) {
    auto const text = query.find("report");
    if (!text) return std::nullopt;
    auto const fids = domain::read_reports(*text);
    if (fids.size() != 1) refuse_parameter("report", *text, "the number of a report");
    return fids.front();
}

http::Response answer(Backing const& backing, http::Context const& context,
                      domain::UnitListCache& cache) {
    check_json_form(context);
    auto const& query = context.query;
    auto const text = query.find("text").value_or("");
    if (text.size() > longest_text) refuse_parameter("text", text.substr(0, 64), "1..200 bytes");
    auto const place = query.find("place");
    auto const topic = query.find("topic");
    auto const report = read_report(query);
    auto const period = read_datetime(query);
    auto const limit = read_limit(query, usual_limit, most_limit);
    auto const& policy = context.policy(items_collection);
    auto const view = backing.atlas.view(items_collection);
    Telling const telling{backing, context, cache};
    Json list = Json::array();
    std::size_t matched = 0;
    std::size_t placeless = 0;
    std::map<std::string, std::size_t> topics;
    std::map<std::string, std::size_t> places;
    for (auto const& item : domain::find_press(*view, text, policy)) {
        auto const at = item.at().microseconds;
        if (period && (at < period->begin || at >= period->end)) continue;
        if (place && !telling.lies_in(item, *place)) continue;
        if (report && (!telling.sees_report(*report) ||
                       std::ranges::find(item.reports, *report) == item.reports.end()))
            continue;
        if (topic && item.topic != *topic) continue;
        ++topics[item.topic];
        bool named = false;
        for (auto const& one : item.places)
            if (telling.unit(one.code) != nullptr) {
                ++places[one.code];
                named = true;
            }
        placeless += !named;
        if (matched++ < limit) list.push_back(telling.describe(item));
    }
    Json by_topic = Json::array();
    for (auto const& [code, count] : topics)
        by_topic.push_back({{"code", code}, {"name", telling.topic(code)}, {"count", count}});
    Json by_place = Json::array();
    for (auto const& [code, count] : places)
        by_place.push_back(
            {{"code", code}, {"name", telling.unit(code)->place().full_name}, {"count", count}});
    return represent(context, {"application/json", dump({{"items", std::move(list)},
                                                         {"matched", matched},
                                                         {"topics", std::move(by_topic)},
                                                         {"places", std::move(by_place)},
                                                         {"placeless", placeless}})});
}

http::Response answer_sources(Backing const& backing, data::postgis::PullStore const& store,
                              http::Context const& context) {
    check_json_form(context);
    auto const& policy = context.policy(sources_collection);
    auto const view = backing.atlas.view(sources_collection);
    auto const states = store.states(sources_collection);
    auto const hosts = store.hosts();
    Json list = Json::array();
    for (auto const& source : domain::read_press_sources(*view, policy)) {
        Json json{{"id", source.pull.fid}, {"name", source.name}};
        add_pull_state(json, source.pull, states, hosts);
        list.push_back(std::move(json));
    }
    return represent(context, {"application/json", dump({{"sources", std::move(list)}})});
}

/// Pushed items, bounded and plain as those of feeds are.
std::vector<domain::FeedItem> read_items(nlohmann::json const& body) {
    auto const list = body.find("items");
    if (list == body.end() || !list->is_array() || list->empty() || list->size() > most_pushed)
        refuse_member("items", "", "an array of 1..200 items");
    std::vector<domain::FeedItem> items;
    for (auto const& one : *list) {
        if (!one.is_object()) refuse_member("items", one.dump().substr(0, 40), "objects");
        auto const link = text_in(one, "link");
        if (!domain::may_be_followed(link))
            refuse_member("link", link.substr(0, 60), "http(s)://…");
        auto title = domain::plain_text(text_in(one, "title"), domain::most_title);
        if (title.empty()) refuse_member("title", "", "a text");
        auto const published = text_in(one, "published_at", true);
        auto const at = geo::codec::read_instant(published);
        if (!published.empty() && !at)
            refuse_member("published_at", published.substr(0, 40), "2026-03-01T10:00:00Z");
        items.push_back({std::move(title),
                         domain::plain_text(text_in(one, "summary", true), domain::most_summary),
                         link, at});
    }
    return items;
}

http::Response push(Backing const& backing, domain::PressGround const& ground,
                    http::Context const& context) {
    static_cast<void>(context.edit_policy(items_collection));
    auto const body = read_json_body(context, {"application/json"});
    if (!body.is_object()) refuse_member("items", "", "an object");
    auto const source = text_in(body, "source");
    if (source.empty()) refuse_member("source", "", "where it comes from");
    auto const view = backing.atlas.view(items_collection);
    auto const topic = text_in(body, "topic", true);
    auto const& topics = report_field(*view, "topic").codes;
    if (!topic.empty() && std::ranges::find(topics, topic, &geo::CodeEntry::code) == topics.end())
        refuse_member("topic", topic.substr(0, 40), "a code of press_topic");
    auto const items = read_items(body);
    auto const places = backing.atlas.view("places");
    if (!places->places)
        throw geo::Error{geo::Code::unavailable, "not-ready", {{"collection", "places"}}};
    auto const mentions = ground.mentions->of(ground.lists->of(places->places));
    bool const named = context.sees("places");
    auto const seen = [&](domain::ListedUnit const& unit) {
        return named && context.policy("places").sees(unit.entry->scope, unit.entry->sensitivity);
    };
    auto const edits = domain::press_edits(*view, {source, topic, items},
                                           ground.store.press_words(), *mentions, seen, now());
    std::vector<std::int64_t> fids;
    if (!edits.empty()) fids = write_all(backing, context, edits);
    return private_json(200, {{"stored", fids}, {"known", items.size() - edits.size()}});
}

/// Ties an item to a report that its editor sees, or unties it.
http::Response tie(Backing const& backing, http::Context const& context, std::int64_t fid) {
    auto const body = read_json_body(context, {"application/json"});
    auto const found = body.is_object() ? body.find("report") : body.end();
    if (found == body.end() || !found->is_number_integer())
        refuse_member("report", "", "the number of a report");
    auto const report = found->get<std::int64_t>();
    bool const tied = body.value("tied", true);
    auto const row = stored_row(backing, context, items_collection, fid);
    auto const reports = backing.atlas.view(reports_collection);
    if (!backing.store.item(reports->collection, report, context.policy(reports_collection)))
        throw geo::Error{geo::Code::not_found, "no-report", {{"value", std::to_string(report)}}};
    auto known = domain::read_reports(row.text("reports"));
    std::erase(known, report);
    if (tied) known.push_back(report);
    if (known.size() > most_reports) refuse_member("report", "", "at most 50 reports an item");
    auto text = domain::reports_text(known);
    write_all(
        backing, context,
        std::array{change_of(row, {{"reports", text.empty() ? geo::Value{} : geo::Value{text}}})});
    return private_json(200, {{"id", fid}, {"reports", known}});
}

} // namespace

void add_press(http::Router& router, Backing const& backing, domain::PressGround const& ground,
               bool writable) {
    using access::Need;
    using http::Method;
    auto const store = std::make_shared<data::postgis::PullStore>(backing.pool);
    router.get(Need::read, "/press", {"text", "place", "topic", "datetime", "report", "limit", "f"},
               [&backing, lists = ground.lists](http::Context const& context) {
                   return answer(backing, context, *lists);
               });
    router.get(Need::read, "/press-sources", {"f"},
               [&backing, store](http::Context const& context) {
                   return answer_sources(backing, *store, context);
               });
    if (!writable) return;
    router.add(Method::post, Need::edit, "/press", {},
               [&backing, ground](http::Context const& context) {
                   return push(backing, ground, context);
               });
    router.add(Method::post, Need::edit, "/press/{pressId}/reports", {},
               [&backing](http::Context const& context, std::int64_t fid) {
                   return tie(backing, context, fid);
               });
}

} // namespace diaban::services::api
