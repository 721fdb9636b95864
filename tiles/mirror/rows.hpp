#pragma once

#include "geo/feature.hpp"
#include "geo/schema.hpp"
#include "tiles/grid.hpp"
#include "tiles/shape.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diaban::tiles::mirror {

/// Numbers texts in the order in which they are first seen.
class Names {
public:
    /// Returns the number of `text` and whether it is new.
    std::pair<std::uint32_t, bool> number(std::string_view text);
    [[nodiscard]] std::vector<std::string> const& texts() const noexcept { return m_texts; }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> m_numbers;
    std::vector<std::string> m_texts;
};

/// The values of one field as rows arrive: number 0 is null, others are one more than in `encoded`.
struct ColumnRows {
    Names encoded; // values as a tile holds them
    std::vector<geo::Value> values;
    std::vector<std::uint32_t> codes;
};

/// Rows in the order of their arrival, already on the grid. Arrays as in Base.
struct Rows {
    explicit Rows(geo::Schema of);

    void append(geo::RowView const& row);

    geo::Schema schema;
    std::vector<geo::Field> fields; // the schema's tile fields: what `values` of a row follow
    std::vector<std::int64_t> fids;
    std::vector<std::uint32_t> scopes;
    std::vector<std::uint8_t> sensitivities;
    std::vector<std::uint8_t> safe_zooms;
    std::vector<GridBox> boxes;
    std::vector<std::uint32_t> path_begin{0};
    std::vector<std::uint32_t> point_begin{0};
    std::vector<GridPoint> points;
    std::vector<GridPoint> labels;
    std::vector<ColumnRows> columns;
    Names scope_names;

private:
    void append_shape(geo::Geometry const& geometry);
};

} // namespace diaban::tiles::mirror
