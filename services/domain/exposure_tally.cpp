#include "services/domain/exposure_tally.hpp"

#include "services/http/uri.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diaban::services::domain {

namespace {

/// Longest filter of a link: a request's target has 8 KB, and percent-encoding makes spaces three.
constexpr std::size_t longest_filter = 3000;

std::string link_to(std::string_view collection, std::string const& filter) {
    return fmt::format("/collections/{}/items?filter={}", collection, http::percent_encode(filter));
}

Json links_to(AssetKind const& kind, std::vector<std::string> const& filters,
              std::string const& class_value) {
    Json links = Json::array();
    for (auto const& filter : filters) {
        if (class_value.empty()) {
            links.push_back(link_to(kind.collection, filter));
            continue;
        }
        std::string literal;
        for (char const c : class_value) literal += c == '\'' ? "''" : std::string(1, c);
        links.push_back(link_to(
            kind.collection, fmt::format("({}) AND {} = '{}'", filter, kind.class_field, literal)));
    }
    return links;
}

Json asset_json(AssetTally const& tally, AssetKind const& kind) {
    auto const filters = id_filters(tally.ids);
    Json json{{"count", tally.ids.size()}};
    if (!kind.amount.empty()) json[kind.amount] = tally.amount;
    json["list"] = links_to(kind, filters, {});
    if (kind.class_field.empty()) return json;
    Json classes = Json::object();
    for (auto const& [value, one] : tally.classes) {
        Json& made = classes[value];
        made["count"] = one.count;
        if (!kind.amount.empty()) made[kind.amount] = one.amount;
        if (!value.empty()) made["list"] = links_to(kind, filters, value);
    }
    json["by"] = kind.class_field;
    json["classes"] = std::move(classes);
    return json;
}

/// Shelters apart from the other facilities: those that are in it help nobody.
Json shelters_json(AssetTally const& facilities, AssetKind const& kind) {
    constexpr char shelter[] = "shelter";
    auto const found = facilities.classes.find(shelter);
    if (found == facilities.classes.end()) return {{"count", 0}, {"list", Json::array()}};
    return {{"count", found->second.count},
            {"list", links_to(kind, id_filters(facilities.ids), shelter)}};
}

} // namespace

std::vector<std::string> id_filters(std::vector<std::int64_t> const& ids) {
    std::vector<std::string> filters;
    std::string single;
    std::string ranges;
    auto const close = [&] {
        std::string filter;
        if (!single.empty()) filter = "id IN (" + single + ")";
        if (!ranges.empty()) filter += (filter.empty() ? "" : " OR ") + ranges;
        if (!filter.empty()) filters.push_back(std::move(filter));
        single.clear();
        ranges.clear();
    };
    for (std::size_t i = 0; i < ids.size();) {
        auto end = i + 1;
        while (end < ids.size() && ids[end] == ids[end - 1] + 1) ++end;
        constexpr std::size_t worth_a_range = 4;
        if (end - i >= worth_a_range)
            ranges += fmt::format("{}id BETWEEN {} AND {}", ranges.empty() ? "" : " OR ", ids[i],
                                  ids[end - 1]);
        else
            for (auto j = i; j < end; ++j)
                single += fmt::format("{}{}", single.empty() ? "" : ",", ids[j]);
        if (single.size() + ranges.size() > longest_filter) close();
        i = end;
    }
    close();
    return filters;
}

AssetTally& AssetTally::operator+=(AssetTally const& other) {
    std::vector<std::int64_t> all;
    all.reserve(ids.size() + other.ids.size());
    std::ranges::merge(ids, other.ids, std::back_inserter(all));
    ids = std::move(all);
    amount += other.amount;
    for (auto const& [value, one] : other.classes) {
        classes[value].count += one.count;
        classes[value].amount += one.amount;
    }
    return *this;
}

PeopleTally& PeopleTally::operator+=(PeopleTally const& other) noexcept {
    population += other.population;
    affected += other.affected;
    displaced += other.displaced;
    return *this;
}

bool ExposureTally::empty() const noexcept {
    return area_m2 == 0 && people.affected == 0 &&
           std::ranges::all_of(assets, [](auto const& one) { return one.second.ids.empty(); });
}

ExposureTally& ExposureTally::operator+=(ExposureTally const& other) {
    area_m2 += other.area_m2;
    whole_m2 += other.whole_m2;
    people += other.people;
    for (auto const& [collection, tally] : other.assets) assets[collection] += tally;
    return *this;
}

Json risk_json(ExposureTally const& tally, RiskWeights const& weights, bool with_displaced) {
    auto const share = [](double part, double whole) {
        return whole > 0 ? std::clamp(part / whole, 0.0, 1.0) : 0.0;
    };
    double const hazard = share(tally.area_m2, tally.whole_m2);
    double const exposure = share(tally.people.affected, tally.people.population);
    double const vulnerability =
        with_displaced ? share(tally.people.displaced, tally.people.affected) : 1.0;
    return {{"hazard", hazard},
            {"exposure", exposure},
            {"vulnerability", vulnerability},
            {"score", std::pow(hazard, weights.hazard) * std::pow(exposure, weights.exposure) *
                          std::pow(vulnerability, weights.vulnerability)}};
}

Json tally_json(ExposureTally const& tally, std::vector<AssetKind> const& kinds, bool with_people,
                bool with_displaced) {
    Json json{{"hazard_area_m2", tally.area_m2}};
    if (with_people) {
        json["people"] = {{"population", tally.people.population},
                          {"affected", tally.people.affected},
                          {"displaced", with_displaced ? Json(tally.people.displaced) : Json()}};
    }
    for (auto const& kind : kinds) {
        auto const found = tally.assets.find(kind.collection);
        if (kind.collection == "facilities" && !kind.class_field.empty())
            json["shelters"] =
                shelters_json(found == tally.assets.end() ? AssetTally{} : found->second, kind);
        json["collections"][kind.collection] =
            asset_json(found == tally.assets.end() ? AssetTally{} : found->second, kind);
    }
    return json;
}

} // namespace diaban::services::domain
