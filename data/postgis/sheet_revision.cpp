#include "data/postgis/sheet_revision.hpp"

#include "data/postgis/dossier_plan.hpp"
#include "data/postgis/land_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sheet_sql.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace diaban::data::postgis {

namespace {

using geo::Code;
using geo::Error;
using geo::cadastre::LotEvent;
using Standing = SheetRevisions::Standing;
using Revised = SheetRevisions::Revised;

/// One corrected sheet on its way in.
class Revision {
public:
    Revision(pqxx::work& sql, model::Sheet const& sheet, Standing const& standing,
             std::span<model::SheetParcel const> parcels)
        : m_sql{sql}, m_sheet{sheet}, m_standing{standing}, m_parcels{parcels} {
        for (auto const& parcel : parcels) m_delivered.insert(parcel.number);
    }

    Revised run(geo::cadastre::EditionComparison const& comparison,
                model::Correction const& correction) {
        lock();
        begin_change(correction);
        keep_delivery();
        for (auto const& event : comparison.events)
            if (event.before.size() == 1 && event.after.size() == 1)
                redraw(event);
            else
                replace(event);
        m_revised.correction_cases =
            open_area_cases(m_sql, m_standing.sheet, m_sheet.scale) + m_revised.moved;
        return m_revised;
    }

private:
    [[noreturn]] static void refuse(char const* rule, std::string value) {
        throw Error{Code::conflict, rule, {{"value", std::move(value)}}};
    }

    void lock() {
        std::vector<std::int64_t> fids;
        for (auto const& parcel : m_standing.parcels) fids.push_back(parcel.fid);
        std::map<std::int64_t, std::int64_t> versions;
        for (auto const& row :
             m_sql.exec_params("SELECT fid, version FROM record.parcels WHERE fid = ANY "
                               "($1::bigint[]) AND valid_to IS NULL ORDER BY fid FOR UPDATE",
                               array_text(fids)))
            versions[row[0].as<std::int64_t>()] = row[1].as<std::int64_t>();
        for (auto const& parcel : m_standing.parcels)
            if (versions[parcel.fid] != parcel.version)
                refuse("parcel-changed", std::to_string(parcel.number));
    }

    void begin_change(model::Correction const& correction) {
        m_revised.change =
            m_sql
                .exec_params1(
                    "WITH paper AS (INSERT INTO land.document (number, issued_on) VALUES ($1, $2) "
                    "RETURNING id) INSERT INTO land.change (kind, document) SELECT 'TD', id FROM "
                    "paper RETURNING id",
                    correction.document, geo::codec::date_text(correction.issued_on))[0]
                .as<std::int64_t>();
    }

    void keep_delivery() {
        m_sql.exec_params("INSERT INTO land.sheet_delivery SELECT id, $2, srid, axes_swapped, "
                          "datum_proved, scale, drawn_on, file, encoding, imported_at FROM "
                          "land.sheet WHERE id = $1",
                          m_standing.sheet, m_revised.change);
        m_sql.exec_params("UPDATE land.sheet SET srid = $2, axes_swapped = $3, datum_proved = $4, "
                          "scale = $5, drawn_on = $6, file = $7, encoding = $8, imported_at = "
                          "clock_timestamp() WHERE id = $1",
                          m_standing.sheet, m_sheet.srid, m_sheet.axes_swapped,
                          m_sheet.datum_proved, m_sheet.scale,
                          geo::codec::date_text(m_sheet.drawn_on), m_sheet.file, m_sheet.encoding);
    }

    /// The same parcel, with the corners, use and number that the corrected sheet gives it.
    void redraw(LotEvent const& event) {
        auto const& was = m_standing.parcels[event.before[0]];
        auto const& is = m_parcels[event.after[0]];
        bool const same_use = is.land_use.empty() || is.land_use == was.land_use;
        if (was.source.positions == is.source.positions && was.number == is.number && same_use &&
            was.source.srid == is.source.srid) {
            ++m_revised.unchanged;
            return;
        }
        if (was.number != is.number) renumber(was, is.number);
        m_sql.exec_params(
            "UPDATE record.parcels SET geom = $2::public.geometry, source_geom = "
            "$3::public.geometry, source_srid = $4, area_m2 = $5, land_use = "
            "coalesce(nullif($6, ''), land_use), legal_area_m2 = coalesce(legal_area_m2, $7), "
            "parcel_number = $8 WHERE fid = $1",
            was.fid, shape_text(is.place), shape_text(is.source), m_sheet.srid,
            std::round(is.ellipsoidal_area_m2 * 10) / 10, is.land_use, is.legal_area_m2, is.number);
        m_sql.exec_params("UPDATE land.parcel SET projected_area_m2 = $2, label_x = $3, label_y = "
                          "$4 WHERE fid = $1",
                          was.fid, is.projected_area_m2,
                          is.label ? std::optional{is.label->x} : std::nullopt,
                          is.label ? std::optional{is.label->y} : std::nullopt);
        judge_corners(event, was.fid);
    }

    void judge_corners(LotEvent const& event, std::int64_t fid) {
        auto const link = std::ranges::find_if(event.links, [&](auto const& one) {
            return one.before == event.before[0] && one.after == event.after[0] && one.moved;
        });
        if (link == event.links.end() || *link->moved <= m_standing.vertex_tolerance) {
            ++m_revised.redrawn;
            return;
        }
        ++m_revised.moved;
        m_sql.exec_params("INSERT INTO land.correction_case (fid, kind, computed_m2, moved_m, "
                          "allowed_m) SELECT fid, 'vertex', projected_area_m2, $2, $3 FROM "
                          "land.parcel WHERE fid = $1 ON CONFLICT (fid, kind) DO UPDATE SET "
                          "moved_m = excluded.moved_m, allowed_m = excluded.allowed_m",
                          fid, *link->moved, m_standing.vertex_tolerance);
    }

    void renumber(Standing::Parcel const& was, std::int64_t number) {
        must_be_free(number);
        retire(was);
    }

    /// A number that was given up in this sheet never returns.
    void must_be_free(std::int64_t number) {
        if (!m_sql
                 .exec_params("SELECT FROM land.retired_number WHERE commune_code = $1 AND sheet "
                              "= $2 AND number = $3",
                              m_sheet.commune_code, m_sheet.number, number)
                 .empty())
            refuse("number-taken", std::to_string(number));
    }

    /// Gives a number up, unless the corrected sheet still has it.
    void retire(Standing::Parcel const& was) {
        if (m_delivered.contains(was.number)) return;
        m_sql.exec_params("INSERT INTO land.retired_number (commune_code, sheet, number, fid) "
                          "VALUES ($1, $2, $3, $4)",
                          m_sheet.commune_code, m_sheet.number, was.number, was.fid);
    }

    /// Parcels that end, and what came of their ground.
    void replace(LotEvent const& event) {
        std::vector<std::int64_t> ending;
        for (auto const i : event.before) {
            auto const& was = m_standing.parcels[i];
            PlannedParent parent;
            parent.fid = was.fid;
            parent.identifier = std::to_string(was.number);
            refuse_restricted(m_sql, parent);
            ending.push_back(was.fid);
        }
        refuse_open_dossiers(m_sql, ending);
        m_sql.exec_params(
            "UPDATE record.parcels SET valid_to = now() WHERE fid = ANY ($1::bigint[])",
            array_text(ending));
        for (auto const i : event.before) retire(m_standing.parcels[i]);
        m_revised.ended += ending.size();
        auto const made = insert(event);
        for (auto const parent : ending) {
            for (auto const child : made)
                m_sql.exec_params(
                    "INSERT INTO land.lineage (change, parent, child) VALUES ($1, $2, $3)",
                    m_revised.change, parent, child);
        }
        if (!ending.empty() && !made.empty())
            m_sql.exec_params(
                "INSERT INTO land.use_right (fid, party) SELECT DISTINCT child, r.party FROM "
                "unnest($1::bigint[]) AS c (child), land.use_right r WHERE r.fid = ANY "
                "($2::bigint[]) AND r.party IS NOT NULL AND NOT EXISTS (SELECT FROM "
                "land.use_right k WHERE k.fid = child)",
                array_text(made), array_text(ending));
    }

    std::vector<std::int64_t> insert(LotEvent const& event) {
        std::vector<model::SheetParcel> some;
        std::set<std::int64_t> known;
        for (auto const i : event.before) known.insert(m_standing.parcels[i].number);
        std::vector<std::int64_t> numbers;
        for (auto const j : event.after) {
            some.push_back(m_parcels[j]);
            if (!known.contains(some.back().number)) must_be_free(some.back().number);
            some.back().identifier = free_identifier(m_sql, some.back().source);
            numbers.push_back(some.back().number);
        }
        if (some.empty()) return {};
        insert_sheet_parcels(m_sql, m_sheet, m_standing.sheet, some);
        std::vector<std::int64_t> made;
        for (auto const& row : m_sql.exec_params(
                 "UPDATE record.parcels p SET valid_from = now() FROM land.parcel k WHERE k.fid = "
                 "p.fid AND k.sheet = $1 AND p.parcel_number = ANY ($2::bigint[]) AND p.valid_to "
                 "IS NULL AND p.recorded_at = now() RETURNING p.fid",
                 m_standing.sheet, array_text(numbers)))
            made.push_back(row[0].as<std::int64_t>());
        m_revised.made += made.size();
        return made;
    }

    pqxx::work& m_sql;
    model::Sheet const& m_sheet;
    Standing const& m_standing;
    std::span<model::SheetParcel const> m_parcels;
    std::set<std::int64_t> m_delivered;
    Revised m_revised;
};

} // namespace

Standing SheetRevisions::standing(model::Sheet const& sheet) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        auto const found = sql.exec_params(
            "SELECT id, srid FROM land.sheet WHERE commune_code = $1 AND "
            "commune_from = $2 AND number = $3",
            sheet.commune_code, geo::codec::date_text(sheet.commune_from), sheet.number);
        if (found.empty())
            throw Error{Code::not_found,
                        "unknown-sheet",
                        {{"value", std::to_string(sheet.number)}, {"commune", sheet.commune_code}}};
        Standing standing{found[0][0].as<std::int64_t>(),
                          found[0][1].as<std::int32_t>(),
                          {},
                          vertex_tolerance(sql, sheet.scale)};
        for (auto const& row : sql.exec_params(
                 "SELECT p.fid, p.version, coalesce(p.parcel_number, 0), coalesce(p.land_use, ''), "
                 "coalesce(p.source_geom, p.geom) FROM record.parcels p JOIN land.parcel k USING "
                 "(fid) WHERE k.sheet = $1 AND p.valid_to IS NULL ORDER BY p.parcel_number, p.fid",
                 standing.sheet))
            standing.parcels.push_back({row[0].as<std::int64_t>(), row[1].as<std::int64_t>(),
                                        row[2].as<std::int64_t>(), row[3].c_str(),
                                        shape_of(row[4])});
        return standing;
    });
}

Revised SheetRevisions::store(model::Sheet const& sheet, Standing const& standing,
                              std::span<model::SheetParcel const> parcels,
                              geo::cadastre::EditionComparison const& comparison,
                              model::Correction const& correction, std::string const& who) const {
    return writing(m_pool, [&](pqxx::work& sql) {
        set_author(sql, who, correction.document);
        return Revision{sql, sheet, standing, parcels}.run(comparison, correction);
    });
}

} // namespace diaban::data::postgis
