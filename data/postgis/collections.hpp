#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/pool.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// What the SQL function `diaban.create_collection` takes, as JSON.
/// Throws Error{bad_input, "bad-collection"} with the offending name if one is malformed.
[[nodiscard]] std::string definition_of(model::Collection const& collection);

/// The registry of collections. Reading works in every role; `create`, `describe` and `add_field`
/// need a pool of Role::owner, `set_native_zoom` owner or feed.
class Collections {
public:
    explicit Collections(Pool& pool) : m_pool{pool} {}

    /// All of them, in the order they were made.
    [[nodiscard]] std::vector<model::Collection> list() const;
    [[nodiscard]] std::optional<model::Collection> find(std::string_view id) const;
    /// Throws Error{not_found, "unknown-collection"}.
    [[nodiscard]] model::Collection get(std::string_view id) const;

    /// Registers a collection and makes its tables. `schema.version` is set to 1, `native_zoom`
    /// ignored; a field's `codes` become a code list of its own.
    /// Throws Error{conflict, "collection-exists"}, Error{bad_input, "bad-collection"} with the
    ///        offending name if a name is malformed or reserved, or a named field does not exist.
    void create(model::Collection const& collection);

    /// Replaces titles, description, attribution, licence, source CRS and the synthetic mark.
    void describe(model::Collection const& collection);

    /// Adds a column, empty in all rows, and raises the schema version.
    void add_field(std::string_view id, geo::Field const& field);

    void set_native_zoom(std::string_view id, std::uint32_t zoom);

private:
    Pool& m_pool;
};

} // namespace diaban::data::postgis
