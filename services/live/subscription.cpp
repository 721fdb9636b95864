#include "services/live/subscription.hpp"

#include "geo/error.hpp"
#include "services/api/parameters.hpp"

#include <algorithm>

namespace diaban::services::live {
namespace {

std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> parts;
    for (;;) {
        auto const comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    std::ranges::sort(parts);
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    return parts;
}

std::vector<std::string> read_collections(std::string_view text, domain::Picture const& picture) {
    auto ids = parts_of(text);
    for (auto const& id : ids) {
        bool const waiting = std::ranges::any_of(
            picture.waiting, [&](auto const& collection) { return collection.schema.id == id; });
        if (waiting || picture.find(id)) continue;
        constexpr std::size_t most_said = 64;
        throw geo::Error{
            geo::Code::not_found, "unknown-collection", {{"collection", id.substr(0, most_said)}}};
    }
    return ids;
}

std::uint8_t read_kinds(std::string_view text) {
    unsigned kinds = 0;
    for (auto const& name : parts_of(text)) {
        auto const* const it = std::ranges::find(kind_names, name);
        if (it == kind_names.end())
            api::refuse_parameter("kinds", name, "create, update, delete, import, tiles");
        kinds |= 1U << (it - kind_names.begin());
    }
    return static_cast<std::uint8_t>(kinds);
}

} // namespace

bool Subscription::wants(std::string_view collection) const noexcept {
    return collections.empty() ||
           std::binary_search(collections.begin(), collections.end(), collection);
}

bool Subscription::covers(geo::Box const& box) const noexcept {
    return boxes.empty() ||
           std::ranges::any_of(boxes, [&](auto const& asked) { return asked.intersects(box); });
}

Subscription read_subscription(http::Query const& query, domain::Picture const& picture) {
    Subscription subscription;
    if (auto const text = query.find("collections"))
        subscription.collections = read_collections(*text, picture);
    subscription.boxes = api::read_bbox(query);
    if (auto const text = query.find("kinds")) subscription.kinds = read_kinds(*text);
    return subscription;
}

unsigned sides_seen(data::postgis::Change const& change, geo::Policy const& policy,
                    Subscription const& subscription) noexcept {
    if (change.operation == data::postgis::Operation::import) return 3;
    auto const sees = [&](std::optional<data::postgis::Side> const& side) {
        return side && policy.sees(side->scope, side->sensitivity) &&
               subscription.covers(side->box);
    };
    return (sees(change.before) ? 1U : 0U) | (sees(change.after) ? 2U : 0U);
}

Kind kind_of(data::postgis::Change const& change, unsigned sides) noexcept {
    if (change.operation == data::postgis::Operation::import) return Kind::import;
    return sides == 3 ? Kind::update : sides == 1 ? Kind::remove : Kind::create;
}

} // namespace diaban::services::live
