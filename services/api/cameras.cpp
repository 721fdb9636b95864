#include "services/api/cameras.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/error.hpp"
#include "geo/ops/measure.hpp"
#include "services/api/coverages.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/camera_sight.hpp"
#include "services/domain/chosen.hpp"
#include "services/domain/field_numbers.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

namespace diaban::services::api {

namespace {

using domain::CameraPose;
using domain::ShelvedCoverage;
using geo::terrain::Sight;

constexpr char collection[] = "cameras";
constexpr std::size_t most_near = 2000; // cameras around a point that are looked at
constexpr char method[] =
    "lines of sight over terrain alone (R3), curvature and a seventh of it undone by refraction; "
    "ground between centres of cells is read linearly";

/// Height above ground of what is looked for: a person's by default.
double read_target(http::Query const& query) {
    constexpr double person = 1.7;
    auto const text = query.find("target");
    if (!text) return person;
    auto const metres = finite_number(*text);
    if (!metres || *metres < 0 || *metres > 1000) refuse_parameter("target", *text, "0..1000 (m)");
    return *metres;
}

/// The terrain asked for, or the finest that holds the position.
std::shared_ptr<ShelvedCoverage const> terrain_at(domain::CoverageShelf const& shelf,
                                                  http::Context const& context, geo::Position at) {
    auto const reader = coverage_reader(context);
    if (auto const id = context.query.find("terrain")) {
        auto found = shelf.find(*id, reader);
        if (found->entry.quantity != "elevation")
            refuse_parameter("terrain", *id, "a coverage of the quantity elevation");
        return found;
    }
    std::shared_ptr<ShelvedCoverage const> best;
    auto const fine = [](ShelvedCoverage const& one) {
        return (one.degrees.max_x - one.degrees.min_x) / one.entry.frame.shape.columns;
    };
    for (auto const& one : shelf.list(reader)) {
        auto const& box = one->degrees;
        bool const holds =
            box.min_x <= at.x && at.x <= box.max_x && box.min_y <= at.y && at.y <= box.max_y;
        if (one->entry.quantity == "elevation" && holds && (!best || fine(*one) < fine(*best)))
            best = one;
    }
    if (best) return best;
    throw geo::Error{
        geo::Code::not_found, "no-terrain", {{"value", fmt::format("{:.5f}, {:.5f}", at.x, at.y)}}};
}

Json terrain_json(ShelvedCoverage const& terrain, http::Context const& context) {
    auto const& entry = terrain.entry;
    return {{"coverage", entry.id},
            {"title", localised(entry.title, context.language)},
            {"origin", to_string(entry.origin)},
            {"sha256", entry.files.front().sha256}};
}

Json feature_of(char const* part, geo::Geometry const& shape, Json properties) {
    Json feature{{"type", "Feature"}, {"geometry", nullptr}, {"properties", {{"part", part}}}};
    if (!shape.empty()) {
        std::string text;
        geo::codec::append_geojson(text, shape);
        feature["geometry"] = Json::parse(text);
    }
    feature["properties"].update(properties);
    return feature;
}

Json pose_json(CameraPose const& camera) {
    return {{"fid", camera.fid},
            {"name", camera.name},
            {"height_m", camera.height},
            {"range_m", camera.range},
            {"azimuth", camera.azimuth},
            {"field_of_view", camera.opening},
            {"in_service", camera.in_service}};
}

std::vector<CameraPose> poses_of(Backing const& backing, domain::View const& view,
                                 std::span<std::int64_t const> fids, geo::Policy const& policy) {
    auto const fields = data::model::visible(view.collection.schema, policy).fields;
    domain::CameraReader const reader{fields};
    std::vector<CameraPose> poses;
    for (auto const& feature : backing.store.by_fids(view.collection, fids, policy))
        if (auto pose = reader.read(feature)) poses.push_back(std::move(*pose));
    return poses;
}

http::Response answer_view(Backing const& backing, domain::CoverageShelf const& shelf,
                           http::Context const& context, std::int64_t fid) {
    check_json_form(context);
    auto const& policy = context.policy(collection);
    auto const view = backing.atlas.view(collection);
    auto const target = read_target(context.query);
    auto const poses = poses_of(backing, *view, std::span{&fid, 1}, policy);
    if (poses.empty())
        throw geo::Error{geo::Code::not_found, "unknown-camera", {{"value", std::to_string(fid)}}};
    auto const& camera = poses.front();
    auto const terrain = terrain_at(shelf, context, camera.at);
    domain::SightTerrain const sight{terrain->entry.frame, terrain->from_degrees};
    auto const seen =
        shelf.read(terrain->entry.files.front(), [&](data::gdal::RasterSource const& source) {
            return domain::view_of(source, sight, camera, target);
        });
    auto about = pose_json(camera);
    about["target_m"] = target;
    about["terrain"] = terrain_json(*terrain, context);
    about["cell_m"] = seen.cell_m;
    about["method"] = method;
    Json const body{
        {"type", "FeatureCollection"},
        {"camera", std::move(about)},
        {"features",
         Json::array({feature_of("sector", domain::sector_of(camera), Json::object()),
                      feature_of("seen", seen.seen, {{"area_m2", seen.seen_m2}}),
                      feature_of("hidden", seen.hidden, {{"area_m2", seen.hidden_m2}})})},
        {"unknown_m2", seen.unknown_m2}};
    return represent(context, {"application/geo+json", dump(body)});
}

/// Metres between two near positions, to a hundredth.
double about_metres(geo::Position a, geo::Position b) noexcept {
    constexpr double degree = 111'000;
    return std::hypot((a.x - b.x) * std::cos(a.y * M_PI / 180), a.y - b.y) * degree;
}

/// Cameras whose range reaches a position or nearly, by the mirror.
std::vector<std::int64_t> cameras_around(Backing const& backing, domain::View const& view,
                                         geo::Position at, geo::Policy const& policy) {
    double const north = domain::most_camera_range / 110'500;
    double const east = north / std::max(std::cos(at.y * M_PI / 180), 0.01);
    domain::Choice choice;
    choice.boxes = {{at.x - east, at.y - north, at.x + east, at.y + north}};
    auto const& fields = view.layer->schema().fields;
    auto const range = std::ranges::find(fields, "range_m", &geo::Field::name);
    std::vector<std::int64_t> fids;
    for (auto const& [live, rows] : domain::choose_rows(view, backing.store, choice, policy)) {
        std::optional<domain::FieldNumbers> ranges;
        if (range != fields.end() && range->in_tiles()) ranges.emplace(*live.run, *range);
        for (auto const row : rows) {
            auto const point = live.run->points_of(row).front();
            double const reach = ranges ? (*ranges)[row] : domain::most_camera_range;
            double const metres =
                about_metres(tiles::from_grid({double(point.x), double(point.y)}), at);
            if (!(metres > reach * 1.02 + 10)) fids.push_back(live.run->fids[row]);
        }
    }
    if (fids.size() > most_near)
        throw geo::Error{
            geo::Code::too_large, "too-many-cameras", {{"accepted", std::to_string(most_near)}}};
    std::ranges::sort(fids);
    return fids;
}

http::Response answer_seeing(Backing const& backing, domain::CoverageShelf const& shelf,
                             http::Context const& context) {
    check_json_form(context);
    auto const& policy = context.policy(collection);
    auto const at = read_position(context.query);
    auto const target = read_target(context.query);
    auto const view = backing.atlas.view(collection);
    auto const terrain = terrain_at(shelf, context, at);
    domain::SightTerrain const sight{terrain->entry.frame, terrain->from_degrees};
    auto poses = poses_of(backing, *view, cameras_around(backing, *view, at, policy), policy);
    std::erase_if(poses, [&](auto const& camera) { return !domain::sector_holds(camera, at); });
    struct Found {
        CameraPose const* camera;
        double distance;
        Sight sight;
    };
    auto const found =
        shelf.read(terrain->entry.files.front(), [&](data::gdal::RasterSource const& source) {
            std::vector<Found> all;
            for (auto const& camera : poses)
                all.push_back({&camera, geo::ops::geodesic_distance(camera.at, at),
                               domain::sees(source, sight, camera, at, target)});
            return all;
        });
    Json seeing = Json::array();
    Json blocked = Json::array();
    auto sorted = found;
    std::ranges::sort(sorted, {}, &Found::distance);
    for (auto const& [camera, distance, what] : sorted) {
        auto one = pose_json(*camera);
        one["lon"] = camera->at.x;
        one["lat"] = camera->at.y;
        one["distance_m"] = distance;
        (what == Sight::seen ? seeing : blocked).push_back(std::move(one));
    }
    Json const body{{"lon", at.x},
                    {"lat", at.y},
                    {"target_m", target},
                    {"cameras", std::move(seeing)},
                    {"behind_ground", std::move(blocked)},
                    {"terrain", terrain_json(*terrain, context)},
                    {"method", method}};
    return represent(context, {"application/json", dump(body)});
}

} // namespace

void add_cameras(http::Router& router, Backing const& backing, domain::CoverageShelf const& shelf) {
    router.get(
        access::Need::read, "/cameras/seeing", {"f", "lon", "lat", "target", "terrain"},
        [&](http::Context const& context) { return answer_seeing(backing, shelf, context); });
    router.get(access::Need::read, "/cameras/{cameraId}/view", {"f", "target", "terrain"},
               [&](http::Context const& context, std::int64_t fid) {
                   return answer_view(backing, shelf, context, fid);
               });
}

} // namespace diaban::services::api
