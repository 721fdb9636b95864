#include "services/api/archives.hpp"

#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/tile_matrix.hpp"
#include "services/http/content_coding.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace diaban::services::api {

namespace {

using archive::About;
using archive::TileArchive;
using tiles::archive::Kind;
using tiles::archive::Packing;

constexpr char live[] = "no-cache";
constexpr char tile_vary[] = "Accept-Encoding";

/// Ending of a tile's path, and its media type.
struct Form {
    std::string_view ending;
    char const* type;
};

Form form_of(Kind kind) {
    switch (kind) {
    case Kind::png: return {"png", "image/png"};
    case Kind::jpeg: return {"jpg", "image/jpeg"};
    case Kind::webp: return {"webp", "image/webp"};
    case Kind::avif: return {"avif", "image/avif"};
    case Kind::mvt:
    case Kind::other: break;
    }
    return {"mvt", "application/vnd.mapbox-vector-tile"};
}

/// How a body is coded: gzip shows, whatever the archive says; brotli and zstd must be said.
http::Encoding coding_of(About const& about, std::string_view body) {
    if (body.starts_with("\x1f\x8b")) return http::Encoding::gzip;
    if (about.packing == Packing::brotli) return http::Encoding::brotli;
    if (about.packing == Packing::zstd) return http::Encoding::zstd;
    return http::Encoding::identity;
}

[[noreturn]] void refuse_damaged(geo::Error const& fault) {
    throw geo::Error{geo::Code::unavailable, "archive-unreadable", {}, fault.what()};
}

std::optional<std::string> read_tile(TileArchive const& archive, tiles::TileId tile) try {
    return archive.tile(tile);
} catch (geo::Error const& fault) {
    refuse_damaged(fault);
}

/// The body as the client takes it; `coding` becomes what it is then coded by.
std::string coded_for(http::Context const& context, std::string body, std::string const& id,
                      http::Encoding& coding) {
    if (coding == http::Encoding::identity ||
        http::accepts(context.request.header_list("accept-encoding"), coding))
        return body;
    if (coding != http::Encoding::gzip)
        throw geo::Error{geo::Code::unsupported,
                         "archive-coding",
                         {{"name", id}, {"value", std::string{to_string(coding)}}}};
    auto plain = http::decode_gzip(body, archive::most_unpacked);
    if (!plain)
        throw geo::Error{geo::Code::unavailable, "archive-unreadable", {}, "gzip of a tile"};
    coding = http::Encoding::identity;
    return *std::move(plain);
}

/// What only collections can be asked.
void refuse_questions(http::Context const& context) {
    for (auto const* const name : {"datetime", "as-of", "filter"})
        if (auto const text = context.query.find(name))
            refuse_parameter(name, *text, "of collections, not of an archive");
}

std::uint32_t last_zoom(About const& about) {
    return std::min(about.max_zoom, tiles::TileId::max_zoom);
}

std::string tiles_url(http::Context const& context, std::string const& id, About const& about) {
    return fmt::format("{}/tiles/{}/{{z}}/{{x}}/{{y}}.{}", context.origin, id,
                       form_of(about.kind).ending);
}

Json tileset(http::Context const& context, std::string title, char const* data_type,
             std::string const& id, std::string tiles, char const* media_type) {
    auto const& set = tile_matrix_set("WebMercatorQuad");
    Json item = link("item", std::move(tiles), media_type);
    item["templated"] = true;
    return {{"title", std::move(title)},
            {"dataType", data_type},
            {"crs", set.crs},
            {"tileMatrixSetURI", set.uri},
            {"links", Json::array({link("self", fmt::format("{}/tiles/{}.json", context.origin, id),
                                        "application/json"),
                                   std::move(item)})}};
}

http::Response answer_list(Backing const& backing, http::Context const& context) {
    check_json_form(context);
    auto sets = Json::array();
    for (auto const& view : backing.atlas.picture()->views) {
        if (!view->has_geometry() || !context.sees(view->id())) continue;
        sets.push_back(tileset(
            context, localised(view->collection.title, context.language), "vector", view->id(),
            fmt::format("{}/tiles/{}/{{z}}/{{x}}/{{y}}.mvt", context.origin, view->id()),
            form_of(Kind::mvt).type));
    }
    auto const archives = backing.archives.all();
    for (auto const& [id, one] : *archives) {
        if (!readable_archive(backing, context, id)) continue;
        auto const& about = one->about();
        auto set = tileset(context, about.name.empty() ? id : about.name,
                           about.kind == Kind::mvt ? "vector" : "map", id,
                           tiles_url(context, id, about), form_of(about.kind).type);
        set["archive"] = id;
        if (!about.style.empty()) set["style"] = about.style;
        sets.push_back(std::move(set));
    }
    Json const body{{"links", Json::array({link("self", fmt::format("{}/tiles", context.origin),
                                                "application/json")})},
                    {"tilesets", std::move(sets)}};
    return represent(context, {"application/json", dump(body)});
}

} // namespace

std::shared_ptr<TileArchive const>
readable_archive(Backing const& backing, http::Context const& context, std::string const& id) {
    auto found = backing.archives.find(id);
    if (!found || backing.atlas.picture()->find(id)) return nullptr;
    return archive::may_read(*context.visitor.rights, id, found->about()) ? found : nullptr;
}

http::Response answer_archive_tile(http::Context const& context, TileArchive const& archive,
                                   std::string const& id, tiles::TileId tile,
                                   std::string_view form) {
    refuse_questions(context);
    auto const own = form_of(archive.about().kind);
    if (form != own.ending)
        throw geo::Error{geo::Code::not_found,
                         "archive-form",
                         {{"name", id}, {"accepted", std::string{own.ending}}}};
    auto body = read_tile(archive, tile);
    if (!body || body->empty()) {
        http::Response response{.status = 204, .headers = {}, .body = {}};
        response.with("Cache-Control", live).with("Vary", tile_vary);
        return response;
    }
    auto coding = coding_of(archive.about(), *body);
    auto bytes = coded_for(context, *std::move(body), id, coding);
    auto etag = http::etag_of(bytes);
    if (http::names_etag(context.request.header_list("if-none-match"), etag))
        return http::not_modified(std::move(etag), live, tile_vary);
    auto response = http::answer(200, own.type, std::move(bytes));
    if (coding != http::Encoding::identity)
        response.with("Content-Encoding", std::string{to_string(coding)});
    response.with("ETag", std::move(etag)).with("Cache-Control", live).with("Vary", tile_vary);
    return response;
}

http::Response answer_archive_tilejson(http::Context const& context, TileArchive const& archive,
                                       std::string const& id) {
    refuse_questions(context);
    auto const& about = archive.about();
    Json body{{"tilejson", "3.0.0"},
              {"name", about.name.empty() ? id : about.name},
              {"tiles", Json::array({tiles_url(context, id, about)})},
              {"scheme", "xyz"},
              {"minzoom", std::min(about.min_zoom, last_zoom(about))},
              {"maxzoom", last_zoom(about)},
              {"attribution", about.attribution}};
    if (!about.description.empty()) body["description"] = about.description;
    auto const& bounds = about.bounds;
    if (!bounds.empty() && bounds.min_x >= -180 && bounds.max_x <= 180 && bounds.min_y >= -90 &&
        bounds.max_y <= 90)
        body["bounds"] = box(bounds);
    if (about.centre)
        body["center"] = Json::array({about.centre->x, about.centre->y, about.centre_zoom});
    if (about.kind == Kind::mvt)
        body["vector_layers"] = about.layers.empty() ? Json::array() : Json::parse(about.layers);
    return represent(context, {"application/json", dump(body)});
}

void add_archives(http::Router& router, Backing const& backing) {
    router.get(access::Need::read, "/tiles", {"f"},
               [&backing](http::Context const& context) { return answer_list(backing, context); });
    for (auto const* const form : {"png", "jpg", "webp", "avif"})
        router.get(access::Need::read,
                   fmt::format("/tiles/{{archiveId}}/{{zoom}}/{{column}}/{{row}}.{}", form), {},
                   [&backing, form](http::Context const& context, std::string const& id,
                                    std::uint32_t zoom, std::uint32_t column, std::uint32_t row) {
                       auto const archive = readable_archive(backing, context, id);
                       if (!archive)
                           throw geo::Error{geo::Code::not_found,
                                            "unknown-archive",
                                            {{"name", id.substr(0, 64)}}};
                       return answer_archive_tile(context, *archive, id,
                                                  read_tile_id(zoom, column, row), form);
                   });
}

} // namespace diaban::services::api
