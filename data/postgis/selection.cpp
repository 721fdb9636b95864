#include "data/postgis/selection.hpp"

#include "data/postgis/sql_text.hpp"
#include "data/postgis/text_rows.hpp"

#include <cstddef>

namespace diaban::data::postgis {

std::string_view stamp_columns() noexcept {
    return "t.version, (extract(epoch FROM t.recorded_at) * 1000000)::bigint";
}

model::Stamp stamp_of(pqxx::row const& row) {
    return {row[0].as<std::int64_t>(), {row[1].as<std::int64_t>()}};
}

Selection::Selection(model::Collection const& collection, geo::Policy const& policy,
                     model::Personal personal)
    : m_schema{model::visible(collection.schema, policy, personal)}, m_table{table_of(
                                                                         collection.schema.id)},
      m_columns{m_schema.geometry == geo::GeometryKind::none ? "t.fid, NULL::public.geometry"
                                                             : "t.fid, t.geom"},
      m_visible{"(" + policy_condition(policy, "t") + ")"} {
    for (auto const& field : m_schema.fields) m_columns += ", " + text_expression(field, "t");
}

std::string Selection::from() const {
    return " FROM " + m_table + " AS t ";
}

geo::Feature Selection::feature(pqxx::row const& row, pqxx::row::size_type first) const {
    thread_local std::vector<std::byte> bytes;
    geo::Feature feature;
    feature.fid = row[first].as<std::int64_t>();
    if (!row[first + 1].is_null()) read_shape(view(row[first + 1]), bytes, feature.geometry);
    feature.values.reserve(m_schema.fields.size());
    for (std::size_t i = 0; i < m_schema.fields.size(); ++i) {
        auto const field = row[first + 2 + static_cast<pqxx::row::size_type>(i)];
        feature.values.push_back(
            field.is_null() ? geo::Value{} : read_value(view(field), m_schema.fields[i].type));
    }
    return feature;
}

std::vector<geo::Feature> Selection::features(pqxx::result const& rows) const {
    std::vector<geo::Feature> features;
    features.reserve(rows.size());
    for (auto const row : rows) features.push_back(feature(row));
    return features;
}

} // namespace diaban::data::postgis
