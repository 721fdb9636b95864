#include "services/api/map_images.hpp"

#include "geo/error.hpp"
#include "services/api/json.hpp"
#include "services/api/parameters.hpp"
#include "services/api/styles.hpp"
#include "services/api/work_edit.hpp"
#include "services/domain/local_clock.hpp"
#include "services/http/negotiation.hpp"
#include "services/http/representation.hpp"
#include "services/http/uri.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::api {

namespace {

constexpr std::uint32_t least_side = 64;
constexpr std::uint32_t most_side = 2048;
constexpr std::size_t most_layers = 32;
constexpr double most_latitude = 85.05; ///< of Web Mercator's square
constexpr double deepest = 22;          ///< zoom beyond which a map shows nothing more
constexpr char size_accepted[] = "WIDTHxHEIGHT, 64..2048 each";

struct Form {
    std::string_view name;
    std::string_view media_type;
};
constexpr Form forms[] = {{"png", "image/png"}, {"jpeg", "image/jpeg"}, {"pdf", "application/pdf"}};

struct Size {
    std::uint32_t width = 800;
    std::uint32_t height = 600;
};

std::optional<std::uint32_t> side(std::string_view text) {
    std::uint32_t number = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, number);
    bool const good =
        fault == std::errc{} && stop == end && number >= least_side && number <= most_side;
    return good ? std::optional{number} : std::nullopt;
}

Size read_size(http::Query const& query) {
    auto const text = query.find("size");
    if (!text) return {};
    auto const cross = text->find('x');
    auto const width = side(text->substr(0, cross));
    auto const height = cross == text->npos ? std::nullopt : side(text->substr(cross + 1));
    if (!width || !height) refuse_parameter("size", *text, size_accepted);
    return {*width, *height};
}

geo::Box read_box(http::Query const& query) {
    auto const boxes = read_bbox(query);
    auto const text = query.find("bbox");
    if (boxes.size() != 1 || boxes[0].min_x >= boxes[0].max_x || boxes[0].min_y >= boxes[0].max_y ||
        boxes[0].min_y < -most_latitude || boxes[0].max_y > most_latitude)
        refuse_parameter("bbox", text ? *text : "",
                         "west,south,east,north (CRS84), an area between 85.05 south and north");
    return boxes[0];
}

Form read_form(http::Query const& query) {
    auto const text = query.find("format");
    if (!text) return forms[0];
    auto const* const found = std::ranges::find(forms, *text, &Form::name);
    if (found == std::end(forms)) refuse_parameter("format", *text, "png, jpeg, pdf");
    return *found;
}

/// Whether the picture is of an exercise, and says so.
bool read_exercise(http::Query const& query) {
    auto const text = query.find("exercise");
    if (text && *text != "true" && *text != "false")
        refuse_parameter("exercise", *text, "true, false");
    return text && *text == "true";
}

/// The moment to draw; nothing for now.
std::optional<std::string> read_instant(http::Query const& query) {
    auto const text = query.find("datetime");
    if (!text) return std::nullopt;
    if (text->find('/') != text->npos) refuse_parameter("datetime", *text, "an instant, or a day");
    static_cast<void>(read_datetime(query));
    return std::string{*text};
}

/// Collections that are asked for; nothing: those that the style shows of itself.
std::optional<std::vector<std::string>> read_layers(Backing const& backing,
                                                    http::Context const& context) {
    auto const text = context.query.find("layers");
    if (!text) return std::nullopt;
    std::vector<std::string> ids;
    for (std::string_view rest = *text;;) {
        auto const comma = rest.find(',');
        std::string const id{rest.substr(0, comma)};
        static_cast<void>(context.policy(id));
        static_cast<void>(backing.atlas.view(id)); // there for the visitor, or not at all
        if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
        if (ids.size() > most_layers)
            refuse_parameter("layers", *text, fmt::format("{} collections at most", most_layers));
        if (comma == rest.npos) return ids;
        rest.remove_prefix(comma + 1);
    }
}

/// Collections of which a style shows a layer that is not hidden.
std::vector<std::string> shown_by(Json const& style) {
    std::vector<std::string> ids;
    for (auto const& layer : style.value("layers", Json::array())) {
        auto const id = layer.value("source", std::string{});
        bool const hidden =
            layer.contains("layout") && layer["layout"].value("visibility", "") == "none";
        if (!id.empty() && !hidden && std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
    return ids;
}

/// A position in the square of Web Mercator, 0 to 1 from its north-western corner.
geo::Position in_square(double lon, double lat) {
    constexpr double pi = std::numbers::pi;
    return {(lon + 180) / 360, (1 - std::asinh(std::tan(lat * pi / 180)) / pi) / 2};
}

std::vector<tiles::TileId> tiles_of(MapView const& view) {
    auto const zoom =
        std::min<std::uint32_t>(static_cast<std::uint32_t>(view.zoom), tiles::TileId::max_zoom);
    auto const middle = in_square(view.lon, view.lat);
    double const across = std::exp2(zoom);
    double const pixels = 512 * std::exp2(view.zoom);
    auto const last = static_cast<std::int64_t>(across) - 1;
    auto const cell = [&](double at) {
        return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(at * across)), 0,
                                        last);
    };
    std::vector<tiles::TileId> ids;
    for (auto y = cell(middle.y - view.height / pixels / 2);
         y <= cell(middle.y + view.height / pixels / 2); ++y)
        for (auto x = cell(middle.x - view.width / pixels / 2);
             x <= cell(middle.x + view.width / pixels / 2); ++x)
            ids.push_back(*tiles::TileId::make(zoom, static_cast<std::uint32_t>(x),
                                               static_cast<std::uint32_t>(y)));
    return ids;
}

/// What tiles of the view look like now, to the visitor. They are those that the browser asks for.
std::string state_of_tiles(Backing const& backing, http::Context const& context,
                           std::vector<std::string> const& layers, MapView const& view) {
    auto const encoding = http::choose_encoding("gzip, deflate, br, zstd");
    auto const picture = backing.atlas.picture();
    std::string state;
    for (auto const& id : layers) {
        auto const found = picture->find(id);
        if (!found || !found->has_tiles() || !context.sees(id)) continue;
        for (auto const tile : tiles_of(view))
            state += backing.atlas.tile(std::span{&id, 1}, tile, *context.visitor.rights, encoding)
                         .tile->etag;
    }
    return state;
}

/// Whether what was known then will never be otherwise: who began to write before it has long
/// committed.
bool is_settled(std::optional<geo::Instant> const& recorded) {
    constexpr std::int64_t margin = 10 * 60 * 1'000'000LL;
    return recorded && recorded->microseconds + margin < now().microseconds;
}

std::string local_day() {
    auto const clock = domain::local_clock(now());
    return clock.substr(clock.find(' ') + 1);
}

struct Asked {
    Size size;
    geo::Box box;
    Form form;
    std::string style;
    bool exercise = false;
    std::optional<std::string> instant;
    std::optional<geo::Instant> recorded;
    std::optional<std::vector<std::string>> layers;
    MapView view;
};

Asked read(Backing const& backing, http::Context const& context) {
    auto const& query = context.query;
    Asked asked{.size = read_size(query),
                .box = read_box(query),
                .form = read_form(query),
                .style = std::string{query.find("style").value_or("light")},
                .exercise = read_exercise(query),
                .instant = read_instant(query),
                .recorded = read_as_of(query),
                .layers = read_layers(backing, context),
                .view = {}};
    asked.view = view_of(asked.box, asked.size.width, asked.size.height);
    if (asked.view.zoom < 0)
        refuse_parameter("bbox", *query.find("bbox"), "a smaller box, or a larger size");
    return asked;
}

/// The address of the page that draws it.
std::string page_of(Asked const& asked, http::Context const& context) {
    auto text = fmt::format("/console/map-image.html?style={}&view={:.6f}/{:.8f}/{:.8f}&lang={}",
                            http::percent_encode(asked.style), asked.view.zoom, asked.view.lat,
                            asked.view.lon, context.language == http::Language::en ? "en" : "vi");
    if (asked.layers) text += fmt::format("&layers={}", fmt::join(*asked.layers, ","));
    if (asked.exercise) text += "&exercise=true";
    for (auto const* const name : {"datetime", "as-of"})
        if (auto const given = context.query.find(name))
            text += fmt::format("&{}={}", name, http::percent_encode(*given));
    return text;
}

/// Names what the picture shows; empty where that cannot be known without drawing it.
std::string key_of(Backing const& backing, http::Context const& context, Asked const& asked,
                   std::string const& page, Json const& style) {
    auto const fixed = fmt::format("{} {}x{} {} {} {} ", page, asked.view.width, asked.view.height,
                                   asked.form.name, context.visitor.rights->key(), dump(style));
    if (is_settled(asked.recorded)) return http::etag_of(fixed);
    if (asked.recorded || asked.instant) return {};
    auto const layers = asked.layers ? *asked.layers : shown_by(style);
    return http::etag_of(fixed + local_day() +
                         state_of_tiles(backing, context, layers, asked.view));
}

http::Response answer_image(Backing const& backing, print::MapImages& images,
                            http::Context const& context) {
    constexpr char cache_control[] = "no-cache";
    constexpr char vary[] = "Accept-Language";
    auto const asked = read(backing, context);
    auto const style = style_for(backing, context, asked.style);
    auto const page = page_of(asked, context);
    auto const key = key_of(backing, context, asked, page, style);
    auto const known = context.request.header_list("if-none-match");
    if (!key.empty() && http::names_etag(known, key))
        return http::not_modified(key, cache_control, vary);
    auto const image =
        images.draw({page, asked.view.width, asked.view.height, std::string{asked.form.name}, key},
                    context.visitor);
    auto response = http::answer(200, std::string{asked.form.media_type}, {image, *image});
    response.with("ETag", key.empty() ? http::etag_of(*image) : key)
        .with("Cache-Control", cache_control)
        .with("Vary", vary)
        .with("Content-Disposition",
              fmt::format("inline; filename=\"ban-do.{}\"", asked.form.name));
    return response;
}

} // namespace

MapView view_of(geo::Box const& box, std::uint32_t width, std::uint32_t height) {
    constexpr double pi = std::numbers::pi;
    auto const north_west = in_square(box.min_x, box.max_y);
    auto const south_east = in_square(box.max_x, box.min_y);
    double const zoom = std::min(std::log2(width / (512 * (south_east.x - north_west.x))),
                                 std::log2(height / (512 * (south_east.y - north_west.y))));
    double const middle = (north_west.y + south_east.y) / 2;
    return {std::min(zoom, deepest), (box.min_x + box.max_x) / 2,
            std::atan(std::sinh(pi * (1 - 2 * middle))) * 180 / pi, width, height};
}

void add_map_images(http::Router& router, Backing const& backing, print::MapImages& images) {
    router.get(access::Need::read, "/maps/static",
               {"bbox", "size", "style", "layers", "datetime", "as-of", "exercise", "format"},
               [&backing, &images](http::Context const& context) {
                   return answer_image(backing, images, context);
               });
}

} // namespace diaban::services::api
