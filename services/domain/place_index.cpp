#include "services/domain/place_index.hpp"

#include "geo/codec/wkb.hpp"
#include "services/domain/fold.hpp"
#include "tiles/grid.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace diaban::services::domain {

namespace {

enum Column : std::size_t {
    code,
    level,
    kind,
    name,
    full_name,
    full_name_en,
    province_code,
    district_code,
    area_km2,
    valid_from,
    valid_to,
    column_count
};
constexpr std::array<std::string_view, column_count> column_names{
    "code",          "level",         "kind",     "name",       "full_name", "full_name_en",
    "province_code", "district_code", "area_km2", "valid_from", "valid_to"};

int rank_of_level(std::string_view name_of_level) {
    if (name_of_level == "province") return 0;
    return name_of_level == "district" ? 1 : 2;
}

/// `text` with the ASCII letters in lower case: enough to tell "due" from "duệ".
std::string lower_ascii(std::string_view text) {
    std::string lowered{text};
    for (char& c : lowered)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lowered;
}

bool word_begins(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
        if (at == 0 || text[at - 1] == ' ') return true;
    return false;
}

bool every_word_begins(std::string_view words, PlaceIndex::Entry const& entry) {
    while (!words.empty()) {
        auto const end = words.find(' ');
        auto const word = words.substr(0, end);
        words = end == std::string_view::npos ? "" : words.substr(end + 1);
        if (!word_begins(entry.full, word) && !word_begins(entry.province, word) &&
            !word_begins(entry.foreign, word))
            return false;
    }
    return true;
}

/// 0 is best; nothing if it does not match.
std::optional<int> closeness(PlaceIndex::Entry const& entry, std::string_view wanted) {
    if (entry.place.code == wanted) return 0;
    if (entry.name == wanted || entry.full == wanted || entry.foreign == wanted) return 1;
    if (entry.name.starts_with(wanted)) return 2;
    if (entry.full.starts_with(wanted)) return 3;
    if (word_begins(entry.full, wanted) || word_begins(entry.foreign, wanted)) return 4;
    if (every_word_begins(wanted, entry)) return 5;
    return std::nullopt;
}

double extent(geo::Box const& box) {
    return box.empty() ? 0 : (box.max_x - box.min_x) * (box.max_y - box.min_y);
}

} // namespace

PlaceIndex::Builder::Builder(std::vector<geo::Field> const& fields) : m_columns(column_count) {
    for (std::size_t column = 0; column < column_count; ++column) {
        auto const it = std::ranges::find(fields, column_names[column], &geo::Field::name);
        if (it != fields.end()) m_columns[column] = static_cast<std::size_t>(it - fields.begin());
    }
}

std::string_view PlaceIndex::Builder::text(geo::RowView const& row, std::size_t column) const {
    if (!m_columns[column]) return {};
    auto const* const value = std::get_if<std::string_view>(&row.values[*m_columns[column]]);
    return value == nullptr ? std::string_view{} : *value;
}

void PlaceIndex::Builder::append(geo::RowView const& row) {
    auto const date = [&](std::size_t column) -> std::optional<geo::Date> {
        if (!m_columns[column]) return std::nullopt;
        auto const* const value = std::get_if<geo::Date>(&row.values[*m_columns[column]]);
        return value == nullptr ? std::nullopt : std::optional{*value};
    };
    Entry entry;
    entry.scope = row.scope;
    entry.sensitivity = row.sensitivity;
    auto& place = entry.place;
    place.fid = row.fid;
    place.code = text(row, code);
    place.level = text(row, level);
    place.kind = text(row, kind);
    place.name = text(row, name);
    place.full_name = text(row, full_name);
    place.full_name_en = text(row, full_name_en);
    place.province_code = text(row, province_code);
    place.district_code = text(row, district_code);
    if (m_columns[area_km2])
        if (auto const* const km2 = std::get_if<double>(&row.values[*m_columns[area_km2]]))
            place.area_km2 = *km2;
    place.valid_from = date(valid_from);
    place.valid_to = date(valid_to);
    if (!row.wkb.empty()) {
        thread_local geo::Geometry geometry;
        geo::codec::read_wkb(row.wkb, geometry);
        place.box = geometry.box();
        place.centre = geo::Position{(place.box.min_x + place.box.max_x) / 2,
                                     (place.box.min_y + place.box.max_y) / 2};
    }
    entry.name = fold(place.name);
    entry.full = fold(place.full_name);
    entry.foreign = fold(place.full_name_en);
    entry.typed = lower_ascii(place.full_name);
    m_entries.push_back(std::move(entry));
}

PlaceIndex PlaceIndex::build(Builder rows, tiles::mirror::Layer const& layer) {
    PlaceIndex index;
    index.m_entries = std::move(rows.m_entries);
    for (std::size_t i = 0; i < index.m_entries.size(); ++i) {
        auto& place = index.m_entries[i].place;
        index.m_by_fid.emplace(place.fid, i);
        if (!layer.schema().has_labels()) continue;
        auto const at = layer.find(place.fid);
        if (!at || at->row >= at->run->located()) continue;
        auto const label = at->run->labels[at->row];
        place.centre = tiles::from_grid({double(label.x), double(label.y)});
    }
    index.name_provinces();
    return index;
}

/// A code may have named several provinces; the one whose life overlaps most recently is meant.
void PlaceIndex::name_provinces() {
    std::multimap<std::string_view, data::model::Place const*> provinces;
    for (auto const& entry : m_entries)
        if (entry.place.level == "province") provinces.emplace(entry.place.code, &entry.place);
    for (auto& entry : m_entries) {
        auto& place = entry.place;
        if (place.level == "province" && place.province_code.empty())
            place.province_code = place.code;
        data::model::Place const* best = nullptr;
        auto const [begin, end] = provinces.equal_range(place.province_code);
        for (auto it = begin; it != end; ++it) {
            auto const& province = *it->second;
            bool const apart =
                (place.valid_to && province.valid_from && *place.valid_to < *province.valid_from) ||
                (province.valid_to && place.valid_from && *province.valid_to < *place.valid_from);
            if (!apart && (best == nullptr || province.valid_from > best->valid_from))
                best = &province;
        }
        if (best == nullptr) continue;
        place.province_name = best->name;
        entry.province = fold(best->name);
    }
}

std::vector<data::model::Place const*> PlaceIndex::search(PlaceSearch const& search,
                                                          geo::Policy const& policy) const {
    auto const wanted = fold(search.text);
    if (wanted.empty()) return {};
    auto const typed = lower_ascii(search.text);
    using Key = std::tuple<int, bool, bool, int, double, std::string_view, std::int64_t>;
    std::vector<std::pair<Key, data::model::Place const*>> found;
    for (auto const& entry : m_entries) {
        auto const& place = entry.place;
        if (!search.level.empty() && place.level != search.level) continue;
        if (search.on && !existed(place, *search.on)) continue;
        auto const near = closeness(entry, wanted);
        if (!near || !policy.sees(entry.scope, entry.sensitivity)) continue;
        bool const otherwise_typed = entry.typed.find(typed) == std::string::npos;
        found.emplace_back(Key{*near, otherwise_typed, place.valid_to.has_value(),
                               rank_of_level(place.level), -extent(place.box), place.code,
                               place.fid},
                           &place);
    }
    auto const count = std::min(search.limit, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count),
                      found.end());
    std::vector<data::model::Place const*> places;
    for (std::size_t i = 0; i < count; ++i) places.push_back(found[i].second);
    return places;
}

data::model::Place const* PlaceIndex::find(std::int64_t fid) const {
    auto const it = m_by_fid.find(fid);
    return it == m_by_fid.end() ? nullptr : &m_entries[it->second].place;
}

bool existed(data::model::Place const& place, geo::Date day) noexcept {
    return (!place.valid_from || *place.valid_from <= day) &&
           (!place.valid_to || day <= *place.valid_to);
}

} // namespace diaban::services::domain
