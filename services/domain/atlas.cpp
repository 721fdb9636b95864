#include "services/domain/atlas.hpp"

#include "geo/error.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace diaban::services::domain {

namespace {

using Clock = std::chrono::steady_clock;

FollowerOptions follower_options(AtlasOptions const& options) {
    FollowerOptions following;
    following.database = options.database;
    following.segments = options.segments;
    following.load_threads = options.load_threads;
    following.cut = options.cut;
    following.tell = options.tell;
    return following;
}

} // namespace

Atlas::Atlas(AtlasOptions options)
    : m_cut{options.cut}, m_cache{options.cache_bytes},
      m_picture{std::make_shared<Picture const>()}, m_follower{follower_options(options), m_picture,
                                                               m_cache} {}

std::shared_ptr<View const> Atlas::view(std::string_view id) const {
    return view_in(*picture(), id);
}

TileAnswer Atlas::tile(std::span<std::string const> collections, tiles::TileId tile,
                       access::Rights const& rights, http::Encoding encoding,
                       std::optional<geo::filter::Filter> const& filter) {
    static auto const empty = std::make_shared<tiles::Tile const>();
    TileAnswer answer{empty, {}, {}};
    auto const now = picture();
    if (filter && collections.size() != 1)
        throw geo::Error{geo::Code::bad_input,
                         "filter-collections",
                         {{"parameter", "filter"}, {"accepted", "1"}}};
    std::vector<std::string> drawn;
    tiles::CacheKey key{tile, {}, {}};
    for (auto const& id : collections) {
        static_cast<void>(read_policy(rights, id));
        auto const found = view_in(*now, id);
        if (!found->has_geometry())
            throw geo::Error{geo::Code::not_found, "no-tiles", {{"collection", id}}};
        auto const least = found->layer->min_zoom();
        if (tile.zoom() < least) {
            if (!found->merges()) {
                answer.below.emplace_back(id, least);
                continue;
            }
            if (!found->pyramid)
                throw geo::Error{geo::Code::unavailable, "not-ready", {{"collection", id}}};
            answer.merged.push_back(id);
            // An edit may change what a filter shows where it changes nothing else.
            if (filter) key.variant += fmt::format("{}:", found->merged->number());
        }
        drawn.push_back(id);
        key.collections += (key.collections.empty() ? "" : ",") + id;
        key.variant +=
            fmt::format("{},{}|", found->collection.schema.version, read_policy(rights, id).key());
    }
    if (drawn.empty()) return answer;
    key.variant += fmt::format("|{}", to_string(encoding));
    if (filter) key.variant += "|" + http::etag_of(filter->key()); // its length is not bounded
    answer.tile =
        m_cache.get(key, [&] { return make_tile(drawn, tile, rights, encoding, filter); });
    return answer;
}

/// Takes the picture itself: the cache promises that what it keeps is no older than its last
/// erasure.
tiles::Tile Atlas::make_tile(std::span<std::string const> collections, tiles::TileId tile,
                             access::Rights const& rights, http::Encoding encoding,
                             std::optional<geo::filter::Filter> const& filter) {
    return draw_tile(*picture(), collections, tile, rights, encoding,
                     {.cut = m_cut,
                      .filter = filter ? &*filter : nullptr,
                      .low = &m_filtered,
                      .at = std::nullopt});
}

Atlas::Readiness Atlas::readiness() const {
    Readiness readiness;
    auto const now = picture();
    readiness.registry_read = now->registry_read;
    for (auto const& collection : now->waiting) readiness.missing.push_back(collection.schema.id);
    for (auto const& found : now->views)
        if (found->merges() && !found->pyramid) readiness.missing.push_back(found->id());
    readiness.ready = readiness.registry_read && readiness.missing.empty();
    readiness.fault = m_follower.fault();
    return readiness;
}

bool Atlas::wait_until_ready(std::chrono::milliseconds patience) {
    auto const end = Clock::now() + patience;
    while (!readiness().ready && Clock::now() < end) {
        constexpr std::chrono::milliseconds look{100}; // news may come between looking and waiting
        m_follower.await_news(std::min(end, Clock::now() + look));
    }
    return readiness().ready;
}

} // namespace diaban::services::domain
