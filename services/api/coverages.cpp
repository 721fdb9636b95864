#include "services/api/coverages.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/api/edit_request.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/catchment.hpp"
#include "services/domain/contour_tile.hpp"
#include "services/domain/coverage_read.hpp"
#include "services/http/negotiation.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace diaban::services::api {

namespace {

using domain::CoverageLayer;
using domain::CoverageShelf;
using domain::ShelvedCoverage;

constexpr std::size_t most_line = 200;
constexpr std::uint32_t most_samples = 2000;
/// Heights of tiles are bytes of an immutable file; which file it is may change.
constexpr char kept_but_asked[] = "no-cache";

std::string text_of(geo::Instant instant) {
    std::string text;
    geo::codec::append_instant(text, instant);
    return text;
}

/// Whether cells are heights or depths, which tiles can show; codes and counts are not.
bool has_tiles(data::model::Coverage const& entry) {
    return entry.quantity != "direction" && entry.quantity != "accumulation" &&
           entry.quantity != "catchments" && entry.quantity != "land_cover";
}

/// The zoom at which a pixel is no larger than a cell.
std::uint32_t finest_zoom(ShelvedCoverage const& coverage) {
    auto const& shape = coverage.entry.frame.shape;
    double const cell = (coverage.degrees.max_x - coverage.degrees.min_x) / shape.columns;
    double const zoom = std::ceil(std::log2(360 / (cell * tiles::terrain_side)));
    return std::uint32_t(std::clamp(zoom, double(domain::least_coverage_zoom), 19.0));
}

constexpr char contour_type[] = "application/vnd.mapbox-vector-tile";

Json links_of(data::model::Coverage const& entry, std::string const& here) {
    Json links{link("self", here, "application/json"),
               link("http://www.opengis.net/def/rel/ogc/1.0/data",
                    here + "/value?lon={lon}&lat={lat}", "application/json")};
    links[1]["templated"] = true;
    if (!has_tiles(entry)) return links;
    for (auto const* const code : {"terrarium", "mapbox", "hillshade"}) {
        auto tiles = link("item", fmt::format("{}/tiles/{}/{{z}}/{{x}}/{{y}}.png", here, code),
                          "image/png", code);
        tiles["templated"] = true;
        links.push_back(std::move(tiles));
    }
    auto contours = link("item", here + "/contours/{z}/{x}/{y}.mvt", contour_type, "contours");
    contours["templated"] = true;
    links.push_back(std::move(contours));
    return links;
}

Json describe(ShelvedCoverage const& coverage, http::Context const& context, bool whole) {
    auto const& entry = coverage.entry;
    auto const& frame = entry.frame;
    auto const here = fmt::format("{}/coverages/{}", context.origin, entry.id);
    Json json{{"id", entry.id},
              {"title", localised(entry.title, context.language)},
              {"quantity", entry.quantity},
              {"unit", entry.unit},
              {"bands", entry.bands},
              {"origin", to_string(entry.origin)},
              {"crs", fmt::format("http://www.opengis.net/def/crs/EPSG/0/{}", frame.srid)},
              {"bbox", box(coverage.degrees)},
              {"grid",
               {{"columns", frame.shape.columns},
                {"rows", frame.shape.rows},
                {"west", frame.west},
                {"north", frame.north},
                {"cellWidth", frame.width},
                {"cellHeight", frame.height}}},
              {"noData", "NaN"},
              {"source", entry.source},
              {"attribution", entry.attribution},
              {"licence", entry.licence},
              {"recorded", text_of(entry.recorded)}};
    if (entry.vertical_srid != 0)
        json["verticalDatum"] = {
            {"name", entry.vertical_datum},
            {"crs", fmt::format("http://www.opengis.net/def/crs/EPSG/0/{}", entry.vertical_srid)}};
    if (entry.least) json["least"] = *entry.least;
    if (entry.most) json["most"] = *entry.most;
    if (!entry.derived_from.empty()) json["derivedFrom"] = entry.derived_from;
    if (has_tiles(entry)) {
        json["minzoom"] = domain::least_coverage_zoom;
        json["maxzoom"] = finest_zoom(coverage);
    }
    if (whole) {
        json["details"] = Json::parse(entry.details);
        Json times = Json::array();
        for (auto const& file : entry.files)
            if (file.at) times.push_back(text_of(*file.at));
        json["times"] = std::move(times);
    }
    json["links"] = links_of(entry, here);
    return json;
}

http::Response answer_coverages(CoverageShelf const& shelf, http::Context const& context) {
    check_json_form(context);
    Json list = Json::array();
    for (auto const& one : shelf.list(coverage_reader(context)))
        if (one->entry.quantity != "catchments") // an index, which nobody reads by itself
            list.push_back(describe(*one, context, false));
    return represent(
        context,
        {"application/json",
         dump({{"coverages", std::move(list)},
               {"links", Json::array({link("self", fmt::format("{}/coverages", context.origin),
                                           "application/json")})}})});
}

std::optional<geo::Instant> read_instant(http::Query const& query) {
    auto const period = read_datetime(query);
    if (!period || period->end == geo::Period::open_end) return std::nullopt;
    return geo::Instant{period->end};
}

CoverageLayer layer_of(ShelvedCoverage const& coverage, http::Context const& context) {
    return {coverage, coverage.file(read_instant(context.query)),
            coverage.band(context.query.find("band"))};
}

/// What is said of a layer beside each of its values.
Json layer_json(CoverageLayer const& layer, http::Context const& context) {
    auto const& entry = layer.coverage.entry;
    Json json{{"coverage", entry.id},
              {"title", localised(entry.title, context.language)},
              {"quantity",
               entry.bands.empty() ? entry.quantity : entry.bands[std::size_t(layer.band - 1)]},
              {"unit", entry.unit},
              {"verticalDatum", entry.vertical_datum},
              {"origin", to_string(entry.origin)},
              {"recorded", text_of(entry.recorded)}};
    if (layer.file.at) json["datetime"] = text_of(*layer.file.at);
    return json;
}

Json number(std::optional<double> value) {
    return value ? Json(*value) : Json(nullptr);
}

http::Response answer_value(CoverageShelf const& shelf, http::Context const& context,
                            std::string const& id) {
    check_json_form(context);
    auto const coverage = shelf.find(id, coverage_reader(context));
    auto const layer = layer_of(*coverage, context);
    auto const at = read_position(context.query);
    auto const value = domain::values_at(shelf, layer, {at}).front();
    auto json = layer_json(layer, context);
    json["lon"] = at.x;
    json["lat"] = at.y;
    json["value"] = number(value.cell);
    json["interpolated"] = number(value.between);
    json["method"] = "value: the cell that holds the position; interpolated: bilinear between "
                     "centres of cells";
    return represent(context, {"application/json", dump(json)});
}

/// `line`: lon,lat,lon,lat,…
std::vector<geo::Position> read_line(http::Query const& query) {
    auto const text = query.find("line");
    auto const refuse = [&] {
        refuse_parameter("line", text.value_or("").substr(0, 128),
                         fmt::format("lon,lat,lon,lat,… of 2 to {} positions", most_line));
    };
    std::vector<double> numbers;
    auto rest = text.value_or("");
    while (!rest.empty() && numbers.size() <= 2 * most_line) {
        auto const comma = std::min(rest.find(','), rest.size());
        auto const one = finite_number(rest.substr(0, comma));
        if (!one || std::abs(*one) > (numbers.size() % 2 == 0 ? 180 : 90)) refuse();
        numbers.push_back(*one);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    if (numbers.size() < 4 || numbers.size() % 2 != 0 || numbers.size() > 2 * most_line) refuse();
    std::vector<geo::Position> line;
    for (std::size_t i = 0; i < numbers.size(); i += 2)
        line.push_back({numbers[i], numbers[i + 1]});
    return line;
}

std::size_t read_samples(http::Query const& query) {
    constexpr std::size_t usual = 200;
    return read_whole(query, "samples", 2, most_samples).value_or(usual);
}

http::Response answer_profile(CoverageShelf const& shelf, http::Context const& context,
                              std::string const& id) {
    check_json_form(context);
    auto const coverage = shelf.find(id, coverage_reader(context));
    auto const layer = layer_of(*coverage, context);
    auto const line = read_line(context.query);
    Json points = Json::array();
    for (auto const& point : domain::profile(shelf, layer, line, read_samples(context.query)))
        points.push_back({{"distance_m", point.metres},
                          {"lon", point.at.x},
                          {"lat", point.at.y},
                          {"value", number(point.value.between)}});
    auto json = layer_json(layer, context);
    json["method"] = "bilinear between centres of cells; distances along WGS 84 geodesics";
    json["points"] = std::move(points);
    return represent(context, {"application/json", dump(json)});
}

tiles::TileId coverage_tile(std::uint32_t zoom, std::uint32_t column, std::uint32_t row) {
    auto const tile = tiles::TileId::make(zoom, column, row);
    if (tile && zoom >= domain::least_coverage_zoom) return *tile;
    throw geo::Error{geo::Code::not_found,
                     "not-a-tile",
                     {{"value", fmt::format("{}/{}/{}", zoom, column, row)},
                      {"accepted", fmt::format("zoom {}..19, column and row 0..2^zoom - 1",
                                               domain::least_coverage_zoom)}}};
}

/// What stands for no data: water does not reach it, ground there is taken for the sea's level.
float absent_height(data::model::Coverage const& entry) {
    constexpr float never_wet = 8000;
    return entry.quantity == "hand" ? never_wet : 0.0F;
}

std::string draw(CoverageShelf const& shelf, CoverageLayer const& layer, std::string const& code,
                 tiles::TileId tile) {
    if (code == "hillshade")
        return tiles::hillshade_tile(domain::tile_cells(shelf, layer, tile, 1),
                                     domain::pixel_metres(tile));
    return tiles::height_tile(domain::tile_cells(shelf, layer, tile, 0),
                              code == "mapbox" ? tiles::HeightCode::mapbox
                                               : tiles::HeightCode::terrarium,
                              absent_height(layer.coverage.entry));
}

http::Response answer_tile(CoverageShelf const& shelf, http::Context const& context,
                           std::string const& id, std::string const& code, std::uint32_t zoom,
                           std::uint32_t column, std::uint32_t row) {
    auto const coverage = shelf.find(id, coverage_reader(context));
    constexpr std::array codes{"terrarium", "mapbox", "hillshade"};
    if (!has_tiles(coverage->entry) || std::ranges::find(codes, code) == codes.end())
        throw geo::Error{
            geo::Code::bad_input,
            "bad-path-parameter",
            {{"parameter", "code"},
             {"value", code.substr(0, 32)},
             {"accepted", has_tiles(coverage->entry) ? "terrarium, mapbox, hillshade" : "—"}}};
    auto const tile = coverage_tile(zoom, column, row);
    auto const layer = layer_of(*coverage, context);
    // The file is named by its content, so what is drawn of it needs no drawing to be named.
    auto const etag = fmt::format("\"{}-{}-{}-{}-{}-{}\"", layer.file.sha256.substr(0, 24),
                                  layer.band, code, zoom, column, row);
    if (http::names_etag(context.request.header_list("if-none-match"), etag))
        return http::not_modified(etag, kept_but_asked, "");
    auto response = http::answer(200, "image/png", draw(shelf, layer, code, tile));
    response.with("ETag", etag).with("Cache-Control", kept_but_asked);
    return response;
}

/// Lines of equal height of what has heights or depths.
http::Response answer_contours(CoverageShelf const& shelf, http::Context const& context,
                               std::string const& id, std::uint32_t zoom, std::uint32_t column,
                               std::uint32_t row) {
    auto const coverage = shelf.find(id, coverage_reader(context));
    if (!has_tiles(coverage->entry))
        throw geo::Error{geo::Code::not_found, "unknown-coverage", {{"coverage", id}}};
    auto const tile = coverage_tile(zoom, column, row);
    auto const layer = layer_of(*coverage, context);
    auto const etag = fmt::format("\"{}-{}-contours-{}-{}-{}\"", layer.file.sha256.substr(0, 24),
                                  layer.band, zoom, column, row);
    if (http::names_etag(context.request.header_list("if-none-match"), etag))
        return http::not_modified(etag, kept_but_asked, "");
    auto body = domain::contour_tile(shelf, layer, tile);
    auto response = body.empty() ? http::Response{.status = 204, .headers = {}, .body = {}}
                                 : http::answer(200, contour_type, std::move(body));
    response.with("ETag", etag).with("Cache-Control", kept_but_asked);
    return response;
}

/// `snap`: metres within which the cell is sought through which most drains.
std::int32_t read_snap(http::Query const& query, geo::raster::Frame const& frame) {
    constexpr double farthest = 5'000;
    auto const text = query.find("snap");
    if (!text) return 0;
    auto const metres = finite_number(*text);
    if (!metres || *metres < 0 || *metres > farthest)
        refuse_parameter("snap", *text, fmt::format("0..{} (metres)", farthest));
    return std::int32_t(std::min(*metres / frame.width, 500.0));
}

http::Response answer_catchment(CoverageShelf const& shelf, http::Context const& context,
                                std::string const& id) {
    check_json_form(context);
    auto const reader = coverage_reader(context);
    auto const ground = shelf.find(id, reader);
    auto const derived = shelf.derived(id, reader);
    auto const index = std::ranges::find(derived, "catchments",
                                         [](auto const& one) { return one->entry.quantity; });
    if (index == derived.end())
        throw geo::Error{geo::Code::not_found, "not-prepared", {{"coverage", ground->entry.id}}};
    auto const found = domain::catchment_at(shelf, **index, read_position(context.query),
                                            read_snap(context.query, ground->entry.frame));
    std::string outline;
    geo::codec::append_geojson(outline, found.outline);
    Json const body{{"type", "Feature"},
                    {"id", id},
                    {"geometry", Json::parse(outline)},
                    {"properties",
                     {{"outlet", Json::array({found.outlet.x, found.outlet.y})},
                      {"cells", found.cells},
                      {"area_m2", found.area_m2},
                      {"origin", to_string(ground->entry.origin)},
                      {"recorded", text_of((*index)->entry.recorded)},
                      {"details", Json::parse((*index)->entry.details)}}}};
    return represent(context, {"application/geo+json", dump(body)});
}

} // namespace

domain::CoverageReader coverage_reader(http::Context const& context) {
    return {*context.visitor.rights, read_author(context).who};
}

void add_coverages(http::Router& router, CoverageShelf const& shelf) {
    router.get(access::Need::read, "/coverages/{coverageId}/tiles/{code}/{zoom}/{column}/{row}.png",
               {"datetime", "band"},
               [&shelf](http::Context const& context, std::string const& id,
                        std::string const& code, std::uint32_t zoom, std::uint32_t column,
                        std::uint32_t row) {
                   return answer_tile(shelf, context, id, code, zoom, column, row);
               });
    router.get(access::Need::read, "/coverages/{coverageId}/contours/{zoom}/{column}/{row}.mvt",
               {"datetime", "band"},
               [&shelf](http::Context const& context, std::string const& id, std::uint32_t zoom,
                        std::uint32_t column, std::uint32_t row) {
                   return answer_contours(shelf, context, id, zoom, column, row);
               });
    router.get(access::Need::read, "/coverages", {"f"},
               [&shelf](http::Context const& context) { return answer_coverages(shelf, context); });
    router.get(access::Need::read, "/coverages/{coverageId}", {"f"},
               [&shelf](http::Context const& context, std::string const& id) {
                   check_json_form(context);
                   auto const coverage = shelf.find(id, coverage_reader(context));
                   return represent(context,
                                    {"application/json", dump(describe(*coverage, context, true))});
               });
    router.get(access::Need::read, "/coverages/{coverageId}/value",
               {"f", "lon", "lat", "datetime", "band"},
               [&shelf](http::Context const& context, std::string const& id) {
                   return answer_value(shelf, context, id);
               });
    router.get(access::Need::read, "/coverages/{coverageId}/catchment", {"f", "lon", "lat", "snap"},
               [&shelf](http::Context const& context, std::string const& id) {
                   return answer_catchment(shelf, context, id);
               });
    router.get(access::Need::read, "/coverages/{coverageId}/profile",
               {"f", "line", "samples", "datetime", "band"},
               [&shelf](http::Context const& context, std::string const& id) {
                   return answer_profile(shelf, context, id);
               });
}

} // namespace diaban::services::api
