#pragma once

#include "data/model/collection.hpp"
#include "geo/feature.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

enum class ImportMode : std::uint8_t {
    append,  ///< every row is new
    replace, ///< afterwards the collection holds these rows and no others
    upsert,  ///< a row whose key exists replaces it, others are new
};

struct ImportOptions {
    ImportMode mode = ImportMode::append;
    /// Fields that name a row. Needed by upsert; with replace, rows of an equal key keep their fid;
    /// with append they are only checked. No two rows may have the same key.
    std::vector<std::string> key;
    /// Fields the rows speak of; empty: all. An update leaves the others alone, new rows have none.
    std::vector<std::string> fields;
    std::string source;     ///< the file's name as shown later; never a path of the machine
    bool with_fids = false; ///< rows carry their fid (append only)
    bool create = false;    ///< make the collection first, in the same transaction
};

/// A row on its way into the record; borrowed during the call.
struct ImportRow {
    std::int64_t fid = 0;                    ///< read only if `with_fids`
    std::string_view scope;                  ///< empty: none, or as it was
    std::optional<std::uint8_t> sensitivity; ///< absent: 0, or as it was
    std::span<std::byte const> ewkb;         ///< EPSG:4326; empty: no geometry, or as it was
    std::int32_t source_srid = 0;            ///< CRS the geometry came in; 0: none
    std::span<std::byte const> source_ewkb;  ///< only for a collection that keeps its source
    /// Legal validity, for a collection without fields of that name; absent: not stated, or as it
    /// was. `valid_to` is the first instant it no longer holds.
    std::optional<geo::Instant> valid_from, valid_to;
    std::span<geo::ValueView const> values; ///< all fields of the schema, in its order
};

/// A row that was not accepted, with what it was.
struct ImportFault {
    std::uint64_t row = 0; ///< counted from 1 in the source
    std::string reason;    ///< a short kind, as in geo::Error: self-intersection, bad-date
    std::string detail;
    std::vector<std::byte> original_wkb; ///< in the source's CRS; may be empty
    std::string original_json;           ///< the row's fields as a JSON object
};

struct ImportResult {
    std::int64_t id = 0;
    std::uint64_t written = 0; ///< rows handed to `append`
    std::uint64_t inserted = 0;
    std::uint64_t updated = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t deleted = 0;
    std::uint64_t faults = 0;
};

/// One import: one transaction, binary COPY, one row of the change feed. What is not finished is
/// rolled back by the destructor: nothing of it was ever visible.
///
/// Memory   bounded; faults are written in batches.
/// Index    where the collection was empty, its indexes are built after the rows; it cannot be read
///          until the import ends.
/// Throws   Error{conflict, "duplicate-key"} with the key's value, Error{bad_input,
///          "bad-geometry"} if a geometry is not of the collection's kind, is empty or leaves the
///          world; Error{unavailable, …} if the database is lost.
class Import {
public:
    Import(std::string const& uri, model::Collection collection, ImportOptions options);
    ~Import();
    Import(Import const&) = delete;
    Import& operator=(Import const&) = delete;

    void append(ImportRow const& row);
    void fault(ImportFault fault);
    /// Merges, indexes, counts and commits. `repaired` of the rows were mended on the way.
    ImportResult finish(std::uint64_t repaired = 0);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::postgis
