#include "data/postgis/sheet_store.hpp"

#include "data/postgis/land_sql.hpp"
#include "data/postgis/sheet_sql.hpp"
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
    return writing(m_pool, [&](pqxx::work& sql) {
        set_author(sql, who, sheet.file);
        refuse_taken_identifiers(sql, parcels);
        auto const id = insert_sheet(sql, sheet);
        insert_sheet_parcels(sql, sheet, id, parcels);
        return Stored{parcels.size(), open_area_cases(sql, id, sheet.scale)};
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

} // namespace diaban::data::postgis
