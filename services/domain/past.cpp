#include "services/domain/past.hpp"

#include "geo/error.hpp"
#include "services/domain/standing.hpp"
#include "services/http/content_coding.hpp"
#include "services/http/representation.hpp"
#include "tiles/grid.hpp"
#include "tiles/mirror/layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace diaban::services::domain {

namespace {

/// The lowest zoom of past tiles. Where nothing is now, that of what was there last; where nothing
/// ever was there is nothing to measure, and the bound on rows is bound enough.
std::uint32_t least_zoom(View const& view) noexcept {
    if (view.has_tiles()) return view.layer->native_zoom();
    return static_cast<std::uint32_t>(std::max(0, view.collection.native_zoom));
}

void check_zoom(View const& view, tiles::TileId tile) {
    if (!view.has_geometry())
        throw geo::Error{geo::Code::not_found, "no-tiles", {{"collection", view.id()}}};
    if (tile.zoom() < least_zoom(view))
        throw geo::Error{
            geo::Code::bad_input,
            "past-zoom",
            {{"collection", view.id()},
             {"value", std::to_string(tile.zoom())},
             {"accepted", fmt::format("{}..{}", least_zoom(view), tiles::TileId::max_zoom)}}};
}

std::shared_ptr<tiles::mirror::Layer const>
small_mirror(View const& view, data::postgis::PastStore const& past,
             data::model::Moment const& moment, geo::Box const& window, geo::Policy const& policy) {
    std::vector<tiles::mirror::LayerBuilder> parts;
    parts.emplace_back(view.collection.schema);
    past.rows(view.collection, moment, window, policy,
              [&](geo::RowView const& row) { parts.front().append(row); });
    return tiles::mirror::Layer::build(std::move(parts), 1, least_zoom(view));
}

} // namespace

geo::Box window_of(tiles::TileId tile, std::uint32_t buffer) noexcept {
    auto const box = tiles::TileFrame{tile}.box(static_cast<std::int32_t>(buffer));
    auto const north_west = tiles::from_grid({box.min_x - 1.0, box.min_y - 1.0});
    auto const south_east = tiles::from_grid({box.max_x + 1.0, box.max_y + 1.0});
    geo::Box window{std::max(north_west.x, -180.0), south_east.y, std::min(south_east.x, 180.0),
                    north_west.y};
    // What lies beyond the square world is drawn on its border.
    if (box.min_y == 0) window.max_y = 90;
    if (box.max_y == std::numeric_limits<std::int32_t>::max()) window.min_y = -90;
    return window;
}

tiles::Tile past_tile(Atlas const& atlas, data::postgis::PastStore const& past,
                      tiles::CutOptions const& options, std::span<std::string const> collections,
                      tiles::TileId tile, data::model::Moment const& moment,
                      access::Rights const& rights, http::Encoding encoding) {
    std::vector<std::shared_ptr<View const>> views;
    for (auto const& id : collections) {
        static_cast<void>(read_policy(rights, id));
        views.push_back(atlas.view(id));
        check_zoom(*views.back(), tile);
    }
    auto const window = window_of(tile, options.buffer);
    tiles::Tile made;
    std::string body;
    for (auto const& view : views) {
        auto const& policy = read_policy(rights, view->id());
        data::model::Moment const then{
            moment.recorded, meant(view->collection.schema, moment.valid, moment.recorded)};
        auto const layer = small_mirror(*view, past, then, window, policy);
        auto const summary = tiles::cut(*layer, tile, options, policy, body);
        made.shown += summary.shown;
        made.total += summary.total;
    }
    if (body.empty()) return made;
    made.body = http::encode(body, encoding);
    made.etag = http::etag_of(made.body);
    return made;
}

ItemsPage past_items(View const& view, data::postgis::PastStore const& past, geo::Instant recorded,
                     ItemsQuery const& query, geo::Policy const& policy) {
    data::model::Moment const moment{recorded, query.period};
    auto const collection = query.geometry ? view.collection : without_geometry(view.collection);
    auto found = past.page(collection, moment, query.boxes, query.after.fid, query.limit, policy);
    ItemsPage page;
    page.features = std::move(found.features);
    page.matched = found.matched;
    if (found.more) page.next = SortPlace{{}, page.features.back().fid};
    return page;
}

} // namespace diaban::services::domain
