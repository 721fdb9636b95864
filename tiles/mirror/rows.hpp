#pragma once

#include "geo/feature.hpp"
#include "geo/period.hpp"
#include "geo/schema.hpp"
#include "tiles/grid.hpp"
#include "tiles/mirror/names.hpp"
#include "tiles/mirror/run.hpp"
#include "tiles/shape.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diaban::tiles::mirror {

/// The values of one field as rows arrive: code 0 is null, others are one more than the number in
/// `encoded`.
struct ColumnRows {
    Names encoded; // values as a tile holds them
    std::vector<std::uint32_t> codes;
};

/// Rows in the order of their arrival, already on the grid. Arrays as in Run, but that every row
/// has its place in all of them: one without geometry has an empty box and no paths.
struct Rows {
    explicit Rows(std::shared_ptr<geo::Schema const> of);

    void append(geo::RowView const& row);

    std::shared_ptr<geo::Schema const> schema;
    std::vector<geo::Field> fields; // the schema's tile fields: what `values` of a row follow
    std::vector<std::int64_t> fids;
    std::vector<std::uint32_t> classes;
    std::vector<geo::Period> periods; // empty as long as all are open
    std::vector<std::uint8_t> safe_zooms;
    std::vector<GridBox> boxes;
    std::vector<std::uint32_t> path_begin{0};
    std::vector<std::uint32_t> point_begin{0};
    std::vector<GridPoint> points;
    std::vector<GridPoint> labels;
    std::vector<double> measures;
    std::vector<ColumnRows> columns;
    std::vector<RowClass> class_table; // scope and sensitivity alone

private:
    void append_shape(geo::Geometry const& geometry);
    std::uint32_t class_of(std::string_view scope, std::uint8_t sensitivity);

    std::map<std::pair<std::string, std::uint8_t>, std::uint32_t, std::less<>> m_class_numbers;
};

} // namespace diaban::tiles::mirror
