#include "data/postgis/pack_store.hpp"

#include "data/postgis/access_sql.hpp"
#include "data/postgis/pack_sql.hpp"
#include "data/postgis/selection.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

namespace diaban::data::postgis {

namespace {

using model::FieldValues;
using model::PackRow;

/// Whether a row `t` lies in the area of parameters $1 (communes) to $5; `of_communes` says when it
/// is of those. A box is tried by itself: its index is not used behind an "or".
std::string lies_there(model::PackArea const& area, std::string_view of_communes) {
    if (!area.communes.empty())
        return "ST_MakeEnvelope($2, $3, $4, $5, 4326) IS NULL AND " + std::string{of_communes};
    return "$1::text[] = '{}' AND t.geom && ST_MakeEnvelope($2, $3, $4, $5, 4326) AND "
           "ST_Intersects(t.geom, ST_MakeEnvelope($2, $3, $4, $5, 4326))";
}

std::vector<PackRow> rows_there(pqxx::transaction_base& sql, model::Collection const& collection,
                                geo::Policy const& policy, model::PackArea const& area,
                                std::string const& condition) {
    set_policy(sql, policy);
    Selection const selection{collection, policy, model::Personal::masked};
    std::optional<double> west, south, east, north;
    if (area.communes.empty())
        west = area.box.min_x, south = area.box.min_y, east = area.box.max_x,
        north = area.box.max_y;
    std::vector<PackRow> rows;
    for (auto const row :
         sql.exec_params("SELECT " + std::string{stamp_columns()} + ", " + selection.columns() +
                             selection.from() + "WHERE " + condition + " AND " +
                             selection.visible() + " ORDER BY t.fid LIMIT $6",
                         array_text(area.communes), west, south, east, north,
                         static_cast<std::int64_t>(model::most_pack_rows) + 1))
        rows.push_back({selection.feature(row, 2), stamp_of(row)});
    if (rows.size() > model::most_pack_rows)
        throw geo::Error{geo::Code::too_large,
                         "pack-too-large",
                         {{"collection", collection.schema.id},
                          {"accepted", std::to_string(model::most_pack_rows)}}};
    return rows;
}

std::vector<geo::Feature> photos_of(pqxx::transaction_base& sql,
                                    model::Collection const& collection, geo::Policy const& policy,
                                    std::vector<PackRow> const& cases) {
    std::vector<std::int64_t> fids;
    for (auto const& one : cases) fids.push_back(one.feature.fid);
    set_policy(sql, policy);
    Selection const selection{collection, policy, model::Personal::masked};
    return selection.features(sql.exec_params("SELECT " + selection.columns() + selection.from() +
                                                  "WHERE t.inspection = ANY ($1::bigint[]) AND " +
                                                  selection.visible() + " ORDER BY t.fid LIMIT $2",
                                              array_text(fids),
                                              static_cast<std::int64_t>(model::most_pack_rows)));
}

model::PackEntry entry_of(pqxx::row const& row) {
    model::PackEntry entry;
    entry.id = row[0].as<std::string>();
    entry.login = row[1].as<std::string>();
    entry.area = row[2].as<std::string>();
    entry.made_at = {row[3].as<std::int64_t>()};
    if (!row[4].is_null()) entry.returned_at = geo::Instant{row[4].as<std::int64_t>()};
    entry.open = row[5].as<std::int64_t>();
    return entry;
}

/// Packs `p` that are the login's ($1) or have a conflict that the policy of cases sees.
std::string entries(geo::Policy const& cases) {
    auto const seen = "(SELECT count(*) FILTER (WHERE k.take IS NULL) AS open, count(*) AS seen "
                      "FROM land.pack_conflict AS k JOIN record.inspection_cases AS c ON c.fid = "
                      "k.inspection AND (" +
                      policy_condition(cases, "c") + ") WHERE k.pack = p.id)";
    return "SELECT p.id, p.login, p.area, " + microseconds("p.made_at") + ", " +
           microseconds("p.returned_at") + ", n.open FROM land.pack AS p CROSS JOIN LATERAL " +
           seen + " AS n WHERE (p.login = $1 OR n.seen > 0)";
}

model::PackConflict conflict_of(pqxx::row const& row) {
    model::PackConflict conflict;
    conflict.number = row[0].as<std::int64_t>();
    conflict.inspection = row[1].as<std::int64_t>();
    conflict.base = model::field_values(view(row[2]));
    conflict.field = model::field_values(view(row[3]));
    conflict.arrived_at = {row[4].as<std::int64_t>()};
    conflict.take = row[5].as<std::string>();
    conflict.settled_by = row[6].as<std::string>();
    if (!row[7].is_null()) conflict.settled_at = geo::Instant{row[7].as<std::int64_t>()};
    conflict.state = row[8].as<std::string>();
    conflict.record = values_of(row, 9);
    return conflict;
}

} // namespace

FieldValues values_of(pqxx::row const& row, pqxx::row::size_type first) {
    FieldValues values;
    values.finding = row[first].as<std::string>("");
    if (!row[first + 1].is_null()) values.measured_m2 = row[first + 1].as<double>();
    if (!row[first + 2].is_null()) values.error_m2 = row[first + 2].as<double>();
    if (!row[first + 3].is_null())
        values.answers =
            model::field_values("{\"answers\":" + row[first + 3].as<std::string>() + "}").answers;
    return values;
}

bool is_uuid(std::string_view text) noexcept {
    constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (text.size() != form.size()) return false;
    for (std::size_t i = 0; i < form.size(); ++i) {
        bool const digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (form[i] == '-' ? text[i] != '-' : !digit) return false;
    }
    return true;
}

geo::Error no_pack(std::string const& id) {
    return {geo::Code::not_found, "no-pack", {{"value", id.substr(0, 64)}}};
}

std::vector<std::string> PackStore::communes_of(std::string const& code) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        std::vector<std::string> codes{code};
        for (auto const row : sql.exec_params(
                 "SELECT DISTINCT old_code FROM diaban.place_crosswalk WHERE new_code = $1 AND "
                 "old_code <> '' AND old_code <> $1 ORDER BY 1 LIMIT 100",
                 code))
            codes.push_back(row[0].as<std::string>());
        return codes;
    });
}

model::PackContent PackStore::content(model::PackArea const& area, Collections const& collections,
                                      Policies const& policies) const {
    using Snapshot = pqxx::transaction<pqxx::repeatable_read, pqxx::readwrite_policy::read_only>;
    return reading<Snapshot>(m_pool, [&](pqxx::transaction_base& sql) {
        model::PackContent content;
        if (collections.parcels != nullptr)
            content.parcels = rows_there(
                sql, *collections.parcels, policies.parcels, area,
                lies_there(area, "t.commune_code = ANY ($1::text[])") +
                    " AND t.geom IS NOT NULL AND (t.valid_to IS NULL OR t.valid_to > now())");
        content.cases =
            rows_there(sql, *collections.cases, policies.cases, area,
                       lies_there(area, "(t.scope = ANY ($1::text[]) OR t.parcel IN (SELECT "
                                        "p.fid FROM record.parcels AS p WHERE p.commune_code = "
                                        "ANY ($1::text[])))") +
                           " AND t.state <> 'closed'");
        if (collections.photos != nullptr)
            content.photos = photos_of(sql, *collections.photos, policies.photos, content.cases);
        return content;
    });
}

std::vector<std::string> PackStore::checklists() const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        std::vector<std::string> lists;
        for (auto const row : sql.exec("SELECT items FROM land.checklist ORDER BY since DESC"))
            lists.push_back(row[0].as<std::string>());
        return lists;
    });
}

void PackStore::give_out(std::string const& id, std::string const& login, std::string const& area,
                         std::vector<model::GivenCase> const& cases) const {
    writing(m_pool, [&](pqxx::work& sql) {
        sql.exec_params("INSERT INTO land.pack (id, login, area) VALUES ($1, $2, $3) ON CONFLICT "
                        "(id) DO UPDATE SET made_at = now()",
                        id, login, area);
        std::vector<std::int64_t> fids, versions, instants;
        std::vector<std::string> given;
        for (auto const& one : cases) {
            fids.push_back(one.fid);
            versions.push_back(one.stamp.version);
            instants.push_back(one.stamp.recorded_at.microseconds);
            given.push_back(model::json_of(one.values));
        }
        sql.exec_params("INSERT INTO land.pack_case (pack, inspection, version, recorded_at, "
                        "given) SELECT $1, g.fid, g.version, " +
                            instant_of("g.recorded") +
                            ", g.given::jsonb FROM unnest($2::bigint[], $3::bigint[], "
                            "$4::bigint[], $5::text[]) AS g(fid, version, recorded, given) ON "
                            "CONFLICT (pack, inspection) DO UPDATE SET version = "
                            "excluded.version, recorded_at = excluded.recorded_at, given = "
                            "excluded.given",
                        id, array_text(fids), array_text(versions), array_text(instants),
                        array_text(given));
    });
}

bool PackStore::is_spent(std::string const& id) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        return sql.exec_params("SELECT FROM land.pack WHERE id = $1 AND returned_at IS NULL", id)
            .empty();
    });
}

std::vector<model::PackEntry> PackStore::packs(std::string const& login, geo::Policy const& cases,
                                               std::uint32_t limit) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, cases);
        std::vector<model::PackEntry> list;
        for (auto const row :
             sql.exec_params(entries(cases) + " ORDER BY p.made_at DESC, p.id LIMIT $2", login,
                             std::int64_t{limit}))
            list.push_back(entry_of(row));
        return list;
    });
}

PackStore::Found PackStore::pack(std::string const& id, std::string const& login,
                                 geo::Policy const& cases) const {
    if (!is_uuid(id)) throw no_pack(id);
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, cases);
        auto const rows = sql.exec_params(entries(cases) + " AND p.id = $2", login, id);
        if (rows.empty()) throw no_pack(id);
        Found found{entry_of(rows[0]), {}};
        for (auto const row : sql.exec_params(
                 "SELECT k.number, k.inspection, k.base, k.field, " + microseconds("k.arrived_at") +
                     ", coalesce(k.take, ''), coalesce(k.settled_by, ''), " +
                     microseconds("k.settled_at") + ", c.state, " + std::string{value_columns} +
                     " FROM land.pack_conflict AS k JOIN record.inspection_cases AS c ON c.fid = "
                     "k.inspection AND (" +
                     policy_condition(cases, "c") +
                     ") WHERE k.pack = $1 ORDER BY k.number LIMIT 1000",
                 id))
            found.conflicts.push_back(conflict_of(row));
        return found;
    });
}

} // namespace diaban::data::postgis
