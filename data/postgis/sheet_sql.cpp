#include "data/postgis/sheet_sql.hpp"

#include "data/postgis/land_sql.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace diaban::data::postgis {

namespace {

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
            {"address", or_null(parcel.address)},
            {"folded", or_null(folded(parcel.address))},
            {"identifier", parcel.identifier},
            {"source", shape_text(parcel.source)},
            {"place", shape_text(parcel.place)},
            {"lx", parcel.label ? Json(parcel.label->x) : Json{}},
            {"ly", parcel.label ? Json(parcel.label->y) : Json{}}};
}

/// One statement a batch: the rows, what the register knows besides, holders and certificates.
constexpr char insert_parcels[] = R"(
WITH given AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS g (
        number bigint, "use" text, legal float8, projected float8, ellipsoidal float8, holder text,
        certificate text, identifier text, source text, place text, lx float8, ly float8,
        address text, folded text)),
made AS (
    INSERT INTO record.parcels (geom, source_srid, source_geom, scope, valid_from, sheet,
        parcel_number, land_use, area_m2, legal_area_m2, commune_code, geohash, owner_name)
    SELECT place::public.geometry, $2::integer, source::public.geometry, $3::text,
           $4::date::timestamp AT TIME ZONE INTERVAL '+07:00', $5::bigint, number, "use",
           ellipsoidal, legal, $3::text, identifier, holder
    FROM given RETURNING fid, parcel_number),
known AS (
    INSERT INTO land.parcel (fid, sheet, projected_area_m2, label_x, label_y, address,
        address_folded)
    SELECT fid, $6::bigint, projected, lx, ly, address, folded FROM made JOIN given ON number = parcel_number),
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
    FROM land.parcel k JOIN record.parcels p USING (fid) CROSS JOIN rule
    WHERE k.sheet = $1 AND (p.valid_to IS NULL OR p.valid_to > now()))
INSERT INTO land.correction_case (fid, legal_m2, computed_m2, allowed_m2)
SELECT fid, legal, computed, allowed FROM judged WHERE abs(legal - computed) > allowed
ON CONFLICT (fid, kind) DO UPDATE SET legal_m2 = excluded.legal_m2,
    computed_m2 = excluded.computed_m2, allowed_m2 = excluded.allowed_m2)";

} // namespace

void insert_sheet_parcels(pqxx::work& sql, model::Sheet const& sheet, std::int64_t id,
                          std::span<model::SheetParcel const> parcels) {
    constexpr std::size_t batch = 1000;
    for (std::size_t begin = 0; begin < parcels.size(); begin += batch) {
        Json rows = Json::array();
        for (auto i = begin; i < std::min(parcels.size(), begin + batch); ++i)
            rows.push_back(json_of(parcels[i]));
        sql.exec_params(insert_parcels, rows.dump(), sheet.srid, sheet.commune_code,
                        geo::codec::date_text(sheet.drawn_on), sheet.number, id);
    }
}

std::size_t open_area_cases(pqxx::work& sql, std::int64_t sheet, std::int32_t scale) {
    return static_cast<std::size_t>(sql.exec_params(open_cases, sheet, scale).affected_rows());
}

double vertex_tolerance(pqxx::transaction_base& sql, std::int32_t scale) {
    auto const rows = sql.exec_params(
        "SELECT value FROM land.rule WHERE id = 'vertex-tolerance' AND scale >= $1 AND "
        "(now() AT TIME ZONE INTERVAL '+07:00')::date BETWEEN valid_from AND valid_to ORDER BY "
        "scale LIMIT 1",
        scale);
    if (rows.empty())
        throw geo::Error{geo::Code::not_found,
                         "no-rule",
                         {{"value", "vertex-tolerance 1:" + std::to_string(scale)}}};
    return rows[0][0].as<double>();
}

} // namespace diaban::data::postgis
