#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/import.hpp"

#include <string>
#include <vector>

namespace diaban::data::postgis {

/// The statements of one import. Rows of an upsert, and of a replace with a key, are copied into a
/// temporary table first (the stage) and merged from there; others go straight into the table.
class ImportSql {
public:
    /// Throws Error{bad_input, "unknown-field"} if the key or the fields name none,
    ///        "key-needed" for an upsert without one.
    ImportSql(model::Collection const& collection, ImportOptions const& options);

    [[nodiscard]] bool staged() const noexcept { return m_staged; }
    [[nodiscard]] std::string const& table() const noexcept { return m_table; }
    [[nodiscard]] static std::string stage() { return "pg_temp.import_stage"; }
    /// Columns of a copied row.
    [[nodiscard]] std::size_t columns() const noexcept { return m_columns.size(); }

    /// For each index of the table `$1`: the statement that drops it and the one that makes it
    /// again. Of a partitioned table PostgreSQL gives the definition of the empty parent (ON ONLY):
    /// that of all parts is wanted.
    static constexpr char const* set_aside_indexes =
        "SELECT CASE WHEN k.oid IS NULL THEN 'DROP INDEX ' || i.indexrelid::regclass "
        "ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', i.indrelid::regclass, k.conname) END, "
        "CASE WHEN k.oid IS NULL THEN replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') "
        "ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', i.indrelid::regclass, k.conname, "
        "pg_get_constraintdef(k.oid)) END "
        "FROM pg_index AS i LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid "
        "AND k.conrelid = i.indrelid WHERE i.indrelid = $1::regclass ORDER BY i.indexrelid";

    /// Takes the table alone, for the transaction. Whoever reads by several connections holds it
    /// with one and comes back with others: queued before those we would wait for one another for
    /// ever. So the queue is left again after a moment, until there is none. Raises
    /// lock_not_available after ten minutes.
    [[nodiscard]] std::string take_alone() const;

    [[nodiscard]] std::string copy() const;
    [[nodiscard]] std::string create_stage() const;
    /// Moves all rows to the history, in one statement: the history's own trigger, row by row,
    /// takes three times as long. Other writers wait until the import ends.
    [[nodiscard]] std::string begin_delete_all() const;
    [[nodiscard]] std::string delete_all() const;
    [[nodiscard]] std::string end_delete_all() const;

    // Rows that came with a key: each gives the key's values, as text, of one offending row.
    [[nodiscard]] std::string row_without_key() const;
    [[nodiscard]] std::string repeated_key() const;
    [[nodiscard]] std::string ambiguous_key() const;

    [[nodiscard]] std::string count_matched() const;
    [[nodiscard]] std::string update_matched() const;
    [[nodiscard]] std::string insert_unmatched() const;
    [[nodiscard]] std::string delete_unmatched() const;

private:
    [[nodiscard]] std::string new_rows() const;
    [[nodiscard]] std::string key_equal() const;
    [[nodiscard]] std::string key_text(std::string const& alias) const;
    [[nodiscard]] std::string key_list(std::string const& alias) const;

    std::string m_table;
    std::string m_history;
    bool m_staged = false;
    bool m_keeps_absent = false;        // upsert: what a row does not say stays as it was
    std::vector<std::string> m_columns; // quoted, in the order they are copied
    std::vector<std::string> m_spoken;  // of the fields' columns: those the rows speak of
    bool m_validity_is_field = false;
    bool m_keeps_source = false;
    std::vector<std::string> m_key; // quoted
};

} // namespace diaban::data::postgis
