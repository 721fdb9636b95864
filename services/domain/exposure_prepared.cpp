#include "services/domain/exposure_prepared.hpp"

#include "geo/period.hpp"
#include "services/domain/exposure_targets.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace diaban::services::domain {

namespace {

using data::model::Collection;
using geo::GeometryKind;

constexpr char places_id[] = "places";

/// Which rows count: those that are so now and that a policy sees.
class Seen {
public:
    Seen(TargetView const& targets, geo::Policy const& policy, std::int64_t now)
        : m_level{policy.level()}, m_moment{now, now} {
        for (auto const& scope : targets.scopes) m_scopes.push_back(policy.sees_scope(scope));
    }
    [[nodiscard]] bool operator()(TargetRow const& row) const {
        return row.sensitivity <= m_level && m_scopes[row.scope] &&
               geo::Period{row.begin, row.end}.meets(m_moment);
    }

private:
    std::uint32_t m_level;
    geo::Period m_moment;
    std::vector<bool> m_scopes;
};

class CellCounter {
public:
    CellCounter(CellQuestion const& question, WorkProgress& progress)
        : m_question{question}, m_progress{progress}, m_shelf{question.database, question.folder,
                                                              question.hazard.frame(),
                                                              question.now},
          m_cell_area{question.hazard.frame().width * question.hazard.frame().height} {}

    Exposure count() {
        auto const places = m_shelf.registry().find(places_id);
        if (!places) return {};
        auto const communes = m_shelf.communes(*places);
        if (m_question.policies.contains(places_id)) read_communes(communes);
        std::vector<AssetKind> kinds;
        std::uint64_t done = 0;
        for (auto const& id : m_question.collections) {
            m_progress.at(done++, m_question.collections.size());
            if (!m_question.policies.contains(id)) continue;
            auto const collection = m_shelf.registry().find(id);
            if (!collection) continue;
            count_rows(*collection, m_shelf.rows(*collection, *places, communes));
            kinds.push_back(asset_kind(collection->schema));
        }
        std::vector<CommuneSheet*> sheets;
        for (auto& [fid, sheet] : m_sheets) {
            sheet.settle();
            sheets.push_back(&sheet);
        }
        std::ranges::sort(sheets, {}, &CommuneSheet::code);
        return collect_exposure(std::move(kinds), sheets, m_elsewhere);
    }

private:
    [[nodiscard]] double area(TargetView const& view, std::size_t row,
                              geo::exposure::MarkedCells const& marked) const {
        return view.cells.within(row, marked) * m_cell_area;
    }

    void read_communes(Targets const& communes) {
        Seen const seen{communes.base, m_question.policies.find(places_id)->second, m_question.now};
        for (std::size_t row = 0; row < communes.base.rows.size(); ++row) {
            if (!seen(communes.base.rows[row])) continue;
            auto const& known = communes.communes[row];
            auto& sheet = m_sheets[known.fid];
            sheet.code = known.code;
            sheet.name = known.name;
            sheet.population = known.population;
            sheet.whole_m2 = communes.base.rows[row].whole;
            sheet.tally.area_m2 = area(communes.base, row, m_question.hazard);
            if (m_question.worse != nullptr)
                sheet.worse_m2 = area(communes.base, row, *m_question.worse);
        }
    }

    void count_rows(Collection const& collection, Targets const& targets) {
        auto const& policy = m_question.policies.find(collection.schema.id)->second;
        Seen const of_base{targets.base, policy, m_question.now};
        std::optional<Seen> since;
        if (targets.since) since.emplace(*targets.since, policy, m_question.now);
        targets.each([&](TargetView const& view, std::size_t row) {
            if ((&view == &targets.base ? of_base : *since)(view.rows[row]))
                count_row(collection.schema.id, view, row);
        });
    }

    void count_row(std::string const& collection, TargetView const& view, std::size_t at) {
        auto const& row = view.rows[at];
        auto const found = m_sheets.find(row.commune);
        auto* const sheet = found == m_sheets.end() ? nullptr : &found->second;
        double amount = 0;
        bool in = false;
        if (row.shape == std::uint32_t(GeometryKind::point)) {
            in = view.cells.meets(at, m_question.hazard);
        } else {
            amount = view.cells.within(at, m_question.hazard);
            in = amount > 0;
            if (row.shape == std::uint32_t(GeometryKind::polygon)) amount *= m_cell_area;
        }
        if (row.home != 0 && sheet != nullptr) {
            sheet->homes += row.whole;
            sheet->homes_hit += amount;
            if (in && m_question.worse != nullptr)
                sheet->homes_worse += area(view, at, *m_question.worse);
        }
        if (in)
            note_exposed(sheet == nullptr ? m_elsewhere : sheet->tally, collection,
                         view.kinds[row.kind], row.fid, amount);
    }

    CellQuestion const& m_question;
    WorkProgress& m_progress;
    TargetShelf m_shelf;
    double m_cell_area;
    std::unordered_map<std::int64_t, CommuneSheet> m_sheets; ///< by fid of the commune
    ExposureTally m_elsewhere;
};

} // namespace

bool countable_by_cells(Policies const& policies, std::vector<std::string> const& collections) {
    auto const unmasked = [&](std::string const& id) {
        auto const found = policies.find(id);
        return found == policies.end() || found->second.masked().empty();
    };
    return unmasked(places_id) && std::ranges::all_of(collections, unmasked);
}

Exposure count_in_cells(CellQuestion const& question, WorkProgress& progress) {
    return CellCounter{question, progress}.count();
}

} // namespace diaban::services::domain
