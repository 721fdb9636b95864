#include "services/domain/drawn_tile.hpp"

#include "geo/error.hpp"
#include "services/domain/filtered.hpp"
#include "services/domain/standing.hpp"
#include "services/http/content_coding.hpp"
#include "services/http/representation.hpp"
#include "services/http/router.hpp"
#include "services/traces/tracer.hpp"

#include <algorithm>

namespace diaban::services::domain {

std::shared_ptr<View const> view_in(Picture const& picture, std::string_view id) {
    if (auto found = picture.find(id)) return found;
    bool const waiting = std::ranges::any_of(
        picture.waiting, [&](auto const& collection) { return collection.schema.id == id; });
    constexpr std::size_t most_said = 64;
    geo::Error::Parameters named{{"collection", std::string{id.substr(0, most_said)}}};
    if (waiting || !picture.registry_read)
        throw geo::Error{geo::Code::unavailable, "not-ready", std::move(named)};
    throw geo::Error{geo::Code::not_found, "unknown-collection", std::move(named)};
}

geo::Policy const& read_policy(access::Rights const& rights, std::string_view id) {
    auto const* const policy = rights.find(id, access::Action::read);
    if (policy == nullptr) throw http::unknown_collection(id);
    return *policy;
}

tiles::Tile draw_tile(Picture const& picture, std::span<std::string const> ids, tiles::TileId tile,
                      access::Rights const& rights, http::Encoding encoding,
                      Drawing const& drawing) {
    thread_local std::string scratch; // keeps its memory from tile to tile
    scratch.clear();
    tiles::Tile made;
    for (auto const& id : ids) {
        traces::Scope const span{"cut " + id};
        auto const found = view_in(picture, id);
        auto const& policy = read_policy(rights, id);
        // Made anew of this picture's schema, which may be younger than the request's.
        std::optional<geo::filter::Filter> held;
        if (drawing.filter != nullptr)
            held = geo::filter::Filter::make(drawing.filter->expression(), found->layer->schema(),
                                             policy);
        if (tile.zoom() >= found->layer->min_zoom()) {
            auto const choice =
                standing(*found->layer, held ? choice_of(*held) : tiles::RowChoice{}, drawing.at);
            auto const summary =
                tiles::cut(*found->layer, tile, drawing.cut, policy, scratch, choice);
            made.shown += summary.shown;
            made.total += summary.total;
        } else if (found->pyramid) {
            auto const summary = held ? drawing.low->cut(*found, *held, tile, policy, scratch)
                                      : found->pyramid->cut(tile, {}, policy, scratch);
            made.shown += found->collection.schema.geometry == geo::GeometryKind::line
                              ? std::size_t(summary.drawn)
                              : summary.features;
            made.total += std::size_t(summary.merged);
        }
    }
    if (scratch.empty()) return made;
    made.body = http::encode(scratch, encoding);
    made.etag = http::etag_of(made.body);
    constexpr std::size_t most_kept = 4u << 20;
    if (scratch.capacity() > most_kept) std::string{}.swap(scratch);
    return made;
}

} // namespace diaban::services::domain
