#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"
#include "tests/support/layers.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <vector>

namespace diaban::tests {

/// Rows at random of one kind of geometry, within a few kilometres: small and large ones, some of
/// many members, some without geometry, in three scopes and at three sensitivities, with three
/// fields of which some values are null.
class RandomRows {
public:
    RandomRows(geo::GeometryKind kind, std::uint64_t seed) : m_kind{kind}, m_random{seed} {}

    [[nodiscard]] geo::Schema schema() const {
        std::vector<geo::Field> fields(3);
        fields[0].name = "name";
        fields[1].name = "floors";
        fields[1].type = geo::FieldType::integer;
        fields[2].name = "height";
        fields[2].type = geo::FieldType::number;
        auto schema = make_schema(m_kind, std::move(fields));
        for (auto& field : schema.fields) field.tile = true;
        if (m_kind == geo::GeometryKind::polygon) schema.label_field = "name";
        return schema;
    }

    [[nodiscard]] MadeRow row(std::int64_t fid) {
        MadeRow row;
        row.fid = fid;
        if (!one_in(20)) row.geometry = geometry();
        static std::array constexpr names{"nhà", "đình", "chùa", "chợ", "trường"};
        row.values.emplace_back();
        if (!one_in(5)) row.values.back() = std::string_view{names[below(names.size())]};
        row.values.emplace_back();
        if (!one_in(5)) row.values.back() = std::int64_t(below(1000));
        row.values.emplace_back();
        if (!one_in(5)) row.values.back() = double(below(1000)) / 8;
        static std::array constexpr scopes{"42", "20", ""};
        row.scope = scopes[below(scopes.size())];
        row.sensitivity = std::uint8_t(below(3));
        return row;
    }

    [[nodiscard]] std::size_t below(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>{0, count - 1}(m_random);
    }
    [[nodiscard]] bool one_in(std::size_t count) { return below(count) == 0; }

private:
    [[nodiscard]] double between(double low, double high) {
        return std::uniform_real_distribution{low, high}(m_random);
    }

    [[nodiscard]] geo::Geometry geometry() {
        geo::Position const at{between(105.80, 105.90), between(18.20, 18.30)};
        double const size = std::pow(10.0, between(-6.0, -1.7)); // degrees: 0.1 m to 2 km
        switch (m_kind) {
        case geo::GeometryKind::point: {
            auto point = make_point(at.x, at.y);
            while (one_in(3)) {
                point.multi = true;
                point.positions.push_back(near(at, size));
            }
            return point;
        }
        case geo::GeometryKind::line: {
            std::vector<geo::Position> positions{at};
            for (std::size_t n = 1 + below(6); n > 0; --n)
                positions.push_back(near(positions.back(), size));
            return make_line(positions);
        }
        default: return star(at, size);
        }
    }

    [[nodiscard]] geo::Position near(geo::Position at, double size) {
        return {at.x + between(-size, size), at.y + between(-size, size)};
    }

    /// A star about `at`; one in three has a hole.
    [[nodiscard]] geo::Geometry star(geo::Position at, double size) {
        auto const ring = [&](double least, double most) {
            std::vector<geo::Position> positions;
            auto const count = 3 + below(12);
            for (std::size_t i = 0; i < count; ++i) {
                double const angle = 2 * std::numbers::pi * double(i) / double(count);
                double const radius = between(least, most) * size;
                positions.push_back(
                    {at.x + radius * std::cos(angle), at.y + radius * std::sin(angle)});
            }
            return positions;
        };
        std::vector<std::vector<geo::Position>> rings{ring(0.6, 1.0)};
        // Within a triangle's inner circle, which is half its outer one, times the least radius.
        if (one_in(3)) rings.push_back(ring(0.05, 0.2));
        return make_polygon(rings);
    }

    geo::GeometryKind m_kind;
    std::mt19937_64 m_random;
};

inline void append(tiles::mirror::LayerBuilder& builder, MadeRow const& row) {
    std::vector<std::byte> wkb;
    if (!row.geometry.empty()) geo::codec::append_ewkb(wkb, row.geometry);
    builder.append({row.fid, row.scope, row.sensitivity, wkb, row.values});
}

} // namespace diaban::tests
