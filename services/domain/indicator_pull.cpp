#include "services/domain/indicator_pull.hpp"

#include "geo/codec/nesting.hpp"
#include "geo/error.hpp"
#include "services/domain/column_values.hpp"
#include "services/domain/time_fields.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace diaban::services::domain {

namespace {

constexpr char collection[] = "indicator_sources";

std::int64_t take(Atlas& atlas, Editing const& editing, UnitListCache& cache,
                  IndicatorSource const& source, std::string const& answer) {
    auto const policy = open_policy();
    auto const indicator =
        find_indicator(*atlas.view("indicator_catalogue"), source.indicator, policy);
    if (!indicator)
        throw geo::Error{geo::Code::not_found, "unknown-indicator", {{"value", source.indicator}}};
    if (geo::codec::nests_deeper(answer, geo::codec::deepest_json))
        throw geo::Error{geo::Code::bad_input,
                         "json-too-deep",
                         {{"accepted", std::to_string(geo::codec::deepest_json)}}};
    auto const body = nlohmann::json::parse(answer);
    auto const places = atlas.view("places");
    if (!places->places)
        throw geo::Error{geo::Code::unavailable, "not-ready", {{"collection", "places"}}};
    auto const lists = cache.of(places->places);
    auto const reading = read_items(
        *lists, *indicator, source.mapping, body, [](ListedUnit const&) { return true; },
        local_today());
    if (!reading.faults.empty()) {
        auto const& first = reading.faults.front();
        throw geo::Error{
            geo::Code::bad_input,
            "pull-refused",
            {{"value", first.pointer}, {"reason", pull_sentence(first.type, first.parameters)}}};
    }
    auto const values = atlas.view("indicators");
    std::vector<data::model::Edit> edits;
    for (auto const& [period, form] : reading.forms)
        for (auto& edit : form_edits(values->collection, *lists, form,
                                     read_rows(*values, {indicator->code, period, {}}, policy)))
            edits.push_back(std::move(edit));
    if (edits.empty()) return 0;
    std::vector<geo::Policy const*> const policies(edits.size(), &policy);
    editing.write_all(edits, {"pull", source.pull.url.substr(0, 1000)}, policies);
    return std::int64_t(edits.size());
}

} // namespace

geo::Policy open_policy() {
    access::Reach reach;
    reach.scopes = {""};
    return reach.policy();
}

std::vector<IndicatorSource> read_sources(View const& sources, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 7> names{
        "indicator", "url", "every_minutes", "list_at", "place_at", "period_at", "value_at"};
    std::vector<IndicatorSource> found;
    for_each_row(sources, policy, names,
                 [&](std::int64_t fid, std::span<ColumnValues const> at, std::size_t row) {
                     found.push_back(
                         {{fid, at[1].text(row), std::int64_t(at[2].number(row).value_or(60))},
                          at[0].text(row),
                          {at[3].text(row), at[4].text(row), at[5].text(row), at[6].text(row)}});
                 });
    return found;
}

PullKind indicator_pull(Atlas& atlas, Editing const& editing,
                        std::shared_ptr<UnitListCache> lists) {
    auto const read = [&atlas] { return read_sources(*atlas.view(collection), open_policy()); };
    return {.collection = collection,
            .sources =
                [read] {
                    std::vector<PullSource> due;
                    for (auto const& source : read()) due.push_back(source.pull);
                    return due;
                },
            .take = [read, &atlas, &editing, lists = std::move(lists)](
                        PullSource const& source, std::string const& body) -> std::int64_t {
                auto const all = read();
                auto const found = std::ranges::find_if(
                    all, [&](auto const& one) { return one.pull.fid == source.fid; });
                return found == all.end() ? 0 : take(atlas, editing, *lists, *found, body);
            }};
}

} // namespace diaban::services::domain
