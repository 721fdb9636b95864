#include "services/domain/catchment.hpp"

#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/raster/outline.hpp"
#include "services/domain/coverage_work.hpp"
#include "services/domain/mapped_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <utility>
#include <vector>

namespace diaban::services::domain {

namespace {

using geo::raster::Cell;
using geo::raster::Shape;
using geo::raster::Window;
using geo::terrain::CatchmentView;

static_assert(std::endian::native == std::endian::little, "the file is mapped as it is");

struct Header {
    std::array<char, 8> name{'D', 'B', 'C', 'A', 'T', 'C', 'H', '1'};
    std::int32_t columns = 0;
    std::int32_t rows = 0;
    std::array<std::uint64_t, 2> reserved{};
};
static_assert(sizeof(Header) == 32);

/// An index in a file, mapped.
class MappedIndex {
public:
    explicit MappedIndex(std::filesystem::path const& file) : m_mapped{file} {
        if (!read_header())
            throw geo::Error{geo::Code::internal, "internal", {}, "catchments: " + file.string()};
    }

    [[nodiscard]] CatchmentView const& view() const noexcept { return m_view; }

private:
    bool read_header() {
        Header header;
        auto const bytes = m_mapped.bytes();
        if (bytes.size() < sizeof header) return false;
        std::memcpy(&header, bytes.data(), sizeof header);
        if (header.name != Header{}.name || header.columns <= 0 || header.rows <= 0) return false;
        m_view.shape = {header.columns, header.rows};
        auto const cells = m_view.shape.cells();
        if (bytes.size() != sizeof header + 3 * cells * sizeof(std::uint32_t)) return false;
        auto const* const words =
            reinterpret_cast<std::uint32_t const*>(bytes.data() + sizeof header);
        m_view.sizes = {words, cells};
        m_view.places = {words + cells, cells};
        m_view.order = {words + 2 * cells, cells};
        return true;
    }

    MappedFile m_mapped;
    CatchmentView m_view;
};

/// The cell near `at` through which most drains; the first of equals.
Cell outlet_near(CatchmentView const& index, Cell at, std::int32_t reach) {
    Cell best = at;
    for (auto row = at.row - reach; row <= at.row + reach; ++row)
        for (auto column = at.column - reach; column <= at.column + reach; ++column)
            if (index.shape.holds(column, row) &&
                index.sizes[index.shape.index(column, row)] >
                    index.sizes[index.shape.index(best.column, best.row)])
                best = {column, row};
    return best;
}

/// The outline of some cells of a frame, in the frame's CRS.
geo::Geometry outline_of(geo::raster::Frame const& frame, std::span<std::uint32_t const> cells) {
    auto const columns = std::uint32_t(frame.shape.columns);
    auto left = std::numeric_limits<std::int32_t>::max();
    auto top = left;
    std::int32_t right = 0;
    std::int32_t bottom = 0;
    for (auto const cell : cells) {
        auto const column = std::int32_t(cell % columns);
        auto const row = std::int32_t(cell / columns);
        left = std::min(left, column);
        right = std::max(right, column);
        top = std::min(top, row);
        bottom = std::max(bottom, row);
    }
    Window const window{left, top, right - left + 1, bottom - top + 1};
    std::vector<std::uint8_t> marked(window.shape().cells(), 0);
    for (auto const cell : cells)
        marked[window.shape().index(std::int32_t(cell % columns) - left,
                                    std::int32_t(cell / columns) - top)] = 1;
    return geo::raster::outline(frame.part(window), marked);
}

} // namespace

void write_catchments(std::filesystem::path const& file, CatchmentView const& index) {
    std::ofstream out{file, std::ios::binary};
    Header header;
    header.columns = index.shape.columns;
    header.rows = index.shape.rows;
    out.write(reinterpret_cast<char const*>(&header), sizeof header);
    for (auto const& words : {index.sizes, index.places, index.order})
        out.write(reinterpret_cast<char const*>(words.data()), std::streamsize(words.size_bytes()));
    close_file(out, file);
}

Catchment catchment_at(CoverageShelf const& shelf, ShelvedCoverage const& index, geo::Position at,
                       std::int32_t snap) {
    auto const& frame = index.entry.frame;
    std::array<geo::Position, 1> place{at};
    index.from_degrees.apply(place);
    auto const cell = frame.cell(place[0]);
    MappedIndex const mapped{shelf.path(index.file({}))};
    auto const outlet = cell ? outlet_near(mapped.view(), *cell, snap) : Cell{};
    auto const cells = cell ? mapped.view().cells(outlet) : std::span<std::uint32_t const>{};
    if (cells.empty())
        throw geo::Error{geo::Code::not_found, "no-ground", {{"coverage", index.entry.id}}};
    Catchment made;
    auto const to_degrees = geo::Transform::between(frame.srid, 4326);
    std::array<geo::Position, 1> middle{frame.centre(outlet)};
    to_degrees.apply(middle);
    made.outlet = middle[0];
    made.cells = cells.size();
    made.area_m2 = double(cells.size()) * frame.width * frame.height;
    made.outline = outline_of(frame, cells);
    to_degrees.apply(made.outline.positions);
    made.outline.srid = 4326;
    return made;
}

} // namespace diaban::services::domain
