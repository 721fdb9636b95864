#pragma once

#include "data/gdal/vector_source.hpp"
#include "geo/feature.hpp"
#include "geo/schema.hpp"
#include "services/domain/intake.hpp"
#include "services/domain/intake_value.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diaban::services::domain {

/// Gives the fields of a collection their values from the rows of a layer.
class RowBinder {
public:
    /// Settles where each field's value comes from.
    ///
    /// `may_misread`  the driver turned the text into UTF-8 by what the file says of itself, which
    ///                is wrong often enough to be checked.
    /// Throws         Error{bad_input}: "unknown-field", "unknown-source-field", "bad-constant",
    ///                "key-needed", "key-not-read".
    RowBinder(geo::Schema const& schema, data::gdal::SourceLayer const& layer,
              ImportRequest const& request, bool may_misread);

    /// Fields of the layer that rows must carry, as indexes into it.
    [[nodiscard]] std::vector<std::size_t> const& selection() const noexcept { return m_selection; }
    /// Fields of the layer that go nowhere.
    [[nodiscard]] std::vector<std::string> unused() const;
    /// Fields of the collection that the rows speak of; the others are always null.
    [[nodiscard]] std::vector<std::string> spoken() const;

    /// A row's fields, validity and scope; borrowed from the binder and from what it was given.
    struct Bound {
        std::span<geo::ValueView const> values; ///< by the schema's fields
        std::optional<geo::Instant> valid_from, valid_to;
        std::string_view scope;
        std::string_view fault;  ///< empty: all is well
        std::string_view detail; ///< the field and its value
    };

    /// Throws  Error{bad_input, "unreadable-encoding"}, Error{bad_input, "no-time-zone"}.
    Bound bind(std::span<geo::ValueView const> from, std::int64_t row);

    /// The selected fields as a JSON object: what a fault keeps of its row.
    [[nodiscard]] std::string as_json(std::span<geo::ValueView const> from) const;

private:
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    struct Target {
        std::string name;
        geo::FieldType type = geo::FieldType::text;
        std::size_t from = nowhere;         // index into the selection
        std::optional<geo::Value> constant; // instead of `from`
        std::unordered_map<std::string, std::string> const* words = nullptr;
        std::string cleaned; // holds text in NFC …
        std::string written; // … and text that had to be made
    };

    void add_target(std::string const& name, geo::FieldType type, ImportRequest const& request);
    void add_validity(geo::Schema const& schema, ImportRequest const& request);
    void check_names(geo::Schema const& schema, ImportRequest const& request) const;
    void check_key(ImportRequest const& request) const;
    std::size_t find(std::string_view name) const;
    std::size_t select(std::string_view name);
    geo::ValueView value(Target& target, std::span<geo::ValueView const> from, std::int64_t row);
    std::string_view clean(std::string_view text, std::string const& field, std::string& buffer,
                           std::int64_t row) const;

    data::gdal::SourceLayer const& m_layer;
    std::string m_file;
    bool m_may_misread;
    ValueReader m_reader;
    std::vector<std::size_t> m_selection;
    std::vector<Target> m_targets; // the schema's fields, then validity where it is apart
    std::size_t m_fields = 0;
    std::unordered_map<std::string, std::unordered_map<std::string, std::string>> m_words;
    std::string m_scope;
    std::size_t m_scope_from = nowhere;
    std::string m_scope_cleaned;
    std::string m_scope_written;
    std::size_t m_valid_from = nowhere; // indexes into m_targets
    std::size_t m_valid_to = nowhere;
    std::vector<geo::ValueView> m_values;
    std::string_view m_fault;
    std::string m_detail;
};

} // namespace diaban::services::domain
