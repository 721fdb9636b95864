#include "data/postgis/copy_rows.hpp"

#include "data/postgis/binary_rows.hpp"
#include "data/postgis/sql_text.hpp"
#include "data/postgis/wire.hpp"
#include "geo/codec/wkb.hpp"

#include <algorithm>

namespace diaban::data::postgis {
namespace {

bool leaves(geo::Field const& field, Fields fields, geo::Policy const& policy) {
    if (!policy.sees_field(field.name)) return false;
    if (fields == Fields::tile) return field.tile;
    return fields == Fields::all || !field.personal;
}

/// The columns valid_from and valid_to: the second is the first instant at which the row is no
/// longer valid.
geo::Period validity(RowReader& reader) {
    geo::Period valid;
    auto const from = reader.value(geo::FieldType::timestamp);
    auto const to = reader.value(geo::FieldType::timestamp);
    if (auto const* const begin = std::get_if<geo::Instant>(&from))
        valid.begin = begin->microseconds;
    if (auto const* const end = std::get_if<geo::Instant>(&to)) valid.end = end->microseconds - 1;
    return valid;
}

} // namespace

CopyRows::CopyRows(geo::Schema const& schema, Fields fields, geo::Policy const& policy) {
    for (auto const& field : schema.fields)
        if (leaves(field, fields, policy)) m_fields.push_back(field);
}

std::string CopyRows::columns(std::string_view alias) const {
    std::string sql;
    for (auto const* const column :
         {"fid", "scope", "sensitivity", "geom", "valid_from", "valid_to"})
        sql += (sql.empty() ? "" : ", ") + std::string{alias} + "." + column;
    for (auto const& field : m_fields) sql += ", " + field_expression(field, alias);
    return sql;
}

void CopyRows::read(Wire& wire, std::string const& select, RowSink const& sink) const {
    std::vector<geo::ValueView> values(m_fields.size());
    bool at_start = true;
    wire.copy_out("COPY (" + select + ") TO STDOUT (FORMAT binary)",
                  [&](std::span<std::byte const> message) {
                      if (at_start)
                          message = message.subspan(std::min(message.size(), copy_header_size));
                      at_start = false;
                      RowReader reader{message};
                      if (reader.fields() < 0) return; // the trailer
                      geo::RowView row;
                      row.fid = reader.int8();
                      row.scope = reader.text();
                      row.sensitivity = static_cast<std::uint8_t>(reader.int2());
                      if (auto const shape = reader.bytes()) row.wkb = *shape;
                      row.period = validity(reader);
                      for (std::size_t i = 0; i < values.size(); ++i)
                          values[i] = reader.value(m_fields[i].type);
                      row.values = values;
                      sink(row);
                  });
}

void begin_snapshot(Wire& wire) {
    wire.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

Cursor feed_head(Wire& wire) {
    auto const row =
        wire.query("SELECT generation, diaban.feed_settled() FROM diaban.instance").at(0);
    return {std::stoll(row.at(0).value_or("0")), std::stoll(row.at(1).value_or("0"))};
}

void set_policy(Wire& wire, geo::Policy const& policy) {
    wire.query(
        "SELECT set_config('diaban.scopes', $1, true), set_config('diaban.level', $2, true)",
        {policy.all_scopes() ? "*" : array_text(policy.scopes()), std::to_string(policy.level())});
}

void read_feature(geo::RowView const& row, geo::Feature& feature) {
    feature.fid = row.fid;
    feature.geometry = {};
    if (!row.wkb.empty()) geo::codec::read_wkb(row.wkb, feature.geometry);
    feature.values.clear();
    feature.values.reserve(row.values.size());
    for (auto const& value : row.values) feature.values.push_back(geo::owned(value));
}

} // namespace diaban::data::postgis
