#include "data/postgis/land_store.hpp"

#include "data/postgis/land_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/codec/rfc3339.hpp"

#include <utility>

namespace diaban::data::postgis {

namespace {

using model::Parcel;
using model::ParcelFile;
using model::ParcelQuery;

constexpr char parcel_columns[] =
    "p.fid, p.version, p.geohash, p.commune_code, p.sheet, p.parcel_number, p.land_use, "
    "p.legal_area_m2, k.projected_area_m2, p.area_m2, "
    "(extract(epoch FROM p.valid_from) * 1000000)::bigint, "
    "(extract(epoch FROM p.valid_to) * 1000000)::bigint, k.address, p.geom";
constexpr int parcel_column_count = 14;

Parcel parcel_of(pqxx::row const& row) {
    auto const text = [&](int i) {
        return row[i].is_null() ? std::string{} : std::string{row[i].c_str()};
    };
    auto const number = [&](int i) {
        return row[i].is_null() ? std::nullopt : std::optional{row[i].as<double>()};
    };
    auto const instant = [&](int i) {
        return row[i].is_null() ? std::nullopt
                                : std::optional{geo::Instant{row[i].as<std::int64_t>()}};
    };
    return {.fid = row[0].as<std::int64_t>(),
            .version = row[1].as<std::int64_t>(),
            .identifier = text(2),
            .commune_code = text(3),
            .sheet = row[4].as<std::int64_t>(0),
            .number = row[5].as<std::int64_t>(0),
            .land_use = text(6),
            .legal_area_m2 = number(7),
            .projected_area_m2 = number(8),
            .ellipsoidal_area_m2 = number(9),
            .valid_from = instant(10),
            .valid_to = instant(11),
            .address = text(12),
            .place = shape_of(row[13])};
}

std::string instant_text(geo::Instant const& at) {
    std::string text;
    geo::codec::append_instant(text, at);
    return text;
}

/// The register's rows under the alias `p`, or those known at the instant `recorded`, an
/// expression.
std::string rows_known(std::string const& recorded) {
    if (recorded.empty()) return "record.parcels p";
    std::string const columns =
        "fid, version, geom, source_geom, geohash, commune_code, sheet, parcel_number, land_use, "
        "area_m2, legal_area_m2, valid_from, valid_to, scope, sensitivity";
    return "(SELECT " + columns + " FROM record.parcels WHERE recorded_at <= " + recorded +
           " UNION ALL SELECT " + columns +
           " FROM record.parcels_history WHERE tstzrange(recorded_at, greatest(recorded_at, "
           "ended_at)) @> " +
           recorded + ") p";
}

/// A statement that grows with what is asked.
class Search {
public:
    Search(ParcelQuery const& query, geo::Policy const& policy) {
        if (query.fid) where("p.fid = " + add(std::to_string(*query.fid)) + "::bigint");
        if (query.identifier) where("p.geohash = " + add(*query.identifier));
        if (query.number)
            where("p.parcel_number = " + add(std::to_string(*query.number)) + "::bigint");
        if (query.sheet || !query.communes.empty()) by_sheet(query);
        if (query.certificate)
            where("p.fid IN (SELECT diaban_heirs FROM land.heirs(" + add(*query.certificate) +
                  ") AS diaban_heirs)");
        if (query.holder) {
            auto const name = add(*query.holder);
            where(
                "p.fid IN (SELECT r.fid FROM land.use_right r JOIN land.party y ON y.id = r.party "
                "WHERE y.name = " +
                name + " OR y.reference = " + name + ")");
        }
        if (query.address)
            where("p.fid IN (SELECT w.fid FROM land.parcel w WHERE "
                  "to_tsvector('simple'::regconfig, w.address_folded) @@ "
                  "plainto_tsquery('simple'::regconfig, " +
                  add(folded(*query.address)) + "))");
        if (query.land_use) where("p.land_use = " + add(*query.land_use));
        if (query.area_from)
            where("p.legal_area_m2 >= " + add(std::to_string(*query.area_from)) + "::float8");
        if (query.area_to)
            where("p.legal_area_m2 <= " + add(std::to_string(*query.area_to)) + "::float8");
        if (query.at) {
            auto const point = "public.st_setsrid(public.st_makepoint(" + add(exact(query.at->x)) +
                               "::float8, " + add(exact(query.at->y)) + "::float8), 4326)";
            where("p.geom OPERATOR(public.&&) " + point + " AND public.st_intersects(p.geom, " +
                  point + ")");
        }
        // A name finds its parcel whenever that was.
        if (query.at_time || !(query.fid || query.identifier)) in_force(query);
        where(policy_condition(policy, "p"));
        auto const known =
            query.recorded ? add(instant_text(*query.recorded)) + "::timestamptz" : std::string{};
        m_sql = std::string{"SELECT "} + parcel_columns + " FROM " + rows_known(known) +
                " LEFT JOIN land.parcel k USING (fid) WHERE " + m_where +
                " ORDER BY p.valid_to IS NOT NULL, p.sheet, p.parcel_number, p.commune_code, p.fid "
                "LIMIT " +
                add(std::to_string(query.limit));
    }

    pqxx::result run(pqxx::transaction_base& sql) const {
        return sql.exec_params(m_sql, pqxx::prepare::make_dynamic_params(m_values));
    }

private:
    static std::string exact(double value) { return pqxx::to_string(value); }
    std::string add(std::string value) {
        m_values.push_back(std::move(value));
        return "$" + std::to_string(m_values.size());
    }
    void where(std::string const& condition) {
        m_where += (m_where.empty() ? "(" : " AND (") + condition + ")";
    }

    /// Its own sheet in one of the communes, or a sheet that is called so since a merger.
    void by_sheet(ParcelQuery const& query) {
        auto const communes =
            query.communes.empty() ? std::string{} : add(array_text(query.communes)) + "::text[]";
        std::string own = communes.empty() ? "true" : "p.commune_code = ANY (" + communes + ")";
        if (!query.sheet) return where(own);
        auto const sheet = add(std::to_string(*query.sheet)) + "::bigint";
        auto const called = "FROM land.sheet_alias a WHERE a.new_sheet = " + sheet;
        // An array first, so that the index answers; then which of them are meant.
        where("p.sheet = ANY (ARRAY(SELECT " + sheet + " UNION SELECT a.sheet " + called + "))");
        where("(p.sheet = " + sheet + " AND " + own +
              ") OR (p.sheet, p.commune_code) IN (SELECT a.sheet, a.commune_code FROM "
              "land.sheet_alias a WHERE a.new_sheet = " +
              sheet + (communes.empty() ? "" : " AND a.new_commune_code = ANY (" + communes + ")") +
              ")");
    }

    void in_force(ParcelQuery const& query) {
        auto const& at = query.at_time ? query.at_time : query.recorded;
        if (!at) return where("p.valid_to IS NULL OR p.valid_to > now()");
        auto const instant = add(instant_text(*at)) + "::timestamptz";
        where("coalesce(p.valid_from, '-infinity') <= " + instant +
              " AND coalesce(p.valid_to, 'infinity') > " + instant);
    }

    std::vector<std::string> m_values;
    std::string m_where;
    std::string m_sql;
};

/// Steps to or from a parcel; `here` and `there` are columns of land.lineage.
std::vector<model::LineageStep> lineage(pqxx::transaction_base& sql, std::int64_t fid,
                                        std::string const& here, std::string const& there,
                                        geo::Policy const& policy) {
    std::vector<model::LineageStep> steps;
    for (auto const& row : sql.exec_params(
             "SELECT c.id, c.kind, (extract(epoch FROM c.at) * 1000000)::bigint, d.number, "
             "d.issued_on - DATE '1970-01-01', u.id, p.fid, p.geohash, p.sheet, p.parcel_number "
             "FROM land.lineage l JOIN land.change c ON c.id = l.change "
             "JOIN land.document d ON d.id = c.document LEFT JOIN land.change u ON u.undoes = c.id "
             "JOIN record.parcels p ON p.fid = l." +
                 there + " WHERE l." + here + " = $1 AND (" + policy_condition(policy, "p") +
                 ") ORDER BY c.id, p.parcel_number",
             fid)) {
        model::LineageStep step;
        step.change = row[0].as<std::int64_t>();
        step.kind = row[1].c_str();
        step.at = {row[2].as<std::int64_t>()};
        step.document = row[3].c_str();
        step.issued_on = {row[4].as<std::int32_t>()};
        if (!row[5].is_null()) step.undone_by = row[5].as<std::int64_t>();
        step.fid = row[6].as<std::int64_t>();
        step.identifier = row[7].is_null() ? "" : row[7].c_str();
        step.sheet = row[8].as<std::int64_t>(0);
        step.number = row[9].as<std::int64_t>(0);
        steps.push_back(std::move(step));
    }
    return steps;
}

} // namespace

std::vector<Parcel> LandStore::search(ParcelQuery const& query, geo::Policy const& policy) const {
    Search const search{query, policy};
    bool const personal = query.holder || query.certificate;
    return reading(personal ? m_edits : m_reads, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<Parcel> found;
        for (auto const& row : search.run(sql)) found.push_back(parcel_of(row));
        return found;
    });
}

std::vector<std::string> LandStore::communes_of(std::string const& code) const {
    return reading(m_reads, [&](pqxx::transaction_base& sql) {
        std::vector<std::string> codes{code};
        for (auto const& row : sql.exec_params(
                 "SELECT DISTINCT old_code FROM diaban.place_crosswalk WHERE new_code = "
                 "$1 AND old_code <> '' AND old_code <> $1 ORDER BY 1 LIMIT 100",
                 code))
            codes.emplace_back(row[0].c_str());
        return codes;
    });
}

std::optional<ParcelFile> LandStore::file(std::int64_t fid, geo::Policy const& policy,
                                          std::optional<geo::Instant> recorded) const {
    return reading(m_reads, [&](pqxx::transaction_base& sql) -> std::optional<ParcelFile> {
        set_policy(sql, policy);
        auto const known = recorded ? "'" + instant_text(*recorded) + "'::timestamptz" : "";
        auto const rows =
            sql.exec_params(std::string{"SELECT "} + parcel_columns +
                                ", p.source_geom, s.srid, s.scale, s.drawn_on - DATE '1970-01-01', "
                                "EXISTS (SELECT FROM land.correction_case c WHERE c.fid = p.fid) "
                                "FROM " +
                                rows_known(known) +
                                " LEFT JOIN land.parcel k USING (fid) LEFT JOIN land.sheet s ON "
                                "s.id = k.sheet WHERE p.fid = $1 AND (" +
                                policy_condition(policy, "p") + ")",
                            fid);
        if (rows.empty()) return std::nullopt;
        constexpr int next = parcel_column_count;
        auto const& row = rows[0];
        ParcelFile file;
        file.parcel = parcel_of(row);
        if (!row[next + 1].is_null()) {
            file.source = shape_of(row[next]);
            file.srid = row[next + 1].as<std::int32_t>();
            file.scale = row[next + 2].as<std::int32_t>();
            file.drawn_on = {row[next + 3].as<std::int32_t>()};
        }
        file.correction_case = row[next + 4].as<bool>();
        file.restrictions = restrictions_on(sql, fid);
        file.parents = lineage(sql, fid, "child", "parent", policy);
        file.children = lineage(sql, fid, "parent", "child", policy);
        return file;
    });
}

std::vector<LandStore::Neighbour> LandStore::around(geo::Box const& box, std::int64_t but,
                                                    geo::Policy const& policy,
                                                    Moment const& moment) const {
    return reading(m_reads, [&](pqxx::transaction_base& sql) {
        set_policy(sql, policy);
        std::vector<Neighbour> found;
        auto const literal = [](geo::Instant const& at) {
            return "'" + instant_text(at) + "'::timestamptz";
        };
        auto const known = moment.recorded ? literal(*moment.recorded) : std::string{};
        auto const at = moment.in_force ? literal(*moment.in_force) : std::string{"now()"};
        for (auto const& row : sql.exec_params(
                 "SELECT p.fid, p.parcel_number, p.land_use, p.geom FROM " + rows_known(known) +
                     " WHERE p.geom OPERATOR(public.&&) public.st_makeenvelope($1, $2, $3, $4, "
                     "4326) AND p.fid <> $5 AND coalesce(p.valid_from, '-infinity') <= " +
                     at + " AND coalesce(p.valid_to, 'infinity') > " + at + " AND (" +
                     policy_condition(policy, "p") + ") ORDER BY p.fid LIMIT 500",
                 box.min_x, box.min_y, box.max_x, box.max_y, but))
            found.push_back({row[0].as<std::int64_t>(), row[1].as<std::int64_t>(0),
                             row[2].is_null() ? "" : row[2].c_str(), shape_of(row[3])});
        return found;
    });
}

std::string LandStore::keep_extract(std::string const& code, Parcel const& parcel,
                                    std::string const& statement) const {
    return writing(m_edits, [&](pqxx::work& sql) {
        sql.exec_params("INSERT INTO land.extract (code, fid, version, statement) VALUES ($1, $2, "
                        "$3, $4::jsonb) ON CONFLICT (fid, version) DO NOTHING",
                        code, parcel.fid, parcel.version, statement);
        return sql
            .exec_params1("SELECT code FROM land.extract WHERE fid = $1 AND version = $2",
                          parcel.fid, parcel.version)[0]
            .as<std::string>();
    });
}

std::optional<LandStore::Extract> LandStore::extract(std::string const& code) const {
    return reading(m_reads, [&](pqxx::transaction_base& sql) -> std::optional<Extract> {
        set_policy(sql, geo::Policy::everything()); // the paper is in the asker's hand
        auto const rows = sql.exec_params(
            "SELECT e.statement, (extract(epoch FROM e.made_at) * 1000000)::bigint, "
            "coalesce(p.version = e.version AND p.valid_to IS NULL, false) FROM land.extract e "
            "LEFT JOIN record.parcels p USING (fid) WHERE e.code = $1",
            code);
        if (rows.empty()) return std::nullopt;
        return Extract{rows[0][0].c_str(), {rows[0][1].as<std::int64_t>()}, rows[0][2].as<bool>()};
    });
}

} // namespace diaban::data::postgis
