#include "services/domain/clusters_process.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/hotspot/clusters.hpp"
#include "geo/ops/overlay.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/event_points.hpp"
#include "services/domain/process_inputs.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>

namespace diaban::services::domain {

namespace {

constexpr std::array<std::string_view, 3> own{"metres", "within_hours", "least"};
constexpr double usual_metres = 300;
constexpr double usual_least = 10;

struct ClusterInputs {
    std::string collection;
    double metres = usual_metres;
    std::optional<double> hours; ///< nothing: time does not matter
    std::size_t least = 10;
};

ClusterInputs read_inputs(Json const& inputs) {
    check_input_names(inputs, event_inputs(own));
    ClusterInputs read;
    read.collection = text_input(inputs, "collection", "a collection of points");
    read.metres = number_input(inputs, "metres", usual_metres, 1, 100'000);
    read.hours = number_input(inputs, "within_hours", 0, 1e6);
    read.least = std::size_t(number_input(inputs, "least", usual_least, 1, 100'000));
    return read;
}

/// One cluster as its members make it.
struct Gathered {
    std::vector<geo::Position> members;
    std::size_t cores = 0;
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    std::int64_t last = std::numeric_limits<std::int64_t>::min();

    [[nodiscard]] geo::Position middle() const noexcept {
        geo::Position sum{0, 0};
        for (auto const& at : members) sum = {sum.x + at.x, sum.y + at.y};
        auto const n = double(members.size());
        return {sum.x / n, sum.y / n};
    }
};

std::vector<Gathered> gather(Events const& events, geo::hotspot::Clusters const& clusters) {
    std::vector<Gathered> gathered(std::size_t(clusters.count));
    for (std::size_t i = 0; i < clusters.of.size(); ++i) {
        if (clusters.of[i] == geo::hotspot::Clusters::noise) continue;
        auto& one = gathered[std::size_t(clusters.of[i])];
        one.members.push_back(events.metres[i]);
        one.cores += clusters.core[i] ? 1 : 0;
        if (!events.begins[i]) continue;
        one.first = std::min(one.first, *events.begins[i]);
        one.last = std::max(one.last, *events.begins[i]);
    }
    return gathered;
}

/// The hull of its members, or the one place or line they share: then their middle.
geo::Geometry outline(Gathered const& cluster, int srid) {
    geo::Geometry points;
    points.kind = geo::GeometryKind::point;
    points.srid = srid;
    points.positions = cluster.members;
    auto hull = geo::ops::convex_hull(points);
    if (hull.empty()) {
        hull = points;
        hull.positions = {cluster.middle()};
    }
    geo::Transform::between(srid, 4326).apply(hull.positions);
    hull.srid = 4326;
    return hull;
}

Json instant_or_null(bool timed, std::int64_t microseconds) {
    if (!timed) return nullptr;
    std::string text;
    geo::codec::append_instant(text, {microseconds});
    return text;
}

Json properties_of(Gathered const& cluster, std::size_t number, int srid) {
    std::vector<geo::Position> middle{cluster.middle()};
    geo::Transform::between(srid, 4326).apply(middle);
    bool const timed = cluster.first <= cluster.last;
    return {{"cluster", number},
            {"count", cluster.members.size()},
            {"cores", cluster.cores},
            {"lon", middle.front().x},
            {"lat", middle.front().y},
            {"first", instant_or_null(timed, cluster.first)},
            {"last", instant_or_null(timed, cluster.last)}};
}

Outcome run_clusters(Work& work) {
    auto const inputs = read_inputs(work.inputs);
    auto const events = read_events(work, inputs.collection, {});
    // What has no time is near nothing where time matters.
    constexpr double never = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> times;
    for (auto const& begin : events.begins)
        times.push_back(!inputs.hours ? 0 : begin ? double(*begin) / 1e6 : never);
    std::vector<geo::Position> const metres{events.metres};
    auto const clusters = geo::hotspot::find_clusters(
        metres, times,
        {inputs.metres,
         inputs.hours ? *inputs.hours * 3600 : std::numeric_limits<double>::infinity(),
         inputs.least});
    auto gathered = gather(events, clusters);
    std::ranges::stable_sort(gathered, std::greater{},
                             [](auto const& one) { return one.members.size(); });
    auto const file = work.folder / "clusters.geojson";
    std::ofstream out{file};
    out << R"({"type":"FeatureCollection","features":[)";
    std::size_t members = 0;
    for (std::size_t i = 0; i < gathered.size(); ++i) {
        std::string shape;
        geo::codec::append_geojson(shape, outline(gathered[i], events.srid));
        out << (i == 0 ? "\n" : ",\n") << R"({"type":"Feature","properties":)"
            << properties_of(gathered[i], i + 1, events.srid).dump() << R"(,"geometry":)" << shape
            << "}";
        members += gathered[i].members.size();
        work.progress.at(i + 1, gathered.size());
    }
    out << "]}\n";
    close_file(out, file);
    Outcome outcome;
    outcome.values["clusters"] = clusters.count;
    outcome.values["members"] = members;
    outcome.values["noise"] = events.metres.size() - members;
    auto details = events_json(events, work.inputs);
    details["metres"] = inputs.metres;
    details["within_hours"] = inputs.hours ? Json(*inputs.hours) : Json();
    details["least"] = inputs.least;
    details["method"] =
        "ST-DBSCAN (Birant and Kut 2007); an event near several clusters is of that "
        "of the nearest core";
    outcome.values["details"] = std::move(details);
    outcome.file = {file, "clusters.geojson", "application/geo+json"};
    return outcome;
}

Json describe_inputs() {
    auto inputs = describe_event_inputs();
    inputs["metres"] = described_input("At most so far apart",
                                       {{"type", "number"}, {"minimum", 1}, {"maximum", 100'000}});
    inputs["within_hours"] =
        described_input("At most so long apart; absent: time does not matter",
                        {{"type", "number"}, {"minimum", 0}, {"maximum", 1e6}});
    inputs["least"] = described_input("Events near each other that make a core",
                                      {{"type", "integer"}, {"minimum", 1}, {"maximum", 100'000}});
    return inputs;
}

} // namespace

Process clusters_process() {
    return {
        .id = "clusters",
        .title = {"Cụm sự việc", "Clusters"},
        .description = {"Những sự việc gần nhau trong không gian và thời gian (ST-DBSCAN).",
                        "Events close to each other in space and time (ST-DBSCAN)."},
        .inputs = describe_inputs(),
        .outputs = {{"file",
                     {{"title", "A hull a cluster, the largest first"},
                      {"schema", {{"type", "string"}, {"format", "binary"}}}}},
                    {"clusters", {{"title", "How many"}, {"schema", {{"type", "integer"}}}}},
                    {"members",
                     {{"title", "Events in clusters"}, {"schema", {{"type", "integer"}}}}},
                    {"noise", {{"title", "Events in none"}, {"schema", {{"type", "integer"}}}}},
                    {"details",
                     {{"title", "Inputs, method, parameters"}, {"schema", {{"type", "object"}}}}}},
        .reads = [](Json const& inputs) { return std::vector{read_inputs(inputs).collection}; },
        .check =
            [](Json const& inputs, Registries const& registries, Policies const& policies) {
                static_cast<void>(read_inputs(inputs));
                check_events(inputs, registries, policies, {});
            },
        .run = run_clusters};
}

} // namespace diaban::services::domain
