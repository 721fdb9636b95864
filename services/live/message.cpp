#include "services/live/message.hpp"

#include "geo/codec/rfc3339.hpp"
#include "services/api/json.hpp"
#include "services/live/subscription.hpp"
#include "tiles/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace diaban::services::live {
namespace {

using tiles::Cover;
using tiles::TileId;

constexpr std::size_t most_cells = 256; // some 5 KB of text
constexpr std::int64_t margin = 1100;   // tile units: more than any buffer (1024 at most)

TileId ancestor(TileId tile, std::uint32_t zoom) {
    auto const up = tile.zoom() - zoom;
    return *TileId::make(zoom, tile.x() >> up, tile.y() >> up);
}

/// What lies at `zoom` or above it as it is, what lies deeper as all that is below its ancestor.
Cover coarser(Cover const& cover, std::uint32_t zoom) {
    Cover made;
    for (auto const& cell : cover.cells()) {
        bool const deep = cell.tile.zoom() > zoom;
        made.add(deep ? ancestor(cell.tile, zoom) : cell.tile, deep || cell.with_descendants);
    }
    made.finish();
    return made;
}

/// At most `most_cells` cells that hold the cover; whether they hold nothing else.
bool make_compact(Cover& cover) {
    bool exact = true;
    for (auto zoom = TileId::max_zoom; cover.cells().size() > most_cells && zoom > 0; --zoom) {
        cover = coarser(cover, zoom - 1);
        exact = false;
    }
    return exact;
}

void append_tiles(std::string& out, Cover& cover, bool exact) {
    exact &= make_compact(cover);
    out += "\"tiles\":[";
    for (bool first = true; auto const& cell : cover.cells()) {
        fmt::format_to(std::back_inserter(out), "{}\"{}/{}/{}{}\"", first ? "" : ",",
                       cell.tile.zoom(), cell.tile.x(), cell.tile.y(),
                       cell.with_descendants ? "/*" : "");
        first = false;
    }
    out += ']';
    if (!exact) out += ",\"exact\":false";
}

std::string begin_event(std::string_view name, Position const* id) {
    std::string out;
    fmt::format_to(std::back_inserter(out), "event: {}\n", name);
    if (id != nullptr) fmt::format_to(std::back_inserter(out), "id: {}\n", write_position(*id));
    out += "data: {";
    return out;
}

Message end_event(std::string out) {
    out += "}\n\n";
    return std::make_shared<std::string const>(std::move(out));
}

void append_box(std::string& out, geo::Box const& box) {
    if (!box.empty())
        fmt::format_to(std::back_inserter(out), ",\"bbox\":[{},{},{},{}]", box.min_x, box.min_y,
                       box.max_x, box.max_y);
}

Cover cover_of(domain::RowNews const& news, geo::Box const& box, geo::Policy const& policy) {
    Cover cover;
    if (news.from_feed) {
        if (!box.empty()) add_box_cover(box, cover);
    } else {
        for (auto const* const drawn : {&news.before, &news.after}) {
            if (!*drawn || !policy.sees((*drawn)->scope, (*drawn)->sensitivity)) continue;
            for (auto const& cell : (*drawn)->cover.cells())
                cover.add(cell.tile, cell.with_descendants);
        }
    }
    cover.finish();
    return cover;
}

} // namespace

void add_box_cover(geo::Box const& box, Cover& cover) {
    constexpr std::uint32_t most_a_side = 3; // beyond: everything below the zoom above
    auto const north_west = tiles::to_grid({box.min_x, box.max_y});
    auto const south_east = tiles::to_grid({box.max_x, box.min_y});
    auto const range = [](std::int64_t first, std::int64_t last, std::uint32_t zoom) {
        auto const reach = margin << (TileId::max_zoom - zoom);
        auto const tile = [&](std::int64_t grid) {
            return std::uint32_t(std::clamp<std::int64_t>(grid, 0, INT32_MAX)) >> (31 - zoom);
        };
        return std::pair{tile(first - reach), tile(last + reach)};
    };
    auto const fits = [&](std::uint32_t zoom) {
        auto const [west, east] = range(north_west.x, south_east.x, zoom);
        auto const [north, south] = range(north_west.y, south_east.y, zoom);
        return east - west < most_a_side && south - north < most_a_side;
    };
    for (std::uint32_t zoom = 0;; ++zoom) {
        bool const last = zoom == TileId::max_zoom || !fits(zoom + 1);
        auto const [west, east] = range(north_west.x, south_east.x, zoom);
        auto const [north, south] = range(north_west.y, south_east.y, zoom);
        for (auto x = west; x <= east; ++x)
            for (auto y = north; y <= south; ++y) cover.add(*TileId::make(zoom, x, y), last);
        if (last) return;
    }
}

Message write_row(domain::RowNews const& news, unsigned sides, geo::Policy const& policy,
                  Position const& position) {
    auto const& change = news.change;
    auto const kind = kind_of(change, sides);
    auto out = begin_event(to_string(kind), &position);
    auto const to = std::back_inserter(out);
    out += "\"collection\":";
    api::append_string(out, change.collection);
    geo::Box box;
    if (kind == Kind::import) {
        fmt::format_to(to, ",\"import\":{}", change.import_id);
    } else {
        auto const& shown = kind == Kind::remove ? change.before : change.after;
        fmt::format_to(to, ",\"fid\":{},\"version\":{}", change.fid, shown->version);
        if ((sides & 1U) != 0) box.extend(change.before->box);
        if ((sides & 2U) != 0) box.extend(change.after->box);
        append_box(out, box);
    }
    out += ",\"at\":\"";
    geo::codec::append_instant(out, change.at);
    out += "\",";
    if (!news.from_feed)
        fmt::format_to(
            to, "\"lag_ms\":{:.1f},",
            std::max(0.0, double(news.told.microseconds - change.at.microseconds) / 1000));
    auto cover = cover_of(news, box, policy);
    append_tiles(out, cover, !news.from_feed);
    if (news.tiles_follow) out += ",\"tiles_follow\":true";
    return end_event(std::move(out));
}

Message write_tiles(domain::TilesNews const& news, geo::Policy const& policy, Position const* id) {
    auto out = begin_event(to_string(Kind::tiles), id);
    out += "\"collection\":";
    api::append_string(out, news.collection);
    if (!news.cover) {
        out += ",\"all\":true";
        return end_event(std::move(out));
    }
    auto cover = *news.cover;
    bool const sees_all = std::ranges::all_of(news.causes, [&](auto const& cause) {
        return policy.sees(cause.scope, cause.sensitivity);
    });
    if (!sees_all) { // only tiles that something may reach that is seen
        Cover seen;
        for (auto const& cell : cover.cells()) {
            auto const frame = tiles::TileFrame{cell.tile}.box(std::int32_t{margin});
            if (std::ranges::any_of(news.causes, [&](auto const& cause) {
                    return policy.sees(cause.scope, cause.sensitivity) &&
                           frame.intersects(cause.box);
                }))
                seen.add(cell.tile, cell.with_descendants);
        }
        seen.finish();
        cover = std::move(seen);
        if (cover.empty()) return nullptr;
    }
    out += ',';
    append_tiles(out, cover, true);
    return end_event(std::move(out));
}

Message write_start(Position const* id, int heartbeat_seconds, int retry_ms) {
    auto out = fmt::format("retry: {}\n", retry_ms) + begin_event("start", id);
    fmt::format_to(std::back_inserter(out), "\"resumed\":{},\"heartbeat_s\":{}", id == nullptr,
                   heartbeat_seconds);
    return end_event(std::move(out));
}

Message write_alive(Position const* id, geo::Instant now) {
    auto out = begin_event("alive", id);
    out += "\"at\":\"";
    geo::codec::append_instant(out, now);
    out += '"';
    return end_event(std::move(out));
}

Message write_resync(Position const& id, std::string_view reason) {
    auto out = begin_event("resync", &id);
    fmt::format_to(std::back_inserter(out), "\"reason\":\"{}\"", reason);
    return end_event(std::move(out));
}

} // namespace diaban::services::live
