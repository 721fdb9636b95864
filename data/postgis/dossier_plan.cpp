#include "data/postgis/dossier_plan.hpp"

#include "data/postgis/land_sql.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/cadastre/subdivide.hpp"
#include "geo/cadastre/tolerance.hpp"
#include "geo/codec/geohash.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/ops/label.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/overlay.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace diaban::data::postgis {

namespace {

using geo::Code;
using geo::Error;
using geo::Geometry;
using Json = nlohmann::json;

[[noreturn]] void refuse(std::string rule, Error::Parameters parameters) {
    throw Error{Code::conflict, std::move(rule), std::move(parameters)};
}

std::string area_text(double area) {
    return pqxx::to_string(std::round(area * 100) / 100);
}

/// A dated rule, for a land use or for all others; nothing where there is none.
std::optional<double> rule(pqxx::work& sql, std::string const& id, std::string const& land_use) {
    auto const rows = sql.exec_params(
        "SELECT value FROM land.rule WHERE id = $1 AND land_use IN ($2, '') AND "
        "(now() AT TIME ZONE INTERVAL '+07:00')::date BETWEEN valid_from AND valid_to "
        "ORDER BY land_use = '' LIMIT 1",
        id, land_use);
    return rows.empty() ? std::nullopt : std::optional{rows[0][0].as<double>()};
}

void refuse_small(pqxx::work& sql, Geometry const& child, std::string const& land_use) {
    auto const least = rule(sql, "minimum-area", land_use);
    double const area = geo::ops::planar_area(child);
    if (least && area < *least)
        refuse("child-too-small",
               {{"value", area_text(area)}, {"accepted", area_text(*least)}, {"use", land_use}});
}

/// Outlines of roads beside the parcels, in the sheet's CRS.
std::vector<Geometry> roads_beside(pqxx::work& sql, PlannedParent const& parent) {
    std::vector<Geometry> roads;
    for (auto const& row : sql.exec_params(
             "SELECT r.source_geom FROM record.parcels p JOIN record.parcels r ON "
             "r.geom OPERATOR(public.&&) public.st_expand(p.geom, 1e-6) WHERE p.fid = $1 AND "
             "r.land_use = 'DGT' AND r.valid_to IS NULL AND r.source_geom IS NOT NULL LIMIT 100",
             parent.fid)) {
        auto road = shape_of(row[0]);
        if (road.srid != parent.source.srid)
            geo::Transform::between(road.srid, parent.source.srid).apply(road.positions);
        roads.push_back(std::move(road));
    }
    return roads;
}

void refuse_without_access(pqxx::work& sql, Geometry const& child,
                           std::vector<Geometry> const& roads) {
    auto const least = rule(sql, "minimum-frontage", "").value_or(0);
    double frontage = 0;
    for (auto const& road : roads) frontage += geo::cadastre::common_border(child, road);
    if (frontage < least || frontage == 0)
        refuse("child-without-access", {{"value", area_text(geo::ops::planar_area(child))},
                                        {"accepted", area_text(least)}});
}

std::vector<Geometry> pieces_of(model::DossierDraft const& draft, PlannedParent const& parent) {
    auto const line = draft.area_m2 ? geo::cadastre::line_cutting_off(parent.source, *draft.area_m2,
                                                                      draft.azimuth)
                                    : draft.cut;
    auto pieces = geo::cadastre::cut(parent.source, line);
    if (pieces.size() < 2) refuse("cut-misses", {{"value", parent.identifier}});
    double sum = 0;
    for (auto const& piece : pieces) sum += geo::ops::planar_area(piece);
    double const whole = geo::ops::planar_area(parent.source);
    if (std::abs(sum - whole) > 1e-6)
        refuse("areas-do-not-add-up", {{"value", area_text(sum)}, {"accepted", area_text(whole)}});
    return pieces;
}

/// Legal areas of the children: what was said, or the parent's in proportion, to a tenth.
std::vector<double> legal_areas(pqxx::work& sql, model::DossierDraft const& draft,
                                PlannedParent const& parent, std::vector<Geometry> const& pieces) {
    double const whole = geo::ops::planar_area(parent.source);
    double const legal = parent.legal_area_m2.value_or(whole);
    if (draft.legal_areas.empty()) {
        std::vector<double> areas;
        double left = std::round(legal * 10) / 10;
        for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
            areas.push_back(std::round(geo::ops::planar_area(pieces[i]) * legal / whole * 10) / 10);
            left -= areas.back();
        }
        areas.push_back(std::round(left * 10) / 10);
        return areas;
    }
    double const sum = std::accumulate(draft.legal_areas.begin(), draft.legal_areas.end(), 0.0);
    double const allowed = rule(sql, "split-area-tolerance", "").value_or(0) + 1e-9;
    if (draft.legal_areas.size() != pieces.size() || std::abs(sum - legal) > allowed)
        refuse("areas-do-not-add-up", {{"value", area_text(sum)}, {"accepted", area_text(legal)}});
    double const k = rule(sql, "area-tolerance", "").value_or(0);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        double const area = geo::ops::planar_area(pieces[i]);
        if (!geo::cadastre::area_agrees(
                draft.legal_areas[i], area,
                geo::cadastre::allowed_area_difference(k, parent.scale, area)))
            refuse("areas-do-not-add-up",
                   {{"value", area_text(draft.legal_areas[i])}, {"accepted", area_text(area)}});
    }
    return draft.legal_areas;
}

/// Numbers that nobody has or ever had in the sheet.
std::vector<std::int64_t> numbers_for(pqxx::work& sql, model::DossierDraft const& draft,
                                      PlannedParent const& parent, std::size_t count) {
    sql.exec_params("SELECT pg_advisory_xact_lock(hashtext('land.number ' || $1 || ' ' || $2))",
                    parent.commune, std::to_string(parent.sheet));
    auto numbers = draft.numbers;
    if (numbers.empty()) {
        auto const last =
            sql.exec_params1("SELECT greatest((SELECT max(parcel_number) FROM record.parcels WHERE "
                             "sheet = $2 AND commune_code = $1), (SELECT max(number) FROM "
                             "land.retired_number WHERE sheet = $2 AND commune_code = $1))",
                             parent.commune, parent.sheet)[0]
                .as<std::int64_t>();
        for (std::size_t i = 1; i <= count; ++i)
            numbers.push_back(last + static_cast<std::int64_t>(i));
    }
    if (numbers.size() != count)
        refuse("areas-do-not-add-up", {{"value", "numbers"}, {"accepted", std::to_string(count)}});
    auto const taken = sql.exec_params(
        "SELECT parcel_number FROM record.parcels WHERE sheet = $2 AND commune_code = $1 AND "
        "parcel_number = ANY ($3::bigint[]) UNION SELECT number FROM land.retired_number WHERE "
        "sheet = $2 AND commune_code = $1 AND number = ANY ($3::bigint[])",
        parent.commune, parent.sheet, number_array(numbers));
    if (!taken.empty()) refuse("number-taken", {{"value", taken[0][0].c_str()}});
    return numbers;
}

Json child_json(Geometry const& outline, std::int64_t number, std::string const& land_use,
                double legal) {
    return {{"number", number},
            {"use", land_use},
            {"legal", legal},
            {"projected", geo::ops::planar_area(outline)},
            {"source", shape_text(outline)}};
}

Json plan_split(pqxx::work& sql, model::DossierDraft const& draft, PlannedParent const& parent) {
    auto const pieces = pieces_of(draft, parent);
    auto const roads = roads_beside(sql, parent);
    for (auto const& piece : pieces) {
        refuse_small(sql, piece, parent.land_use);
        refuse_without_access(sql, piece, roads);
    }
    auto const legal = legal_areas(sql, draft, parent, pieces);
    auto const numbers = numbers_for(sql, draft, parent, pieces.size());
    Json children = Json::array();
    for (std::size_t i = 0; i < pieces.size(); ++i)
        children.push_back(child_json(pieces[i], numbers[i], parent.land_use, legal[i]));
    return {{"children", children}};
}

Json plan_merge(pqxx::work& sql, model::DossierDraft const& draft,
                std::vector<PlannedParent> const& parents) {
    std::vector<Geometry> shapes;
    double legal = 0;
    for (auto const& parent : parents) {
        if (parent.sheet_id != parents[0].sheet_id)
            refuse("sheets-differ", {{"value", parent.identifier}});
        if (parent.land_use != parents[0].land_use)
            refuse("uses-differ", {{"value", parent.land_use}, {"accepted", parents[0].land_use}});
        legal += parent.legal_area_m2.value_or(geo::ops::planar_area(parent.source));
        shapes.push_back(parent.source);
    }
    auto const whole = geo::cadastre::merged(shapes);
    if (parents.size() < 2 || whole.empty())
        refuse("parcels-apart", {{"value", std::to_string(parents.size())}});
    auto const numbers = numbers_for(sql, draft, parents[0], 1);
    return {{"children", Json::array({child_json(whole, numbers[0], parents[0].land_use,
                                                 std::round(legal * 10) / 10)})}};
}

} // namespace

void refuse_restricted(pqxx::work& sql, PlannedParent const& parent) {
    constexpr std::pair<std::string_view, char const*> rules[] = {
        {"mortgage", "parcel-mortgaged"},
        {"seizure", "parcel-seized"},
        {"dispute", "parcel-disputed"},
        {"recovery", "parcel-under-recovery"}};
    for (auto const& kind : restrictions_on(sql, parent.fid))
        for (auto const& [restriction, name] : rules)
            if (kind == restriction) refuse(name, {{"value", parent.identifier}});
}

std::string free_identifier(pqxx::work& sql, Geometry const& source) {
    auto const to_world = geo::Transform::between(source.srid, 4326);
    auto const pole = geo::ops::pole_of_inaccessibility(source, 0.01);
    for (int i = 0; i < 20; ++i) {
        geo::Position at{pole.x + 0.05 * i, pole.y};
        to_world.apply(std::span{&at, 1});
        auto identifier = geo::codec::geohash(at, 12);
        if (sql.exec_params("SELECT FROM record.parcels WHERE geohash = $1", identifier).empty())
            return identifier;
    }
    refuse("identifier-taken", {{"value", "-"}});
}

std::string number_array(std::vector<std::int64_t> const& numbers) {
    return array_text(numbers);
}

std::string fid_array(std::vector<PlannedParent> const& parents) {
    std::vector<std::int64_t> fids;
    for (auto const& parent : parents) fids.push_back(parent.fid);
    return array_text(fids);
}

std::vector<PlannedParent> lock_parents(pqxx::work& sql, std::vector<std::int64_t> const& fids,
                                        geo::Policy const& policy) {
    auto sorted = fids; // everyone takes them in one order
    std::ranges::sort(sorted);
    std::vector<PlannedParent> parents;
    for (auto const fid : sorted) {
        auto const rows = sql.exec_params(
            "SELECT p.fid, p.version, coalesce(p.geohash, ''), coalesce(p.commune_code, ''), "
            "p.sheet, p.parcel_number, coalesce(p.land_use, ''), p.legal_area_m2, s.id, s.scale, "
            "p.source_geom, p.valid_to <= now() FROM record.parcels p LEFT JOIN land.parcel k "
            "USING (fid) LEFT JOIN land.sheet s ON s.id = k.sheet WHERE p.fid = $1 AND (" +
                policy_condition(policy, "p") + ") FOR UPDATE OF p",
            fid);
        if (rows.empty())
            throw Error{Code::not_found, "no-parcel", {{"value", std::to_string(fid)}}};
        auto const& row = rows[0];
        PlannedParent parent{.fid = fid,
                             .version = row[1].as<std::int64_t>(),
                             .identifier = row[2].c_str(),
                             .commune = row[3].c_str(),
                             .sheet = row[4].as<std::int64_t>(0),
                             .number = row[5].as<std::int64_t>(0),
                             .land_use = row[6].c_str(),
                             .legal_area_m2 = {},
                             .sheet_id = row[8].as<std::int64_t>(0),
                             .scale = row[9].as<std::int32_t>(0),
                             .source = shape_of(row[10])};
        if (!row[7].is_null()) parent.legal_area_m2 = row[7].as<double>();
        if (row[11].as<bool>(false)) refuse("parcel-not-current", {{"value", parent.identifier}});
        if (parent.sheet_id == 0 || parent.source.empty())
            refuse("parcel-without-sheet", {{"value", std::to_string(fid)}});
        refuse_restricted(sql, parent);
        parents.push_back(std::move(parent));
    }
    return parents;
}

void refuse_open_dossiers(pqxx::work& sql, std::vector<std::int64_t> const& fids) {
    auto const open =
        sql.exec_params("SELECT id FROM land.dossier WHERE parents && $1::bigint[] AND state IN "
                        "('drafted', 'checked') LIMIT 1",
                        array_text(fids));
    if (!open.empty()) refuse("parcel-in-dossier", {{"value", open[0][0].c_str()}});
}

Json plan(pqxx::work& sql, model::DossierDraft const& draft,
          std::vector<PlannedParent> const& parents) {
    if (draft.kind == "undo") return {{"children", Json::array()}};
    if (draft.kind == "merge") return plan_merge(sql, draft, parents);
    if (parents.size() != 1) refuse("parcels-apart", {{"value", std::to_string(parents.size())}});
    return plan_split(sql, draft, parents[0]);
}

std::vector<std::int64_t> parcels_made_by(pqxx::work& sql, std::int64_t change) {
    std::vector<std::int64_t> children;
    for (auto const& row : sql.exec_params(
             "SELECT DISTINCT child FROM land.lineage l WHERE change = $1 AND NOT EXISTS (SELECT "
             "FROM land.change u WHERE u.undoes = l.change) ORDER BY 1",
             change))
        children.push_back(row[0].as<std::int64_t>());
    if (children.empty())
        throw Error{Code::not_found, "no-change", {{"value", std::to_string(change)}}};
    auto const later = sql.exec_params("SELECT change FROM land.lineage l WHERE parent = ANY "
                                       "($1::bigint[]) AND NOT EXISTS (SELECT FROM land.change u "
                                       "WHERE u.undoes = l.change) LIMIT 1",
                                       array_text(children));
    if (!later.empty()) refuse("change-not-last", {{"value", later[0][0].c_str()}});
    return children;
}

void retire(pqxx::work& sql, std::vector<PlannedParent> const& parents) {
    for (auto const& parent : parents) {
        sql.exec_params("UPDATE record.parcels SET valid_to = now() WHERE fid = $1", parent.fid);
        sql.exec_params("INSERT INTO land.retired_number (commune_code, sheet, number, fid) VALUES "
                        "($1, $2, $3, $4)",
                        parent.commune, parent.sheet, parent.number, parent.fid);
    }
}

std::vector<std::int64_t> restore(pqxx::work& sql, std::int64_t change) {
    std::vector<std::int64_t> fids;
    for (auto const& row : sql.exec_params(
             "SELECT DISTINCT parent FROM land.lineage WHERE change = $1 ORDER BY 1", change)) {
        fids.push_back(row[0].as<std::int64_t>());
        sql.exec_params("UPDATE record.parcels SET valid_to = NULL WHERE fid = $1", fids.back());
        sql.exec_params("DELETE FROM land.retired_number WHERE fid = $1", fids.back());
    }
    return fids;
}

std::vector<std::int64_t> insert_children(pqxx::work& sql, Json const& proposal,
                                          std::vector<PlannedParent> const& parents) {
    std::vector<std::int64_t> fids;
    for (auto const& child : proposal.at("children")) {
        auto const source = child.at("source").get<std::string>();
        auto const outline = shape_of(sql.exec_params1("SELECT $1::text", source)[0]);
        auto place = outline;
        geo::Transform::between(outline.srid, 4326).apply(place.positions);
        place.srid = 4326;
        auto const fid =
            sql.exec_params1(
                   "INSERT INTO record.parcels (geom, source_srid, source_geom, scope, "
                   "sensitivity, valid_from, sheet, parcel_number, land_use, planned_use, area_m2, "
                   "legal_area_m2, commune_code, origin, geohash, owner_name) SELECT "
                   "$2::public.geometry, source_srid, $3::public.geometry, scope, sensitivity, "
                   "now(), sheet, $4, $5, planned_use, $6, $7, commune_code, origin, $8, "
                   "owner_name "
                   "FROM record.parcels WHERE fid = $1 RETURNING fid",
                   parents[0].fid, shape_text(place), source,
                   child.at("number").get<std::int64_t>(), child.at("use").get<std::string>(),
                   std::round(geo::ops::geodesic_area(place) * 10) / 10,
                   child.at("legal").get<double>(), free_identifier(sql, outline))[0]
                .as<std::int64_t>();
        sql.exec_params(
            "INSERT INTO land.parcel (fid, sheet, projected_area_m2) VALUES ($1, $2, $3)", fid,
            parents[0].sheet_id, child.at("projected").get<double>());
        sql.exec_params("INSERT INTO land.use_right (fid, party) SELECT DISTINCT $1::bigint, party "
                        "FROM land.use_right WHERE fid = ANY ($2::bigint[]) AND party IS NOT NULL",
                        fid, fid_array(parents));
        fids.push_back(fid);
    }
    return fids;
}

} // namespace diaban::data::postgis
