#include "services/domain/storm_record.hpp"

#include "data/blob/sha256.hpp"
#include "geo/ops/rectangle.hpp"
#include "services/domain/column_values.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <span>
#include <utility>

namespace diaban::services::domain {

namespace {

using data::model::Edit;
using NamedValue = std::pair<std::string_view, geo::Value>;

Edit new_row_of(View const& view, std::initializer_list<NamedValue> values) {
    Edit edit;
    edit.collection = &view.collection;
    edit.kind = data::model::EditKind::create;
    auto const& fields = view.collection.schema.fields;
    for (auto const& [name, value] : values)
        edit.values.emplace_back(
            std::size_t(std::ranges::find(fields, name, &geo::Field::name) - fields.begin()),
            value);
    return edit;
}

geo::Value or_null(std::string text) {
    return text.empty() ? geo::Value{} : geo::Value{std::move(text)};
}

geo::Geometry point_of(geo::Position at) {
    geo::Geometry point;
    point.kind = geo::GeometryKind::point;
    point.srid = 4326;
    point.positions = {at};
    return point;
}

/// The geometries of rows as the record has them, by fid.
std::map<std::int64_t, geo::Geometry> shapes_of(data::postgis::FeatureStore const& store,
                                                View const& view, geo::Policy const& policy,
                                                std::span<std::int64_t const> fids) {
    std::map<std::int64_t, geo::Geometry> shapes;
    for (auto& feature : store.by_fids(view.collection, fids, policy))
        shapes.emplace(feature.fid, std::move(feature.geometry));
    return shapes;
}

void add_dangers(std::vector<BulletinFix>& fixes, BulletinViews const& views,
                 geo::Policy const& policy, data::postgis::FeatureStore const& store,
                 std::string_view key) {
    static constexpr std::array<std::string_view, 3> names{"bulletin", "at", "stated"};
    std::map<std::int64_t, BulletinFix*> of;
    std::vector<std::int64_t> fids;
    for_each_row(views.dangers, policy, names,
                 [&](std::int64_t fid, auto const& at, std::size_t row) {
                     auto const when = at[1].instant(row);
                     if (at[0].text(row) != key || !when) return;
                     auto const fix = std::ranges::find(fixes, *when, &BulletinFix::at);
                     if (fix == fixes.end()) return;
                     fix->danger_stated = at[2].text(row);
                     of[fid] = &*fix;
                     fids.push_back(fid);
                 });
    for (auto const& [fid, shape] : shapes_of(store, views.dangers, policy, fids))
        of.at(fid)->danger = shape.box();
}

void add_warnings(std::vector<BulletinFix>& fixes, View const& warnings, geo::Policy const& policy,
                  std::string_view key) {
    static constexpr std::array<std::string_view, 5> names{"bulletin", "at", "area", "mainland",
                                                           "risk"};
    for_each_row(warnings, policy, names, [&](std::int64_t, auto const& at, std::size_t row) {
        auto const when = at[1].instant(row);
        if (at[0].text(row) != key || !when) return;
        auto const fix = std::ranges::find(fixes, *when, &BulletinFix::at);
        if (fix != fixes.end())
            fix->risks.push_back({at[2].text(row), at[3].truth(row).value_or(false),
                                  int(at[4].number(row).value_or(0))});
    });
}

} // namespace

std::vector<ConfirmedBulletin> read_bulletins(View const& bulletins, geo::Policy const& policy) {
    static constexpr std::array<std::string_view, 6> names{"key",    "event",       "storm",
                                                           "issuer", "observed_at", "confirmed_at"};
    std::vector<ConfirmedBulletin> found;
    for_each_row(bulletins, policy, names, [&](std::int64_t fid, auto const& at, std::size_t row) {
        found.push_back({fid, at[0].text(row), std::int64_t(at[1].number(row).value_or(0)),
                         at[2].text(row), at[3].text(row),
                         at[4].instant(row).value_or(geo::Instant{}),
                         at[5].instant(row).value_or(geo::Instant{})});
    });
    std::ranges::sort(found, [](auto const& a, auto const& b) {
        return std::pair{a.observed_at, a.fid} > std::pair{b.observed_at, b.fid};
    });
    return found;
}

std::vector<BulletinFix> read_fixes(BulletinViews const& views, BulletinPolicies const& policies,
                                    data::postgis::FeatureStore const& store,
                                    std::string_view key) {
    static constexpr std::array<std::string_view, 6> names{"bulletin",   "at",          "forecast",
                                                           "level_from", "level_until", "gust"};
    std::vector<std::int64_t> fids;
    std::vector<BulletinFix> fixes;
    for_each_row(views.fixes, policies.fixes, names,
                 [&](std::int64_t fid, auto const& at, std::size_t row) {
                     if (at[0].text(row) != key) return;
                     BulletinFix fix;
                     fix.at = at[1].instant(row).value_or(geo::Instant{});
                     fix.forecast = at[2].truth(row).value_or(false);
                     fix.level_from = int(at[3].number(row).value_or(0));
                     fix.level_until = int(at[4].number(row).value_or(0));
                     if (auto const gust = at[5].number(row)) fix.gust = int(*gust);
                     fixes.push_back(std::move(fix));
                     fids.push_back(fid);
                 });
    auto const shapes = shapes_of(store, views.fixes, policies.fixes, fids);
    std::vector<BulletinFix> placed;
    for (std::size_t i = 0; i < fixes.size(); ++i)
        if (auto const shape = shapes.find(fids[i]);
            shape != shapes.end() && !shape->second.empty()) {
            fixes[i].centre = shape->second.positions.front();
            placed.push_back(std::move(fixes[i]));
        }
    std::ranges::sort(placed, {}, &BulletinFix::at);
    add_dangers(placed, views, policies.dangers, store, key);
    add_warnings(placed, views.warnings, policies.warnings, key);
    return placed;
}

std::string bulletin_key(std::string_view text) {
    constexpr std::size_t half = 32;
    return data::blob::hex(data::blob::sha256(std::as_bytes(std::span{text}))).substr(0, half);
}

std::vector<Edit> bulletin_edits(BulletinViews const& views, StormBulletin const& bulletin,
                                 std::string_view text, std::int64_t event,
                                 Confirmation const& confirmation) {
    auto const key = bulletin_key(text);
    std::vector<Edit> edits{
        new_row_of(views.bulletins, {{"key", key},
                                     {"event", event},
                                     {"storm", bulletin.storm},
                                     {"issuer", bulletin.issuer},
                                     {"observed_at", bulletin.fixes.front().at},
                                     {"text", std::string{text}},
                                     {"doubts", or_null(confirmation.doubts)},
                                     {"confirmed_by", or_null(confirmation.who)},
                                     {"confirmed_at", confirmation.at}})};
    for (auto const& fix : bulletin.fixes) {
        edits.push_back(
            new_row_of(views.fixes,
                       {{"bulletin", key},
                        {"at", fix.at},
                        {"forecast", fix.forecast},
                        {"level_from", std::int64_t{fix.level_from}},
                        {"level_until", std::int64_t{fix.level_until}},
                        {"gust", fix.gust ? geo::Value{std::int64_t{*fix.gust}} : geo::Value{}}}));
        edits.back().geometry = point_of(fix.centre);
        if (fix.danger) {
            edits.push_back(new_row_of(
                views.dangers, {{"bulletin", key}, {"at", fix.at}, {"stated", fix.danger_stated}}));
            edits.back().geometry = geo::ops::rectangle(*fix.danger);
            edits.back().geometry->srid = 4326;
        }
        for (auto const& one : fix.risks)
            edits.push_back(new_row_of(views.warnings, {{"bulletin", key},
                                                        {"at", fix.at},
                                                        {"area", one.area},
                                                        {"mainland", one.mainland},
                                                        {"risk", std::int64_t{one.risk}}}));
    }
    return edits;
}

std::optional<int> highest_risk(std::vector<BulletinFix> const& fixes) {
    std::optional<int> highest;
    for (auto const& fix : fixes)
        for (auto const& one : fix.risks) highest = std::max(highest.value_or(one.risk), one.risk);
    return highest;
}

} // namespace diaban::services::domain
