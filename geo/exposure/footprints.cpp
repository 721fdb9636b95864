#include "geo/exposure/footprints.hpp"

#include "geo/error.hpp"
#include "geo/exposure/zonal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace diaban::geo::exposure {

namespace {

/// Adds the places, 0 to 1, at which a segment crosses whole numbers.
void crossings(double a, double b, std::vector<double>& into) {
    if (a == b) return;
    auto const [low, high] = std::minmax(a, b);
    for (double line = std::ceil(low); line < high; ++line) into.push_back((line - a) / (b - a));
}

FootprintEnd begin_of(std::span<FootprintEnd const> ends, std::size_t feature) noexcept {
    return feature == 0 ? FootprintEnd{} : ends[feature - 1];
}

} // namespace

bool FootprintView::meets(std::size_t feature, MarkedCells const& marked) const noexcept {
    auto const begin = begin_of(ends, feature);
    auto const end = ends[feature];
    for (auto i = begin.parts; i < end.parts; ++i)
        if (marked.holds(cells[i])) return true;
    for (auto i = begin.runs; i < end.runs; ++i)
        if (marked.count(runs[i].begin, runs[i].end) > 0) return true;
    return false;
}

double FootprintView::within(std::size_t feature, MarkedCells const& marked) const noexcept {
    auto const begin = begin_of(ends, feature);
    auto const end = ends[feature];
    double sum = 0;
    for (auto i = begin.parts; i < end.parts; ++i)
        if (marked.holds(cells[i])) sum += shares[i];
    std::uint64_t whole = 0;
    for (auto i = begin.runs; i < end.runs; ++i) whole += marked.count(runs[i].begin, runs[i].end);
    return sum + double(whole);
}

void Footprints::add(Geometry const& shape) {
    if (shape.kind == GeometryKind::polygon) add_polygon(shape);
    if (shape.kind == GeometryKind::line) add_line(shape);
    if (shape.kind == GeometryKind::point && !shape.positions.empty())
        if (auto const cell = m_frame.cell(shape.positions.front())) {
            m_cells.push_back(std::uint32_t(m_frame.shape.index(cell->column, cell->row)));
            m_shares.push_back(1);
        }
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    if (m_cells.size() > most || m_runs.size() > most || m_frame.shape.cells() > most)
        throw Error{Code::too_large, "too-many-cells", {{"accepted", std::to_string(most)}}};
    m_ends.push_back({std::uint32_t(m_cells.size()), std::uint32_t(m_runs.size())});
}

void Footprints::add_polygon(Geometry const& polygon) {
    auto const window = m_frame.cover(polygon.box());
    if (window.empty()) return;
    auto const found = cover(m_frame.part(window), polygon);
    auto const index = [&](std::int32_t column, std::int32_t row) {
        return std::uint32_t(m_frame.shape.index(window.column + column, window.row + row));
    };
    for (auto const& part : found.parts) {
        m_cells.push_back(index(part.column, part.row));
        m_shares.push_back(part.share);
    }
    for (auto const& run : found.runs)
        m_runs.push_back({index(run.begin, run.row),
                          index(run.begin, run.row) + std::uint32_t(run.end - run.begin)});
}

void Footprints::add_line(Geometry const& line) {
    std::vector<double> cuts;
    for (std::size_t i = 0; i < line.path_ends.size(); ++i) {
        auto const path = line.path(i);
        for (std::size_t j = 1; j < path.size(); ++j) add_piece(path[j - 1], path[j], cuts);
    }
}

void Footprints::add_piece(Position a, Position b, std::vector<double>& cuts) {
    cuts.assign({0, 1});
    crossings((a.x - m_frame.west) / m_frame.width, (b.x - m_frame.west) / m_frame.width, cuts);
    crossings((m_frame.north - a.y) / m_frame.height, (m_frame.north - b.y) / m_frame.height, cuts);
    std::ranges::sort(cuts);
    double const length = std::hypot(b.x - a.x, b.y - a.y);
    for (std::size_t i = 1; i < cuts.size(); ++i) {
        double const middle = (cuts[i - 1] + cuts[i]) / 2;
        auto const cell = m_frame.cell({a.x + middle * (b.x - a.x), a.y + middle * (b.y - a.y)});
        if (!cell || cuts[i] == cuts[i - 1]) continue;
        m_cells.push_back(std::uint32_t(m_frame.shape.index(cell->column, cell->row)));
        m_shares.push_back((cuts[i] - cuts[i - 1]) * length);
    }
}

FootprintEnd Footprints::before_last() const noexcept {
    return m_ends.size() < 2 ? FootprintEnd{} : m_ends[m_ends.size() - 2];
}

bool Footprints::last_is_empty() const noexcept {
    auto const begin = before_last();
    return begin.parts == m_ends.back().parts && begin.runs == m_ends.back().runs;
}

void Footprints::drop_last() noexcept {
    auto const begin = before_last();
    m_cells.resize(begin.parts);
    m_shares.resize(begin.parts);
    m_runs.resize(begin.runs);
    m_ends.pop_back();
}

} // namespace diaban::geo::exposure
