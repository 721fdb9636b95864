#include "services/domain/press.hpp"

#include "geo/error.hpp"
#include "services/access/accounts.hpp"
#include "services/domain/column_values.hpp"
#include "services/domain/fold.hpp"
#include "services/domain/indicator_pull.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace diaban::services::domain {

namespace {

constexpr char sources_collection[] = "press_sources";
constexpr char items_collection[] = "press_items";
constexpr char other_topic[] = "other";

template <class Tell>
void for_each_part(std::string_view text, Tell const& tell) {
    while (!text.empty()) {
        auto const end = std::min(text.find(','), text.size());
        if (end > 0) tell(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

geo::Value or_null(std::string text) {
    return text.empty() ? geo::Value{} : geo::Value{std::move(text)};
}

/// Values of a row by the names of its fields.
data::model::Edit row_of(View const& view, std::map<std::string_view, geo::Value> values) {
    data::model::Edit edit{.collection = &view.collection,
                           .kind = data::model::EditKind::create,
                           .expected = {},
                           .values = {},
                           .geometry = {}};
    auto const& fields = view.collection.schema.fields;
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (auto const found = values.find(fields[i].name); found != values.end())
            edit.values.emplace_back(i, std::move(found->second));
    return edit;
}

std::set<std::string> known_links(View const& items) {
    static constexpr std::array<std::string_view, 1> names{"link_key"};
    std::set<std::string> known;
    for_each_row(items, geo::Policy::everything(), names,
                 [&](std::int64_t, std::span<ColumnValues const> at, std::size_t row) {
                     known.insert(at[0].text(row));
                 });
    return known;
}

std::int64_t take(PressGround const& ground, PressSource const& source, std::string const& body) {
    auto const feed = read_feed(body);
    auto const places = ground.atlas.view("places");
    if (!places->places)
        throw geo::Error{geo::Code::unavailable, "not-ready", {{"collection", "places"}}};
    auto const view = ground.atlas.view(items_collection);
    auto const mentions = ground.mentions->of(ground.lists->of(places->places));
    auto const policy = open_policy();
    auto const seen = [](ListedUnit const& unit) { return unit.entry->sensitivity == 0; };
    auto const edits =
        press_edits(*view, {source.name, source.topic, feed}, ground.store.press_words(), *mentions,
                    seen, {access::unix_microseconds()});
    if (edits.empty()) return 0;
    std::vector<geo::Policy const*> const policies(edits.size(), &policy);
    ground.editing.write_all(edits, {"pull", source.pull.url.substr(0, 1000)}, policies);
    return std::int64_t(edits.size());
}

} // namespace

geo::Instant PressItem::at() const noexcept {
    return published_at ? *published_at : arrived_at.value_or(geo::Instant{});
}

std::string places_text(std::span<PressItem::Place const> places) {
    std::string text;
    for (auto const& [code, certainty] : places)
        text += fmt::format("{}{}={:.2f}", text.empty() ? "" : ",", code, certainty);
    return text;
}

std::vector<PressItem::Place> read_places(std::string_view text) {
    std::vector<PressItem::Place> places;
    for_each_part(text, [&](std::string_view part) {
        auto const equals = part.find('=');
        double certainty = 0;
        if (equals == std::string_view::npos) return;
        auto const number = part.substr(equals + 1);
        auto const [end, fault] =
            std::from_chars(number.data(), number.data() + number.size(), certainty);
        if (fault == std::errc{})
            places.push_back({std::string{part.substr(0, equals)}, certainty});
    });
    return places;
}

std::string reports_text(std::span<std::int64_t const> reports) {
    return fmt::format("{}", fmt::join(reports, ","));
}

std::vector<std::int64_t> read_reports(std::string_view text) {
    std::vector<std::int64_t> reports;
    for_each_part(text, [&](std::string_view part) {
        std::int64_t fid = 0;
        auto const [end, fault] = std::from_chars(part.data(), part.data() + part.size(), fid);
        if (fault == std::errc{}) reports.push_back(fid);
    });
    return reports;
}

std::vector<PressItem> find_press(View const& items, std::string_view text,
                                  geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 9> names{"title",  "summary",      "link",
                                                           "source", "published_at", "arrived_at",
                                                           "topic",  "places",       "reports"};
    auto const words = fold(text);
    std::vector<PressItem> found;
    for_each_row(items, policy, names,
                 [&](std::int64_t fid, std::span<ColumnValues const> at, std::size_t row) {
                     PressItem item{fid,
                                    at[0].text(row),
                                    at[1].text(row),
                                    at[2].text(row),
                                    at[3].text(row),
                                    at[4].instant(row),
                                    at[5].instant(row),
                                    at[6].text(row),
                                    read_places(at[7].text(row)),
                                    read_reports(at[8].text(row))};
                     auto const whole = item.title + " " + item.summary + " " + item.source;
                     if (words.empty() || holds_words(fold(whole), words))
                         found.push_back(std::move(item));
                 });
    std::ranges::sort(found, [](PressItem const& a, PressItem const& b) {
        return std::pair{b.at().microseconds, b.fid} < std::pair{a.at().microseconds, a.fid};
    });
    return found;
}

std::string topic_of(std::string_view text, std::span<data::postgis::PressWord const> words,
                     std::string const& otherwise) {
    auto const folded = " " + fold(text) + " ";
    std::map<std::string_view, int> counts;
    for (auto const& [topic, word] : words) {
        auto const wanted = " " + fold(word) + " ";
        for (auto at = folded.find(wanted); at != std::string::npos;
             at = folded.find(wanted, at + 1))
            ++counts[topic];
    }
    auto const best =
        std::ranges::max_element(counts, {}, [](auto const& one) { return one.second; });
    if (best != counts.end()) return std::string{best->first};
    return otherwise.empty() ? other_topic : otherwise;
}

std::shared_ptr<Mentions const> MentionsKeeper::of(std::shared_ptr<UnitLists const> const& lists) {
    std::lock_guard const lock{m_mutex};
    if (m_made_of != lists) {
        m_made = std::make_shared<Mentions const>(lists);
        m_made_of = lists;
    }
    return m_made;
}

std::vector<data::model::Edit> press_edits(View const& items, PressIntake const& intake,
                                           std::span<data::postgis::PressWord const> words,
                                           Mentions const& mentions, Mentions::Seen const& seen,
                                           geo::Instant now) {
    auto known = known_links(items);
    std::vector<data::model::Edit> edits;
    for (auto const& item : intake.items) {
        auto key = link_key(item.link);
        if (!known.insert(key).second) continue;
        auto const text = item.title + ". " + item.summary;
        std::vector<PressItem::Place> places;
        for (auto const& mention : mentions.find(text, seen))
            places.push_back({mention.unit->code(), mention.certainty});
        edits.push_back(row_of(
            items, {{"title", item.title},
                    {"summary", or_null(item.summary)},
                    {"link", item.link},
                    {"link_key", std::move(key)},
                    {"source", intake.source},
                    {"published_at", item.published ? geo::Value{*item.published} : geo::Value{}},
                    {"arrived_at", now},
                    {"topic", topic_of(text, words, intake.topic)},
                    {"places", or_null(places_text(places))}}));
    }
    return edits;
}

std::vector<PressSource> read_press_sources(View const& sources, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 4> names{"name", "url", "every_minutes", "topic"};
    std::vector<PressSource> found;
    for_each_row(sources, policy, names,
                 [&](std::int64_t fid, std::span<ColumnValues const> at, std::size_t row) {
                     found.push_back(
                         {{fid, at[1].text(row), std::int64_t(at[2].number(row).value_or(60))},
                          at[0].text(row),
                          at[3].text(row)});
                 });
    return found;
}

PullKind press_pull(PressGround const& ground) {
    auto const read = [&atlas = ground.atlas] {
        return read_press_sources(*atlas.view(sources_collection), open_policy());
    };
    return {
        .collection = sources_collection,
        .sources =
            [read] {
                std::vector<PullSource> due;
                for (auto const& source : read()) due.push_back(source.pull);
                return due;
            },
        .take = [read, ground](PullSource const& source, std::string const& body) -> std::int64_t {
            auto const all = read();
            auto const found = std::ranges::find_if(
                all, [&](auto const& one) { return one.pull.fid == source.fid; });
            return found == all.end() ? 0 : take(ground, *found, body);
        }};
}

} // namespace diaban::services::domain
