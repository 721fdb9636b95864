#include "services/domain/export_process.hpp"

#include "geo/error.hpp"
#include "services/domain/extract.hpp"
#include "services/domain/process_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace diaban::services::domain {

namespace {

/// A form that a file may have.
struct FileForm {
    std::string_view name;
    std::string_view ending;
    std::string_view media_type;
};

constexpr FileForm forms[] = {
    {"geojson", ".geojson", "application/geo+json"},
    {"geojsonl", ".geojsonl", "application/geo+json-seq"},
    {"jsonfg", ".jsonfg", "application/vnd.ogc.fg+json"},
    {"csv", ".csv", "text/csv; charset=utf-8"},
    {"fgb", ".fgb", "application/flatgeobuf"},
    {"gpkg", ".gpkg", "application/geopackage+sqlite3"},
    {"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
};

constexpr char form_names[] = "geojson, geojsonl, jsonfg, csv, fgb, gpkg, xlsx";

FileForm const& form_of(Json const& inputs) {
    auto const name = text_input(inputs, "format", form_names);
    auto const* const found = std::ranges::find(forms, name, &FileForm::name);
    if (found == std::end(forms)) refuse_input("format", name, form_names);
    return *found;
}

/// The inputs that are parameters of items, as their query.
http::Query query_of(Json const& inputs) {
    for (auto const& [name, value] : inputs.items()) {
        if (name == "collection" || name == "format") continue;
        if (std::ranges::find(extract_parameters, name) == std::end(extract_parameters))
            throw geo::Error{geo::Code::bad_input,
                             "unknown-parameter",
                             {{"parameter", name.substr(0, 64)},
                              {"accepted", fmt::format("collection, format, {}",
                                                       fmt::join(extract_parameters, ", "))}}};
    }
    return query_input(inputs, extract_parameters);
}

void check_geometry(FileForm const& form, ExtractRequest const& request) {
    bool const without =
        !request.shown.geometry || request.collection.schema.geometry == geo::GeometryKind::none;
    if (form.name == "fgb" && without)
        throw geo::Error{geo::Code::bad_input,
                         "form-without-geometry",
                         {{"parameter", "format"},
                          {"value", "fgb"},
                          {"accepted", "geojson, jsonfg, csv, gpkg, xlsx"}}};
}

Outcome run_export(Work& work) {
    auto const& form = form_of(work.inputs);
    auto const id = text_input(work.inputs, "collection", "a collection");
    auto request = read_extract(query_of(work.inputs), extracted_collection(work.database, id),
                                work.policies.at(id));
    check_geometry(form, request);
    request.file = work.folder / (id + std::string{form.ending});
    request.guarded = true;
    request.language = work.language;
    auto const rows = extract(work.database, request, [&](std::uint64_t read, std::int64_t of) {
        work.progress.at(read, of > 0 ? static_cast<std::uint64_t>(of) : 0);
    });
    Outcome outcome;
    outcome.values["features"] = rows;
    outcome.file = {request.file, request.file.filename().string(), std::string{form.media_type}};
    return outcome;
}

Json inputs_schema() {
    Json const text{{"type", "string"}};
    Json names = Json::array();
    for (auto const& form : forms) names.push_back(form.name);
    Json inputs;
    inputs["collection"] = {{"title", "Collection"}, {"schema", text}};
    inputs["format"] = {{"title", "Form of the file"},
                        {"schema", {{"type", "string"}, {"enum", std::move(names)}}}};
    for (auto const* const name : extract_parameters)
        inputs[name] = {{"title", fmt::format("As the parameter {} of items", name)},
                        {"minOccurs", 0},
                        {"schema", text}};
    inputs["bbox"]["schema"] = {{"oneOf", Json::array({text,
                                                       {{"type", "array"},
                                                        {"items", {{"type", "number"}}},
                                                        {"minItems", 4},
                                                        {"maxItems", 6}}})}};
    inputs["filter"]["schema"] = {{"oneOf", Json::array({text, {{"type", "object"}}})}};
    inputs["properties"]["schema"] = {
        {"oneOf", Json::array({text, {{"type", "array"}, {"items", text}}})}};
    inputs["skipGeometry"]["schema"] = {
        {"oneOf", Json::array({{{"type", "string"}, {"enum", Json::array({"true", "false"})}},
                               {{"type", "boolean"}}})}};
    return inputs;
}

std::vector<std::string> exported(Json const& inputs) {
    return {text_input(inputs, "collection", "a collection")};
}

void check_export(Json const& inputs, Registries const& registries, Policies const& policies) {
    auto const id = exported(inputs).front();
    auto const collection = registries.collection(id);
    auto const& form = form_of(inputs);
    check_geometry(form, read_extract(query_of(inputs), collection, policies.at(id)));
}

} // namespace

Process export_process() {
    return {
        .id = "export",
        .title = {"Xuất dữ liệu", "Export"},
        .description = {"Ghi các đối tượng của một lớp ra tệp: tất cả, hoặc những đối tượng mà bộ "
                        "lọc, khung và thời gian chọn.",
                        "Writes the features of a collection to a file: all, or those that a "
                        "filter, boxes and times choose."},
        .inputs = inputs_schema(),
        .outputs =
            {{"file",
              {{"title", "The file"}, {"schema", {{"type", "string"}, {"format", "binary"}}}}},
             {"features",
              {{"title", "How many features are in it"}, {"schema", {{"type", "integer"}}}}}},
        .reads = exported,
        .check = check_export,
        .run = run_export};
}

} // namespace diaban::services::domain
