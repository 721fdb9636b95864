#include "services/domain/cut_off_answer.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/overlay.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/feature_file.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

namespace diaban::services::domain {

namespace {

using geo::route::none;

constexpr std::size_t most_roads = 10; ///< that are told of those which would help

char const* word(Access access) {
    switch (access) {
    case Access::joined: return "joined";
    case Access::cut_off: return "cut-off";
    case Access::apart: return "apart";
    case Access::far: return "far";
    }
    return "far";
}

double rounded(double value, double steps) {
    return std::round(value * steps) / steps;
}

Json named(std::string const& name) {
    return name.empty() ? Json() : Json(name);
}

/// A component with people in it, or those that no road comes near.
struct Part {
    std::uint32_t component = none;
    Access access = Access::far;
    std::int64_t people = 0;
    std::vector<std::size_t> places;
    std::vector<geo::Position> corners; ///< vertices and places
    double road_metres = 0;             ///< that are open
};

/// Those with people: most people first; last of all what is far.
std::vector<Part> parts_of(CutOff const& found) {
    std::vector<Part> parts(found.parted.wet.count + 1); // by component; far ones last
    for (std::size_t i = 0; i < found.places.size(); ++i) {
        auto const vertex = found.place_vertex[i];
        auto& part = vertex == none ? parts.back() : parts[found.parted.wet.of[vertex]];
        part.people += found.places[i].people;
        part.places.push_back(i);
        part.corners.push_back(found.places[i].at);
    }
    for (std::uint32_t c = 0; c < found.parted.wet.count; ++c) {
        parts[c].component = c;
        parts[c].access = found.access(found.parted, c);
    }
    for (std::size_t v = 0; v < found.graph.vertices(); ++v)
        if (auto& part = parts[found.parted.wet.of[v]]; !part.places.empty())
            part.corners.push_back(found.graph.places[v]);
    for (std::size_t e = 0; e < found.graph.edges(); ++e)
        if (found.parted.open[e] != 0)
            parts[found.parted.wet.of[found.graph.from[e]]].road_metres += found.graph.metres[e];
    std::erase_if(parts, [](Part const& part) { return part.places.empty(); });
    std::ranges::stable_sort(parts, [](Part const& a, Part const& b) {
        if ((a.access == Access::far) != (b.access == Access::far)) return b.access == Access::far;
        return a.people > b.people;
    });
    return parts;
}

geo::Geometry hull_of(Part const& part) {
    geo::Geometry points;
    points.kind = geo::GeometryKind::point;
    points.multi = true;
    points.srid = 4326;
    points.positions = part.corners;
    auto hull = geo::ops::convex_hull(points);
    hull.srid = 4326;
    return hull.empty() ? points : hull;
}

Json way_json(CutOff const& found, std::uint32_t shelter, std::uint64_t cost,
              std::vector<std::uint32_t> const& edges) {
    auto const& one = found.shelters[shelter];
    return {{"shelter", one.fid},
            {"name", named(one.name)},
            {"metres", rounded(found.metres(edges), 1)},
            {"minutes", rounded(double(cost) / 60'000, 10)}};
}

Json place_names(CutOff const& found, std::vector<std::size_t> const& places) {
    Json list = Json::array();
    for (auto const i : places)
        list.push_back({{"unit", named(found.places[i].code)},
                        {"id", found.places[i].fid},
                        {"name", named(found.places[i].name)},
                        {"people", found.places[i].people}});
    return list;
}

/// Who of a part finds room.
std::int64_t sheltered(CutOff const& found, std::vector<std::size_t> const& places) {
    std::set<std::size_t> const mine(places.begin(), places.end());
    std::int64_t sum = 0;
    for (auto const& one : found.sheltering.places)
        if (mine.contains(one.group)) sum += one.people;
    return sum;
}

std::int64_t without_room(CutOff const& found, std::vector<std::size_t> const& places) {
    std::int64_t sum = 0;
    for (auto const i : places) sum += found.sheltering.remain[i];
    return sum;
}

Json part_json(CutOff const& found, Part const& part) {
    Json json{{"component", part.component == none ? Json() : Json(part.component)},
              {"access", word(part.access)},
              {"people", part.people},
              {"places", place_names(found, part.places)},
              {"sheltered", sheltered(found, part.places)},
              {"without_room", without_room(found, part.places)}};
    if (part.component == none) return json;
    json["road_m"] = rounded(part.road_metres, 1);
    if (part.access == Access::joined) return json;
    auto const hull = hull_of(part);
    std::string text;
    geo::codec::append_geojson(text, hull);
    json["hull_m2"] = rounded(geo::ops::geodesic_area(hull), 1);
    json["hull"] = Json::parse(text);
    return json;
}

Json total_json(CutOff const& found, Json const& parts) {
    Json total{{"people", 0},         {"people_joined", 0},      {"people_cut_off", 0},
               {"people_apart", 0},   {"people_far", 0},         {"places", 0},
               {"places_cut_off", 0}, {"components_cut_off", 0}, {"sheltered", 0},
               {"without_room", 0}};
    auto const add = [&](char const* name, std::int64_t amount) {
        total[name] = total[name].get<std::int64_t>() + amount;
    };
    for (auto const& part : parts) {
        auto const people = part["people"].get<std::int64_t>();
        auto const access = part["access"].get<std::string>();
        auto const places = std::int64_t(part["places"].size());
        add("people", people);
        add(access == "joined"    ? "people_joined"
            : access == "cut-off" ? "people_cut_off"
            : access == "apart"   ? "people_apart"
                                  : "people_far",
            people);
        add("places", places);
        add("sheltered", part["sheltered"].get<std::int64_t>());
        add("without_room", part["without_room"].get<std::int64_t>());
        if (access != "cut-off") continue;
        add("places_cut_off", places);
        add("components_cut_off", 1);
    }
    std::set<std::uint32_t> roads;
    double metres = 0;
    std::int64_t edges = 0;
    for (std::size_t e = 0; e < found.parted.open.size(); ++e) {
        if (found.parted.open[e] != 0) continue;
        ++edges;
        metres += found.graph.metres[e];
        roads.insert(found.net.roads[found.graph.line[e]]);
    }
    total["closed_roads"] = roads.size();
    total["closed_stretches"] = edges;
    total["closed_m"] = rounded(metres, 1);
    return total;
}

Json places_json(CutOff const& found) {
    Json list = Json::array();
    for (std::size_t i = 0; i < found.places.size(); ++i) {
        auto const& place = found.places[i];
        auto const& nearest = found.nearest[i];
        Json json{{"unit", named(place.code)},
                  {"id", place.fid},
                  {"name", named(place.name)},
                  {"people", place.people},
                  {"access", word(found.access_of(found.parted, i))}};
        auto const vertex = found.place_vertex[i];
        json["component"] = vertex == none ? Json() : Json(found.parted.wet.of[vertex]);
        json["to_road_m"] = vertex == none ? Json() : Json(rounded(found.place_off_road[i], 1));
        json["nearest"] = nearest.shelter == none
                              ? Json()
                              : way_json(found, nearest.shelter, nearest.cost, nearest.edges);
        json["shelters"] = Json::array();
        json["without_room"] = found.sheltering.remain[i];
        list.push_back(std::move(json));
    }
    for (auto const& one : found.sheltering.places) {
        auto json = way_json(found, one.shelter, one.cost, one.edges);
        json["people"] = one.people;
        list[one.group]["shelters"].push_back(std::move(json));
    }
    return list;
}

Json shelters_json(CutOff const& found) {
    std::vector<std::int64_t> taken(found.shelters.size(), 0);
    for (auto const& one : found.sheltering.places) taken[one.shelter] += one.people;
    Json list = Json::array();
    for (std::size_t i = 0; i < found.shelters.size(); ++i) {
        auto const& shelter = found.shelters[i];
        list.push_back({{"shelter", shelter.fid},
                        {"name", named(shelter.name)},
                        {"kind", shelter.kind},
                        {"capacity", shelter.capacity ? Json(*shelter.capacity) : Json()},
                        {"dry", found.shelter_dry[i] != 0},
                        {"component", found.shelter_vertex[i] == none
                                          ? Json()
                                          : Json(found.parted.wet.of[found.shelter_vertex[i]])},
                        {"taken", taken[i]}});
    }
    return list;
}

Json fids_of(CutOff const& found, std::uint32_t road) {
    std::set<std::int64_t> fids;
    for (std::size_t line = 0; line < found.net.roads.size(); ++line)
        if (found.net.roads[line] == road) fids.insert(found.net.fids[line]);
    return fids;
}

Json roads_json(CutOff const& found) {
    Json list = Json::array();
    for (auto const& one : found.reconnections) {
        if (list.size() == most_roads) break;
        list.push_back({{"ids", fids_of(found, one.road)},
                        {"name", named(found.net.names[one.road])},
                        {"people", one.people},
                        {"closed_m", rounded(one.metres, 1)}});
    }
    return list;
}

void write_roads(CutOff const& found, FeatureFile& file) {
    auto const best = found.reconnections.empty() ? none : found.reconnections.front().road;
    auto const& graph = found.graph;
    for (std::uint32_t e = 0; e < graph.edges(); ++e) {
        if (found.parted.open[e] != 0) continue;
        auto const road = found.net.roads[graph.line[e]];
        file.add(
            geo::route::line_of(graph, found.net.lines, {&e, 1}, graph.from[e]),
            {{"part", road == best ? "reconnects" : "closed"},
             {"id", found.net.fids[graph.line[e]]},
             {"name", named(found.net.names[road])},
             {"water_m", found.over.empty() ? Json() : Json(rounded(double(found.over[e]), 100))},
             {"metres", rounded(graph.metres[e], 1)}});
    }
}

void write_ways(CutOff const& found, FeatureFile& file) {
    auto const write = [&](std::size_t place, Json about, std::vector<std::uint32_t> const& edges) {
        Json properties{{"part", "way"},
                        {"unit", named(found.places[place].code)},
                        {"from", named(found.places[place].name)}};
        properties.update(about);
        auto const line =
            geo::route::line_of(found.graph, found.net.lines, edges, found.place_vertex[place]);
        if (!line.empty()) file.add(line, properties);
    };
    std::set<std::pair<std::uint32_t, std::uint32_t>> told;
    for (auto const& one : found.sheltering.places) {
        auto about = way_json(found, one.shelter, one.cost, one.edges);
        about["people"] = one.people;
        write(one.group, std::move(about), one.edges);
        told.emplace(one.group, one.shelter);
    }
    for (std::uint32_t i = 0; i < found.nearest.size(); ++i) {
        auto const& one = found.nearest[i];
        if (one.shelter != none && !told.contains({i, one.shelter}))
            write(i, way_json(found, one.shelter, one.cost, one.edges), one.edges);
    }
}

} // namespace

Json cut_off_values(CutOff const& found) {
    Json parts = Json::array();
    for (auto const& part : parts_of(found)) parts.push_back(part_json(found, part));
    Json values{{"total", total_json(found, parts)}};
    values["parts"] = std::move(parts);
    values["places"] = places_json(found);
    values["shelters"] = shelters_json(found);
    values["roads"] = roads_json(found);
    return values;
}

void write_cut_off(CutOff const& found, std::filesystem::path const& file) {
    FeatureFile out{file};
    for (auto const& part : parts_of(found))
        if (part.access == Access::cut_off)
            out.add(hull_of(part), {{"part", "component"},
                                    {"component", part.component},
                                    {"people", part.people},
                                    {"places", place_names(found, part.places)}});
    write_roads(found, out);
    write_ways(found, out);
    out.close();
}

} // namespace diaban::services::domain
