#include "data/postgis/sheet_store.hpp"

#include "data/postgis/land_sql.hpp"
#include "geo/cadastre/tolerance.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace diaban::data::postgis {

namespace {

using geo::Code;
using geo::Error;
using Json = nlohmann::json;

Json json_of(model::SheetParcel const& parcel) {
    auto const or_null = [](std::string const& text) { return text.empty() ? Json{} : Json(text); };
    return {{"number", parcel.number},
            {"use", or_null(parcel.land_use)},
            {"legal", parcel.legal_area_m2 ? Json(*parcel.legal_area_m2) : Json{}},
            {"projected", parcel.projected_area_m2},
            {"ellipsoidal", std::round(parcel.ellipsoidal_area_m2 * 10) / 10},
            {"holder", or_null(parcel.holder)},
            {"certificate", or_null(parcel.certificate)},
            {"identifier", parcel.identifier},
            {"source", shape_text(parcel.source)},
            {"place", shape_text(parcel.place)}};
}

std::int64_t insert_sheet(pqxx::work& sql, model::Sheet const& sheet) {
    auto const rows = sql.exec_params(
        "INSERT INTO land.sheet (commune_code, commune_from, number, srid, axes_swapped, "
        "datum_proved, scale, drawn_on, file, encoding) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
        "$9, $10) ON CONFLICT DO NOTHING RETURNING id",
        sheet.commune_code, geo::codec::date_text(sheet.commune_from), sheet.number, sheet.srid,
        sheet.axes_swapped, sheet.datum_proved, sheet.scale, geo::codec::date_text(sheet.drawn_on),
        sheet.file, sheet.encoding);
    if (rows.empty())
        throw Error{Code::conflict,
                    "sheet-exists",
                    {{"value", std::to_string(sheet.number)}, {"commune", sheet.commune_code}}};
    return rows[0][0].as<std::int64_t>();
}

/// One statement a batch: the rows, what the register knows besides, holders and certificates.
constexpr char insert_parcels[] = R"(
WITH given AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS g (
        number bigint, "use" text, legal float8, projected float8, ellipsoidal float8, holder text,
        certificate text, identifier text, source text, place text)),
made AS (
    INSERT INTO record.parcels (geom, source_srid, source_geom, scope, valid_from, sheet,
        parcel_number, land_use, area_m2, legal_area_m2, commune_code, geohash, owner_name)
    SELECT place::public.geometry, $2::integer, source::public.geometry, $3::text,
           $4::date::timestamp AT TIME ZONE INTERVAL '+07:00', $5::bigint, number, "use",
           ellipsoidal, legal, $3::text, identifier, holder
    FROM given RETURNING fid, parcel_number),
known AS (
    INSERT INTO land.parcel (fid, sheet, projected_area_m2)
    SELECT fid, $6::bigint, projected FROM made JOIN given ON number = parcel_number),
party AS (
    INSERT INTO land.party (name)
    SELECT DISTINCT holder FROM given g WHERE holder IS NOT NULL
        AND NOT EXISTS (SELECT FROM land.party p WHERE p.name = g.holder AND p.reference IS NULL)
    RETURNING id, name),
holders AS (
    SELECT id, name FROM party UNION ALL
    SELECT min(p.id), p.name FROM land.party p
    WHERE p.reference IS NULL AND p.name IN (SELECT holder FROM given) GROUP BY p.name)
INSERT INTO land.use_right (fid, party, certificate)
SELECT fid, h.id, certificate FROM made JOIN given ON number = parcel_number
LEFT JOIN holders h ON h.name = holder
WHERE holder IS NOT NULL OR certificate IS NOT NULL)";

constexpr char open_cases[] = R"(
WITH rule AS (SELECT value FROM land.rule WHERE id = 'area-tolerance' AND land_use = ''
              AND current_date BETWEEN valid_from AND valid_to),
judged AS (
    SELECT p.fid, p.legal_area_m2 AS legal, k.projected_area_m2 AS computed,
           rule.value * $2 * sqrt(k.projected_area_m2) AS allowed
    FROM land.parcel k JOIN record.parcels p USING (fid) CROSS JOIN rule WHERE k.sheet = $1)
INSERT INTO land.correction_case (fid, legal_m2, computed_m2, allowed_m2)
SELECT fid, legal, computed, allowed FROM judged WHERE abs(legal - computed) > allowed)";

void refuse_taken_identifiers(pqxx::work& sql, std::span<model::SheetParcel const> parcels) {
    std::vector<std::string> wanted;
    for (auto const& parcel : parcels) wanted.push_back(parcel.identifier);
    auto const taken = sql.exec_params(
        "SELECT geohash FROM record.parcels WHERE geohash = ANY (SELECT jsonb_array_elements_text("
        "$1::jsonb)) LIMIT 1",
        Json(wanted).dump());
    if (!taken.empty())
        throw Error{Code::conflict, "identifier-taken", {{"value", taken[0][0].c_str()}}};
}

} // namespace

SheetStore::Commune SheetStore::commune(std::string const& code, geo::Date on) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        auto const found = sql.exec_params(
            "SELECT (valid_from AT TIME ZONE INTERVAL '+07:00')::date - DATE '1970-01-01', geom "
            "FROM record.places WHERE code = $1 AND level = 'commune' AND "
            "coalesce(valid_from, '-infinity') <= $2::date::timestamp AT TIME ZONE INTERVAL "
            "'+07:00' "
            "AND coalesce(valid_to, 'infinity') > $2::date::timestamp AT TIME ZONE INTERVAL "
            "'+07:00'",
            code, geo::codec::date_text(on));
        if (found.empty())
            throw Error{Code::not_found,
                        "unknown-commune",
                        {{"value", code}, {"day", geo::codec::date_text(on)}}};
        Commune commune{{found[0][0].as<std::int32_t>(0)}, shape_of(found[0][1]), false};
        if (!commune.boundary.empty()) return commune;
        auto const later = sql.exec_params(
            "SELECT public.st_union(n.geom) FROM diaban.place_crosswalk x JOIN record.places n "
            "ON n.code = x.new_code AND n.level = 'commune' AND n.valid_from = "
            "x.effective::timestamp AT TIME ZONE INTERVAL '+07:00' WHERE x.old_code = $1 "
            "AND x.effective > $2::date",
            code, geo::codec::date_text(on));
        commune.boundary = shape_of(later[0][0]);
        commune.of_successors = !commune.boundary.empty();
        return commune;
    });
}

std::vector<geo::Position> SheetStore::corners_near(geo::Box const& box) const {
    if (box.empty()) return {};
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        std::vector<geo::Position> corners;
        for (auto const& row : sql.exec_params(
                 "SELECT public.st_x(d.geom), public.st_y(d.geom) FROM record.parcels p "
                 "JOIN land.parcel USING (fid), public.st_dumppoints(p.geom) d WHERE "
                 "p.geom OPERATOR(public.&&) public.st_makeenvelope($1, $2, $3, $4, 4326) "
                 "LIMIT 50000",
                 box.min_x, box.min_y, box.max_x, box.max_y))
            corners.push_back({row[0].as<double>(), row[1].as<double>()});
        return corners;
    });
}

SheetStore::Stored SheetStore::store(model::Sheet const& sheet,
                                     std::span<model::SheetParcel const> parcels,
                                     std::string const& who) const {
    constexpr std::size_t batch = 1000;
    return writing(m_pool, [&](pqxx::work& sql) {
        sql.exec_params1("SELECT set_config('diaban.who', $1, true), "
                         "set_config('diaban.why', $2, true)",
                         who, sheet.file);
        refuse_taken_identifiers(sql, parcels);
        auto const id = insert_sheet(sql, sheet);
        for (std::size_t begin = 0; begin < parcels.size(); begin += batch) {
            Json rows = Json::array();
            for (auto i = begin; i < std::min(parcels.size(), begin + batch); ++i)
                rows.push_back(json_of(parcels[i]));
            sql.exec_params(insert_parcels, rows.dump(), sheet.srid, sheet.commune_code,
                            geo::codec::date_text(sheet.drawn_on), sheet.number, id);
        }
        auto const cases = sql.exec_params(open_cases, id, sheet.scale);
        return Stored{parcels.size(), static_cast<std::size_t>(cases.affected_rows())};
    });
}

SheetStore::Kept SheetStore::sheet(std::string const& commune, std::int64_t number) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        auto const found = sql.exec_params(
            "SELECT id, srid, axes_swapped, scale, commune_from - DATE '1970-01-01', encoding, "
            "file "
            "FROM land.sheet WHERE commune_code = $1 AND number = $2 ORDER BY commune_from DESC",
            commune, number);
        if (found.empty())
            throw Error{Code::not_found,
                        "unknown-sheet",
                        {{"value", std::to_string(number)}, {"commune", commune}}};
        Kept kept;
        kept.sheet = {.commune_code = commune,
                      .commune_from = {found[0][4].as<std::int32_t>()},
                      .number = number,
                      .srid = found[0][1].as<std::int32_t>(),
                      .axes_swapped = found[0][2].as<bool>(),
                      .scale = found[0][3].as<std::int32_t>(),
                      .file = found[0][6].c_str(),
                      .encoding = found[0][5].c_str()};
        for (auto const& row : sql.exec_params(
                 "SELECT parcel_number, land_use, legal_area_m2, projected_area_m2, area_m2, "
                 "geohash, source_geom, geom FROM record.parcels JOIN land.parcel k USING (fid) "
                 "WHERE k.sheet = $1 AND valid_to IS NULL ORDER BY parcel_number",
                 found[0][0].as<std::int64_t>())) {
            model::SheetParcel parcel;
            parcel.number = row[0].as<std::int64_t>();
            parcel.land_use = row[1].is_null() ? "" : row[1].c_str();
            if (!row[2].is_null()) parcel.legal_area_m2 = row[2].as<double>();
            parcel.projected_area_m2 = row[3].as<double>();
            parcel.ellipsoidal_area_m2 = row[4].as<double>(0);
            parcel.identifier = row[5].c_str();
            parcel.source = shape_of(row[6]);
            parcel.place = shape_of(row[7]);
            kept.parcels.push_back(std::move(parcel));
        }
        return kept;
    });
}

SheetStore::Coverage SheetStore::coverage(std::string const& commune) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        Coverage coverage;
        auto const usual = sql.exec_params(
            "SELECT s.srid, max(s.scale) FROM land.sheet s JOIN land.parcel k ON k.sheet = s.id "
            "WHERE s.commune_code = $1 GROUP BY s.srid ORDER BY count(*) DESC LIMIT 1",
            commune);
        if (usual.empty())
            throw Error{Code::not_found, "unknown-commune", {{"value", commune}, {"day", ""}}};
        coverage.srid = usual[0][0].as<std::int32_t>();
        coverage.scale = usual[0][1].as<std::int32_t>();
        for (auto const& row : sql.exec_params(
                 "SELECT p.fid, p.sheet, p.parcel_number, p.source_geom FROM record.parcels p "
                 "JOIN land.parcel k USING (fid) JOIN land.sheet s ON s.id = k.sheet "
                 "WHERE s.commune_code = $1 AND p.valid_to IS NULL ORDER BY p.fid",
                 commune)) {
            auto shape = shape_of(row[3]);
            if (shape.srid != coverage.srid)
                geo::Transform::between(shape.srid, coverage.srid).apply(shape.positions);
            auto const number = row[1].as<std::int64_t>();
            auto const known = std::ranges::find(coverage.sheets, number);
            auto const index = static_cast<std::uint32_t>(known - coverage.sheets.begin());
            if (known == coverage.sheets.end()) coverage.sheets.push_back(number);
            coverage.parcels.add(shape, index, row[2].as<std::int64_t>());
            coverage.fids.push_back(row[0].as<std::int64_t>());
        }
        return coverage;
    });
}

void SheetStore::keep_faults(std::string const& commune, Coverage const& coverage,
                             std::span<geo::cadastre::TopologyFinding const> findings) const {
    constexpr double mark = 0.5; // m: points become squares that the map can show
    Json rows = Json::array();
    auto const to_world = geo::Transform::between(coverage.srid, 4326);
    for (auto const& finding : findings) {
        auto place = finding.place;
        if (place.kind == geo::GeometryKind::point) {
            auto const p = place.positions.front();
            place = {.kind = geo::GeometryKind::polygon,
                     .multi = false,
                     .srid = 0,
                     .positions = {{p.x - mark, p.y - mark},
                                   {p.x + mark, p.y - mark},
                                   {p.x + mark, p.y + mark},
                                   {p.x - mark, p.y + mark},
                                   {p.x - mark, p.y - mark}},
                     .path_ends = {5},
                     .part_ends = {1}};
        }
        to_world.apply(place.positions);
        place.srid = 4326;
        std::string parcels;
        for (auto const parcel : finding.parcels)
            parcels += (parcels.empty() ? "" : ", ") +
                       std::to_string(coverage.sheets[coverage.parcels.sheet[parcel]]) + "/" +
                       std::to_string(coverage.parcels.number[parcel]);
        rows.push_back({{"kind", name_of(finding.fault)},
                        {"size", finding.size},
                        {"sheet", coverage.sheets.empty() ? 0 : coverage.sheets[finding.sheet]},
                        {"parcels", parcels},
                        {"geom", shape_text(place)}});
    }
    writing(m_pool, [&](pqxx::work& sql) {
        sql.exec("SELECT land.open_faults()");
        sql.exec_params("DELETE FROM record.topology_faults WHERE commune_code = $1", commune);
        sql.exec_params(
            "INSERT INTO record.topology_faults (geom, scope, kind, size, commune_code, "
            "sheet, parcels) SELECT geom::public.geometry, $2, kind, size, $2, sheet, "
            "parcels FROM jsonb_to_recordset($1::jsonb) AS f (kind text, size float8, "
            "sheet bigint, parcels text, geom text)",
            rows.dump(), commune);
    });
}

} // namespace diaban::data::postgis
