#include "data/postgis/places.hpp"

#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/text_rows.hpp"
#include "geo/codec/rfc3339.hpp"

namespace diaban::data::postgis {
namespace {

using model::Place;
using model::Share;
using model::Succession;

/// First and last day, as field_expression counts them.
constexpr char const* first_day = "(p.valid_from AT TIME ZONE INTERVAL '+07:00')::date";
constexpr char const* last_day =
    "((p.valid_to - INTERVAL '1 microsecond') AT TIME ZONE INTERVAL '+07:00')::date";

std::string place_columns() {
    std::string const epoch = " - DATE '1970-01-01', ";
    return std::string{"p.fid, p.code, p.level, p.kind, p.name, p.full_name, p.full_name_en, "
                       "p.province_code, province.full_name, "} +
           first_day + epoch + last_day + epoch +
           "public.st_x(middle.point), public.st_y(middle.point), "
           "public.st_xmin(p.geom), public.st_ymin(p.geom), "
           "public.st_xmax(p.geom), public.st_ymax(p.geom)";
}

/// Beside each place: its province of the same time, and a point inside.
constexpr char const* beside =
    " LEFT JOIN LATERAL (SELECT v.full_name FROM record.places AS v "
    "WHERE v.code = p.province_code AND v.level = 'province' "
    "ORDER BY tstzrange(v.valid_from, v.valid_to) @> p.valid_from DESC, v.valid_from DESC LIMIT 1) "
    "AS province ON true "
    "LEFT JOIN LATERAL (SELECT public.st_pointonsurface(p.geom) AS point) AS middle ON true ";

std::optional<geo::Date> date_of(pqxx::field const& field) {
    if (field.is_null()) return std::nullopt;
    return geo::Date{field.as<std::int32_t>()};
}

double coordinate(pqxx::field const& field) {
    return std::get<double>(read_value(view(field), geo::FieldType::number));
}

Place place_of(pqxx::row const& row) {
    Place place;
    place.fid = row[0].as<std::int64_t>();
    place.code = view(row[1]);
    place.level = view(row[2]);
    place.kind = view(row[3]);
    place.name = view(row[4]);
    place.full_name = view(row[5]);
    place.full_name_en = view(row[6]);
    place.province_code = view(row[7]);
    place.province_name = view(row[8]);
    place.valid_from = date_of(row[9]);
    place.valid_to = date_of(row[10]);
    if (!row[11].is_null()) place.centre = {coordinate(row[11]), coordinate(row[12])};
    if (!row[13].is_null())
        place.box = {coordinate(row[13]), coordinate(row[14]), coordinate(row[15]),
                     coordinate(row[16])};
    return place;
}

std::vector<Place> places_of(pqxx::result const& rows) {
    std::vector<Place> places;
    places.reserve(rows.size());
    for (auto const row : rows) places.push_back(place_of(row));
    return places;
}

std::string date_text(std::optional<geo::Date> date) {
    return date ? geo::codec::date_text(*date) : std::string{};
}

constexpr char const* by_level =
    "CASE p.level WHEN 'province' THEN 1 WHEN 'district' THEN 2 ELSE 3 END";

/// $1 the text as typed, $2 the level or '', $3 the day or '', $4 the limit.
std::string search_statement(geo::Policy const& policy) {
    return "WITH asked AS MATERIALIZED (SELECT diaban.fold($1) AS folded, "
           "lower(normalize(btrim($1), NFC) COLLATE \"und-x-icu\") AS typed), "
           "found AS (SELECT p.*, CASE "
           "WHEN p.code = btrim($1) THEN 0 "
           "WHEN typed IN (lower(p.name COLLATE \"und-x-icu\"), "
           "lower(p.full_name COLLATE \"und-x-icu\")) THEN 1 "
           "WHEN folded IN (p.folded_name, p.folded_full_name) THEN 2 "
           "WHEN p.folded_name LIKE folded || '%' THEN 3 "
           "WHEN ' ' || p.folded_full_name LIKE '% ' || folded || '%' THEN 4 "
           "ELSE 5 END AS rank, "
           "(p.valid_to <= now()) IS TRUE AS former "
           "FROM record.places AS p, asked WHERE folded <> '' "
           "AND (p.folded_full_name LIKE '%' || folded || '%' OR p.code = btrim($1)) "
           "AND ($2 = '' OR p.level = $2) "
           "AND ($3 = '' OR ((p.valid_from IS NULL OR " +
           std::string{first_day} + " <= nullif($3, '')::date) AND (p.valid_to IS NULL OR " +
           last_day + " >= nullif($3, '')::date))) AND (" + policy_condition(policy, "p") +
           ") "
           "ORDER BY rank, former, " +
           by_level +
           ", p.full_name, p.valid_from DESC, p.fid "
           "LIMIT $4) "
           "SELECT " +
           place_columns() + " FROM found AS p" + beside + "ORDER BY p.rank, p.former, " +
           by_level + ", p.full_name, p.valid_from DESC, p.fid";
}

Succession succession_of(pqxx::row const& row) {
    Succession succession;
    succession.old_code = view(row[0]);
    succession.old_name = view(row[1]);
    succession.new_code = view(row[2]);
    auto const share = view(row[3]);
    succession.share = share == "whole"  ? Share::whole
                       : share == "same" ? Share::same
                       : share == "part" ? Share::part
                                         : Share::unknown;
    succession.note = view(row[4]);
    return succession;
}

std::vector<Succession> successions(Pool& pool, char const* column, std::string_view code,
                                    geo::Date effective) {
    return reading(pool, [&](auto& sql) {
        std::vector<Succession> found;
        for (auto const row : sql.exec_params(
                 std::string{"SELECT old_code, old_name, new_code, share, note "
                             "FROM diaban.place_crosswalk WHERE effective = $2::date AND "} +
                     column + " = $1 ORDER BY new_code, old_code, old_name",
                 std::string{code}, date_text(effective))) {
            found.push_back(succession_of(row));
            found.back().effective = effective;
        }
        return found;
    });
}

} // namespace

std::vector<Place> Places::search(PlaceQuery const& query, geo::Policy const& policy) const {
    return reading(m_pool, [&](auto& sql) {
        set_policy(sql, policy);
        return places_of(sql.exec_params(search_statement(policy), query.text, query.level,
                                         date_text(query.on), query.limit));
    });
}

std::vector<Place> Places::at(geo::Position point, std::optional<geo::Date> on,
                              geo::Policy const& policy) const {
    std::string const statement =
        "SELECT " + place_columns() + " FROM record.places AS p" + beside +
        "WHERE public.st_intersects(p.geom, public.st_point($1, $2, 4326)) AND "
        "CASE WHEN $3 = '' THEN (p.valid_from IS NULL OR p.valid_from <= now()) "
        "AND (p.valid_to IS NULL OR p.valid_to > now()) "
        "ELSE (p.valid_from IS NULL OR " +
        std::string{first_day} +
        " <= nullif($3, '')::date) "
        "AND (p.valid_to IS NULL OR " +
        last_day + " >= nullif($3, '')::date) END AND (" + policy_condition(policy, "p") +
        ") ORDER BY " + by_level + ", p.code";
    return reading(m_pool, [&](auto& sql) {
        set_policy(sql, policy);
        return places_of(
            sql.exec_params(statement, exact_text(point.x), exact_text(point.y), date_text(on)));
    });
}

std::vector<Succession> Places::became(std::string_view code, geo::Date effective) const {
    return successions(m_pool, "old_code", code, effective);
}

std::vector<Succession> Places::latest_crosswalk() const {
    return reading(m_pool, [&](auto& sql) {
        std::vector<Succession> found;
        for (auto const row :
             sql.exec("SELECT old_code, old_name, new_code, share, note, "
                      "effective - DATE '1970-01-01' FROM diaban.place_crosswalk WHERE effective = "
                      "(SELECT max(effective) FROM diaban.place_crosswalk) "
                      "ORDER BY new_code, old_code, old_name")) {
            found.push_back(succession_of(row));
            found.back().effective = geo::Date{row[5].template as<std::int32_t>()};
        }
        return found;
    });
}

std::vector<Succession> Places::made_of(std::string_view code, geo::Date effective) const {
    return successions(m_pool, "new_code", code, effective);
}

} // namespace diaban::data::postgis
