#include "services/domain/exposure_sheet.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <variant>

namespace diaban::services::domain {

using geo::Geometry;
using geo::GeometryKind;
using geo::Position;

void CommuneSheet::settle() {
    tally.whole_m2 = whole_m2;
    auto& people = tally.people;
    people.population = population;
    double const all = homes > 0 ? homes : whole_m2;
    if (!(all > 0)) return;
    double const hit = homes > 0 ? homes_hit : tally.area_m2;
    double const worse = homes > 0 ? homes_worse : worse_m2;
    people.affected = population * std::min(1.0, hit / all);
    people.displaced = population * std::min(1.0, worse / all);
}

void note_exposed(ExposureTally& tally, std::string const& collection, std::string_view class_value,
                  std::int64_t fid, double amount) {
    auto& asset = tally.assets[collection];
    asset.ids.push_back(fid);
    asset.amount += amount;
    auto found = asset.classes.find(class_value);
    if (found == asset.classes.end())
        found = asset.classes.emplace(std::string{class_value}, AssetTally::Class{}).first;
    found->second.count += 1;
    found->second.amount += amount;
}

Exposure collect_exposure(std::vector<AssetKind> kinds, std::vector<CommuneSheet*> const& communes,
                          ExposureTally& elsewhere) {
    Exposure made;
    made.kinds = std::move(kinds);
    auto const add = [&](std::string code, std::string name, ExposureTally& tally) {
        if (tally.empty()) return;
        for (auto& [collection, asset] : tally.assets) std::ranges::sort(asset.ids);
        made.total += tally;
        made.parts.push_back({std::move(code), std::move(name), std::move(tally)});
    };
    for (auto* const commune : communes) add(commune->code, commune->name, commune->tally);
    add({}, {}, elsewhere);
    return made;
}

AssetKind asset_kind(geo::Schema const& schema) {
    char const* const amount = schema.geometry == GeometryKind::polygon ? "area_m2"
                               : schema.geometry == GeometryKind::line  ? "length_m"
                                                                        : "";
    return {schema.id, amount, schema.class_field};
}

bool is_home(std::string_view collection, std::string_view class_value) noexcept {
    return collection == "parcels" && (class_value == "ONT" || class_value == "ODT");
}

struct CameraSight::Columns {
    explicit Columns(std::vector<geo::Field> const& fields)
        : azimuth{fields, "azimuth"}, width{fields, "field_of_view"}, range{fields, "range_m"} {}

    RowColumn azimuth;
    RowColumn width;
    RowColumn range;
};

CameraSight::CameraSight(std::string_view collection, std::vector<geo::Field> const& fields)
    : m_columns{collection == "cameras" ? std::make_unique<Columns const>(fields) : nullptr} {}
CameraSight::~CameraSight() = default;
CameraSight::CameraSight(CameraSight&&) noexcept = default;
CameraSight& CameraSight::operator=(CameraSight&&) noexcept = default;

void CameraSight::widen(geo::RowView const& row, Geometry& shape) const {
    if (!m_columns || shape.kind != GeometryKind::point) return;
    double const range = m_columns->range.number(row);
    if (!(range > 0)) return;
    double width = m_columns->width.number(row);
    if (!(width > 0 && width < 360)) width = 360;
    double const first = m_columns->azimuth.number(row) - width / 2;
    auto const at = shape.positions.front();
    // Metres to a degree on the WGS 84 ellipsoid there.
    constexpr double radian = std::numbers::pi / 180;
    constexpr double axis = 6'378'137;
    constexpr double square = 0.00669437999014;
    double const sine = std::sin(at.y * radian);
    double const bend = 1 - square * sine * sine;
    double const north = axis * (1 - square) / (bend * std::sqrt(bend)) * radian;
    double const east = axis / std::sqrt(bend) * std::cos(at.y * radian) * radian;
    auto const steps = std::int32_t(std::ceil(width / 10));
    Geometry seen;
    seen.kind = GeometryKind::polygon;
    seen.srid = shape.srid;
    if (width < 360) seen.positions.push_back(at);
    // Counter-clockwise, from the last direction back to the first.
    for (std::int32_t i = width < 360 ? 0 : 1; i <= steps; ++i) {
        double const turn = (first + width * (1 - double(i) / steps)) * radian;
        seen.positions.push_back(
            {at.x + range * std::sin(turn) / east, at.y + range * std::cos(turn) / north});
    }
    seen.positions.push_back(seen.positions.front());
    seen.path_ends = {std::uint32_t(seen.positions.size())};
    seen.part_ends = {1};
    shape = std::move(seen);
}

Position middle_of(Geometry const& shape) {
    if (shape.kind == GeometryKind::point) return shape.positions.front();
    auto const path = shape.path(0);
    if (shape.kind == GeometryKind::line) return path[path.size() / 2];
    auto const origin = path.front();
    double area = 0;
    Position sum{0, 0};
    for (std::size_t i = 1; i < path.size(); ++i) {
        Position const a{path[i - 1].x - origin.x, path[i - 1].y - origin.y};
        Position const b{path[i].x - origin.x, path[i].y - origin.y};
        double const twice = a.x * b.y - b.x * a.y;
        area += twice;
        sum.x += twice * (a.x + b.x);
        sum.y += twice * (a.y + b.y);
    }
    if (area == 0) return origin;
    return {origin.x + sum.x / (3 * area), origin.y + sum.y / (3 * area)};
}

RowColumn::RowColumn(std::vector<geo::Field> const& fields, std::string_view name) {
    auto const found = std::ranges::find(fields, name, &geo::Field::name);
    if (found != fields.end()) m_index = std::size_t(found - fields.begin());
}

std::string_view RowColumn::text(geo::RowView const& row) const {
    if (!m_index) return {};
    auto const* const held = std::get_if<std::string_view>(&row.values[*m_index]);
    return held == nullptr ? std::string_view{} : *held;
}

double RowColumn::number(geo::RowView const& row) const {
    if (!m_index) return 0;
    auto const& value = row.values[*m_index];
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return double(*whole);
    if (auto const* const real = std::get_if<double>(&value)) return *real;
    return 0;
}

} // namespace diaban::services::domain
