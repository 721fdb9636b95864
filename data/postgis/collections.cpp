#include "data/postgis/collections.hpp"

#include "data/postgis/session.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace diaban::data::postgis {
namespace {

using geo::Code;
using geo::Error;
using Json = nlohmann::json;

std::string text(pqxx::field const& field) {
    return field.is_null() ? "" : field.c_str();
}

geo::GeometryKind geometry_kind(std::string const& name) {
    if (name == "point") return geo::GeometryKind::point;
    if (name == "line") return geo::GeometryKind::line;
    if (name == "polygon") return geo::GeometryKind::polygon;
    return geo::GeometryKind::none;
}

std::string_view geometry_name(geo::GeometryKind kind) {
    switch (kind) {
    case geo::GeometryKind::none: return "none";
    case geo::GeometryKind::point: return "point";
    case geo::GeometryKind::line: return "line";
    case geo::GeometryKind::polygon: return "polygon";
    }
    return "none";
}

model::Collection collection_of(pqxx::row const& row) {
    model::Collection collection;
    auto& schema = collection.schema;
    schema.id = text(row["id"]);
    schema.geometry = geometry_kind(text(row["geometry"]));
    schema.class_field = text(row["class_field"]);
    schema.label_field = text(row["label_field"]);
    schema.time_field = text(row["time_field"]);
    schema.version = row["schema_version"].as<std::uint32_t>();
    schema.all_zooms = row["all_zooms"].as<bool>();
    collection.title = {text(row["title_vi"]), text(row["title_en"])};
    collection.description = {text(row["description_vi"]), text(row["description_en"])};
    collection.attribution = text(row["attribution"]);
    collection.licence = text(row["licence"]);
    collection.synthetic = row["synthetic"].as<bool>();
    collection.source_srid = row["source_srid"].as<std::int32_t>();
    collection.native_zoom = row["native_zoom"].is_null() ? -1 : row["native_zoom"].as<int>();
    collection.partitioned = row["partitioned"].as<bool>();
    collection.keeps_source = row["keeps_source"].as<bool>();
    return collection;
}

geo::Field field_of(pqxx::row const& row) {
    geo::Field field;
    field.name = text(row["name"]);
    field.type = geo::field_type(text(row["type"])).value_or(geo::FieldType::text);
    field.unit = text(row["unit"]);
    field.title = {text(row["title_vi"]), text(row["title_en"])};
    field.tile = row["tile"].as<bool>();
    field.personal = row["personal"].as<bool>();
    field.sum = row["sum"].as<bool>();
    field.required = row["required"].as<bool>();
    return field;
}

/// Every code list, codes in force first: what is no longer in force still names old rows.
std::map<std::string, std::vector<geo::CodeEntry>> code_lists(pqxx::transaction_base& sql) {
    std::map<std::string, std::vector<geo::CodeEntry>> lists;
    for (auto const row : sql.exec(
             "SELECT list, code, title_vi, title_en, "
             "current_date BETWEEN valid_from AND valid_to FROM (SELECT DISTINCT ON (list, code) * "
             "FROM diaban.code ORDER BY list, code, valid_from DESC) AS latest "
             "ORDER BY list, current_date NOT BETWEEN valid_from AND valid_to, position"))
        lists[text(row["list"])].push_back(
            {text(row["code"]), {text(row["title_vi"]), text(row["title_en"])}, row[4].as<bool>()});
    return lists;
}

std::vector<model::Collection> select(pqxx::transaction_base& sql, std::string_view id) {
    std::string const one{id}; // empty: all
    std::vector<model::Collection> collections;
    std::map<std::string, std::size_t> index;
    for (auto const row :
         sql.exec_params("SELECT * FROM diaban.collection WHERE $1 = '' OR id = $1 "
                         "ORDER BY position",
                         one)) {
        collections.push_back(collection_of(row));
        index[collections.back().schema.id] = collections.size() - 1;
    }
    auto const lists = code_lists(sql);
    for (auto const row :
         sql.exec_params("SELECT * FROM diaban.field WHERE $1 = '' OR collection = $1 "
                         "ORDER BY collection, position",
                         one)) {
        auto const at = index.find(text(row["collection"]));
        if (at == index.end()) continue; // made since the first statement
        auto field = field_of(row);
        if (auto const list = lists.find(text(row["code_list"])); list != lists.end())
            field.codes = list->second;
        collections[at->second].schema.fields.push_back(std::move(field));
    }
    return collections;
}

Json title_json(geo::Title const& title) {
    return {{"vi", title.vi}, {"en", title.en}};
}

Json field_json(geo::Field const& field) {
    Json json{{"name", field.name}, {"type", geo::to_string(field.type)},
              {"unit", field.unit}, {"title", title_json(field.title)},
              {"tile", field.tile}, {"personal", field.personal},
              {"sum", field.sum},   {"required", field.required}};
    if (!field.codes.empty()) {
        auto& codes = json["codes"] = Json::array();
        for (auto const& entry : field.codes)
            codes.push_back({{"code", entry.code}, {"vi", entry.title.vi}, {"en", entry.title.en}});
    }
    return json;
}

/// What `diaban.create_collection` takes.
Json definition(model::Collection const& collection) {
    auto const& schema = collection.schema;
    Json fields = Json::array();
    for (auto const& field : schema.fields) fields.push_back(field_json(field));
    return {{"id", schema.id},
            {"geometry", geometry_name(schema.geometry)},
            {"title", title_json(collection.title)},
            {"description", title_json(collection.description)},
            {"source_srid", collection.source_srid},
            {"class_field", schema.class_field},
            {"label_field", schema.label_field},
            {"time_field", schema.time_field},
            {"all_zooms", schema.all_zooms},
            {"attribution", collection.attribution},
            {"licence", collection.licence},
            {"synthetic", collection.synthetic},
            {"partitioned", collection.partitioned},
            {"keeps_source", collection.keeps_source},
            {"fields", std::move(fields)}};
}

bool well_named(std::string_view name) {
    auto const lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= 48 && lower(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

/// The registry's own rules catch the rest; those a person meets get their reason here.
void check_names(std::string_view id, std::span<geo::Field const> fields) {
    if (!well_named(id) || id.ends_with("_history"))
        throw Error{Code::bad_input, "bad-collection", {{"name", std::string{id}}}};
    for (auto const& field : fields)
        if (!well_named(field.name) || (field.tile && field.personal) ||
            (field.sum && !field.may_be_summed()))
            throw Error{Code::bad_input, "bad-collection", {{"name", field.name}}};
}

} // namespace

std::string definition_of(model::Collection const& collection) {
    check_names(collection.schema.id, collection.schema.fields);
    return definition(collection).dump();
}

std::vector<model::Collection> Collections::list() const {
    return reading(m_pool, [](auto& sql) { return select(sql, ""); });
}

std::optional<model::Collection> Collections::find(std::string_view id) const {
    if (!well_named(id)) return std::nullopt;
    auto found = reading(m_pool, [id](auto& sql) { return select(sql, id); });
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

model::Collection Collections::get(std::string_view id) const {
    if (auto found = find(id)) return *std::move(found);
    throw Error{Code::not_found, "unknown-collection", {{"collection", std::string{id}}}};
}

void Collections::create(model::Collection const& collection) {
    auto const& id = collection.schema.id;
    auto const json = definition_of(collection);
    try {
        writing(m_pool, [&](auto& sql) {
            if (!select(sql, id).empty())
                throw Error{Code::conflict, "collection-exists", {{"collection", id}}};
            sql.exec_params("SELECT diaban.create_collection($1::jsonb)", json);
        });
    } catch (Error const& error) {
        if (error.type() != "bad-value") throw;
        throw Error{Code::bad_input, "bad-collection", {{"name", id}}, error.detail()};
    }
}

void Collections::describe(model::Collection const& collection) {
    writing(m_pool, [&](auto& sql) {
        auto const touched = sql.exec_params(
            "UPDATE diaban.collection SET title_vi = $2, title_en = $3, description_vi = $4, "
            "description_en = $5, attribution = $6, licence = $7, source_srid = $8, "
            "synthetic = $9 WHERE id = $1",
            collection.schema.id, collection.title.vi, collection.title.en,
            collection.description.vi, collection.description.en, collection.attribution,
            collection.licence, collection.source_srid, collection.synthetic);
        if (touched.affected_rows() == 0)
            throw Error{
                Code::not_found, "unknown-collection", {{"collection", collection.schema.id}}};
        bool differ = false;
        for (auto const& field : collection.schema.fields)
            differ |=
                sql.exec_params("UPDATE diaban.field SET sum = $3, title_vi = $4, title_en = $5 "
                                "WHERE collection = $1 AND name = $2 AND "
                                "(sum, title_vi, title_en) IS DISTINCT FROM "
                                "($3::boolean, $4::text, $5::text)",
                                collection.schema.id, field.name, field.sum, field.title.vi,
                                field.title.en)
                    .affected_rows() > 0;
        if (differ) // what mirrors hold of the fields is of another version then
            sql.exec_params("UPDATE diaban.collection SET schema_version = schema_version + 1 "
                            "WHERE id = $1",
                            collection.schema.id);
    });
}

void Collections::add_field(std::string_view id, geo::Field const& field) {
    check_names(id, {&field, 1});
    writing(m_pool, [&](auto& sql) {
        sql.exec_params("SELECT diaban.add_field($1, $2::jsonb)", std::string{id},
                        field_json(field).dump());
    });
}

void Collections::set_native_zoom(std::string_view id, std::uint32_t zoom) {
    writing(m_pool, [&](auto& sql) {
        sql.exec_params("UPDATE diaban.collection SET native_zoom = $2 WHERE id = $1 "
                        "AND native_zoom IS DISTINCT FROM $2",
                        std::string{id}, zoom);
    });
}

} // namespace diaban::data::postgis
