#include "tests/services/intake_zones.hpp"

#include "data/postgis/collections.hpp"
#include "services/domain/extract.hpp"

#include <utility>

namespace diaban::tests {

using data::postgis::ImportMode;
using services::domain::ImportRequest;

std::string zone(char const* shape, char const* code, char const* name, int people) {
    return tests::feature(shape, std::string{R"({"code":")"} + code + R"(","name":")" + name +
                                     R"(","people":)" + std::to_string(people) + "}");
}

void make_zones(Database const& database, geo::GeometryKind kind, bool keeps_source) {
    data::model::Collection zones;
    zones.schema.id = "zones";
    zones.schema.geometry = kind;
    zones.title = {"Vùng", "Zones"};
    zones.keeps_source = keeps_source;
    for (auto const& [name, type] : {std::pair{"code", geo::FieldType::text},
                                     {"name", geo::FieldType::text},
                                     {"people", geo::FieldType::integer}})
        zones.schema.fields.push_back({.name = name,
                                       .type = type,
                                       .unit = {},
                                       .title = {name, name},
                                       .tile = true,
                                       .personal = false,
                                       .codes = {}});
    data::postgis::Pool pool{database.options(data::postgis::Role::owner)};
    data::postgis::Collections{pool}.create(zones);
}

std::filesystem::path zones_file(Folder const& folder, std::vector<std::string> const& features) {
    return tests::write(folder / "zones.geojson", tests::geojson(features));
}

ImportRequest into_zones(std::filesystem::path const& file, ImportMode mode) {
    ImportRequest request;
    request.file = file;
    request.collection = "zones";
    request.mode = mode;
    if (mode == ImportMode::upsert) request.key = {"code"};
    return request;
}

std::uint64_t extract_all(std::string const& uri, std::string const& collection,
                          std::filesystem::path const& file) {
    auto request = services::domain::read_extract(
        {}, services::domain::extracted_collection(uri, collection), geo::Policy::everything());
    request.file = file;
    return services::domain::extract(uri, request);
}

bool untouched(Database const& database) {
    return database.value("SELECT count(*) FROM record.zones") == "0" &&
           database.value("SELECT count(*) FROM diaban.import") == "0" &&
           database.value("SELECT count(*) FROM diaban.change") == "0" &&
           database.value("SELECT count(*) FROM diaban.import_fault") == "0";
}

} // namespace diaban::tests
