#include "services/domain/exposure_count.hpp"

#include "data/postgis/collections.hpp"
#include "data/postgis/copy.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/ops/edge_boxes.hpp"
#include "geo/ops/measure.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace diaban::services::domain {

namespace {

using data::postgis::CopyOut;
using geo::Geometry;
using geo::GeometryKind;
using geo::Position;

constexpr char residential[] = "ONT";
constexpr char urban_residential[] = "ODT";

/// A value of a row by the name of its field.
class Column {
public:
    Column(std::vector<geo::Field> const& fields, std::string_view name) {
        auto const found = std::ranges::find(fields, name, &geo::Field::name);
        if (found != fields.end()) m_index = std::size_t(found - fields.begin());
    }
    [[nodiscard]] std::string text(geo::RowView const& row) const {
        if (!m_index) return {};
        auto const* const held = std::get_if<std::string_view>(&row.values[*m_index]);
        return held == nullptr ? std::string{} : std::string{*held};
    }
    [[nodiscard]] double number(geo::RowView const& row) const {
        if (!m_index) return 0;
        auto const& value = row.values[*m_index];
        if (auto const* const whole = std::get_if<std::int64_t>(&value)) return double(*whole);
        if (auto const* const real = std::get_if<double>(&value)) return *real;
        return 0;
    }

private:
    std::optional<std::size_t> m_index;
};

/// A commune with its outline, and what is counted in it.
struct Commune {
    std::string code;
    std::string name;
    double population = 0;
    std::unique_ptr<Geometry const> outline;  // the boxes of its edges refer to it
    std::optional<geo::ops::EdgeBoxes> edges; ///< made when first asked
    ExposureTally tally;
    double homes = 0; ///< m² of residential parcels
    double homes_hit = 0;
    double homes_worse = 0;

    [[nodiscard]] bool holds(Position p) {
        if (!edges) edges.emplace(*outline);
        return edges->signed_distance(p) >= 0;
    }
};

/// Where a feature belongs: the middle of its first ring, of its first line, its first point.
Position middle(Geometry const& shape) {
    if (shape.kind == GeometryKind::point) return shape.positions.front();
    auto const path = shape.path(0);
    if (shape.kind == GeometryKind::line) return path[path.size() / 2];
    auto const origin = path.front();
    double area = 0;
    Position sum{0, 0};
    for (std::size_t i = 1; i < path.size(); ++i) {
        Position const a{path[i - 1].x - origin.x, path[i - 1].y - origin.y};
        Position const b{path[i].x - origin.x, path[i].y - origin.y};
        double const twice = a.x * b.y - b.x * a.y;
        area += twice;
        sum.x += twice * (a.x + b.x);
        sum.y += twice * (a.y + b.y);
    }
    if (area == 0) return origin;
    return {origin.x + sum.x / (3 * area), origin.y + sum.y / (3 * area)};
}

bool meet(geo::Box const& a, geo::Box const& b) noexcept {
    return a.min_x <= b.max_x && b.min_x <= a.max_x && a.min_y <= b.max_y && b.min_y <= a.max_y;
}

/// Does the counting, collection by collection.
class Counter {
public:
    Counter(ExposureQuestion const& question, WorkProgress& progress)
        : m_question{question}, m_progress{progress} {}

    Exposure count() {
        data::postgis::Pool pool{
            {.uri = m_question.database, .role = data::postgis::Role::feed, .size = 1}};
        data::postgis::Collections const registry{pool};
        if (auto const places = find(registry, "places")) read_communes(*places);
        std::vector<AssetKind> kinds;
        std::uint64_t done = 0;
        for (auto const& id : m_question.collections) {
            if (auto const collection = find(registry, id))
                kinds.push_back(read_assets(*collection));
            m_progress.at(++done, m_question.collections.size());
        }
        for (auto& commune : m_communes) settle(commune);
        return collect(std::move(kinds));
    }

private:
    [[nodiscard]] std::optional<data::model::Collection>
    find(data::postgis::Collections const& registry, std::string const& id) const {
        if (!m_question.policies.contains(id)) return std::nullopt;
        return registry.find(id);
    }

    /// Calls `visit(row, shape)` for every row with a geometry that is so now.
    template <typename Visit>
    void each(data::model::Collection const& collection, Visit&& visit) const {
        CopyOut const rows{m_question.database, collection, data::postgis::Fields::impersonal,
                           m_question.policies.at(collection.schema.id)};
        geo::Period const moment{m_question.now, m_question.now};
        Geometry shape;
        rows.read(0, 1, [&](geo::RowView const& row) {
            if (row.wkb.empty() || !row.period.meets(moment)) return;
            geo::codec::read_wkb(row.wkb, shape);
            if (!shape.empty()) visit(rows.fields(), row, shape);
        });
    }

    void read_communes(data::model::Collection const& places) {
        each(places, [&](auto const& fields, geo::RowView const& row, Geometry const& shape) {
            if (Column{fields, "level"}.text(row) != "commune") return;
            Commune commune;
            commune.code = Column{fields, "code"}.text(row);
            commune.name = Column{fields, "full_name"}.text(row);
            commune.population = Column{fields, "population"}.number(row);
            commune.outline = std::make_unique<Geometry const>(shape);
            if (meet(shape.box(), m_question.hazard.box()))
                commune.tally.area_m2 = m_question.hazard.area(shape);
            m_communes.push_back(std::move(commune));
        });
        std::ranges::sort(m_communes, {}, &Commune::code);
        for (auto& commune : m_communes) {
            m_all.push_back({commune.outline->box(), &commune});
            if (commune.tally.area_m2 > 0) m_touched.push_back(m_all.back());
        }
    }

    /// A commune with the box of its outline: boxes are looked at often.
    struct Boxed {
        geo::Box box;
        Commune* commune = nullptr;
    };

    [[nodiscard]] static Commune* commune_of(Position p, std::vector<Boxed> const& among) {
        for (auto const& [box, commune] : among)
            if (p.x >= box.min_x && p.x <= box.max_x && p.y >= box.min_y && p.y <= box.max_y &&
                commune->holds(p))
                return commune;
        return nullptr;
    }

    AssetKind read_assets(data::model::Collection const& collection) {
        auto const& schema = collection.schema;
        AssetKind const kind{schema.id,
                             schema.geometry == GeometryKind::polygon ? "area_m2"
                             : schema.geometry == GeometryKind::line  ? "length_m"
                                                                      : "",
                             schema.class_field};
        bool const parcels = schema.id == "parcels";
        std::optional<Column> column;
        each(collection, [&](auto const& fields, geo::RowView const& row, Geometry const& shape) {
            if (!column) column.emplace(fields, schema.class_field);
            auto const value = column->text(row);
            bool const home = parcels && (value == residential || value == urban_residential);
            bool const near = meet(shape.box(), m_question.hazard.box());
            if (!near && !home) return;
            // A home out of the hazard matters only where others are in it.
            auto* const commune = commune_of(middle(shape), near ? m_all : m_touched);
            if (home && commune != nullptr) spread(*commune, shape, near);
            if (near)
                take(commune == nullptr ? m_elsewhere : commune->tally, schema.id, value, row.fid,
                     shape);
        });
        return kind;
    }

    void spread(Commune& commune, Geometry const& home, bool near) const {
        commune.homes += m_question.hazard.whole(home);
        if (!near) return;
        commune.homes_hit += m_question.hazard.area(home);
        if (m_question.worse != nullptr) commune.homes_worse += m_question.worse->area(home);
    }

    void take(ExposureTally& tally, std::string const& collection, std::string const& value,
              std::int64_t fid, Geometry const& shape) const {
        double amount = 0;
        if (shape.kind == GeometryKind::polygon) amount = m_question.hazard.area(shape);
        if (shape.kind == GeometryKind::line) amount = m_question.hazard.length(shape);
        bool const in = shape.kind == GeometryKind::point
                            ? m_question.hazard.holds(shape.positions.front())
                            : amount > 0;
        if (!in) return;
        auto& asset = tally.assets[collection];
        asset.ids.push_back(fid);
        asset.amount += amount;
        asset.classes[value].count += 1;
        asset.classes[value].amount += amount;
    }

    /// People of a commune, from what is known of its homes, or else of its ground.
    void settle(Commune& commune) const {
        auto& people = commune.tally.people;
        people.population = commune.population;
        if (commune.homes > 0) {
            people.affected = commune.population * std::min(1.0, commune.homes_hit / commune.homes);
            people.displaced =
                commune.population * std::min(1.0, commune.homes_worse / commune.homes);
        } else if (commune.tally.area_m2 > 0) {
            double const whole = m_question.hazard.whole(*commune.outline);
            people.affected = commune.population * std::min(1.0, commune.tally.area_m2 / whole);
            if (m_question.worse != nullptr)
                people.displaced = commune.population *
                                   std::min(1.0, m_question.worse->area(*commune.outline) / whole);
        }
    }

    Exposure collect(std::vector<AssetKind> kinds) {
        Exposure made;
        made.kinds = std::move(kinds);
        auto const add = [&](std::string code, std::string name, ExposureTally& tally) {
            if (tally.empty()) return;
            for (auto& [collection, asset] : tally.assets) std::ranges::sort(asset.ids);
            made.total += tally;
            made.parts.push_back({std::move(code), std::move(name), std::move(tally)});
        };
        for (auto& commune : m_communes) add(commune.code, commune.name, commune.tally);
        add({}, {}, m_elsewhere);
        return made;
    }

    ExposureQuestion const& m_question;
    WorkProgress& m_progress;
    std::vector<Commune> m_communes; ///< by code
    std::vector<Boxed> m_all;
    std::vector<Boxed> m_touched; ///< those with a part of the hazard
    ExposureTally m_elsewhere;
};

} // namespace

Exposure count_exposure(ExposureQuestion const& question, WorkProgress& progress) {
    return Counter{question, progress}.count();
}

} // namespace diaban::services::domain
