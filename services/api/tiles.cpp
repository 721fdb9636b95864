#include "services/api/tiles.hpp"

#include "geo/error.hpp"
#include "services/api/archives.hpp"
#include "services/api/filters.hpp"
#include "services/api/html.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/tile_layers.hpp"
#include "services/api/tile_matrix.hpp"
#include "services/domain/geographic_tile.hpp"
#include "services/domain/past.hpp"
#include "services/http/negotiation.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace diaban::services::api {

namespace {

constexpr char mvt_type[] = "application/vnd.mapbox-vector-tile";
constexpr std::size_t most_collections = 32;
/// Tiles change with the record: a client may keep them and asks each time.
constexpr char live[] = "no-cache";
constexpr char tile_vary[] = "Accept-Encoding";

/// `a,b,c`: each once.
std::vector<std::string> read_collections(std::string_view list) {
    std::vector<std::string> ids;
    for (;;) {
        auto const comma = list.find(',');
        std::string id{list.substr(0, comma)};
        if (std::ranges::find(ids, id) == ids.end()) ids.push_back(std::move(id));
        if (ids.size() > most_collections)
            throw geo::Error{
                geo::Code::bad_input,
                "too-many-collections",
                {{"parameter", "collections"}, {"accepted", std::to_string(most_collections)}}};
        if (comma == std::string_view::npos) return ids;
        list.remove_prefix(comma + 1);
    }
}

std::string min_zooms(domain::TileAnswer const& answer) {
    std::string text;
    for (auto const& [id, zoom] : answer.below)
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", id, zoom);
    return text;
}

/// What of one collection is shown; of several there is none to hold a filter to.
std::optional<geo::filter::Filter> tile_filter(Backing const& backing, http::Context const& context,
                                               std::span<std::string const> ids) {
    if (!context.query.find("filter")) return std::nullopt;
    if (ids.size() != 1)
        throw geo::Error{geo::Code::bad_input,
                         "filter-collections",
                         {{"parameter", "filter"}, {"accepted", "1"}}};
    auto const view = backing.atlas.view(ids.front());
    return read_filter(context.query, view->layer->schema(), context.policy(ids.front()));
}

/// From the mirror, or of the past where the request names a moment.
domain::TileAnswer find_tile(Backing const& backing, http::Context const& context,
                             std::span<std::string const> ids, tiles::TileId tile,
                             http::Encoding encoding) {
    data::model::Moment const moment{read_as_of(context.query), read_datetime(context.query)};
    bool const past = moment.recorded || moment.valid;
    if (past && context.query.find("filter")) refuse_filter_of_past();
    if (!past)
        return backing.atlas.tile(ids, tile, *context.visitor.rights, encoding,
                                  tile_filter(backing, context, ids));
    return {std::make_shared<tiles::Tile const>(
                domain::past_tile(backing.atlas, backing.past, {backing.settings.tile_buffer}, ids,
                                  tile, moment, *context.visitor.rights, encoding)),
            {},
            {}};
}

http::Response answer_made(http::Context const& context, domain::TileAnswer const& made,
                           http::Encoding encoding) {
    auto const& request = context.request;
    http::Response response;
    if (made.tile->body.empty()) {
        response = http::Response{.status = 204, .headers = {}, .body = {}};
        response.with("Cache-Control", live).with("Vary", tile_vary);
    } else if (http::names_etag(request.header_list("if-none-match"), made.tile->etag)) {
        return http::not_modified(made.tile->etag, live, tile_vary);
    } else {
        response = http::answer(200, mvt_type, http::Body{made.tile, made.tile->body});
        if (encoding != http::Encoding::identity)
            response.with("Content-Encoding", std::string{to_string(encoding)});
        response.with("ETag", made.tile->etag).with("Cache-Control", live).with("Vary", tile_vary);
    }
    if (!made.merged.empty()) {
        std::string merged;
        for (auto const& id : made.merged) merged += (merged.empty() ? "" : ", ") + id;
        response.with("Diaban-Merged", merged);
    }
    response.with("Diaban-Shown", std::to_string(made.tile->shown));
    if (made.below.empty())
        response.with("Diaban-Total", std::to_string(made.tile->total));
    else // how many there are of those is not counted: from their zoom on all are shown
        response.with("Diaban-Min-Zoom", min_zooms(made));
    return response;
}

http::Response answer_tile(Backing const& backing, http::Context const& context,
                           std::span<std::string const> ids, tiles::TileId tile) {
    auto const encoding = http::choose_encoding(context.request.header_list("accept-encoding"));
    return answer_made(context, find_tile(backing, context, ids, tile, encoding), encoding);
}

/// The lowest level of a set at which a collection has tiles.
std::uint32_t least_level(domain::View const& view, TileMatrixSet const& set) {
    return set.geographic ? domain::least_geographic_level(view) : view.min_zoom();
}

/// That the tile is within the limits that the tileset states. The past may have been elsewhere.
void check_limits(Backing const& backing, http::Context const& context, std::string const& id,
                  TileMatrixSet const& set, std::uint32_t level, std::uint32_t row,
                  std::uint32_t column) {
    if (context.query.find("datetime") || context.query.find("as-of")) return;
    auto const view = backing.atlas.view(id);
    auto const extent = view->layer->extent(context.policy(id));
    if (level < least_level(*view, set) || level > set.deepest || extent.empty()) return;
    auto const limits = matrix_limits(set, level, extent);
    if (limits.holds(row, column)) return;
    throw geo::Error{
        geo::Code::not_found,
        "tile-outside-limits",
        {{"collection", id},
         {"value", fmt::format("{}/{}/{}", level, row, column)},
         {"accepted", fmt::format("row {}..{}, column {}..{}", limits.min_row, limits.max_row,
                                  limits.min_column, limits.max_column)}}};
}

/// A tile of degrees, which is of now.
http::Response answer_geographic_tile(Backing const& backing, http::Context const& context,
                                      std::string const& id, std::uint32_t level, std::uint32_t row,
                                      std::uint32_t column) {
    auto const tile = domain::GeographicTileId::make(level, row, column);
    if (!tile)
        throw geo::Error{geo::Code::not_found,
                         "not-a-tile",
                         {{"value", fmt::format("{}/{}/{}", level, row, column)},
                          {"accepted", "level 0..18, row 0..2^level - 1, "
                                       "column 0..2^(level + 1) - 1"}}};
    for (auto const* const name : {"datetime", "as-of"})
        if (auto const text = context.query.find(name))
            refuse_parameter(name, *text, "with WebMercatorQuad");
    auto const encoding = http::choose_encoding(context.request.header_list("accept-encoding"));
    auto const view = backing.atlas.view(id);
    auto made =
        domain::geographic_tile(*view, *tile, {backing.settings.tile_buffer}, context.policy(id),
                                encoding, tile_filter(backing, context, std::span{&id, 1}));
    return answer_made(context, {std::make_shared<tiles::Tile const>(std::move(made)), {}, {}},
                       encoding);
}

/// `?…` that tiles of the moment and of the filter asked for are asked with; else empty.
std::string tiles_query(http::Context const& context) {
    std::string text;
    for (auto const* const name : {"datetime", "as-of", "filter", "filter-lang", "filter-crs"})
        if (auto const asked = context.query.find(name))
            text += fmt::format("{}{}={}", text.empty() ? '?' : '&', name,
                                http::percent_encode(*asked));
    return text;
}

http::Response answer_tilejson(Backing const& backing, http::Context const& context,
                               std::string const& list) {
    bool const past = read_as_of(context.query) || read_datetime(context.query);
    auto const ids = read_collections(list);
    if (past && context.query.find("filter")) refuse_filter_of_past();
    static_cast<void>(
        tile_filter(backing, context, ids)); // what its tiles would refuse, said at once
    geo::Box bounds;
    std::uint32_t min_zoom = past ? 0 : tiles::TileId::max_zoom;
    std::string attribution;
    std::string name;
    Json layers = Json::array();
    for (auto const& id : ids) {
        auto const view = backing.atlas.view(id);
        if (!view->has_geometry())
            throw geo::Error{geo::Code::not_found, "no-tiles", {{"collection", id}}};
        auto const& collection = view->collection;
        bounds.extend(view->layer->extent(context.policy(id)));
        auto const first = first_tile_zoom(*view, past);
        min_zoom = past ? std::max(min_zoom, first) : std::min(min_zoom, first);
        if (!collection.attribution.empty() &&
            attribution.find(collection.attribution) == std::string::npos)
            attribution += (attribution.empty() ? "" : " · ") + collection.attribution;
        auto const& title = localised(collection.title, context.language);
        name += (name.empty() ? "" : ", ") + title;
        add_tile_layers(layers, *view, context.policy(id), context.language, past);
    }
    Json body{{"tilejson", "3.0.0"},
              {"name", name},
              {"tiles", Json::array({fmt::format("{}/tiles/{}/{{z}}/{{x}}/{{y}}.mvt{}",
                                                 context.origin, list, tiles_query(context))})},
              {"scheme", "xyz"},
              {"minzoom", min_zoom},
              {"maxzoom", tiles::TileId::max_zoom},
              {"attribution", attribution},
              {"vector_layers", std::move(layers)}};
    if (!bounds.empty() && !past) body["bounds"] = box(bounds);
    return represent(context, {"application/json", dump(body)});
}

/// `f` of a tile: mvt is the only form there is.
void check_tile_form(http::Context const& context) {
    auto const form = context.query.find("f");
    if (form && *form != "mvt") refuse_parameter("f", *form, "mvt");
}

Json tileset_of(domain::View const& view, TileMatrixSet const& set, http::Context const& context,
                bool whole) {
    auto const base = fmt::format("{}/collections/{}/tiles/{}", context.origin, view.id(), set.id);
    Json links{link("self", base + "?f=json", "application/json"),
               link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
                    fmt::format("{}/tileMatrixSets/{}", context.origin, set.id),
                    "application/json")};
    Json tiles = link("item", base + "/{tileMatrix}/{tileRow}/{tileCol}?f=mvt", mvt_type);
    tiles["templated"] = true;
    links.push_back(std::move(tiles));
    links.push_back(link("http://www.opengis.net/def/rel/ogc/1.0/geodata",
                         fmt::format("{}/collections/{}", context.origin, view.id()),
                         "application/json"));
    Json tileset{{"title", localised(view.collection.title, context.language)},
                 {"dataType", "vector"},
                 {"crs", set.crs},
                 {"tileMatrixSetURI", set.uri},
                 {"links", std::move(links)}};
    if (!whole) return tileset;
    auto const least = least_level(view, set);
    tileset["tileMatrixSetId"] = set.id;
    tileset["attribution"] = view.collection.attribution;
    tileset["layers"] = Json::array({{{"id", view.id()},
                                      {"dataType", "vector"},
                                      {"minTileMatrix", std::to_string(least)},
                                      {"maxTileMatrix", std::to_string(set.deepest)}}});
    auto const extent = view.layer->extent(context.policy(view.id()));
    auto& limits = tileset["tileMatrixSetLimits"] = Json::array();
    for (auto level = least; level <= set.deepest && !extent.empty(); ++level)
        limits.push_back(limits_json(level, matrix_limits(set, level, extent)));
    if (!extent.empty())
        tileset["boundingBox"] = {{"lowerLeft", Json::array({extent.min_x, extent.min_y})},
                                  {"upperRight", Json::array({extent.max_x, extent.max_y})},
                                  {"crs", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}};
    return tileset;
}

std::shared_ptr<domain::View const> tiled_view(Backing const& backing, std::string const& id) {
    auto view = backing.atlas.view(id);
    if (!view->has_geometry())
        throw geo::Error{geo::Code::not_found, "no-tiles", {{"collection", id}}};
    return view;
}

http::Response answer_tilesets(Backing const& backing, http::Context const& context,
                               std::string const& id) {
    auto const view = tiled_view(backing, id);
    Json body{{"links",
               Json::array(
                   {link("self", fmt::format("{}/collections/{}/tiles?f=json", context.origin, id),
                         "application/json")})},
              {"tilesets", Json::array()}};
    for (auto const& set : tile_matrix_sets())
        body["tilesets"].push_back(tileset_of(*view, set, context, false));
    return represent(context, {"application/json", dump(body)});
}

http::Response answer_matrix_sets(http::Context const& context) {
    Json list = Json::array();
    for (auto const& set : tile_matrix_sets())
        list.push_back(
            {{"id", set.id},
             {"title", set.title},
             {"uri", set.uri},
             {"crs", set.crs},
             {"links",
              Json::array({link("self", fmt::format("{}/tileMatrixSets/{}", context.origin, set.id),
                                "application/json")})}});
    return represent(context, {"application/json", dump({{"tileMatrixSets", std::move(list)}})});
}

void add_ogc_tiles(http::Router& router, Backing const& backing) {
    router.get(access::Need::read,
               "/collections/{collectionId}/tiles/{tileMatrixSet}/{tileMatrix}/{tileRow}/{tileCol}",
               {"f", "datetime", "as-of", "filter", "filter-lang", "filter-crs"},
               [&backing](http::Context const& context, std::string const& id,
                          std::string const& set, std::uint32_t zoom, std::uint32_t row,
                          std::uint32_t column) {
                   check_tile_form(context);
                   auto const& asked = tile_matrix_set(set);
                   check_limits(backing, context, id, asked, zoom, row, column);
                   if (asked.geographic)
                       return answer_geographic_tile(backing, context, id, zoom, row, column);
                   return answer_tile(backing, context, std::span{&id, 1},
                                      read_tile_id(zoom, column, row));
               });
    router.get(access::Need::read, "/collections/{collectionId}/tiles", {"f"},
               [&backing](http::Context const& context, std::string const& id) {
                   check_json_form(context);
                   return answer_tilesets(backing, context, id);
               });
    router.get(
        access::Need::read, "/collections/{collectionId}/tiles/{tileMatrixSet}", {"f"},
        [&backing](http::Context const& context, std::string const& id, std::string const& set) {
            auto const& asked = tile_matrix_set(set);
            check_json_form(context);
            auto const view = tiled_view(backing, id);
            return represent(context,
                             {"application/json", dump(tileset_of(*view, asked, context, true))});
        });
    router.get(access::Need::open, "/tileMatrixSets", {"f"}, [](http::Context const& context) {
        check_json_form(context);
        return answer_matrix_sets(context);
    });
    router.get(access::Need::open, "/tileMatrixSets/{tileMatrixSet}", {"f"},
               [](http::Context const& context, std::string const& set) {
                   auto const& asked = tile_matrix_set(set);
                   check_json_form(context);
                   return represent(context, {"application/json", dump(matrix_set(asked))});
               });
}

} // namespace

void add_tiles(http::Router& router, Backing const& backing) {
    for (auto const* const pattern : {"/tiles/{collections}/{zoom}/{column}/{row}.mvt",
                                      "/tiles/{collections}/{zoom}/{column}/{row}.pbf"})
        router.get(access::Need::read, pattern,
                   {"datetime", "as-of", "filter", "filter-lang", "filter-crs"},
                   [&backing](http::Context const& context, std::string const& list,
                              std::uint32_t zoom, std::uint32_t column, std::uint32_t row) {
                       if (auto const archive = readable_archive(backing, context, list))
                           return answer_archive_tile(context, *archive, list,
                                                      read_tile_id(zoom, column, row), "mvt");
                       auto const ids = read_collections(list);
                       return answer_tile(backing, context, ids, read_tile_id(zoom, column, row));
                   });
    router.get(access::Need::read, "/tiles/{collections}.json",
               {"datetime", "as-of", "filter", "filter-lang", "filter-crs"},
               [&backing](http::Context const& context, std::string const& list) {
                   if (auto const archive = readable_archive(backing, context, list))
                       return answer_archive_tilejson(context, *archive, list);
                   return answer_tilejson(backing, context, list);
               });
    add_ogc_tiles(router, backing);
}

} // namespace diaban::services::api
