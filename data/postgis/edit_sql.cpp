#include "data/postgis/edit_sql.hpp"

#include "data/postgis/selection.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/text_rows.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace diaban::data::postgis {
namespace {

using model::Edit;
using model::EditKind;

/// A value as PostgreSQL reads it; nothing for null.
std::optional<std::string> parameter_text(geo::Value const& value) {
    struct Text {
        std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
        std::optional<std::string> operator()(bool truth) const { return truth ? "t" : "f"; }
        std::optional<std::string> operator()(std::int64_t number) const {
            return std::to_string(number);
        }
        std::optional<std::string> operator()(double number) const { return exact_text(number); }
        std::optional<std::string> operator()(std::string const& text) const { return text; }
        std::optional<std::string> operator()(geo::Date date) const {
            return std::to_string(date.days);
        }
        std::optional<std::string> operator()(geo::Instant instant) const {
            std::string text;
            geo::codec::append_instant(text, instant);
            return text;
        }
    };
    return std::visit(Text{}, value);
}

std::string hexadecimal(geo::Geometry const& geometry) {
    static constexpr char digits[] = "0123456789abcdef";
    std::vector<std::byte> bytes;
    geo::codec::append_ewkb(bytes, geometry);
    std::string text;
    text.reserve(bytes.size() * 2);
    for (auto const byte : bytes) {
        text += digits[std::to_integer<unsigned>(byte) >> 4U];
        text += digits[std::to_integer<unsigned>(byte) & 15U];
    }
    return text;
}

class Writer {
public:
    /// The place of a new parameter: `$n`.
    std::string add(std::optional<std::string> text) {
        m_parameters.push_back(std::move(text));
        return "$" + std::to_string(m_parameters.size());
    }

    /// What a field is set to; see field_expression for how validity is kept.
    std::string value(geo::Field const& field, geo::Value const& value) {
        auto const place = add(parameter_text(value));
        switch (field.type) {
        case geo::FieldType::text: return place + "::text";
        case geo::FieldType::integer: return place + "::bigint";
        case geo::FieldType::number: return place + "::float8";
        case geo::FieldType::boolean: return place + "::boolean";
        case geo::FieldType::timestamp: return place + "::timestamptz";
        case geo::FieldType::date: break;
        }
        auto const day = "(DATE '1970-01-01' + " + place + "::integer)";
        if (!is_validity(field)) return day;
        auto const first_not_in = field.name == "valid_to" ? "(" + day + " + 1)" : day;
        return "(" + first_not_in + "::timestamp AT TIME ZONE INTERVAL '+07:00')";
    }

    /// Columns with what they are set to. Source coordinates do not outlive an edit of the
    /// geometry.
    std::vector<std::pair<std::string, std::string>> assignments(Edit const& edit) {
        std::vector<std::pair<std::string, std::string>> all;
        for (auto const& [index, given] : edit.values) {
            auto const& field = edit.collection->schema.fields[index];
            all.emplace_back(quoted(field.name), value(field, given));
        }
        if (!edit.geometry) return all;
        bool const empty = edit.geometry->empty();
        auto const place = add(empty ? std::nullopt : std::optional{hexadecimal(*edit.geometry)});
        all.emplace_back("geom", place + "::public.geometry");
        all.emplace_back("source_srid", empty ? "NULL" : "4326");
        if (edit.collection->keeps_source) all.emplace_back("source_geom", "NULL");
        return all;
    }

    /// That `t` is the row, seen, and in a state expected.
    std::string condition(Edit const& edit, geo::Policy const& policy, bool any_state) {
        auto text = "t.fid = " + add(std::to_string(edit.fid)) + " AND (" +
                    policy_condition(policy, "t") + ")";
        if (!edit.expected || any_state) return text;
        std::vector<std::int64_t> versions;
        std::vector<std::int64_t> instants;
        for (auto const& stamp : *edit.expected) {
            versions.push_back(stamp.version);
            instants.push_back(stamp.recorded_at.microseconds);
        }
        text += " AND (" + std::string{stamp_columns()} + ") IN (SELECT * FROM unnest(";
        text += add(array_text(versions)) + "::bigint[], ";
        return text + add(array_text(instants)) + "::bigint[]))";
    }

    Statement finish(std::string sql) && { return {std::move(sql), std::move(m_parameters)}; }

private:
    std::vector<std::optional<std::string>> m_parameters;
};

std::string scope_of_new(geo::Policy const& policy) {
    if (policy.all_scopes()) return {};
    if (policy.scopes().size() == 1) return policy.scopes().front();
    throw geo::Error{geo::Code::forbidden, "edit-scope"};
}

std::string returned(std::string_view columns) {
    std::string text{stamp_columns()};
    if (!columns.empty()) text.append(", ").append(columns);
    return text;
}

Statement insertion(Edit const& edit, geo::Policy const& policy, std::string_view columns) {
    Writer writer;
    std::string names = "scope";
    std::string values = writer.add(scope_of_new(policy)) + "::text";
    for (auto const& [name, value] : writer.assignments(edit)) {
        names += ", " + name;
        values += ", " + value;
    }
    return std::move(writer).finish("INSERT INTO " + table_of(edit.collection->schema.id) +
                                    " AS t (" + names + ") VALUES (" + values + ") RETURNING " +
                                    returned(columns));
}

} // namespace

Statement edit_statement(Edit const& edit, geo::Policy const& policy, std::string_view columns) {
    auto const table = table_of(edit.collection->schema.id);
    if (edit.kind == EditKind::create) return insertion(edit, policy, columns);
    Writer writer;
    if (edit.kind == EditKind::remove) {
        auto const condition = writer.condition(edit, policy, false);
        return std::move(writer).finish("DELETE FROM " + table + " AS t WHERE " + condition +
                                        " RETURNING " + returned(columns));
    }
    std::string set;
    for (auto const& [name, value] : writer.assignments(edit))
        set.append(set.empty() ? "" : ", ").append(name).append(" = ").append(value);
    auto const condition = writer.condition(edit, policy, false);
    if (set.empty())
        return std::move(writer).finish("SELECT " + returned(columns) + " FROM " + table +
                                        " AS t WHERE " + condition);
    return std::move(writer).finish("UPDATE " + table + " AS t SET " + set + " WHERE " + condition +
                                    " RETURNING " + returned(columns));
}

Statement state_statement(Edit const& edit, geo::Policy const& policy) {
    Writer writer;
    auto const condition = writer.condition(edit, policy, true);
    return std::move(writer).finish("SELECT " + returned({}) + " FROM " +
                                    table_of(edit.collection->schema.id) + " AS t WHERE " +
                                    condition);
}

} // namespace diaban::data::postgis
