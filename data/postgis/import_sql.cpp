#include "data/postgis/import_sql.hpp"

#include "data/postgis/sql_text.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <utility>

namespace diaban::data::postgis {
namespace {

using geo::Code;
using geo::Error;

void need_field(geo::Schema const& schema, std::string const& name) {
    bool const known = std::any_of(schema.fields.begin(), schema.fields.end(),
                                   [&](geo::Field const& field) { return field.name == name; });
    if (!known) throw Error{Code::bad_input, "unknown-field", {{"field", name}}};
}

std::string joined(std::vector<std::string> const& parts, std::string const& before,
                   std::string const& between) {
    std::string text;
    for (auto const& part : parts) text += (text.empty() ? "" : between) + before + part;
    return text;
}

/// Of the table `t`: no copy of another server's row. A fid is 10 bits shard, 43 bits number.
std::string own_row() {
    return "(t.fid >> 43) NOT IN (SELECT shard FROM diaban.neighbour)";
}

} // namespace

ImportSql::ImportSql(model::Collection const& collection, ImportOptions const& options)
    : m_table{table_of(collection.schema.id)}, m_history{table_of(collection.schema.id +
                                                                  "_history")},
      m_staged{options.mode == ImportMode::upsert ||
               (options.mode == ImportMode::replace && !options.key.empty())},
      m_keeps_absent{options.mode == ImportMode::upsert}, m_keeps_source{collection.keeps_source} {
    auto const& schema = collection.schema;
    if (options.mode == ImportMode::upsert && options.key.empty())
        throw Error{Code::bad_input, "key-needed", {{"collection", schema.id}}};
    for (auto const& name : options.fields) need_field(schema, name);
    for (auto const& name : options.key) {
        need_field(schema, name);
        m_key.push_back(quoted(name));
    }
    if (options.with_fids) m_columns.emplace_back("fid");
    m_columns.insert(m_columns.end(), {"geom", "source_srid"});
    if (m_keeps_source) m_columns.emplace_back("source_geom");
    m_columns.insert(m_columns.end(), {"scope", "sensitivity", "valid_from", "valid_to"});
    auto const speaks = [&](std::string const& name) {
        return !m_keeps_absent || options.fields.empty() ||
               std::find(options.fields.begin(), options.fields.end(), name) !=
                   options.fields.end();
    };
    for (auto const& field : schema.fields) {
        if (is_validity(field))
            m_validity_is_field = true;
        else
            m_columns.push_back(quoted(field.name));
        if (speaks(field.name)) m_spoken.push_back(quoted(field.name));
    }
}

std::string ImportSql::copy() const {
    return "COPY " + (m_staged ? stage() : m_table) + " (" + joined(m_columns, "", ", ") +
           ") FROM STDIN (FORMAT binary)";
}

std::string ImportSql::create_stage() const {
    return "CREATE TEMPORARY TABLE import_stage ON COMMIT DROP AS SELECT " +
           joined(m_columns, "", ", ") + " FROM " + m_table + " WITH NO DATA";
}

std::string ImportSql::take_alone() const {
    return "DO $take$ DECLARE deadline timestamptz := clock_timestamp() + interval '10 minutes'; "
           "BEGIN LOOP BEGIN "
           "PERFORM set_config('lock_timeout', '250ms', true); "
           "LOCK TABLE " +
           m_table +
           " IN ACCESS EXCLUSIVE MODE; "
           "PERFORM set_config('lock_timeout', '0', true); RETURN; "
           "EXCEPTION WHEN lock_not_available THEN "
           "IF clock_timestamp() > deadline THEN RAISE; END IF; "
           "PERFORM pg_sleep(0.1 + random() / 4); "
           "END; END LOOP; END $take$";
}

std::string ImportSql::begin_delete_all() const {
    return "ALTER TABLE " + m_table + " DISABLE TRIGGER keep";
}

std::string ImportSql::delete_all() const {
    return "WITH gone AS (DELETE FROM " + m_table + " AS t WHERE " + own_row() +
           " RETURNING t.*) INSERT INTO " + m_history +
           " SELECT greatest(now(), gone.recorded_at), 'delete', gone.* FROM gone";
}

std::string ImportSql::end_delete_all() const {
    return "ALTER TABLE " + m_table + " ENABLE TRIGGER keep";
}

std::string ImportSql::new_rows() const {
    // Straight into the table: the rows of this transaction are those recorded at its start.
    return m_staged ? stage() + " AS r" : m_table + " AS r WHERE r.recorded_at = now()";
}

std::string ImportSql::key_equal() const {
    std::string text;
    for (auto const& column : m_key)
        text += (text.empty() ? "t." : " AND t.") + column + " = s." + column;
    return text;
}

std::string ImportSql::key_list(std::string const& alias) const {
    return joined(m_key, alias + ".", ", ");
}

std::string ImportSql::key_text(std::string const& alias) const {
    std::string text;
    for (auto const& column : m_key)
        text += (text.empty() ? "" : ", ") + alias + "." + column + "::text";
    return text;
}

std::string ImportSql::row_without_key() const {
    std::string missing;
    for (auto const& column : m_key)
        missing += (missing.empty() ? "r." : " OR r.") + column + " IS NULL";
    return "SELECT " + key_text("r") + " FROM " + new_rows() + (m_staged ? " WHERE (" : " AND (") +
           missing + ") LIMIT 1";
}

std::string ImportSql::repeated_key() const {
    if (m_staged)
        return "SELECT " + key_text("r") + " FROM " + new_rows() + " GROUP BY " + key_list("r") +
               " HAVING count(*) > 1 LIMIT 1";
    return "SELECT " + key_text("r") + " FROM " + m_table + " AS r GROUP BY " + key_list("r") +
           " HAVING count(*) > 1 AND bool_or(r.recorded_at = now()) LIMIT 1";
}

std::string ImportSql::ambiguous_key() const {
    return "SELECT " + key_text("t") + " FROM " + m_table + " AS t JOIN " + stage() + " AS s ON " +
           key_equal() + " GROUP BY " + key_list("t") + " HAVING count(*) > 1 LIMIT 1";
}

std::string ImportSql::count_matched() const {
    return "SELECT count(*) FROM " + m_table + " AS t JOIN " + stage() + " AS s ON " + key_equal();
}

std::string ImportSql::update_matched() const {
    // Column and its new value.
    std::vector<std::pair<std::string, std::string>> set;
    auto const keep_if_absent = [&](std::string const& column) {
        set.emplace_back(column, m_keeps_absent ? "coalesce(s." + column + ", t." + column + ")"
                                                : "s." + column);
    };
    auto const with_geometry = [&](std::string const& column) {
        set.emplace_back(column, m_keeps_absent ? "CASE WHEN s.geom IS NULL THEN t." + column +
                                                      " ELSE s." + column + " END"
                                                : "s." + column);
    };
    with_geometry("geom");
    with_geometry("source_srid");
    if (m_keeps_source) with_geometry("source_geom");
    set.emplace_back("scope",
                     m_keeps_absent ? "coalesce(nullif(s.scope, ''), t.scope)" : "s.scope");
    set.emplace_back("sensitivity", "coalesce(s.sensitivity, t.sensitivity)");
    if (!m_validity_is_field) {
        keep_if_absent("valid_from");
        keep_if_absent("valid_to");
    }
    for (auto const& column : m_spoken) set.emplace_back(column, "s." + column);

    std::string assignments;
    std::string differs;
    for (auto const& [column, value] : set) {
        assignments += (assignments.empty() ? "" : ", ") + column + " = " + value;
        differs += (differs.empty() ? "t." : " OR t.") + column + " IS DISTINCT FROM " + value;
    }
    return "UPDATE " + m_table + " AS t SET " + assignments + " FROM " + stage() + " AS s WHERE " +
           key_equal() + " AND (" + differs + ")";
}

std::string ImportSql::insert_unmatched() const {
    std::string values;
    for (auto const& column : m_columns) {
        values += values.empty() ? "" : ", ";
        values += column == "sensitivity" ? "coalesce(s.sensitivity, 0)" : "s." + column;
    }
    return "INSERT INTO " + m_table + " (" + joined(m_columns, "", ", ") + ") SELECT " + values +
           " FROM " + stage() + " AS s WHERE NOT EXISTS (SELECT FROM " + m_table + " AS t WHERE " +
           key_equal() + ")";
}

std::string ImportSql::delete_unmatched() const {
    return "DELETE FROM " + m_table + " AS t WHERE " + own_row() + " AND NOT EXISTS (SELECT FROM " +
           stage() + " AS s WHERE " + key_equal() + ")";
}

} // namespace diaban::data::postgis
