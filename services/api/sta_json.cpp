#include "services/api/sta_json.hpp"

#include "geo/error.hpp"
#include "services/http/uri.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace diaban::services::api {

namespace {

using data::postgis::StaPage;
using data::postgis::StaRow;
using data::postgis::StaSource;
using geo::sta::Entity;
using geo::sta::Expansion;
using geo::sta::Query;
using geo::sta::Relation;

constexpr std::uint32_t usual_page = 100;
constexpr std::uint32_t most_page = 1000;
constexpr std::uint32_t usual_expanded = 25; // of each entity that it is expanded in
constexpr std::uint32_t most_expanded = 1000;
constexpr std::size_t most_entities = 20'000;

std::uint32_t limit_of(Query const& query, std::uint32_t usual, std::uint32_t most) {
    return std::min(query.top.value_or(usual), most);
}

bool selects(Query const& query, std::string_view name) {
    return query.select.empty() || std::ranges::find(query.select, name) != query.select.end();
}

/// Whether a name is one that the entity can show.
void check_select(Entity entity, Query const& query, StaPage const& page) {
    for (auto const& name : query.select) {
        bool const known = name == "id" || name == "@iot.id" ||
                           geo::sta::find_relation(entity, name) != nullptr ||
                           std::ranges::any_of(page.properties, [&](auto const& one) {
                               return one.name.substr(0, one.name.find('/')) == name;
                           });
        if (!known)
            throw geo::Error{geo::Code::bad_input,
                             "sta-property",
                             {{"value", name.substr(0, 60)}, {"accepted", "id"}}};
    }
}

void put(Json& entity, std::string_view path, Json value) {
    auto const slash = path.find('/');
    if (slash == std::string_view::npos) {
        entity[std::string{path}] = std::move(value);
        return;
    }
    put(entity[std::string{path.substr(0, slash)}], path.substr(slash + 1), std::move(value));
}

/// The same question, from another row on.
std::string next_address(std::string const& address, Query const& query, std::uint64_t skip) {
    std::string link = address;
    for (auto const& [name, value] : query.given) {
        if (name == "$skip") continue;
        link += fmt::format("{}{}={}", link.find('?') == std::string::npos ? '?' : '&', name,
                            http::percent_encode(value));
    }
    return link + fmt::format("{}$skip={}", link.find('?') == std::string::npos ? '?' : '&', skip);
}

std::vector<Relation const*> links_of(Query const& query) {
    std::vector<Relation const*> links;
    for (auto const& expansion : query.expand)
        if (!expansion.relation->many) links.push_back(expansion.relation);
    return links;
}

} // namespace

std::string StaWriter::address(Entity entity, std::int64_t id) const {
    return fmt::format("{}/{}({})", m_root, geo::sta::set_name(entity), id);
}

StaPage StaWriter::read(StaSource const& source, Query const& query, std::uint32_t most) {
    auto const links = links_of(query);
    auto page = m_store.read(source, query, most, links, m_policies);
    m_written += page.rows.size();
    if (m_written > most_entities)
        throw geo::Error{geo::Code::bad_input,
                         "sta-too-many",
                         {{"value", "$expand"}, {"accepted", std::to_string(most_entities)}}};
    check_select(source.entity, query, page);
    return page;
}

Json StaWriter::set(StaSource const& source, Query const& query, std::string const& address) {
    auto const limit = limit_of(query, usual_page, most_page);
    auto page = read(source, query, limit + 1);
    bool const more = page.rows.size() > limit;
    if (more) page.rows.resize(limit);
    Json answer = Json::object();
    if (query.count) answer["@iot.count"] = page.counts.empty() ? 0 : page.counts.front().second;
    if (more)
        answer["@iot.nextLink"] = next_address(address, query, std::uint64_t{query.skip} + limit);
    answer["value"] = write(source.entity, query, page);
    return answer;
}

std::vector<Json> StaWriter::entities(StaSource const& source, Query const& query) {
    return write(source.entity, query, read(source, query, most_page));
}

std::vector<Json> StaWriter::write(Entity entity, Query const& query, StaPage const& page) {
    std::vector<Json> all;
    for (auto const& row : page.rows) {
        auto& one = all.emplace_back(Json::object());
        if (selects(query, "id") || selects(query, "@iot.id")) one["@iot.id"] = row.id;
        auto const self = address(entity, row.id);
        if (query.select.empty()) one["@iot.selfLink"] = self;
        for (std::size_t i = 0; i < page.properties.size(); ++i) {
            auto const& [name, said_if_null] = page.properties[i];
            if (!selects(query, name.substr(0, name.find('/')))) continue;
            if (row.values[i])
                put(one, name, Json::parse(*row.values[i]));
            else if (said_if_null)
                put(one, name, nullptr);
        }
        for (auto const& relation : geo::sta::relations_of(entity))
            if (selects(query, relation.name))
                one[std::string{relation.name} + "@iot.navigationLink"] =
                    self + "/" + std::string{relation.name};
    }
    std::size_t link = 0;
    for (auto const& expansion : query.expand) {
        if (all.empty()) break;
        if (expansion.relation->many)
            expand_many(expansion, entity, page, all);
        else
            expand_one(expansion, page, link++, all);
    }
    return all;
}

void StaWriter::expand_one(Expansion const& expansion, StaPage const& page, std::size_t link,
                           std::vector<Json>& into) {
    std::vector<std::int64_t> ids;
    for (auto const& row : page.rows)
        if (row.links[link]) ids.push_back(*row.links[link]);
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    StaSource const source{.entity = expansion.relation->to, .ids = ids};
    auto const found = read(source, expansion.query, std::uint32_t(ids.size()));
    auto const written = write(source.entity, expansion.query, found);
    std::map<std::int64_t, std::size_t> places;
    for (std::size_t i = 0; i < found.rows.size(); ++i) places[found.rows[i].id] = i;
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
        auto const& id = page.rows[i].links[link];
        auto const place = id ? places.find(*id) : places.end();
        into[i][std::string{expansion.relation->name}] =
            place == places.end() ? Json(nullptr) : written[place->second];
    }
}

void StaWriter::expand_many(Expansion const& expansion, Entity from, StaPage const& page,
                            std::vector<Json>& into) {
    auto const limit = limit_of(expansion.query, usual_expanded, most_expanded);
    if (page.rows.size() * limit > 5 * most_entities)
        throw geo::Error{geo::Code::bad_input,
                         "sta-too-many",
                         {{"value", std::string{expansion.relation->name}},
                          {"accepted", std::to_string(most_entities)}}};
    StaSource source{.entity = expansion.relation->to, .relation = expansion.relation};
    std::map<std::int64_t, std::size_t> places;
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
        source.parents.push_back(page.rows[i].id);
        places[page.rows[i].id] = i;
    }
    auto found = read(source, expansion.query, limit + 1);
    std::string const name{expansion.relation->name};
    for (auto& one : into) one[name] = Json::array();
    if (expansion.query.count)
        for (auto& one : into) one[name + "@iot.count"] = 0;
    for (auto const& [parent, count] : found.counts)
        into[places.at(parent)][name + "@iot.count"] = count;
    std::map<std::int64_t, std::uint32_t> taken;
    std::erase_if(found.rows, [&](StaRow const& row) {
        if (++taken[row.parent] <= limit) return false;
        into[places.at(row.parent)][name + "@iot.nextLink"] =
            next_address(address(from, row.parent) + "/" + name, expansion.query,
                         std::uint64_t{expansion.query.skip} + limit);
        return true;
    });
    auto written = write(source.entity, expansion.query, found);
    for (std::size_t i = 0; i < written.size(); ++i)
        into[places.at(found.rows[i].parent)][name].push_back(std::move(written[i]));
}

} // namespace diaban::services::api
