#include "services/domain/intake_create.hpp"

#include "data/gdal/text.hpp"
#include "geo/error.hpp"
#include "services/domain/fold.hpp"
#include "services/domain/intake_value.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <set>

namespace diaban::services::domain {
namespace {

using data::gdal::RowBatch;
using data::gdal::VectorSource;
using geo::Code;
using geo::Error;
using geo::FieldType;
using geo::GeometryKind;

constexpr std::size_t max_name = 40; // the record takes 48; numbering needs room
constexpr std::uint64_t rows_for_kind = 10'000;

/// What the record keeps for itself, and what its clients take for something else.
constexpr std::array<std::string_view, 18> reserved = {
    "fid",     "geom",     "source_srid", "source_geom", "scope", "sensitivity",
    "version", "ended_at", "recorded_at", "ended_by",    "ctid",  "xmin",
    "xmax",    "cmin",     "cmax",        "tableoid",    "id",    "geometry"};

/// Whether `text` may be a number: a leading zero makes it a code, which must keep it.
bool is_code(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return text.size() > 1 && text[0] == '0' && text[1] != '.';
}

/// The narrowest type all values of a column were read as.
class TypeGuess {
public:
    void see(geo::ValueView const& value) {
        auto const* text = std::get_if<std::string_view>(&value);
        if (text == nullptr) return;
        auto const inner = data::gdal::trimmed(*text);
        if (inner.empty()) return;
        m_seen = true;
        if (is_code(inner)) m_open[0] = m_open[1] = false;
        std::string scratch;
        for (std::size_t i = 0; i < m_open.size(); ++i)
            if (m_open[i]) m_open[i] = m_reader.read(inner, candidates[i], scratch).fault.empty();
        if (inner.find(':') != std::string_view::npos) m_open[2] = false; // an hour, not a day
    }
    [[nodiscard]] FieldType type() const {
        for (std::size_t i = 0; m_seen && i < m_open.size(); ++i)
            if (m_open[i]) return candidates[i];
        return FieldType::text;
    }

private:
    static constexpr std::array candidates = {FieldType::integer, FieldType::number,
                                              FieldType::date, FieldType::timestamp};
    ValueReader m_reader;
    std::array<bool, candidates.size()> m_open = {true, true, true, true};
    bool m_seen = false;
};

void guess_types(VectorSource& source, std::vector<FieldType>& types) {
    std::vector<std::size_t> all(source.layer().fields.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    source.select(all);
    std::vector<TypeGuess> guesses(all.size());
    RowBatch batch;
    while (source.read(batch))
        for (std::size_t row = 0; row < batch.size(); ++row)
            for (std::size_t i = 0; i < all.size(); ++i) guesses[i].see(batch.values(row)[i]);
    source.rewind();
    for (std::size_t i = 0; i < all.size(); ++i) types[i] = guesses[i].type();
}

GeometryKind kind_of(std::span<std::byte const> wkb) {
    std::uint32_t type = 0;
    if (wkb.size() < 5) return GeometryKind::none;
    std::memcpy(&type, wkb.data() + 1, sizeof type);
    switch (type) {
    case 1:
    case 4: return GeometryKind::point;
    case 2:
    case 5: return GeometryKind::line;
    case 3:
    case 6: return GeometryKind::polygon;
    default: return GeometryKind::none;
    }
}

GeometryKind guess_kind(VectorSource& source, std::string const& file) {
    std::set<GeometryKind> kinds;
    std::uint64_t seen = 0;
    RowBatch batch;
    source.select({});
    while (seen < rows_for_kind && source.read(batch)) {
        for (std::size_t row = 0; row < batch.size(); ++row)
            kinds.insert(kind_of(batch.row(row).wkb));
        seen += batch.size();
    }
    source.rewind();
    kinds.erase(GeometryKind::none);
    if (kinds.size() > 1)
        throw Error{Code::bad_input,
                    "mixed-geometry",
                    {{"file", file}, {"accepted", "--where \"OGR_GEOMETRY='POINT'\""}}};
    return kinds.empty() ? GeometryKind::none : *kinds.begin();
}

std::string unused_name(std::string name, std::set<std::string>& taken) {
    auto const base = name;
    for (int number = 2; !taken.insert(name).second; ++number)
        name = base + "_" + std::to_string(number);
    return name;
}

/// The field whose values are most likely names: `name`, `ten` and their like first, then one that
/// begins with `ten_` or `name_`, or ends with `_name`; empty if there is none.
std::string label_of(std::vector<geo::Field> const& fields) {
    constexpr std::array<std::string_view, 6> whole = {"name",  "ten",     "full_name",
                                                       "title", "tieu_de", "label"};
    for (auto const& name : whole)
        for (auto const& field : fields)
            if (field.name == name && field.type == FieldType::text) return field.name;
    for (auto const& field : fields)
        if (field.type == FieldType::text &&
            (field.name.starts_with("ten_") || field.name.starts_with("name_") ||
             field.name.ends_with("_name")))
            return field.name;
    return {};
}

} // namespace

std::string plain_name(std::string_view text) {
    std::string name;
    for (char const c : fold(text)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            name += c;
        else if (!name.empty() && name.back() != '_')
            name += '_';
    }
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, "f_");
    name.resize(std::min(name.size(), max_name));
    while (name.ends_with('_')) name.pop_back();
    if (std::ranges::find(reserved, name) != reserved.end()) name += '_';
    return name;
}

data::model::Collection collection_of(VectorSource& source, ImportRequest& request) {
    auto const& layer = source.layer();
    data::model::Collection collection;
    auto& schema = collection.schema;
    schema.id = request.collection;
    collection.title = {layer.name, layer.name};
    collection.source_srid = request.srid.value_or(layer.srid);
    if (layer.has_geometry)
        schema.geometry = layer.kind ? *layer.kind : guess_kind(source, request.file.string());
    std::vector<FieldType> types;
    for (auto const& field : layer.fields) types.push_back(field.type);
    if (!layer.typed) guess_types(source, types);

    bool const all = request.map.empty() && request.constants.empty();
    std::set<std::string> taken;
    auto const add = [&](std::string const& name, FieldType type, std::string const& title) {
        schema.fields.push_back({.name = name,
                                 .type = type,
                                 .unit = {},
                                 .title = {title, title},
                                 .tile = true,
                                 .personal = false,
                                 .codes = {}});
    };
    for (std::size_t i = 0; i < layer.fields.size(); ++i) {
        auto const& field = layer.fields[i];
        bool const of_geometry =
            std::ranges::find(layer.geometry_fields, i) != layer.geometry_fields.end();
        if (all && field.readable && !of_geometry) {
            auto const name = unused_name(plain_name(field.name), taken);
            request.map[name] = field.name;
        }
        for (auto const& [name, from] : request.map)
            if (from == field.name) add(name, types[i], field.name);
    }
    for (auto const& [name, value] : request.constants)
        if (!request.map.contains(name)) add(name, FieldType::text, name);
    schema.label_field = label_of(schema.fields);
    return collection;
}

} // namespace diaban::services::domain
