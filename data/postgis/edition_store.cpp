#include "data/postgis/edition_store.hpp"

#include "data/postgis/edition_rows.hpp"
#include "data/postgis/land_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace diaban::data::postgis {

namespace {

using Json = nlohmann::json;

constexpr std::size_t batch = 1000; // rows a statement

std::optional<double> number(pqxx::field const& field) {
    return field.is_null() ? std::nullopt : std::optional{field.as<double>()};
}

std::vector<std::int64_t> new_fids(pqxx::work& sql, std::string const& collection,
                                   std::size_t count) {
    std::vector<std::int64_t> fids;
    for (auto const& row : sql.exec_params(
             "SELECT nextval(format('diaban.%I', $1 || '_fid')) FROM generate_series(1, $2)",
             collection, count))
        fids.push_back(row[0].as<std::int64_t>());
    return fids;
}

void insert_lots(pqxx::work& sql, model::Edition const& edition,
                 model::Collection const& collection, std::span<model::NewLot const> rows,
                 std::vector<std::int64_t> const& fids) {
    std::string columns = "fid, geom, source_srid, scope, valid_from";
    for (auto const& field : collection.schema.fields)
        if (!is_validity(field)) columns += ", " + postgis::quoted(field.name);
    auto const statement =
        "INSERT INTO " + table_of(edition.collection) + " (" + columns + ") SELECT " + columns +
        " FROM jsonb_populate_recordset(NULL::" + table_of(edition.collection) + ", $1::jsonb)";
    auto const since = geo::codec::date_text(edition.since) + "T00:00:00+07:00";
    for (std::size_t begin = 0; begin < rows.size(); begin += batch) {
        Json lots = Json::array();
        for (auto i = begin; i < std::min(rows.size(), begin + batch); ++i)
            lots.push_back(lot_json(rows[i], fids[i], since, collection.schema));
        sql.exec_params(statement, lots.dump());
    }
}

std::int64_t insert_edition(pqxx::work& sql, model::Edition const& edition, std::size_t lots) {
    return sql
        .exec_params1("INSERT INTO land.edition (collection, since, file, srid, step_x, step_y, "
                      "noise, lots, use_field) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
                      "RETURNING id",
                      edition.collection, geo::codec::date_text(edition.since), edition.file,
                      edition.srid, edition.step_x, edition.step_y, edition.noise, lots,
                      edition.use_field)[0]
        .as<std::int64_t>();
}

void end_lots(pqxx::work& sql, model::Edition const& edition,
              std::span<model::StandingLot const> lots) {
    std::vector<std::int64_t> fids;
    for (auto const& lot : lots) fids.push_back(lot.fid);
    sql.exec_params("UPDATE " + table_of(edition.collection) +
                        " SET valid_to = $2::date::timestamp AT TIME ZONE INTERVAL '+07:00' "
                        "WHERE fid = ANY ($1::bigint[])",
                    array_text(fids), geo::codec::date_text(edition.since));
}

/// Events with their links; an event's number is its place among them.
void insert_events(pqxx::work& sql, std::int64_t edition, EditionStore::Found const& found,
                   std::vector<std::int64_t> const& fids) {
    auto const& events = found.comparison.events;
    for (std::size_t begin = 0; begin < events.size(); begin += batch) {
        Json rows = Json::array();
        for (auto i = begin; i < std::min(events.size(), begin + batch); ++i)
            rows.push_back(event_json(events[i], found, fids));
        sql.exec_params(R"(
WITH given AS (
    SELECT row_number() OVER () AS number, g.* FROM jsonb_to_recordset($2::jsonb) AS g (
        kind text, parents bigint[], children bigint[], before float8, after float8, links jsonb)),
numbered AS (
    SELECT nextval(pg_get_serial_sequence('land.edition_event', 'id')) AS id, given.* FROM given),
made AS (
    INSERT INTO land.edition_event (id, edition, kind, parents, children, covered_before, covered_after)
    OVERRIDING SYSTEM VALUE SELECT id, $1, kind, parents, children, before, after FROM numbered)
INSERT INTO land.edition_link (event, parent, child, of_parent, of_child, moved_m, same_id)
SELECT id, l.* FROM numbered, jsonb_to_recordset(links) AS l (
    parent bigint, child bigint, of_parent float8, of_child float8, moved float8, same boolean))",
                        edition, rows.dump());
    }
    Json purposes = Json::array();
    for (auto const& change : found.comparison.purposes)
        purposes.push_back({{"parent", found.before[change.before].fid},
                            {"child", fids[change.after]},
                            {"lot", found.after[change.after].id},
                            {"was", found.before[change.before].use},
                            {"is", found.after[change.after].use}});
    sql.exec_params("INSERT INTO land.edition_purpose (edition, parent, child, lot, use_before, "
                    "use_after) SELECT $1, p.* FROM jsonb_to_recordset($2::jsonb) AS p (parent "
                    "bigint, child bigint, lot text, was text, \"is\" text)",
                    edition, purposes.dump());
}

void draw_changes(pqxx::work& sql, model::Edition const& edition, EditionStore::Found const& found,
                  std::span<model::NewLot const> rows) {
    auto const changes =
        sql.exec_params1("SELECT land.open_changes($1)", edition.collection)[0].as<std::string>();
    auto const features = change_features(found, rows, edition.noise);
    for (std::size_t begin = 0; begin < features.size(); begin += batch) {
        Json some = Json::array();
        for (auto i = begin; i < std::min(features.size(), begin + batch); ++i)
            some.push_back(features[i]);
        sql.exec_params(
            "INSERT INTO " + table_of(changes) +
                " (geom, valid_from, kind, before, after, lots_before, lots_after, use_before, "
                "use_after, covered_before, covered_after, moved_m, noise_m, same_id, evidence) "
                "SELECT public.st_multi(geom), $2::date::timestamp AT TIME ZONE INTERVAL '+07:00', "
                "kind, before, after, lots_before, lots_after, use_before, use_after, "
                "covered_before, covered_after, moved_m, noise_m, same_id, evidence FROM "
                "jsonb_populate_recordset(NULL::" +
                table_of(changes) + ", $1::jsonb)",
            some.dump(), geo::codec::date_text(edition.since));
    }
}

std::vector<model::EditionStep> steps(pqxx::transaction_base& sql, std::string const& collection,
                                      std::int64_t fid, std::string const& here,
                                      std::string const& there, geo::Policy const& policy) {
    std::vector<model::EditionStep> found;
    for (auto const& row : sql.exec_params(
             "SELECT v.kind, e.since - DATE '1970-01-01', p.fid, l.of_parent, l.of_child, "
             "l.moved_m, e.noise, l.same_id FROM land.edition_link l JOIN land.edition_event v ON "
             "v.id = l.event JOIN land.edition e ON e.id = v.edition JOIN " +
                 table_of(collection) + " p ON p.fid = l." + there + " WHERE l." + here +
                 " = $1 AND e.collection = $2 AND (" + policy_condition(policy, "p") +
                 ") ORDER BY greatest(l.of_parent, l.of_child) DESC, p.fid LIMIT 1000",
             fid, collection))
        found.push_back({.kind = row[0].c_str(),
                         .since = {row[1].as<std::int32_t>()},
                         .fid = row[2].as<std::int64_t>(),
                         .of_parent = row[3].as<double>(),
                         .of_child = row[4].as<double>(),
                         .moved_m = number(row[5]),
                         .noise_m = number(row[6]),
                         .same_id = row[7].as<bool>()});
    return found;
}

} // namespace

std::optional<model::Edition> EditionStore::last(std::string const& collection) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) -> std::optional<model::Edition> {
        auto const rows = sql.exec_params(
            "SELECT id, since - DATE '1970-01-01', file, srid, step_x, step_y, noise FROM "
            "land.edition WHERE collection = $1 ORDER BY since DESC LIMIT 1",
            collection);
        if (rows.empty()) return std::nullopt;
        auto const& row = rows[0];
        return model::Edition{.id = row[0].as<std::int64_t>(),
                              .collection = collection,
                              .since = {row[1].as<std::int32_t>()},
                              .file = row[2].c_str(),
                              .use_field = {},
                              .srid = row[3].as<std::int32_t>(),
                              .step_x = number(row[4]),
                              .step_y = number(row[5]),
                              .noise = number(row[6])};
    });
}

std::vector<model::StandingLot> EditionStore::lots(std::string const& collection,
                                                   std::string const& id,
                                                   std::string const& use) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        std::vector<model::StandingLot> lots;
        for (auto const& row :
             sql.exec("SELECT fid, coalesce(" + postgis::quoted(id) + "::text, ''), " +
                      (use.empty() ? "''" : "coalesce(" + postgis::quoted(use) + "::text, '')") +
                      ", geom FROM " + table_of(collection) +
                      " WHERE valid_to IS NULL AND geom IS NOT NULL ORDER BY fid"))
            lots.push_back(
                {row[0].as<std::int64_t>(), row[1].c_str(), row[2].c_str(), shape_of(row[3])});
        return lots;
    });
}

void EditionStore::store(model::Edition const& edition, model::Collection const& collection,
                         std::span<model::NewLot const> rows, std::optional<Found> const& found,
                         std::optional<std::int64_t> before, std::string const& who) const {
    writing(m_pool, [&](pqxx::work& sql) {
        set_author(sql, who, edition.file);
        sql.exec_params("SELECT FROM diaban.collection WHERE id = $1 FOR UPDATE",
                        edition.collection);
        auto const newest = sql.exec_params1(
            "SELECT max(id) FROM land.edition WHERE collection = $1", edition.collection)[0];
        if (newest.as<std::int64_t>(0) != before.value_or(0))
            throw geo::Error{
                geo::Code::conflict, "edition-overtaken", {{"collection", edition.collection}}};
        auto const fids = new_fids(sql, edition.collection, rows.size());
        insert_lots(sql, edition, collection, rows, fids);
        auto const id = insert_edition(sql, edition, rows.size());
        if (!found) return;
        end_lots(sql, edition, found->before);
        insert_events(sql, id, *found, fids);
        draw_changes(sql, edition, *found, rows);
    });
}

model::EditionLineage EditionStore::lineage(std::string const& collection, std::int64_t fid,
                                            geo::Policy const& policy) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        model::EditionLineage lineage;
        lineage.parents = steps(sql, collection, fid, "child", "parent", policy);
        lineage.children = steps(sql, collection, fid, "parent", "child", policy);
        for (auto const& row : sql.exec_params(
                 "SELECT e.since - DATE '1970-01-01', p.fid, u.use_before, u.use_after, "
                 "e.use_field FROM "
                 "land.edition_purpose u JOIN land.edition e ON e.id = u.edition JOIN " +
                     table_of(collection) +
                     " p ON p.fid = CASE WHEN u.child = $1 THEN u.parent ELSE u.child END WHERE "
                     "$1 IN (u.parent, u.child) AND e.collection = $2 AND (" +
                     policy_condition(policy, "p") + ") ORDER BY e.since",
                 fid, collection))
            if (policy.sees_field(row[4].c_str())) // else it is as if the lot had no purpose
                lineage.purposes.push_back({{row[0].as<std::int32_t>()},
                                            row[1].as<std::int64_t>(),
                                            row[2].c_str(),
                                            row[3].c_str()});
        return lineage;
    });
}

} // namespace diaban::data::postgis
