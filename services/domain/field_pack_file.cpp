#include "services/domain/field_pack_file.hpp"

#include "data/gdal/package_sink.hpp"
#include "data/packs/returned_pack.hpp"
#include "services/domain/field_pack_style.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace diaban::services::domain {

namespace {

using data::gdal::PackageSink;
using data::gdal::SinkField;
using data::model::FieldValues;
using geo::FieldType;
using geo::Value;

constexpr std::array<std::string_view, 4> filled_in{"answers", "finding", "measured_m2",
                                                    "error_m2"};

Value const* value_of(geo::Feature const& feature, geo::Schema const& schema,
                      std::string_view name) {
    auto const at = std::ranges::find(schema.fields, name, &geo::Field::name);
    return at == schema.fields.end() ? nullptr
                                     : &feature.values[std::size_t(at - schema.fields.begin())];
}

bool has(geo::Schema const& schema, std::string_view name) {
    return std::ranges::find(schema.fields, name, &geo::Field::name) != schema.fields.end();
}

std::vector<std::pair<std::string, std::string>> codes_of(geo::Field const& field) {
    std::vector<std::pair<std::string, std::string>> codes;
    for (auto const& entry : field.codes) codes.emplace_back(entry.code, entry.title.vi);
    return codes;
}

std::string answer_title(std::string const& answer) {
    if (answer == "yes") return "Có";
    if (answer == "no") return "Không";
    return answer == "unclear" ? "Chưa rõ" : answer;
}

/// The columns of a layer, in order: how they are kept, and how a form shows them.
struct Columns {
    std::vector<SinkField> kept;
    std::vector<FormColumn> shown{{"fid", "Số dòng"}};

    void add(FieldType type, FormColumn column) {
        kept.push_back({column.name, type});
        shown.push_back(std::move(column));
    }
    void add(geo::Field const& field, bool writable = false) {
        add(field.type, {.name = field.name,
                         .title = field.title.vi,
                         .writable = writable,
                         .codes = codes_of(field)});
    }
};

/// What is told of a state's row: which it is, and of which version.
void add_stamp(Columns& columns, std::string const& of, std::string const& title) {
    columns.add(FieldType::integer, {.name = of + "_id", .title = title});
    columns.add(FieldType::integer, {.name = of + "_version", .title = "Phiên bản"});
    columns.add(FieldType::timestamp, {.name = of + "_recorded_at", .title = "Ghi nhận lúc"});
}

void append_stamp(std::vector<Value>& row, data::model::PackRow const& of) {
    row.emplace_back(of.feature.fid);
    row.emplace_back(of.stamp.version);
    row.emplace_back(of.stamp.recorded_at);
}

Value text_or_null(std::string const& text) {
    return text.empty() ? Value{} : Value{text};
}

Value number_or_null(std::optional<double> const& number) {
    return number ? Value{*number} : Value{};
}

/// Codes that columns hold, for tools that read no styles.
class ValueLists {
public:
    void add(std::string const& layer, Columns const& columns) {
        for (auto const& column : columns.shown)
            for (auto const& [code, title] : column.codes)
                m_rows.push_back({layer, column.name, code, title});
    }
    void write(PackageSink& sink) const {
        sink.begin("value_lists", geo::GeometryKind::none,
                   {{"layer"}, {"column_name"}, {"code"}, {"title"}});
        for (auto const& row : m_rows) sink.append(row);
    }

private:
    std::vector<std::vector<Value>> m_rows;
};

Columns case_columns(PackSheets const& sheets) {
    Columns columns;
    add_stamp(columns, "case", "Hồ sơ số");
    columns.add(FieldType::text,
                {.name = "field_key", .title = "Khóa lập tại thực địa", .initial = "uuid()"});
    for (auto const& field : sheets.cases.fields)
        if (field.name != "key" && std::ranges::find(filled_in, field.name) == filled_in.end())
            columns.add(field, field.name == "reason");
    if (!has(sheets.cases, "reason"))
        columns.add(FieldType::text, {.name = "reason", .title = "Lý do", .writable = true});
    if (has(sheets.cases, "finding"))
        columns.add(FieldType::text, {.name = "finding",
                                      .title = "Ghi nhận tại thực địa",
                                      .writable = true,
                                      .long_text = true});
    for (auto const& [name, title] : {std::pair{"measured_m2", "Diện tích đo (m²)"},
                                      std::pair{"error_m2", "Sai số diện tích (m²)"}})
        if (has(sheets.cases, name))
            columns.add(FieldType::number, {.name = name, .title = title, .writable = true});
    if (!has(sheets.cases, "answers")) return columns;
    for (auto const& item : sheets.items) {
        FormColumn column{.name = "answer_" + item.key, .title = item.title.vi, .writable = true};
        for (auto const& answer : item.accepted)
            column.codes.emplace_back(answer, answer_title(answer));
        columns.add(FieldType::text, std::move(column));
    }
    return columns;
}

std::vector<Value> case_row(data::model::PackRow const& one, PackSheets const& sheets,
                            Columns const& columns) {
    auto const values = values_of_case(one.feature, sheets.cases);
    std::vector<Value> row;
    append_stamp(row, one);
    for (std::size_t i = row.size(); i < columns.kept.size(); ++i) {
        auto const& name = columns.kept[i].name;
        if (name == "finding")
            row.push_back(text_or_null(values.finding));
        else if (name == "measured_m2")
            row.push_back(number_or_null(values.measured_m2));
        else if (name == "error_m2")
            row.push_back(number_or_null(values.error_m2));
        else if (name.starts_with("answer_")) {
            auto const answer = values.answers.find(name.substr(7));
            row.push_back(answer == values.answers.end() ? Value{} : Value{answer->second});
        } else {
            auto const* const held = value_of(one.feature, sheets.cases, name);
            row.push_back(held == nullptr ? Value{} : *held);
        }
    }
    return row;
}

LayerStyle case_style(PackSheets const& sheets, Columns const& columns) {
    LayerStyle style{.points = true, .colour = "#B5006A", .columns = columns.shown};
    if (has(sheets.cases, "state")) {
        style.class_column = "state";
        style.classes = {{"new", "Mới", "#B5006A"},
                         {"assigned", "Đã giao", "#F7941D"},
                         {"inspected", "Đã kiểm tra", "#0B5FAD"},
                         {"decided", "Đã kết luận", "#1C7670"}};
    }
    if (has(sheets.cases, "reason")) style.label = "left(\"reason\", 30)";
    return style;
}

struct Styles {
    PackageSink& sink;
    Value now;

    void begin() const {
        sink.begin("layer_styles", geo::GeometryKind::none,
                   {{"f_table_catalog"},
                    {"f_table_schema"},
                    {"f_table_name"},
                    {"f_geometry_column"},
                    {"styleName"},
                    {"styleQML"},
                    {"styleSLD"},
                    {"useAsDefault", FieldType::boolean},
                    {"description"},
                    {"owner"},
                    {"ui"},
                    {"update_time", FieldType::timestamp}},
                   "id");
    }
    void add(std::string const& layer, LayerStyle const& style) const {
        std::vector<Value> const row{
            std::string{},         std::string{}, layer,         std::string{"geom"},
            std::string{"Diaban"}, qml_of(style), std::string{}, true,
            std::string{},         std::string{}, Value{},       now};
        sink.append(row);
    }
};

Columns write_cases(PackageSink& sink, PackSheets const& sheets,
                    std::vector<data::model::PackRow> const& cases) {
    auto columns = case_columns(sheets);
    sink.begin(data::packs::cases_layer, geo::GeometryKind::point, columns.kept);
    for (auto const& one : cases) sink.append(one.feature.geometry, case_row(one, sheets, columns));
    return columns;
}

Columns write_parcels(PackageSink& sink, geo::Schema const& schema,
                      std::vector<data::model::PackRow> const& parcels) {
    Columns columns;
    add_stamp(columns, "parcel", "Thửa số trong sổ");
    for (auto const& field : schema.fields) columns.add(field);
    sink.begin("parcels", geo::GeometryKind::polygon, columns.kept);
    for (auto const& one : parcels) {
        std::vector<Value> row;
        append_stamp(row, one);
        std::ranges::copy(one.feature.values, std::back_inserter(row));
        sink.append(one.feature.geometry, row);
    }
    return columns;
}

void write_photos(PackageSink& sink, geo::Schema const& schema,
                  std::vector<geo::Feature> const& photos) {
    std::vector<SinkField> fields{{"photo_id", FieldType::integer}};
    for (auto const& field : schema.fields) fields.push_back({field.name, field.type});
    sink.begin("photos", geo::GeometryKind::none, fields);
    for (auto const& photo : photos) {
        std::vector<Value> row{photo.fid};
        std::ranges::copy(photo.values, std::back_inserter(row));
        sink.append(row);
    }
}

} // namespace

FieldValues values_of_case(geo::Feature const& feature, geo::Schema const& schema) {
    FieldValues values;
    if (auto const* const held = value_of(feature, schema, "finding"))
        if (auto const* const text = std::get_if<std::string>(held)) values.finding = *text;
    for (auto const& [name, into] :
         {std::pair{"measured_m2", &values.measured_m2}, std::pair{"error_m2", &values.error_m2}})
        if (auto const* const held = value_of(feature, schema, name))
            if (auto const* const number = std::get_if<double>(held)) *into = *number;
    if (auto const* const held = value_of(feature, schema, "answers"))
        if (auto const* const text = std::get_if<std::string>(held))
            values.answers = data::model::field_values("{\"answers\":" + *text + "}").answers;
    return values;
}

void write_pack(std::filesystem::path const& file, PackSheets const& sheets,
                data::model::PackContent const& content) {
    PackageSink sink{file};
    ValueLists lists;
    Columns parcels;
    bool const with_parcels = !sheets.parcels.fields.empty();
    if (with_parcels) {
        parcels = write_parcels(sink, sheets.parcels, content.parcels);
        lists.add("parcels", parcels);
    }
    auto const cases = write_cases(sink, sheets, content.cases);
    lists.add(data::packs::cases_layer, cases);
    if (!sheets.photos.fields.empty()) write_photos(sink, sheets.photos, content.photos);
    lists.write(sink);
    auto const& label = sheets.label;
    sink.begin(data::packs::pack_table, geo::GeometryKind::none,
               {{"id"}, {"login"}, {"area"}, {"made_at", FieldType::timestamp}});
    std::vector<Value> const named{label.id, label.login, label.area, label.made_at};
    sink.append(named);
    Styles const styles{sink, label.made_at};
    styles.begin();
    styles.add(data::packs::cases_layer, case_style(sheets, cases));
    if (with_parcels)
        styles.add("parcels",
                   {.colour = "#6B5B4B",
                    .label = has(sheets.parcels, "parcel_number") ? "\"parcel_number\"" : "",
                    .columns = parcels.shown});
    sink.finish();
}

} // namespace diaban::services::domain
