#include "services/domain/exposure_count.hpp"

#include "data/postgis/collections.hpp"
#include "data/postgis/copy.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/ops/edge_boxes.hpp"
#include "geo/ops/measure.hpp"

#include <algorithm>
#include <chrono>
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

/// A commune with its outline, and what is counted in it.
struct Commune : CommuneSheet {
    std::unique_ptr<Geometry const> outline;  // the boxes of its edges refer to it
    std::optional<geo::ops::EdgeBoxes> edges; ///< made when first asked

    [[nodiscard]] bool holds(Position p) {
        if (!edges) edges.emplace(*outline);
        return edges->signed_distance(p) >= 0;
    }
};

bool meet(geo::Box const& a, geo::Box const& b) noexcept {
    return a.min_x <= b.max_x && b.min_x <= a.max_x && a.min_y <= b.max_y && b.min_y <= a.max_y;
}

/// Does the counting, collection by collection.
class Counter {
public:
    Counter(ExposureQuestion const& question, WorkProgress& progress)
        : m_question{question}, m_progress{progress} {}

    Exposure count() {
        data::postgis::Pool pool{{.uri = m_question.database,
                                  .role = data::postgis::Role::feed,
                                  .size = 1,
                                  .wait = std::chrono::seconds{5},
                                  .statement_timeout = std::chrono::seconds{10}}};
        data::postgis::Collections const registry{pool};
        if (auto const places = find(registry, "places")) read_communes(*places);
        std::vector<AssetKind> kinds;
        std::uint64_t done = 0;
        for (auto const& id : m_question.collections) {
            if (auto const collection = find(registry, id))
                kinds.push_back(read_assets(*collection));
            m_progress.at(++done, m_question.collections.size());
        }
        std::vector<CommuneSheet*> sheets;
        for (auto& commune : m_communes) {
            commune.settle();
            sheets.push_back(&commune);
        }
        return collect_exposure(std::move(kinds), sheets, m_elsewhere);
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
            if (RowColumn{fields, "level"}.text(row) != "commune") return;
            Commune commune;
            commune.code = RowColumn{fields, "code"}.text(row);
            commune.name = RowColumn{fields, "full_name"}.text(row);
            commune.population = RowColumn{fields, "population"}.number(row);
            commune.outline = std::make_unique<Geometry const>(shape);
            if (meet(shape.box(), m_question.hazard.box())) {
                commune.whole_m2 = m_question.hazard.whole(shape);
                commune.tally.area_m2 = m_question.hazard.area(shape);
                if (m_question.worse != nullptr) commune.worse_m2 = m_question.worse->area(shape);
            }
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
        std::optional<RowColumn> column;
        std::optional<CameraSight> sight;
        each(collection, [&](auto const& fields, geo::RowView const& row, Geometry& shape) {
            if (!column) {
                column.emplace(fields, schema.class_field);
                sight.emplace(schema.id, fields);
            }
            auto const value = column->text(row);
            bool const home = is_home(schema.id, value);
            auto const middle = middle_of(shape);
            sight->widen(row, shape);
            bool const near = meet(shape.box(), m_question.hazard.box());
            if (!near && !home) return;
            // A home out of the hazard matters only where others are in it.
            auto* const commune = commune_of(middle, near ? m_all : m_touched);
            if (home && commune != nullptr) spread(*commune, shape, near);
            if (near)
                take(commune == nullptr ? m_elsewhere : commune->tally, schema.id, value, row.fid,
                     shape);
        });
        return asset_kind(schema);
    }

    void spread(Commune& commune, Geometry const& home, bool near) const {
        commune.homes += m_question.hazard.whole(home);
        if (!near) return;
        commune.homes_hit += m_question.hazard.area(home);
        if (m_question.worse != nullptr) commune.homes_worse += m_question.worse->area(home);
    }

    void take(ExposureTally& tally, std::string const& collection, std::string_view value,
              std::int64_t fid, Geometry const& shape) const {
        double amount = 0;
        if (shape.kind == GeometryKind::polygon) amount = m_question.hazard.area(shape);
        if (shape.kind == GeometryKind::line) amount = m_question.hazard.length(shape);
        bool const in = shape.kind == GeometryKind::point
                            ? m_question.hazard.holds(shape.positions.front())
                            : amount > 0;
        if (in) note_exposed(tally, collection, value, fid, amount);
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
