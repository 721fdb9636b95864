#include "services/domain/intake_plan.hpp"

#include "data/gdal/crs_extent.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "services/domain/intake_value.hpp"

#include <fmt/format.h>
#include <fnmatch.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>

namespace diaban::services::domain {
namespace {

namespace fs = std::filesystem;
using data::model::Collection;
using geo::Code;
using geo::Error;

[[noreturn]] void bad(std::string const& file, toml::source_region const& where,
                      std::string const& key, std::string const& accepted) {
    throw Error{Code::bad_input,
                "bad-plan",
                {{"file", file},
                 {"line", std::to_string(where.begin.line)},
                 {"key", key},
                 {"accepted", accepted}}};
}

/// A table of the plan, whose keys are taken one by one; what is left over is an error.
class Section {
public:
    Section(toml::table const& table, std::string file, std::string name)
        : m_table{table}, m_file{std::move(file)}, m_name{std::move(name)} {}

    [[noreturn]] void refuse(std::string const& key, std::string const& accepted) const {
        auto const* node = m_table.get(key);
        bad(m_file, node != nullptr ? node->source() : m_table.source(), m_name + "." + key,
            accepted);
    }

    template <typename T>
    std::optional<T> maybe(std::string const& key, std::string const& accepted) {
        auto const* node = take(key);
        if (node == nullptr) return std::nullopt;
        auto value = node->value_exact<T>();
        if (!value) refuse(key, accepted);
        return value;
    }

    std::string text(std::string const& key) {
        return maybe<std::string>(key, "text").value_or("");
    }
    bool flag(std::string const& key) { return maybe<bool>(key, "true or false").value_or(false); }

    std::string needed(std::string const& key) {
        auto value = text(key);
        if (value.empty()) refuse(key, "text that is not empty");
        return value;
    }

    std::optional<geo::Date> date(std::string const& key) {
        auto const value = maybe<toml::date>(key, "a day, as 2025-07-01");
        if (!value) return std::nullopt;
        using namespace std::chrono;
        auto const days = sys_days{year{value->year} / value->month / value->day};
        return geo::Date{static_cast<std::int32_t>(days.time_since_epoch().count())};
    }

    geo::Title title(std::string const& key, bool is_needed) {
        auto const* node = take(key);
        if (node == nullptr && !is_needed) return {};
        auto const* table = node == nullptr ? nullptr : node->as_table();
        if (table == nullptr) refuse(key, "{ vi = \"…\", en = \"…\" }");
        Section inner{*table, m_file, m_name + "." + key};
        geo::Title result{inner.needed("vi"), inner.text("en")};
        inner.finish();
        return result;
    }

    std::vector<std::string> texts(std::string const& key) {
        std::vector<std::string> result;
        auto const* node = take(key);
        if (node == nullptr) return result;
        auto const* array = node->as_array();
        if (array == nullptr) refuse(key, "[\"…\", …]");
        for (auto const& item : *array) {
            auto const value = item.value_exact<std::string>();
            if (!value) refuse(key, "[\"…\", …]");
            result.push_back(*value);
        }
        return result;
    }

    /// A table of scalars, as text.
    std::map<std::string, std::string> words(std::string const& key) {
        std::map<std::string, std::string> result;
        auto const* node = take(key);
        if (node == nullptr) return result;
        auto const* table = node->as_table();
        if (table == nullptr) refuse(key, "a table of texts");
        for (auto const& [name, value] : *table)
            result[std::string{name.str()}] = scalar(value, m_name + "." + key);
        return result;
    }

    /// The tables under `key`: [[key]].
    std::vector<Section> sections(std::string const& key) {
        std::vector<Section> result;
        auto const* node = take(key);
        if (node == nullptr) return result;
        auto const* array = node->as_array();
        if (array == nullptr) refuse(key, "tables");
        for (auto const& item : *array) {
            if (!item.is_table()) refuse(key, "tables");
            result.emplace_back(*item.as_table(), m_file,
                                m_name.empty() ? key : m_name + "." + key);
        }
        return result;
    }

    /// The table under `key`: [key]; its keys are the reader's affair.
    toml::table const* table(std::string const& key) {
        auto const* node = take(key);
        if (node != nullptr && !node->is_table()) refuse(key, "a table");
        return node == nullptr ? nullptr : node->as_table();
    }

    [[nodiscard]] std::string const& file() const noexcept { return m_file; }
    [[nodiscard]] std::string const& name() const noexcept { return m_name; }

    /// Refuses keys that nobody took.
    void finish() const {
        for (auto const& [name, node] : m_table)
            if (std::ranges::find(m_taken, name.str()) == m_taken.end()) {
                std::string known;
                for (auto const& one : m_taken) known += (known.empty() ? "" : ", ") + one;
                bad(m_file, name.source(), m_name + "." + std::string{name.str()}, known);
            }
    }

private:
    toml::node const* take(std::string const& key) {
        if (std::ranges::find(m_taken, key) == m_taken.end()) m_taken.push_back(key);
        return m_table.get(key);
    }

    std::string scalar(toml::node const& node, std::string const& key) const {
        if (auto const value = node.value_exact<std::string>()) return *value;
        if (auto const value = node.value_exact<bool>()) return *value ? "true" : "false";
        if (auto const value = node.value_exact<std::int64_t>()) return std::to_string(*value);
        if (auto const value = node.value_exact<double>()) return fmt::format("{}", *value);
        if (auto const value = node.value_exact<toml::date>())
            return fmt::format("{:04}-{:02}-{:02}", value->year, value->month, value->day);
        bad(m_file, node.source(), key, "text, number, day, true or false");
    }

    toml::table const& m_table;
    std::string m_file;
    std::string m_name;
    std::vector<std::string> m_taken;
};

geo::Field read_field(Section section) {
    geo::Field field;
    field.name = section.needed("name");
    auto const type = geo::field_type(section.needed("type"));
    if (!type) section.refuse("type", "text, integer, number, boolean, date, timestamp");
    field.type = *type;
    field.unit = section.text("unit");
    field.title = section.title("title", true);
    field.tile = section.flag("tile");
    field.personal = section.flag("personal");
    if (field.tile && field.personal) section.refuse("tile", "false, as the field is personal");
    field.sum = section.flag("sum");
    if (field.sum && !field.may_be_summed())
        section.refuse("sum",
                       "true only of an integer or number with tile = true, not named count, "
                       "area_m2, length_m or drawn");
    for (auto& entry : section.sections("codes")) {
        auto code = entry.needed("code");
        auto vi = entry.needed("vi");
        field.codes.push_back({std::move(code), {std::move(vi), entry.text("en")}});
        entry.finish();
    }
    section.finish();
    return field;
}

Collection read_collection(Section section) {
    Collection collection;
    auto& schema = collection.schema;
    schema.id = section.needed("id");
    auto const geometry = section.needed("geometry");
    constexpr std::array<std::string_view, 4> kinds = {"none", "point", "line", "polygon"};
    auto const kind = std::ranges::find(kinds, geometry);
    if (kind == kinds.end()) section.refuse("geometry", "none, point, line, polygon");
    schema.geometry = static_cast<geo::GeometryKind>(kind - kinds.begin());
    collection.title = section.title("title", true);
    collection.description = section.title("description", false);
    collection.synthetic = section.flag("synthetic");
    collection.attribution = section.text("attribution");
    collection.licence = section.text("licence");
    if (!collection.synthetic && collection.attribution.empty())
        section.refuse("attribution", "text that is not empty, or synthetic = true");
    if (!collection.synthetic && collection.licence.empty())
        section.refuse("licence", "text that is not empty, or synthetic = true");
    schema.class_field = section.text("class_field");
    schema.label_field = section.text("label_field");
    schema.time_field = section.text("time_field");
    schema.all_zooms = section.flag("all_zooms");
    collection.keeps_source = section.flag("keep_source_geometry");
    for (auto& field : section.sections("field")) schema.fields.push_back(read_field(field));
    for (auto const* key : {"class_field", "label_field", "time_field"}) {
        auto const name = section.text(key);
        if (!name.empty() &&
            std::ranges::find(schema.fields, name, &geo::Field::name) == schema.fields.end())
            section.refuse(key, "one of the collection's fields");
    }
    section.finish();
    return collection;
}

data::postgis::ImportMode read_mode(Section& section) {
    auto const mode = section.text("mode");
    if (mode.empty() || mode == "append") return data::postgis::ImportMode::append;
    if (mode == "replace") return data::postgis::ImportMode::replace;
    if (mode == "upsert") return data::postgis::ImportMode::upsert;
    section.refuse("mode", "append, replace, upsert");
}

ImportRequest read_request(Section& section) {
    ImportRequest request;
    request.collection = section.needed("collection");
    request.mode = read_mode(section);
    request.key = section.texts("key");
    if (request.mode == data::postgis::ImportMode::upsert && request.key.empty())
        section.refuse("key", "fields of the collection that name a row, for mode upsert");
    request.source.layer = section.text("layer");
    request.source.where = section.text("where");
    request.source.sql = section.text("sql");
    if (!request.source.sql.empty() &&
        !(request.source.layer.empty() && request.source.where.empty()))
        section.refuse("sql", "no layer or where beside it");
    request.source.encoding = section.text("encoding");
    request.source.x = section.text("x");
    request.source.y = section.text("y");
    request.source.wkt = section.text("wkt");
    if (request.source.x.empty() != request.source.y.empty())
        section.refuse("x", "x and y together");
    if (auto const crs = section.text("crs"); !crs.empty()) {
        try {
            request.srid = data::gdal::read_srid(crs);
        } catch (Error const&) {
            section.refuse("crs", "EPSG:n");
        }
    }
    request.scope = section.text("scope");
    request.scope_field = section.text("scope_field");
    if (!request.scope.empty() && !request.scope_field.empty())
        section.refuse("scope", "no scope_field beside it");
    if (auto const level = section.maybe<std::int64_t>("sensitivity", "0 to 255")) {
        if (*level < 0 || *level > 255) section.refuse("sensitivity", "0 to 255");
        request.sensitivity = static_cast<std::uint8_t>(*level);
    }
    if (auto const offset = section.text("utc_offset"); !offset.empty()) {
        request.utc_offset = read_utc_offset(offset);
        if (!request.utc_offset) section.refuse("utc_offset", "as +07:00");
    }
    request.map = section.words("map");
    request.constants = section.words("constants");
    if (auto const* values = section.table("values")) {
        Section fields{*values, section.file(), section.name() + ".values"};
        for (auto const& [field, words] : *values)
            request.values[std::string{field.str()}] = fields.words(std::string{field.str()});
    }
    return request;
}

EditionEntry read_edition(Section& section) {
    EditionEntry edition;
    edition.request = read_request(section);
    auto const since = section.date("since");
    if (!since) section.refuse("since", "a day, as 2025-01-01");
    edition.since = *since;
    edition.lot = section.needed("lot");
    edition.use = section.text("use");
    try {
        edition.plane = data::gdal::read_srid(section.needed("plane"));
        if (geo::is_geographic(edition.plane)) section.refuse("plane", "a system in metres");
    } catch (Error const&) {
        section.refuse("plane", "EPSG:n, a system in metres");
    }
    edition.vertex_tolerance = section.maybe<double>("vertex_tolerance", "m, as 0.5");
    if (edition.vertex_tolerance && !(*edition.vertex_tolerance >= 0))
        section.refuse("vertex_tolerance", "m, as 0.5");
    return edition;
}

/// The files a name with wildcards in its last part stands for, sorted.
std::vector<fs::path> matching(fs::path const& pattern) {
    std::vector<fs::path> found;
    std::error_code none;
    for (auto const& entry : fs::directory_iterator{pattern.parent_path(), none})
        if (fnmatch(pattern.filename().c_str(), entry.path().filename().c_str(), 0) == 0)
            found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}

void read_entry(Section section, fs::path const& data, std::vector<PlanEntry>& into) {
    auto const kind = section.text("kind");
    fs::path const file = data / section.needed("file");
    PlanEntry entry;
    entry.optional = section.flag("optional");
    if (kind == "units") {
        auto const from = section.date("valid_from");
        if (!from) section.refuse("valid_from", "a day, as 2025-07-01");
        entry.what = UnitsEntry{file, *from, section.date("valid_to")};
    } else if (kind == "crosswalk") {
        auto const on = section.date("on");
        if (!on) section.refuse("on", "a day, as 2025-07-01");
        entry.what = CrosswalkEntry{file, *on};
    } else if (kind == "edition") {
        auto edition = read_edition(section);
        edition.request.file = file;
        entry.what = std::move(edition);
    } else if (kind.empty() || kind == "features") {
        auto request = read_request(section);
        request.file = file;
        if (section.flag("multiple")) {
            auto const files = matching(file);
            for (auto const& one : files) {
                request.file = one;
                into.push_back({request, false});
            }
            section.finish();
            if (!files.empty()) return;
        }
        entry.what = std::move(request);
    } else {
        section.refuse("kind", "features, edition, units, crosswalk");
    }
    section.finish();
    into.push_back(std::move(entry));
}

} // namespace

ImportPlan read_plan(fs::path const& plan, fs::path const& data) {
    if (!fs::is_regular_file(plan))
        throw Error{Code::not_found, "no-file", {{"file", plan.string()}}};
    auto const name = plan.filename().string();
    toml::table table;
    try {
        table = toml::parse_file(plan.string());
    } catch (toml::parse_error const& error) {
        bad(name, error.source(), "TOML", std::string{error.description()});
    }
    ImportPlan result;
    Section root{table, name, ""};
    for (auto& section : root.sections("collection"))
        result.collections.push_back(read_collection(section));
    for (auto& section : root.sections("import")) read_entry(section, data, result.entries);
    root.finish();
    return result;
}

} // namespace diaban::services::domain
