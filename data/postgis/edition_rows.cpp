#include "data/postgis/edition_rows.hpp"

#include "data/postgis/land_sql.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/ops/overlay.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace diaban::data::postgis {

namespace {

using Json = nlohmann::json;
using geo::cadastre::LotChange;
using geo::cadastre::LotEvent;
using geo::cadastre::LotLink;

constexpr std::size_t longest_text = 2000; // bytes of a list; all links are in land.edition_link

Json value_json(geo::Value const& value) {
    return std::visit(
        [](auto const& held) -> Json {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::monostate>)
                return nullptr;
            else if constexpr (std::is_same_v<Held, geo::Date>)
                return geo::codec::date_text(held);
            else if constexpr (std::is_same_v<Held, geo::Instant>) {
                std::string text;
                geo::codec::append_instant(text, held);
                return text;
            } else
                return held;
        },
        value);
}

std::string hexadecimal(std::span<std::byte const> bytes) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (auto const byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte) >> 4];
        text += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return text;
}

/// Words one after the other, as far as they fit; then how many more there are.
class ShortList {
public:
    explicit ShortList(char const* between) : m_between{between} {}
    void add(std::string const& word) {
        if (m_left > 0 || m_text.size() + word.size() > longest_text)
            ++m_left;
        else
            m_text += (m_text.empty() ? "" : m_between) + word;
    }
    [[nodiscard]] std::string text() const {
        return m_left == 0 ? m_text : m_text + m_between + "… +" + std::to_string(m_left);
    }

private:
    char const* m_between;
    std::string m_text;
    std::size_t m_left = 0;
};

std::string name_of_lot(std::string const& id) {
    return id.empty() ? "?" : id;
}

std::string percent(double share) {
    char text[16];
    std::snprintf(text, sizeof text, "%.1f %%", share * 100);
    return text;
}

std::string evidence_of(LotEvent const& event, EditionStore::Found const& found) {
    ShortList links{"; "};
    for (auto const& link : event.links) {
        auto text = name_of_lot(found.before[link.before].id) + " → " +
                    name_of_lot(found.after[link.after].id) + ": " + percent(link.of_before) +
                    " / " + percent(link.of_after);
        if (link.moved) {
            char moved[24];
            std::snprintf(moved, sizeof moved, ", %.2f m", *link.moved);
            text += moved;
        }
        links.add(text);
    }
    return links.text();
}

/// The ground of the lots that came, or of those that ended, as one shape of EPSG:4326.
geo::Geometry ground(LotEvent const& event, EditionStore::Found const& found,
                     std::span<model::NewLot const> rows) {
    geo::Geometry all;
    all.kind = geo::GeometryKind::polygon;
    all.multi = true;
    all.srid = 4326;
    auto const add = [&](geo::Geometry const& shape) {
        auto const positions = static_cast<std::uint32_t>(all.positions.size());
        auto const paths = static_cast<std::uint32_t>(all.path_ends.size());
        all.positions.insert(all.positions.end(), shape.positions.begin(), shape.positions.end());
        for (auto const end : shape.path_ends) all.path_ends.push_back(positions + end);
        for (auto const end : shape.part_ends) all.part_ends.push_back(paths + end);
    };
    geo::Geometry shape;
    for (auto const j : event.after) {
        geo::codec::read_wkb(rows[j].ewkb, shape);
        add(shape);
    }
    if (event.after.empty())
        for (auto const i : event.before) add(found.before[i].place);
    if (event.after.size() + (event.after.empty() ? event.before.size() : 0) < 2) return all;
    auto whole = geo::ops::united(all);
    whole.srid = 4326;
    return whole;
}

Json feature(LotEvent const& event, EditionStore::Found const& found,
             std::span<model::NewLot const> rows, std::optional<double> noise) {
    ShortList before{", "};
    ShortList after{", "};
    for (auto const i : event.before) before.add(name_of_lot(found.before[i].id));
    for (auto const j : event.after) after.add(name_of_lot(found.after[j].id));
    Json moved;
    bool same_id = false;
    for (auto const& link : event.links) {
        same_id = same_id || link.same_id;
        if (link.moved) moved = *link.moved;
    }
    return {{"geom", shape_text(ground(event, found, rows))},
            {"kind", name_of(event.kind)},
            {"before", before.text()},
            {"after", after.text()},
            {"lots_before", event.before.size()},
            {"lots_after", event.after.size()},
            {"covered_before", event.covered_before},
            {"covered_after", event.covered_after},
            {"moved_m", moved},
            {"noise_m", noise ? Json(*noise) : Json{}},
            {"same_id", same_id},
            {"evidence", evidence_of(event, found)}};
}

} // namespace

Json lot_json(model::NewLot const& lot, std::int64_t fid, std::string const& since,
              geo::Schema const& schema) {
    Json row{{"fid", fid},
             {"geom", hexadecimal(lot.ewkb)},
             {"source_srid", lot.source_srid},
             {"scope", lot.scope},
             {"valid_from", since}};
    for (std::size_t i = 0; i < schema.fields.size(); ++i)
        if (!is_validity(schema.fields[i])) row[schema.fields[i].name] = value_json(lot.values[i]);
    return row;
}

Json event_json(LotEvent const& event, EditionStore::Found const& found,
                std::vector<std::int64_t> const& fids) {
    Json parents = Json::array();
    Json children = Json::array();
    Json links = Json::array();
    for (auto const i : event.before) parents.push_back(found.before[i].fid);
    for (auto const j : event.after) children.push_back(fids[j]);
    for (auto const& link : event.links)
        links.push_back({{"parent", found.before[link.before].fid},
                         {"child", fids[link.after]},
                         {"of_parent", link.of_before},
                         {"of_child", link.of_after},
                         {"moved", link.moved ? Json(*link.moved) : Json{}},
                         {"same", link.same_id}});
    return {{"kind", name_of(event.kind)},     {"parents", std::move(parents)},
            {"children", std::move(children)}, {"before", event.covered_before},
            {"after", event.covered_after},    {"links", std::move(links)}};
}

std::vector<Json> change_features(EditionStore::Found const& found,
                                  std::span<model::NewLot const> rows,
                                  std::optional<double> noise) {
    std::vector<Json> features;
    for (auto const& event : found.comparison.events)
        if (event.kind != LotChange::same_ground)
            features.push_back(feature(event, found, rows, noise));
    for (auto const& change : found.comparison.purposes) {
        LotEvent event;
        event.before = {change.before};
        event.after = {change.after};
        auto one = feature(event, found, rows, noise);
        one["kind"] = "purpose";
        one["use_before"] = found.before[change.before].use;
        one["use_after"] = found.after[change.after].use;
        one["same_id"] = true;
        for (auto const* const share : {"covered_before", "covered_after", "moved_m", "evidence"})
            one[share] = nullptr;
        features.push_back(std::move(one));
    }
    return features;
}

} // namespace diaban::data::postgis
