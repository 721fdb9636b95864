#include "tests/data/rows.hpp"

#include "data/postgis/collections.hpp"
#include "geo/codec/wkb.hpp"

namespace diaban::tests {

using geo::FieldType;

data::model::Collection trials_collection() {
    auto const field = [](std::string name, FieldType type, bool tile) {
        geo::Field made;
        made.name = std::move(name);
        made.type = type;
        made.title = {"Trường " + made.name, ""};
        made.tile = tile;
        return made;
    };
    data::model::Collection collection;
    collection.schema.id = "trials";
    collection.schema.geometry = geo::GeometryKind::polygon;
    collection.title = {"Bản thử", "Trials"};
    collection.schema.fields = {
        field("name", FieldType::text, true),    field("amount", FieldType::integer, true),
        field("size", FieldType::number, true),  field("good", FieldType::boolean, true),
        field("day", FieldType::date, true),     field("moment", FieldType::timestamp, true),
        field("remark", FieldType::text, false), field("holder", FieldType::text, false)};
    collection.schema.fields[0].codes = {{"t0", {"Đầu tiên", "The first"}}};
    collection.schema.fields[2].unit = "m2";
    collection.schema.fields[7].personal = true;
    collection.schema.class_field = "name";
    return collection;
}

data::model::Collection make_trials(Database const& database) {
    data::postgis::Pool pool{database.options(data::postgis::Role::owner)};
    data::postgis::Collections{pool}.create(trials_collection());
    return database.collection("trials");
}

std::vector<std::byte> square(double west, double south, double size) {
    geo::Geometry shape;
    shape.kind = geo::GeometryKind::polygon;
    shape.srid = 4326;
    shape.positions = {{west, south},
                       {west + size, south},
                       {west + size, south + size},
                       {west, south + size},
                       {west, south}};
    shape.path_ends = {5};
    shape.part_ends = {1};
    std::vector<std::byte> bytes;
    geo::codec::append_ewkb(bytes, shape);
    return bytes;
}

std::vector<geo::ValueView> Trial::values() const {
    return {std::string_view{name}, amount, {}, {}, {}, {}, {}, std::string_view{"Nguyễn Văn A"}};
}

data::postgis::ImportResult put(Database const& database, data::model::Collection const& collection,
                                std::vector<Trial> const& rows,
                                data::postgis::ImportOptions const& options) {
    data::postgis::Import import{database.uri(), collection, options};
    for (auto const& trial : rows) {
        auto const values = trial.values();
        data::postgis::ImportRow row;
        row.scope = trial.scope;
        row.sensitivity = trial.sensitivity;
        row.ewkb = trial.shape;
        row.values = values;
        import.append(row);
    }
    return import.finish();
}

std::vector<Trial> trials(std::size_t rows) {
    std::vector<Trial> made;
    for (std::size_t i = 0; i < rows; ++i)
        made.push_back({"t" + std::to_string(i), static_cast<std::int64_t>(i),
                        square(100 + 0.001 * static_cast<double>(i), 10, 0.001),
                        i % 2 == 0 ? "north" : "south", 0});
    return made;
}

std::map<std::string, std::string> amounts(Database const& database) {
    std::map<std::string, std::string> found;
    for (auto const& row : database.sql("SELECT name, amount FROM record.trials"))
        found[row.at(0)] = row.at(1);
    return found;
}

} // namespace diaban::tests
