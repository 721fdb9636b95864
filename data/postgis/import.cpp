#include "data/postgis/import.hpp"

#include "data/postgis/announcement.hpp"
#include "data/postgis/binary_rows.hpp"
#include "data/postgis/collections.hpp"
#include "data/postgis/import_sql.hpp"
#include "data/postgis/wire.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <charconv>

namespace diaban::data::postgis {
namespace {

using geo::Code;
using geo::Error;

// Bytes gathered before they are handed to libpq, and faults before they are written: enough to
// make a call cheap, little enough to stay in the second-level cache.
constexpr std::size_t buffer_bytes = std::size_t{256} * 1024;
constexpr std::size_t fault_batch = 500;

// Dates of validity are days of UTC+7: midnight there, and the midnight after the last day.
constexpr std::int64_t day = 86'400'000'000;
constexpr std::int64_t utc_plus_7 = std::int64_t{7} * 3'600'000'000;

std::optional<geo::Instant> validity(geo::ValueView const& value, bool is_end) {
    if (auto const* instant = std::get_if<geo::Instant>(&value)) return *instant;
    if (auto const* date = std::get_if<geo::Date>(&value))
        return geo::Instant{(std::int64_t{date->days} + (is_end ? 1 : 0)) * day - utc_plus_7};
    return std::nullopt;
}

std::uint64_t number(std::optional<std::string> const& text) {
    std::uint64_t value = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

std::string_view mode_name(ImportMode mode) {
    switch (mode) {
    case ImportMode::append: return "append";
    case ImportMode::replace: return "replace";
    case ImportMode::upsert: return "upsert";
    }
    return "append";
}

std::string bytea_text(std::span<std::byte const> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "\\x";
    for (auto const byte : bytes) {
        text += digits[std::to_integer<std::size_t>(byte) >> 4U];
        text += digits[std::to_integer<std::size_t>(byte) & 15U];
    }
    return text;
}

} // namespace

struct Import::State {
    model::Collection collection;
    ImportOptions options;
    ImportSql sql;
    Wire wire;
    ImportResult result;
    std::vector<std::byte> buffer;
    std::vector<ImportFault> faults;
    std::vector<std::string> indexes; // to be built at the end
    std::optional<std::size_t> valid_from_field;
    std::optional<std::size_t> valid_to_field;
    bool copying = false;

    State(std::string const& uri, model::Collection wanted, ImportOptions chosen)
        : collection{std::move(wanted)}, options{std::move(chosen)}, sql{collection, options},
          wire{uri, Role::owner} {
        auto const& fields = collection.schema.fields;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (fields[i].name == "valid_from") valid_from_field = i;
            if (fields[i].name == "valid_to") valid_to_field = i;
        }
        buffer.reserve(buffer_bytes + buffer_bytes / 4);
    }

    bool is_empty() {
        return wire.query("SELECT EXISTS (SELECT FROM " + sql.table() + ")").at(0).at(0) == "f";
    }

    void begin() {
        wire.run("BEGIN");
        if (options.create)
            wire.query("SELECT diaban.create_collection($1::jsonb)", {definition_of(collection)});
        result.id = static_cast<std::int64_t>(number(
            wire.query("SELECT diaban.begin_import($1, $2, $3)",
                       {collection.schema.id, std::string{mode_name(options.mode)}, options.source})
                .at(0)
                .at(0)));
        bool empty = is_empty();
        if (empty) {
            wire.run(sql.take_alone());
            empty = is_empty(); // others may have come first
        }
        if (empty) {
            for (auto const& index : wire.query(ImportSql::set_aside_indexes, {sql.table()})) {
                wire.run(index.at(0).value_or(""));
                indexes.push_back(index.at(1).value_or(""));
            }
        }
        if (sql.staged()) {
            wire.run(sql.create_stage());
        } else if (options.mode == ImportMode::replace && !empty) {
            wire.run(sql.begin_delete_all());
            result.deleted = wire.touch(sql.delete_all());
            wire.run(sql.end_delete_all());
        }
    }

    void begin_copy() {
        wire.begin_copy_in(sql.copy());
        RowWriter{buffer}.header();
        copying = true;
    }

    void end_copy() {
        if (!copying) return;
        RowWriter{buffer}.trailer();
        drain();
        wire.end_copy_in();
        copying = false;
    }

    void drain() {
        wire.put(buffer);
        buffer.clear();
    }

    void write(ImportRow const& row) {
        RowWriter writer{buffer};
        writer.begin_row(sql.columns());
        if (options.with_fids) writer.int8(row.fid);
        if (row.ewkb.empty())
            writer.null();
        else
            writer.bytes(row.ewkb);
        if (row.source_srid == 0)
            writer.null();
        else
            writer.int4(row.source_srid);
        if (collection.keeps_source) {
            if (row.source_ewkb.empty())
                writer.null();
            else
                writer.bytes(row.source_ewkb);
        }
        writer.text(row.scope);
        if (!row.sensitivity && sql.staged())
            writer.null();
        else
            writer.int2(row.sensitivity.value_or(0));
        write_validity(writer, row.valid_from, valid_from_field, row, false);
        write_validity(writer, row.valid_to, valid_to_field, row, true);
        auto const& fields = collection.schema.fields;
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (i != valid_from_field && i != valid_to_field)
                writer.value(row.values[i], fields[i].type);
    }

    static void write_validity(RowWriter& writer, std::optional<geo::Instant> given,
                               std::optional<std::size_t> field, ImportRow const& row,
                               bool is_end) {
        if (field) given = validity(row.values[*field], is_end);
        if (given)
            writer.timestamp(*given);
        else
            writer.null();
    }

    void write_faults() {
        end_copy();
        for (auto const& fault : faults) {
            auto const absent = [](bool is_absent, std::string text) {
                return is_absent ? Wire::Parameter{} : Wire::Parameter{std::move(text)};
            };
            wire.query("INSERT INTO diaban.import_fault (import, source_row, reason, detail, "
                       "original_wkb, original) VALUES ($1, $2, $3, $4, $5::bytea, $6::jsonb)",
                       {std::to_string(result.id), std::to_string(fault.row), fault.reason,
                        fault.detail,
                        absent(fault.original_wkb.empty(), bytea_text(fault.original_wkb)),
                        absent(fault.original_json.empty(), fault.original_json)});
        }
        faults.clear();
    }

    /// Throws if a row that came lacks its key or shares it.
    void check_keys() {
        if (options.key.empty()) return;
        auto const names = [this](Wire::Row const& row) {
            std::string text;
            for (std::size_t i = 0; i < options.key.size(); ++i)
                text += (i == 0 ? "" : ", ") + options.key[i] + " = " + row.at(i).value_or("∅");
            return text;
        };
        if (auto const found = wire.query(sql.row_without_key()); !found.empty())
            throw Error{Code::bad_input, "missing-key", {{"key", names(found.front())}}};
        if (auto const found = wire.query(sql.repeated_key()); !found.empty())
            throw Error{Code::conflict, "duplicate-key", {{"key", names(found.front())}}};
        if (!sql.staged()) return;
        if (auto const found = wire.query(sql.ambiguous_key()); !found.empty())
            throw Error{Code::conflict, "key-not-unique", {{"key", names(found.front())}}};
    }

    void merge() {
        wire.run("ANALYZE " + ImportSql::stage());
        check_keys();
        auto const matched = number(wire.query(sql.count_matched()).at(0).at(0));
        result.updated = wire.touch(sql.update_matched());
        result.unchanged = matched - result.updated;
        if (options.mode == ImportMode::replace)
            result.deleted = wire.touch(sql.delete_unmatched());
        result.inserted = wire.touch(sql.insert_unmatched());
    }

    ImportResult finish(std::uint64_t repaired) {
        write_faults();
        if (sql.staged()) {
            merge();
        } else {
            result.inserted = result.written;
            check_keys();
        }
        wire.run("SET LOCAL maintenance_work_mem = '256MB'"); // a million boxes sort in memory
        for (auto const& index : indexes) wire.run(index);
        wire.run("ANALYZE " + sql.table());
        wire.query("UPDATE diaban.import SET finished_at = clock_timestamp(), inserted = $2, "
                   "updated = $3, unchanged = $4, deleted = $5, repaired = $6, faults = $7 "
                   "WHERE id = $1",
                   {std::to_string(result.id), std::to_string(result.inserted),
                    std::to_string(result.updated), std::to_string(result.unchanged),
                    std::to_string(result.deleted), std::to_string(repaired),
                    std::to_string(result.faults)});
        wire.run("COMMIT");
        announce(wire);
        return result;
    }
};

Import::Import(std::string const& uri, model::Collection collection, ImportOptions options)
    : m_state{std::make_unique<State>(uri, std::move(collection), std::move(options))} {
    m_state->begin();
}
Import::~Import() = default;

void Import::append(ImportRow const& row) {
    auto& state = *m_state;
    if (!state.copying) state.begin_copy();
    state.write(row);
    ++state.result.written;
    if (state.buffer.size() >= buffer_bytes) state.drain();
}

void Import::fault(ImportFault fault) {
    m_state->faults.push_back(std::move(fault));
    ++m_state->result.faults;
    if (m_state->faults.size() >= fault_batch) m_state->write_faults();
}

ImportResult Import::finish(std::uint64_t repaired) {
    return m_state->finish(repaired);
}

} // namespace diaban::data::postgis
