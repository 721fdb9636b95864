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

    /// Name and definition of the table's GiST index; `$1` is the table. Of a partitioned table
    /// PostgreSQL gives the definition of the empty parent (ON ONLY): that of all parts is wanted.
    static constexpr char const* find_spatial_index =
        "SELECT indexrelid::regclass::text, "
        "replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index "
        "JOIN pg_class c ON c.oid = indexrelid JOIN pg_am a ON a.oid = c.relam "
        "WHERE indrelid = $1::regclass AND a.amname = 'gist'";

    [[nodiscard]] std::string copy() const;
    [[nodiscard]] std::string create_stage() const;
    [[nodiscard]] std::string delete_all() const;

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
    bool m_staged = false;
    bool m_keeps_absent = false;        // upsert: what a row does not say stays as it was
    std::vector<std::string> m_columns; // quoted, in the order they are copied
    std::vector<std::string> m_spoken;  // of the fields' columns: those the rows speak of
    bool m_validity_is_field = false;
    bool m_keeps_source = false;
    std::vector<std::string> m_key; // quoted
};

} // namespace diaban::data::postgis
